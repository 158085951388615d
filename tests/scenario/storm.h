/* SPDX-License-Identifier: Apache-2.0
 *
 * A storm: a long random sequence of steps, cut into lives. Each life has a seed of its
 * own, which is told when it fails. FERRY_STEPS=n in the environment makes it n steps
 * long, and then it says now and then how far it is; FERRY_SEED=n begins at that life. */
#ifndef FERRY_STORM_H
#define FERRY_STORM_H

#include "scene.h"

struct storm {
    const char *what;
    uint64_t rng;
    uint64_t steps, done;
    uint32_t seed; /* of this life */
    uint32_t first_seed;
    bool told; /* it is long: say how far it is */
    double began, said;
};

/* `usual`: steps where nobody asks for more. */
void storm_begin(struct storm *s, const char *what, uint64_t usual);
/* Is there another life? Then its seed is set, and the dice with it. */
bool storm_lives(struct storm *s);
/* One step more; false: that was the last one. */
bool storm_step(struct storm *s);
/* Say what it was. */
void storm_end(struct storm *s);

/* Below `n`; and true once in `n` times. */
uint32_t storm_any(struct storm *s, uint32_t n);
bool storm_once_in(struct storm *s, uint32_t n);
void storm_fill(struct storm *s, uint8_t *bytes, size_t len);

/* A fact about this step: seed and step are told if it does not hold. */
#define storm_true(s, fact) storm_expect(s, fact, #fact, __FILE__, __LINE__)
void storm_expect(const struct storm *s, bool fact, const char *words, const char *file,
                  int line);

#endif
