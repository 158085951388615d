/* SPDX-License-Identifier: Apache-2.0
 *
 * One connection to a database, SQLite's or PostgreSQL's: the SQL that both speak, with
 * parameters, in transactions. Knows connections, statements and columns; no table.
 *
 * A failure sticks: once anything has failed, every call does nothing and says so until
 * db_rollback, and db_commit fails. So a function that asks ten things checks once. */
#ifndef FERRY_FLEET_DB_H
#define FERRY_FLEET_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DB_PARAMETERS_MAX 24U
#define DB_WHY_MAX 300U

struct db;
struct db_query; /* prepared; the connection's own */

/* Who opens it: of a database there is one writer at a time, over all processes. */
enum db_role { DB_READER, DB_WRITER };

/* `where`: sqlite:PATH, or a PostgreSQL connection string (postgresql://... or key=value).
 * NULL: `why` says why, without the password. One thread at a time may use it. */
struct db *db_open(const char *where, enum db_role role, char *why, size_t cap);
void db_close(struct db *db);

/* "sqlite" or "postgresql". */
const char *db_kind(const struct db *db);
bool db_writes(const struct db *db);

/* A copy of one moment's state in a new file, while others read and write. SQLite's alone:
 * of another kind `why` says how it is done there. */
bool db_backup(struct db *db, const char *path, char *why, size_t cap);

/* Did something fail since the last db_begin or db_rollback? What and where, one line. */
bool db_failed(const struct db *db);
const char *db_why(const struct db *db);

/* A writer's transaction is alone: it waits for any other writer first. Committed is on
 * the disk; a commit that returns false was none, or (PostgreSQL's connection broke in it)
 * nobody knows: roll back, and look. A reader's sees one state of everything. Beginning
 * forgets failures outside of transactions, and connects again where that was lost. Rows
 * that were not read to their end are gone with the transaction. */
bool db_begin(struct db *db);
bool db_commit(struct db *db);
void db_rollback(struct db *db);

/* A part of a transaction that can be taken back alone, with its failure. Parts may be
 * within parts. Each db_save is followed by a db_keep that returns true or a
 * db_take_back, whatever it returned itself. */
bool db_save(struct db *db);
bool db_keep(struct db *db);
void db_take_back(struct db *db);

/* SQL without parameters or rows; several, with ';' between. */
bool db_run(struct db *db, const char *sql);

/* Prepared once for each `sql` (by its address: a literal) and kept; one that was not read
 * to its end begins anew. Parameters are ?, and all NULL at first. Never NULL: of a failed
 * connection it gives no rows. */
struct db_query *db_ask(struct db *db, const char *sql);
void db_int(struct db_query *q, unsigned at, int64_t value); /* `at` counts from 0 */
void db_real(struct db_query *q, unsigned at, double value);
void db_text(struct db_query *q, unsigned at, const char *value); /* NULL: NULL */
void db_blob(struct db_query *q, unsigned at, const void *bytes, size_t len);

/* The next row is there. Bytes given to db_text and db_blob must live until the first
 * call; what db_get_* points to, until the next. At the end, or with db_done, the query
 * can be asked again. */
bool db_next(struct db_query *q);
void db_done(struct db_query *q);

/* Run a query that gives no rows: the rows it changed, or -1. */
int64_t db_do(struct db_query *q);

/* A column is read as what it is: nothing is converted but integers and reals. 0, "" or
 * NULL where there is no row. */
bool db_get_null(const struct db_query *q, unsigned column);
int64_t db_get_int(const struct db_query *q, unsigned column);
double db_get_real(const struct db_query *q, unsigned column);
const char *db_get_text(const struct db_query *q, unsigned column); /* "" for NULL */
const uint8_t *db_get_blob(const struct db_query *q, unsigned column, size_t *len);

#endif
