/* SPDX-License-Identifier: Apache-2.0
 *
 * Holds a release's record in the store against what was signed: the manifest of each of
 * its artifacts. The server has no release key, so whether the signatures hold is for
 * those who publish and for every device to say. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "body.h"
#include "ferry/manifest.h"
#include "release_json.h"
#include "releases.h"
#include "text.h"

#define ARTIFACT_MAX (64U * 1024U * 1024U)

/* What the manifest says otherwise than the record; NULL: nothing. */
static const char *differs(const struct ferry_manifest *m, const struct release *r,
                           const struct release_variant *v)
{
    return memcmp(m->class_id, r->class_id, 16) != 0 ? "class"
           : m->version != r->version                ? "version"
           : m->sec_ctr != r->sec_ctr                ? "sec_ctr"
           : m->min_from != r->min_from              ? "min_from"
           : m->hw_min != v->hw_min                  ? "hw_min"
           : m->hw_max != v->hw_max                  ? "hw_max"
           : m->link != v->link                      ? "link"
           : m->length != v->image_len               ? "image_length"
           : memcmp(m->sha256, v->image, 32) != 0    ? "image"
                                                     : NULL;
}

/* The digest of what was signed, by which devices name it. */
static void digest_of(const uint8_t *envelope, size_t len, uint8_t digest[32])
{
    uint8_t copy[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX];

    memcpy(copy + FERRY_TBS_SPARE, envelope, len);
    size_t tbs_len = ferry_tbs_make(copy + FERRY_TBS_SPARE);
    crypto_hash_sha256(digest, copy, tbs_len);
}

/* NULL: it is what the record says. */
static const char *check_bytes(const uint8_t *bytes, size_t len,
                               const struct release *r, const struct release_variant *v)
{
    struct ferry_envelope e;
    struct ferry_manifest m;
    uint8_t hash[32];

    crypto_hash_sha256(hash, bytes, len);
    if (len != v->artifact_len || memcmp(hash, v->artifact, sizeof hash) != 0) {
        return "it is damaged: its bytes are not those of its name";
    }
    size_t envelope = len < FERRY_ENVELOPE_HEAD ? 0 : ferry_envelope_len(bytes);
    if (envelope == 0 || envelope > len ||
        ferry_envelope_open(&e, bytes, envelope) != 0 ||
        ferry_manifest_parse(&m, e.payload, e.payload_len, FERRY_READER_DEVICE) != 0) {
        return "it does not begin with a signed manifest";
    }
    digest_of(bytes, envelope, hash);
    if (memcmp(hash, v->digest, sizeof hash) != 0) {
        return "digest";
    }
    return e.kid != r->slot ? "slot" : differs(&m, r, v);
}

static bool check_variant(struct store *s, const struct release *r,
                          const struct release_variant *v, struct outcome *o)
{
    char name[RELEASE_NAME_MAX];
    uint8_t *bytes = NULL;
    size_t len = 0;

    release_artifact_name(v->artifact, name);
    enum store_answer answer = store_get(s, name, ARTIFACT_MAX, &bytes, &len);
    if (answer != STORE_DONE) {
        outcome_say(o, answer == STORE_ABSENT ? 422 : 500, "", "%s: %.120s", name,
                    answer == STORE_ABSENT ? "not in the store" : store_why(s));
        return false;
    }
    const char *wrong = check_bytes(bytes, len, r, v);
    free(bytes);
    if (wrong != NULL) {
        outcome_say(o, 422, "",
                    strchr(wrong, ' ') != NULL
                        ? "%s: %s"
                        : "%s: its signed manifest has another \"%s\" than its record",
                    name, wrong);
    }
    return wrong == NULL;
}

static char *record_of(const struct release *r, bool pass)
{
    char *json = release_to_json(r), *body = NULL;
    json_t *record = json != NULL ? json_loads(json, 0, NULL) : NULL;

    if (record != NULL &&
        json_object_set_new(record, "pass", json_boolean(pass)) == 0) {
        body = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
    }
    json_decref(record);
    free(json);
    return body;
}

static bool get(struct store *s, const uint8_t class_id[16], uint32_t version,
                struct release *r, struct outcome *o)
{
    char text[VERSION_TEXT];
    enum store_answer answer = release_get(s, class_id, version, r);

    text_of_version(version, text);
    if (answer == STORE_ABSENT) {
        outcome_say(o, 404, "/version", "the store has no release %s of this class",
                    text);
    } else if (answer != STORE_DONE) {
        outcome_say(o, 500, "", "the store: %.200s", store_why(s));
    } else if (r->withdrawn) {
        outcome_say(o, 422, "/version", "release %s is withdrawn: %.150s", text,
                    r->reason);
    }
    return answer == STORE_DONE && !r->withdrawn;
}

char *release_body(struct store *s, const uint8_t class_id[16], uint32_t version,
                   bool pass, struct outcome *o)
{
    struct release r;

    memset(o, 0, sizeof *o);
    if (!get(s, class_id, version, &r, o)) {
        return NULL;
    }
    for (unsigned i = 0; i < r.variants_len; i++) {
        if (!check_variant(s, &r, &r.variants[i], o)) {
            return NULL;
        }
    }
    char *body = record_of(&r, pass);
    if (body == NULL) {
        outcome_say(o, 500, "", "no memory");
    }
    return body;
}
