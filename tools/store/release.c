/* SPDX-License-Identifier: Apache-2.0
 *
 * The order in which objects of a release are put and looked for. */
#include "release.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "release_json.h"
#include "store_in.h"
#include "text.h"

void release_time(char to[RELEASE_TIME])
{
    time_t now = time(NULL);
    struct tm utc;

    strftime(to, RELEASE_TIME, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
}

static int by_place(const void *a, const void *b)
{
    const struct release_variant *x = a, *y = b;
    uint32_t left = x->hw_min != y->hw_min ? x->hw_min : x->link;
    uint32_t right = x->hw_min != y->hw_min ? y->hw_min : y->link;

    return left < right ? -1 : left > right;
}

void release_sort(struct release *r)
{
    qsort(r->variants, r->variants_len, sizeof *r->variants, by_place);
}

const struct release_variant *release_clash(const struct release *r)
{
    for (unsigned i = 0; i < r->variants_len; i++) {
        for (unsigned k = 0; k < i; k++) {
            const struct release_variant *a = &r->variants[i], *b = &r->variants[k];
            if (a->link == b->link && a->hw_min <= b->hw_max &&
                b->hw_min <= a->hw_max) {
                return a;
            }
        }
    }
    return NULL;
}

/* ---- artifacts ------------------------------------------------------------------- */

void release_artifact_name(const uint8_t artifact[32], char name[RELEASE_NAME_MAX])
{
    char hex[65];

    sodium_bin2hex(hex, sizeof hex, artifact, 32);
    snprintf(name, RELEASE_NAME_MAX, "artifacts/%s.ferry", hex);
}

enum store_answer release_put_artifact(struct store *s, const uint8_t artifact[32],
                                       const void *bytes, size_t len)
{
    char name[RELEASE_NAME_MAX];
    uint8_t *there;
    size_t there_len;

    release_artifact_name(artifact, name);
    enum store_answer answer = store_put_new(s, name, bytes, len);
    if (answer != STORE_EXISTS) {
        return answer;
    }
    answer = store_get(s, name, len, &there, &there_len);
    if (answer != STORE_DONE) {
        return answer == STORE_ABSENT
                   ? store_failed(s, "%s: it is there, and it is not", name)
                   : answer;
    }
    bool same = there_len == len && memcmp(there, bytes, len) == 0;
    free(there);
    return same ? STORE_EXISTS
                : store_failed(s,
                               "%s: damaged in the store: its name is another "
                               "content's",
                               name);
}

/* ---- records --------------------------------------------------------------------- */

static void name_of(const char *kind, const uint8_t class_id[16], uint32_t version,
                    char name[RELEASE_NAME_MAX])
{
    char hex[33], text[VERSION_TEXT];

    sodium_bin2hex(hex, sizeof hex, class_id, 16);
    text_of_version(version, text);
    snprintf(name, RELEASE_NAME_MAX, "%s/%s/%s.json", kind, hex, text);
}

static enum store_answer put_text(struct store *s, const char *name, char *json)
{
    if (json == NULL) {
        return store_failed(s, "no memory");
    }
    enum store_answer answer = store_put_new(s, name, json, strlen(json));
    free(json);
    return answer;
}

/* Is there a word of withdrawal? Then it goes into `r`. */
static enum store_answer get_withdrawal(struct store *s, struct release *r)
{
    char name[RELEASE_NAME_MAX], why[128];
    uint8_t *json;
    size_t len;

    name_of("withdrawn", r->class_id, r->version, name);
    enum store_answer answer = store_get(s, name, RELEASE_JSON_MAX, &json, &len);
    if (answer != STORE_DONE) {
        return answer;
    }
    bool good = withdrawal_from_json(json, len, r, why, sizeof why);
    free(json);
    return good ? STORE_DONE : store_failed(s, "%s: %s", name, why);
}

enum store_answer release_get(struct store *s, const uint8_t class_id[16],
                              uint32_t version, struct release *r)
{
    char name[RELEASE_NAME_MAX], why[128];
    uint8_t *json;
    size_t len;

    name_of("releases", class_id, version, name);
    enum store_answer answer = store_get(s, name, RELEASE_JSON_MAX, &json, &len);
    if (answer != STORE_DONE) {
        return answer;
    }
    bool good = release_from_json(json, len, r, why, sizeof why);
    free(json);
    if (!good) {
        return store_failed(s, "%s: %s", name, why);
    }
    if (memcmp(r->class_id, class_id, 16) != 0 || r->version != version) {
        return store_failed(s, "%s: says it is another release", name);
    }
    answer = get_withdrawal(s, r);
    return answer == STORE_ABSENT ? STORE_DONE : answer;
}

static bool same_variants(const struct release *a, const struct release *b)
{
    if (a->slot != b->slot || a->sec_ctr != b->sec_ctr || a->min_from != b->min_from ||
        a->variants_len != b->variants_len) {
        return false;
    }
    for (unsigned i = 0; i < a->variants_len; i++) {
        if (memcmp(a->variants[i].artifact, b->variants[i].artifact, 32) != 0) {
            return false;
        }
    }
    return true;
}

enum store_answer release_publish(struct store *s, struct release *r, bool *same)
{
    char name[RELEASE_NAME_MAX];
    struct release there;

    release_sort(r);
    release_time(r->published);
    name_of("releases", r->class_id, r->version, name);
    enum store_answer answer = put_text(s, name, release_to_json(r));
    if (answer != STORE_EXISTS) {
        return answer;
    }
    answer = release_get(s, r->class_id, r->version, &there);
    if (answer == STORE_DONE) {
        *same = same_variants(r, &there);
        *r = there;
        return STORE_EXISTS;
    }
    return answer == STORE_ABSENT
               ? store_failed(s, "%s: it is there, and it is not", name)
               : answer;
}

enum store_answer release_withdraw(struct store *s, struct release *r,
                                   const char *reason)
{
    char name[RELEASE_NAME_MAX];

    name_of("withdrawn", r->class_id, r->version, name);
    release_time(r->withdrawn_at);
    snprintf(r->reason, sizeof r->reason, "%s", reason);
    enum store_answer answer = put_text(s, name, withdrawal_to_json(r));
    if (answer == STORE_EXISTS) {
        answer = get_withdrawal(s, r);
        return answer == STORE_DONE ? STORE_EXISTS : answer;
    }
    r->withdrawn = answer == STORE_DONE;
    return answer;
}

/* ---- listing --------------------------------------------------------------------- */

struct place {
    uint8_t class_id[16];
    uint32_t version;
};

struct places {
    struct place *at;
    size_t len, cap;
    bool no_memory;
};

/* "releases/CLASS/VERSION.json": whose record is this? Others' objects are passed over. */
static bool place_of(const char *name, struct place *p)
{
    char hex[33], version[VERSION_TEXT], again[RELEASE_NAME_MAX];

    if (sscanf(name, "releases/%32[0-9a-f]/%13[0-9.]", hex, version) != 2) {
        return false;
    }
    size_t len = strlen(version);
    if (len > 0 && version[len - 1] == '.') {
        version[len - 1] = '\0'; /* of ".json" */
    }
    if (!text_version(version, &p->version) ||
        sodium_hex2bin(p->class_id, 16, hex, strlen(hex), NULL, NULL, NULL) != 0) {
        return false;
    }
    name_of("releases", p->class_id, p->version, again);
    return strcmp(name, again) == 0;
}

static bool note(void *ctx, const char *name)
{
    struct places *all = ctx;
    struct place p;

    if (!place_of(name, &p)) {
        return true;
    }
    if (all->len == all->cap) {
        size_t cap = all->cap == 0 ? 64 : 2 * all->cap;
        struct place *more = realloc(all->at, cap * sizeof *more);
        if (more == NULL) {
            all->no_memory = true;
            return false;
        }
        all->at = more;
        all->cap = cap;
    }
    all->at[all->len++] = p;
    return true;
}

static int by_version(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int order = memcmp(x->class_id, y->class_id, 16);

    return order != 0 ? order : x->version < y->version ? -1 : x->version > y->version;
}

enum store_answer release_list(struct store *s,
                               bool (*each)(void *ctx, const struct release *r),
                               void *ctx)
{
    struct places all = {0};
    struct release r;
    enum store_answer answer = store_list(s, "releases/", note, &all);

    if (all.no_memory) {
        answer = store_failed(s, "no memory");
    }
    if (all.len > 0) {
        qsort(all.at, all.len, sizeof *all.at, by_version);
    }
    for (size_t i = 0; i < all.len && answer == STORE_DONE; i++) {
        answer = release_get(s, all.at[i].class_id, all.at[i].version, &r);
        if (answer == STORE_DONE && !each(ctx, &r)) {
            break;
        }
    }
    free(all.at);
    return answer == STORE_ABSENT ? store_failed(s, "a release went away meanwhile")
                                  : answer;
}
