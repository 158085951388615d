/* SPDX-License-Identifier: Apache-2.0
 *
 * The statistics that fleet health stands on, as pure functions of counts. Knows nothing
 * of devices, hours or rollouts (health.h does). All probabilities are one-sided where a
 * side is meant: what is looked for is harm done by the treatment. */
#ifndef FERRY_FLEET_STATS_H
#define FERRY_FLEET_STATS_H

#include <stddef.h>
#include <stdint.h>

/* P(Z > z) of a standard normal, and the z that has it: 0 < p < 1. */
double stats_tail(double z);
double stats_quantile(double p);

/* Of n units, this many are alive. */
struct stats_share {
    uint32_t alive, n;
};

/* Relative survival p_T / p_C with its 95 % interval, by the delta method on the
 * logarithm (Katz and others, Biometrics 34, 1978): exp(ln RS +- 1.96 se),
 * se^2 = (1 - p_T) / (n_T p_T) + (1 - p_C) / (n_C p_C). */
struct stats_ratio {
    double p_t, p_c;
    double rs, low, high; /* NaN where a share is not known, or nobody is alive */
};
struct stats_ratio stats_relative(struct stats_share treated,
                                  struct stats_share control);

/* One stratum of a comparison: of n treated and n control units, so many have what is
 * counted. */
struct stats_stratum {
    uint32_t n_t, n_c;
    uint32_t with_t, with_c;
};

/* Cochran-Mantel-Haenszel (JNCI 22, 1959), without continuity correction: a z that is
 * large where the treated have it more often. 0 where nothing can be said. */
double stats_cmh(const struct stats_stratum *strata, size_t len);

/* The log-rank e-process of ter Schure and others (arXiv 2011.06931): under equal hazards
 * each event falls on a treated unit with probability pi = n_t / (n_t + n_c); an e-value
 * is the likelihood ratio of a hazard ratio theta against that, mixed over thetas. It may
 * be looked at at any time: P(ever >= 1/alpha) <= alpha. */
#define STATS_THETAS 5U
struct stats_e {
    double ln[STATS_THETAS]; /* begin with 0 */
};
extern const double stats_thetas[STATS_THETAS];

/* So many events at once, with these at risk before them. */
void stats_e_add(struct stats_e *e, struct stats_stratum events);
/* The mixture, as a logarithm. */
double stats_e_ln(const struct stats_e *e);

/* One point of a Kaplan-Meier curve: survival just behind time t, and the standard error
 * of it by Greenwood's formula. */
struct stats_point {
    uint32_t t;
    double s, se;
};

/* `events` and `leavers` by time, 0..len-1: units that died, and that left unharmed, at
 * that time; n units begin. Fills points[0..len-1]. */
void stats_kaplan_meier(uint32_t n, const uint32_t *events, const uint32_t *leavers,
                        size_t len, struct stats_point *points);

#endif
