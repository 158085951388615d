/* SPDX-License-Identifier: Apache-2.0
 *
 * Command lines of the offline verbs: a verb's own options and operands, and of the
 * server's settings those that name database and store. */
#include <pwd.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../db/schema.h"
#include "offline_in.h"

#define PASSED_ON_MAX 6

int offline_failed(const char *text, ...)
{
    va_list values;

    fputs("ferryd: ", stderr);
    va_start(values, text);
    vfprintf(stderr, text, values);
    va_end(values);
    fputc('\n', stderr);
    return OFFLINE_FAILED;
}

int offline_misused(const struct offline *x, const char *why)
{
    int first = (int)strcspn(x->usage, "\n");

    fprintf(stderr, "ferryd: %s\n%.*s\n", why, first, x->usage);
    return OFFLINE_MISUSED;
}

/* ---- command lines --------------------------------------------------------------- */

static bool is_setting(const char *word)
{
    return strcmp(word, "--db") == 0 || strcmp(word, "--store") == 0 ||
           strcmp(word, "--config") == 0;
}

static struct offline_option *option(struct offline *x, const char *word)
{
    for (unsigned i = 0; i < x->len; i++) {
        if (strcmp(word, x->options[i].name) == 0) {
            return &x->options[i];
        }
    }
    return NULL;
}

/* How many words it took; 0: there is no such, or too many, or a value is missing. */
static int take(struct offline *x, int left, char **argv)
{
    struct offline_option *o = option(x, argv[0]);

    if (o != NULL && o->takes) {
        o->value = left > 1 ? argv[1] : NULL;
        return left > 1 ? 2 : 0;
    }
    if (o != NULL) {
        o->value = "";
        return 1;
    }
    if (argv[0][0] == '-' || x->operands == OFFLINE_OPERANDS_MAX) {
        return 0;
    }
    x->operand[x->operands++] = argv[0];
    return 1;
}

static int wrong_word(const struct offline *x, const char *word)
{
    char why[120];

    snprintf(why, sizeof why, "%.60s: not known here, or without its value", word);
    return offline_misused(x, why);
}

int offline_read(struct offline *x, int argc, char **argv)
{
    char *settings[PASSED_ON_MAX];
    int passed_on = 0, took;

    for (int i = 0; i < argc; i += took) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(x->usage, stdout);
            return OFFLINE_DONE;
        }
        if (is_setting(argv[i]) && i + 1 < argc && passed_on + 2 <= PASSED_ON_MAX) {
            settings[passed_on++] = argv[i];
            settings[passed_on++] = argv[i + 1];
            took = 2;
        } else {
            took = take(x, argc - i, argv + i);
        }
        if (took == 0) {
            return wrong_word(x, argv[i]);
        }
    }
    return settings_read(&x->set, passed_on, settings);
}

/* ---- databases ------------------------------------------------------------------- */

struct db *offline_open(const char *where, enum db_role role)
{
    char why[DB_WHY_MAX];

    if (sodium_init() < 0) {
        offline_failed("libsodium does not start");
        return NULL;
    }
    struct db *db = db_open(where, role, why, sizeof why);
    if (db != NULL && !schema_ready(db, why, sizeof why)) {
        db_close(db);
        db = NULL;
    }
    if (db == NULL) {
        offline_failed("%s", why);
    }
    return db;
}

int64_t offline_now(struct db *db)
{
    struct db_query *q = db_ask(db, "SELECT at FROM log ORDER BY seq DESC LIMIT 1");
    int64_t newest = db_next(q) ? db_get_int(q, 0) : 0, now = time(NULL);

    db_done(q);
    return newest > now ? newest : now;
}

void offline_actor(char actor[OFFLINE_ACTOR_MAX])
{
    const struct passwd *user = getpwuid(geteuid());

    if (user != NULL) {
        snprintf(actor, OFFLINE_ACTOR_MAX, "%.60s (local)", user->pw_name);
    } else {
        snprintf(actor, OFFLINE_ACTOR_MAX, "user %u (local)", (unsigned)geteuid());
    }
}

bool offline_event(struct db *db, enum event_kind kind, const void *body, size_t len,
                   struct outcome *o)
{
    char actor[OFFLINE_ACTOR_MAX];
    struct event e = {
        .kind = kind, .actor = actor, .relay = "", .body = body, .len = len};

    memset(o, 0, sizeof *o);
    offline_actor(actor);
    if (!db_begin(db)) {
        offline_failed("%s", db_why(db));
        return false;
    }
    e.at = offline_now(db);
    event_apply(db, &e, o);
    bool good = o->status >= 200 && o->status < 300;
    if (!good) {
        offline_failed("%s", o->why);
    } else if (!db_commit(db)) {
        offline_failed("%s", db_why(db));
        json_decref(o->answer);
        good = false;
    }
    if (!good) {
        db_rollback(db);
    }
    return good;
}
