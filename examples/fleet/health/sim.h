/* SPDX-License-Identifier: Apache-2.0
 *
 * A rollout under simulated phones: units are heard as often as their people's phones
 * come by, some are away, some are lost, and one hardware revision may die of the
 * release. Knows how contacts come about; health.h judges them and cannot tell the
 * difference. */
#ifndef FERRY_FLEET_SIM_H
#define FERRY_FLEET_SIM_H

#include "health.h"

#define SIM_KINDS 3U
#define SIM_REVISIONS 4U /* equally many units of each */

struct sim_options {
    uint64_t seed;
    uint32_t treated, control;   /* units */
    double share[SIM_KINDS];     /* of all units; the last kind takes what is left */
    double rate[SIM_KINDS];      /* contacts a day, median of a log-normal */
    double sigma;                /* of that logarithm */
    double diurnal;              /* 0..1: how much more by day than by night */
    double weekend;              /* times the rate on two days of seven */
    double away_every_d, away_d; /* mean days between absences, and of one */
    double loss_d;               /* probability a day to be lost for other reasons */
    double install;              /* probability that a contact installs */
    double prompt;               /* times the rate for so many hours after an install */
    int32_t prompt_h;
    int fault_revision;             /* 0..3, or -1: the release is sound */
    double fault_share;             /* of that revision's units that die of it */
    double fault_h, fault_spread_h; /* hours after the install: normal */
    double reset_d;                 /* abnormal resets a day of a sound unit */
    bool crash_loop;                /* the faulty do not die: they reset, and go on */
    int32_t hours;                  /* the rollout is watched for so long */
    double alpha;
};

/* As docs/FLEET.md describes them: 20,000 units in each arm, no fault. */
struct sim_options sim_usual(void);

struct sim_result {
    int32_t frozen;        /* hour after opening, -1: never */
    unsigned blamed;       /* cell; HEALTH_CELLS: none */
    bool by[HEALTH_TESTS]; /* which tests had alarmed */
    int32_t naive; /* hour at which "percent online, by hardware revision" alarms */
    struct stats_ratio
        relative; /* of the blamed cell when it was frozen, else of all */
    struct stats_share of_treated, of_control;
};

struct sim; /* the memory of one run */
struct sim *sim_new(const struct sim_options *o);
void sim_free(struct sim *s);

/* `heard` is told of every contact of the runs that follow, those of the four weeks before
 * included: what telemetry would hold. */
void sim_listen(struct sim *s,
                void (*heard)(void *ctx, size_t unit, int32_t hour, bool reset),
                void *ctx);

/* One rollout, to its freeze or its end. With `go_on`, to its end in any case. */
struct sim_result sim_run(struct sim *s, uint64_t seed, bool go_on);

/* The units as the last run left them, for pictures. */
const struct health_unit *sim_units(const struct sim *s, size_t *len);
const struct health *sim_health(const struct sim *s);

#endif
