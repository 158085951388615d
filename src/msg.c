/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how each message lies in its frame. Little-endian, a chunk's index apart: it
 * is big-endian and below 2^24, so its first byte is the 0 that marks a chunk. Does
 * not know sessions: the tag comes in. */
#include "msg.h"

#include <string.h>

#include "bytes.h"
#include "crc.h"
#include "frame.h"

#define CRC_LEN 2U
#define ACK_LEN 15U

/* Shortest and longest body of a type, its type byte and CRC apart. */
struct span {
    uint8_t type;
    uint16_t least, most;
};

/* HELLO and INFO are understood without a session, everything else only inside one. */
static uint16_t crc_init(uint8_t type, uint16_t tag)
{
    return type == FERRY_MSG_HELLO || type == FERRY_MSG_INFO ? FERRY_CRC16_INIT : tag;
}

/* A whole frame: length first, then the CRC, then (by the caller) the fields. */
static bool sound(const struct span *span, size_t spans, const uint8_t *body,
                  size_t len, uint16_t tag)
{
    for (size_t i = 0; len > CRC_LEN && i < spans; i++) {
        if (span[i].type == body[0]) {
            size_t n = len - 1 - CRC_LEN;
            return n >= span[i].least && n <= span[i].most &&
                   ferry_frame_sealed(body, len, crc_init(body[0], tag));
        }
    }
    return false;
}

/* The body is written: seal it. 0 if it did not fit. */
static size_t finish(const struct ferry_writer *w, uint8_t *body, uint16_t tag)
{
    return w->bad ? 0 : ferry_frame_seal(body, w->len, crc_init(body[0], tag));
}

static struct ferry_writer begin(const struct ferry_msg *m, uint8_t *body, size_t cap)
{
    struct ferry_writer w = ferry_writer(body, cap > CRC_LEN ? cap - CRC_LEN : 0);

    ferry_put_u8(&w, m->type);
    return w;
}

static void take_ack(struct ferry_reader *r, struct ferry_ack *a)
{
    a->epoch = (uint8_t)ferry_take_le(r, 1);
    a->base = (uint16_t)ferry_take_le(r, 2);
    a->bits[0] = ferry_take_le(r, 4);
    a->bits[1] = ferry_take_le(r, 4);
    a->credit = (uint8_t)ferry_take_le(r, 1);
    a->reason = (uint8_t)ferry_take_le(r, 1);
    a->echo = (uint8_t)ferry_take_le(r, 1);
    a->wait = (uint8_t)ferry_take_le(r, 1);
}

static void put_ack(struct ferry_writer *w, const struct ferry_ack *a)
{
    ferry_put_u8(w, a->epoch);
    ferry_put_le(w, a->base, 2);
    ferry_put_le(w, a->bits[0], 4);
    ferry_put_le(w, a->bits[1], 4);
    ferry_put_u8(w, a->credit);
    ferry_put_u8(w, a->reason);
    ferry_put_u8(w, a->echo);
    ferry_put_u8(w, a->wait);
}

static void take_info(struct ferry_reader *r, struct ferry_msg *m)
{
    m->u.info.wire = (uint8_t)ferry_take_le(r, 1);
    m->u.info.flags = (uint8_t)ferry_take_le(r, 1);
    memcpy(m->u.info.nonce, ferry_take(r, 4), 4);
    m->u.info.tag = (uint16_t)ferry_take_le(r, 2);
    m->u.info.class_id = ferry_take(r, 16);
    m->u.info.hw_rev = ferry_take_le(r, 4);
    m->u.info.version = ferry_take_le(r, 4);
    m->u.info.digest = ferry_take(r, 16);
    m->u.info.floor = ferry_take_le(r, 4);
    m->u.info.link = ferry_take_le(r, 4);
    m->u.info.boot_caps = ferry_take_le(r, 4);
    m->u.info.chunk = (uint16_t)ferry_take_le(r, 2);
    m->u.info.window = (uint8_t)ferry_take_le(r, 1);
}

static void put_info(struct ferry_writer *w, const struct ferry_msg *m)
{
    ferry_put_u8(w, m->u.info.wire);
    ferry_put_u8(w, m->u.info.flags);
    ferry_put(w, m->u.info.nonce, 4);
    ferry_put_le(w, m->u.info.tag, 2);
    ferry_put(w, m->u.info.class_id, 16);
    ferry_put_le(w, m->u.info.hw_rev, 4);
    ferry_put_le(w, m->u.info.version, 4);
    ferry_put(w, m->u.info.digest, 16);
    ferry_put_le(w, m->u.info.floor, 4);
    ferry_put_le(w, m->u.info.link, 4);
    ferry_put_le(w, m->u.info.boot_caps, 4);
    ferry_put_le(w, m->u.info.chunk, 2);
    ferry_put_u8(w, m->u.info.window);
}

static void take_piece(struct ferry_reader *r, struct ferry_piece *p)
{
    p->total = (uint16_t)ferry_take_le(r, 2);
    p->off = (uint16_t)ferry_take_le(r, 2);
    p->bytes = r->at;
    p->len = (uint16_t)r->left;
}

static void put_piece(struct ferry_writer *w, const struct ferry_piece *p)
{
    ferry_put_le(w, p->total, 2);
    ferry_put_le(w, p->off, 2);
    ferry_put(w, p->bytes, p->len);
}

/* ---- courier -> device ----------------------------------------------------------- */

static const struct span asks[] = {
    {FERRY_MSG_CHUNK, 3 + 4, 3 + FERRY_CHUNK_MAX}, /* type: the index's first byte */
    {FERRY_MSG_HELLO, 7, 7},
    {FERRY_MSG_OFFER, 4 + 1, 4 + FERRY_PIECE_MAX},
    {FERRY_MSG_STATUS, 1, 1},
    {FERRY_MSG_REPORT, 18, 18},
    {FERRY_MSG_ABORT, 0, 0},
};

int ferry_msg_decode_ask(struct ferry_msg *m, const uint8_t *body, size_t len,
                         uint16_t tag)
{
    if (!sound(asks, sizeof asks / sizeof asks[0], body, len, tag)) {
        return FERRY_E_PROTO;
    }
    struct ferry_reader r = ferry_reader(body + 1, len - 1 - CRC_LEN);
    m->type = body[0];
    if (m->type == FERRY_MSG_CHUNK) {
        m->u.chunk.index = ferry_take_be(&r, 3);
        m->u.chunk.payload = r.at;
        m->u.chunk.len = (uint16_t)r.left;
    } else if (m->type == FERRY_MSG_HELLO) {
        m->u.hello.wire = (uint8_t)ferry_take_le(&r, 1);
        m->u.hello.value_max = (uint16_t)ferry_take_le(&r, 2);
        memcpy(m->u.hello.nonce, r.at, sizeof m->u.hello.nonce);
    } else if (m->type == FERRY_MSG_OFFER) {
        take_piece(&r, &m->u.piece);
    } else if (m->type == FERRY_MSG_STATUS) {
        m->u.status.token = (uint8_t)ferry_take_le(&r, 1);
    } else if (m->type == FERRY_MSG_REPORT) {
        m->u.report.nonce = ferry_take(&r, 16);
        m->u.report.off = (uint16_t)ferry_take_le(&r, 2);
    }
    return 0;
}

static void put_chunk(struct ferry_writer *w, const struct ferry_msg *m)
{
    ferry_put_be(w, m->u.chunk.index, 3);
    if (m->u.chunk.payload != w->at) {
        ferry_put(w, m->u.chunk.payload, m->u.chunk.len);
    } else { /* it stands there already */
        w->bad = w->bad || w->left < m->u.chunk.len;
        w->len += m->u.chunk.len;
    }
}

size_t ferry_msg_encode_ask(const struct ferry_msg *m, uint8_t *body, size_t cap,
                            uint16_t tag)
{
    struct ferry_writer w = begin(m, body, cap);

    if (m->type == FERRY_MSG_CHUNK) {
        put_chunk(&w, m);
    } else if (m->type == FERRY_MSG_HELLO) {
        ferry_put_u8(&w, m->u.hello.wire);
        ferry_put_le(&w, m->u.hello.value_max, 2);
        ferry_put(&w, m->u.hello.nonce, sizeof m->u.hello.nonce);
    } else if (m->type == FERRY_MSG_OFFER) {
        put_piece(&w, &m->u.piece);
    } else if (m->type == FERRY_MSG_STATUS) {
        ferry_put_u8(&w, m->u.status.token);
    } else if (m->type == FERRY_MSG_REPORT) {
        ferry_put(&w, m->u.report.nonce, 16);
        ferry_put_le(&w, m->u.report.off, 2);
    }
    return finish(&w, body, tag);
}

/* ---- device -> courier ----------------------------------------------------------- */

static const struct span replies[] = {
    {FERRY_MSG_INFO, 63, 63},
    {FERRY_MSG_VERDICT, 7 + ACK_LEN, 7 + ACK_LEN},
    {FERRY_MSG_ACK, ACK_LEN, ACK_LEN},
    {FERRY_MSG_DONE, 1, 1},
    {FERRY_MSG_STATEMENT, 4, 4 + FERRY_PIECE_MAX},
};

int ferry_msg_decode_reply(struct ferry_msg *m, const uint8_t *body, size_t len,
                           uint16_t tag)
{
    if (!sound(replies, sizeof replies / sizeof replies[0], body, len, tag)) {
        return FERRY_E_PROTO;
    }
    struct ferry_reader r = ferry_reader(body + 1, len - 1 - CRC_LEN);
    m->type = body[0];
    if (m->type == FERRY_MSG_INFO) {
        take_info(&r, m);
    } else if (m->type == FERRY_MSG_VERDICT) {
        m->u.verdict.kind = (uint8_t)ferry_take_le(&r, 1);
        m->u.verdict.code = (uint8_t)ferry_take_le(&r, 1);
        m->u.verdict.detail = (uint8_t)ferry_take_le(&r, 1);
        m->u.verdict.number = ferry_take_le(&r, 4);
        take_ack(&r, &m->u.verdict.ack);
    } else if (m->type == FERRY_MSG_ACK) {
        take_ack(&r, &m->u.ack);
    } else if (m->type == FERRY_MSG_STATEMENT) {
        take_piece(&r, &m->u.piece);
    } else {
        m->u.done.code = (uint8_t)ferry_take_le(&r, 1);
    }
    return 0;
}

size_t ferry_msg_encode_reply(const struct ferry_msg *m, uint8_t *body, size_t cap,
                              uint16_t tag)
{
    struct ferry_writer w = begin(m, body, cap);

    if (m->type == FERRY_MSG_INFO) {
        put_info(&w, m);
    } else if (m->type == FERRY_MSG_VERDICT) {
        ferry_put_u8(&w, m->u.verdict.kind);
        ferry_put_u8(&w, m->u.verdict.code);
        ferry_put_u8(&w, m->u.verdict.detail);
        ferry_put_le(&w, m->u.verdict.number, 4);
        put_ack(&w, &m->u.verdict.ack);
    } else if (m->type == FERRY_MSG_ACK) {
        put_ack(&w, &m->u.ack);
    } else if (m->type == FERRY_MSG_STATEMENT) {
        put_piece(&w, &m->u.piece);
    } else {
        ferry_put_u8(&w, m->u.done.code);
    }
    return finish(&w, body, tag);
}
