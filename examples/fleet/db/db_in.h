/* SPDX-License-Identifier: Apache-2.0
 *
 * What a kind of database has to bring (sqlite.c, postgresql.c). db.c keeps transactions,
 * failures and prepared queries; a kind knows its library's calls and nothing of those. */
#ifndef FERRY_FLEET_DB_IN_H
#define FERRY_FLEET_DB_IN_H

#include "db.h"

#define DB_QUERIES_MAX 512U /* different SQL texts of one connection; a power of two */
#define DB_NAME_MAX 200U

struct db_query {
    struct db *db;
    const char *sql;
    unsigned no; /* of the connection's queries */
    void *own;   /* the kind's; NULL: not prepared */
    bool row;    /* columns can be read */
};

/* Those that return bool or a number have called db_fail() when it is false or -1. None
 * is called of a connection that has failed, but for rollback, take_back and forget. */
struct db_kind {
    const char *name;
    bool (*open)(struct db *db, const char *where);
    void (*close)(struct db *db);
    bool (*run)(struct db *db, const char *sql);
    bool (*begin)(struct db *db);
    bool (*prepare)(struct db_query *q);
    void (*forget)(struct db_query *q);
    void (*reset)(struct db_query *q); /* no rows, and every parameter NULL */
    void (*done)(struct db_query *q);  /* no rows */
    bool (*bind_int)(struct db_query *q, unsigned at, int64_t value);
    bool (*bind_real)(struct db_query *q, unsigned at, double value);
    bool (*bind_text)(struct db_query *q, unsigned at, const char *value);
    bool (*bind_blob)(struct db_query *q, unsigned at, const void *bytes, size_t len);
    int (*next)(struct db_query *q); /* 1: a row */
    int64_t (*changed)(const struct db_query *q);
    bool (*get_null)(const struct db_query *q, unsigned column);
    int64_t (*get_int)(const struct db_query *q, unsigned column);
    double (*get_real)(const struct db_query *q, unsigned column);
    const char *(*get_text)(const struct db_query *q, unsigned column);
    const uint8_t *(*get_blob)(const struct db_query *q, unsigned column, size_t *len);
    bool (*backup)(struct db *db, const char *path, char *why,
                   size_t cap); /* or NULL */
};

struct db {
    const struct db_kind *kind;
    enum db_role role;
    void *own;
    char name[DB_NAME_MAX]; /* for people: without a password */
    char why[DB_WHY_MAX];
    bool failed, within; /* a transaction */
    unsigned saves; /* parts begun and not ended, with those begun after a failure */
    unsigned failed_at;      /* `saves` when it failed */
    struct db_query nothing; /* what a failed connection's questions are */
    struct db_query *queries[DB_QUERIES_MAX];
};

bool sqlite_backup(struct db *db, const char *path, char *why, size_t cap);
extern const struct db_kind db_sqlite, db_postgresql;

/* Only the first failure is told. `sql`: what was asked, or NULL. */
void db_fail(struct db *db, const char *sql, const char *why);

#endif
