/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry-fleet-sim's command line. */
#ifndef FERRY_FLEET_SIM_ARGS_H
#define FERRY_FLEET_SIM_ARGS_H

#include "sim.h"

#define JOBS_MAX 64
#define CURVE_MAX 2000 /* hours of a picture */

struct settings {
    struct sim_options o;
    uint32_t runs, jobs;
    bool json, quiet;
    const char *svg, *csv;
};

/* -1: go on; else an exit code, and why is said. */
int sim_args(struct settings *s, int argc, char **argv);

#endif
