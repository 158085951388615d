/* SPDX-License-Identifier: Apache-2.0
 *
 * SQLite: one file, its write-ahead log beside it. Readers see what was committed when
 * their transaction began and never wait; a writer waits for the one before it. A commit
 * is on the disk (synchronous=FULL) before it is told. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "db_in.h"

#define WAIT_MS 30000 /* for another writer, before it counts as stuck */

static bool fail(struct db *db, const char *sql)
{
    db_fail(db, sql, db->own != NULL ? sqlite3_errmsg(db->own) : "no memory");
    return false;
}

static bool run(struct db *db, const char *sql)
{
    return sqlite3_exec(db->own, sql, NULL, NULL, NULL) == SQLITE_OK || fail(db, sql);
}

/* ---- opening --------------------------------------------------------------------- */

/* There are a nonces' secret and tokens' hashes in it: for its owner alone. SQLite gives
 * the files beside it the same rights. Never opened if it is there: closing it would give
 * up the locks that other connections of this process have on it. */
static void make_private(const char *path)
{
    int fd =
        path[0] == ':' ? -1 : open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

    if (fd >= 0) {
        close(fd);
    }
}

static bool set_up(struct db *db)
{
    if (sqlite3_busy_timeout(db->own, WAIT_MS) != SQLITE_OK) {
        return fail(db, NULL);
    }
    if (db->role == DB_READER) {
        return run(db, "PRAGMA query_only=1; PRAGMA cache_size=-8192;"
                       "PRAGMA temp_store=MEMORY");
    }
    /* What was committed is moved to its place in small portions: a commit waits for it.
     * With 1000 pages, SQLite's own choice, the slowest commits take twice as long. */
    return run(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                   "PRAGMA wal_autocheckpoint=256;"
                   "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY");
}

static bool open_file(struct db *db, const char *path)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    sqlite3 *own = NULL;

    if (db->role == DB_WRITER) {
        flags |= SQLITE_OPEN_CREATE;
        make_private(path);
    }
    snprintf(db->name, sizeof db->name, "%s", path);
    int code = sqlite3_open_v2(path, &own, flags, NULL);
    db->own = own;
    return code == SQLITE_OK ? set_up(db) : fail(db, NULL);
}

static void close_file(struct db *db)
{
    sqlite3_close(db->own);
}

static bool begin(struct db *db)
{
    return run(db, db->role == DB_WRITER ? "BEGIN IMMEDIATE" : "BEGIN");
}

/* ---- queries --------------------------------------------------------------------- */

static bool prepare(struct db_query *q)
{
    sqlite3_stmt *own = NULL;

    if (sqlite3_prepare_v3(q->db->own, q->sql, -1, SQLITE_PREPARE_PERSISTENT, &own,
                           NULL) != SQLITE_OK) {
        return fail(q->db, q->sql);
    }
    q->own = own;
    return true;
}

static void forget(struct db_query *q)
{
    sqlite3_finalize(q->own);
    q->own = NULL;
}

static void reset(struct db_query *q)
{
    sqlite3_reset(q->own);
    sqlite3_clear_bindings(q->own);
}

static void done(struct db_query *q)
{
    sqlite3_reset(q->own);
}

static bool bound(struct db_query *q, int code)
{
    return code == SQLITE_OK || fail(q->db, q->sql);
}

static bool bind_int(struct db_query *q, unsigned at, int64_t value)
{
    return bound(q, sqlite3_bind_int64(q->own, (int)at + 1, value));
}

static bool bind_real(struct db_query *q, unsigned at, double value)
{
    return bound(q, sqlite3_bind_double(q->own, (int)at + 1, value));
}

static bool bind_text(struct db_query *q, unsigned at, const char *value)
{
    return bound(q, sqlite3_bind_text(q->own, (int)at + 1, value, -1, SQLITE_STATIC));
}

static bool bind_blob(struct db_query *q, unsigned at, const void *bytes, size_t len)
{
    return bound(q,
                 sqlite3_bind_blob64(q->own, (int)at + 1, bytes, len, SQLITE_STATIC));
}

static int next(struct db_query *q)
{
    int code = sqlite3_step(q->own);

    if (code == SQLITE_ROW) {
        return 1;
    }
    if (code == SQLITE_DONE) {
        return 0;
    }
    fail(q->db, q->sql);
    return -1;
}

static int64_t changed(const struct db_query *q)
{
    return sqlite3_changes64(q->db->own);
}

/* ---- columns --------------------------------------------------------------------- */

static bool get_null(const struct db_query *q, unsigned column)
{
    return sqlite3_column_type(q->own, (int)column) == SQLITE_NULL;
}

static int64_t get_int(const struct db_query *q, unsigned column)
{
    return sqlite3_column_int64(q->own, (int)column);
}

static double get_real(const struct db_query *q, unsigned column)
{
    return sqlite3_column_double(q->own, (int)column);
}

static const char *get_text(const struct db_query *q, unsigned column)
{
    return (const char *)sqlite3_column_text(q->own, (int)column);
}

static const uint8_t *get_blob(const struct db_query *q, unsigned column, size_t *len)
{
    const uint8_t *bytes = sqlite3_column_blob(q->own, (int)column);

    *len = (size_t)sqlite3_column_bytes(q->own, (int)column);
    return bytes;
}

const struct db_kind db_sqlite = {
    "sqlite", open_file, close_file, run,       begin,     prepare,   forget,
    reset,    done,      bind_int,   bind_real, bind_text, bind_blob, next,
    changed,  get_null,  get_int,    get_real,  get_text,  get_blob,  sqlite_backup,
};
