/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows tables, and what of each is worth seeing. */
#include "paint_in.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "exposure_in.h"
#include "rollout.h"
#include "sim.h"

#define NOW_H (PAINT_NOW / 3600)
#define CLASS "7cd12f5a0b5e5a779e3b504c16e10f42"

/* ---- devices and what they say --------------------------------------------------- */

static void put_device(struct db *db, int64_t no, unsigned hw_rev, unsigned region)
{
    struct db_query *q =
        db_ask(db, "INSERT INTO devices (no, id, class, key, hw_rev, region, tags)"
                   " VALUES (?, ?, ?, ?, ?, ?, ?)");
    uint8_t id[16] = {0xa0}, key[32] = {0x11};

    id[14] = (uint8_t)(no >> 8);
    id[15] = (uint8_t)no;
    db_int(q, 0, no);
    db_blob(q, 1, id, sizeof id);
    db_blob(q, 2, paint_class, sizeof paint_class);
    db_blob(q, 3, key, sizeof key);
    db_int(q, 4, hw_rev);
    db_int(q, 5, region);
    db_int(q, 6, 5);
    db_do(q);
}

/* Four weeks of an evening visitor who is away in the second one. */
static void paint_hours(uint8_t hours[84])
{
    memset(hours, 0, 84);
    for (unsigned i = 0; i < 672; i++) {
        bool away = i > 300 && i < 420;
        bool heard = i % 24 < 2 || i % 24 == 14 || i * 7 % 31 == 3;
        if (i == 0 || (heard && !away)) {
            hours[i / 8] = (uint8_t)(hours[i / 8] | 1U << i % 8);
        }
    }
}

static void put_state(struct db *db, int64_t no, uint32_t runs, int32_t seen,
                      unsigned outcome, int64_t rollout, int64_t newest)
{
    struct db_query *q = db_ask(
        db,
        "INSERT INTO states (device, version, floor, grave, counter, heard_window, "
        "again,"
        " seen, hours, resets, outcome, outcome_version, attempts, updates,"
        " rollbacks, bad_signatures, transfers_bad, app, heard_at, rollout, newest)"
        " VALUES (?, ?, ?, ?, 812, 0, 0, ?, ?, 1, ?, ?, 0, 4, 1, 0, 2, ?, ?, ?, ?)");
    uint8_t hours[84];

    paint_hours(hours);
    db_int(q, 0, no);
    db_int(q, 1, runs);
    db_int(q, 2, 3);
    db_int(q, 3, outcome == 6 ? paint_version(2, 1, 0) : 0);
    db_int(q, 4, seen);
    db_blob(q, 5, hours, sizeof hours);
    db_int(q, 6, outcome);
    db_int(q, 7, outcome != 0 ? paint_version(2, 1, 0) : 0);
    db_text(q, 8, no == 3 ? PAINT_HOSTILE : "3.1.0");
    db_int(q, 9, (int64_t)seen * 3600 + 1200);
    db_int(q, 10, rollout);
    db_int(q, 11, newest);
    db_do(q);
}

/* ---- rollouts -------------------------------------------------------------------- */

struct plan {
    int64_t no;
    uint32_t version;
    enum rollout_state state;
    unsigned stage;
    int32_t opened, ticked;
    const char *body, *frozen;
    const struct health *health; /* NULL: it never ticked */
};

static void put_rollout(struct db *db, const struct plan *p)
{
    static uint8_t kept[KEPT_LEN];
    static const uint8_t salt[16] = {7};
    struct db_query *q = db_ask(
        db,
        "INSERT INTO rollouts (no, class, version, state, stage, since, opened, salt,"
        " supersedes, body, frozen, ticked, health)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)");

    db_int(q, 0, p->no);
    db_blob(q, 1, paint_class, sizeof paint_class);
    db_int(q, 2, p->version);
    db_int(q, 3, p->state);
    db_int(q, 4, p->stage);
    db_int(q, 5, p->opened);
    db_int(q, 6, p->opened);
    db_blob(q, 7, salt, sizeof salt);
    db_text(q, 8, p->body);
    db_text(q, 9, p->frozen);
    db_int(q, 10, p->ticked);
    if (p->health != NULL) {
        kept_write(p->health, kept);
        db_blob(q, 11, kept, sizeof kept);
    }
    db_do(q);
}

static void put_values(struct db *db, int64_t rollout)
{
    static const char *const name[HEALTH_FACETS][5] = {
        {"1", "2", "3", "4", NULL},
        {"1", "2", "7", "9", NULL},
        {"1.9.3", "2.0.0", "2.0.1", "2.0.7", NULL},
        {"3.0.2", "3.1.0", PAINT_HOSTILE, "4.0.0", "0.1"}};

    for (int f = 0; f < HEALTH_FACETS; f++) {
        for (int v = 0; v < 5 && name[f][v] != NULL; v++) {
            struct db_query *q = db_ask(db, "INSERT INTO facet_values (rollout, facet,"
                                            " value, name) VALUES (?, ?, ?, ?)");
            db_int(q, 0, rollout);
            db_int(q, 1, f);
            db_int(q, 2, v);
            db_text(q, 3, name[f][v]);
            db_do(q);
        }
    }
}

static void put_exposure(struct db *db, int64_t rollout, int64_t device,
                         const struct health_unit *u, int32_t opened)
{
    struct db_query *q = db_ask(
        db, "INSERT INTO exposures (rollout, device, treated, known, facets, silence,"
            " began, seen, told, quit, silent, reset, reset_counted, base, version)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)");
    int64_t facets = 0;

    for (unsigned f = 0; f < HEALTH_FACETS; f++) {
        facets |= (int64_t)u->value[f] << 8 * f;
    }
    db_int(q, 0, rollout);
    db_int(q, 1, device);
    db_int(q, 2, u->treated);
    db_int(q, 3, u->known);
    db_int(q, 4, facets);
    db_int(q, 5, u->silence_h);
    db_int(q, 6, u->began + opened);
    db_int(q, 7, u->seen + opened);
    db_int(q, 8, u->seen + opened);
    db_int(q, 9, u->left < 0 ? -1 : u->left + opened);
    db_int(q, 10, u->silent < 0 ? -1 : u->silent + opened);
    db_int(q, 11, u->reset);
    db_int(q, 12, u->reset_counted);
    db_do(q);
}

/* Devices from `first` on: those that were offered it run it, and most confirmed it. */
static void put_units(struct db *db, const struct sim *s, int64_t rollout,
                      int64_t first, int32_t opened)
{
    size_t len;
    const struct health_unit *u = sim_units(s, &len);

    for (size_t i = 0; i < len; i++) {
        int64_t no = first + (int64_t)i;
        bool odd = i % 23 == 0;
        if (u[i].began > NOW_H) {
            continue; /* it was never heard, so it was never offered anything */
        }
        put_device(db, no, u[i].value[HEALTH_HW_REV] + 1U, u[i].value[HEALTH_REGION]);
        put_exposure(db, rollout, no, &u[i], opened);
        put_state(db, no,
                  u[i].treated && !odd ? paint_version(2, 1, 0)
                                       : paint_version(2, 0, 0),
                  u[i].seen + opened, u[i].treated ? (odd ? 6 : 2) : 0, rollout,
                  no == 3 ? 9 : 0);
    }
}

static void shares_text(char *to, size_t cap, struct stats_ratio r, uint32_t n_t,
                        uint32_t n_c)
{
    snprintf(to, cap, "{\"n_t\": %u, \"p_t\": %.4f, \"n_c\": %u, \"p_c\": %.4f}",
             (unsigned)n_t, r.p_t, (unsigned)n_c, r.p_c);
}

static void frozen_text(char *to, size_t cap, const struct sim *s,
                        const struct sim_result *r, int32_t opened)
{
    char survival[120], active[120];
    struct stats_share t, c;
    size_t len;
    const struct health_unit *units = sim_units(s, &len);
    struct stats_ratio today = health_active(units, len, r->blamed, r->frozen, &t, &c);

    shares_text(active, sizeof active, today, t.n, c.n);
    shares_text(survival, sizeof survival, r->relative, r->of_treated.n,
                r->of_control.n);
    snprintf(
        to, cap,
        "{\"by\": \"ferryd\", \"at\": %ld, \"hour\": %d, \"tests\": [\"activity\"],"
        " \"blamed\": [{\"facet\": \"hw_rev\", \"value\": 3, \"name\": \"4\","
        " \"survival\": %s, \"active\": %s}]}",
        (long)(opened + r->frozen) * 3600, (int)r->frozen, survival, active);
}

static void paint_frozen(struct db *db)
{
    struct sim_options o = sim_usual();
    struct plan p = {.no = PAINT_FROZEN,
                     .version = paint_version(2, 1, 0),
                     .state = ROLLOUT_FROZEN,
                     .body = "{\"class\": \"" CLASS "\", \"version\": \"2.1.0\"}"};
    char frozen[600];

    o.treated = o.control = 1500;
    o.fault_revision = 3;
    struct sim *s = sim_new(&o);
    struct sim_result r = sim_run(s, 1, false);
    p.opened = NOW_H - 3 - r.frozen;
    p.ticked = p.opened + r.frozen;
    p.health = sim_health(s);
    p.frozen = frozen;
    frozen_text(frozen, sizeof frozen, s, &r, p.opened);
    put_rollout(db, &p);
    put_values(db, p.no);
    put_units(db, s, p.no, 1, p.opened);
    sim_free(s);
}

static void paint_open(struct db *db)
{
    struct sim_options o = sim_usual();
    struct plan p = {.no = PAINT_OPEN,
                     .version = paint_version(3, 0, 1),
                     .state = ROLLOUT_OPEN,
                     .body = "{\"class\": \"" CLASS "\", \"version\": \"3.0.1\"}"};

    o.treated = o.control = 600;
    o.hours = 100;
    struct sim *s = sim_new(&o);
    (void)sim_run(s, 2, true);
    p.opened = NOW_H - o.hours;
    p.ticked = NOW_H - 1;
    p.stage = 1;
    p.health = sim_health(s);
    put_rollout(db, &p);
    put_values(db, p.no);
    put_units(db, s, p.no, 10001, p.opened);
    sim_free(s);
}

static void paint_others(struct db *db)
{
    const struct plan others[] = {
        {.no = PAINT_DONE,
         .version = paint_version(2, 0, 0),
         .state = ROLLOUT_DONE,
         .stage = 3,
         .opened = NOW_H - 900,
         .ticked = NOW_H - 1,
         .body = "{\"class\": \"" CLASS "\", \"version\": \"2.0.0\"}"},
        {.no = PAINT_URGENT,
         .version = paint_version(2, 0, 9),
         .state = ROLLOUT_OPEN,
         .opened = NOW_H - 20,
         .ticked = NOW_H - 1,
         .body = "{\"class\": \"" CLASS "\", \"version\": \"2.0.9\", \"urgent\": true,"
                 " \"stages\": [{\"percent\": 100, \"held_back\": 0, \"dwell_h\": 24,"
                 " \"smallest_loss\": 0.1}]}"},
        {.no = PAINT_DRAFT,
         .version = paint_version(4, 0, 0),
         .state = ROLLOUT_DRAFT,
         .body = "{\"class\": \"" CLASS "\", \"version\": \"4.0.0\"}"}};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        put_rollout(db, &others[i]);
    }
}

bool paint_fleet(struct db *db)
{
    if (!db_begin(db)) {
        return false;
    }
    paint_others(db);
    paint_frozen(db);
    paint_open(db);
    paint_streams(db);
    return db_commit(db);
}
