/* SPDX-License-Identifier: Apache-2.0
 *
 * Bounded reading and writing. Running past the end sticks: every later call fails
 * too, so a parser checks once, at its end. */
#ifndef FERRY_BYTES_H
#define FERRY_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ferry_reader {
    const uint8_t *at;
    size_t left;
    bool bad; /* something was read past the end */
};

struct ferry_writer {
    uint8_t *at;
    size_t left;
    size_t len; /* written so far */
    bool bad;   /* something did not fit */
};

/*@ terminates \true;
  @ assigns \result \from p, len;
  @ ensures \result.at == p && \result.left == len && !\result.bad; */
static inline struct ferry_reader ferry_reader(const void *p, size_t len)
{
    struct ferry_reader r = {(const uint8_t *)p, len, false};
    return r;
}
/*@ terminates \true;
  @ assigns \result \from p, cap;
  @ ensures \result.at == p && \result.left == cap && \result.len == 0;
  @ ensures !\result.bad; */
static inline struct ferry_writer ferry_writer(void *p, size_t cap)
{
    struct ferry_writer w = {(uint8_t *)p, cap, 0, false};
    return w;
}

/* In contracts: what is left can be read (written), and n bytes were taken (put) from
 * one point of the program to another; taken 0: nothing moved. */
/*@ predicate readable{L}(struct ferry_reader *r) =
  @   \valid(r) && \valid_read(r->at + (0 .. r->left - 1));
  @ predicate taken{A, B}(struct ferry_reader *r, integer n) =
  @   \at(r->at, B) == \at(r->at, A) + n && \at(r->left, B) == \at(r->left, A) - n;
  @ predicate onward{A, B}(struct ferry_reader *r) =
  @   \at(r->left, B) <= \at(r->left, A) &&
  @   \at(r->at, B) + \at(r->left, B) == \at(r->at, A) + \at(r->left, A);
  @ predicate writable{L}(struct ferry_writer *w) =
  @   \valid(w) && \valid(w->at + (0 .. w->left - 1)) &&
  @   \separated(w, w->at + (0 .. w->left - 1));
  @ predicate put{A, B}(struct ferry_writer *w, integer n) =
  @   \at(w->at, B) == \at(w->at, A) + n && \at(w->left, B) == \at(w->left, A) - n;
  @ predicate further{A, B}(struct ferry_writer *w) =
  @   \at(w->left, B) <= \at(w->left, A) &&
  @   \at(w->at, B) + \at(w->left, B) == \at(w->at, A) + \at(w->left, A) &&
  @   (\at(w->len + w->left, A) <= SIZE_MAX ==>
  @    \at(w->len + w->left, B) == \at(w->len + w->left, A));
  @ logic integer be2{L}(uint8_t *p) = (uint32_t)(p[0] << 8) | p[1];
  @ logic integer be3{L}(uint8_t *p) = (uint32_t)(be2(p) << 8) | p[2];
  @ logic integer be{L}(uint8_t *p, integer n) =
  @   n <= 0 ? 0 : n == 1 ? p[0] : n == 2 ? be2(p) : n == 3 ? be3(p) :
  @   (uint32_t)(be3(p) << 8) | p[3]; */

/* The next n bytes in place; NULL past the end. */
/*@ requires readable(r);
  @ terminates \true;
  @ assigns r->at, r->left, r->bad;
  @ ensures inside: readable(r);
  @ ensures onward: onward{Pre, Post}(r);
  @ ensures sticks: r->bad <==> \old(r->bad) || n > \old(r->left);
  @ ensures past: r->bad ==> \result == \null && taken{Pre, Post}(r, 0);
  @ ensures next: !r->bad ==> \result == \old(r->at) && taken{Pre, Post}(r, n); */
const uint8_t *ferry_take(struct ferry_reader *r, size_t n);

/* A big-endian number of n <= 4 bytes; 0 past the end. */
/*@ requires readable(r) && n <= 4;
  @ terminates \true;
  @ assigns r->at, r->left, r->bad;
  @ ensures inside: readable(r);
  @ ensures onward: onward{Pre, Post}(r);
  @ ensures sticks: r->bad <==> \old(r->bad) || n > \old(r->left);
  @ ensures past: r->bad ==> \result == 0 && taken{Pre, Post}(r, 0);
  @ ensures next: !r->bad ==> \result == be(\old(r->at), n) && taken{Pre, Post}(r, n);
  @ ensures one: !r->bad && n == 1 ==> \result == \old(r->at)[0]; */
uint32_t ferry_take_be(struct ferry_reader *r, unsigned n);

/*@ requires writable(w) && \valid_read((uint8_t *)p + (0 .. n - 1));
  @ requires \separated((uint8_t *)p + (0 .. n - 1), w->at + (0 .. w->left - 1));
  @ requires \separated((uint8_t *)p + (0 .. n - 1), w);
  @ terminates \true;
  @ assigns *w, w->at[0 .. w->left - 1];
  @ ensures inside: writable(w);
  @ ensures sticks: w->bad <==> \old(w->bad) || n > \old(w->left);
  @ ensures full: w->bad ==> w->len == \old(w->len) && put{Pre, Post}(w, 0);
  @ ensures next: !w->bad ==>
  @   w->len == (size_t)(\old(w->len) + n) && put{Pre, Post}(w, n);
  @ ensures further: further{Pre, Post}(w); */
void ferry_put(struct ferry_writer *w, const void *p, size_t n);

/* memcpy, as a call: compilers write short ones out, at twenty bytes each. */
/*@ requires \valid((uint8_t *)to + (0 .. n - 1));
  @ requires \valid_read((uint8_t *)from + (0 .. n - 1));
  @ requires \separated((uint8_t *)to + (0 .. n - 1), (uint8_t *)from + (0 .. n - 1));
  @ terminates \true;
  @ assigns ((uint8_t *)to)[0 .. n - 1];
  @ ensures \forall integer i; 0 <= i < n ==>
  @   ((uint8_t *)to)[i] == \old(((uint8_t *)from)[i]); */
void ferry_copy(void *to, const void *from, size_t n);

/* The same for a place known to be there. */
/*@ requires n <= 4 && \valid_read(p + (0 .. n - 1));
  @ terminates \true;
  @ assigns \nothing; */
uint32_t ferry_le(const uint8_t *p, unsigned n);
/*@ requires n <= 4 && \valid_read(p + (0 .. n - 1));
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result == be(p, n) && (n == 1 ==> \result == p[0]); */
uint32_t ferry_be(const uint8_t *p, unsigned n);
/*@ requires n <= 4 && \valid(p + (0 .. n - 1));
  @ terminates \true;
  @ assigns p[0 .. n - 1]; */
void ferry_set_le(uint8_t *p, uint32_t v, unsigned n);
/*@ requires n <= 4 && \valid(p + (0 .. n - 1));
  @ terminates \true;
  @ assigns p[0 .. n - 1]; */
void ferry_set_be(uint8_t *p, uint32_t v, unsigned n);

#endif
