/* SPDX-License-Identifier: Apache-2.0
 *
 * An artifact or a statement of any bytes, as the ferry tool reads one. What it finds
 * sound is, byte for byte, what would be written again from its parts; what it shows is
 * JSON; nothing is signed by who did not sign it. The input's first byte says how to
 * read the others. */
#include "captured.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "keyfile.h"
#include "statement.h"
#include "verbs.h"

#define COMPLETED 0x80U /* table and hashes are made to fit */
#define AS_JSON 0x40U

static const char path[] = "a\x1B.ferry";

/* ---- what must be so ------------------------------------------------------------- */

static void hashes_to(const uint8_t *bytes, size_t len, const uint8_t *hash)
{
    uint8_t is[FERRY_HASH_LEN];

    crypto_hash_sha256(is, bytes, len);
    expect(memcmp(is, hash, sizeof is) == 0, "what is sound has the hash it says");
}

/* From manifest, signature and image the same bytes come again. */
static void written_again(const struct artifact *a, const struct bytes *file)
{
    struct bytes again;

    expect(bytes_new(&again, 0, file->len) == 0, "there is memory");
    uint8_t *payload = again.at + FERRY_ENVELOPE_HEAD;
    size_t len = ferry_manifest_encode(&a->m, payload, FERRY_PAYLOAD_MAX);
    size_t env_len = ferry_envelope_frame(again.at, len, a->e.alg, a->e.kid);
    expect(env_len == a->env_len, "an envelope is as long again");
    memcpy(again.at + env_len - FERRY_SIG_LEN, a->e.sig, FERRY_SIG_LEN);
    memcpy(again.at + a->image_at, file->at + a->image_at, a->image_len);
    table_make(again.at + a->image_at, a->image_len, again.at + a->table_at);
    expect(memcmp(again.at, file->at, file->len) == 0, "an artifact is the same again");
    hashes_to(again.at + a->table_at, a->table_len, a->m.blocks);
    hashes_to(again.at + a->image_at, a->image_len, a->m.sha256);
    bytes_free(&again);
}

/* As `ferry inspect` shows it, for people or as JSON. */
static void shown(const void *bytes, size_t len, bool as_json, bool sound)
{
    static struct captured said;
    const char *file = captured_file(bytes, len);
    const struct args args = {.verb = &verb_inspect,
                              .operands = &file,
                              .operands_len = 1,
                              .value[0] = as_json ? "" : NULL};

    captured_begin(&said);
    int code = verb_inspect.run(&args);
    captured_end(&said);
    captured_manners(&said, code, 1);
    expect(code == 0 || !sound, "what is sound can be shown");
    expect((code == 0) == (said.out_len > 0), "it shows all or nothing");
    if (code == 0 && as_json) {
        captured_json(&said);
    }
}

/* ---- reading --------------------------------------------------------------------- */

static int read_statement(struct artifact *a)
{
    struct ferry_statement s;
    struct key k;
    int code = statement_parse(a, &s);

    if (code == 0) {
        key_make_published(&k);
        code = statement_check(a, k.public);
    }
    return code;
}

static int read_artifact(struct artifact *a, bool *sound, bool *signed_too)
{
    struct ferry_key keys[FERRY_KEY_SLOTS];
    struct artifact again = *a;
    struct key k;
    int code = artifact_parse(a);

    if (code == 0) {
        code = check_content(a);
        *sound = code == 0;
    }
    if (*sound) {
        key_make_published(&k);
        check_keys(keys, k.public, ANY_SLOT);
        code = check_artifact(&again, keys);
        *signed_too = code == 0;
    }
    return code;
}

static void read_file(const uint8_t *data, size_t size, bool as_json)
{
    static struct captured said;
    struct bytes file;
    struct artifact a;
    bool opened, sound = false, signed_too = false;

    captured_begin(&said);
    int code = bytes_new(&file, FERRY_TBS_SPARE, size);
    if (size > 0) {
        memcpy(file.at, data, size);
    }
    code = code == 0 ? artifact_open(&a, path, &file) : code;
    opened = code == 0;
    if (opened) {
        code = statement_is(&a) ? read_statement(&a)
                                : read_artifact(&a, &sound, &signed_too);
    }
    captured_end(&said);
    captured_manners(&said, code, 1);
    expect(size == 0 || memcmp(file.at, data, size) == 0, "reading changes nothing");
    if (sound) {
        written_again(&a, &file);
    }
    if (opened) {
        shown(data, size, as_json, sound);
    }
    bytes_free(&file);
}

/* ---- an artifact that is completed ----------------------------------------------- */

/* So that the signature is all that is wrong with it. */
static void complete(uint8_t *file, size_t size)
{
    struct artifact a;
    struct bytes b = {.at = file, .len = size};
    static struct captured said;

    captured_begin(&said);
    int code = artifact_open(&a, path, &b);
    code = code == 0 ? artifact_parse(&a) : code;
    code = code == 0 ? artifact_whole(&a) : code;
    captured_end(&said);
    if (code != 0) {
        return;
    }
    table_make(file + a.image_at, a.image_len, file + a.table_at);
    crypto_hash_sha256(file + (a.m.blocks - file), file + a.table_at, a.table_len);
    crypto_hash_sha256(file + (a.m.sha256 - file), file + a.image_at, a.image_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    unsigned how = fuzz_byte(&in);
    uint8_t *file = fuzz_copy(in.at, in.left);

    if ((how & COMPLETED) != 0) {
        complete(file, in.left);
    }
    read_file(file, in.left, (how & AS_JSON) != 0);
    free(file);
    return 0;
}
