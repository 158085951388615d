/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what a phone says to the fleet server and what it learns there. The server may be
 * down, slow, wrong or somebody else: nothing that waits is lost by it. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "phone.h"

#define AT_ONCE 64U /* statements in a check-in */
#define REST_S 30   /* after a first failure; doubled with each that follows, */
#define REST_MAX_S 3600
#define NONCE_S 600 /* a nonce is used for so long if the server does not say */
#define NONCE_MAX_S 86400

/* ---- a server that is not there, or wants a rest --------------------------------- */

static bool rests(const struct phone *ph)
{
    return phone_now() < ph->quiet_until;
}

/* Half of it is random: a server that comes back is not met by everybody at once. */
static int64_t rest(struct phone *ph)
{
    int64_t s = ph->net.wait_s;

    if (s == 0) {
        s = (int64_t)REST_S << (ph->failures < 8 ? ph->failures : 8);
        s = s < REST_MAX_S ? s : REST_MAX_S;
    }
    ph->failures++;
    return s + randombytes_uniform((uint32_t)s / 2 + 1);
}

/* True: it was done. */
static bool went_well(struct phone *ph, const char *what, enum net_answer a)
{
    if (a == NET_DONE) {
        ph->failures = 0;
        return true;
    }
    if (a == NET_OFFLINE || a == NET_BUSY || a == NET_UNTRUSTED) {
        int64_t s = rest(ph);
        ph->quiet_until = phone_now() + s;
        phone_say("server %s %s again_s=%lld why=\"%s\"", what, net_answer_name(a),
                  (long long)s, ph->net.why);
    } else {
        phone_say("server %s %s why=\"%s\"", what, net_answer_name(a), ph->net.why);
    }
    return false;
}

/* ---- time, as the server writes it ----------------------------------------------- */

static int64_t time_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    struct tm utc;

    memset(&utc, 0, sizeof utc);
    const char *end = text != NULL ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc) : NULL;
    return end != NULL && *end == '\0' ? (int64_t)timegm(&utc) : -1;
}

/* ---- the nonce ------------------------------------------------------------------- */

static json_t *fresh_nonce(struct phone *ph)
{
    json_t *known = memory_get(&ph->memory, "nonce", "");
    json_t *answer = NULL;

    if (phone_now() < json_integer_value(json_object_get(known, "again")) ||
        rests(ph) || !went_well(ph, "nonce", net_get(&ph->net, "/v1/nonce", &answer))) {
        return known;
    }
    /* How long it is worth having, by our own clock: theirs may be another. */
    const json_t *s = json_object_get(answer, "again_s");
    bool told = json_is_integer(s) && json_integer_value(s) >= 0 &&
                json_integer_value(s) <= NONCE_MAX_S;
    int64_t again = phone_now() + (told ? json_integer_value(s) : NONCE_S);
    json_object_set_new(answer, "again", json_integer(again));
    if (!memory_set(&ph->memory, "nonce", "", answer)) {
        phone_say("disk why=\"%s\"", ph->memory.why);
    }
    json_decref(known);
    return answer;
}

bool server_nonce(struct phone *ph, uint8_t nonce[16])
{
    json_t *known = fresh_nonce(ph);
    const char *hex = json_string_value(json_object_get(known, "nonce"));
    size_t len = 0;
    bool good = hex != NULL &&
                sodium_hex2bin(nonce, 16, hex, strlen(hex), NULL, &len, NULL) == 0 &&
                len == 16;

    json_decref(known);
    return good;
}

/* ---- what a check-in teaches ----------------------------------------------------- */

/* Only names, sizes and addresses that can be used. */
static json_t *usable(const json_t *artifacts)
{
    json_t *list = json_array();
    const json_t *a;
    size_t i;

    json_array_foreach(artifacts, i, a)
    {
        const char *name = json_string_value(json_object_get(a, "sha256"));
        const char *url = json_string_value(json_object_get(a, "url"));
        json_int_t size = json_integer_value(json_object_get(a, "size"));
        if (i < NEAR_VARIANTS_MAX && name != NULL && cache_is_name(name) &&
            url != NULL && size > 0 && size <= (json_int_t)CACHE_ARTIFACT_MAX) {
            json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "sha256", name,
                                                  "url", url, "size", size));
        }
    }
    return list;
}

/* How long it holds is counted by our clock from now on: the server's may be another,
 * and its hours may be shorter. */
static json_t *offer_of(const json_t *d, int64_t server_now, double hour_s)
{
    double left_s = (double)(time_of(d, "expires") - server_now) * hour_s / 3600;
    json_int_t now = phone_now(), until = now + (json_int_t)left_s;
    const json_t *release = json_object_get(d, "release");

    return json_pack("{s:I, s:O?, s:I, s:I, s:o}", "rollout",
                     json_integer_value(json_object_get(d, "rollout")), "version",
                     json_object_get(release, "version"), "from", now, "until", until,
                     "artifacts", usable(json_object_get(d, "artifacts")));
}

static void learn(struct phone *ph, const char *path, const json_t *d,
                  int64_t server_now, double hour_s)
{
    const char *decision = json_string_value(json_object_get(d, "decision"));
    const char *why = json_string_value(json_object_get(d, "why"));
    json_t *known = carry_known(ph, path);

    json_object_del(known, "offer");
    json_object_del(known, "hold");
    if (decision != NULL && strcmp(decision, "offer") == 0) {
        json_object_set_new(known, "offer", offer_of(d, server_now, hour_s));
    } else if (decision != NULL && strcmp(decision, "hold") == 0) {
        json_object_set_new(known, "hold", json_string(why != NULL ? why : ""));
    }
    carry_save(ph, path, known);
    json_decref(known);
    phone_say("server decides device=%s %s why=\"%s\"", path,
              decision != NULL ? decision : "nothing", why != NULL ? why : "");
}

/* Which of our peers is it about? */
static void learn_all(struct phone *ph, const json_t *answer)
{
    int64_t server_now = time_of(answer, "now");
    double hour_s = json_number_value(json_object_get(answer, "hour_s"));
    const json_t *d;
    size_t i;

    hour_s = hour_s > 0 ? hour_s : 3600;
    for (unsigned p = 0; p < ph->o.peers; p++) {
        json_t *known = carry_known(ph, ph->o.peer[p]);
        const json_t *device = json_object_get(known, "device"), *newest = NULL;
        json_array_foreach(json_object_get(answer, "devices"), i, d)
        {
            if (device != NULL && json_equal(json_object_get(d, "device"), device)) {
                newest = d;
            }
        }
        json_decref(known);
        if (newest != NULL) {
            learn(ph, ph->o.peer[p], newest, server_now, hour_s);
        }
    }
}

/* ---- the check-in ---------------------------------------------------------------- */

static void add_statement(struct phone *ph, const char *name, json_t *list)
{
    uint8_t bytes[MEMORY_ITEM_MAX];
    char text[sodium_base64_ENCODED_LEN(MEMORY_ITEM_MAX,
                                        sodium_base64_VARIANT_ORIGINAL)];
    size_t len = 0;

    if (!memory_read(&ph->memory, MEMORY_STATEMENTS, name, bytes, &len)) {
        phone_say("disk why=\"%s\"", ph->memory.why);
    }
    sodium_bin2base64(text, sizeof text, bytes, len, sodium_base64_VARIANT_ORIGINAL);
    json_array_append_new(list, json_string(text));
}

/* True: there may be more. */
static bool check_in_some(struct phone *ph)
{
    char names[AT_ONCE][MEMORY_ITEM];
    unsigned n = memory_waiting(&ph->memory, MEMORY_STATEMENTS, names, AT_ONCE);
    json_t *list = json_array(), *answer = NULL;

    for (unsigned i = 0; i < n; i++) {
        add_statement(ph, names[i], list);
    }
    json_t *body = json_pack("{s:s, s:o}", "app", ph->o.app, "statements", list);
    bool good = n > 0 && went_well(ph, "check-in",
                                   net_post(&ph->net, "/v1/checkin", body, &answer));
    json_decref(body);
    if (good && json_array_size(json_object_get(answer, "devices")) != n) {
        phone_say("server check-in refused why=\"an answer for each is missing\"");
        good = false;
    }
    if (good) { /* first remembered, then forgotten: a kill in between repeats it */
        phone_say("server check-in statements=%u", n);
        learn_all(ph, answer);
        for (unsigned i = 0; i < n; i++) {
            memory_done(&ph->memory, MEMORY_STATEMENTS, names[i]);
        }
    }
    json_decref(answer);
    return good && n == AT_ONCE;
}

void server_check_in(struct phone *ph)
{
    while (!rests(ph) && check_in_some(ph)) {
    }
}

/* ---- artifacts ------------------------------------------------------------------- */

/* Those that are offered now are the last to be thrown out. */
static void keep(struct phone *ph, const json_t *artifacts)
{
    const json_t *a;
    size_t i;

    json_array_foreach(artifacts, i, a)
    {
        if (ph->cache.keeps < CACHE_KEEP_MAX) {
            snprintf(ph->cache.keep[ph->cache.keeps++], CACHE_NAME, "%s",
                     json_string_value(json_object_get(a, "sha256")));
        }
    }
}

/* True: it is there, whole. */
static bool fetch(struct phone *ph, const json_t *artifact)
{
    const char *name = json_string_value(json_object_get(artifact, "sha256"));
    const char *url = json_string_value(json_object_get(artifact, "url"));
    size_t size = (size_t)json_integer_value(json_object_get(artifact, "size"));
    size_t have = 0;

    if (cache_has(&ph->cache, name)) {
        return true;
    }
    if (rests(ph)) {
        return false;
    }
    int fd = cache_part(&ph->cache, name, size, &have);
    if (fd < 0) {
        phone_say("cache artifact=%.8s why=\"%s\"", name, strerror(errno));
        return false;
    }
    phone_say("fetch artifact=%.8s size=%zu from=%zu", name, size, have);
    enum net_answer a = net_fetch(&ph->net, url, fd, &have, size);
    if (!went_well(ph, "artifact", a)) {
        close(fd);
        if (a == NET_REFUSED || a == NET_GONE) {
            cache_drop(&ph->cache, name);
        }
        return false;
    }
    bool whole = cache_whole(&ph->cache, name, fd, size);
    phone_say("fetched artifact=%.8s %s", name, whole ? "verified" : "damaged");
    return whole;
}

void server_fetch(struct phone *ph)
{
    const json_t *a;
    size_t i;

    ph->cache.keeps = 0;
    for (int pass = 0; pass < 2; pass++) { /* first all are kept, then any is fetched */
        for (unsigned p = 0; p < ph->o.peers; p++) {
            json_t *known = carry_known(ph, ph->o.peer[p]);
            const json_t *list =
                json_object_get(json_object_get(known, "offer"), "artifacts");
            if (pass == 0) {
                keep(ph, list);
            }
            json_array_foreach(list, i, a)
            {
                if (pass == 1 && !near_signalled() && !fetch(ph, a)) {
                    break;
                }
            }
            json_decref(known);
        }
    }
}

/* ---- reports --------------------------------------------------------------------- */

/* One that it will never take is not said again. */
static void report(struct phone *ph, const char *name)
{
    uint8_t text[MEMORY_ITEM_MAX];
    size_t len = 0;
    json_t *answer = NULL;
    bool read = memory_read(&ph->memory, MEMORY_REPORTS, name, text, &len);
    json_t *body = read ? json_loadb((char *)text, len, 0, NULL) : NULL;
    enum net_answer a = body != NULL
                            ? net_post(&ph->net, "/v1/transfer-reports", body, &answer)
                            : NET_REFUSED;

    if (went_well(ph, "report", a) || a == NET_REFUSED || a == NET_GONE) {
        memory_done(&ph->memory, MEMORY_REPORTS, name);
    }
    json_decref(answer);
    json_decref(body);
}

void server_report(struct phone *ph)
{
    char names[AT_ONCE][MEMORY_ITEM];
    unsigned n = memory_waiting(&ph->memory, MEMORY_REPORTS, names, AT_ONCE);

    for (unsigned i = 0; i < n && !rests(ph); i++) {
        report(ph, names[i]);
    }
}
