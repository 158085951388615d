/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry inspect: everything an artifact says, for people or as JSON. Needs no key and
 * believes nothing: it says that the signature was not checked. Both views are one
 * list of fields, so that they cannot differ. */
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "cbor.h"
#include "check.h"
#include "json.h"
#include "say.h"
#include "text.h"
#include "verbs.h"

enum { JSON };

static const struct option_row options[] = {
    [JSON] = {"json", 'j', false, NULL, "as JSON"},
    {0},
};

struct view {
    struct json json;
    bool as_json;
};

#define HEX_MAX (2 * FERRY_PAYLOAD_MAX + 1)

/* ---- one field ------------------------------------------------------------------- */

static void label(const char *name)
{
    printf("  %-16s ", name);
}

static void field(struct view *v, const char *name, const char *text)
{
    if (v->as_json) {
        json_text(&v->json, name, text, strlen(text));
    } else {
        label(name);
        printf("%s\n", text);
    }
}

/* People do not miss it. */
static void field_absent(struct view *v, const char *name)
{
    if (v->as_json) {
        json_null(&v->json, name);
    }
}

static void field_number(struct view *v, const char *name, size_t n)
{
    if (v->as_json) {
        json_number(&v->json, name, (long long)n);
    } else {
        label(name);
        printf("%zu\n", n);
    }
}

/* JSON has no hexadecimal, and people no eye for addresses in decimal. */
static void field_address(struct view *v, const char *name, uint32_t address)
{
    char text[16];

    if (v->as_json) {
        json_number(&v->json, name, address);
    } else {
        snprintf(text, sizeof text, "0x%08x", (unsigned)address);
        field(v, name, text);
    }
}

static void field_bool(struct view *v, const char *name, bool b)
{
    if (v->as_json) {
        json_bool(&v->json, name, b);
    } else {
        label(name);
        printf("%s\n", b ? "true" : "false");
    }
}

static void field_hex(struct view *v, const char *name, const uint8_t *p, size_t len)
{
    char hex[HEX_MAX];

    sodium_bin2hex(hex, sizeof hex, p, len);
    field(v, name, hex);
}

static void field_id(struct view *v, const char *name, const uint8_t *id)
{
    char text[ID_TEXT];

    if (id == NULL) {
        field_absent(v, name);
        return;
    }
    text_of_id(id, text);
    field(v, name, text);
}

static void field_version(struct view *v, const char *name, uint32_t version)
{
    char text[VERSION_TEXT];

    text_of_version(version, text);
    field(v, name, text);
}

/* ---- informational keys ---------------------------------------------------------- */

static const char *info_name(uint32_t key)
{
    switch (key) {
    case INFO_VERSION:
        return "version text";
    case INFO_BUILD_ID:
        return "build id";
    case INFO_BUILD_TIME:
        return "build time";
    default:
        return NULL;
    }
}

/* The signer's words, not ours: quoted, so that they cannot drive a terminal. */
static void info_value(struct view *v, const char *name, const struct ferry_cbor *value)
{
    if (value->major == FERRY_CBOR_UINT) {
        field_number(v, name, value->arg);
    } else if (value->major == FERRY_CBOR_BSTR) {
        field_hex(v, v->as_json ? "hex" : name, value->str, value->arg);
    } else if (v->as_json) {
        json_text(&v->json, name, value->str, value->arg);
    } else {
        label(name);
        json_quote(value->str, value->arg);
        putchar('\n');
    }
}

static void info_pair(struct view *v, uint32_t key, const struct ferry_cbor *value)
{
    char number[16];
    const char *name = info_name(key);

    if (!v->as_json) {
        snprintf(number, sizeof number, "key -%u", (unsigned)key);
        info_value(v, name != NULL ? name : number, value);
        return;
    }
    json_open(&v->json, NULL, '{');
    json_number(&v->json, "key", -(long long)key);
    if (name != NULL) {
        field(v, "name", name);
    } else {
        field_absent(v, "name");
    }
    info_value(v, "value", value);
    json_close(&v->json, '}');
}

static void show_info(struct view *v, const struct ferry_manifest *m)
{
    struct ferry_reader r = ferry_reader(m->info, m->info_len);
    struct ferry_cbor key, value;

    if (v->as_json) {
        json_open(&v->json, "informational", '[');
    }
    for (unsigned i = 0; i < m->info_count; i++) {
        if (ferry_cbor_read(&r, &key) != 0 || ferry_cbor_read(&r, &value) != 0) {
            break; /* cannot be: the manifest was parsed */
        }
        info_pair(v, key.arg + 1, &value);
    }
    if (v->as_json) {
        json_close(&v->json, ']');
    }
}

/* ---- the whole ------------------------------------------------------------------- */

static void show_manifest(struct view *v, const struct ferry_manifest *m)
{
    field_id(v, "class", m->class_id);
    field_number(v, "hw_min", m->hw_min);
    field_number(v, "hw_max", m->hw_max);
    field_version(v, "version", m->version);
    field_number(v, "sec_ctr", m->sec_ctr);
    field_number(v, "length", m->length);
    field_hex(v, "sha256", m->sha256, FERRY_HASH_LEN);
    field_address(v, "link", m->link);
    if ((m->has & 1UL << FERRY_KEY_MIN_FROM) != 0) {
        field_version(v, "min_from", m->min_from);
    } else {
        field_absent(v, "min_from");
    }
    field_hex(v, "blocks", m->blocks, FERRY_HASH_LEN);
    field_id(v, "device", m->device);
    show_info(v, m);
}

static void show_signature(struct view *v, struct artifact *a)
{
    uint8_t digest[FERRY_HASH_LEN];
    char alg[32] = "Ed25519";

    if (a->e.alg != FERRY_ALG_ED25519) {
        snprintf(alg, sizeof alg, "unknown (0x%02x)", a->e.alg);
    }
    check_digest(a, digest);
    field(v, "alg", alg);
    field_number(v, "slot", a->e.kid);
    field_hex(v, "digest", digest, sizeof digest);
    field_hex(v, "signature", a->e.sig, FERRY_SIG_LEN);
    if (v->as_json) {
        json_bool(&v->json, "signature_checked", false);
    } else {
        field(v, "", "(the signature was not checked: ferry verify does)");
    }
}

static void show_parts(struct view *v, const struct artifact *a)
{
    field_number(v, "envelope_bytes", a->env_len);
    field_number(v, "table_bytes", a->table_len);
    field_number(v, "image_bytes", a->image_len);
    field_number(v, "file_bytes", a->len);
    field_bool(v, "length_matches", a->len == a->image_at + a->image_len);
    field_bool(v, "table_matches", artifact_table_matches(a));
    field_bool(v, "blocks_match", artifact_bad_block(a) == artifact_blocks(a));
    field_bool(v, "image_matches", artifact_image_matches(a));
}

static void show(struct view *v, struct artifact *a)
{
    if (v->as_json) {
        json_open(&v->json, NULL, '{');
        json_text(&v->json, "file", a->path, strlen(a->path));
    } else {
        printf("%s\n", a->path);
    }
    show_manifest(v, &a->m);
    show_signature(v, a);
    show_parts(v, a);
    if (v->as_json) {
        json_close(&v->json, '}');
    }
}

static int run(const struct args *args)
{
    struct bytes b;
    struct artifact a;
    struct view v = {.as_json = args->value[JSON] != NULL};
    int code = artifact_read(&b, args->operand);

    if (code == DONE) {
        code = artifact_open(&a, args->operand, &b);
    }
    if (code == DONE) {
        code = artifact_parse(&a);
    }
    if (code == DONE) {
        show(&v, &a);
    }
    bytes_free(&b);
    return code;
}

const struct verb verb_inspect = {
    "inspect", "ARTIFACT", "Show everything an artifact says", options, run,
};
