/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what is counted in an hour, and which bound each test has. Three tests share the
 * budget of false alarms; each divides its part by the cells of the fleet. */
#include "health_in.h"

#include <math.h>
#include <string.h>

#define LOOKS_A_DAY 24U

/* Shares of the budget. Silence and resets are bounded at any time by their e-processes;
 * the looks at the activity on its d-th day share 6 / (pi d)^2 of its part, which adds up
 * to 1 over all days; look by look it would be spent on the first ones, when nobody can
 * have died yet. */
static const double budget[HEALTH_TESTS] = {0.4, 0.4, 0.2};

/* Units of one stratum are silent about as often; the bounds are hours of threshold. */
static unsigned stratum_of(uint16_t silence_h)
{
    static const uint16_t up_to[HEALTH_STRATA - 1] = {24, 48, 96, 168, 335};
    unsigned s = 0;

    while (s < HEALTH_STRATA - 1 && silence_h > up_to[s]) {
        s++;
    }
    return s;
}

unsigned health_cell_of(enum health_facet facet, unsigned value)
{
    unsigned last = HEALTH_VALUES_MAX - 1;

    return 1 + (unsigned)facet * HEALTH_VALUES_MAX + (value < last ? value : last);
}

void health_set_up(struct health *h, double alpha, const uint8_t values[HEALTH_FACETS])
{
    memset(h, 0, sizeof *h);
    h->alpha = alpha;
    h->cells_len = 1;
    for (unsigned f = 0; f < HEALTH_FACETS; f++) {
        h->values[f] = values[f] < HEALTH_VALUES_MAX ? values[f] : HEALTH_VALUES_MAX;
        h->cells_len += h->values[f] > 1 ? h->values[f] : 0; /* one value: everybody */
    }
    for (unsigned t = 0; t < HEALTH_TESTS; t++) {
        h->ln_e_bound[t] = log(h->cells_len / (alpha * budget[t]));
    }
}

void health_values(struct health *h, const uint8_t values[HEALTH_FACETS])
{
    memcpy(h->values, values, sizeof h->values);
}

void health_accept(struct health *h)
{
    for (unsigned c = 0; c < HEALTH_CELLS; c++) {
        memcpy(h->cell[c].accepted, h->cell[c].alarm, sizeof h->cell[c].accepted);
    }
}

uint16_t health_silence(uint32_t longest_gap_h, uint32_t gaps)
{
    uint32_t h = longest_gap_h + longest_gap_h / 4;

    if (gaps < HEALTH_GAPS_MIN || h > HEALTH_SILENCE_MAX_H) {
        return HEALTH_SILENCE_MAX_H;
    }
    return h < HEALTH_SILENCE_MIN_H ? HEALTH_SILENCE_MIN_H : (uint16_t)h;
}

/* ---- an hour --------------------------------------------------------------------- */

/* What one hour adds to a cell. */
struct hour {
    struct stats_stratum silence[HEALTH_STRATA], active[HEALTH_STRATA], resets;
};

static void count(struct stats_stratum *s, bool treated, bool with)
{
    if (treated) {
        s->n_t++;
        s->with_t += with;
    } else {
        s->n_c++;
        s->with_c += with;
    }
}

/* What a unit does in an hour. */
struct act {
    bool at_risk, silent; /* of a first silence */
    bool asked, inactive; /* in the activity test */
    bool reported, reset; /* of abnormal resets: only who is heard can tell */
    unsigned stratum;
};

static struct act act_of(struct health_unit *u, int32_t now)
{
    struct act a = {.stratum = stratum_of(u->silence_h)};

    if (!is_here(u, now)) {
        return a;
    }
    a.at_risk = u->silent < 0;
    a.silent = a.at_risk && now - u->seen > u->silence_h;
    if (a.silent) {
        u->silent = now;
    }
    a.asked = is_asked(u, now);
    a.inactive = is_inactive(u, now);
    a.reported = u->told == now && !u->reset_counted;
    a.reset = a.reported && u->reset;
    u->reset_counted = u->reset_counted || a.reset;
    return a;
}

static void add(struct hour *h, const struct act *a, bool treated)
{
    if (a->at_risk) {
        count(&h->silence[a->stratum], treated, a->silent);
    }
    if (a->asked) {
        count(&h->active[a->stratum], treated, a->inactive);
    }
    if (a->reported) {
        count(&h->resets, treated, a->reset);
    }
}

static void judge(struct health *h, struct health_cell *cell, const struct hour *hour)
{
    for (unsigned s = 0; s < HEALTH_STRATA; s++) {
        stats_e_add(&cell->silence, hour->silence[s]);
    }
    stats_e_add(&cell->resets, hour->resets);
    memcpy(cell->active, hour->active, sizeof cell->active);
    cell->z = stats_cmh(cell->active, HEALTH_STRATA);
    cell->alarm[HEALTH_SILENCE] |=
        stats_e_ln(&cell->silence) >= h->ln_e_bound[HEALTH_SILENCE];
    cell->alarm[HEALTH_RESETS] |=
        stats_e_ln(&cell->resets) >= h->ln_e_bound[HEALTH_RESETS];
    cell->alarm[HEALTH_ACTIVITY] = h->looks > 0 && cell->z >= h->z_bound;
}

/* Is there anything to look at yet? Looks before that spend nothing. */
static bool anybody_asked(const struct hour *everybody)
{
    for (unsigned s = 0; s < HEALTH_STRATA; s++) {
        if (everybody->active[s].n_t > 0 && everybody->active[s].n_c > 0) {
            return true;
        }
    }
    return false;
}

static void spend(struct health *h)
{
    const double pi = 3.14159265358979323846;

    uint32_t full = h->looks++ / LOOKS_A_DAY; /* days of looks before this one */
    double day = full + 1.0;
    double alpha = h->alpha * budget[HEALTH_ACTIVITY] * 6 / (pi * pi * day * day);
    h->z_bound = stats_quantile(alpha / LOOKS_A_DAY / h->cells_len);
}

/* Does this cell stand for something that not everybody is? */
static bool is_cell(const struct health *h, unsigned cell)
{
    if (cell == 0) {
        return true;
    }
    unsigned values = h->values[(cell - 1) / HEALTH_VALUES_MAX];
    return values > 1 && (cell - 1) % HEALTH_VALUES_MAX < values;
}

/* Something that nobody has accepted. */
static bool alarms(const struct health_cell *cell)
{
    for (unsigned t = 0; t < HEALTH_TESTS; t++) {
        if (cell->alarm[t] && !cell->accepted[t]) {
            return true;
        }
    }
    return false;
}

bool health_tick(struct health *h, struct health_unit *units, size_t len, int32_t now)
{
    struct hour hour[HEALTH_CELLS];
    bool alarm = false;

    memset(hour, 0, sizeof hour);
    for (size_t i = 0; i < len; i++) {
        struct act a = act_of(&units[i], now);
        if (!a.at_risk && !a.asked && !a.reported) {
            continue;
        }
        add(&hour[0], &a, units[i].treated);
        for (unsigned f = 0; f < HEALTH_FACETS; f++) {
            add(&hour[health_cell_of((enum health_facet)f, units[i].value[f])], &a,
                units[i].treated);
        }
    }
    if (anybody_asked(&hour[0])) {
        spend(h);
    }
    for (unsigned c = 0; c < HEALTH_CELLS; c++) {
        if (is_cell(h, c)) {
            judge(h, &h->cell[c], &hour[c]);
            alarm |= alarms(&h->cell[c]);
        }
    }
    h->now = now;
    return alarm;
}

/* ---- who is to blame ------------------------------------------------------------- */

static bool in_any(const struct health_unit *u, const unsigned *cells, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (in_cell(u, cells[i])) {
            return true;
        }
    }
    return false;
}

/* A cell's evidence without the units of some others, from the units as they are: silence
 * by its strata as a whole, since hour by hour it is not kept apart. */
struct evidence {
    struct stats_stratum active[HEALTH_STRATA], silence[HEALTH_STRATA], resets;
};

static void weigh(const struct health *h, const struct health_unit *units, size_t len,
                  unsigned cell, const unsigned *without, unsigned without_len,
                  struct evidence *e)
{
    memset(e, 0, sizeof *e);
    for (size_t i = 0; i < len; i++) {
        const struct health_unit *u = &units[i];
        if (!is_here(u, h->now) || !in_cell(u, cell) ||
            in_any(u, without, without_len)) {
            continue;
        }
        unsigned s = stratum_of(u->silence_h);
        count(&e->silence[s], u->treated, u->silent >= 0);
        count(&e->resets, u->treated, u->reset_counted);
        if (is_asked(u, h->now)) {
            count(&e->active[s], u->treated, is_inactive(u, h->now));
        }
    }
}

/* How much worse the treated are, as a z: the worst of the three. */
static double evidence_z(const struct evidence *e)
{
    double active = stats_cmh(e->active, HEALTH_STRATA);
    double silence = stats_cmh(e->silence, HEALTH_STRATA);
    double resets = stats_cmh(&e->resets, 1);
    double z = active > silence ? active : silence;

    return z > resets ? z : resets;
}

/* The share of treated units that are well against that of control units: the lower,
 * the worse. By whichever of the three speaks loudest. */
static double relative(const struct evidence *e)
{
    const struct stats_stratum *of[] = {e->active, e->silence, &e->resets};
    const unsigned len[] = {HEALTH_STRATA, HEALTH_STRATA, 1};
    double lowest = INFINITY;

    for (unsigned t = 0; t < 3; t++) {
        double well_t = 0, well_c = 0, n_t = 0, n_c = 0;
        for (unsigned s = 0; s < len[t]; s++) {
            n_t += of[t][s].n_t;
            n_c += of[t][s].n_c;
            well_t += of[t][s].n_t - of[t][s].with_t;
            well_c += of[t][s].n_c - of[t][s].with_c;
        }
        if (n_t > 0 && n_c > 0 && well_c > 0) {
            double r = well_t / n_t / (well_c / n_c);
            lowest = r < lowest ? r : lowest;
        }
    }
    return lowest;
}

/* The z at which a cell stands out, once something alarms: one of so many. */
static double standing_out(const struct health *h)
{
    return stats_quantile(h->alpha / h->cells_len);
}

/* The worst cell, of those that alarmed and, without the units of those that are blamed
 * already, still would. `unheard`: or of those that no alarm has named, but that stand
 * out. HEALTH_CELLS: none. */
static unsigned worst(const struct health *h, const struct health_unit *units,
                      size_t len, const unsigned *blamed, unsigned n, bool unheard)
{
    unsigned found = HEALTH_CELLS;
    double lowest = INFINITY, bound = standing_out(h);

    for (unsigned c = 1; c < HEALTH_CELLS; c++) {
        struct evidence e;
        if (!is_cell(h, c) || (!unheard && !alarms(&h->cell[c]))) {
            continue;
        }
        weigh(h, units, len, c, blamed, n, &e);
        double r = relative(&e);
        bool enough = (n == 0 && !unheard) || evidence_z(&e) >= bound;
        if (r < lowest && enough) {
            lowest = r;
            found = c;
        }
    }
    return found;
}

/* Everybody taken together can alarm an hour or two before the value that it is all about:
 * that one stands out, and without it there is nothing left. 0: no value does. */
static unsigned behind_everybody(const struct health *h,
                                 const struct health_unit *units, size_t len)
{
    unsigned c = worst(h, units, len, NULL, 0, true);
    struct evidence rest;

    if (c == HEALTH_CELLS) {
        return 0;
    }
    weigh(h, units, len, 0, &c, 1, &rest);
    return evidence_z(&rest) < standing_out(h) ? c : 0;
}

unsigned health_blame(const struct health *h, const struct health_unit *units,
                      size_t len, unsigned *cells, unsigned max)
{
    unsigned n = 0;

    while (n < max) {
        unsigned c = worst(h, units, len, cells, n, false);
        if (c == HEALTH_CELLS) {
            break;
        }
        cells[n++] = c;
    }
    if (n == 0 && max > 0 && alarms(&h->cell[0])) {
        cells[n++] = behind_everybody(h, units, len);
    }
    return n;
}
