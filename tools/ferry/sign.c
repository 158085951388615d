/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry sign: images and a few facts become artifacts. Knows its options and the order
 * of things: nothing is written before everything is signed and checked. */
#include <stdio.h>
#include <string.h>

#include "job.h"
#include "say.h"
#include "verbs.h"

enum { KEY = FIELDS, PKCS11, OUT, RELEASE };

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
    [OUT] = {"output", 'o', REQUIRED, "OUT.ferry", "the artifact to write"},
    [RELEASE] = {"release", 0, OPTIONAL, NULL, "refuse the published test key"},
    {0},
};

static const char notes[] =
    "Wanted: slot, class, hw, version, sec-ctr, link, image, and one of --key and\n"
    "--pkcs11. A token's PIN comes from its URI's pin-source=file:PATH, from the\n"
    "variable FERRY_PIN, or is asked for. The same inputs give the same artifact.\n";

/* ---- what the command line says -------------------------------------------------- */

static void take_fields(const struct args *a, struct fields *f)
{
    for (unsigned i = 0; i < FIELDS; i++) {
        f->of[i].text = a->value[i];
    }
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
    if (a->value[KEY] == NULL && a->value[PKCS11] == NULL) {
        return misuse("sign: --key is missing, or --pkcs11; see ferry sign --help");
    }
    if (a->value[KEY] != NULL && a->value[PKCS11] != NULL) {
        return misuse("sign: --key and --pkcs11 do not go together");
    }
    int code = check_names(a, j);
    return code == DONE ? job_read(j) : code;
}

/* ---- the order of things --------------------------------------------------------- */

static int open_signer(const struct args *a, struct signer *s)
{
    int code = signer_open(s, a->value[KEY], a->value[PKCS11]);

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
    if (code == DONE) {
        code = open_signer(a, &s);
    }
    if (code == DONE) {
        code = make(&j, &s);
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
