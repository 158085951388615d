/* SPDX-License-Identifier: Apache-2.0
 *
 * The offline verbs about the whole database: is its log whole, does it decide the same
 * again, and a copy of it. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../model/carry.h"
#include "../model/log.h"
#include "../model/same.h"
#include "offline.h"
#include "offline_in.h"

/* ---- replay ---------------------------------------------------------------------- */

static const char replay_usage[] =
    "usage: ferryd replay --into DATABASE [--db DATABASE]\n"
    "\n"
    "Plays the log into another, empty database, of the other kind if you like, and "
    "looks\n"
    "whether every table came out the same. Tokens and the nonces' secret go along: so "
    "this\n"
    "is how to move to PostgreSQL and back. Stop the server first: what it takes in\n"
    "meanwhile is not in the copy.\n";

static bool begin(struct db *db)
{
    if (!db_begin(db)) {
        offline_failed("%s", db_why(db));
    }
    return !db_failed(db);
}

static void tell_progress(void *ctx, int64_t seq)
{
    progress_at(ctx, seq);
}

/* `from` in a transaction: whatever a server does meanwhile, it is one moment's log and one
 * moment's tables. */
static int play(struct db *from, struct db *into)
{
    struct progress progress;
    char why[400];

    progress_begin(&progress, "events", log_newest(from));
    bool good = log_replay(from, into, tell_progress, &progress, why, sizeof why) &&
                carry_over(from, into, why, sizeof why);
    progress_end(&progress);
    if (!good || !same_tables(from, into, why, sizeof why)) {
        return offline_failed("%s", why);
    }
    printf("%lld events made the same tables\n", (long long)log_newest(into));
    return OFFLINE_DONE;
}

int offline_replay(int argc, char **argv)
{
    struct offline_option options[] = {{"--into", true, NULL}};
    struct offline x = {.usage = replay_usage, .options = options, .len = 1};
    int code = offline_read(&x, argc, argv);

    if (code >= 0) {
        return code;
    }
    if (x.operands > 0 || options[0].value == NULL) {
        return offline_misused(&x, "--into another database, please");
    }
    struct db *from = offline_open(x.set.db, DB_READER);
    struct db *into = from != NULL ? offline_open(options[0].value, DB_WRITER) : NULL;
    code = into != NULL && begin(from) ? play(from, into) : OFFLINE_FAILED;
    db_close(into);
    db_close(from);
    return code;
}

/* ---- check ----------------------------------------------------------------------- */

static const char check_usage[] = "usage: ferryd check [--replay] [--db DATABASE]\n"
                                  "\n"
                                  "Reckons every hash of the log anew. Prints how many "
                                  "events there are and the newest\n"
                                  "one's hash: write that down elsewhere, and nobody "
                                  "can write the log anew unnoticed.\n"
                                  "\n"
                                  "  --replay   play it into a temporary database, "
                                  "too: every table must come out the\n"
                                  "             same\n";

static int check_replay(struct db *db)
{
    char folder[] = "/tmp/ferryd-check-XXXXXX", where[64], path[48];
    static const char *const ends[] = {"", "-wal", "-shm"};

    if (mkdtemp(folder) == NULL) {
        return offline_failed("%s: %s", folder, strerror(errno));
    }
    snprintf(where, sizeof where, "sqlite:%s/db", folder);
    struct db *into = offline_open(where, DB_WRITER);
    int code = into != NULL ? play(db, into) : OFFLINE_FAILED;
    db_close(into);
    for (unsigned i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(path, sizeof path, "%s/db%s", folder, ends[i]);
        unlink(path);
    }
    rmdir(folder);
    return code;
}

static int check(struct db *db)
{
    uint8_t head[LOG_HASH_LEN];
    char why[400], hex[2 * LOG_HASH_LEN + 1];
    int64_t rows;

    if (!log_check(db, &rows, head, why, sizeof why)) {
        return offline_failed("%s", why);
    }
    printf("%lld events, %s\n", (long long)rows,
           sodium_bin2hex(hex, sizeof hex, head, sizeof head));
    return OFFLINE_DONE;
}

int offline_check(int argc, char **argv)
{
    struct offline_option options[] = {{"--replay", false, NULL}};
    struct offline x = {.usage = check_usage, .options = options, .len = 1};
    int code = offline_read(&x, argc, argv);

    if (code >= 0) {
        return code;
    }
    if (x.operands > 0) {
        return offline_misused(&x, "it takes no operand");
    }
    struct db *db = offline_open(x.set.db, DB_READER);
    if (db == NULL || !begin(db)) {
        db_close(db);
        return OFFLINE_FAILED;
    }
    code = check(db);
    if (code == OFFLINE_DONE && options[0].value != NULL) {
        code = check_replay(db);
    }
    db_close(db);
    return code;
}

/* ---- backup ---------------------------------------------------------------------- */

static const char backup_usage[] =
    "usage: ferryd backup FILE [--db DATABASE]\n"
    "\n"
    "Copies an SQLite database, in one moment's state, while it is in use, and checks "
    "the\n"
    "copy's log. FILE must not exist. PostgreSQL has pg_dump for this.\n";

static int backup(struct db *db, const char *path)
{
    char why[DB_WHY_MAX], where[1100];

    if (!db_backup(db, path, why, sizeof why)) {
        return offline_failed("%s", why);
    }
    snprintf(where, sizeof where, "sqlite:%s", path);
    struct db *copy = offline_open(where, DB_READER);
    int code = copy != NULL ? check(copy) : OFFLINE_FAILED;
    db_close(copy);
    return code;
}

int offline_backup(int argc, char **argv)
{
    struct offline x = {.usage = backup_usage};
    int code = offline_read(&x, argc, argv);

    if (code >= 0) {
        return code;
    }
    if (x.operands != 1 || strlen(x.operand[0]) > 1000) {
        return offline_misused(&x, "one file to copy to, please");
    }
    struct db *db = offline_open(x.set.db, DB_READER);
    if (db == NULL) {
        return OFFLINE_FAILED;
    }
    code = backup(db, x.operand[0]);
    db_close(db);
    return code;
}
