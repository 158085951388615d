/* SPDX-License-Identifier: Apache-2.0
 *
 * A peer that says whatever it likes to the device, one frame at a time and without a
 * link between them, and remembers what the device answers. */
#ifndef FERRY_PEER_H
#define FERRY_PEER_H

#include "scene.h"

#include "msg.h"

struct peer {
    struct world *w;
    uint8_t nonce[4];
    uint16_t tag;
    uint8_t token;
    bool slow; /* input only; the scenario ticks */
    struct ferry_frame_in in;
    uint8_t ctl[128];
    /* heard since the last word: how many of each, and the newest */
    unsigned infos, verdicts, acks, dones, pieces, other;
    uint8_t info_body[80]; /* its bytes as they came */
    size_t info_len;
    struct ferry_msg info, verdict, done;
    struct ferry_ack ack;
    uint16_t none_for;           /* seconds, where there is no statement */
    size_t said_total, said_len; /* of the statement, and its bytes */
    uint8_t said[FERRY_ENVELOPE_MAX];
};

void peer_init(struct peer *p, struct world *w, uint8_t who);

/* Any bytes; then the device works as long as it can, and everything it says is heard. */
void peer_bytes(struct peer *p, const uint8_t *bytes, size_t len);
/* Let the device work and listen, without a word. */
void peer_listen(struct peer *p);
/* Its work alone, and unheard, until it is in that state. */
void peer_tick_until(struct peer *p, enum ferry_device_state s);
/* One value of at most `cap` bytes from the device, if it has one: its length. */
size_t peer_hear(struct peer *p, size_t cap);
/* Frame, seal and say it. The wire bytes of a message, for those who damage them. */
void peer_say(struct peer *p, const struct ferry_msg *m);
size_t peer_wire(const struct peer *p, const struct ferry_msg *m, uint8_t *wire);

/* The same of a message of either end; `lead`: a zero goes before it. */
#define FRAME_WIRE_MAX (2U * FERRY_CHUNK_MAX)
size_t frame_wire(const struct ferry_msg *m, uint16_t tag, bool lead, uint8_t *wire);

void peer_hello(struct peer *p);
/* The whole envelope, in pieces. */
void peer_offer(struct peer *p, const uint8_t *env, size_t len);
void peer_status(struct peer *p);
void peer_abort(struct peer *p);
/* REPORT? from `off` on; what comes of it stands in `said`. */
void peer_report(struct peer *p, const uint8_t nonce[16], uint16_t off);
struct ferry_msg chunk_msg(const struct cargo *c, const struct world *w,
                           uint32_t index);
void peer_chunk(struct peer *p, const struct cargo *c, uint32_t index);
/* HELLO and OFFER, accepted. */
void peer_begin(struct peer *p, const struct cargo *c);
/* Every chunk of the transfer's blocks first..last, in order. */
void peer_blocks(struct peer *p, const struct cargo *c, uint32_t first, uint32_t last);
/* The image's chunks but the last one, whose wire bytes are made and not said. */
size_t peer_to_the_last(struct peer *p, const struct cargo *c, uint8_t *wire);
/* A plain scene whose device receives `c` from this peer, and has its blocks 0..last. */
struct world *peer_half_way(struct peer *p, const struct cargo *c, uint32_t last);
/* Blocks of the transfer under way. */
uint32_t peer_last_block(const struct peer *p);

#endif
