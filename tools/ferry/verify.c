/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry verify: every check a device makes that needs no device; and whether a
 * device's statement is that device's. */
#include <stdio.h>

#include "check.h"
#include "keyfile.h"
#include "say.h"
#include "statement.h"
#include "text.h"
#include "verbs.h"

enum { KEY, SLOT };

static const struct option_row options[] = {
    [KEY] = {"key", 'k', REQUIRED, "FILE",
             "the public (or private) key, PEM; for a "
             "statement the device's own"},
    [SLOT] = {"slot", 's', OPTIONAL, "N", "the key slot it must be signed for, 0..7"},
    {0},
};

static void report(const struct artifact *a, const char *key_path, bool slot_asked)
{
    char version[VERSION_TEXT];

    text_of_version(a->m.version, version);
    printf("%s: good\n", a->path);
    printf("  envelope     %zu bytes, the one permitted form\n", a->env_len);
    printf("  slot         %u%s\n", a->e.kid, slot_asked ? "" : " (none asked for)");
    printf("  signature    Ed25519, holds under %s\n", key_path);
    printf("  manifest     version %s, security counter %u\n", version,
           (unsigned)a->m.sec_ctr);
    printf("  block table  %zu bytes, hash matches\n", a->table_len);
    printf("  image        %zu bytes, each of %u blocks and the whole match\n",
           a->image_len, (unsigned)artifact_blocks(a));
    printf("  file         %zu bytes, nothing missing, nothing extra\n", a->len);
}

static int verify_artifact(struct artifact *a, const struct args *args,
                           const struct key *k, int slot)
{
    struct ferry_key keys[FERRY_KEY_SLOTS];

    check_keys(keys, k->public, slot);
    int code = check_artifact(a, keys);
    if (code == DONE) {
        report(a, args->value[KEY], slot != ANY_SLOT);
    }
    return code;
}

static int verify_statement(struct artifact *a, const struct args *args,
                            const struct key *k)
{
    struct view v = {.as_json = false};
    struct ferry_statement s;

    if (args->value[SLOT] != NULL) {
        return refuse("%s: a device's statement has no key slot: --slot is for "
                      "artifacts",
                      a->path);
    }
    int code = statement_check(a, k->public);
    if (code == DONE) {
        code = statement_parse(a, &s);
    }
    if (code == DONE) {
        printf("%s: a statement, good under %s\n", a->path, args->value[KEY]);
        statement_show(&v, &s);
    }
    return code;
}

static int check(const struct bytes *b, const struct args *args, int slot)
{
    struct key k;
    struct artifact a;
    int code = key_load(&k, args->value[KEY], false);

    if (code == DONE) {
        code = artifact_open(&a, args->operands[0], b);
    }
    if (code == DONE) {
        code = statement_is(&a) ? verify_statement(&a, args, &k)
                                : verify_artifact(&a, args, &k, slot);
    }
    key_wipe(&k);
    return code;
}

static int run(const struct args *args)
{
    struct bytes b;
    uint32_t slot = 0;
    bool any = args->value[SLOT] == NULL;

    if (!any && !text_number(args->value[SLOT], FERRY_KEY_SLOTS - 1, &slot)) {
        return args_bad(args, SLOT, "not a key slot, 0..7");
    }
    int code = artifact_read(&b, args->operands[0]);
    if (code == DONE) {
        code = check(&b, args, any ? ANY_SLOT : (int)slot);
    }
    bytes_free(&b);
    return code;
}

const struct verb verb_verify = {
    .name = "verify",
    .operand = "FILE",
    .summary = "Check an artifact, or a device's statement, against a key",
    .options = options,
    .run = run,
};
