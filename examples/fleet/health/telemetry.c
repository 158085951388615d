/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what each column may hold. */
#include "telemetry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

#define HOURS_MAX 200000 /* some 22 years: who is past it meant something else */

/* ---- time ------------------------------------------------------------------------ */

/* Days since 1970-01-01 of the Gregorian calendar (Hinnant, "chrono-compatible low-level
 * date algorithms"). */
static int32_t days(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int era = y / 400, of_era = y - era * 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* "2026-11-26T13:05:00Z", or hours as a number. */
static bool hour_of(const char *text, int32_t *hour)
{
    int year, month, day, h, end = 0;
    char *behind;

    if (sscanf(text, "%4d-%2d-%2dT%2d:%*2d%n", &year, &month, &day, &h, &end) == 4 &&
        end > 0 && year >= 1970 && year < 2200 && month >= 1 && month <= 12 &&
        day >= 1 && day <= 31 && h >= 0 && h < 24 && text[strlen(text) - 1] == 'Z') {
        *hour = days(year, month, day) * 24 + h;
        return true;
    }
    double number = strtod(text, &behind);
    if (behind == text || *behind != '\0' || !(number > -1e7 && number < 1e7)) {
        return false;
    }
    *hour = (int32_t)number - (number < (int32_t)number);
    return true;
}

static bool bad(char *why, size_t cap, const char *what, const char *text)
{
    snprintf(why, cap, "'%.40s' is no %s", text, what);
    return false;
}

/* ---- exposures ------------------------------------------------------------------- */

enum { UNIT, ARM, BEGAN, LEFT, FACETS };

static const struct table_column exposure_columns[] = {
    {"unit", true},    {"arm", true},     {"began", true}, {"left", false},
    {"hw_rev", false}, {"region", false}, {"from", false}, {"phone", false},
};

struct exposure {
    char name[TELEMETRY_VALUE_MAX * 2];
    struct health_unit unit;
};

struct exposures {
    struct telemetry *t;
    struct exposure *at;
    size_t len, cap;
};

/* The number of a facet's value; new ones are taken in as they come, and what is past the
 * last place shares it. */
static uint8_t value_of(struct telemetry *t, unsigned facet, const char *text)
{
    uint8_t v = 0;

    while (v < t->values[facet] && strcmp(t->value[facet][v], text) != 0) {
        v++;
    }
    if (v == HEALTH_VALUES_MAX) {
        snprintf(t->value[facet][v - 1], TELEMETRY_VALUE_MAX, "others");
        return (uint8_t)(v - 1);
    }
    if (v == t->values[facet]) {
        snprintf(t->value[facet][v], TELEMETRY_VALUE_MAX, "%.*s",
                 (int)TELEMETRY_VALUE_MAX - 1, text);
        t->values[facet]++;
    }
    return v;
}

static void *grown(void *at, size_t len, size_t *cap, size_t one)
{
    if (len < *cap) {
        return at;
    }
    *cap = *cap == 0 ? 1024 : 2 * *cap;
    return realloc(at, *cap * one);
}

static bool exposure(void *ctx, const char *const *field, char *why, size_t cap)
{
    struct exposures *all = ctx;
    struct exposure e = {.unit = {.left = -1, .silent = -1}};

    e.unit.treated = strcmp(field[ARM], "treated") == 0;
    if (!e.unit.treated && strcmp(field[ARM], "control") != 0) {
        return bad(why, cap, "arm: 'treated' or 'control'", field[ARM]);
    }
    if (!hour_of(field[BEGAN], &e.unit.began)) {
        return bad(why, cap, "time", field[BEGAN]);
    }
    if (field[LEFT][0] != '\0' && !hour_of(field[LEFT], &e.unit.left)) {
        return bad(why, cap, "time", field[LEFT]);
    }
    if (field[UNIT][0] == '\0' || strlen(field[UNIT]) >= sizeof e.name) {
        return bad(why, cap, "name of a unit", field[UNIT]);
    }
    strcpy(e.name, field[UNIT]);
    e.unit.seen = e.unit.began;
    for (unsigned f = 0; f < HEALTH_FACETS; f++) {
        e.unit.value[f] = value_of(all->t, f, field[FACETS + f]);
    }
    struct exposure *more = grown(all->at, all->len, &all->cap, sizeof *more);
    if (more == NULL) {
        return bad(why, cap, "memory for", field[UNIT]);
    }
    all->at = more;
    all->at[all->len++] = e;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct exposure *)a)->name,
                  ((const struct exposure *)b)->name);
}

static bool settle(struct telemetry *t, struct exposures *all, const char *path,
                   char *why, size_t cap)
{
    t->len = (uint32_t)all->len;
    t->unit = calloc(all->len, sizeof *t->unit);
    t->name = calloc(all->len, sizeof *t->name);
    if (all->len == 0 || t->unit == NULL || t->name == NULL) {
        snprintf(why, cap, "%s: %s", path,
                 all->len == 0 ? "nobody in it" : "no memory");
        return false;
    }
    qsort(all->at, all->len, sizeof *all->at, by_name);
    t->first = INT32_MAX;
    for (size_t i = 0; i < all->len; i++) {
        if (i > 0 && by_name(&all->at[i - 1], &all->at[i]) == 0) {
            snprintf(why, cap, "%s: unit %s is in it twice: one exposure a unit", path,
                     all->at[i].name);
            return false;
        }
        t->unit[i] = all->at[i].unit;
        memcpy(t->name[i], all->at[i].name, sizeof t->name[i]);
        t->first = t->unit[i].began < t->first ? t->unit[i].began : t->first;
    }
    return true;
}

/* ---- contacts -------------------------------------------------------------------- */

static const struct table_column contact_columns[] = {
    {"unit", true}, {"time", true}, {"resets", false}};

struct contacts {
    struct telemetry *t;
    size_t cap;
};

static int name_is(const void *key, const void *element)
{
    return strcmp(key, element);
}

static bool contact(void *ctx, const char *const *field, char *why, size_t cap)
{
    struct contacts *all = ctx;
    struct telemetry *t = all->t;
    struct telemetry_contact c = {0};
    char *end;

    if (!hour_of(field[1], &c.hour)) {
        return bad(why, cap, "time", field[1]);
    }
    long resets = strtol(field[2], &end, 10);
    if (*end != '\0' || resets < 0) {
        return bad(why, cap, "number of resets", field[2]);
    }
    c.reset = resets > 0;
    const char *at = bsearch(field[0], t->name, t->len, sizeof *t->name, name_is);
    if (at == NULL) {
        t->strangers++;
        return true;
    }
    c.unit = (uint32_t)((size_t)(at - t->name[0]) / sizeof *t->name);
    struct telemetry_contact *more =
        grown(t->contact, t->contacts, &all->cap, sizeof *more);
    if (more == NULL) {
        return bad(why, cap, "memory for", field[0]);
    }
    t->contact = more;
    t->contact[t->contacts++] = c;
    return true;
}

static int by_hour(const void *a, const void *b)
{
    const struct telemetry_contact *x = a, *y = b;

    return x->hour != y->hour ? (x->hour < y->hour ? -1 : 1)
                              : (x->unit > y->unit) - (x->unit < y->unit);
}

/* What each unit's silences were before its offer. */
static bool find_silences(struct telemetry *t)
{
    struct before {
        int32_t last;
        uint32_t longest, gaps;
        bool any;
    } *before = calloc(t->len, sizeof *before);

    if (before == NULL) {
        return false;
    }
    for (size_t i = 0; i < t->contacts; i++) {
        const struct telemetry_contact *c = &t->contact[i];
        const struct health_unit *u = &t->unit[c->unit];
        struct before *b = &before[c->unit];
        if (c->hour >= u->began || c->hour < u->began - HEALTH_HISTORY_H) {
            continue;
        }
        if (b->any && c->hour > b->last) {
            uint32_t gap = (uint32_t)(c->hour - b->last);
            b->longest = gap > b->longest ? gap : b->longest;
            b->gaps++;
        }
        b->last = c->hour;
        b->any = true;
    }
    for (uint32_t i = 0; i < t->len; i++) {
        t->unit[i].silence_h = health_silence(before[i].longest, before[i].gaps);
        t->unit[i].known = before[i].gaps >= HEALTH_GAPS_MIN;
    }
    free(before);
    return true;
}

bool telemetry_read(struct telemetry *t, const char *exposures_path,
                    const char *contacts_path, char *why, size_t cap)
{
    struct exposures exposures = {.t = t};
    struct contacts contacts = {.t = t};

    memset(t, 0, sizeof *t);
    bool good =
        table_read(exposures_path, exposure_columns,
                   sizeof exposure_columns / sizeof *exposure_columns, exposure,
                   &exposures, why, cap) &&
        settle(t, &exposures, exposures_path, why, cap) &&
        table_read(contacts_path, contact_columns, 3, contact, &contacts, why, cap);
    free(exposures.at);
    if (!good) {
        return false;
    }
    qsort(t->contact, t->contacts, t->contacts > 0 ? sizeof *t->contact : 1, by_hour);
    t->last = t->contacts > 0 ? t->contact[t->contacts - 1].hour : t->first;
    if (t->last - t->first > HOURS_MAX) {
        snprintf(why, cap, "%s: the last contact is %d hours behind the first exposure",
                 contacts_path, (int)(t->last - t->first));
        return false;
    }
    if (!find_silences(t)) {
        snprintf(why, cap, "no memory");
        return false;
    }
    return true;
}

void telemetry_free(struct telemetry *t)
{
    free(t->unit);
    free(t->name);
    free(t->contact);
}

int32_t telemetry_play(struct telemetry *t, double alpha, struct health *h)
{
    size_t i = 0;

    health_set_up(h, alpha, t->values);
    for (int32_t now = t->first; now <= t->last; now++) {
        for (; i < t->contacts && t->contact[i].hour <= now; i++) {
            struct health_unit *u = &t->unit[t->contact[i].unit];
            if (t->contact[i].hour >= u->began) {
                u->seen = u->told = t->contact[i].hour;
                u->reset = u->reset || t->contact[i].reset;
            }
        }
        if (health_tick(h, t->unit, t->len, now)) {
            return now;
        }
    }
    return -1;
}
