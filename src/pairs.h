/* SPDX-License-Identifier: Apache-2.0
 *
 * A CBOR map of small integer keys, and the struct it stands for: key k of the map is
 * field k of the struct. Manifests and statements are such maps.
 *
 * All of it is inline: in each library one function takes such maps, and at most one puts
 * them together. Together with these it is smaller than apart, by 50 bytes each. */
#ifndef FERRY_PAIRS_H
#define FERRY_PAIRS_H

#include "cbor.h"

#define FERRY_PAIRS_KEYS_END 24U /* positive keys are below, negative ones above -25 */
#define FERRY_PAIRS_MAX 23U

/* In contracts: at p stands a key in one byte, and behind it a value that is no map. From
 * p to q stand n such pairs, and nothing else; their keys ascend, so that one more would
 * be `next` or greater. All of p to q is a map of such pairs. */
/*@ logic integer pair_len{L}(uint8_t *p) = 1 + item_len(p + 1);
  @ predicate pair{L}(uint8_t *p) =
  @   (p[0] < 0x18 || 0x20 <= p[0] < 0x38) && item(p + 1) && p[1] < 0xA0;
  @ axiomatic Pairs {
  @   predicate pairs{L}(uint8_t *p, uint8_t *q, integer n, integer next) reads p[..];
  @   axiom none{L}: \forall uint8_t *p, *q, integer n, next;
  @     p == q && n == 0 && next == 0 ==> pairs{L}(p, q, n, next);
  @   axiom more{L}: \forall uint8_t *p, *last, *q, integer n, m, low, next;
  @     pairs{L}(p, last, n, low) && pair{L}(last) && low <= last[0] &&
  @     q == last + pair_len{L}(last) && m == n + 1 && next == last[0] + 1 ==>
  @     pairs{L}(p, q, m, next);
  @ }
  @ predicate map{L}(uint8_t *p, uint8_t *q) = 0xA0 <= p[0] <= 0xA0 + FERRY_PAIRS_MAX &&
  @   \exists integer next; pairs(p + 1, q, p[0] - 0xA0, next); */

/* A field is a uint32_t (len 0), or a pointer to a string of len bytes in the map. `at`
 * counts such numbers, or such pointers, from the struct's beginning; EVEN makes the
 * compiler refuse a field that stands between two of them. */
struct ferry_field {
    uint8_t at, len;
};
#define FERRY_EVEN(at, unit) (0 * sizeof(char[(at) % (unit) == 0 ? 1 : -1]))
#define FERRY_NUMBER(type, field)                                                      \
    {                                                                                  \
        (uint8_t)(offsetof(type, field) / sizeof(uint32_t) +                           \
                  FERRY_EVEN(offsetof(type, field), sizeof(uint32_t))),                \
            0                                                                          \
    }
#define FERRY_STRING(type, field, len)                                                 \
    {                                                                                  \
        (uint8_t)(offsetof(type, field) / sizeof(uint8_t *) +                          \
                  FERRY_EVEN(offsetof(type, field), sizeof(uint8_t *))),               \
            len                                                                        \
    }

/* The pairs of a map that were not fields, as they stand. */
struct ferry_pairs {
    uint32_t has; /* bit k: key k is there */
    const uint8_t *info;
    uint32_t info_len, info_count;
};

/*@ requires \valid_read(field) && \valid_read(value);
  @ requires \valid((uint32_t *)to + field->at);
  @ terminates \true;
  @ assigns ((uint32_t *)to)[field->at], ((const uint8_t **)to)[field->at];
  @ ensures \result == 0 || \result == FERRY_E_TYPE; */
static inline int ferry_pairs_field(void *to, const struct ferry_field *field,
                                    const struct ferry_cbor *value)
{
    if (field->len == 0 && value->major == FERRY_CBOR_UINT) {
        ((uint32_t *)to)[field->at] = value->arg;
    } else if (field->len != 0 && value->major == FERRY_CBOR_BSTR &&
               value->arg == field->len) {
        ((const uint8_t **)to)[field->at] = value->str;
    } else {
        return FERRY_E_TYPE;
    }
    return 0;
}

/* A pair that is no field: may it be passed over? */
/*@ requires \valid_read(value);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result == 0 ==> key.arg < FERRY_PAIRS_KEYS_END; */
static inline int ferry_pairs_skip(struct ferry_cbor key,
                                   const struct ferry_cbor *value,
                                   unsigned critical_end)
{
    bool negative = key.major == FERRY_CBOR_NINT;

    if (key.arg >= FERRY_PAIRS_KEYS_END || (!negative && key.arg < critical_end)) {
        return FERRY_E_CRIT;
    }
    return negative && value->major == FERRY_CBOR_NINT ? FERRY_E_TYPE : 0;
}

/* Read a key, the head of which must be `next` or more, and its value. 0 or FERRY_E_CBOR,
 * _TYPE, _ORDER. In this encoding the order of keys is the order of their head bytes. */
/*@ requires readable(r) && !r->bad && \valid(key) && \valid(value);
  @ requires \base_addr(r) != \base_addr(key) && \base_addr(r) != \base_addr(value);
  @ requires \base_addr(key) != \base_addr(value);
  @ terminates \true;
  @ assigns *key, *value, r->at, r->left, r->bad;
  @ ensures inside: readable(r);
  @ ensures onward: onward{Pre, Post}(r);
  @ ensures order: \result == 0 ==> next <= \old(r->at)[0];
  @ ensures whole: \result == 0 && key->arg < FERRY_PAIRS_KEYS_END ==> !r->bad &&
  @   pair(\old(r->at)) && taken{Pre, Post}(r, pair_len(\old(r->at))); */
FERRY_MUST_USE static inline int ferry_pairs_next(struct ferry_reader *r, uint32_t next,
                                                  struct ferry_cbor *key,
                                                  struct ferry_cbor *value)
{
    const uint8_t *start = r->at;

    if (ferry_cbor_read(r, key) != 0) {
        return FERRY_E_CBOR;
    }
    if (key->major > FERRY_CBOR_NINT) {
        return FERRY_E_TYPE;
    }
    if (*start < next) {
        return FERRY_E_ORDER;
    }
    /*@ assert *start == key->major * 32 + item_low(start) && *start < 0x40; */
    /*@ assert key->arg < 24 ==> item_more(start) == 0; */
    /*@ assert key->arg < 24 ==> taken{Pre, Here}(r, 1); */
    /*@ ghost const uint8_t *at = r->at; */
    if (ferry_cbor_read(r, value) != 0 || value->major == FERRY_CBOR_MAP) {
        return FERRY_E_CBOR;
    }
    /*@ assert r->at == at + item_len(at) && item(at); */
    /*@ assert key->arg < 24 ==> at == start + 1; */
    /*@ assert key->arg < 24 ==> item(start + 1) && start[1] < 0xA0; */
    /*@ assert key->arg < 24 ==> pair(start); */
    /*@ assert key->arg < 24 ==> r->at == start + (1 + item_len(start + 1)); */
    return 0;
}

/* What a pair says goes into the struct, unless it is no field. */
/*@ requires \valid(&p->has) && \valid_read(value);
  @ requires fields_len <= 24 && \valid_read(fields + (0 .. fields_len - 1));
  @ requires \valid((uint32_t *)to + (0 .. fields_len));
  @ requires \forall integer k; 0 <= k < fields_len ==> fields[k].at <= fields_len;
  @ requires \base_addr(p) != \base_addr(value) && \base_addr(p) != \base_addr(to);
  @ terminates \true;
  @ assigns p->has, ((uint32_t *)to)[0 .. fields_len],
  @   ((const uint8_t **)to)[0 .. fields_len];
  @ ensures \result == 0 ==> key.arg < FERRY_PAIRS_KEYS_END; */
FERRY_MUST_USE static inline int
ferry_pairs_keep(struct ferry_pairs *p, void *to, const struct ferry_field *fields,
                 unsigned fields_len, unsigned critical_end, struct ferry_cbor key,
                 const struct ferry_cbor *value)
{
    if (key.major == FERRY_CBOR_UINT && key.arg < fields_len) {
        p->has |= UINT32_C(1) << key.arg;
        return ferry_pairs_field(to, &fields[key.arg], value);
    }
    return ferry_pairs_skip(key, value, critical_end);
}

/* Take a map apart, pair by pair, into the struct at `to`, and say in p->has what there
 * was. Keys from `fields_len` up to `critical_end` are refused, other unknown ones
 * skipped. 0 or FERRY_E_CBOR, _TYPE, _ORDER, _CRIT. `r` then stands behind the map. */
/*@ requires readable(r) && !r->bad && \valid(p);
  @ requires fields_len <= 24 && \valid_read(fields + (0 .. fields_len - 1));
  @ requires \valid((uint32_t *)to + (0 .. fields_len));
  @ requires \forall integer k; 0 <= k < fields_len ==> fields[k].at <= fields_len;
  @ requires \base_addr(p) != \base_addr(r) && \base_addr(to) != \base_addr(r);
  @ requires \base_addr(p) != \base_addr(to);
  @ terminates \true;
  @ assigns *p, r->at, r->left, r->bad, ((uint32_t *)to)[0 .. fields_len],
  @   ((const uint8_t **)to)[0 .. fields_len];
  @ ensures inside: onward{Pre, Post}(r);
  @ ensures shape: \result == 0 ==> map(\old(r->at), r->at); */
FERRY_MUST_USE static inline int ferry_pairs_take(struct ferry_pairs *p,
                                                  struct ferry_reader *r, void *to,
                                                  const struct ferry_field *fields,
                                                  unsigned fields_len,
                                                  unsigned critical_end)
{
    struct ferry_cbor key, value;
    uint32_t next = 0;

    if (ferry_cbor_read(r, &key) != 0 || key.major != FERRY_CBOR_MAP ||
        key.arg > FERRY_PAIRS_MAX) {
        return FERRY_E_CBOR;
    }
    /*@ assert key.arg == \at(r->at, Pre)[0] - 0xA0; */
    /*@ assert taken{Pre, Here}(r, 1) && onward{Pre, Here}(r); */
    p->has = 0;
    /*@ loop invariant readable(r) && !r->bad && 0 <= left <= FERRY_PAIRS_MAX;
      @ loop invariant onward{Pre, Here}(r);
      @ loop invariant pairs(\at(r->at, Pre) + 1, r->at,
      @   \at(r->at, Pre)[0] - 0xA0 - left, next);
      @ loop assigns left, next, key, value, p->has, r->at, r->left, r->bad,
      @   ((uint32_t *)to)[0 .. fields_len], ((const uint8_t **)to)[0 .. fields_len];
      @ loop variant left; */
    for (uint32_t left = key.arg; left-- > 0;) {
        const uint8_t *start = r->at;
        int err = ferry_pairs_next(r, next, &key, &value);
        /*@ assert onward{Pre, Here}(r); */
        /*@ ghost const uint8_t *at = r->at; size_t rest = r->left; */
        if (err != 0) {
            return err;
        }
        err = ferry_pairs_keep(p, to, fields, fields_len, critical_end, key, &value);
        /*@ assert r->at == at && r->left == rest; */
        /*@ assert readable(r) && onward{Pre, Here}(r); */
        if (err != 0) {
            return err;
        }
        /*@ assert pair(start) && taken{LoopCurrent, Here}(r, pair_len(start)); */
        /*@ assert pairs(\at(r->at, Pre) + 1, r->at,
          @   \at(r->at, Pre)[0] - 0xA0 - left, *start + 1); */
        next = *start + 1U;
    }
    return 0;
}

/* The pairs that were not fields, for who wants them: `r` stands before the map again, and
 * nothing is behind it. Fields come first; what follows the last one are the others.
 * Nothing can fail: the map was taken apart. */
/*@ requires readable(r) && \valid(p) && \base_addr(p) != \base_addr(r);
  @ terminates \true;
  @ assigns p->info, p->info_len, p->info_count, r->at, r->left, r->bad;
  @ ensures inside: onward{Pre, Post}(r);
  @ ensures rest: p->info == r->at && p->info_len == r->left; */
static inline void ferry_pairs_others(struct ferry_pairs *p, struct ferry_reader *r)
{
    struct ferry_cbor item = {0};

    (void)!ferry_cbor_read(r, &item);
    p->info_count = item.arg;
    /*@ loop invariant readable(r) && onward{Pre, Here}(r);
      @ loop assigns has, item, p->info_count, r->at, r->left, r->bad;
      @ loop variant has; */
    for (uint32_t has = p->has; has != 0; has >>= 1) {
        if ((has & 1U) != 0) {
            (void)!ferry_cbor_read(r, &item);
            (void)!ferry_cbor_read(r, &item);
            p->info_count--;
        }
    }
    p->info = r->at;
    p->info_len = (uint32_t)r->left;
}

/* In contracts: n bytes can be read that are none of those m; and what a field is put
 * together from, if it is put: a word of the struct and the string that it points to. */
/*@ predicate apart{L}(uint8_t *p, integer n, uint8_t *q, integer m) =
  @   \valid_read(p + (0 .. n - 1)) && \separated(p + (0 .. n - 1), q + (0 .. m - 1));
  @ predicate source{L}(void *from, struct ferry_field *field, uint8_t *q, integer m) =
  @   field->len != 0 ==>
  @   apart(((const uint8_t **)from)[field->at], field->len, q, m);
  @ predicate aside{L}(void *from, struct ferry_field *field, struct ferry_writer *w) =
  @   field->len != 0 ==>
  @   \separated(w, ((const uint8_t **)from)[field->at] + (0 .. field->len - 1));
  @ predicate chosen{L}(struct ferry_pairs *p, integer k) = ((p->has >> k) & 1) != 0; */

/*@ requires writable(w) && \valid_read(field);
  @ requires \valid_read((uint32_t *)from + field->at);
  @ requires source(from, field, w->at, w->left) && aside(from, field, w);
  @ requires \separated(w, field) && \separated(w, (uint32_t *)from + field->at);
  @ requires \separated(w->at + (0 .. w->left - 1), field);
  @ requires \separated(w->at + (0 .. w->left - 1), (uint32_t *)from + field->at);
  @ terminates \true;
  @ assigns *w, w->at[0 .. w->left - 1];
  @ ensures inside: writable(w);
  @ ensures further: further{Pre, Post}(w);
  @ ensures sticks: \old(w->bad) ==> w->bad; */
static inline void ferry_pairs_put_one(struct ferry_writer *w, unsigned key,
                                       const void *from,
                                       const struct ferry_field *field)
{
    ferry_cbor_head(w, FERRY_CBOR_UINT, key);
    /*@ assert field->len == \at(field->len, Pre) && field->at == \at(field->at, Pre); */
    if (field->len != 0) {
        ferry_cbor_head(w, FERRY_CBOR_BSTR, field->len);
        /*@ assert field->len == \at(field->len, Pre) &&
          @   field->at == \at(field->at, Pre); */
        /*@ assert further{Pre, Here}(w); */
        /*@ ghost Before: ; */
        ferry_put(w, ((const uint8_t *const *)from)[field->at], field->len);
        /*@ assert further{Before, Here}(w); */
        /*@ assert further{Pre, Here}(w); */
    } else {
        ferry_cbor_head(w, FERRY_CBOR_UINT, ((const uint32_t *)from)[field->at]);
        /*@ assert further{Pre, Here}(w); */
    }
}

/* Put it together again. */
/*@ requires writable(w) && \valid_read(p);
  @ requires fields_len <= 24 && \valid_read(fields + (0 .. fields_len - 1));
  @ requires \valid_read((uint32_t *)from + (0 .. fields_len));
  @ requires \forall integer k; 0 <= k < fields_len ==> fields[k].at <= fields_len;
  @ requires \forall integer k; 0 <= k < fields_len && chosen(p, k) ==>
  @   source(from, fields + k, w->at, w->left) && aside(from, fields + k, w);
  @ requires apart(p->info, p->info_len, w->at, w->left);
  @ requires \separated(w, p->info + (0 .. p->info_len - 1));
  @ requires \separated(w, p) && \separated(w, (uint32_t *)from + (0 .. fields_len));
  @ requires \separated(w, fields + (0 .. fields_len - 1));
  @ requires \separated(w->at + (0 .. w->left - 1), p);
  @ requires \separated(w->at + (0 .. w->left - 1), fields + (0 .. fields_len - 1));
  @ requires \separated(w->at + (0 .. w->left - 1),
  @   (uint32_t *)from + (0 .. fields_len));
  @ terminates \true;
  @ assigns *w, w->at[0 .. w->left - 1];
  @ ensures inside: writable(w);
  @ ensures further: further{Pre, Post}(w);
  @ ensures sticks: \old(w->bad) ==> w->bad; */
static inline void ferry_pairs_put(const struct ferry_pairs *p, struct ferry_writer *w,
                                   const void *from, const struct ferry_field *fields,
                                   unsigned fields_len)
{
    uint32_t pairs = p->info_count;

    /*@ loop invariant 0 <= k <= fields_len;
      @ loop assigns k, pairs;
      @ loop variant fields_len - k; */
    for (unsigned k = 0; k < fields_len; k++) {
        pairs += (p->has >> k) & 1U;
    }
    ferry_cbor_head(w, FERRY_CBOR_MAP, pairs);
    /*@ loop invariant 0 <= k <= fields_len;
      @ loop invariant writable(w);
      @ loop invariant further{Pre, Here}(w);
      @ loop invariant \at(w->bad, Pre) ==> w->bad;
      @ loop assigns k, *w, \at(w->at, Pre)[0 .. \at(w->left, Pre) - 1];
      @ loop variant fields_len - k; */
    for (unsigned k = 0; k < fields_len; k++) {
        if (((p->has >> k) & 1U) != 0) {
            /*@ assert same: p->has == \at(p->has, Pre); */
            /*@ assert same: fields[k].at == \at(fields[\at(k, Here)].at, Pre) &&
              @   fields[k].len == \at(fields[\at(k, Here)].len, Pre); */
            /*@ assert same: ((const uint8_t **)from)[fields[k].at] ==
              @   \at(((const uint8_t **)from)[fields[\at(k, Here)].at], Pre); */
            /*@ assert near: source(from, fields + k, \at(w->at, Pre), \at(w->left, Pre))
              @   && aside(from, fields + k, w); */
            /*@ assert near: source(from, fields + k, w->at, w->left); */
            ferry_pairs_put_one(w, k, from, &fields[k]);
            /*@ assert further{LoopCurrent, Here}(w); */
            /*@ assert further{Pre, Here}(w); */
        }
    }
    /*@ assert same: p->info == \at(p->info, Pre) &&
      @   p->info_len == \at(p->info_len, Pre); */
    ferry_put(w, p->info, (size_t)p->info_len);
}

#endif
