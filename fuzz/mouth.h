/* SPDX-License-Identifier: Apache-2.0
 *
 * What an input makes a phone say to a device: one function a kind of word, from the
 * genuine to the meaningless. Does not hear (ear.h does), nor judge. */
#ifndef FERRY_FUZZ_MOUTH_H
#define FERRY_FUZZ_MOUTH_H

#include "words.h"

struct mouth {
    struct fuzz_input *in;
    struct peer *p;
    size_t piece;        /* longest that the link brings at once */
    bool damaged;        /* the next word is */
    uint32_t bytes;      /* brought so far */
    void (*after)(void); /* each of many words in one step; may be NULL */
};

void mouth_hello(struct mouth *m);
/* All pieces of its envelope, or, as if others had been heard, from one of them on. */
void mouth_offer(struct mouth *m, const struct cargo *c);
/* The truth: `n` chunks of the cargo, the first one counted from the window's. */
void mouth_run(struct mouth *m, const struct cargo *c, uint32_t first, uint32_t n);
/* The same of some chunks around the window. */
void mouth_chunks(struct mouth *m, const struct cargo *c);
/* A lie about what a chunk of the window holds. */
void mouth_forged_chunk(struct mouth *m);
/* A statement is asked for, with one of two nonces. */
void mouth_report(struct mouth *m);
void mouth_anything(struct mouth *m);
void mouth_sealed(struct mouth *m);
void mouth_raw(struct mouth *m);

#endif
