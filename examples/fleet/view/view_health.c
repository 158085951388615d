/* SPDX-License-Identifier: Apache-2.0
 *
 * Fleet health of one rollout in numbers: by the values of one facet, as of its last
 * tick. Knows how health's cells are told; what they mean is health.h's business. */
#include <stdlib.h>

#include "../model/exposure.h"
#include "../model/rollout_json.h"
#include "view_in.h"

/* What is asked, and what was found. */
struct asked {
    enum health_facet facet;
    int32_t h; /* the horizon */
    bool curves;
    struct rollout_row of;
    struct health health;
};

static json_t *tests(const struct health *h, unsigned cell)
{
    const struct health_cell *c = &h->cell[cell];

    return json_pack("{s{sfsb}s{sfsb}s{sfsb}}", "silence", "ln_e",
                     stats_e_ln(&c->silence), "alarm", c->alarm[HEALTH_SILENCE],
                     "activity", "z", c->z, "alarm", c->alarm[HEALTH_ACTIVITY],
                     "resets", "ln_e", stats_e_ln(&c->resets), "alarm",
                     c->alarm[HEALTH_RESETS]);
}

/* In the same order as rows: everybody first, then the facet's values by their numbers. */
static void name_rows(struct db *db, const struct health *h, int64_t no,
                      enum health_facet facet, json_t *rows)
{
    json_t *row = json_array_get(rows, 0);
    struct db_query *q =
        db_ask(db, "SELECT value, name FROM facet_values WHERE rollout = ? AND"
                   " facet = ? ORDER BY value");

    json_object_set_new(row, "value", json_null());
    json_object_set_new(row, "tests", tests(h, 0));
    db_int(q, 0, no);
    db_int(q, 1, facet);
    for (size_t i = 1; db_next(q); i++) {
        unsigned cell = health_cell_of(facet, (unsigned)db_get_int(q, 0));
        row = json_array_get(rows, i); /* NULL: it appeared since */
        json_object_set_new(row, "value", as_text(db_get_text(q, 1)));
        json_object_set_new(row, "tests", tests(h, cell));
    }
}

/* From all units. NULL: no memory, or the database failed. */
static json_t *count_rows(struct db *db, const struct asked *a)
{
    struct health_unit *units;
    size_t len;
    uint8_t values[HEALTH_FACETS];

    if (!exposure_load(db, a->of.no, &units, NULL, &len)) {
        return NULL;
    }
    exposure_values(db, a->of.no, values);
    json_t *rows = figures_rows(units, len, a->facet, values[a->facet], a->of.ticked,
                                a->h, a->curves);
    free(units);
    return rows;
}

/* What most people ask was counted by the last look; the rest is counted now. */
static json_t *rows_of(struct db *db, const struct asked *a)
{
    json_t *rows = NULL;

    if (a->facet == HEALTH_HW_REV && a->h == HEALTH_HORIZON_H) {
        rows = figures_kept_rows(db, a->of.no, a->curves);
    }
    return rows != NULL ? rows : count_rows(db, a);
}

/* Takes the rows. */
static json_t *tell(const struct asked *a, json_t *rows)
{
    const struct rollout_row *r = &a->of;
    const double *ln_e = a->health.ln_e_bound;

    return json_pack(
        "{sI ss si so si sb sf s{sfsfsf} so}", "rollout", (json_int_t)r->no, "facet",
        exposure_facet_name(a->facet), "h", (int)a->h, "at", as_hour(r->ticked), "hour",
        r->opened > 0 && r->ticked > r->opened ? (int)(r->ticked - r->opened) : 0,
        "measured", !r->plan.ladder.urgent, "alpha", r->plan.alpha, "bounds", "silence",
        ln_e[HEALTH_SILENCE], "activity", a->health.z_bound, "resets",
        ln_e[HEALTH_RESETS], "values", rows);
}

json_t *view_health(struct db *db, int64_t no, enum health_facet facet, int32_t h,
                    bool curves)
{
    struct asked *a = calloc(1, sizeof *a);
    json_t *rows = NULL, *told = NULL;

    if (a != NULL) {
        a->facet = facet;
        a->h = h;
        a->curves = curves;
        if (rollout_load(db, no, &a->of) && exposure_health(db, no, &a->health)) {
            rows = rows_of(db, a);
        }
    }
    if (rows != NULL) {
        name_rows(db, &a->health, no, facet, rows);
        told = tell(a, rows);
    }
    free(a);
    return view_end(db, told);
}
