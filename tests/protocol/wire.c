/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which member of struct ferry_msg the document means by which field. Does not
 * know bytes: the engine is to find them. */
#include "wire.h"

#include "bytes.h"
#include "frame.h"

const struct wire_name wire_names[] = {
    {"CHUNK", FERRY_MSG_CHUNK, false},
    {"HELLO", FERRY_MSG_HELLO, true},
    {"OFFER", FERRY_MSG_OFFER, false},
    {"STATUS", FERRY_MSG_STATUS, true},
    {"REPORT", FERRY_MSG_REPORT, false},
    {"ABORT", FERRY_MSG_ABORT, false},
    {"INFO", FERRY_MSG_INFO, true},
    {"VERDICT", FERRY_MSG_VERDICT, false},
    {"ACK", FERRY_MSG_ACK, false},
    {"DONE", FERRY_MSG_DONE, false},
    {"STATEMENT", FERRY_MSG_STATEMENT, false},
    {NULL, FERRY_MSG_CHUNK, false},
};

const struct wire_name *wire_named(const char *name)
{
    for (const struct wire_name *n = wire_names; n->name != NULL; n++) {
        if (strcmp(n->name, name) == 0) {
            return n;
        }
    }
    return NULL;
}

/* ---- members --------------------------------------------------------------------- */

enum how { NUMBER, POINTER, ACK_BYTES };

#define MEMBER(path, how) offsetof(struct ferry_msg, path), how

static const struct member {
    const char *message, *field;
    size_t at;
    enum how how;
} members[] = {
    {"CHUNK", "index", MEMBER(u.chunk.index, NUMBER)},
    {"CHUNK", "payload", MEMBER(rest, POINTER)},
    {"HELLO", "wire_version", MEMBER(u.hello.wire, NUMBER)},
    {"HELLO", "value_max", MEMBER(u.hello.value_max, NUMBER)},
    {"HELLO", "nonce", MEMBER(u.hello.nonce, NUMBER)},
    {"OFFER", "total", MEMBER(u.piece.total, NUMBER)},
    {"OFFER", "off", MEMBER(u.piece.off, NUMBER)},
    {"OFFER", "bytes", MEMBER(rest, POINTER)},
    {"STATUS", "token", MEMBER(u.status.token, NUMBER)},
    {"REPORT", "nonce", MEMBER(bytes[0], POINTER)},
    {"REPORT", "off", MEMBER(u.report.off, NUMBER)},
    {"INFO", "wire_version", MEMBER(u.info.wire, NUMBER)},
    {"INFO", "flags", MEMBER(u.info.flags, NUMBER)},
    {"INFO", "nonce", MEMBER(u.info.nonce, NUMBER)},
    {"INFO", "tag", MEMBER(u.info.tag, NUMBER)},
    {"INFO", "class", MEMBER(bytes[0], POINTER)},
    {"INFO", "hw_rev", MEMBER(u.info.hw_rev, NUMBER)},
    {"INFO", "version", MEMBER(u.info.version, NUMBER)},
    {"INFO", "digest", MEMBER(bytes[1], POINTER)},
    {"INFO", "floor", MEMBER(u.info.floor, NUMBER)},
    {"INFO", "link", MEMBER(u.info.link, NUMBER)},
    {"INFO", "boot_caps", MEMBER(u.info.boot_caps, NUMBER)},
    {"INFO", "chunk", MEMBER(u.info.chunk, NUMBER)},
    {"INFO", "window", MEMBER(u.info.window, NUMBER)},
    {"VERDICT", "kind", MEMBER(u.verdict.kind, NUMBER)},
    {"VERDICT", "code", MEMBER(u.verdict.code, NUMBER)},
    {"VERDICT", "detail", MEMBER(u.verdict.detail, NUMBER)},
    {"VERDICT", "number", MEMBER(u.verdict.number, NUMBER)},
    {"VERDICT", "ack", MEMBER(u.verdict.ack, ACK_BYTES)},
    {"ACK", "epoch", MEMBER(u.ack.epoch, NUMBER)},
    {"ACK", "base", MEMBER(u.ack.base, NUMBER)},
    {"ACK", "bits_base", MEMBER(u.ack.bits[0], NUMBER)},
    {"ACK", "bits_next", MEMBER(u.ack.bits[1], NUMBER)},
    {"ACK", "credit", MEMBER(u.ack.credit, NUMBER)},
    {"ACK", "reason", MEMBER(u.ack.reason, NUMBER)},
    {"ACK", "echo", MEMBER(u.ack.echo, NUMBER)},
    {"ACK", "wait", MEMBER(u.ack.wait, NUMBER)},
    {"DONE", "code", MEMBER(u.done.code, NUMBER)},
    {"STATEMENT", "total", MEMBER(u.piece.total, NUMBER)},
    {"STATEMENT", "off", MEMBER(u.piece.off, NUMBER)},
    {"STATEMENT", "bytes", MEMBER(rest, POINTER)},
};

static const struct member *member(const char *message, const char *field)
{
    for (size_t i = 0; i < COUNT(members); i++) {
        if (strcmp(members[i].message, message) == 0 &&
            strcmp(members[i].field, field) == 0) {
            return &members[i];
        }
    }
    return NULL;
}

/* The document has short strings of bytes where the engine sees a number. */
static uint32_t number_of(const struct doc_field *f)
{
    return f->is_number ? f->number : ferry_le(f->bytes, (unsigned)f->len);
}

/* The ack inside a VERDICT, as the bytes of an ACK behind its type. */
static void ack_bytes(const struct ferry_ack *a, uint8_t out[15])
{
    uint8_t body[18];
    struct ferry_msg m = {.type = FERRY_MSG_ACK};

    m.u.ack = *a;
    assert_int_equal(ferry_msg_encode(&m, body, sizeof body, 0), sizeof body);
    memcpy(out, body + 1, 15);
}

static void bytes_ack(const uint8_t *in, struct ferry_ack *a)
{
    uint8_t body[18] = {FERRY_MSG_ACK};
    struct ferry_msg m;

    memcpy(body + 1, in, 15);
    ferry_frame_seal(body, 16, 0);
    assert_int_equal(ferry_msg_decode_reply(&m, body, sizeof body, 0), 0);
    *a = m.u.ack;
}

/* ---- whole messages -------------------------------------------------------------- */

/* "type", "crc" and "wire" belong to the frame, not to the message. */
static bool of_frame(const char *field)
{
    return strcmp(field, "type") == 0 || strcmp(field, "crc") == 0 ||
           strcmp(field, "wire") == 0;
}

void wire_build(const struct doc_vector *v, struct ferry_msg *m)
{
    memset(m, 0, sizeof *m);
    m->type = (uint8_t)wire_named(v->name)->type;
    for (unsigned i = 0; i < v->fields; i++) {
        const struct doc_field *f = &v->field[i];
        const struct member *to = member(v->name, f->name);
        if (of_frame(f->name)) {
            continue;
        }
        want(to != NULL, f->name);
        uint8_t *at = (uint8_t *)m + to->at;
        if (to->how == NUMBER) {
            *(uint32_t *)(void *)at = number_of(f);
        } else if (to->how == ACK_BYTES) {
            want(f->len == 15, f->name);
            bytes_ack(f->bytes, &m->u.verdict.ack);
        } else {
            const uint8_t *p = f->bytes;
            memcpy(at, &p, sizeof p);
        }
    }
    if (m->type == FERRY_MSG_CHUNK) {
        m->rest_len = (uint16_t)doc_field(v, "payload")->len;
    } else if (m->type == FERRY_MSG_OFFER || m->type == FERRY_MSG_STATEMENT) {
        m->rest_len = (uint16_t)doc_field(v, "bytes")->len;
    }
}

void wire_expect(const struct doc_vector *v, const struct ferry_msg *m)
{
    assert_int_equal(m->type, wire_named(v->name)->type);
    for (unsigned i = 0; i < v->fields; i++) {
        const struct doc_field *f = &v->field[i];
        const struct member *to = member(v->name, f->name);
        if (of_frame(f->name)) {
            continue;
        }
        const uint8_t *at = (const uint8_t *)m + to->at;
        if (to->how == NUMBER) {
            want(*(const uint32_t *)(const void *)at == number_of(f), f->name);
        } else if (to->how == ACK_BYTES) {
            uint8_t got[15];
            ack_bytes(&m->u.verdict.ack, got);
            assert_memory_equal(got, f->bytes, sizeof got);
        } else {
            const uint8_t *p;
            memcpy(&p, at, sizeof p);
            assert_memory_equal(p, f->bytes, f->len);
        }
    }
    if (m->type == FERRY_MSG_CHUNK) {
        assert_int_equal(m->rest_len, doc_field(v, "payload")->len);
    } else if (m->type == FERRY_MSG_OFFER || m->type == FERRY_MSG_STATEMENT) {
        assert_int_equal(m->rest_len, doc_field(v, "bytes")->len);
    }
}

size_t wire_encode(const struct ferry_msg *m, uint8_t *body, size_t cap, uint16_t tag)
{
    return ferry_msg_encode(m, body, cap, tag);
}

int wire_decode(struct ferry_msg *m, const uint8_t *body, size_t len, uint16_t tag)
{
    return body[0] < 0x80 ? ferry_msg_decode_ask(m, body, len, tag)
                          : ferry_msg_decode_reply(m, body, len, tag);
}

size_t wire_frame(const uint8_t *body, size_t len, bool lead, uint8_t *out, size_t cap)
{
    uint8_t frame[FERRY_CHUNK_MAX + FERRY_CHUNK_OVER + FERRY_FRAME_OVER];
    struct ferry_frame_out bytes;

    assert_true(len <= sizeof frame - FERRY_FRAME_OVER);
    memcpy(frame + FERRY_FRAME_HEAD, body, len);
    ferry_frame_out_start(&bytes, frame, len, lead);
    size_t n = ferry_frame_out(&bytes, out, cap);
    assert_false(ferry_frame_out_busy(&bytes));
    return n;
}
