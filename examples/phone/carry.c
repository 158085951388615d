/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows when something may be carried to a device, who has to agree, and what is told of
 * it afterwards. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ferry/statement.h"
#include "phone.h"
#include "text.h"

#define SOON_S 5 /* a device that was just updated is about to restart */

json_t *carry_known(struct phone *ph, const char *path)
{
    return memory_get(&ph->memory, "peer", path);
}

bool carry_save(struct phone *ph, const char *path, const json_t *known)
{
    bool saved = memory_set(&ph->memory, "peer", path, known);

    if (!saved) {
        phone_say("disk why=\"%s\"", ph->memory.why);
    }
    return saved;
}

static void set_up(const struct phone *ph, const char *path, struct near_visit *v)
{
    memset(v, 0, sizeof *v);
    v->path = path;
    v->clock = ph->o.clock;
    v->patience_s = ph->o.patience_s;
    v->mtu = (uint16_t)ph->o.mtu;
    v->shown = UINT32_MAX;
}

/* ---- listening ------------------------------------------------------------------- */

/* Whose statement it claims to be; whether it is, the server knows. */
static bool claimed(const struct near_visit *v, char device[2 * ID_LEN + 1])
{
    struct ferry_envelope e;
    struct ferry_statement s;

    if (ferry_envelope_open(&e, v->statement, v->statement_len) != 0 ||
        ferry_statement_parse(&s, e.payload, e.payload_len) != 0) {
        return false;
    }
    sodium_bin2hex(device, 2 * ID_LEN + 1, s.device_id, ID_LEN);
    return true;
}

static void take_statement(struct phone *ph, const struct near_visit *v)
{
    char device[2 * ID_LEN + 1];

    if (!claimed(v, device)) {
        phone_say("near %s statement=unreadable", v->path);
        return;
    }
    json_t *known = carry_known(ph, v->path);
    json_object_set_new(known, "device", json_string(device));
    carry_save(ph, v->path, known);
    json_decref(known);
    if (!memory_add(&ph->memory, MEMORY_STATEMENTS, v->statement, v->statement_len)) {
        phone_say("disk why=\"%s\"", ph->memory.why);
    }
    phone_say("near %s statement=%zu device=%s", v->path, v->statement_len, device);
}

void carry_listen(struct phone *ph, const char *path)
{
    struct near_visit v;
    uint8_t nonce[FERRY_NONCE_LEN];

    set_up(ph, path, &v);
    if (!server_nonce(ph, nonce)) {
        phone_say("near %s not asked: no nonce yet", path);
        return;
    }
    v.nonce = nonce;
    near_go(&v);
    if (v.statement_len > 0) {
        take_statement(ph, &v);
    } else {
        phone_say("near %s %s", path, near_end_name(v.end));
    }
}

/* ---- may it? --------------------------------------------------------------------- */

static bool says_version(const json_t *object, const char *version)
{
    const char *of = json_string_value(json_object_get(object, "version"));

    return of != NULL && strcmp(of, version) == 0;
}

/* NULL, or why nothing is carried there now. A clock that went back proves nothing. */
static const char *not_now(const json_t *known)
{
    const json_t *offer = json_object_get(known, "offer");
    const json_t *over = json_object_get(known, "over");
    const char *version = json_string_value(json_object_get(offer, "version"));
    int64_t now = phone_now();

    if (offer == NULL || version == NULL) {
        return json_object_get(known, "hold") != NULL ? "held" : "no offer";
    }
    if (says_version(over, version) && json_equal(json_object_get(over, "rollout"),
                                                  json_object_get(offer, "rollout"))) {
        return "it is over";
    }
    if (now >= json_integer_value(json_object_get(offer, "until")) ||
        now < json_integer_value(json_object_get(offer, "from"))) {
        return "the offer has expired: it wants a new check-in";
    }
    if (now < json_integer_value(json_object_get(known, "not_before"))) {
        return "the device said later";
    }
    return NULL;
}

/* ---- the user -------------------------------------------------------------------- */

static bool prompt(const char *path, const char *version)
{
    char line[16] = "";

    printf("Install version %s on the device at %s? [y/N] ", version, path);
    fflush(stdout);
    return fgets(line, sizeof line, stdin) != NULL &&
           (line[0] == 'y' || line[0] == 'Y');
}

static void tell(struct phone *ph, const json_t *known, const char *outcome,
                 const struct near_visit *v)
{
    const json_t *offer = json_object_get(known, "offer");
    json_t *r = json_pack("{s:s, s:O, s:O, s:s, s:i, s:I, s:i, s:I}", "app", ph->o.app,
                          "device", json_object_get(known, "device"), "rollout",
                          json_object_get(offer, "rollout"), "outcome", outcome, "code",
                          v != NULL ? v->err : 0, "bytes",
                          (json_int_t)(v != NULL ? v->counts.image_bytes_sent : 0),
                          "resumes", v != NULL ? v->counts.parks : 0, "seconds",
                          (json_int_t)(v != NULL ? v->seconds : 0));
    char *text = r != NULL ? json_dumps(r, JSON_COMPACT) : NULL;

    if (text == NULL || !memory_add(&ph->memory, MEMORY_REPORTS, text, strlen(text))) {
        phone_say("disk why=\"%s\"", ph->memory.why);
    }
    free(text);
    json_decref(r);
}

/* Asked once for a release and a device; the answer is kept, resuming is silent. */
static bool agreed(struct phone *ph, const char *path, json_t *known)
{
    const json_t *answer = json_object_get(known, "answer");
    const char *version =
        json_string_value(json_object_get(json_object_get(known, "offer"), "version"));
    bool yes = ph->o.consent == PHONE_YES;

    if (says_version(answer, version)) {
        return json_is_true(json_object_get(answer, "yes"));
    }
    if (ph->o.consent == PHONE_ASK) {
        if (!isatty(STDIN_FILENO)) {
            phone_say("ask %s version=%s: nobody is here to answer", path, version);
            return false;
        }
        yes = prompt(path, version);
    }
    json_object_set_new(known, "answer",
                        json_pack("{s:s, s:b}", "version", version, "yes", yes));
    if (!carry_save(ph, path, known)) {
        return false;
    }
    phone_say("user %s version=%s device=%s", yes ? "agrees" : "declines", version,
              path);
    if (!yes) {
        tell(ph, known, "declined", NULL);
    }
    return yes;
}

/* ---- carrying -------------------------------------------------------------------- */

static void show(struct near_visit *v, const struct ferry_courier_progress *p)
{
    uint32_t percent = p->image_len > 0
                           ? (uint32_t)((uint64_t)p->acked * 100U / p->image_len)
                           : UINT32_MAX;

    if (percent != v->shown && percent != UINT32_MAX) {
        v->shown = percent;
        phone_say("carry percent=%u rate=%u left_s=%d", (unsigned)percent,
                  (unsigned)p->rate,
                  p->left_ms == UINT32_MAX ? -1 : (int)(p->left_ms / 1000U));
    }
}

static void over(json_t *known, const char *how)
{
    const json_t *offer = json_object_get(known, "offer");

    json_object_set_new(known, "over",
                        json_pack("{s:O, s:O, s:s}", "rollout",
                                  json_object_get(offer, "rollout"), "version",
                                  json_object_get(offer, "version"), "how", how));
}

static void settle(struct phone *ph, const char *path, json_t *known,
                   const struct near_visit *v)
{
    int64_t wait = 0;

    phone_say("carried %s %s err=%s sent=%u", path, near_end_name(v->end),
              ferry_errname(v->err), (unsigned)v->counts.image_bytes_sent);
    switch (v->end) {
    case NEAR_INSTALLED:
    case NEAR_RUNNING:
        over(known, near_end_name(v->end));
        tell(ph, known, "done", v);
        wait = SOON_S;
        break;
    case NEAR_REFUSED:
        over(known, near_end_name(v->end));
        tell(ph, known, "refused", v);
        break;
    case NEAR_LATER:
        wait = v->later.seconds / (ph->o.clock > 0 ? ph->o.clock : 1);
        tell(ph, known, "parked", v);
        break;
    case NEAR_LOST:
    case NEAR_STOPPED:
        tell(ph, known, "parked", v);
        break;
    case NEAR_ABSENT:
    case NEAR_MET:
        break;
    }
    json_object_set_new(known, "not_before", json_integer(phone_now() + wait));
    carry_save(ph, path, known);
}

/* Every variant, or none: which one fits is the device's bank's business. */
static bool load(struct phone *ph, const json_t *known, struct near_visit *v)
{
    const json_t *list = json_object_get(json_object_get(known, "offer"), "artifacts");
    const json_t *a;
    size_t i;

    json_array_foreach(list, i, a)
    {
        struct near_variant *to = &v->variant[v->variants];
        to->bytes = cache_load(
            &ph->cache, json_string_value(json_object_get(a, "sha256")), &to->len);
        if (to->bytes == NULL) {
            return false;
        }
        v->variants++;
    }
    return v->variants > 0;
}

static void unload(struct near_visit *v)
{
    for (unsigned i = 0; i < v->variants; i++) {
        free(v->variant[i].bytes);
    }
}

void carry_push(struct phone *ph, const char *path)
{
    json_t *known = carry_known(ph, path);
    const char *why = not_now(known);
    struct near_visit v;

    set_up(ph, path, &v);
    v.progress = show;
    if (why != NULL) {
        phone_say("carry %s nothing why=\"%s\"", path, why);
    } else if (!load(ph, known, &v)) {
        phone_say("carry %s nothing why=\"not all of it is fetched\"", path);
    } else if (agreed(ph, path, known)) {
        near_go(&v);
        settle(ph, path, known, &v);
    }
    unload(&v);
    json_decref(known);
}
