/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what must hold, and names those for which it does not. Does not know how they are
 * summed. */
#include "judge.h"

#include <stdio.h>

#define NAMED 5U /* devices of a miss */

static bool bricked(const struct life_result *r)
{
    return r->brick;
}

static bool stray(const struct life_result *r)
{
    return r->stray;
}

static bool late(const struct life_result *r)
{
    return r->days < 0;
}

static size_t count(const struct field *f, bool (*is)(const struct life_result *))
{
    size_t found = 0;

    for (size_t i = 0; i < f->n; i++) {
        found += is(&f->r[i]);
    }
    return found;
}

void judge_name(const struct field *f, size_t number)
{
    fprintf(stderr, "  bench-field --device %zu --seed %llu --image %u%s\n", number,
            (unsigned long long)f->seed, f->image_kib, f->resume ? "" : " --no-resume");
}

static void name_some(const struct field *f, bool (*is)(const struct life_result *))
{
    unsigned named = 0;

    for (size_t i = 0; i < f->n && named < NAMED; i++) {
        if (is(&f->r[i])) {
            judge_name(f, i + 1);
            named++;
        }
    }
}

/* At most so many devices may be like this. */
static unsigned demand(const struct field *f, bool (*is)(const struct life_result *),
                       size_t most, const char *what)
{
    size_t found = count(f, is);

    if (found <= most) {
        return 0;
    }
    fprintf(stderr,
            "bench-field: %zu of %zu devices %s (%zu may); to see some alone:\n", found,
            f->n, what, most);
    name_some(f, is);
    return 1;
}

unsigned judge_field(const struct field *f)
{
    unsigned misses = demand(f, bricked, 0, "are bricks") +
                      demand(f, stray, 0, "ended neither old nor new");

    if (f->resume) {
        misses += demand(f, late, 0, "were not updated within 30 days");
        misses += demand(f, sums_wasteful, (count(f, sums_calm) + 19) / 20,
                         "took more than 1.15 times the image");
    }
    return misses;
}
