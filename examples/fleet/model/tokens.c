/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens are 32 random bytes, so that hashing them once is enough, and looking for the
 * hash in an index tells nothing about the token. */
#include "tokens.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "body.h"

#define PREFIX "ferry_" /* so that searches for leaked secrets find it */
#define SECRET_LEN 32U
#define HASH_LEN 32U

static const struct {
    const char *name;
    unsigned scope;
} scopes_all[] = {
    {"read", TOKEN_READ},
    {"operate", TOKEN_OPERATE},
    {"admin", TOKEN_ADMIN},
};
#define SCOPES (sizeof scopes_all / sizeof scopes_all[0])

/* ---- scopes ---------------------------------------------------------------------- */

bool token_scopes_read(const char *text, unsigned *scopes)
{
    unsigned found = 0;

    while (*text != '\0') {
        size_t len = strcspn(text, ","), i = 0;
        while (i < SCOPES && (strlen(scopes_all[i].name) != len ||
                              strncmp(scopes_all[i].name, text, len) != 0)) {
            i++;
        }
        if (i == SCOPES) {
            return false;
        }
        found |= scopes_all[i].scope;
        text += len;
        text += *text == ',';
    }
    if (found != 0) {
        *scopes = found;
    }
    return found != 0;
}

void token_scopes_write(unsigned scopes, char text[TOKEN_SCOPES_TEXT])
{
    text[0] = '\0';
    for (size_t i = 0; i < SCOPES; i++) {
        if ((scopes & scopes_all[i].scope) != 0) {
            strcat(text, text[0] != '\0' ? "," : "");
            strcat(text, scopes_all[i].name);
        }
    }
}

/* ---- whose ----------------------------------------------------------------------- */

static void hash_of(const char *token, uint8_t hash[HASH_LEN])
{
    crypto_generichash(hash, HASH_LEN, (const uint8_t *)token, strlen(token), NULL, 0);
}

bool token_check(struct db *db, const char *token, struct token_holder *who)
{
    uint8_t hash[HASH_LEN];
    size_t len = 0;

    hash_of(token, hash);
    struct db_query *q = db_ask(db, "SELECT hash, name, scopes FROM tokens"
                                    " WHERE hash = ? AND revoked_at IS NULL");
    db_blob(q, 0, hash, sizeof hash);
    bool good = db_next(q);
    const uint8_t *found = db_get_blob(q, 0, &len);
    good = good && len == HASH_LEN && sodium_memcmp(found, hash, HASH_LEN) == 0;
    if (good) {
        snprintf(who->name, sizeof who->name, "%s", db_get_text(q, 1));
        who->scopes = (unsigned)db_get_int(q, 2);
    }
    db_done(q);
    return good;
}

void token_each(struct db *db, void (*each)(void *ctx, const struct token_row *row),
                void *ctx)
{
    struct db_query *q = db_ask(
        db, "SELECT name, scopes, made_at, revoked_at FROM tokens ORDER BY name");

    while (db_next(q)) {
        struct token_row row = {db_get_text(q, 0), (unsigned)db_get_int(q, 1),
                                db_get_int(q, 2), db_get_int(q, 3)};
        each(ctx, &row);
    }
}

/* ---- making and revoking --------------------------------------------------------- */

/* For the record: who has given out or taken away what. Nothing follows from it. */
void token_apply(struct db *db, const struct event *e, int64_t seq, struct outcome *o)
{
    struct body b;
    unsigned scopes;
    (void)db;
    (void)seq;

    if (body_open(&b, e->body, e->len, o)) {
        body_text(&b, "name", 1, TOKEN_NAME_MAX);
        if (!token_scopes_read(body_text(&b, "scopes", 0, TOKEN_SCOPES_TEXT),
                               &scopes)) {
            body_wrong(&b, "scopes", "scopes are of read, operate and admin");
        }
    }
    if (body_good(&b)) {
        outcome_say(o, 200, "", "%s", "");
    }
    body_close(&b);
}

static void record(struct db *db, const char *name, unsigned scopes, bool revoked,
                   int64_t at, const char *actor, struct outcome *o)
{
    char text[TOKEN_SCOPES_TEXT];

    token_scopes_write(scopes, text);
    json_t *body =
        json_pack("{ss ss sb}", "name", name, "scopes", text, "revoked", revoked);
    char *json = body != NULL ? json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(body);
    if (json == NULL) {
        outcome_say(o, 422, "/name", "a token's name must be UTF-8");
        return;
    }
    struct event e = {EVENT_TOKEN, at, actor, "", 0, json, strlen(json)};
    event_apply(db, &e, o);
    free(json);
}

static bool known(struct db *db, const char *name, unsigned *scopes, bool *good)
{
    struct db_query *q =
        db_ask(db, "SELECT scopes, revoked_at FROM tokens WHERE name = ?");

    db_text(q, 0, name);
    bool found = db_next(q);
    *scopes = (unsigned)db_get_int(q, 0);
    *good = found && db_get_null(q, 1);
    db_done(q);
    return found;
}

/* The database may fail behind the event: then nothing is committed, and 500 it is. */
static void end(struct db *db, struct outcome *o)
{
    if (db_failed(db)) {
        outcome_say(o, 500, "", "%.230s", db_why(db));
    }
}

void token_add(struct db *db, const char *name, unsigned scopes, int64_t at,
               const char *actor, char token[TOKEN_TEXT], struct outcome *o)
{
    uint8_t secret[SECRET_LEN], hash[HASH_LEN];
    unsigned theirs;
    bool good;

    memset(o, 0, sizeof *o);
    if (known(db, name, &theirs, &good)) {
        outcome_say(o, 409, "/name", "there %s a token \"%.*s\": take another name",
                    good ? "is" : "was", (int)TOKEN_NAME_MAX, name);
        return;
    }
    record(db, name, scopes, false, at, actor, o);
    if (o->status != 200) {
        return;
    }
    randombytes_buf(secret, sizeof secret);
    memcpy(token, PREFIX, sizeof PREFIX);
    sodium_bin2base64(token + sizeof PREFIX - 1, TOKEN_TEXT - sizeof PREFIX + 1, secret,
                      sizeof secret, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(secret, sizeof secret);
    hash_of(token, hash);
    struct db_query *q = db_ask(
        db, "INSERT INTO tokens (hash, name, scopes, made_at) VALUES (?, ?, ?, ?)");
    db_blob(q, 0, hash, sizeof hash);
    db_text(q, 1, name);
    db_int(q, 2, scopes);
    db_int(q, 3, at);
    db_do(q);
    end(db, o);
}

void token_revoke(struct db *db, const char *name, int64_t at, const char *actor,
                  struct outcome *o)
{
    unsigned scopes;
    bool good;

    memset(o, 0, sizeof *o);
    if (!known(db, name, &scopes, &good) || !good) {
        outcome_say(o, 404, "/name", "there is no token \"%.*s\" that is good",
                    (int)TOKEN_NAME_MAX, name);
        return;
    }
    record(db, name, scopes, true, at, actor, o);
    if (o->status != 200) {
        return;
    }
    struct db_query *q = db_ask(db, "UPDATE tokens SET revoked_at = ? WHERE name = ?");
    db_int(q, 0, at);
    db_text(q, 1, name);
    db_do(q);
    end(db, o);
}
