/* SPDX-License-Identifier: Apache-2.0
 *
 * What is opened in which order, and closed in which: HTTP takes no more, the writer does
 * what was accepted, and only then do the answers' connections end. */
#include "serve.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../model/tokens.h"
#include "http.h"
#include "meta.h"
#include "say.h"
#include "schema.h"
#include "server.h"
#include "tls.h"

#define WHY_MAX 500

/* ---- a demonstration's folder ---------------------------------------------------- */

static bool make_folder(struct server *s, char *why, size_t cap)
{
    const char *temporary = getenv("TMPDIR");
    struct settings *set = &s->set;

    snprintf(s->folder, sizeof s->folder, "%s/ferryd-XXXXXX",
             temporary != NULL ? temporary : "/tmp");
    if (mkdtemp(s->folder) == NULL) {
        snprintf(why, cap, "%.300s: %s", s->folder, strerror(errno));
        s->folder[0] = '\0';
        return false;
    }
    if (set->store[0] == '\0') {
        snprintf(set->store, sizeof set->store, "%.900s/store", s->folder);
        if (mkdir(set->store, 0700) != 0) {
            snprintf(why, cap, "%.300s: %s", set->store, strerror(errno));
            return false;
        }
    }
    if (set->db[0] == '\0') {
        snprintf(set->db, sizeof set->db, "sqlite:%.900s/fleet.db", s->folder);
    }
    return true;
}

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

static void remove_folder(const struct server *s)
{
    if (s->folder[0] != '\0') {
        nftw(s->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    }
}

/* ---- the database ---------------------------------------------------------------- */

static bool ready_secret(struct server *s, struct db *db)
{
    if (meta_get(db, "nonce", s->secret, sizeof s->secret) < sizeof s->secret) {
        randombytes_buf(s->secret, sizeof s->secret);
        meta_put(db, "nonce", s->secret, sizeof s->secret);
    }
    return !db_failed(db);
}

/* Somebody must be able to operate a demonstration. */
static bool ready_token(struct server *s, struct db *db)
{
    char token[TOKEN_TEXT];
    struct outcome o;

    if (s->folder[0] == '\0') {
        return true;
    }
    token_add(db, "demo", TOKEN_READ | TOKEN_OPERATE | TOKEN_ADMIN,
              fleet_clock_now(&s->clock), "ferryd", token, &o);
    json_decref(o.answer);
    printf("token %s\n", token);
    sodium_memzero(token, sizeof token);
    return o.status == 200;
}

static struct db *open_db(struct server *s, char *why, size_t cap)
{
    struct db *db = db_open(s->set.db, DB_WRITER, why, cap);

    if (db == NULL) {
        return NULL;
    }
    if (!schema_ready(db, why, cap)) {
        db_close(db);
        return NULL;
    }
    if (!db_begin(db) || !ready_secret(s, db) ||
        !fleet_clock_open(&s->clock, db, s->set.hour_s) || !ready_token(s, db) ||
        !db_commit(db)) {
        snprintf(why, cap, "%s", db_why(db));
        db_close(db);
        return NULL;
    }
    return db;
}

/* A store that cannot be read is found out now, not by the first phone. */
static bool try_reader(struct server *s, char *why, size_t cap)
{
    struct reader one;

    readers_open(&s->readers, s->set.db, s->set.store);
    if (!readers_take(&s->readers, &one, why, cap)) {
        return false;
    }
    readers_give(&s->readers, &one);
    return true;
}

/* ---- life ------------------------------------------------------------------------ */

/* As many descriptors as there may be: each connection is one. */
static void raise_limits(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

static bool start(struct server *s, char *why, size_t cap)
{
    if ((s->set.db[0] == '\0' || s->set.store[0] == '\0') &&
        !make_folder(s, why, cap)) {
        return false;
    }
    struct db *db = open_db(s, why, cap);
    if (db == NULL || !try_reader(s, why, cap)) {
        db_close(db);
        return false;
    }
    sightings_open(&s->sightings);
    if (!limit_open(&s->limit, s->set.relay_rate, s->set.relay_burst)) {
        snprintf(why, cap, "no memory");
        db_close(db);
        return false;
    }
    s->writer = writer_start(s, db, s->set.queue, why, cap);
    return s->writer != NULL && http_start(s, why, cap);
}

static void stop(struct server *s)
{
    if (s->http != NULL) {
        http_close(s);
    }
    if (s->writer != NULL) {
        writer_stop(s->writer);
        limit_close(&s->limit);
        sightings_close(&s->sightings);
    }
    if (s->http != NULL) {
        http_stop(s);
    }
    tls_forget();
    readers_close(&s->readers);
    remove_folder(s);
}

/* New certificates, or the old ones go on. */
static void renew(const struct server *s)
{
    char why[WHY_MAX];

    if (!settings_tls(&s->set)) {
        say("info", "signal %d: without tls-cert there is nothing to read again",
            SIGHUP);
    } else if (!tls_read(&s->set, why, sizeof why)) {
        say("error", "the certificate is still the one from before: %s", why);
    }
}

/* A terminal that closes takes its demonstration along. */
static bool is_end(const struct server *s, int signal)
{
    return signal != SIGHUP || (s->set.demo && !settings_tls(&s->set));
}

static void wait_for_end(const struct server *s, const sigset_t *signals)
{
    int which;

    while (sigwait(signals, &which) == 0 && !is_end(s, which)) {
        renew(s);
    }
    say("info", "signal %d: closing", which);
}

int serve(int argc, char **argv)
{
    static struct server s;
    char why[WHY_MAX], where[200];
    sigset_t signals;
    int code = settings_read(&s.set, argc, argv);

    if (code >= 0) {
        return code;
    }
    if (sodium_init() < 0) {
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit is like a full disk: not our end */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* all threads' */
    raise_limits();
    if (start(&s, why, sizeof why)) {
        http_where(&s, where, sizeof where);
        printf("listening %s\n", where);
        fflush(stdout);
        say("info", "listening on %s, %s, store %s", where,
            strncmp(s.set.db, "sqlite:", 7) == 0 ? s.set.db : "PostgreSQL",
            s.set.store);
        wait_for_end(&s, &signals);
        stop(&s);
        say("info", "closed");
        return 0;
    }
    fprintf(stderr, "ferryd: %s\n", why);
    stop(&s);
    return 1;
}
