/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry sign: images and a few facts become artifacts. Knows its options and the order
 * of things: nothing is written before everything is signed and checked. */
#include <stdio.h>
#include <string.h>

#include "job.h"
#include "say.h"
#include "verbs.h"

enum { KEY = FIELDS, PKCS11, UNSIGNED, PASS_FILE, OUT, RELEASE };

static const struct option_row options[] = {
    [FIELD_SLOT] = {"slot", 's', OPTIONAL, "N",
                    "key slot of the device that verifies, 0..7"},
    [FIELD_CLASS] = {"class", 0, OPTIONAL, "UUID", "device class: vendor and product"},
    [FIELD_HW] = {"hw", 0, OPTIONAL, "MIN[-MAX]", "hardware revisions it runs on"},
    [FIELD_VERSION] = {"version", 0, OPTIONAL, "X.Y.Z", "version of the image"},
    [FIELD_SEC_CTR] = {"sec-ctr", 0, OPTIONAL, "N",
                       "security counter, at most 16777215"},
    [FIELD_LINK] = {"link", 0, OPTIONAL, "ADDR", "address the image is linked for"},
    [FIELD_IMAGE] = {"image", 'i', OPTIONAL, "FILE", "the image, raw, at most 1 MiB"},
    [FIELD_MIN_FROM] = {"min-from", 0, OPTIONAL, "X.Y.Z",
                        "oldest version it can replace"},
    [FIELD_DEVICE] = {"device", 0, OPTIONAL, "UUID", "the only device that takes it"},
    [FIELD_BUILD_ID] = {"build-id", 0, OPTIONAL, "TEXT", "informational"},
    [FIELD_BUILD_TIME] = {"build-time", 0, OPTIONAL, "N",
                          "informational: seconds since 1970"},
    [KEY] = {"key", 'k', OPTIONAL, "FILE", "private Ed25519 key, PEM (PKCS#8)"},
    [PKCS11] = {"pkcs11", 0, OPTIONAL, "URI", "private key on a token (RFC 7512)"},
    [UNSIGNED] = {"unsigned", 0, OPTIONAL, NULL,
                  "leave the signature to ferry tbs and ferry attach"},
    [PASS_FILE] = {"passphrase-file", 0, OPTIONAL, "FILE",
                   "its first line opens the key"},
    [OUT] = {"output", 'o', REQUIRED, "OUT.ferry", "the artifact to write"},
    [RELEASE] = {"release", 0, OPTIONAL, NULL, "refuse the published test key"},
    {0},
};

static const char notes[] =
    "Wanted: slot, class, hw, version, sec-ctr, link, image, and one of --key, "
    "--pkcs11\n"
    "and --unsigned. A locked key's passphrase comes from --passphrase-file, from the\n"
    "variable FERRY_PASSPHRASE, or is asked for; a token's PIN from "
    "pin-source=file:PATH\n"
    "in its URI, from FERRY_PIN, or is asked for. The same inputs give the same "
    "bytes.\n";

/* ---- what the command line says -------------------------------------------------- */

static void take_fields(const struct args *a, struct fields *f)
{
    for (unsigned i = 0; i < FIELDS; i++) {
        f->of[i].text = a->value[i];
    }
}

static int check_one_signer(const struct args *a)
{
    int given = (a->value[KEY] != NULL) + (a->value[PKCS11] != NULL) +
                (a->value[UNSIGNED] != NULL);

    if (given == 0) {
        return misuse("sign: --key is missing, or --pkcs11, or --unsigned; see ferry "
                      "sign --help");
    }
    if (given > 1) {
        return misuse("sign: only one of --key, --pkcs11 and --unsigned can sign");
    }
    if (a->value[PASS_FILE] != NULL && a->value[KEY] == NULL) {
        return misuse("sign: --passphrase-file is about --key, which is missing");
    }
    return DONE;
}

static int check_names(const struct args *a, const struct job *j)
{
    const char *inputs[] = {j->fields.of[FIELD_IMAGE].text, a->value[KEY]};

    for (unsigned i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        if (inputs[i] != NULL && file_same(j->out, inputs[i])) {
            return refuse("cannot write %s: it is one of the inputs", j->out);
        }
    }
    return DONE;
}

static int prepare(const struct args *a, struct job *j)
{
    take_fields(a, &j->fields);
    j->out = a->value[OUT];
    int code = check_one_signer(a);
    if (code == DONE) {
        code = check_names(a, j);
    }
    return code == DONE ? job_read(j) : code;
}

/* ---- the order of things --------------------------------------------------------- */

static int open_signer(const struct args *a, struct signer *s)
{
    const struct signer_at at = {a->value[KEY], a->value[PKCS11], a->value[PASS_FILE]};
    int code = signer_open(s, &at);

    if (code == DONE && a->value[RELEASE] != NULL && key_is_published(&s->key)) {
        code = refuse("%s: is the published test key; --release refuses it", s->name);
    }
    return code;
}

static int make(struct job *j, struct signer *s)
{
    int code = job_sign(j, s);

    if (code == DONE) {
        code = job_write(j);
    }
    if (code == DONE) {
        code = job_commit(j);
    }
    if (code == DONE) {
        job_report(j);
    }
    return code;
}

static int run(const struct args *a)
{
    struct job j;
    struct signer s;

    memset(&j, 0, sizeof j);
    memset(&s, 0, sizeof s);
    int code = prepare(a, &j);
    bool to_sign = a->value[UNSIGNED] == NULL;
    if (code == DONE && to_sign) {
        code = open_signer(a, &s);
    }
    if (code == DONE) {
        code = make(&j, to_sign ? &s : NULL);
    }
    signer_close(&s);
    job_end(&j);
    return code;
}

const struct verb verb_sign = {
    .name = "sign",
    .summary = "Make an artifact of an image",
    .options = options,
    .notes = notes,
    .run = run,
};
