/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry verify: every check a device makes that needs no device. */
#include <stdio.h>

#include "check.h"
#include "keyfile.h"
#include "say.h"
#include "text.h"
#include "verbs.h"

enum { KEY, SLOT };

static const struct option_row options[] = {
    [KEY] = {"key", 'k', true, "FILE", "the public (or private) key, PEM"},
    [SLOT] = {"slot", 's', false, "N", "the key slot it must be signed for, 0..7"},
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

static int check(const struct bytes *b, const struct args *args, int slot)
{
    struct key k;
    struct artifact a;
    struct ferry_key keys[FERRY_KEY_SLOTS];
    int code = key_load(&k, args->value[KEY], false);

    if (code != DONE) {
        return code;
    }
    check_keys(keys, k.public, slot);
    key_wipe(&k);
    code = artifact_open(&a, args->operand, b);
    if (code == DONE) {
        code = check_artifact(&a, keys);
    }
    if (code == DONE) {
        report(&a, args->value[KEY], slot != ANY_SLOT);
    }
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
    int code = artifact_read(&b, args->operand);
    if (code == DONE) {
        code = check(&b, args, any ? ANY_SLOT : (int)slot);
    }
    bytes_free(&b);
    return code;
}

const struct verb verb_verify = {
    "verify", "ARTIFACT", "Check an artifact against a key, byte for byte",
    options,  run,
};
