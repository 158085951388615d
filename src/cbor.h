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

/* In contracts: the item that stands at p. Its head is of a kind that we have, and the
 * shortest that says its number: with half as many bytes behind it, it could not. */
/*@ logic integer item_major{L}(uint8_t *p) = p[0] / 32;
  @ logic integer item_low{L}(uint8_t *p) = p[0] % 32;
  @ logic integer item_more{L}(uint8_t *p) = item_low(p) <= 23 ? 0 :
  @   item_low(p) == 24 ? 1 : item_low(p) == 25 ? 2 : 4;
  @ logic integer item_arg{L}(uint8_t *p) =
  @   item_low(p) <= 23 ? item_low(p) : be(p + 1, item_more(p));
  @ logic integer string_len{L}(uint8_t *p) =
  @   0x40 <= p[0] < 0x80 ? item_arg(p) : 0;
  @ logic integer item_len{L}(uint8_t *p) =
  @   1 + item_more(p) + string_len(p);
  @ predicate item{L}(uint8_t *p) =
  @   (p[0] < 0x80 || 0xA0 <= p[0] < 0xC0) && item_low(p) <= 26 &&
  @   (item_more(p) > 0 ==>
  @    item_arg(p) > 23 && item_arg(p) >> (4 * item_more(p)) != 0); */

/* Read one item (of a map: its head). 0 or FERRY_E_CBOR. */
/*@ requires readable(r) && \valid(item) && \base_addr(r) != \base_addr(item);
  @ terminates \true;
  @ assigns *item, r->at, r->left, r->bad;
  @ ensures inside: readable(r);
  @ ensures onward: onward{Pre, Post}(r);
  @ ensures \result == 0 && !r->bad || \result == FERRY_E_CBOR;
  @ ensures shape: \result == 0 ==> item(\old(r->at));
  @ ensures whole: \result == 0 ==> taken{Pre, Post}(r, item_len(\old(r->at)));
  @ ensures says: \result == 0 ==> item->major == item_major(\old(r->at)) &&
  @   item->arg == item_arg(\old(r->at)); */
FERRY_MUST_USE int ferry_cbor_read(struct ferry_reader *r, struct ferry_cbor *item);

/*@ requires writable(w);
  @ terminates \true;
  @ assigns *w, w->at[0 .. w->left - 1];
  @ ensures writable(w);
  @ ensures \old(w->bad) ==> w->bad;
  @ ensures further{Pre, Post}(w); */
void ferry_cbor_head(struct ferry_writer *w, enum ferry_cbor_major major, uint32_t arg);
/*@ requires writable(w) && \valid_read(p + (0 .. len - 1));
  @ requires \separated(p + (0 .. len - 1), w, w->at + (0 .. w->left - 1));
  @ terminates \true;
  @ assigns *w, w->at[0 .. w->left - 1];
  @ ensures writable(w);
  @ ensures \old(w->bad) ==> w->bad;
  @ ensures further{Pre, Post}(w); */
void ferry_cbor_bstr(struct ferry_writer *w, const uint8_t *p, uint32_t len);

#endif
