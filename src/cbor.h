/* SPDX-License-Identifier: Apache-2.0
 *
 * The subset of deterministic CBOR (RFC 8949, 4.2.1) a manifest may use: unsigned and
 * negative integers, byte and text strings, and a map head; shortest heads, 32 bits. */
#ifndef FERRY_CBOR_H
#define FERRY_CBOR_H

#include "bytes.h"
#include "ferry/err.h"

enum ferry_cbor_major {
    FERRY_CBOR_UINT = 0,
    FERRY_CBOR_NINT = 1, /* the value is -1 - arg */
    FERRY_CBOR_BSTR = 2,
    FERRY_CBOR_TSTR = 3,
    FERRY_CBOR_MAP = 5
};

struct ferry_cbor {
    uint32_t major;     /* enum ferry_cbor_major */
    uint32_t arg;       /* the number; a string's length; a map's pairs */
    const uint8_t *str; /* a string's bytes, inside the reader's */
};

/* Read one item (of a map: its head). 0 or FERRY_E_CBOR. */
FERRY_MUST_USE int ferry_cbor_read(struct ferry_reader *r, struct ferry_cbor *item);

void ferry_cbor_head(struct ferry_writer *w, enum ferry_cbor_major major, uint32_t arg);
void ferry_cbor_bstr(struct ferry_writer *w, const uint8_t *p, uint32_t len);

#endif
