/* SPDX-License-Identifier: Apache-2.0
 *
 * Processes that share a bench's jobs, and how far they are, on stderr. A job is a number;
 * what it found is a struct of the bench's own. Which process does which job depends on
 * their number alone, and what is found on neither. */
#ifndef FERRY_BENCH_CREW_H
#define FERRY_BENCH_CREW_H

#include <stdbool.h>
#include <stddef.h>

#define CREW_FINDING_MAX 1024U

struct crew_work {
    const char *who; /* the program that says how far it is */
    void *ctx;
    size_t n; /* jobs */
    /* Do job `i`; `finding` is all zero before. */
    void (*work)(void *ctx, size_t i, void *finding);
    /* What it takes, in any unit; NULL: all take the same. */
    double (*effort)(void *ctx, size_t i);
    void *findings; /* n of them are filled in */
    size_t finding_len;
};

/* False: a process did not do its work. */
bool crew_run(const struct crew_work *w, unsigned processes);
/* As many processes as there are processors; sixteen at most. */
unsigned crew_processors(void);

#endif
