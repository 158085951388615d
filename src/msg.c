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

/* ---- the table ------------------------------------------------------------------- */

/* The lengths of fields. A number has 1, 2 or 4 bytes. */
enum {
    END = 0,   /* of the fields; what follows is the rest */
    INDEX = 3, /* a chunk's, big-endian */
    BYTES = 16 /* a byte string */
};

/* Where a message's fields begin. ACK's are the end of VERDICT's. */
enum {
    CHUNK = 0,
    HELLO = CHUNK + 2,
    PIECE = HELLO + 4,
    STATUS = PIECE + 3,
    REPORT = STATUS + 2,
    INFO = REPORT + 3,
    VERDICT = INFO + 14,
    ACK = VERDICT + 4,
    LAST = ACK + 8
};
/* clang-format off */
static const uint8_t fields[] = {
    [CHUNK] = INDEX, END,
    [HELLO] = 1, 2, 4, END,
    [PIECE] = 2, 2, END,
    [STATUS] = 1, END,
    [REPORT] = BYTES, 2, END,
    [INFO] = 1, 1, 4, 2, BYTES, 4, 4, BYTES, 4, 4, 4, 2, 1, END,
    [VERDICT] = 1, 1, 1, 4,
    [ACK] = 1, 2, 4, 4, 1, 1, 1, 1,
    [LAST] = END,
};
/* clang-format on */
_Static_assert(sizeof(struct ferry_ack) == 8 * sizeof(uint32_t),
               "an ack is its numbers, as they stand in the table");

/* A message: its fields and their length together; how short the rest may be, and how much
 * longer. By type: what a courier says, then what a device says. */
#define ASKS (FERRY_MSG_ABORT + 1U)
#define REPLIES (FERRY_MSG_STATEMENT - FERRY_MSG_INFO + 1U)
static const struct form {
    uint8_t first, len, least, spread;
} forms[ASKS + REPLIES] = {
    [FERRY_MSG_CHUNK] = {CHUNK, 3, 4, FERRY_CHUNK_MAX - 4},
    [FERRY_MSG_HELLO] = {HELLO, 7, 0, 0},
    [FERRY_MSG_OFFER] = {PIECE, 4, 1, FERRY_PIECE_MAX - 1},
    [FERRY_MSG_STATUS] = {STATUS, 1, 0, 0},
    [FERRY_MSG_REPORT] = {REPORT, 18, 0, 0},
    [FERRY_MSG_ABORT] = {LAST, 0, 0, 0},
#define REPLY(type) [ASKS + FERRY_MSG_##type - FERRY_MSG_INFO]
    REPLY(INFO) = {INFO, 63, 0, 0},
    REPLY(VERDICT) = {VERDICT, 22, 0, 0},
    REPLY(ACK) = {ACK, 15, 0, 0},
    REPLY(DONE) = {STATUS, 1, 0, 0}, /* one number, like that */
    REPLY(STATEMENT) = {PIECE, 4, 0, FERRY_PIECE_MAX},
};

FERRY_OUT_OF_LINE static const struct form *form_of(uint8_t type)
{
    return &forms[type < FERRY_MSG_INFO ? type : ASKS + type - FERRY_MSG_INFO];
}

/* HELLO and INFO are understood without a session, everything else only inside one. */
static uint16_t crc_init(uint8_t type, uint16_t tag)
{
    return type == FERRY_MSG_HELLO || type == FERRY_MSG_INFO ? FERRY_CRC16_INIT : tag;
}

/* ---- in -------------------------------------------------------------------------- */

int ferry_msg_decode(struct ferry_msg *m, const uint8_t *body, size_t len, uint16_t tag,
                     bool reply)
{
    const uint8_t *p = body + TYPE_LEN;
    const uint8_t **bytes = m->bytes;
    uint32_t *number = m->u.number;

    if (len <= CRC_LEN ||
        (reply ? body[0] < FERRY_MSG_INFO || body[0] > FERRY_MSG_STATEMENT
               : body[0] > FERRY_MSG_ABORT)) {
        return FERRY_E_PROTO;
    }
    const struct form *form = form_of(body[0]);
    size_t rest_len = len - TYPE_LEN - form->len - CRC_LEN;
    if (rest_len - form->least > form->spread ||
        !ferry_frame_sealed(body, len, crc_init(body[0], tag))) {
        return FERRY_E_PROTO;
    }
    for (const uint8_t *f = fields + form->first; *f != END; f++) {
        if (*f == BYTES) {
            *bytes++ = p;
        } else {
            *number++ = *f == INDEX ? ferry_be(p, INDEX) : ferry_le(p, *f);
        }
        p += *f;
    }
    m->type = body[0];
    m->rest = p;
    m->rest_len = (uint16_t)rest_len;
    return 0;
}

/* ---- out ------------------------------------------------------------------------- */

size_t ferry_msg_encode(const struct ferry_msg *m, uint8_t *body, size_t cap,
                        uint16_t tag)
{
    const struct form *form = form_of(m->type);
    const uint8_t *const *bytes = m->bytes;
    const uint32_t *number = m->u.number;
    uint8_t *p = body + TYPE_LEN;
    size_t len = TYPE_LEN + form->len + m->rest_len;

    if (cap < len + CRC_LEN) {
        return 0;
    }
    body[0] = m->type;
    for (const uint8_t *f = fields + form->first; *f != END; f++) {
        if (*f == BYTES) {
            ferry_copy(p, *bytes++, BYTES);
        } else if (*f == INDEX) {
            ferry_set_be(p, *number++, INDEX);
        } else {
            ferry_set_le(p, *number++, *f);
        }
        p += *f;
    }
    if (m->rest_len > 0 && m->rest != p) { /* else it stands there already */
        memcpy(p, m->rest, m->rest_len);
    }
    return ferry_frame_seal(body, len, crc_init(m->type, tag));
}
