/* SPDX-License-Identifier: Apache-2.0
 *
 * What the proofs assume of the C library: the standard's words for runs of bytes. For
 * Frama-C alone; no program is built with it. */
#ifndef FERRY_PROVE_STRING_H
#define FERRY_PROVE_STRING_H

#include <stddef.h>
#include <stdint.h>

/*@ requires \valid((uint8_t *)to + (0 .. n - 1));
  @ requires \valid_read((uint8_t *)from + (0 .. n - 1));
  @ requires \separated((uint8_t *)to + (0 .. n - 1), (uint8_t *)from + (0 .. n - 1));
  @ terminates \true;
  @ assigns ((uint8_t *)to)[0 .. n - 1] \from ((uint8_t *)from)[0 .. n - 1];
  @ assigns \result \from to;
  @ ensures \result == to;
  @ ensures \forall integer i; 0 <= i < n ==>
  @   ((uint8_t *)to)[i] == \old(((uint8_t *)from)[i]); */
void *memcpy(void *to, const void *from, size_t n);

/*@ requires \valid((uint8_t *)at + (0 .. n - 1));
  @ terminates \true;
  @ assigns ((uint8_t *)at)[0 .. n - 1];
  @ assigns \result \from at;
  @ ensures \result == at;
  @ ensures \forall integer i; 0 <= i < n ==> ((uint8_t *)at)[i] == (uint8_t)byte; */
void *memset(void *at, int byte, size_t n);

/*@ requires \valid_read((uint8_t *)a + (0 .. n - 1));
  @ requires \valid_read((uint8_t *)b + (0 .. n - 1));
  @ terminates \true;
  @ assigns \result \from ((uint8_t *)a)[0 .. n - 1], ((uint8_t *)b)[0 .. n - 1];
  @ ensures \result == 0 <==> (\forall integer i; 0 <= i < n ==>
  @   ((uint8_t *)a)[i] == ((uint8_t *)b)[i]); */
int memcmp(const void *a, const void *b, size_t n);

#endif
