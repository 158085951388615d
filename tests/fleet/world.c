/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys come from a unit's number, so that two worlds that live alike are the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "text.h"
#include "world.h"

#define IMPORT 500U /* devices in one event */

void world_free(struct world *w)
{
    db_close(w->db);
    base_remove(&w->base);
    free(w->unit);
    free(w);
}

int world_take_down(void **state)
{
    world_free(*state);
    return 0;
}

int32_t world_hour(const struct world *w)
{
    return (int32_t)(w->now / 3600);
}

/* ---- events ---------------------------------------------------------------------- */

struct outcome world_tell(struct world *w, enum event_kind kind, const char *actor,
                          int64_t device, const void *body, size_t len)
{
    struct event e = {kind, w->now, actor, "", device, body, len};
    struct outcome o;

    assert_true(w->together || db_begin(w->db));
    event_apply(w->db, &e, &o);
    json_decref(o.answer);
    o.answer = NULL;
    if (!w->together && !db_commit(w->db)) {
        fail_msg("%s", db_why(w->db));
    }
    return o;
}

void world_begin(struct world *w)
{
    assert_true(db_begin(w->db));
    w->together = true;
}

void world_end(struct world *w)
{
    w->together = false;
    if (!db_commit(w->db)) {
        fail_msg("%s", db_why(w->db));
    }
}

static void must(const struct outcome *o)
{
    if (o->status < 200 || o->status >= 300) {
        fail_msg("%u %s: %s", o->status, o->where, o->why);
    }
}

static void operate(struct world *w, enum event_kind kind, const char *body)
{
    struct outcome o = world_tell(w, kind, "anna", 0, body, strlen(body));

    must(&o);
}

int64_t world_number(struct world *w, const char *sql, int64_t a)
{
    struct db_query *q = db_ask(w->db, sql);

    db_int(q, 0, a);
    int64_t n = db_next(q) ? db_get_int(q, 0) : INT64_MIN;
    db_done(q);
    if (db_failed(w->db)) {
        fail_msg("%s", db_why(w->db));
    }
    return n;
}

int64_t world_seen(struct world *w, enum security_kind kind)
{
    return world_number(w, "SELECT COUNT(*) FROM security WHERE kind = ?", kind);
}

int64_t world_treated(struct world *w, int64_t rollout)
{
    return COUNT(w, "exposures WHERE treated = 1", rollout);
}

int64_t world_held_back(struct world *w, int64_t rollout)
{
    return COUNT(w, "exposures WHERE treated = 0", rollout);
}

int64_t world_offers(struct world *w, int64_t rollout)
{
    return COUNT(w, "offers WHERE device > 0", rollout);
}

/* ---- devices --------------------------------------------------------------------- */

static size_t line_of(const struct world *w, unsigned i, unsigned revisions,
                      unsigned household, char *to, size_t cap)
{
    const struct world_unit *u = &w->unit[i];
    char id[33], key[65], home[33] = "";

    sodium_bin2hex(id, sizeof id, u->is.id, sizeof u->is.id);
    sodium_bin2hex(key, sizeof key, u->is.public_key, sizeof u->is.public_key);
    if (household > 0) {
        snprintf(home, sizeof home, "%032x", 0x1000 + i / household);
    }
    return (size_t)snprintf(to, cap, "%s," CLASS_HEX ",%s,%u,%u,,%s\n", id, key,
                            1 + i % revisions, i % 3, home);
}

static void make_unit(struct world_unit *u, unsigned i, unsigned revisions)
{
    memset(u, 0, sizeof *u);
    u->no = i + 1;
    unit_make(&u->is, i);
    u->says.hw_rev = 1 + i % revisions;
    u->says.version = V(1, 0, 0);
    u->says.link = 0x8000;
}

void world_devices(struct world *w, unsigned n, unsigned revisions, unsigned household)
{
    static char csv[IMPORT * 200];
    unsigned end = w->len + n;

    w->unit = realloc(w->unit, end * sizeof *w->unit);
    assert_non_null(w->unit);
    while (w->len < end) {
        size_t len = (size_t)snprintf(csv, sizeof csv, CSV_NAMES);
        for (unsigned i = 0; i < IMPORT && w->len < end; i++, w->len++) {
            make_unit(&w->unit[w->len], w->len, revisions);
            len +=
                line_of(w, w->len, revisions, household, csv + len, sizeof csv - len);
        }
        operate(w, EVENT_DEVICES, csv);
    }
}

/* ---- releases and rollouts ------------------------------------------------------- */

void world_digest(uint32_t version, uint8_t digest[32])
{
    crypto_hash_sha256(digest, (const uint8_t *)&version, sizeof version);
}

static json_t *artifact(uint32_t version, unsigned bank)
{
    uint8_t digest[32];
    char hex[65], other[65];

    world_digest(version, digest);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    snprintf(other, sizeof other, "%056x%08x", bank, (unsigned)version);
    return json_pack("{si si si si si ss ss ss}", "hw_min", 1, "hw_max", 99, "link",
                     (int)(0x4000 * (bank + 1)), "image_length", 4096,
                     "artifact_length", 4500, "artifact", other, "digest", hex, "image",
                     other);
}

void world_release(struct world *w, const char *version, const char *min_from,
                   bool pass)
{
    uint32_t number, from = 0;

    assert_true(text_version(version, &number));
    assert_true(min_from == NULL || text_version(min_from, &from));
    json_t *body =
        json_pack("{si ss ss si si sI ss s[oo] sb}", "format", 1, "class", CLASS_HEX,
                  "version", version, "slot", 0, "sec_ctr", 1, "min_from",
                  (json_int_t)from, "published", "2026-11-26T12:00:00Z", "artifacts",
                  artifact(number, 0), artifact(number, 1), "pass", pass);
    char *text = json_dumps(body, JSON_SORT_KEYS);
    operate(w, EVENT_RELEASE, text);
    free(text);
    json_decref(body);
}

static struct world *empty(void)
{
    struct world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    assert_true(sodium_init() >= 0);
    w->db = base_new(&w->base);
    w->now = AT - AT % 3600;
    memset(w->secret, 7, sizeof w->secret);
    return w;
}

struct world *world_of(unsigned n)
{
    struct world *w = empty();

    world_devices(w, n, 4, 0);
    world_release(w, "1.0.0", NULL, false);
    world_release(w, "2.0.0", NULL, false);
    return w;
}

int64_t world_draft(struct world *w, const char *version, const char *more)
{
    char body[1000];

    snprintf(body, sizeof body,
             "{\"class\": \"" CLASS_HEX "\", \"version\": \"%s\","
             " \"salt\": \"5a175a175a175a175a175a175a175a17\"%s}",
             version, more);
    operate(w, EVENT_ROLLOUT, body);
    return number_of(w->db, "SELECT MAX(no) FROM rollouts");
}

int64_t world_rollout(struct world *w, const char *version, const char *more)
{
    int64_t no = world_draft(w, version, more);

    world_must(w, no, "open");
    return no;
}

unsigned world_act(struct world *w, int64_t no, const char *act, char why[240])
{
    char body[200];
    size_t len = strlen(act);
    bool force = act[len - 1] == '!';

    len -= force;
    snprintf(body, sizeof body,
             "{\"rollout\": %lld, \"act\": \"%.*s\", \"reason\": \"a test\","
             " \"force\": %s}",
             (long long)no, (int)len, act, force ? "true" : "false");
    struct outcome o = world_tell(w, EVENT_ACT, "anna", 0, body, strlen(body));
    memcpy(why, o.why, sizeof o.why);
    return o.status;
}

void world_must(struct world *w, int64_t no, const char *act)
{
    char why[240];

    if (world_act(w, no, act, why) != 200) {
        fail_msg("%s: %s", act, why);
    }
}

/* ---- statements ------------------------------------------------------------------ */

size_t world_speak(struct world *w, struct world_unit *u, int32_t hour,
                   uint8_t envelope[FERRY_ENVELOPE_MAX])
{
    uint8_t class_id[16], nonce[FERRY_NONCE_LEN], digest[32];
    uint8_t refusals[FERRY_REFUSALS_LEN];
    struct ferry_statement s = u->says;

    assert_true(text_id(CLASS_HEX, class_id));
    world_digest(s.version, digest);
    digest[0] ^= u->odd;
    nonce_make(nonce, w->secret, hour);
    for (unsigned i = 0; i < FERRY_REFUSALS_LEN; i++) {
        refusals[i] = (uint8_t)u->refused[i];
    }
    s.counter = ++u->says.counter;
    s.class_id = class_id;
    s.nonce = hour >= 0 ? nonce : NULL;
    s.digest = digest;
    s.refusals = refusals;
    return unit_sign(&u->is, &s, envelope);
}

const char *world_bring(struct world *w, const uint8_t *envelope, size_t len)
{
    struct heard h;

    checkin_verify(w->db, w->secret, world_hour(w), envelope, len, &h);
    if (h.wrong != SECURITY_NOTHING) {
        return security_name(h.wrong);
    }
    const char *news = checkin_news(w->db, &h);
    struct outcome o = world_tell(w, EVENT_STATEMENT, APP, h.device,
                                  h.envelope + FERRY_TBS_SPARE, h.len);
    assert_int_equal(o.status, strcmp(news, "new") == 0 ? 200 : 409);
    return news;
}

void world_hear(struct world *w, struct world_unit *u)
{
    uint8_t envelope[FERRY_ENVELOPE_MAX];
    size_t len = world_speak(w, u, world_hour(w), envelope);
    struct outcome o = world_tell(w, EVENT_STATEMENT, APP, u->no, envelope, len);

    must(&o);
}

void world_everybody(struct world *w)
{
    world_begin(w);
    for (unsigned i = 0; i < w->len; i++) {
        if (!w->unit[i].dead) {
            world_hear(w, &w->unit[i]);
        }
    }
    world_end(w);
}

const char *world_decision(struct world *w, const struct world_unit *u)
{
    static char text[40];
    json_t *d = checkin_decision(w->db, u->no, w->now);
    const char *version =
        json_string_value(json_object_get(json_object_get(d, "release"), "version"));

    assert_non_null(d);
    snprintf(text, sizeof text, "%s%s%s",
             json_string_value(json_object_get(d, "decision")),
             version != NULL ? " " : "", version != NULL ? version : "");
    json_decref(d);
    return text;
}

/* ---- time ------------------------------------------------------------------------ */

unsigned world_look(struct world *w, int32_t hour)
{
    char body[40];

    snprintf(body, sizeof body, "{\"hour\": %d}", (int)hour);
    return world_tell(w, EVENT_TICK, "ferryd", 0, body, strlen(body)).status;
}

static int64_t frozen(struct world *w)
{
    return world_number(w, "SELECT COUNT(*) FROM rollouts WHERE state = ?",
                        ROLLOUT_FROZEN);
}

bool world_tick(struct world *w)
{
    int32_t hour = world_hour(w);
    int64_t before = frozen(w);

    w->now += 3600;
    assert_int_equal(world_look(w, hour), 200);
    return frozen(w) > before;
}
