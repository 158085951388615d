/* SPDX-License-Identifier: Apache-2.0
 *
 * The messages, as structs and as frame bodies. docs/PROTOCOL.md has every byte. */
#ifndef FERRY_MSG_H
#define FERRY_MSG_H

#include "ferry/parts.h"

enum ferry_msg_type {
    FERRY_MSG_CHUNK = 0x00,
    /* courier -> device */
    FERRY_MSG_HELLO = 0x01,
    FERRY_MSG_OFFER = 0x02,
    FERRY_MSG_STATUS = 0x03,
    FERRY_MSG_REPORT = 0x04,
    FERRY_MSG_ABORT = 0x05,
    /* device -> courier */
    FERRY_MSG_INFO = 0x81,
    FERRY_MSG_VERDICT = 0x82,
    FERRY_MSG_ACK = 0x83,
    FERRY_MSG_DONE = 0x84,
    FERRY_MSG_STATEMENT = 0x85
};

enum ferry_verdict {
    FERRY_VERDICT_ACCEPT = 0,
    FERRY_VERDICT_RUNNING = 1, /* this very image runs already */
    FERRY_VERDICT_LATER = 2,   /* code: enum ferry_later_why; number: seconds */
    FERRY_VERDICT_REFUSE = 3,  /* code: negated enum ferry_err */
    FERRY_VERDICT_MORE = 4     /* number: envelope bytes the device has */
};

/* Why an ack says what it says. */
enum ferry_reason {
    FERRY_REASON_NONE = 0,
    FERRY_REASON_CRC = 1,       /* a frame was damaged: resend the oldest */
    FERRY_REASON_ERASING = 2,   /* credit waits for an erase */
    FERRY_REASON_VERIFYING = 3, /* everything is here and is being verified */
    FERRY_REASON_RESUMING = 4,  /* looking at what flash already holds */
    FERRY_REASON_POWER = 5,     /* supply too low to erase */
    FERRY_REASON_IDLE = 6,      /* nothing is being received: offer first */
    FERRY_REASON_CHECKING = 7   /* the offer is being checked */
};

#define FERRY_INFO_WITHHELD 0x01U /* version and digest are zero */
#define FERRY_INFO_BUSY 0x02U     /* another courier's session is active */
#define FERRY_INFO_LOST 0x04U     /* answers an undecodable frame: say HELLO */

/* Every message is numbers, byte strings and a rest, each in the order of the wire. */
struct ferry_msg {
    uint8_t type;            /* enum ferry_msg_type */
    uint16_t rest_len;       /* 0 where there is none */
    const uint8_t *rest;     /* CHUNK: payload, 4-aligned if the frame's buffer was;
                              * OFFER, STATEMENT: part of an envelope */
    const uint8_t *bytes[2]; /* 16 each. REPORT: nonce. INFO: class, digest */
    union {
        uint32_t number[12]; /* any message's */
        struct {
            uint32_t index;
        } chunk;
        struct {
            uint32_t wire, value_max, nonce;
        } hello;
        struct { /* OFFER, STATEMENT. A STATEMENT of total 0 says that there is none: */
            uint32_t total,
                off; /* `off` is in how many seconds to ask again, 0 = never */
        } piece;
        struct {
            uint32_t off; /* statement bytes the courier has */
        } report;
        struct {
            uint32_t token;
        } status;
        struct {
            uint32_t wire, flags, nonce, tag, hw_rev, version;
            uint32_t floor, link, boot_caps, chunk, window;
        } info;
        struct ferry_judgement judgement; /* the beginning of a verdict */
        struct {
            uint32_t kind; /* enum ferry_verdict */
            uint32_t code, detail, number;
            struct ferry_ack ack; /* meaningful with ACCEPT */
        } verdict;
        struct ferry_ack ack;
        struct {
            uint32_t code; /* 0 committed, else a negated enum ferry_err */
        } done;
    } u;
};

/* In contracts: what docs/PROTOCOL.md says of a type: who says it, how many bytes its
 * fields are, how many of them are strings, and how long the rest may be. */
/*@ predicate ask(integer type) = FERRY_MSG_CHUNK <= type <= FERRY_MSG_ABORT;
  @ predicate reply(integer type) = FERRY_MSG_INFO <= type <= FERRY_MSG_STATEMENT;
  @ logic integer msg_fields(integer type) =
  @   type == FERRY_MSG_CHUNK ? 3 : type == FERRY_MSG_HELLO ? 7 :
  @   type == FERRY_MSG_STATUS || type == FERRY_MSG_DONE ? 1 :
  @   type == FERRY_MSG_REPORT ? 18 : type == FERRY_MSG_ABORT ? 0 :
  @   type == FERRY_MSG_INFO ? 63 : type == FERRY_MSG_VERDICT ? 22 :
  @   type == FERRY_MSG_ACK ? 15 : 4;
  @ logic integer msg_strings(integer type) =
  @   type == FERRY_MSG_INFO ? 2 : type == FERRY_MSG_REPORT ? 1 : 0;
  @ logic integer rest_min(integer type) =
  @   type == FERRY_MSG_CHUNK ? 4 : type == FERRY_MSG_OFFER ? 1 : 0;
  @ logic integer rest_max(integer type) = type == FERRY_MSG_CHUNK ? FERRY_CHUNK_MAX :
  @   type == FERRY_MSG_OFFER || type == FERRY_MSG_STATEMENT ? FERRY_PIECE_MAX : 0;
  @ predicate within(uint8_t *string, uint8_t *body, uint8_t *end) =
  @   \base_addr(string) == \base_addr(body) && body < string && string + 16 <= end; */

/* Decode a whole frame, CRC and all. Lengths are judged before the CRC, the CRC before
 * any field. 0 or FERRY_E_PROTO. Pointers point into `body`. An ask goes from courier
 * to device, a reply from device to courier; neither end can be made to read its own. */
/*@ requires \valid(m) && \valid_read(body + (0 .. len - 1)) && len <= 0xFFFF;
  @ requires \separated(m, body + (0 .. len - 1));
  @ terminates \true;
  @ assigns *m;
  @ ensures \result == 0 || \result == FERRY_E_PROTO;
  @ ensures side: \result == 0 ==>
  @   m->type == body[0] && (reply ? reply(m->type) : ask(m->type));
  @ ensures whole: \result == 0 ==> m->rest == body + (1 + msg_fields(m->type)) &&
  @   1 + msg_fields(m->type) + m->rest_len + 2 == len;
  @ ensures inside: \result == 0 && msg_strings(m->type) > 0 ==>
  @   within(m->bytes[0], body, m->rest);
  @ ensures inside: \result == 0 && msg_strings(m->type) > 1 ==>
  @   within(m->bytes[1], body, m->rest);
  @ ensures in_range: \result == 0 ==>
  @   rest_min(m->type) <= m->rest_len <= rest_max(m->type); */
FERRY_MUST_USE int ferry_msg_decode(struct ferry_msg *m, const uint8_t *body,
                                    size_t len, uint16_t tag, bool reply);
/*@ requires \valid(m) && \valid_read(body + (0 .. len - 1)) && len <= 0xFFFF;
  @ requires \separated(m, body + (0 .. len - 1));
  @ terminates \true;
  @ assigns *m;
  @ ensures \result == 0 ==> ask(m->type); */
static inline int ferry_msg_decode_ask(struct ferry_msg *m, const uint8_t *body,
                                       size_t len, uint16_t tag)
{
    return ferry_msg_decode(m, body, len, tag, false);
}
/*@ requires \valid(m) && \valid_read(body + (0 .. len - 1)) && len <= 0xFFFF;
  @ requires \separated(m, body + (0 .. len - 1));
  @ terminates \true;
  @ assigns *m;
  @ ensures \result == 0 ==> reply(m->type); */
static inline int ferry_msg_decode_reply(struct ferry_msg *m, const uint8_t *body,
                                         size_t len, uint16_t tag)
{
    return ferry_msg_decode(m, body, len, tag, true);
}

/* Encode and seal. Returns the length, 0 if it does not fit. The rest may already stand in
 * its place in `body`. */
/*@ requires \valid_read(m) && (ask(m->type) || reply(m->type));
  @ requires cap <= 0xFFFF && \valid(body + (0 .. cap - 1));
  @ requires \separated(m, body + (0 .. cap - 1));
  @ requires \forall integer k; 0 <= k < msg_strings(m->type) ==>
  @   \valid_read(m->bytes[k] + (0 .. 15)) &&
  @   \separated(m->bytes[k] + (0 .. 15), body + (0 .. cap - 1));
  @ requires m->rest_len > 0 ==> m->rest == body + (1 + msg_fields(m->type)) ||
  @   \valid_read(m->rest + (0 .. m->rest_len - 1)) &&
  @   \separated(m->rest + (0 .. m->rest_len - 1), body + (0 .. cap - 1));
  @ terminates \true;
  @ assigns body[0 .. cap - 1];
  @ ensures fits: \result == 0 && cap < msg_fields(\old(m->type)) + m->rest_len + 3 ||
  @   \result == msg_fields(\old(m->type)) + m->rest_len + 3 <= cap; */
FERRY_MUST_USE size_t ferry_msg_encode(const struct ferry_msg *m, uint8_t *body,
                                       size_t cap, uint16_t tag);

#endif
