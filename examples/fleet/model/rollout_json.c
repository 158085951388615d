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

#include "fields.h"
#include "text.h"

#define PERCENT (COHORT_ALL / 100.0) /* places of one per cent */
#define DWELL_MAX_H 8760
#define ALPHA_MAX 0.1

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

static bool get_range(const struct fields *at, const json_t *object, const char *name,
                      bool version, struct cohort_range *to)
{
    const json_t *value = json_object_get(object, name);
    struct cohort_range r;

    if (value == NULL) {
        return true;
    }
    if (json_array_size(value) != 2 ||
        !number_or_version(json_array_get(value, 0), version, &r.min) ||
        !number_or_version(json_array_get(value, 1), version, &r.max) ||
        r.min > r.max) {
        return fields_wrong(at, name,
                            version ? "it is not [\"1.2.3\", \"1.3.0\"], lowest first"
                                    : "it is not [1, 4], lowest first");
    }
    *to = r;
    return true;
}

static bool get_bits(const struct fields *at, const json_t *object, const char *name,
                     uint32_t *to)
{
    const json_t *value = json_object_get(object, name), *number;
    uint32_t bits = 0;
    size_t i;

    if (value != NULL && !json_is_array(value)) {
        return fields_wrong(at, name, "it is not a list of numbers from 0 to 31");
    }
    json_array_foreach(value, i, number)
    {
        json_int_t bit = json_integer_value(number);
        if (!json_is_integer(number) || bit < 0 || bit > 31) {
            return fields_wrong(at, name, "it is not a list of numbers from 0 to 31");
        }
        bits |= UINT32_C(1) << bit;
    }
    *to = bits;
    return true;
}

static bool get_predicate(const struct fields *above, const json_t *body,
                          struct cohort_predicate *p)
{
    static const char *const names[] = {"hw_rev", "version", "regions", "tags_all",
                                        "tags_none"};
    const json_t *object = json_object_get(body, "predicate");
    struct fields at = fields_below(above, "predicate");

    *p = (struct cohort_predicate){{0, UINT32_MAX}, {0, UINT32_MAX}, 0, 0, 0};
    if (object == NULL) {
        return true;
    }
    return fields_only(&at, object, names, sizeof names / sizeof *names) &&
           get_range(&at, object, "hw_rev", false, &p->hw_rev) &&
           get_range(&at, object, "version", true, &p->version) &&
           get_bits(&at, object, "regions", &p->regions) &&
           get_bits(&at, object, "tags_all", &p->tags_all) &&
           get_bits(&at, object, "tags_none", &p->tags_none);
}

/* ---- stages ---------------------------------------------------------------------- */

/* What is held back where the operator does not say: as rollout_usual has it. */
static double usual_held_back(double percent, double before)
{
    double wanted = fmin(5 * percent, 100 - percent);

    return fmin(wanted, before);
}

static bool get_stage(const struct fields *at, const json_t *object, bool urgent,
                      double *before, struct rollout_stage *to)
{
    static const char *const names[] = {"percent", "held_back", "dwell_h",
                                        "smallest_loss"};
    double percent = -1;
    int64_t dwell_h = 120;

    to->smallest_loss = 0.1;
    if (!fields_only(at, object, names, sizeof names / sizeof *names) ||
        !fields_number(at, object, "percent", 0.0001, 100, &percent) ||
        !fields_whole(at, object, "dwell_h", DWELL_MAX_H, &dwell_h) ||
        !fields_number(at, object, "smallest_loss", 0.001, 1, &to->smallest_loss)) {
        return false;
    }
    if (percent < 0) {
        return fields_wrong(at, "percent", "it is missing");
    }
    double held_back = urgent ? 0 : usual_held_back(percent, *before);
    if (!fields_number(at, object, "held_back", 0, 100, &held_back)) {
        return false;
    }
    if (urgent && held_back > 0) {
        return fields_wrong(at, "held_back", "an urgent rollout holds nobody back");
    }
    *before = held_back;
    to->dwell_h = (uint32_t)dwell_h;
    to->size.offered = (uint32_t)lround(percent * PERCENT);
    to->size.held_back = (uint32_t)lround(held_back * PERCENT);
    return true;
}

static void usual_ladder(struct rollout *r, bool urgent)
{
    rollout_usual(r);
    for (unsigned i = 0; i < r->stages && urgent; i++) {
        r->stage[i].size.held_back = 0;
    }
    r->urgent = urgent;
}

static bool get_ladder(const struct fields *above, const json_t *body,
                       struct rollout *r)
{
    const json_t *stages = json_object_get(body, "stages"), *stage;
    double before = 100;
    bool urgent = false;
    size_t i;

    if (!fields_bool(above, body, "urgent", &urgent)) {
        return false;
    }
    usual_ladder(r, urgent);
    if (stages == NULL) {
        return true;
    }
    if (!json_is_array(stages) || json_array_size(stages) > ROLLOUT_STAGES_MAX) {
        return fields_wrong(above, "stages", "it is not a list of at most 8 stages");
    }
    r->stages = (unsigned)json_array_size(stages);
    json_array_foreach(stages, i, stage)
    {
        char name[24];
        snprintf(name, sizeof name, "stages/%zu", i);
        struct fields at = fields_below(above, name);
        if (!get_stage(&at, stage, urgent, &before, &r->stage[i])) {
            return false;
        }
    }
    const char *bad = rollout_bad(r);
    return bad == NULL || fields_wrong(above, "stages", bad);
}

/* ---- the whole ------------------------------------------------------------------- */

static bool get_release(const struct fields *at, const json_t *body,
                        struct rollout_plan *p)
{
    const char *version = json_string_value(json_object_get(body, "version"));

    if (json_object_get(body, "class") == NULL) {
        return fields_wrong(at, "class", "it is missing");
    }
    if (version == NULL || !text_version(version, &p->version)) {
        return fields_wrong(at, "version",
                            "it is missing, or no version like \"2.1.0\"");
    }
    return fields_hex(at, body, "class", p->class_id);
}

static bool get_aim(const struct fields *at, const json_t *body, struct rollout_plan *p)
{
    const json_t *aim = json_object_get(body, "aim");

    if (aim == NULL) {
        return true;
    }
    if (!json_is_string(aim) || strcmp(json_string_value(aim), "exposed") != 0 ||
        p->supersedes == 0) {
        return fields_wrong(
            at, "aim", "it can only be \"exposed\", of one that supersedes another");
    }
    p->aim_exposed = true;
    return true;
}

bool rollout_plan_read(const json_t *body, struct rollout_plan *p, struct outcome *o)
{
    static const char *const names[] = {"class",  "version", "predicate",
                                        "stages", "urgent",  "supersedes",
                                        "aim",    "alpha",   "salt"};
    struct fields at = {.o = o};

    memset(p, 0, sizeof *p);
    p->alpha = 0.01;
    return fields_only(&at, body, names, sizeof names / sizeof *names) &&
           get_release(&at, body, p) && get_predicate(&at, body, &p->predicate) &&
           get_ladder(&at, body, &p->ladder) &&
           fields_whole(&at, body, "supersedes", INT32_MAX, &p->supersedes) &&
           get_aim(&at, body, p) &&
           fields_number(&at, body, "alpha", 1e-6, ALPHA_MAX, &p->alpha) &&
           fields_hex(&at, body, "salt", p->salt);
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
