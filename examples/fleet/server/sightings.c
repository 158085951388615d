/* SPDX-License-Identifier: Apache-2.0
 *
 * A small table. When it is full, what comes is counted without a name: how many it were
 * is kept, who they claimed to be is not. */
#include "sightings.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "../model/event.h"
#include "say.h"

void sightings_open(struct sightings *s)
{
    memset(s, 0, sizeof *s);
    pthread_mutex_init(&s->lock, NULL);
}

void sightings_close(struct sightings *s)
{
    pthread_mutex_destroy(&s->lock);
}

static bool same(const struct sighting *a, const struct sighting *b)
{
    return a->kind == b->kind && a->device == b->device &&
           memcmp(a->claimed, b->claimed, sizeof a->claimed) == 0 &&
           strcmp(a->relay, b->relay) == 0;
}

/* Its row, or one that is free; NULL: neither. The last rows are kept for those without a
 * name. */
static struct sighting *row_of(struct sightings *s, const struct sighting *what)
{
    struct sighting *unused = NULL;
    unsigned rows = SIGHTINGS_MAX;

    if (what->relay[0] != '\0') {
        rows -= SECURITY_KINDS;
    }
    for (unsigned i = 0; i < rows; i++) {
        if (same(&s->seen[i], what)) {
            return &s->seen[i];
        }
        if (s->seen[i].kind == SECURITY_NOTHING) {
            unused = &s->seen[i];
        }
    }
    return unused;
}

void sightings_note(struct sightings *s, enum security_kind kind, int64_t device,
                    const uint8_t claimed[16], const char *relay)
{
    struct sighting what = {.kind = kind, .device = device};

    snprintf(what.relay, sizeof what.relay, "%s", relay);
    if (claimed != NULL) {
        memcpy(what.claimed, claimed, sizeof what.claimed);
    }
    pthread_mutex_lock(&s->lock);
    struct sighting *row = row_of(s, &what);
    if (row == NULL) {
        what = (struct sighting){.kind = kind};
        row = row_of(s, &what);
    }
    if (row->kind == SECURITY_NOTHING) {
        *row = what;
    }
    row->times++;
    pthread_mutex_unlock(&s->lock);
}

static bool due(const struct sighting *row, int64_t now_us, bool all)
{
    return row->times > 0 && (all || row->written_us == 0 ||
                              now_us - row->written_us >= SIGHTINGS_PAUSE_US);
}

bool sightings_due(struct sightings *s, int64_t now_us, bool all)
{
    bool any = false;

    pthread_mutex_lock(&s->lock);
    for (unsigned i = 0; i < SIGHTINGS_MAX && !any; i++) {
        any = due(&s->seen[i], now_us, all);
    }
    pthread_mutex_unlock(&s->lock);
    return any;
}

static void write_one(struct db *db, const struct sighting *row, int64_t now)
{
    char claimed[33];
    sodium_bin2hex(claimed, sizeof claimed, row->claimed, sizeof row->claimed);
    json_t *body = json_pack("{s:s, s:s, s:I}", "kind", security_name(row->kind),
                             "claimed", claimed, "times", (json_int_t)row->times);
    char *text = json_dumps(body, JSON_COMPACT);
    struct event e = {.kind = EVENT_SECURITY,
                      .at = now,
                      .actor = "ferryd",
                      .relay = row->relay,
                      .device = row->device,
                      .body = text,
                      .len = text != NULL ? strlen(text) : 0};
    struct outcome o = {0};

    event_apply(db, &e, &o);
    if (o.status >= 300) {
        say("error", "a security event was not written: %s", o.why);
    }
    json_decref(o.answer);
    json_decref(body);
    free(text);
}

void sightings_write(struct sightings *s, struct db *db, int64_t now, int64_t now_us,
                     bool all)
{
    struct sighting row;

    for (unsigned i = 0; i < SIGHTINGS_MAX; i++) {
        pthread_mutex_lock(&s->lock);
        row = s->seen[i];
        if (due(&row, now_us, all)) {
            s->seen[i].times = 0;
            s->seen[i].written_us = now_us;
        } else {
            if (row.times == 0 && now_us - row.written_us >= SIGHTINGS_PAUSE_US) {
                s->seen[i] = (struct sighting){.kind = SECURITY_NOTHING};
            }
            row.times = 0;
        }
        pthread_mutex_unlock(&s->lock);
        if (row.times > 0) {
            write_one(db, &row, now);
        }
    }
}
