/* SPDX-License-Identifier: Apache-2.0
 *
 * The offline verbs that add something: devices, releases, tokens. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../model/devices.h"
#include "../model/releases.h"
#include "../model/tokens.h"
#include "offline.h"
#include "offline_in.h"
#include "text.h"

/* ---- devices --------------------------------------------------------------------- */

static const char devices_usage[] =
    "usage: ferryd devices FILE.csv [--db DATABASE]\n"
    "\n"
    "Imports devices. The file's first line names its columns: id,class,key,hw_rev "
    "and, if\n"
    "there are any, region,tags,household; others are passed over. ids are 32 "
    "hexadecimal\n"
    "digits, a key the 64 of an Ed25519 public key, regions and tags numbers below 32, "
    "tags\n"
    "with spaces between. Of a device that is known region, tags and household change "
    "where\n"
    "the line says something of them (`-`: none); class, key and hw_rev never do.\n"
    "\n"
    "The whole file is read first, and nothing is imported if a line is wrong. "
    "Importing it\n"
    "again does no harm.\n";

struct import {
    struct db *db;
    struct progress progress;
    json_int_t devices, fresh, changed;
};

static json_int_t count(const json_t *answer, const char *name)
{
    return json_integer_value(json_object_get(answer, name));
}

static bool import_piece(void *ctx, const char *csv, size_t len, unsigned devices)
{
    struct import *in = ctx;
    struct outcome o;
    (void)devices;

    if (!offline_event(in->db, EVENT_DEVICES, csv, len, &o)) {
        return false;
    }
    in->devices += count(o.answer, "devices");
    in->fresh += count(o.answer, "new");
    in->changed += count(o.answer, "changed");
    json_decref(o.answer);
    progress_at(&in->progress, in->devices);
    return true;
}

static int import(struct import *in, const char *path)
{
    char why[300];
    size_t total;

    if (!devices_count(path, &total, why, sizeof why)) {
        return offline_failed("%s", why);
    }
    progress_begin(&in->progress, "devices", (int64_t)total);
    bool good = devices_split(path, import_piece, in, why, sizeof why);
    progress_end(&in->progress);
    if (!good) {
        return offline_failed("%s: %lld of %zu devices were imported before that", path,
                              (long long)in->devices, total);
    }
    printf("%lld devices: %lld new, %lld changed, %lld as they were\n",
           (long long)in->devices, (long long)in->fresh, (long long)in->changed,
           (long long)(in->devices - in->fresh - in->changed));
    return OFFLINE_DONE;
}

int offline_devices(int argc, char **argv)
{
    struct offline x = {.usage = devices_usage};
    struct import in = {0};
    int code = offline_read(&x, argc, argv);

    if (code >= 0) {
        return code;
    }
    if (x.operands != 1) {
        return offline_misused(&x, "one file of devices, please");
    }
    in.db = offline_open(x.set.db, DB_WRITER);
    if (in.db == NULL) {
        return OFFLINE_FAILED;
    }
    code = import(&in, x.operand[0]);
    db_close(in.db);
    return code;
}

/* ---- releases -------------------------------------------------------------------- */

static const char releases_usage[] =
    "usage: ferryd releases CLASS VERSION [--pass] [--store STORE] [--db DATABASE]\n"
    "\n"
    "Takes a release over from the artifact store, where `ferry release publish` put "
    "it, so\n"
    "that it can be rolled out. The manifest of each of its artifacts must say what "
    "its\n"
    "record says.\n"
    "\n"
    "  --pass   devices with an older version must take this one on their way to a "
    "newer\n";

static int take_over(const struct offline *x, const uint8_t class_id[16],
                     uint32_t version, bool pass)
{
    char why[300];
    struct outcome o;
    struct store *store = settings_store(x->set.store, 60, 4, why, sizeof why);

    if (store == NULL) {
        return offline_failed("%s", why);
    }
    char *body = release_body(store, class_id, version, pass, &o);
    store_close(store);
    if (body == NULL) {
        return offline_failed("%s", o.why);
    }
    struct db *db = offline_open(x->set.db, DB_WRITER);
    bool good = db != NULL && offline_event(db, EVENT_RELEASE, body, strlen(body), &o);
    if (good) {
        printf("release %s is there: number %lld\n", x->operand[1],
               (long long)count(o.answer, "release"));
        json_decref(o.answer);
    }
    free(body);
    db_close(db);
    return good ? OFFLINE_DONE : OFFLINE_FAILED;
}

int offline_releases(int argc, char **argv)
{
    struct offline_option options[] = {{"--pass", false, NULL}};
    struct offline x = {.usage = releases_usage, .options = options, .len = 1};
    uint8_t class_id[ID_LEN];
    uint32_t version;
    int code = offline_read(&x, argc, argv);

    if (code >= 0) {
        return code;
    }
    if (x.operands != 2) {
        return offline_misused(&x, "a class and a version, please");
    }
    if (!text_id(x.operand[0], class_id)) {
        return offline_misused(&x, "a class is 32 hexadecimal digits");
    }
    if (!text_version(x.operand[1], &version)) {
        return offline_misused(&x, "a version is three numbers: 1.2.3");
    }
    return take_over(&x, class_id, version, options[0].value != NULL);
}

/* ---- tokens ---------------------------------------------------------------------- */

static const char token_usage[] =
    "usage: ferryd token add NAME SCOPES | list | revoke NAME [--db DATABASE]\n"
    "\n"
    "SCOPES are some of read, operate and admin, with commas between. A token is "
    "printed\n"
    "once, when it is made; kept is its hash. Give it as `Authorization: Bearer "
    "TOKEN`.\n";

/* Behind token_add or token_revoke, in their transaction. */
static bool end(struct db *db, const struct outcome *o)
{
    if (o->status == 200 && db_commit(db)) {
        return true;
    }
    offline_failed("%s", o->status != 200 ? o->why : db_why(db));
    db_rollback(db);
    return false;
}

static int add(struct db *db, const char *name, const char *scopes_text)
{
    char actor[OFFLINE_ACTOR_MAX], token[TOKEN_TEXT];
    unsigned scopes;
    struct outcome o = {.status = 500};

    if (!token_scopes_read(scopes_text, &scopes)) {
        offline_failed("%s: scopes are some of read, operate and admin", scopes_text);
        return OFFLINE_MISUSED;
    }
    offline_actor(actor);
    if (db_begin(db)) {
        token_add(db, name, scopes, offline_now(db), actor, token, &o);
    }
    if (!end(db, &o)) {
        return OFFLINE_FAILED;
    }
    printf("%s\n", token);
    return OFFLINE_DONE;
}

static int revoke(struct db *db, const char *name)
{
    char actor[OFFLINE_ACTOR_MAX];
    struct outcome o = {.status = 500};

    offline_actor(actor);
    if (db_begin(db)) {
        token_revoke(db, name, offline_now(db), actor, &o);
    }
    return end(db, &o) ? OFFLINE_DONE : OFFLINE_FAILED;
}

static void show_time(int64_t at, char text[24])
{
    struct tm utc;
    time_t seconds = (time_t)at;

    strftime(text, 24, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &utc));
}

static void show(void *ctx, const struct token_row *row)
{
    char scopes[TOKEN_SCOPES_TEXT], made[24], revoked[24];
    (void)ctx;

    token_scopes_write(row->scopes, scopes);
    show_time(row->made_at, made);
    show_time(row->revoked_at, revoked);
    printf("%-24s %-20s made %s%s%s\n", row->name, scopes, made,
           row->revoked_at > 0 ? ", revoked " : "", row->revoked_at > 0 ? revoked : "");
}

static int list(struct db *db)
{
    token_each(db, show, NULL);
    return db_failed(db) ? offline_failed("%s", db_why(db)) : OFFLINE_DONE;
}

static bool is(const struct offline *x, const char *word, unsigned operands)
{
    return x->operands == operands && strcmp(x->operand[0], word) == 0;
}

int offline_token(int argc, char **argv)
{
    struct offline x = {.usage = token_usage};
    int code = offline_read(&x, argc, argv);

    if (code >= 0) {
        return code;
    }
    if (!is(&x, "add", 3) && !is(&x, "list", 1) && !is(&x, "revoke", 2)) {
        return offline_misused(&x, "add NAME SCOPES, list, or revoke NAME");
    }
    struct db *db = offline_open(x.set.db, DB_WRITER);
    if (db == NULL) {
        return OFFLINE_FAILED;
    }
    code = is(&x, "list", 1)     ? list(db)
           : is(&x, "revoke", 2) ? revoke(db, x.operand[1])
                                 : add(db, x.operand[1], x.operand[2]);
    db_close(db);
    return code;
}
