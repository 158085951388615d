/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry sign: images and a few facts become artifacts. Knows its options and the order
 * of things: nobody is asked for a PIN before everything is read, and nothing is written
 * before everything is signed and checked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "release_file.h"
#include "release_rules.h"
#include "say.h"
#include "verbs.h"

enum {
    KEY = FIELDS,
    PKCS11,
    UNSIGNED,
    PASS_FILE,
    RAW,
    FILE_OPTION,
    OUT,
    RELEASE,
    FORCE
};

static const struct option_row options[] = {
    [FIELD_SLOT] = {"slot", 's', OPTIONAL, "N",
                    "key slot of the device that verifies, 0..7"},
    [FIELD_CLASS] = {"class", 0, OPTIONAL, "UUID", "device class: vendor and product"},
    [FIELD_HW] = {"hw", 0, OPTIONAL, "MIN[-MAX]", "hardware revisions it runs on"},
    [FIELD_VERSION] = {"version", 0, OPTIONAL, "X.Y.Z", "version of the image"},
    [FIELD_SEC_CTR] = {"sec-ctr", 0, OPTIONAL, "N",
                       "security counter, at most 16777215"},
    [FIELD_LINK] = {"link", 0, OPTIONAL, "ADDR",
                    "address the image is linked for; ELF and HEX say it"},
    [FIELD_IMAGE] = {"image", 'i', OPTIONAL, "FILE",
                     "the image: raw, Intel HEX or ELF; at most 1 MiB"},
    [FIELD_MIN_FROM] = {"min-from", 0, OPTIONAL, "X.Y.Z",
                        "oldest version it can replace"},
    [FIELD_DEVICE] = {"device", 0, OPTIONAL, "UUID", "the only device that takes it"},
    [FIELD_BUILD_ID] = {"build-id", 0, OPTIONAL, "TEXT", "informational"},
    [FIELD_BUILD_TIME] = {"build-time", 0, OPTIONAL, "N",
                          "informational: seconds since 1970"},
    [FIELD_MAP] = {"map", 0, OPTIONAL, "FILE", "board map: the image must fit a bank"},
    [FIELD_PREVIOUS] = {"previous", 0, OPTIONAL, "FILE",
                        "the artifact that devices run now; or none"},
    [KEY] = {"key", 'k', OPTIONAL, "FILE", "private Ed25519 key, PEM (PKCS#8)"},
    [PKCS11] = {"pkcs11", 0, OPTIONAL, "URI", "private key on a token (RFC 7512)"},
    [UNSIGNED] = {"unsigned", 0, OPTIONAL, NULL,
                  "leave the signature to ferry tbs and ferry attach"},
    [PASS_FILE] = {"passphrase-file", 0, OPTIONAL, "FILE",
                   "its first line opens the key"},
    [RAW] = {"raw", 0, OPTIONAL, NULL,
             "the image is the file as it is, whatever it looks like"},
    [FILE_OPTION] = {"file", 'f', OPTIONAL, "FILE",
                     "a release file: all artifacts of a release at once"},
    [OUT] = {"output", 'o', REQUIRED, "OUT", "the artifact; with --file a folder"},
    [RELEASE] = {"release", 0, OPTIONAL, NULL,
                 "refuse what is not to leave the house (docs/SIGNING.md)"},
    [FORCE] = {"force", 0, OPTIONAL, NULL, "with --release: versions may jump"},
    {0},
};

static const char notes[] =
    "Wanted: slot, class, hw, version, sec-ctr, image, and one of --key, --pkcs11 and\n"
    "--unsigned. A locked key's passphrase comes from --passphrase-file, from the\n"
    "variable FERRY_PASSPHRASE, or is asked for; a token's PIN from "
    "pin-source=file:PATH\n"
    "in its URI, from FERRY_PIN, or is asked for. The same inputs give the same "
    "bytes.\n"
    "\n"
    "A release file has the options' names; paths in it begin at its folder:\n"
    "  class = \"7cd12f5a-0b5e-5a77-9e3b-504c16e10f42\"\n"
    "  version = \"1.2.0\"\n"
    "  sec-ctr = 7\n"
    "  [bank0.ferry]          # a section for each artifact\n"
    "  image = \"app-bank0.elf\"\n"
    "  [bank1.ferry]\n"
    "  image = \"app-bank1.elf\"\n";

/* ---- what the command line says -------------------------------------------------- */

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
    if (a->value[FORCE] != NULL && a->value[RELEASE] == NULL) {
        return misuse("sign: --force is about --release, which is missing");
    }
    return DONE;
}

static int take_jobs(const struct args *a, struct release *r)
{
    struct fields flags = {.file = NULL};

    for (unsigned i = 0; i < FIELDS; i++) {
        flags.of[i].text = a->value[i];
    }
    if (a->value[FILE_OPTION] != NULL) {
        return release_file_read(r, a->value[FILE_OPTION], &flags, a->value[OUT]);
    }
    r->len = 1;
    r->jobs[0].fields = flags;
    r->jobs[0].out = strdup(a->value[OUT]);
    return r->jobs[0].out != NULL ? DONE : refuse("no memory for a file name");
}

/* ---- before anything is signed --------------------------------------------------- */

static int check_names(const struct args *a, const struct job *j)
{
    const char *inputs[] = {j->paths[JOB_MAP],      j->paths[JOB_IMAGE],
                            j->paths[JOB_PREVIOUS], a->value[KEY],
                            a->value[PASS_FILE],    a->value[FILE_OPTION]};

    for (unsigned i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        if (inputs[i] != NULL && file_same(j->out, inputs[i])) {
            return refuse("cannot write %s: it is one of the inputs", j->out);
        }
    }
    return DONE;
}

static int read_job(const struct args *a, struct job *j)
{
    j->raw = a->value[RAW] != NULL;
    int code = job_read(j);
    if (code == DONE) {
        code = check_names(a, j);
    }
    if (code == DONE && a->value[RELEASE] != NULL) {
        code = release_check(j, a->value[FORCE] != NULL);
    }
    return code;
}

static int read_all(const struct args *a, struct release *r)
{
    int code = check_one_signer(a);

    if (code == DONE) {
        code = take_jobs(a, r);
    }
    for (unsigned i = 0; code == DONE && i < r->len; i++) {
        code = read_job(a, &r->jobs[i]);
    }
    return code == DONE ? release_check_apart(r->jobs, r->len) : code;
}

/* ---- signing and writing --------------------------------------------------------- */

static int open_signer(const struct args *a, struct signer *s)
{
    const struct signer_at at = {a->value[KEY], a->value[PKCS11], a->value[PASS_FILE]};
    int code = signer_open(s, &at);

    if (code == DONE && a->value[RELEASE] != NULL && key_is_published(&s->key)) {
        code = refuse("%s: is the published test key; --release refuses it", s->name);
    }
    return code;
}

static int sign_all(const struct args *a, struct release *r)
{
    struct signer s;
    bool to_sign = a->value[UNSIGNED] == NULL;

    memset(&s, 0, sizeof s);
    int code = to_sign ? open_signer(a, &s) : DONE;
    for (unsigned i = 0; code == DONE && i < r->len; i++) {
        code = job_sign(&r->jobs[i], to_sign ? &s : NULL);
    }
    signer_close(&s);
    return code;
}

static int write_all(struct release *r)
{
    struct pending files[RELEASE_MAX];
    int code = DONE;

    memset(files, 0, sizeof files);
    for (unsigned i = 0; code == DONE && i < r->len; i++) {
        const struct job *j = &r->jobs[i];
        code = file_begin(&files[i], j->out, 0644, j->bytes.at, j->bytes.len);
    }
    return file_settle(files, r->len, code);
}

static int run(const struct args *a)
{
    struct release r = {.jobs = calloc(RELEASE_MAX, sizeof *r.jobs)};

    if (r.jobs == NULL) {
        return refuse("no memory for a release");
    }
    int code = read_all(a, &r);
    if (code == DONE) {
        code = sign_all(a, &r);
    }
    if (code == DONE) {
        code = write_all(&r);
    }
    for (unsigned i = 0; i < r.len; i++) {
        if (code == DONE) {
            job_report(&r.jobs[i]);
            release_report_net(&r.jobs[i]);
        }
        job_end(&r.jobs[i]);
    }
    release_file_free(&r);
    free(r.jobs);
    return code;
}

const struct verb verb_sign = {
    .name = "sign",
    .summary = "Make the artifacts of a release",
    .options = options,
    .notes = notes,
    .run = run,
};
