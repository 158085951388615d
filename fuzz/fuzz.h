/* SPDX-License-Identifier: Apache-2.0
 *
 * What every fuzz target has: its entry point, a way to say that a property does not
 * hold, and an input that is taken apart from its front. A target is one file,
 * fuzz/NAME.c, with a line in targets.txt and inputs in corpus/NAME. */
#ifndef FERRY_FUZZ_H
#define FERRY_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The target's. Whatever the bytes are: returns 0, or ends the program because a property
 * does not hold. What it keeps from one call must not change the next. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* `sentence` says what should be so: it is all that a finding tells at first. */
#define expect(fact, sentence)                                                         \
    ((fact) ? (void)0 : fuzz_broken(sentence, #fact, __FILE__, __LINE__))
_Noreturn void fuzz_broken(const char *sentence, const char *fact, const char *file,
                           int line);

/* ---- an input as a script: past its end everything is 0 -------------------------- */

struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

uint8_t fuzz_byte(struct fuzz_input *in);
/* Little-endian, `n` bytes of 4 at the most. */
uint32_t fuzz_number(struct fuzz_input *in, unsigned n);
/* A number below `n`, out of one byte, or of two where `n` is above 256. */
uint32_t fuzz_below(struct fuzz_input *in, uint32_t n);
void fuzz_fill(struct fuzz_input *in, void *to, size_t len);
/* The next bytes, `len` of them or as many as there are, in a heap block of exactly their
 * length: a sanitizer sees one byte read too far. The caller frees it. */
uint8_t *fuzz_take(struct fuzz_input *in, size_t *len);
/* The same of bytes that are somewhere else. */
uint8_t *fuzz_copy(const void *bytes, size_t len);

#endif
