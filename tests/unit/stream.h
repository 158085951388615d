/* SPDX-License-Identifier: Apache-2.0
 *
 * A byte stream for the framing tests: frames put into it, and an ear that writes down
 * what a decoder says about it, in an order that two runs can be compared by. */
#ifndef FERRY_TEST_STREAM_H
#define FERRY_TEST_STREAM_H

#include "frame.h"

struct stream {
    uint8_t bytes[20000];
    size_t len;
};

/* Append one frame, encoded in one piece. */
void stream_put(struct stream *s, const uint8_t *body, size_t len, bool lead);
/* Append bytes as they are. */
void stream_raw(struct stream *s, const void *bytes, size_t len);

struct ear {
    struct ferry_frame_in in;
    uint8_t ctl[700], chunk[700];
    unsigned whole, damaged;
    const uint8_t *last; /* the last whole frame, until the next byte */
    size_t last_len;
    uint8_t log[20000]; /* 'W', length, bytes; or 'D' */
    size_t log_len;
};

void ear_open(struct ear *e, uint16_t ctl_cap, uint16_t chunk_cap);
void ear_hear(struct ear *e, const uint8_t *bytes, size_t len);
/* The same in pieces of `piece` bytes. */
void ear_hear_pieces(struct ear *e, const struct stream *s, size_t piece);

#endif
