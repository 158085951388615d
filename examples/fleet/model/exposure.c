/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of `exposures`, and what the numbers of their facets stand for. */
#include "exposure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exposure_in.h"
#include "text.h"

#define PHONE_MAX 32U /* bytes of what a phone calls its application's version */

/* ---- facets ---------------------------------------------------------------------- */

static const char *const facet_names[HEALTH_FACETS] = {"hw_rev", "region", "from",
                                                       "phone"};

const char *exposure_facet_name(enum health_facet facet)
{
    return facet_names[facet];
}

bool exposure_facet_named(const char *name, enum health_facet *facet)
{
    for (unsigned f = 0; f < HEALTH_FACETS; f++) {
        if (strcmp(facet_names[f], name) == 0) {
            *facet = (enum health_facet)f;
            return true;
        }
    }
    return false;
}

static unsigned values_of(struct db *db, int64_t rollout, unsigned facet)
{
    struct db_query *q =
        db_ask(db, "SELECT COUNT(*) FROM facet_values WHERE rollout = ? AND facet = ?");

    db_int(q, 0, rollout);
    db_int(q, 1, facet);
    unsigned n = db_next(q) ? (unsigned)db_get_int(q, 0) : 0;
    db_done(q);
    return n;
}

void exposure_values(struct db *db, int64_t rollout, uint8_t values[HEALTH_FACETS])
{
    for (unsigned f = 0; f < HEALTH_FACETS; f++) {
        values[f] = (uint8_t)values_of(db, rollout, f);
    }
}

void exposure_value_name(struct db *db, int64_t rollout, enum health_facet facet,
                         unsigned value, char *to, size_t cap)
{
    struct db_query *q = db_ask(db, "SELECT name FROM facet_values WHERE rollout = ?"
                                    " AND facet = ? AND value = ?");

    db_int(q, 0, rollout);
    db_int(q, 1, facet);
    db_int(q, 2, value);
    snprintf(to, cap, "%s", db_next(q) ? db_get_text(q, 0) : "");
    db_done(q);
}

/* The number of the value with this name, or -1. */
static int value_named(struct db *db, int64_t rollout, unsigned facet, const char *name)
{
    struct db_query *q = db_ask(db, "SELECT value FROM facet_values WHERE rollout = ?"
                                    " AND facet = ? AND name = ? ORDER BY value");

    db_int(q, 0, rollout);
    db_int(q, 1, facet);
    db_text(q, 2, name);
    int value = db_next(q) ? (int)db_get_int(q, 0) : -1;
    db_done(q);
    return value;
}

static void name_value(struct db *db, int64_t rollout, unsigned facet, unsigned value,
                       const char *name)
{
    struct db_query *q = db_ask(
        db, "INSERT INTO facet_values (rollout, facet, value, name) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (rollout, facet, value) DO UPDATE SET name = excluded.name");

    db_int(q, 0, rollout);
    db_int(q, 1, facet);
    db_int(q, 2, value);
    db_text(q, 3, name);
    db_do(q);
}

/* Numbered in the order in which they appear; what comes when all numbers are taken shares
 * the last one. */
static uint8_t value_of(struct db *db, int64_t rollout, unsigned facet,
                        const char *name)
{
    int value = value_named(db, rollout, facet, name);

    if (value >= 0) {
        return (uint8_t)value;
    }
    unsigned n = values_of(db, rollout, facet);
    if (n < HEALTH_VALUES_MAX) {
        name_value(db, rollout, facet, n, name);
        return (uint8_t)n;
    }
    name_value(db, rollout, facet, n - 1, "others");
    return (uint8_t)(n - 1);
}

static int64_t facets_of(struct db *db, int64_t rollout, const struct state *s,
                         const char *app)
{
    char hw_rev[12], region[12], from[VERSION_TEXT];
    const char *phone = strlen(app) <= PHONE_MAX ? app : "?";
    const char *const names[HEALTH_FACETS] = {hw_rev, region, from, phone};
    int64_t facets = 0;

    snprintf(hw_rev, sizeof hw_rev, "%u", (unsigned)s->is.hw_rev);
    snprintf(region, sizeof region, "%u", (unsigned)s->is.region);
    text_of_version(s->is.version, from);
    for (unsigned f = 0; f < HEALTH_FACETS; f++) {
        facets |= (int64_t)value_of(db, rollout, f, names[f]) << 8 * f;
    }
    return facets;
}

static void unpack(int64_t facets, uint8_t value[HEALTH_FACETS])
{
    for (unsigned f = 0; f < HEALTH_FACETS; f++) {
        value[f] = (uint8_t)(facets >> 8 * f);
    }
}

/* ---- a life ---------------------------------------------------------------------- */

void exposure_open(struct db *db, int64_t rollout, struct state *s, bool treated,
                   const char *app, int32_t now_h)
{
    uint32_t longest;
    uint32_t gaps = life_gaps(&s->life, now_h, &longest);

    exposure_close(db, s, now_h);
    int64_t facets = facets_of(db, rollout, s, app);
    struct db_query *q = db_ask(
        db, "INSERT INTO exposures (rollout, device, treated, known, facets, silence,"
            " began, seen, told, base, version, quit, silent, reset, reset_counted)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, -1, -1, 0, 0)");
    db_int(q, 0, rollout);
    db_int(q, 1, s->no);
    db_int(q, 2, treated);
    db_int(q, 3, gaps >= HEALTH_GAPS_MIN);
    db_int(q, 4, facets);
    db_int(q, 5, health_silence(longest, gaps));
    db_int(q, 6, now_h);
    db_int(q, 7, now_h);
    db_int(q, 8, now_h);
    db_int(q, 9, s->resets);
    db_int(q, 10, s->is.version);
    db_do(q);
    s->rollout = rollout;
}

void exposure_close(struct db *db, struct state *s, int32_t now_h)
{
    struct db_query *q =
        db_ask(db, "UPDATE exposures SET quit = ? WHERE rollout = ? AND device = ?");

    if (s->rollout != 0) {
        db_int(q, 0, now_h);
        db_int(q, 1, s->rollout);
        db_int(q, 2, s->no);
        db_do(q);
        s->rollout = 0;
    }
}

bool exposure_of(struct db *db, int64_t rollout, int64_t device, struct exposure_arm *a)
{
    struct db_query *q = db_ask(db, "SELECT treated, quit, facets FROM exposures"
                                    " WHERE rollout = ? AND device = ?");

    db_int(q, 0, rollout);
    db_int(q, 1, device);
    if (!db_next(q)) {
        return false;
    }
    a->treated = db_get_int(q, 0) != 0;
    a->open = db_get_int(q, 1) < 0;
    unpack(db_get_int(q, 2), a->value);
    db_done(q);
    return true;
}

/* ---- resets ---------------------------------------------------------------------- */

struct resets {
    bool reset; /* there was an abnormal one since it began */
    uint32_t base, version;
};

/* By its newest word, whichever statement has come now. Since the confirm of another
 * version a device counts anew; after going back to an older one, what that one had is
 * old. A count that fell is a lost journal's. */
static void hear_resets(struct resets *r, const struct state *s, uint32_t of_rollout)
{
    if (s->is.version != r->version) {
        r->base = s->is.version > r->version ? 0 : s->resets;
        r->version = s->is.version;
    }
    r->base = s->resets < r->base ? s->resets : r->base;
    bool fell_back = (s->outcome == FERRY_OUTCOME_FAULTS ||
                      s->outcome == FERRY_OUTCOME_CRASH_LOOP) &&
                     s->outcome_version == of_rollout;
    r->reset = r->reset || s->resets > r->base || fell_back;
}

void exposure_hear(struct db *db, const struct state *s, int32_t seen, int32_t told)
{
    struct db_query *q =
        db_ask(db, "SELECT reset, base, exposures.version, seen, told, rollouts.version"
                   " FROM exposures JOIN rollouts ON no = rollout"
                   " WHERE rollout = ? AND device = ?");

    db_int(q, 0, s->rollout);
    db_int(q, 1, s->no);
    if (!db_next(q)) {
        return;
    }
    struct resets r = {db_get_int(q, 0) != 0, (uint32_t)db_get_int(q, 1),
                       (uint32_t)db_get_int(q, 2)};
    int64_t was_seen = db_get_int(q, 3), was_told = db_get_int(q, 4);
    uint32_t of_rollout = (uint32_t)db_get_int(q, 5);
    db_done(q);
    hear_resets(&r, s, of_rollout);
    q = db_ask(db, "UPDATE exposures SET reset = ?, base = ?, version = ?, seen = ?,"
                   " told = ? WHERE rollout = ? AND device = ?");
    db_int(q, 0, r.reset);
    db_int(q, 1, r.base);
    db_int(q, 2, r.version);
    db_int(q, 3, seen > was_seen ? seen : was_seen);
    db_int(q, 4, told > was_told ? told : was_told);
    db_int(q, 5, s->rollout);
    db_int(q, 6, s->no);
    db_do(q);
}

/* ---- all of a rollout ------------------------------------------------------------ */

struct list {
    struct health_unit *units;
    int64_t *devices;
    size_t len, cap;
};

static bool more(struct list *l, bool with_devices)
{
    if (l->len < l->cap) {
        return true;
    }
    size_t cap = l->cap == 0 ? 1024 : 2 * l->cap;
    struct health_unit *units = realloc(l->units, cap * sizeof *units);
    if (units == NULL) {
        return false;
    }
    l->units = units;
    if (with_devices) {
        int64_t *devices = realloc(l->devices, cap * sizeof *devices);
        if (devices == NULL) {
            return false;
        }
        l->devices = devices;
    }
    l->cap = cap;
    return true;
}

static struct health_unit unit_of(const struct db_query *q)
{
    struct health_unit u = {
        .treated = db_get_int(q, 1) != 0,
        .known = db_get_int(q, 2) != 0,
        .silence_h = (uint16_t)db_get_int(q, 4),
        .began = (int32_t)db_get_int(q, 5),
        .seen = (int32_t)db_get_int(q, 6),
        .told = (int32_t)db_get_int(q, 7),
        .left = (int32_t)db_get_int(q, 8),
        .silent = (int32_t)db_get_int(q, 9),
        .reset = db_get_int(q, 10) != 0,
        .reset_counted = db_get_int(q, 11) != 0,
    };

    unpack(db_get_int(q, 3), u.value);
    return u;
}

bool exposure_load(struct db *db, int64_t rollout, struct health_unit **units,
                   int64_t **devices, size_t *len)
{
    struct list l = {0};
    struct db_query *q = db_ask(
        db, "SELECT device, treated, known, facets, silence, began, seen, told, quit,"
            " silent, reset, reset_counted FROM exposures WHERE rollout = ?"
            " ORDER BY device");
    bool room = more(&l, devices != NULL);

    db_int(q, 0, rollout);
    while (room && db_next(q)) {
        l.units[l.len] = unit_of(q);
        if (devices != NULL) {
            l.devices[l.len] = db_get_int(q, 0);
        }
        l.len++;
        room = more(&l, devices != NULL);
    }
    db_done(q);
    if (!room || db_failed(db)) {
        free(l.units);
        free(l.devices);
        return false;
    }
    *units = l.units;
    *len = l.len;
    if (devices != NULL) {
        *devices = l.devices;
    }
    return true;
}
