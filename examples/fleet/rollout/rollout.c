/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the table of rollout.h and when a stage has seen enough. */
#include "rollout.h"

#include <math.h>
#include <string.h>

#include "stats.h"

#define POWER_MISSED 0.1 /* of losses of the wanted size */
#define HELD_BACK_FOLD 5U

void rollout_usual(struct rollout *r)
{
    static const uint32_t percent[] = {2, 10, 50, 100};
    uint32_t held_back = COHORT_ALL;

    memset(r, 0, sizeof *r);
    r->stages = sizeof percent / sizeof *percent;
    for (unsigned i = 0; i < r->stages; i++) {
        struct rollout_stage *s = &r->stage[i];
        s->size.offered = percent[i] * (COHORT_ALL / 100);
        uint32_t left = COHORT_ALL - s->size.offered;
        uint32_t wanted = HELD_BACK_FOLD * s->size.offered;
        wanted = wanted < left ? wanted : left;
        held_back =
            wanted < held_back ? wanted : held_back; /* never more than before */
        s->size.held_back = held_back;
        s->dwell_h = 120;
        s->smallest_loss = 0.1;
    }
}

const char *rollout_bad(const struct rollout *r)
{
    const struct cohort_stage nothing = {0, COHORT_ALL};
    const struct cohort_stage *before = &nothing;

    if (r->stages == 0 || r->stages > ROLLOUT_STAGES_MAX) {
        return "no stages, or too many";
    }
    for (unsigned i = 0; i < r->stages; i++) {
        const struct rollout_stage *s = &r->stage[i];
        if (!cohort_stage_follows(before, &s->size)) {
            return "a stage offers to fewer than the one before, or holds back more";
        }
        if (s->size.offered == 0) {
            return "a stage that offers to nobody";
        }
        if (!(s->smallest_loss > 0 && s->smallest_loss <= 1)) {
            return "a smallest loss is not in 0..1";
        }
        before = &s->size;
    }
    return NULL;
}

static bool may(const struct rollout *r, enum rollout_act act)
{
    switch (act) {
    case ROLLOUT_ACT_OPEN:
        return r->state == ROLLOUT_DRAFT;
    case ROLLOUT_ACT_ADVANCE:
        return r->state == ROLLOUT_OPEN && r->at + 1 < r->stages;
    case ROLLOUT_ACT_FREEZE:
        return r->state == ROLLOUT_OPEN;
    case ROLLOUT_ACT_FINISH:
        return r->state == ROLLOUT_OPEN && r->at + 1 == r->stages;
    case ROLLOUT_ACT_RESUME:
        return r->state == ROLLOUT_FROZEN;
    case ROLLOUT_ACT_CANCEL:
        return r->state == ROLLOUT_DRAFT || r->state == ROLLOUT_OPEN ||
               r->state == ROLLOUT_FROZEN;
    case ROLLOUT_ACT_SUPERSEDE:
        return r->state == ROLLOUT_OPEN || r->state == ROLLOUT_FROZEN;
    }
    return false;
}

static enum rollout_state after(enum rollout_act act)
{
    switch (act) {
    case ROLLOUT_ACT_OPEN:
    case ROLLOUT_ACT_ADVANCE:
    case ROLLOUT_ACT_RESUME:
        return ROLLOUT_OPEN;
    case ROLLOUT_ACT_FREEZE:
        return ROLLOUT_FROZEN;
    case ROLLOUT_ACT_CANCEL:
        return ROLLOUT_CANCELLED;
    case ROLLOUT_ACT_SUPERSEDE:
        return ROLLOUT_SUPERSEDED;
    case ROLLOUT_ACT_FINISH:
        return ROLLOUT_DONE;
    }
    return ROLLOUT_CANCELLED;
}

bool rollout_do(struct rollout *r, enum rollout_act act, int32_t now)
{
    if (!may(r, act)) {
        return false;
    }
    if (act == ROLLOUT_ACT_ADVANCE) {
        r->at++;
    }
    if (act == ROLLOUT_ACT_ADVANCE || act == ROLLOUT_ACT_OPEN) {
        r->since = now;
    }
    r->state = after(act);
    return true;
}

bool rollout_offers(const struct rollout *r)
{
    return r->state == ROLLOUT_OPEN;
}

const char *rollout_state_name(enum rollout_state s)
{
    switch (s) {
    case ROLLOUT_DRAFT:
        return "draft";
    case ROLLOUT_OPEN:
        return "open";
    case ROLLOUT_FROZEN:
        return "frozen";
    case ROLLOUT_CANCELLED:
        return "cancelled";
    case ROLLOUT_SUPERSEDED:
        return "superseded";
    case ROLLOUT_DONE:
        return "done";
    }
    return "?";
}

/* ---- evidence -------------------------------------------------------------------- */

/* Of two shares, p and p (1 - loss), by the normal approximation (Fleiss, Statistical
 * Methods for Rates and Proportions, ch. 4): n = ((z_a + z_b)^2 (v1 + v2)) / (p loss)^2. */
static double units_needed(double p, double loss, double alpha)
{
    double z = stats_quantile(alpha) + stats_quantile(POWER_MISSED);
    double q = p * (1 - loss);
    double difference = p - q;

    return z * z * (p * (1 - p) + q * (1 - q)) / (difference * difference);
}

uint32_t rollout_units_needed(double p, double loss, double alpha)
{
    double n = ceil(units_needed(p, loss, alpha));

    return n < 1 ? 1 : n > 1e9 ? 1000000000 : (uint32_t)n;
}

/* What a loss needs falls as the loss grows, so halving finds it. */
double rollout_loss_seen(double p, uint32_t n, double alpha)
{
    double low = 0, high = 1;

    if (units_needed(p, 1, alpha) > n) {
        return 1;
    }
    for (int i = 0; i < 50; i++) {
        double middle = (low + high) / 2;
        if (units_needed(p, middle, alpha) > n) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return high;
}

enum rollout_gate rollout_gate(const struct rollout *r, int32_t now, double p,
                               double alpha, const struct rollout_evidence *facet,
                               unsigned facets, unsigned *waits_for, uint32_t *needed)
{
    const struct rollout_stage *s = &r->stage[r->at];
    double least = 1; /* of what is needed, the share that is there */
    enum rollout_gate gate = ROLLOUT_READY;

    *waits_for = facets;
    *needed = rollout_units_needed(p, s->smallest_loss, alpha);
    if (!rollout_offers(r)) {
        return ROLLOUT_NOT_OPEN;
    }
    for (unsigned i = 0; i < facets; i++) {
        if (facet[i].alarm) {
            *waits_for = i;
            return ROLLOUT_ALARMED;
        }
        double there = (double)facet[i].aged / *needed;
        if (!facet[i].waived && there < least && !r->urgent) {
            least = there;
            *waits_for = i;
            gate = ROLLOUT_EVIDENCE;
        }
    }
    if (now - r->since < (int32_t)s->dwell_h) {
        return ROLLOUT_DWELL;
    }
    if (gate == ROLLOUT_READY && r->at + 1 == r->stages) {
        return ROLLOUT_LAST;
    }
    return gate;
}
