/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry attach: a signature that was made elsewhere becomes part of its artifact. Writes
 * nothing that the key does not verify. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "keyfile.h"
#include "say.h"
#include "verbs.h"

#define SIG_FILE_MAX 4096U
#define SPACE " \t\r\n"
#define HEX_LEN (2 * FERRY_SIG_LEN)

enum { SIG, KEY, OUT, RELEASE };

static const struct option_row options[] = {
    [SIG] = {"sig", 's', REQUIRED, "FILE", "the signature: 64 bytes, hex or base64"},
    [KEY] = {"key", 'k', REQUIRED, "FILE", "the key it must hold under, PEM"},
    [OUT] = {"output", 'o', REQUIRED, "OUT.ferry", "the artifact to write"},
    [RELEASE] = {"release", 0, OPTIONAL, NULL, "refuse the published test key"},
    {0},
};

static const char notes[] =
    "For keys in a cloud's KMS or on a machine without a network:\n"
    "  ferry sign --unsigned ... -o app.unsigned\n"
    "  ferry tbs app.unsigned -o app.tbs        these bytes are signed: pure Ed25519\n"
    "  ferry attach app.unsigned --sig app.sig --key release.pub -o app.ferry\n";

/* ---- the signature --------------------------------------------------------------- */

/* Exactly 64 bytes of text in one of base64's two alphabets, padded or not. */
static bool from_base64(const struct bytes *file, uint8_t sig[FERRY_SIG_LEN])
{
    static const int variants[] = {
        sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING,
        sodium_base64_VARIANT_URLSAFE, sodium_base64_VARIANT_URLSAFE_NO_PADDING};

    for (unsigned i = 0; i < sizeof variants / sizeof *variants; i++) {
        size_t len = 0;
        if (sodium_base642bin(sig, FERRY_SIG_LEN, (const char *)file->at, file->len,
                              SPACE, &len, NULL, variants[i]) == 0 &&
            len == FERRY_SIG_LEN) {
            return true;
        }
    }
    return false;
}

static bool from_hex(const struct bytes *file, uint8_t sig[FERRY_SIG_LEN])
{
    size_t len = 0;

    return sodium_hex2bin(sig, FERRY_SIG_LEN, (const char *)file->at, file->len, SPACE,
                          &len, NULL) == 0 &&
           len == FERRY_SIG_LEN;
}

/* No text of a signature is as short as its bytes. */
static int read_signature(const char *path, uint8_t sig[FERRY_SIG_LEN])
{
    struct bytes file;
    int code = file_read(&file, path, "a signature's file", 0, SIG_FILE_MAX);

    if (code == DONE && file.len == FERRY_SIG_LEN) {
        memcpy(sig, file.at, FERRY_SIG_LEN);
    } else if (code == DONE && !from_hex(&file, sig) && !from_base64(&file, sig)) {
        code =
            refuse("%s: %zu bytes: neither an Ed25519 signature's 64 bytes nor their "
                   "hex or base64",
                   path, file.len);
    }
    bytes_free(&file);
    return code;
}

/* ---- the artifact ---------------------------------------------------------------- */

static int load_key(const struct args *args, struct key *k)
{
    int code = key_load(k, args->value[KEY], false);

    if (code == DONE && args->value[RELEASE] != NULL && key_is_published(k)) {
        code = refuse("%s: is the published test key; --release refuses it",
                      args->value[KEY]);
    }
    return code;
}

static int check_and_write(const struct args *args, struct artifact *a,
                           const struct key *k)
{
    struct ferry_key keys[FERRY_KEY_SLOTS];

    check_keys(keys, k->public, ANY_SLOT);
    int code = check_artifact(a, keys);
    if (code == DONE) {
        code = file_write(args->value[OUT], 0644, a->env, a->len);
    }
    if (code == DONE) {
        printf("%s: the signature of %s holds under %s\n", args->value[OUT],
               args->value[SIG], args->value[KEY]);
    }
    return code;
}

static int attach(const struct args *args, const struct bytes *b, const struct key *k)
{
    struct artifact a;
    uint8_t sig[FERRY_SIG_LEN];
    int code = artifact_open(&a, args->operands[0], b);

    if (code == DONE) {
        code = read_signature(args->value[SIG], sig);
    }
    if (code == DONE) {
        memcpy(a.env + a.env_len - FERRY_SIG_LEN, sig, sizeof sig);
        code = check_and_write(args, &a, k);
    }
    return code;
}

static int run(const struct args *args)
{
    struct bytes b;
    struct key k;

    if (file_same(args->value[OUT], args->value[SIG]) ||
        file_same(args->value[OUT], args->value[KEY])) {
        return refuse("cannot write %s: it is one of the inputs", args->value[OUT]);
    }
    int code = load_key(args, &k);
    if (code == DONE) {
        code = artifact_read(&b, args->operands[0]);
    }
    if (code == DONE) {
        code = attach(args, &b, &k);
        bytes_free(&b);
    }
    key_wipe(&k);
    return code;
}

const struct verb verb_attach = {
    .name = "attach",
    .operand = "ARTIFACT",
    .summary = "Put a signature made elsewhere into its artifact",
    .options = options,
    .notes = notes,
    .run = run,
};
