/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything but `log`, `tokens` and `meta` is derived from `log`, event by event, and
 * comes out the same when it is played again. Numbers are BIGINT, times are seconds of
 * fleet time since 1970, hours those / 3600. Words that the two databases have different
 * names for are replaced; those are in `words`. */
#include "schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const tables[] = {
    /* The schema's version, the nonces' secret, the clock's base. */
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value BYTES NOT NULL)",

    /* What happened, once and for ever: never updated, never deleted from. `before`: the
     * event about the same device before this one, 0 if there is none. `hash`: SHA-256
     * over the hash before it and this row (model/log.c). `relay`: who sent it, never of
     * statements. */
    "CREATE TABLE log (seq ROWNUMBER, at BIGINT NOT NULL, kind BIGINT NOT "
    "NULL,"
    " actor TEXT NOT NULL, relay TEXT NOT NULL, device BIGINT NOT NULL,"
    " before BIGINT NOT NULL, body BYTES NOT NULL, hash BYTES NOT NULL)",

    /* What people did, between a million statements: for view_audit's words alone. */
    "CREATE INDEX log_audit ON log (seq) WHERE kind IN (1, 2, 3, 4, 5, 6, 11)",

    /* Bearer tokens, by BLAKE2b of theirs. `scopes`: bits of enum token_scope. */
    "CREATE TABLE tokens (hash BYTES PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " scopes BIGINT NOT NULL, made_at BIGINT NOT NULL, revoked_at BIGINT)",

    /* Devices as the factory and the operator describe them. `no` is ours. */
    "CREATE TABLE devices (no ROWNUMBER, id BYTES NOT NULL UNIQUE,"
    " class BYTES NOT NULL, key BYTES NOT NULL, hw_rev BIGINT NOT NULL,"
    " region BIGINT NOT NULL, tags BIGINT NOT NULL, household BYTES)",

    /* What each last said of itself, from the statement with its greatest counter.
     * `heard_window`: which of the 64 counters up to the greatest were heard. `again`: the
     * nonce's hour under which its counter began again, 0 never: what it signed over older
     * ones is of a journal that is lost. `seen`: issue hour of the newest nonce it signed,
     * -1 never. `hours`: one bit for each of the 672 hours
     * up to `seen` in which it showed life, the newest in bit 0 of byte 0. `rollout`: its
     * open exposure, 0 none. `newest`: its newest event in `log`. */
    "CREATE TABLE states (device ROWNUMBER, version BIGINT NOT NULL,"
    " digest BYTES, floor BIGINT NOT NULL, grave BIGINT NOT NULL,"
    " counter BIGINT NOT NULL, heard_window BIGINT NOT NULL, again BIGINT NOT NULL,"
    " seen BIGINT NOT NULL,"
    " hours BYTES NOT NULL, resets BIGINT NOT NULL, outcome BIGINT NOT NULL,"
    " outcome_version BIGINT NOT NULL, attempts BIGINT NOT NULL, updates BIGINT NOT "
    "NULL,"
    " rollbacks BIGINT NOT NULL, bad_signatures BIGINT NOT NULL, refusals BYTES,"
    " transfers_bad BIGINT NOT NULL, app TEXT NOT NULL, heard_at BIGINT NOT NULL,"
    " rollout BIGINT NOT NULL, newest BIGINT NOT NULL)",

    /* Releases, as the artifact store records them (`body`: its JSON). `pass`: devices
     * below it must take it on their way. */
    "CREATE TABLE releases (no ROWNUMBER, class BYTES NOT NULL,"
    " version BIGINT NOT NULL, sec_ctr BIGINT NOT NULL, slot BIGINT NOT NULL,"
    " min_from BIGINT NOT NULL, hw_min BIGINT NOT NULL, hw_max BIGINT NOT NULL,"
    " pass BIGINT NOT NULL, withdrawn_at BIGINT, body TEXT NOT NULL,"
    " UNIQUE (class, version))",

    /* `body`: predicate and stages (model/rollout_json.h). `since`: hour its stage began.
     * `health`: struct health as it was at `ticked` (model/exposure.h), empty before the
     * first tick. `frozen`: why, as JSON; NULL if it is not frozen. */
    "CREATE TABLE rollouts (no ROWNUMBER, class BYTES NOT NULL,"
    " version BIGINT NOT NULL, state BIGINT NOT NULL, stage BIGINT NOT NULL,"
    " since BIGINT NOT NULL, opened BIGINT NOT NULL, salt BYTES NOT NULL,"
    " supersedes BIGINT NOT NULL, body TEXT NOT NULL, frozen TEXT,"
    " ticked BIGINT NOT NULL, health BYTES)",

    /* What the numbers of facets stand for, rollout by rollout. */
    "CREATE TABLE facet_values (rollout BIGINT NOT NULL, facet BIGINT NOT NULL,"
    " value BIGINT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (rollout, facet, value)) "
    "CLUSTERED",

    /* Who looked away from which hardware revision, and why. */
    "CREATE TABLE waivers (rollout BIGINT NOT NULL, hw_rev BIGINT NOT NULL,"
    " at BIGINT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,"
    " PRIMARY KEY (rollout, hw_rev)) CLUSTERED",

    /* struct health_unit, one for each device that a rollout offered its release or held
     * back. `facets`: value of facet f in byte f. `told`: hour at which its newest
     * statement arrived. `base`: abnormal resets that do not count, of those since the
     * confirm of `version`: the ones it had when it began. */
    "CREATE TABLE exposures (rollout BIGINT NOT NULL, device BIGINT NOT NULL,"
    " treated BIGINT NOT NULL, known BIGINT NOT NULL, facets BIGINT NOT NULL,"
    " silence BIGINT NOT NULL, began BIGINT NOT NULL, seen BIGINT NOT NULL,"
    " told BIGINT NOT NULL, quit BIGINT NOT NULL, silent BIGINT NOT NULL,"
    " reset BIGINT NOT NULL, reset_counted BIGINT NOT NULL, base BIGINT NOT NULL,"
    " version BIGINT NOT NULL, PRIMARY KEY (rollout, device))"
    " CLUSTERED",

    /* Whether anybody is watched any more is asked every hour, of every rollout there was. */
    "CREATE INDEX exposures_watched ON exposures (rollout) WHERE quit < 0",

    /* The offer a device has: written by cohort logic alone, in the transaction that read
     * its rollout's state. A renewal moves `expires`. */
    "CREATE TABLE offers (device ROWNUMBER, rollout BIGINT NOT NULL,"
    " release BIGINT NOT NULL, first_at BIGINT NOT NULL, at BIGINT NOT NULL,"
    " expires BIGINT NOT NULL)",

    /* Each hour's look, and what came of it (`body`: JSON). `through`: the newest event
     * it took into account. */
    "CREATE TABLE ticks (rollout BIGINT NOT NULL, hour BIGINT NOT NULL,"
    " through BIGINT NOT NULL, alarm BIGINT NOT NULL, body TEXT NOT NULL,"
    " PRIMARY KEY (rollout, hour)) CLUSTERED",

    /* What people look at, as of the last look, so that nobody counts a million rows for
     * a page (model/figures.h): JSON, the latest alone. Of rollout 0, the whole fleet, the
     * counts are model/counts.h's. */
    "CREATE TABLE figures (rollout ROWNUMBER, counts TEXT NOT NULL,"
    " shares TEXT NOT NULL, curves TEXT NOT NULL)",

    /* Security events, apart from everything else. `device`: 0 if it is not known. */
    "CREATE TABLE security (seq ROWNUMBER, at BIGINT NOT NULL,"
    " kind BIGINT NOT NULL, device BIGINT NOT NULL, claimed BYTES, relay TEXT NOT NULL,"
    " times BIGINT NOT NULL, body TEXT NOT NULL)",

    /* What phones say of transfers: their words, unsigned. */
    "CREATE TABLE reports (seq ROWNUMBER, at BIGINT NOT NULL,"
    " device BIGINT NOT NULL, rollout BIGINT NOT NULL, relay TEXT NOT NULL,"
    " outcome TEXT NOT NULL, code BIGINT NOT NULL, bytes BIGINT NOT NULL,"
    " resumes BIGINT NOT NULL, seconds BIGINT NOT NULL, app TEXT NOT NULL)",
};

/* What SQLite calls it, and what PostgreSQL does. INTEGER PRIMARY KEY is SQLite's row
 * number itself; without rowid a table is its primary key's tree. Text is compared byte
 * by byte everywhere, so that orders are the same. */
static const struct word {
    const char *ours, *sqlite, *postgresql;
} words[] = {
    {"BYTES", "BLOB", "BYTEA"},
    {"TEXT", "TEXT", "TEXT COLLATE \"C\""},
    {"ROWNUMBER", "INTEGER PRIMARY KEY", "BIGINT PRIMARY KEY"},
    {"CLUSTERED", "WITHOUT ROWID", ""},
};

#define SQL_MAX 2000U

/* The other database's word for what begins at `at`, and its length; or NULL. */
static const char *word_at(const char *at, bool sqlite, size_t *len)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        *len = strlen(words[i].ours);
        if (strncmp(at, words[i].ours, *len) == 0) {
            return sqlite ? words[i].sqlite : words[i].postgresql;
        }
    }
    return NULL;
}

static void translate(const char *from, bool sqlite, char to[SQL_MAX])
{
    size_t len = 0, skip;

    while (*from != '\0' && len + 64 < SQL_MAX) {
        const char *theirs = word_at(from, sqlite, &skip);
        if (theirs != NULL) {
            len += (size_t)snprintf(to + len, SQL_MAX - len, "%s", theirs);
            from += skip;
        } else {
            to[len++] = *from++;
        }
    }
    to[len] = '\0';
}

static bool is_sqlite(const struct db *db)
{
    return strcmp(db_kind(db), "sqlite") == 0;
}

static bool make(struct db *db)
{
    char sql[SQL_MAX], version[12];

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        translate(tables[i], is_sqlite(db), sql);
        db_run(db, sql);
    }
    struct db_query *q =
        db_ask(db, "INSERT INTO meta (name, value) VALUES ('schema', ?)");
    db_blob(q, 0, version,
            (size_t)snprintf(version, sizeof version, "%d", SCHEMA_VERSION));
    return db_do(q) == 1;
}

static bool there(struct db *db)
{
    struct db_query *q =
        is_sqlite(db) ? db_ask(db, "SELECT 1 FROM sqlite_master WHERE name = 'meta'")
                      : db_ask(db, "SELECT 1 FROM information_schema.tables"
                                   " WHERE table_name = 'meta' AND table_schema ="
                                   " current_schema()");
    bool found = db_next(q);

    db_done(q);
    return found;
}

static int version_of(struct db *db)
{
    struct db_query *q = db_ask(db, "SELECT value FROM meta WHERE name = 'schema'");
    size_t len = 0;
    char text[12] = "";

    if (db_next(q)) {
        const uint8_t *value = db_get_blob(q, 0, &len);
        snprintf(text, sizeof text, "%.*s", (int)len, (const char *)value);
    }
    db_done(q);
    return atoi(text);
}

/* In a transaction, so that two that start at once do not both make tables. */
static bool look(struct db *db, bool may_make, char *why, size_t cap)
{
    bool found = there(db);

    if (!db_failed(db) && !found && !may_make) {
        snprintf(why, cap, "there are no tables of ferryd's yet: a writer makes them");
        return false;
    }
    int version = !found && make(db) ? SCHEMA_VERSION : version_of(db);
    if (!db_failed(db) && version != SCHEMA_VERSION) {
        snprintf(why, cap, "its tables are of version %d; this ferryd's are of %d",
                 version, SCHEMA_VERSION);
        return false;
    }
    return !db_failed(db);
}

bool schema_ready(struct db *db, char *why, size_t cap)
{
    why[0] = '\0';
    bool good = db_begin(db) && look(db, db_writes(db), why, cap) && db_commit(db);
    if (!good && why[0] == '\0') {
        snprintf(why, cap, "%s", db_why(db));
    }
    if (!good) {
        db_rollback(db);
    }
    return good;
}
