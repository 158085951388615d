/* SPDX-License-Identifier: Apache-2.0
 *
 * An empty database for a test: SQLite's in a folder of its own, or, where FERRY_FLEET_PG
 * is a connection string, that server's (tests/fleet/cluster.py starts one). Knows how to
 * empty and to remove them; whoever includes it has cmocka. */
#ifndef FERRY_TEST_FLEET_BASE_H
#define FERRY_TEST_FLEET_BASE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db.h"
#include "schema.h"

struct base {
    char folder[64]; /* "" of a server's */
    char where[300];
};

static inline struct db *base_open(const struct base *b, enum db_role role)
{
    char why[DB_WHY_MAX];
    struct db *db = db_open(b->where, role, why, sizeof why);

    if (db == NULL) {
        print_error("%s\n", why);
    }
    assert_non_null(db);
    return db;
}

static inline void base_bare_file(struct base *b)
{
    memset(b, 0, sizeof *b);
    snprintf(b->folder, sizeof b->folder, "/tmp/ferry-base-XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    snprintf(b->where, sizeof b->where, "sqlite:%s/fleet.db", b->folder);
}

/* Without tables, at first. */
static inline void base_bare(struct base *b)
{
    const char *server = getenv("FERRY_FLEET_PG");

    memset(b, 0, sizeof *b);
    if (server != NULL) {
        snprintf(b->where, sizeof b->where, "%s", server);
        struct db *db = base_open(b, DB_WRITER);
        assert_true(db_run(db, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"));
        db_close(db);
        return;
    }
    base_bare_file(b);
}

/* With tables, and its writer's connection. */
static inline struct db *base_new(struct base *b)
{
    char why[DB_WHY_MAX];

    base_bare(b);
    struct db *db = base_open(b, DB_WRITER);
    if (!schema_ready(db, why, sizeof why)) {
        fail_msg("%s", why);
    }
    return db;
}

static inline void base_remove(const struct base *b)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[100];

    if (b->folder[0] == '\0') {
        return;
    }
    for (unsigned i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/fleet.db%s", b->folder, ends[i]);
        unlink(path);
    }
    rmdir(b->folder);
}

#endif
