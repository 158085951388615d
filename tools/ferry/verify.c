/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry verify: every check a device makes that needs no device, and, for one that is
 * described, its verdict; and whether a device's statement is that device's. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "described.h"
#include "keyfile.h"
#include "say.h"
#include "slots.h"
#include "statement.h"
#include "text.h"
#include "verbs.h"

enum { KEY, KEYS, SLOT, DEVICE, TEST_KEY };

static const struct option_row options[] = {
    [KEY] = {"key", 'k', OPTIONAL, "FILE",
             "the public (or private) key, PEM; for a statement the device's own"},
    [KEYS] = {"keys", 0, OPTIONAL, "FILE", "the device's key table (ferry keytable)"},
    [SLOT] = {"slot", 's', OPTIONAL, "N", "the key slot it must be signed for, 0..7"},
    [DEVICE] = {"device", 'd', OPTIONAL, "FILE",
                "would the device described there take it?"},
    [TEST_KEY] = {"insecure-test-key", 0, OPTIONAL, NULL,
                  "allow the published test key in --keys"},
    {0},
};

static const char notes[] =
    "One of --key and --keys is wanted. A device's description has these keys:\n"
    "  class = UUID          hw = N               map = FILE (ferry factory --help)\n"
    "  version = X.Y.Z       slot = N             the running image's, and its slot\n"
    "  floor = 0x...         bank = 0 or 1        the one that runs\n"
    "and may have these:\n"
    "  device = UUID         boot-caps = 0x101    digest = 64 digits of the running "
    "one\n"
    "  tombstone = N:X.Y.Z   the slot and version that were rolled back from\n";

/* What an artifact is held against. */
struct judges {
    const char *keys_path;
    struct ferry_key keys[FERRY_KEY_SLOTS];
    int slot; /* ANY_SLOT: none was asked for */
    struct described device;
};

static void report(const struct artifact *a, const struct judges *j)
{
    char version[VERSION_TEXT];

    text_of_version(a->m.version, version);
    printf("%s: good\n", a->path);
    printf("  envelope     %zu bytes, the one permitted form\n", a->env_len);
    printf("  slot         %u%s\n", a->e.kid,
           j->slot != ANY_SLOT ? "" : " (none asked for)");
    printf("  signature    Ed25519, holds under %s\n", j->keys_path);
    printf("  manifest     version %s, security counter %u\n", version,
           (unsigned)a->m.sec_ctr);
    printf("  block table  %zu bytes, hash matches\n", a->table_len);
    printf("  image        %zu bytes, each of %u blocks and the whole match\n",
           a->image_len, (unsigned)artifact_blocks(a));
    printf("  file         %zu bytes, nothing missing, nothing extra\n", a->len);
    if (j->device.path != NULL) {
        printf("  device       %s takes it into bank %u\n", j->device.path,
               j->device.now.active_bank ^ 1U);
    }
}

static int refuse_slot(const struct artifact *a, int slot)
{
    return refuse_at(a->path, ENV_KID, FERRY_E_KID, "signed for slot %u, not slot %d",
                     a->e.kid, slot);
}

static int verify_artifact(struct artifact *a, const struct judges *j)
{
    int code = check_artifact(a, j->keys);

    if (code == DONE && j->slot != ANY_SLOT && a->e.kid != j->slot) {
        code = refuse_slot(a, j->slot);
    }
    if (code == DONE && j->device.path != NULL) {
        code = described_judge(&j->device, a);
    }
    if (code == DONE) {
        report(a, j);
    }
    return code;
}

static int verify_statement(struct artifact *a, const struct args *args,
                            const struct key *k)
{
    struct view v = {.as_json = false};
    struct ferry_statement s;

    if (args->value[SLOT] != NULL || args->value[KEYS] != NULL ||
        args->value[DEVICE] != NULL) {
        return refuse("%s: a device's statement has no key slot: --slot, --keys and "
                      "--device are for artifacts",
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

static int load_keys(const struct args *args, struct judges *j, struct key *k)
{
    memset(k, 0, sizeof *k);
    if (args->value[KEYS] != NULL) {
        j->keys_path = args->value[KEYS];
        return slots_load(j->keys, j->keys_path, args->value[TEST_KEY] != NULL);
    }
    j->keys_path = args->value[KEY];
    int code = key_load(k, j->keys_path, false);
    check_keys(j->keys, k->public, j->slot);
    return code;
}

static int check(const struct bytes *b, const struct args *args, struct judges *j)
{
    struct key k;
    struct artifact a;
    int code = load_keys(args, j, &k);

    if (code == DONE && args->value[DEVICE] != NULL) {
        code = described_load(&j->device, args->value[DEVICE]);
    }
    if (code == DONE) {
        code = artifact_open(&a, args->operands[0], b);
    }
    if (code == DONE) {
        code =
            statement_is(&a) ? verify_statement(&a, args, &k) : verify_artifact(&a, j);
    }
    described_free(&j->device);
    key_wipe(&k);
    return code;
}

static int read_slot(const struct args *args, struct judges *j)
{
    uint32_t slot = 0;

    j->slot = ANY_SLOT;
    if (args->value[SLOT] == NULL) {
        return DONE;
    }
    if (!text_number(args->value[SLOT], FERRY_KEY_SLOTS - 1, &slot)) {
        return args_bad(args, SLOT, "not a key slot, 0..7");
    }
    j->slot = (int)slot;
    return DONE;
}

static int run(const struct args *args)
{
    struct bytes b;
    struct judges j;

    memset(&j, 0, sizeof j);
    if ((args->value[KEY] != NULL) == (args->value[KEYS] != NULL)) {
        return misuse("verify: one of --key and --keys is wanted");
    }
    int code = read_slot(args, &j);
    if (code != DONE) {
        return code;
    }
    code = artifact_read(&b, args->operands[0]);
    if (code == DONE) {
        code = check(&b, args, &j);
    }
    bytes_free(&b);
    return code;
}

const struct verb verb_verify = {
    .name = "verify",
    .operand = "FILE",
    .summary = "Check an artifact, or a device's statement, against a key",
    .options = options,
    .notes = notes,
    .run = run,
};
