/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry release list, show: what a store holds, for people or as JSON. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "say.h"
#include "store_args.h"
#include "text.h"

#define ANY_HW UINT64_MAX

/* ---- one release ----------------------------------------------------------------- */

static void json_hex(struct json *j, const char *name, const uint8_t *bytes, size_t len)
{
    char hex[65];

    sodium_bin2hex(hex, sizeof hex, bytes, len);
    json_text(j, name, hex, strlen(hex));
}

static void json_string(struct json *j, const char *name, const char *text)
{
    json_text(j, name, text, strlen(text));
}

static void json_variant(struct json *j, const struct release_variant *v,
                         const char *url)
{
    json_open(j, NULL, '{');
    json_number(j, "hw_min", v->hw_min);
    json_number(j, "hw_max", v->hw_max);
    json_number(j, "link", v->link);
    json_number(j, "image_length", v->image_len);
    json_number(j, "artifact_length", v->artifact_len);
    json_hex(j, "artifact", v->artifact, sizeof v->artifact);
    json_hex(j, "digest", v->digest, sizeof v->digest);
    json_hex(j, "image", v->image, sizeof v->image);
    if (url != NULL) {
        json_string(j, "url", url);
    }
    json_close(j, '}');
}

/* All but the artifacts. */
static void json_release(struct json *j, const struct release *r)
{
    char version[VERSION_TEXT], id[ID_TEXT];

    text_of_version(r->version, version);
    text_of_id(r->class_id, id);
    json_string(j, "version", version);
    json_string(j, "class", id);
    json_number(j, "slot", r->slot);
    json_number(j, "sec_ctr", r->sec_ctr);
    json_number(j, "min_from", r->min_from);
    json_string(j, "published", r->published);
    json_bool(j, "withdrawn", r->withdrawn);
    if (r->withdrawn) {
        json_string(j, "withdrawn_at", r->withdrawn_at);
        json_string(j, "reason", r->reason);
    }
}

static bool fits(const struct release_variant *v, uint64_t hw)
{
    return hw == ANY_HW || (v->hw_min <= hw && hw <= v->hw_max);
}

/* ---- list ------------------------------------------------------------------------ */

enum { LIST_HW = STORE_ROWS, LIST_CLASS, LIST_JSON };

static const struct option_row list_options[] = {
    STORE_OPTIONS,
    [LIST_HW] = {"hw", 0, OPTIONAL, "N", "only what fits this hardware revision"},
    [LIST_CLASS] = {"class", 'c', OPTIONAL, "ID", "only this device class"},
    [LIST_JSON] = {"json", 'j', OPTIONAL, NULL, "as JSON"},
    {0},
};

struct listing {
    struct json json;
    bool as_json, by_class;
    uint8_t class_id[ID_LEN];
    uint64_t hw;
    unsigned rows;
};

static void row(const struct release *r, const struct release_variant *v)
{
    char version[VERSION_TEXT], id[ID_TEXT];

    text_of_version(r->version, version);
    text_of_id(r->class_id, id);
    printf("%-12s %4u-%-4u 0x%08X %9u  %u:%-8u %s  %s%s\n", version,
           (unsigned)v->hw_min, (unsigned)v->hw_max, (unsigned)v->link,
           (unsigned)v->image_len, r->slot, (unsigned)r->sec_ctr, r->published, id,
           r->withdrawn ? "  WITHDRAWN" : "");
}

static bool list_each(void *ctx, const struct release *r)
{
    struct listing *l = ctx;
    bool opened = false;

    if (l->by_class && memcmp(r->class_id, l->class_id, ID_LEN) != 0) {
        return true;
    }
    for (unsigned i = 0; i < r->variants_len; i++) {
        const struct release_variant *v = &r->variants[i];
        if (!fits(v, l->hw)) {
            continue;
        }
        if (!l->as_json) {
            if (l->rows++ == 0) {
                printf("%-12s %-9s %-10s %9s  %-10s %-20s  %s\n", "version", "hardware",
                       "bank", "bytes", "slot:count", "published", "class");
            }
            row(r, v);
            continue;
        }
        if (!opened) {
            json_open(&l->json, NULL, '{');
            json_release(&l->json, r);
            json_open(&l->json, "artifacts", '[');
            opened = true;
        }
        json_variant(&l->json, v, NULL);
    }
    if (opened) {
        json_close(&l->json, ']');
        json_close(&l->json, '}');
    }
    return true;
}

static int list(struct store *s, struct listing *l)
{
    if (l->as_json) {
        json_open(&l->json, NULL, '{');
        json_open(&l->json, "releases", '[');
    }
    if (release_list(s, list_each, l) != STORE_DONE) {
        return refuse("%s", store_why(s));
    }
    if (l->as_json) {
        json_close(&l->json, ']');
        json_close(&l->json, '}');
    } else if (l->rows == 0) {
        printf("no releases\n");
    }
    return DONE;
}

static int run_list(const struct args *a)
{
    struct listing l = {.as_json = a->value[LIST_JSON] != NULL, .hw = ANY_HW};
    struct store *s = NULL;
    uint32_t hw;

    if (a->value[LIST_HW] != NULL) {
        if (!text_number(a->value[LIST_HW], UINT32_MAX, &hw)) {
            return args_bad(a, LIST_HW, "not a hardware revision, 0..4294967295");
        }
        l.hw = hw;
    }
    if (a->value[LIST_CLASS] != NULL) {
        if (!text_id(a->value[LIST_CLASS], l.class_id)) {
            return args_bad(a, LIST_CLASS, "not 32 hexadecimal digits");
        }
        l.by_class = true;
    }
    int code = release_open(a, &s);
    if (code == DONE) {
        code = list(s, &l);
        store_close(s);
    }
    return code;
}

const struct verb verb_release_list = {
    .name = "release list",
    .summary = "List the releases of a store by class, version and hardware",
    .options = list_options,
    .notes = STORE_NOTES,
    .run = run_list,
};

/* ---- show ------------------------------------------------------------------------ */

enum { SHOW_CLASS = STORE_ROWS, SHOW_URL, SHOW_JSON };

static const struct option_row show_options[] = {
    STORE_OPTIONS,
    [SHOW_CLASS] = {"class", 'c', OPTIONAL, "ID",
                    "the device class, if there are several"},
    [SHOW_URL] = {"url", 'u', OPTIONAL, "SECONDS",
                  "with URLs that anyone can fetch from for so long"},
    [SHOW_JSON] = {"json", 'j', OPTIONAL, NULL, "as JSON"},
    {0},
};

/* The URL of an artifact, or NULL if none was asked for. */
static int url_of(struct store *s, const struct release_variant *v, uint32_t seconds,
                  char to[STORE_URL_MAX], const char **url)
{
    char name[RELEASE_NAME_MAX];

    *url = NULL;
    if (seconds == 0) {
        return DONE;
    }
    release_artifact_name(v->artifact, name);
    if (store_url(s, name, seconds, to) != STORE_DONE) {
        return refuse("%s", store_why(s));
    }
    *url = to;
    return DONE;
}

static void show_text(const struct release *r)
{
    char version[VERSION_TEXT], id[ID_TEXT], from[VERSION_TEXT];

    text_of_version(r->version, version);
    text_of_version(r->min_from, from);
    text_of_id(r->class_id, id);
    printf("%s of %s\n", version, id);
    printf("  published  %s\n", r->published);
    if (r->withdrawn) {
        printf("  withdrawn  %s: %s\n", r->withdrawn_at, r->reason);
    }
    printf("  slot       %u, security counter %u\n", r->slot, (unsigned)r->sec_ctr);
    if (r->min_from != 0) {
        printf("  from       %s or later\n", from);
    }
}

static void show_variant(const struct release_variant *v, const char *url)
{
    char hex[65];

    sodium_bin2hex(hex, sizeof hex, v->artifact, sizeof v->artifact);
    printf("  hardware %u-%u, bank 0x%X: image of %u bytes, artifact of %u bytes\n",
           (unsigned)v->hw_min, (unsigned)v->hw_max, (unsigned)v->link,
           (unsigned)v->image_len, (unsigned)v->artifact_len);
    printf("    %s\n", url != NULL ? url : hex);
}

static int show(const struct args *a, struct store *s, uint32_t seconds)
{
    struct release r;
    struct json j = {0};
    bool as_json = a->value[SHOW_JSON] != NULL;
    char room[STORE_URL_MAX];
    const char *url;
    int code = release_find(a, SHOW_CLASS, s, &r);

    if (code != DONE) {
        return code;
    }
    if (as_json) {
        json_open(&j, NULL, '{');
        json_release(&j, &r);
        json_open(&j, "artifacts", '[');
    } else {
        show_text(&r);
    }
    for (unsigned i = 0; i < r.variants_len && code == DONE; i++) {
        code = url_of(s, &r.variants[i], seconds, room, &url);
        if (code == DONE && as_json) {
            json_variant(&j, &r.variants[i], url);
        } else if (code == DONE) {
            show_variant(&r.variants[i], url);
        }
    }
    if (as_json) {
        json_close(&j, ']');
        json_close(&j, '}');
    }
    return code;
}

static int run_show(const struct args *a)
{
    struct store *s = NULL;
    uint32_t seconds = 0;

    if (a->value[SHOW_URL] != NULL &&
        (!text_number(a->value[SHOW_URL], 604800, &seconds) || seconds == 0)) {
        return args_bad(a, SHOW_URL, "not 1 to 604800 seconds");
    }
    int code = release_open(a, &s);
    if (code == DONE) {
        code = show(a, s, seconds);
        store_close(s);
    }
    return code;
}

const struct verb verb_release_show = {
    .name = "release show",
    .operand = "VERSION",
    .summary = "Show a release of a store, and where its artifacts are",
    .options = show_options,
    .notes = STORE_NOTES,
    .run = run_show,
};
