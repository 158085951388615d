/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows heads and strings of the CBOR subset, in both directions. Refuses every other
 * spelling of the same value, so that a manifest has exactly one encoding. Knows
 * nothing of manifests. */
#include "cbor.h"

/* RFC 8949, 3: the low five bits are the number, or say how many bytes carry it. */
#define INLINE_MAX 23U
#define ONE_BYTE 24U
#define FOUR_BYTES 26U

int ferry_cbor_read(struct ferry_reader *r, struct ferry_cbor *item)
{
    uint32_t head = ferry_take_be(r, 1);
    uint32_t arg = head % 32U;
    /*@ assert onward{Pre, Here}(r); */
    /*@ assert !r->bad ==> arg == item_low(\at(r->at, Pre)); */

    item->major = head / 32U;
    item->str = NULL;
    if (item->major == 4 || item->major > FERRY_CBOR_MAP || arg > FOUR_BYTES) {
        return FERRY_E_CBOR;
    }
    /*@ assert head <= 0xFF && (!r->bad ==> head == \at(r->at, Pre)[0]); */
    /*@ assert head < 0x80 || 0xA0 <= head < 0xC0; */
    if (arg > INLINE_MAX) {
        unsigned bytes = 1U << (arg - ONE_BYTE);
        /*@ assert arg == 24 ==> bytes == 1; */
        /*@ assert arg == 25 ==> bytes == 2; */
        /*@ assert arg == 26 ==> bytes == 4; */
        /*@ assert !r->bad ==> bytes == item_more(\at(r->at, Pre)); */
        arg = ferry_take_be(r, bytes);
        /*@ assert !r->bad ==> taken{Pre, Here}(r, 1 + bytes); */
        /*@ assert onward{Pre, Here}(r); */
        if (arg <= INLINE_MAX || arg >> (4 * bytes) == 0) { /* fewer would do */
            return FERRY_E_CBOR;
        }
    }
    /*@ assert !r->bad ==> taken{Pre, Here}(r, 1 + item_more(\at(r->at, Pre))); */
    /*@ assert !r->bad ==> arg == item_arg(\at(r->at, Pre)); */
    /*@ assert !r->bad ==> head == \at(r->at, Pre)[0]; */
    /*@ assert !r->bad ==> item(\at(r->at, Pre)); */
    item->arg = arg;
    /*@ assert item->major == head / 32; */
    /*@ assert item->major == 2 || item->major == 3 <==> 0x40 <= head < 0x80; */
    if (item->major == FERRY_CBOR_BSTR || item->major == FERRY_CBOR_TSTR) {
        size_t len = (size_t)arg; /* 16 bits on the smallest processors: less */
        item->str = ferry_take(r, len);
        /*@ assert onward{Pre, Here}(r); */
        /*@ assert len == arg && item->arg == arg && item->major == head / 32; */
        r->bad = r->bad || len != arg;
        /*@ assert !r->bad ==> taken{Pre, Here}(r, item_len(\at(r->at, Pre))); */
    }
    /*@ assert !r->bad ==> taken{Pre, Here}(r, item_len(\at(r->at, Pre))); */
    /*@ assert item->arg == arg && item->major == head / 32; */
    return r->bad ? FERRY_E_CBOR : 0;
}

void ferry_cbor_head(struct ferry_writer *w, enum ferry_cbor_major major, uint32_t arg)
{
    unsigned bytes = 0;

    if (arg > INLINE_MAX) {
        bytes = arg >> 8 == 0 ? 1 : arg >> 16 == 0 ? 2 : 4;
    }
    uint32_t low = bytes == 0 ? arg : ONE_BYTE + (bytes >> 1);
    uint8_t head[5] = {(uint8_t)((uint32_t)major << 5 | low)};
    ferry_set_be(head + 1, arg, bytes);
    ferry_put(w, head, 1 + bytes);
}

void ferry_cbor_bstr(struct ferry_writer *w, const uint8_t *p, uint32_t len)
{
    ferry_cbor_head(w, FERRY_CBOR_BSTR, len);
    ferry_put(w, p, (size_t)len);
}
