/* SPDX-License-Identifier: Apache-2.0
 *
 * See stats.h for what each is, and where it comes from. */
#include "stats.h"

#include <math.h>

const double stats_thetas[STATS_THETAS] = {1.25, 1.5, 2, 4, 16};

double stats_tail(double z)
{
    return 0.5 * erfc(z / sqrt(2));
}

/* The tail falls all the way, so halving finds it to the last bit that counts. */
double stats_quantile(double p)
{
    double low = -40, high = 40;

    for (int i = 0; i < 80; i++) {
        double middle = (low + high) / 2;
        if (stats_tail(middle) > p) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return (low + high) / 2;
}

struct stats_ratio stats_relative(struct stats_share treated,
                                  struct stats_share control)
{
    struct stats_ratio r = {NAN, NAN, NAN, NAN, NAN};

    if (treated.n > 0) {
        r.p_t = (double)treated.alive / treated.n;
    }
    if (control.n > 0) {
        r.p_c = (double)control.alive / control.n;
    }
    if (treated.alive == 0 || control.alive == 0) {
        return r;
    }
    r.rs = r.p_t / r.p_c;
    double se = sqrt((1 - r.p_t) / treated.alive + (1 - r.p_c) / control.alive);
    r.low = r.rs * exp(-1.96 * se);
    r.high = r.rs * exp(1.96 * se);
    return r;
}

double stats_cmh(const struct stats_stratum *strata, size_t len)
{
    double more = 0, variance = 0;

    for (size_t i = 0; i < len; i++) {
        double n_t = strata[i].n_t, n_c = strata[i].n_c, n = n_t + n_c;
        double with = (double)strata[i].with_t + strata[i].with_c;
        if (n < 2) {
            continue;
        }
        more += strata[i].with_t - n_t * with / n;
        variance += n_t * n_c * with * (n - with) / (n * n * (n - 1));
    }
    return variance > 0 ? more / sqrt(variance) : 0;
}

void stats_e_add(struct stats_e *e, struct stats_stratum events)
{
    double at_risk = (double)events.n_t + events.n_c;
    double d = (double)events.with_t + events.with_c;

    if (at_risk == 0 || d == 0) {
        return;
    }
    double pi = events.n_t / at_risk;
    for (size_t i = 0; i < STATS_THETAS; i++) {
        e->ln[i] += events.with_t * log(stats_thetas[i]) -
                    d * log(1 - pi + pi * stats_thetas[i]);
    }
}

/* The logarithm of the mean, without leaving the range of a double. */
double stats_e_ln(const struct stats_e *e)
{
    double most = e->ln[0], sum = 0;

    for (size_t i = 1; i < STATS_THETAS; i++) {
        most = e->ln[i] > most ? e->ln[i] : most;
    }
    for (size_t i = 0; i < STATS_THETAS; i++) {
        sum += exp(e->ln[i] - most);
    }
    return most + log(sum / STATS_THETAS);
}

void stats_kaplan_meier(uint32_t n, const uint32_t *events, const uint32_t *leavers,
                        size_t len, struct stats_point *points)
{
    double s = 1, sum = 0, at_risk = n;

    for (size_t t = 0; t < len; t++) {
        double d = events[t];
        if (d > 0 && at_risk > 0) {
            s *= 1 - d / at_risk;
            sum += at_risk > d ? d / (at_risk * (at_risk - d)) : 0;
        }
        points[t] = (struct stats_point){(uint32_t)t, s, s * sqrt(sum)};
        at_risk -= d + leavers[t];
    }
}
