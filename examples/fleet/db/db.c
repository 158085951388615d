/* SPDX-License-Identifier: Apache-2.0
 *
 * Transactions and their parts, the first failure, and queries by their text's address:
 * all that is the same whatever the database. Knows neither SQL nor a library. */
#include "db_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SQL_SHOWN 90 /* of a failed query, that many characters */

/* ---- failures -------------------------------------------------------------------- */

void db_fail(struct db *db, const char *sql, const char *why)
{
    if (db->failed) {
        return;
    }
    db->failed = true;
    db->failed_at = db->saves;
    int len = (int)strcspn(why, "\n");
    if (sql == NULL) {
        snprintf(db->why, sizeof db->why, "%s: %.*s", db->name, len, why);
    } else {
        snprintf(db->why, sizeof db->why, "%s: %.*s (%.*s%s)", db->name, len, why,
                 SQL_SHOWN, sql, strlen(sql) > SQL_SHOWN ? "..." : "");
    }
}

static void mend(struct db *db)
{
    db->failed = false;
    db->why[0] = '\0';
}

bool db_failed(const struct db *db)
{
    return db->failed;
}

const char *db_why(const struct db *db)
{
    return db->why;
}

/* ---- connections ----------------------------------------------------------------- */

static const struct db_kind *kind_of(const char **where)
{
    if (strncmp(*where, "sqlite:", 7) == 0) {
        *where += 7;
        return &db_sqlite;
    }
    if (strncmp(*where, "postgresql:", 11) == 0 ||
        strncmp(*where, "postgres:", 9) == 0 || strchr(*where, '=') != NULL) {
        return &db_postgresql;
    }
    return NULL;
}

struct db *db_open(const char *where, enum db_role role, char *why, size_t cap)
{
    const struct db_kind *kind = kind_of(&where);

    if (kind == NULL) {
        snprintf(why, cap,
                 "%s: neither sqlite:PATH nor a PostgreSQL connection string "
                 "(postgresql://... or key=value)",
                 where);
        return NULL;
    }
    struct db *db = calloc(1, sizeof *db);
    if (db == NULL) {
        snprintf(why, cap, "no memory");
        return NULL;
    }
    db->kind = kind;
    db->role = role;
    db->nothing.db = db;
    snprintf(db->name, sizeof db->name, "%s", kind->name);
    if (!kind->open(db, where)) {
        snprintf(why, cap, "%s", db->why);
        db_close(db);
        return NULL;
    }
    return db;
}

void db_close(struct db *db)
{
    if (db == NULL) {
        return;
    }
    for (unsigned i = 0; i < DB_QUERIES_MAX; i++) {
        if (db->queries[i] != NULL && db->queries[i]->own != NULL) {
            db->kind->forget(db->queries[i]);
        }
        free(db->queries[i]);
    }
    db->kind->close(db);
    free(db);
}

const char *db_kind(const struct db *db)
{
    return db->kind->name;
}

bool db_writes(const struct db *db)
{
    return db->role == DB_WRITER;
}

bool db_backup(struct db *db, const char *path, char *why, size_t cap)
{
    if (db->kind->backup == NULL) {
        snprintf(why, cap, "PostgreSQL is backed up with pg_dump, or by its replicas");
        return false;
    }
    return db->kind->backup(db, path, why, cap);
}

/* ---- transactions ---------------------------------------------------------------- */

bool db_begin(struct db *db)
{
    if (!db->within) {
        mend(db); /* of what was asked outside of any transaction */
        db->saves = 0;
        db->within = db->kind->begin(db);
    } else {
        db_fail(db, NULL, "a transaction begins within another");
    }
    return !db->failed;
}

/* Rows that nobody read to their end would keep a reader at its old state for ever, and
 * with it everything that was written since. */
static void end_rows(struct db *db)
{
    for (unsigned i = 0; i < DB_QUERIES_MAX; i++) {
        if (db->queries[i] != NULL && db->queries[i]->row) {
            db_done(db->queries[i]);
        }
    }
}

bool db_commit(struct db *db)
{
    if (db->failed) {
        return false;
    }
    if (!db->within || db->saves > 0) {
        db_fail(db, NULL,
                db->within ? "a transaction ends within a part of it"
                           : "what never began is committed");
        return false;
    }
    end_rows(db);
    if (!db->kind->run(db, "COMMIT")) {
        return false;
    }
    db->within = false;
    return true;
}

void db_rollback(struct db *db)
{
    mend(db);
    end_rows(db);
    if (db->within) {
        db->kind->run(db, "ROLLBACK"); /* it may be over already: then that fails */
        mend(db);
    }
    db->within = false;
    db->saves = 0;
}

bool db_save(struct db *db)
{
    if (!db->failed && !db->within) {
        db_fail(db, NULL, "a part begins outside of any transaction");
    }
    bool good = !db->failed && db->kind->run(db, "SAVEPOINT part");

    db->saves++; /* of a failed one, too: it is taken back like any other */
    return good;
}

bool db_keep(struct db *db)
{
    if (!db->failed && db->saves == 0) {
        db_fail(db, NULL, "a part that never began is kept");
    }
    if (db->failed || !db->kind->run(db, "RELEASE SAVEPOINT part")) {
        return false;
    }
    db->saves--;
    return true;
}

void db_take_back(struct db *db)
{
    if (db->saves == 0) {
        return;
    }
    db->saves--;
    if (db->failed && db->failed_at <= db->saves) {
        return; /* it failed before this part, which therefore never began */
    }
    mend(db);
    if (db->kind->run(db, "ROLLBACK TO SAVEPOINT part")) {
        db->kind->run(db, "RELEASE SAVEPOINT part");
    }
}

bool db_run(struct db *db, const char *sql)
{
    return !db->failed && db->kind->run(db, sql);
}

/* ---- queries --------------------------------------------------------------------- */

static struct db_query *new_query(struct db *db, const char *sql, unsigned no)
{
    struct db_query *q = calloc(1, sizeof *q);

    if (q == NULL) {
        db_fail(db, NULL, "no memory");
        return NULL;
    }
    q->db = db;
    q->sql = sql;
    q->no = no;
    return q;
}

/* The place of a query in `queries`, by the address of its text. */
static struct db_query *find(struct db *db, const char *sql)
{
    uint64_t mixed = (uint64_t)(uintptr_t)sql * 0x9E3779B97F4A7C15U;
    unsigned first = (unsigned)(mixed >> 32);

    for (unsigned i = 0; i < DB_QUERIES_MAX; i++) {
        unsigned no = (first + i) % DB_QUERIES_MAX;
        struct db_query **at = &db->queries[no];
        if (*at == NULL) {
            *at = new_query(db, sql, no);
        }
        if (*at == NULL || (*at)->sql == sql) {
            return *at;
        }
    }
    db_fail(db, sql, "more different queries than one connection keeps");
    return NULL;
}

struct db_query *db_ask(struct db *db, const char *sql)
{
    struct db_query *q = db->failed ? NULL : find(db, sql);

    if (q == NULL || (q->own == NULL && !db->kind->prepare(q))) {
        return &db->nothing;
    }
    db->kind->reset(q);
    q->row = false;
    return q;
}

static bool usable(const struct db_query *q, unsigned at)
{
    if (q->own != NULL && at >= DB_PARAMETERS_MAX) {
        db_fail(q->db, q->sql, "too many parameters");
    }
    return q->own != NULL && !q->db->failed;
}

void db_int(struct db_query *q, unsigned at, int64_t value)
{
    if (usable(q, at)) {
        q->db->kind->bind_int(q, at, value);
    }
}

void db_real(struct db_query *q, unsigned at, double value)
{
    if (usable(q, at)) {
        q->db->kind->bind_real(q, at, value);
    }
}

void db_text(struct db_query *q, unsigned at, const char *value)
{
    if (value != NULL && usable(q, at)) {
        q->db->kind->bind_text(q, at, value);
    }
}

void db_blob(struct db_query *q, unsigned at, const void *bytes, size_t len)
{
    if (bytes != NULL && usable(q, at)) {
        q->db->kind->bind_blob(q, at, bytes, len);
    }
}

bool db_next(struct db_query *q)
{
    q->row = usable(q, 0) && q->db->kind->next(q) > 0;
    if (!q->row) {
        db_done(q);
    }
    return q->row;
}

void db_done(struct db_query *q)
{
    q->row = false;
    if (q->own != NULL) {
        q->db->kind->done(q);
    }
}

int64_t db_do(struct db_query *q)
{
    int64_t rows = -1;

    if (usable(q, 0) && q->db->kind->next(q) >= 0) {
        rows = q->db->kind->changed(q);
    }
    db_done(q);
    return rows;
}

bool db_get_null(const struct db_query *q, unsigned column)
{
    return !q->row || q->db->kind->get_null(q, column);
}

int64_t db_get_int(const struct db_query *q, unsigned column)
{
    return q->row ? q->db->kind->get_int(q, column) : 0;
}

double db_get_real(const struct db_query *q, unsigned column)
{
    return q->row ? q->db->kind->get_real(q, column) : 0;
}

const char *db_get_text(const struct db_query *q, unsigned column)
{
    const char *text = q->row ? q->db->kind->get_text(q, column) : NULL;

    return text != NULL ? text : "";
}

const uint8_t *db_get_blob(const struct db_query *q, unsigned column, size_t *len)
{
    *len = 0;
    return q->row ? q->db->kind->get_blob(q, column, len) : NULL;
}
