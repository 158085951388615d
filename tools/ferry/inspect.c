/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry inspect: everything an artifact or a statement says, for people or as JSON.
 * Needs no key and believes nothing: it says that the signature was not checked. */
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "cbor.h"
#include "changes.h"
#include "check.h"
#include "say.h"
#include "statement.h"
#include "verbs.h"
#include "view.h"

enum { JSON, AGAINST };

static const struct option_row options[] = {
    [JSON] = {"json", 'j', OPTIONAL, NULL, "as JSON"},
    [AGAINST] = {"against", 'a', OPTIONAL, "FILE", "show what changed since that one"},
    {0},
};

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
        view_number(v, name, value->arg);
    } else if (value->major == FERRY_CBOR_BSTR) {
        view_hex(v, v->as_json ? "hex" : name, value->str, value->arg);
    } else if (v->as_json) {
        json_text(&v->json, name, value->str, value->arg);
    } else {
        view_label(name);
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
        view_text(v, "name", name);
    } else {
        view_absent(v, "name");
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
    view_id(v, "class", m->class_id);
    view_number(v, "hw_min", m->hw_min);
    view_number(v, "hw_max", m->hw_max);
    view_version(v, "version", m->version);
    view_number(v, "sec_ctr", m->sec_ctr);
    view_number(v, "length", m->length);
    view_hex(v, "sha256", m->sha256, FERRY_HASH_LEN);
    view_address(v, "link", m->link);
    if ((m->has & 1UL << FERRY_KEY_MIN_FROM) != 0) {
        view_version(v, "min_from", m->min_from);
    } else {
        view_absent(v, "min_from");
    }
    view_hex(v, "blocks", m->blocks, FERRY_HASH_LEN);
    view_id(v, "device", m->device);
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
    view_text(v, "alg", alg);
    view_number(v, "slot", a->e.kid);
    view_hex(v, "digest", digest, sizeof digest);
    view_hex(v, "signature", a->e.sig, FERRY_SIG_LEN);
    if (v->as_json) {
        json_bool(&v->json, "signature_checked", false);
    }
    view_note(v, "(the signature was not checked: ferry verify does)");
}

static void show_parts(struct view *v, const struct artifact *a)
{
    view_number(v, "envelope_bytes", a->env_len);
    view_number(v, "table_bytes", a->table_len);
    view_number(v, "image_bytes", a->image_len);
    view_number(v, "file_bytes", a->len);
    view_bool(v, "length_matches", a->len == a->image_at + a->image_len);
    view_bool(v, "table_matches", artifact_table_matches(a));
    view_bool(v, "blocks_match", artifact_bad_block(a) == artifact_blocks(a));
    view_bool(v, "image_matches", artifact_image_matches(a));
}

/* `old` may be NULL. */
static void show(struct view *v, struct artifact *a, const struct artifact *old)
{
    view_begin(v, a->path);
    show_manifest(v, &a->m);
    show_signature(v, a);
    show_parts(v, a);
    if (old != NULL) {
        changes_show(v, old, a);
    }
    view_end(v);
}

static int show_statement(struct view *v, struct artifact *a)
{
    struct ferry_statement s;
    int code = statement_parse(a, &s);

    if (code == DONE) {
        view_begin(v, a->path);
        statement_show(v, &s);
        statement_show_signature(v, a, false);
        view_end(v);
    }
    return code;
}

/* Its block table, too, must be there. */
static int open_old(struct artifact *old, const struct bytes *b, const char *path)
{
    int code = artifact_open(old, path, b);

    if (code == DONE) {
        code = artifact_parse(old);
    }
    return code == DONE ? artifact_whole(old) : code;
}

static int show_changes(struct view *v, struct artifact *a, const char *old_path)
{
    struct bytes b;
    struct artifact old;
    int code = artifact_whole(a);

    if (code != DONE) {
        return code;
    }
    code = artifact_read(&b, old_path);
    if (code == DONE) {
        code = open_old(&old, &b, old_path);
    }
    if (code == DONE) {
        show(v, a, &old);
    }
    bytes_free(&b);
    return code;
}

static int show_artifact(struct view *v, struct artifact *a, const char *old_path)
{
    int code = artifact_parse(a);

    if (code == DONE && old_path != NULL) {
        code = show_changes(v, a, old_path);
    } else if (code == DONE) {
        show(v, a, NULL);
    }
    return code;
}

static int run(const struct args *args)
{
    struct bytes b;
    struct artifact a;
    struct view v = {.as_json = args->value[JSON] != NULL};
    const char *old = args->value[AGAINST];
    int code = artifact_read(&b, args->operands[0]);

    if (code == DONE) {
        code = artifact_open(&a, args->operands[0], &b);
    }
    if (code == DONE && statement_is(&a) && old != NULL) {
        code = refuse("%s: a device's statement; --against is for artifacts", a.path);
    } else if (code == DONE) {
        code = statement_is(&a) ? show_statement(&v, &a) : show_artifact(&v, &a, old);
    }
    bytes_free(&b);
    return code;
}

const struct verb verb_inspect = {
    .name = "inspect",
    .operand = "FILE",
    .summary = "Show everything an artifact or a device's statement says",
    .options = options,
    .run = run,
};
