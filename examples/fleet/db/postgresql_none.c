/* SPDX-License-Identifier: Apache-2.0
 *
 * In the place of postgresql.c where libpq was not there at build time: says so. */
#include "db_in.h"

static bool open_nothing(struct db *db, const char *where)
{
    (void)where;
    db_fail(db, NULL, "this ferryd was built without PostgreSQL (libpq was missing)");
    return false;
}

static void close_nothing(struct db *db)
{
    (void)db;
}

const struct db_kind db_postgresql = {
    .name = "postgresql",
    .open = open_nothing,
    .close = close_nothing,
};
