/* SPDX-License-Identifier: Apache-2.0
 *
 * Each record is a list of members, read and written by one pair of helpers. The JSON
 * itself is jansson's. */
#include "release_json.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

#define FORMAT 1 /* of the records */

/* ---- writing --------------------------------------------------------------------- */

static json_t *hex(const uint8_t *bytes, size_t len)
{
    char text[65];

    sodium_bin2hex(text, sizeof text, bytes, len);
    return json_string(text);
}

static json_t *variant(const struct release_variant *v)
{
    return json_pack("{sI sI sI sI sI so so so}", "hw_min", (json_int_t)v->hw_min,
                     "hw_max", (json_int_t)v->hw_max, "link", (json_int_t)v->link,
                     "image_length", (json_int_t)v->image_len, "artifact_length",
                     (json_int_t)v->artifact_len, "artifact", hex(v->artifact, 32),
                     "digest", hex(v->digest, 32), "image", hex(v->image, 32));
}

static char *text_of(json_t *record)
{
    char *text =
        record != NULL ? json_dumps(record, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;

    json_decref(record);
    return text;
}

char *release_to_json(const struct release *r)
{
    char version[VERSION_TEXT];
    json_t *variants = json_array();

    for (unsigned i = 0; i < r->variants_len; i++) {
        json_array_append_new(variants, variant(&r->variants[i]));
    }
    text_of_version(r->version, version);
    return text_of(json_pack("{si so ss si sI sI ss so}", "format", FORMAT, "class",
                             hex(r->class_id, 16), "version", version, "slot",
                             (int)r->slot, "sec_ctr", (json_int_t)r->sec_ctr,
                             "min_from", (json_int_t)r->min_from, "published",
                             r->published, "artifacts", variants));
}

char *withdrawal_to_json(const struct release *r)
{
    return text_of(json_pack("{si ss ss}", "format", FORMAT, "withdrawn",
                             r->withdrawn_at, "reason", r->reason));
}

/* ---- reading --------------------------------------------------------------------- */

struct reader {
    char *why;
    size_t cap;
    bool bad; /* stays so */
};

static void fail(struct reader *rd, const char *member, const char *what)
{
    if (!rd->bad) {
        snprintf(rd->why, rd->cap, "\"%s\" %s", member, what);
    }
    rd->bad = true;
}

static uint32_t number(struct reader *rd, const json_t *from, const char *member,
                       uint32_t max)
{
    const json_t *value = json_object_get(from, member);
    json_int_t n = json_integer_value(value);

    if (!json_is_integer(value) || n < 0 || n > (json_int_t)max) {
        fail(rd, member, "is missing, or no number that it can be");
        return 0;
    }
    return (uint32_t)n;
}

static const char *text(struct reader *rd, const json_t *from, const char *member,
                        size_t max)
{
    const char *value = json_string_value(json_object_get(from, member));

    if (value == NULL || strlen(value) > max) {
        fail(rd, member, "is missing, or no text that it can be");
        return "";
    }
    return value;
}

static void bytes(struct reader *rd, const json_t *from, const char *member,
                  uint8_t *to, size_t len)
{
    const char *value = text(rd, from, member, 2 * len);
    size_t got = 0;

    if (sodium_hex2bin(to, len, value, strlen(value), NULL, &got, NULL) != 0 ||
        got != len) {
        fail(rd, member, "is not hexadecimal of the right length");
    }
}

static uint32_t version(struct reader *rd, const json_t *from)
{
    uint32_t found = 0;

    if (!text_version(text(rd, from, "version", VERSION_TEXT - 1), &found)) {
        fail(rd, "version", "is no version");
    }
    return found;
}

static void time_text(struct reader *rd, const json_t *from, const char *member,
                      char to[RELEASE_TIME])
{
    const char *value = text(rd, from, member, RELEASE_TIME - 1);

    snprintf(to, RELEASE_TIME, "%s", value);
    if (strlen(value) != RELEASE_TIME - 1 || value[RELEASE_TIME - 2] != 'Z') {
        fail(rd, member, "is no time");
    }
}

static void read_variant(struct reader *rd, const json_t *from,
                         struct release_variant *v)
{
    v->hw_min = number(rd, from, "hw_min", UINT32_MAX);
    v->hw_max = number(rd, from, "hw_max", UINT32_MAX);
    v->link = number(rd, from, "link", UINT32_MAX);
    v->image_len = number(rd, from, "image_length", UINT32_MAX);
    v->artifact_len = number(rd, from, "artifact_length", UINT32_MAX);
    bytes(rd, from, "artifact", v->artifact, 32);
    bytes(rd, from, "digest", v->digest, 32);
    bytes(rd, from, "image", v->image, 32);
}

static void read_variants(struct reader *rd, const json_t *from, struct release *r)
{
    const json_t *list = json_object_get(from, "artifacts");
    size_t n = json_array_size(list);

    if (n == 0 || n > RELEASE_VARIANTS_MAX) {
        fail(rd, "artifacts", "are missing, or too many");
        return;
    }
    r->variants_len = (unsigned)n;
    for (size_t i = 0; i < n; i++) {
        read_variant(rd, json_array_get(list, i), &r->variants[i]);
    }
}

static json_t *record_of(struct reader *rd, const uint8_t *json, size_t len)
{
    json_error_t error;
    json_t *record =
        json_loadb((const char *)json, len, JSON_REJECT_DUPLICATES, &error);

    if (!json_is_object(record)) {
        snprintf(rd->why, rd->cap, "no JSON object");
        rd->bad = true;
    } else if (number(rd, record, "format", UINT32_MAX) != FORMAT) {
        fail(rd, "format", "is one that this version does not know");
    }
    return record;
}

bool release_from_json(const uint8_t *json, size_t len, struct release *r, char *why,
                       size_t cap)
{
    struct reader rd = {why, cap, false};
    json_t *record = record_of(&rd, json, len);

    memset(r, 0, sizeof *r);
    if (!rd.bad) {
        bytes(&rd, record, "class", r->class_id, 16);
        r->version = version(&rd, record);
        r->slot = (uint8_t)number(&rd, record, "slot", 7);
        r->sec_ctr = number(&rd, record, "sec_ctr", 0xFFFFFF);
        r->min_from = number(&rd, record, "min_from", UINT32_MAX);
        time_text(&rd, record, "published", r->published);
        read_variants(&rd, record, r);
    }
    json_decref(record);
    return !rd.bad;
}

bool withdrawal_from_json(const uint8_t *json, size_t len, struct release *r, char *why,
                          size_t cap)
{
    struct reader rd = {why, cap, false};
    json_t *record = record_of(&rd, json, len);

    if (!rd.bad) {
        time_text(&rd, record, "withdrawn", r->withdrawn_at);
        snprintf(r->reason, sizeof r->reason, "%s",
                 text(&rd, record, "reason", RELEASE_REASON_MAX));
    }
    json_decref(record);
    r->withdrawn = !rd.bad;
    return !rd.bad;
}
