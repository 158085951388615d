/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how each message lies in its frame: field by field, in one table that is read in
 * both directions. Little-endian, a chunk's index apart: it is big-endian and below 2^24,
 * so its first byte is the 0 that marks a chunk. Does not know sessions: the tag comes
 * in. */
#include "msg.h"

#include <string.h>

#include "bytes.h"
#include "crc.h"
#include "frame.h"

#define CRC_LEN 2U
#define TYPE_LEN 1U
#define INDEX_LEN 3U

/* ---- the table ------------------------------------------------------------------- */

/* A field: where it is in the struct, and how long on the wire. A number is as long in
 * the struct as there. */
struct field {
    uint8_t at, len;
};
/* These are no numbers; in the struct they are pointers. */
enum {
    BYTES = 16, /* so many */
    REST = 0    /* all to the message's end; piece.len says how many */
};
#define FIELD(member, len)                                                             \
    {                                                                                  \
        (uint8_t) offsetof(struct ferry_msg, u.member), len                            \
    }
#define FOUR_BYTES(member)                                                             \
    FIELD(member[0], 1), FIELD(member[1], 1), FIELD(member[2], 1), FIELD(member[3], 1)

/* Where a message's fields begin. ACK's are the end of VERDICT's; a chunk has none. */
enum {
    HELLO = 0,
    STATUS = HELLO + 6,
    REPORT = STATUS + 1,
    PIECE = REPORT + 2,
    INFO = PIECE + 3,
    VERDICT = INFO + 16,
    ACK = VERDICT + 4,
    DONE = ACK + 8,
    END = DONE + 1
};
static const struct field fields[] = {
    [HELLO] = FIELD(hello.wire, 1),
    FIELD(hello.value_max, 2),
    FOUR_BYTES(hello.nonce),
    [STATUS] = FIELD(status.token, 1),
    [REPORT] = FIELD(report.nonce, BYTES),
    FIELD(report.off, 2),
    [PIECE] = FIELD(piece.total, 2),
    FIELD(piece.off, 2),
    FIELD(piece.bytes, REST),
    [INFO] = FIELD(info.wire, 1),
    FIELD(info.flags, 1),
    FOUR_BYTES(info.nonce),
    FIELD(info.tag, 2),
    FIELD(info.class_id, BYTES),
    FIELD(info.hw_rev, 4),
    FIELD(info.version, 4),
    FIELD(info.digest, BYTES),
    FIELD(info.floor, 4),
    FIELD(info.link, 4),
    FIELD(info.boot_caps, 4),
    FIELD(info.chunk, 2),
    FIELD(info.window, 1),
    [VERDICT] = FIELD(verdict.kind, 1),
    FIELD(verdict.code, 1),
    FIELD(verdict.detail, 1),
    FIELD(verdict.number, 4),
    [ACK] = FIELD(ack.epoch, 1),
    FIELD(ack.base, 2),
    FIELD(ack.bits[0], 4),
    FIELD(ack.bits[1], 4),
    FIELD(ack.credit, 1),
    FIELD(ack.reason, 1),
    FIELD(ack.echo, 1),
    FIELD(ack.wait, 1),
    [DONE] = FIELD(done.code, 1),
};
_Static_assert(sizeof fields / sizeof fields[0] == END, "every message has its fields");
_Static_assert(offsetof(struct ferry_msg, u.verdict.ack) ==
                   offsetof(struct ferry_msg, u.ack),
               "a verdict's ack is where an ack is");

/* A message: its fields; the shortest body, type byte and CRC apart, and how much longer
 * it may be. */
struct form {
    uint8_t type, first, count, least, spread;
};
static const struct form forms[] = {
    {FERRY_MSG_CHUNK, 0, 0, INDEX_LEN + 4, FERRY_CHUNK_MAX - 4},
    {FERRY_MSG_HELLO, HELLO, STATUS - HELLO, 7, 0},
    {FERRY_MSG_OFFER, PIECE, INFO - PIECE, 4 + 1, FERRY_PIECE_MAX - 1},
    {FERRY_MSG_STATUS, STATUS, REPORT - STATUS, 1, 0},
    {FERRY_MSG_REPORT, REPORT, PIECE - REPORT, 18, 0},
    {FERRY_MSG_ABORT, 0, 0, 0, 0},
    {FERRY_MSG_INFO, INFO, VERDICT - INFO, 63, 0},
    {FERRY_MSG_VERDICT, VERDICT, DONE - VERDICT, 22, 0},
    {FERRY_MSG_ACK, ACK, DONE - ACK, 15, 0},
    {FERRY_MSG_DONE, DONE, END - DONE, 1, 0},
    {FERRY_MSG_STATEMENT, PIECE, INFO - PIECE, 4, FERRY_PIECE_MAX},
};

#define FORMS_END (forms + sizeof forms / sizeof forms[0])

static const struct form *form_of(uint8_t type)
{
    const struct form *form = forms;

    while (form < FORMS_END && form->type != type) {
        form++;
    }
    return form;
}

/* HELLO and INFO are understood without a session, everything else only inside one. */
static uint16_t crc_init(uint8_t type, uint16_t tag)
{
    return type == FERRY_MSG_HELLO || type == FERRY_MSG_INFO ? FERRY_CRC16_INIT : tag;
}

/* ---- in -------------------------------------------------------------------------- */

static void take(struct ferry_msg *m, const struct field *f, const uint8_t *p)
{
    void *at = (uint8_t *)m + f->at;

    if (f->len == REST || f->len == BYTES) {
        *(const uint8_t **)at = p;
        return;
    }
    uint32_t number = ferry_le(p, f->len);
    if (f->len == 1) {
        *(uint8_t *)at = (uint8_t)number;
    } else if (f->len == 2) {
        *(uint16_t *)at = (uint16_t)number;
    } else {
        *(uint32_t *)at = number;
    }
}

int ferry_msg_decode(struct ferry_msg *m, const uint8_t *body, size_t len, uint16_t tag,
                     bool reply)
{
    const uint8_t *p = body + TYPE_LEN;
    size_t n = len - TYPE_LEN - CRC_LEN;

    if (len <= CRC_LEN || (body[0] >= FERRY_MSG_INFO) != reply) {
        return FERRY_E_PROTO;
    }
    const struct form *form = form_of(body[0]);
    if (form == FORMS_END || n - form->least > form->spread ||
        !ferry_frame_sealed(body, len, crc_init(body[0], tag))) {
        return FERRY_E_PROTO;
    }
    m->type = body[0];
    if (m->type == FERRY_MSG_CHUNK) {
        m->u.chunk.index = ferry_be(p, INDEX_LEN);
        m->u.chunk.payload = p + INDEX_LEN;
        m->u.chunk.len = (uint16_t)(n - INDEX_LEN);
        return 0;
    }
    const uint8_t *end = p + n;
    const struct field *f = &fields[form->first];
    for (unsigned left = form->count; left > 0; left--) {
        take(m, f, p);
        p += f->len;
        f++;
    }
    if (form->spread > 0) {
        m->u.piece.len = (uint16_t)(end - p);
    }
    return 0;
}

/* ---- out ------------------------------------------------------------------------- */

static void put(struct ferry_writer *w, const struct ferry_msg *m,
                const struct field *f)
{
    const void *at = (const uint8_t *)m + f->at;

    if (f->len == REST || f->len == BYTES) {
        ferry_put(w, *(const uint8_t *const *)at,
                  f->len == REST ? m->u.piece.len : BYTES);
        return;
    }
    uint32_t number = f->len == 1   ? *(const uint8_t *)at
                      : f->len == 2 ? *(const uint16_t *)at
                                    : *(const uint32_t *)at;
    ferry_put_le(w, number, f->len);
}

size_t ferry_msg_encode_reply(const struct ferry_msg *m, uint8_t *body, size_t cap,
                              uint16_t tag)
{
    struct ferry_writer w = ferry_writer(body, cap > CRC_LEN ? cap - CRC_LEN : 0);
    const struct form *form = form_of(m->type);
    const struct field *f = &fields[form->first];

    ferry_put_u8(&w, m->type);
    for (unsigned left = form->count; left > 0; left--) {
        put(&w, m, f++);
    }
    return w.bad ? 0 : ferry_frame_seal(body, w.len, crc_init(m->type, tag));
}

static size_t encode_chunk(const struct ferry_msg *m, uint8_t *body, size_t cap,
                           uint16_t tag)
{
    struct ferry_writer w = ferry_writer(body, TYPE_LEN + INDEX_LEN);
    size_t len = TYPE_LEN + INDEX_LEN + m->u.chunk.len;

    if (cap < len + CRC_LEN) {
        return 0;
    }
    ferry_put_be(&w, m->u.chunk.index, TYPE_LEN + INDEX_LEN); /* the type is 0 */
    if (m->u.chunk.payload != w.at) { /* else it stands there already */
        memcpy(w.at, m->u.chunk.payload, m->u.chunk.len);
    }
    return ferry_frame_seal(body, len, tag);
}

size_t ferry_msg_encode_ask(const struct ferry_msg *m, uint8_t *body, size_t cap,
                            uint16_t tag)
{
    return m->type == FERRY_MSG_CHUNK ? encode_chunk(m, body, cap, tag)
                                      : ferry_msg_encode_reply(m, body, cap, tag);
}
