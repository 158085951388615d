/* SPDX-License-Identifier: Apache-2.0
 *
 * From an operator's JSON to a plan and back. Knows every name there is in it, and which
 * numbers make sense; whether the release and the rollout it speaks of exist is for those
 * to say who have a database. */
#include "rollout_json.h"

#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "body.h"
#include "text.h"

#define PERCENT (COHORT_ALL / 100.0) /* places of one per cent */
#define DWELL_MAX_H 8760
#define ALPHA_MIN 1e-6
#define ALPHA_MAX 0.1

/* Where the operator does not say. */
#define DWELL_H 120
#define SMALLEST_LOSS 0.1
#define ALPHA 0.01

/* ---- the predicate --------------------------------------------------------------- */

static bool number_or_version(const json_t *value, bool version, uint32_t *n)
{
    if (version) {
        return json_is_string(value) && text_version(json_string_value(value), n);
    }
    json_int_t i = json_integer_value(value);
    *n = (uint32_t)i;
    return json_is_integer(value) && i >= 0 && i <= UINT32_MAX;
}

/* What may be missing is left as it is, here and below. */
static void get_range(const struct body *b, const char *name, bool version,
                      struct cohort_range *to)
{
    const json_t *value = json_object_get(b->json, name);
    struct cohort_range r;

    if (value == NULL) {
        return;
    }
    if (json_array_size(value) != 2 ||
        !number_or_version(json_array_get(value, 0), version, &r.min) ||
        !number_or_version(json_array_get(value, 1), version, &r.max) ||
        r.min > r.max) {
        body_wrong(b, name,
                   version ? "it is not [\"1.2.3\", \"1.3.0\"], lowest first"
                           : "it is not [1, 4], lowest first");
        return;
    }
    *to = r;
}

static uint32_t get_bits(const struct body *b, const char *name)
{
    const json_t *value = json_object_get(b->json, name), *number;
    bool good = value == NULL || json_is_array(value);
    uint32_t bits = 0;
    size_t i;

    json_array_foreach(value, i, number)
    {
        json_int_t bit = json_integer_value(number);
        good = good && json_is_integer(number) && bit >= 0 && bit <= 31;
        bits |= UINT32_C(1) << (bit & 31);
    }
    if (!good) {
        body_wrong(b, name, "it is not a list of numbers from 0 to 31");
    }
    return bits;
}

static void get_predicate(const struct body *whole, struct cohort_predicate *p)
{
    static const char *const names[] = {"hw_rev", "version", "regions", "tags_all",
                                        "tags_none"};

    *p = (struct cohort_predicate){{0, UINT32_MAX}, {0, UINT32_MAX}, 0, 0, 0};
    if (!body_has(whole, "predicate")) {
        return;
    }
    struct body b =
        body_below(whole, "predicate", json_object_get(whole->json, "predicate"));
    body_only(&b, names, sizeof names / sizeof *names);
    get_range(&b, "hw_rev", false, &p->hw_rev);
    get_range(&b, "version", true, &p->version);
    p->regions = get_bits(&b, "regions");
    p->tags_all = get_bits(&b, "tags_all");
    p->tags_none = get_bits(&b, "tags_none");
}

/* ---- stages ---------------------------------------------------------------------- */

/* What is held back where the operator does not say: as rollout_usual has it. */
static double usual_held_back(double percent, double before)
{
    double wanted = fmin(5 * percent, 100 - percent);

    return fmin(wanted, before);
}

/* `before`: what the stage before it holds back, in per cent. */
static void get_stage(const struct body *b, bool urgent, double *before,
                      struct rollout_stage *to)
{
    static const char *const names[] = {"percent", "held_back", "dwell_h",
                                        "smallest_loss"};

    body_only(b, names, sizeof names / sizeof *names);
    double percent = body_real(b, "percent", 0.0001, 100);
    double held_back = urgent ? 0 : usual_held_back(percent, *before);
    if (body_has(b, "held_back")) {
        held_back = body_real(b, "held_back", 0, 100);
    }
    if (urgent && held_back > 0) {
        body_wrong(b, "held_back", "an urgent rollout holds nobody back");
    }
    *before = held_back;
    to->dwell_h = body_has(b, "dwell_h")
                      ? (uint32_t)body_number(b, "dwell_h", 0, DWELL_MAX_H)
                      : DWELL_H;
    to->smallest_loss = body_has(b, "smallest_loss")
                            ? body_real(b, "smallest_loss", 0.001, 1)
                            : SMALLEST_LOSS;
    to->size.offered = (uint32_t)lround(percent * PERCENT);
    to->size.held_back = (uint32_t)lround(held_back * PERCENT);
}

static void usual_ladder(struct rollout *r, bool urgent)
{
    rollout_usual(r);
    for (unsigned i = 0; i < r->stages && urgent; i++) {
        r->stage[i].size.held_back = 0;
    }
    r->urgent = urgent;
}

static void get_stages(const struct body *whole, const json_t *stages,
                       struct rollout *r)
{
    const json_t *stage;
    double before = 100;
    char name[24];
    size_t i;

    r->stages = (unsigned)json_array_size(stages);
    json_array_foreach(stages, i, stage)
    {
        snprintf(name, sizeof name, "stages/%zu", i);
        struct body b = body_below(whole, name, stage);
        get_stage(&b, r->urgent, &before, &r->stage[i]);
    }
    const char *bad = rollout_bad(r);
    if (bad != NULL) {
        body_wrong(whole, "stages", bad);
    }
}

static void get_ladder(const struct body *b, struct rollout *r)
{
    const json_t *stages = json_object_get(b->json, "stages");

    usual_ladder(r, body_bool(b, "urgent"));
    if (stages == NULL) {
        return;
    }
    if (json_is_array(stages) && json_array_size(stages) <= ROLLOUT_STAGES_MAX) {
        get_stages(b, stages, r);
    } else {
        body_wrong(b, "stages", "it is not a list of at most 8 stages");
    }
}

/* ---- the whole ------------------------------------------------------------------- */

static bool get_aim(const struct body *b, int64_t supersedes)
{
    const char *aim = json_string_value(json_object_get(b->json, "aim"));

    if (!body_has(b, "aim")) {
        return false;
    }
    if (aim == NULL || strcmp(aim, "exposed") != 0 || supersedes == 0) {
        body_wrong(b, "aim",
                   "it can only be \"exposed\", of one that supersedes another");
    }
    return true;
}

bool rollout_plan_read(const json_t *json, struct rollout_plan *p, struct outcome *o)
{
    static const char *const names[] = {"class",  "version", "predicate",
                                        "stages", "urgent",  "supersedes",
                                        "aim",    "alpha",   "salt"};
    struct body b = body_of(json, o);

    memset(p, 0, sizeof *p);
    body_only(&b, names, sizeof names / sizeof *names);
    body_id(&b, "class", p->class_id);
    p->version = body_version(&b, "version");
    get_predicate(&b, &p->predicate);
    get_ladder(&b, &p->ladder);
    p->supersedes =
        body_has(&b, "supersedes") ? body_number(&b, "supersedes", 0, INT32_MAX) : 0;
    p->aim_exposed = get_aim(&b, p->supersedes);
    p->alpha =
        body_has(&b, "alpha") ? body_real(&b, "alpha", ALPHA_MIN, ALPHA_MAX) : ALPHA;
    if (body_has(&b, "salt")) {
        body_id(&b, "salt", p->salt);
    }
    return body_good(&b);
}

/* ---- writing --------------------------------------------------------------------- */

static json_t *hex(const uint8_t bytes[16])
{
    char text[33];

    sodium_bin2hex(text, sizeof text, bytes, 16);
    return json_string(text);
}

static json_t *bits(uint32_t of)
{
    json_t *list = json_array();

    for (int i = 0; i < 32; i++) {
        if ((of >> i & 1U) != 0) {
            json_array_append_new(list, json_integer(i));
        }
    }
    return list;
}

static json_t *predicate(const struct cohort_predicate *p)
{
    char min[VERSION_TEXT], max[VERSION_TEXT];

    text_of_version(p->version.min, min);
    text_of_version(p->version.max, max);
    return json_pack("{s[II] s[ss] so so so}", "hw_rev", (json_int_t)p->hw_rev.min,
                     (json_int_t)p->hw_rev.max, "version", min, max, "regions",
                     bits(p->regions), "tags_all", bits(p->tags_all), "tags_none",
                     bits(p->tags_none));
}

static json_t *stages(const struct rollout *r)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < r->stages; i++) {
        const struct rollout_stage *s = &r->stage[i];
        json_array_append_new(
            list, json_pack("{sf sf sI sf}", "percent", s->size.offered / PERCENT,
                            "held_back", s->size.held_back / PERCENT, "dwell_h",
                            (json_int_t)s->dwell_h, "smallest_loss", s->smallest_loss));
    }
    return list;
}

json_t *rollout_plan_write(const struct rollout_plan *p)
{
    char version[VERSION_TEXT];

    text_of_version(p->version, version);
    json_t *body =
        json_pack("{so ss so so sb sI sf so}", "class", hex(p->class_id), "version",
                  version, "predicate", predicate(&p->predicate), "stages",
                  stages(&p->ladder), "urgent", p->ladder.urgent, "supersedes",
                  (json_int_t)p->supersedes, "alpha", p->alpha, "salt", hex(p->salt));
    if (p->aim_exposed) {
        json_object_set_new(body, "aim", json_string("exposed"));
    }
    return body;
}

json_t *rollout_salt(void)
{
    uint8_t salt[COHORT_SALT_LEN];

    randombytes_buf(salt, sizeof salt);
    return hex(salt);
}
