/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows seeds, dice, and how long a storm still takes. Does not know what is in it. */
#include "storm.h"

#include <stdlib.h>
#include <time.h>

#define TELL_S 10.0

static double seconds(void)
{
    struct timespec t;

    (void)timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t asked_for(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text != NULL && *text != '\0' ? strtoull(text, NULL, 10) : otherwise;
}

void storm_begin(struct storm *s, const char *what, uint64_t usual)
{
    memset(s, 0, sizeof *s);
    s->what = what;
    s->steps = asked_for("FERRY_STEPS", usual);
    s->first_seed = (uint32_t)asked_for("FERRY_SEED", 1);
    s->seed = s->first_seed - 1;
    s->told = getenv("FERRY_STEPS") != NULL;
    s->began = s->said = seconds();
}

bool storm_lives(struct storm *s)
{
    s->seed++;
    s->rng = s->seed * 0x9E3779B97F4A7C15ULL + 1;
    return s->done < s->steps;
}

static void say(struct storm *s, double now)
{
    double rate = (double)s->done / (now - s->began);
    double left = (double)(s->steps - s->done) / rate;

    s->said = now;
    fprintf(stderr,
            "%s: %.1f of %.1f million steps, life %u, %.0f steps/s, %.0f s left\n",
            s->what, (double)s->done / 1e6, (double)s->steps / 1e6, (unsigned)s->seed,
            rate, left);
}

bool storm_step(struct storm *s)
{
    s->done++;
    if (s->told && s->done % 4096 == 0) {
        double now = seconds();
        if (now - s->said >= TELL_S) {
            say(s, now);
        }
    }
    return s->done < s->steps;
}

void storm_end(struct storm *s)
{
    double took = seconds() - s->began;

    print_message("%s: %llu steps, seeds %u to %u, %.0f steps/s\n", s->what,
                  (unsigned long long)s->done, (unsigned)s->first_seed,
                  (unsigned)(s->seed - 1), took > 0 ? (double)s->done / took : 0.0);
}

uint32_t storm_any(struct storm *s, uint32_t n)
{
    return rng_below(&s->rng, n);
}

bool storm_once_in(struct storm *s, uint32_t n)
{
    return storm_any(s, n) == 0;
}

void storm_fill(struct storm *s, uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)rng_next(&s->rng);
    }
}

void storm_expect(const struct storm *s, bool fact, const char *words, const char *file,
                  int line)
{
    if (!fact) {
        print_error("%s, seed %u, step %llu: not so: %s\n", s->what, (unsigned)s->seed,
                    (unsigned long long)s->done, words);
        _fail(file, line);
    }
}
