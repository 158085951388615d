/* SPDX-License-Identifier: Apache-2.0
 *
 * PostgreSQL, through libpq. One writer at a time is an advisory lock that each writer's
 * transaction takes first; a reader's transaction sees one snapshot. A connection that
 * was lost is made again when the next transaction begins. Numbers go there as text, so
 * that the server may take them for any type; everything comes back binary. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db_in.h"
#include "numeric.h"

#define WRITERS_LOCK "4650544" /* any number, as long as all writers take the same */

struct question {
    char name[16]; /* on the server */
    char *text;    /* with $1 for ? */
    bool prepared;
    unsigned len; /* parameters in the text */
    const char *value[DB_PARAMETERS_MAX];
    int lengths[DB_PARAMETERS_MAX], binary[DB_PARAMETERS_MAX];
    Oid type[DB_PARAMETERS_MAX]; /* 0: the server finds out */
    char number[DB_PARAMETERS_MAX][32];
    PGresult *rows; /* NULL: not asked yet */
    int at;
};

/* ---- connections ----------------------------------------------------------------- */

static bool run(struct db *db, const char *sql)
{
    PGresult *r = PQexec(db->own, sql);
    ExecStatusType status = PQresultStatus(r);

    PQclear(r);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        db_fail(db, sql, PQerrorMessage(db->own));
        return false;
    }
    return true;
}

static void say_nothing(void *ctx, const char *message)
{
    (void)ctx;
    (void)message;
}

/* A commit must be on the disk, whatever is usual there. A writer that was cut off from
 * the server must not keep others waiting for ever. */
static bool set_up(struct db *db)
{
    PQsetNoticeProcessor(db->own, say_nothing, NULL);
    return run(db, "SELECT set_config('synchronous_commit', 'on', false)"
                   " WHERE current_setting('synchronous_commit') = 'off'") &&
           run(db, "SET lock_timeout = '30s';"
                   "SET idle_in_transaction_session_timeout = '60s'");
}

/* libpq's message about a string that it cannot read may quote it, password and all. */
static bool readable(struct db *db, const char *where)
{
    PQconninfoOption *options = PQconninfoParse(where, NULL);

    if (options == NULL) {
        db_fail(db, NULL,
                "the connection string cannot be read (it is not shown: there may be a "
                "password in it)");
        return false;
    }
    PQconninfoFree(options);
    return true;
}

static bool open_server(struct db *db, const char *where)
{
    static const char *const names[] = {"connect_timeout", "fallback_application_name",
                                        "dbname", "client_encoding", NULL};
    const char *const values[] = {"10", "ferryd", where, "UTF8", NULL};

    if (!readable(db, where)) {
        return false;
    }
    db->own = PQconnectdbParams(names, values, 1);
    if (db->own == NULL || PQstatus(db->own) != CONNECTION_OK) {
        db_fail(db, NULL, db->own == NULL ? "no memory" : PQerrorMessage(db->own));
        return false;
    }
    snprintf(db->name, sizeof db->name, "postgresql %s/%s", PQhost(db->own),
             PQdb(db->own));
    return set_up(db);
}

static void close_server(struct db *db)
{
    PQfinish(db->own);
}

/* What was prepared was prepared on the connection that is gone. */
static bool connect_again(struct db *db)
{
    for (unsigned i = 0; i < DB_QUERIES_MAX; i++) {
        if (db->queries[i] != NULL && db->queries[i]->own != NULL) {
            ((struct question *)db->queries[i]->own)->prepared = false;
        }
    }
    PQreset(db->own);
    if (PQstatus(db->own) != CONNECTION_OK) {
        db_fail(db, NULL, PQerrorMessage(db->own));
        return false;
    }
    return set_up(db);
}

static bool begin_once(struct db *db)
{
    if (db->role == DB_READER) {
        return run(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    }
    return run(db, "BEGIN ISOLATION LEVEL READ COMMITTED") &&
           run(db, "SELECT pg_advisory_xact_lock(" WRITERS_LOCK ")");
}

/* That the connection is gone shows when it is used; then nothing has begun yet. */
static bool begin(struct db *db)
{
    if (PQstatus(db->own) == CONNECTION_OK && begin_once(db)) {
        return true;
    }
    if (PQstatus(db->own) == CONNECTION_OK) {
        PQclear(PQexec(db->own, "ROLLBACK"));
        return false;
    }
    db->failed = false;
    return connect_again(db) && begin_once(db);
}

/* ---- queries --------------------------------------------------------------------- */

/* The text with $1, $2, ... for each ? outside of quotes. Returns its length. */
static size_t renumber(const char *sql, char *to, unsigned *parameters)
{
    bool quoted = false;
    size_t len = 0;

    *parameters = 0;
    for (; *sql != '\0'; sql++) {
        quoted ^= *sql == '\'';
        if (*sql == '?' && !quoted) {
            len += (size_t)sprintf(to + len, "$%u", ++*parameters);
        } else {
            to[len++] = *sql;
        }
    }
    to[len] = '\0';
    return len;
}

static void forget(struct db_query *q)
{
    struct question *own = q->own;

    PQclear(own->rows);
    free(own->text);
    free(own);
    q->own = NULL;
}

/* On our side only: the server learns it with the first parameters, and their types. */
static bool prepare(struct db_query *q)
{
    struct question *own = calloc(1, sizeof *own);

    if (own != NULL) {
        own->text = malloc(3 * strlen(q->sql) + 1);
    }
    if (own == NULL || own->text == NULL) {
        free(own);
        db_fail(q->db, q->sql, "no memory");
        return false;
    }
    q->own = own;
    renumber(q->sql, own->text, &own->len);
    snprintf(own->name, sizeof own->name, "q%u", q->no);
    if (own->len > DB_PARAMETERS_MAX) {
        db_fail(q->db, q->sql, "too many parameters");
        forget(q);
        return false;
    }
    return true;
}

static void done(struct db_query *q)
{
    struct question *own = q->own;

    PQclear(own->rows);
    own->rows = NULL;
}

static void reset(struct db_query *q)
{
    struct question *own = q->own;

    done(q);
    memset(own->value, 0, sizeof own->value);
}

static bool bind(struct db_query *q, unsigned at, const char *value, size_t len,
                 bool binary, Oid type)
{
    struct question *own = q->own;

    if (at >= own->len) {
        db_fail(q->db, q->sql, "a parameter that it does not have");
        return false;
    }
    own->value[at] = value;
    own->lengths[at] = (int)len;
    own->binary[at] = binary;
    if (!own->prepared) {
        own->type[at] = type;
    }
    return true;
}

static bool bind_int(struct db_query *q, unsigned at, int64_t value)
{
    struct question *own = q->own;

    snprintf(own->number[at], sizeof own->number[at], "%lld", (long long)value);
    return bind(q, at, own->number[at], 0, false, OID_INT8);
}

static bool bind_real(struct db_query *q, unsigned at, double value)
{
    struct question *own = q->own;

    snprintf(own->number[at], sizeof own->number[at], "%.17g", value);
    return bind(q, at, own->number[at], 0, false, OID_FLOAT8);
}

static bool bind_text(struct db_query *q, unsigned at, const char *value)
{
    return bind(q, at, value, 0, false, OID_TEXT);
}

static bool bind_blob(struct db_query *q, unsigned at, const void *bytes, size_t len)
{
    return bind(q, at, bytes, len, true, OID_BYTES);
}

static bool good(struct db_query *q, const PGresult *r)
{
    ExecStatusType status = PQresultStatus(r);

    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        return true;
    }
    db_fail(q->db, q->sql, PQerrorMessage(q->db->own));
    return false;
}

static bool ask_server(struct db_query *q)
{
    struct question *own = q->own;
    PGconn *server = q->db->own;

    if (!own->prepared) {
        PGresult *r = PQprepare(server, own->name, own->text, (int)own->len, own->type);
        own->prepared = good(q, r);
        PQclear(r);
    }
    if (!own->prepared) {
        return false;
    }
    own->at = -1;
    own->rows = PQexecPrepared(server, own->name, (int)own->len, own->value,
                               own->lengths, own->binary, 1);
    return good(q, own->rows);
}

static int next(struct db_query *q)
{
    struct question *own = q->own;

    if (own->rows == NULL && !ask_server(q)) {
        return -1;
    }
    own->at++;
    return own->at < PQntuples(own->rows);
}

static int64_t changed(const struct db_query *q)
{
    struct question *own = q->own;

    return strtoll(PQcmdTuples(own->rows), NULL, 10);
}

/* ---- columns --------------------------------------------------------------------- */

static bool get_null(const struct db_query *q, unsigned column)
{
    struct question *own = q->own;

    return PQgetisnull(own->rows, own->at, (int)column) != 0;
}

static const uint8_t *get_blob(const struct db_query *q, unsigned column, size_t *len)
{
    struct question *own = q->own;

    if (get_null(q, column)) {
        return NULL;
    }
    *len = (size_t)PQgetlength(own->rows, own->at, (int)column);
    return (const uint8_t *)PQgetvalue(own->rows, own->at, (int)column);
}

static int64_t get_int(const struct db_query *q, unsigned column)
{
    struct question *own = q->own;
    size_t len = 0;
    const uint8_t *bytes = get_blob(q, column, &len);

    return numeric_int(PQftype(own->rows, (int)column), bytes, len);
}

static double get_real(const struct db_query *q, unsigned column)
{
    struct question *own = q->own;
    size_t len = 0;
    const uint8_t *bytes = get_blob(q, column, &len);

    return numeric_real(PQftype(own->rows, (int)column), bytes, len);
}

static const char *get_text(const struct db_query *q, unsigned column)
{
    size_t len;

    return (const char *)get_blob(q, column, &len);
}

const struct db_kind db_postgresql = {
    "postgresql", open_server, close_server, run,       begin,     prepare,   forget,
    reset,        done,        bind_int,     bind_real, bind_text, bind_blob, next,
    changed,      get_null,    get_int,      get_real,  get_text,  get_blob,  NULL,
};
