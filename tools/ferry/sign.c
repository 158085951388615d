/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry sign: an image and a few facts become an artifact. The same inputs give the
 * same bytes, always: nothing here reads a clock. What was made is checked as a device
 * would before it is written. */
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "cbor.h"
#include "check.h"
#include "keyfile.h"
#include "say.h"
#include "text.h"
#include "verbs.h"

enum {
    KEY,
    SLOT,
    CLASS,
    HW,
    VERSION,
    SEC_CTR,
    LINK,
    IMAGE,
    OUT,
    MIN_FROM,
    DEVICE,
    BUILD_ID,
    BUILD_TIME,
    RELEASE
};

static const struct option_row options[] = {
    [KEY] = {"key", 'k', REQUIRED, "FILE", "private Ed25519 key, PEM (PKCS#8)"},
    [SLOT] = {"slot", 's', REQUIRED, "N", "key slot of the device that verifies, 0..7"},
    [CLASS] = {"class", 0, REQUIRED, "UUID", "device class: vendor and product"},
    [HW] = {"hw", 0, REQUIRED, "MIN[-MAX]", "hardware revisions it runs on"},
    [VERSION] = {"version", 0, REQUIRED, "X.Y.Z", "version of the image"},
    [SEC_CTR] = {"sec-ctr", 0, REQUIRED, "N", "security counter, at most 16777215"},
    [LINK] = {"link", 0, REQUIRED, "ADDR", "address the image is linked for"},
    [IMAGE] = {"image", 'i', REQUIRED, "FILE", "the image, raw, at most 1 MiB"},
    [OUT] = {"output", 'o', REQUIRED, "OUT.ferry", "the artifact to write"},
    [MIN_FROM] = {"min-from", 0, OPTIONAL, "X.Y.Z", "oldest version it can replace"},
    [DEVICE] = {"device", 0, OPTIONAL, "UUID", "the only device that takes it"},
    [BUILD_ID] = {"build-id", 0, OPTIONAL, "TEXT", "informational"},
    [BUILD_TIME] = {"build-time", 0, OPTIONAL, "N",
                    "informational: seconds since 1970"},
    [RELEASE] = {"release", 0, OPTIONAL, NULL, "refuse the published test key"},
    {0},
};

/* A manifest to be, and the bytes it points to. */
struct request {
    struct ferry_manifest m;
    uint32_t slot;
    uint8_t class_id[ID_LEN], device[ID_LEN];
    uint8_t sha256[FERRY_HASH_LEN], blocks[FERRY_HASH_LEN];
    uint8_t info[FERRY_PAYLOAD_MAX];
};

/* ---- what the command line says -------------------------------------------------- */

static int read_required(const struct args *a, struct request *r)
{
    const char *const *value = a->value;

    if (!text_number(value[SLOT], FERRY_KEY_SLOTS - 1, &r->slot)) {
        return args_bad(a, SLOT, "not a key slot, 0..7");
    }
    if (!text_id(value[CLASS], r->class_id)) {
        return args_bad(a, CLASS, "not a UUID, nor 32 hexadecimal digits");
    }
    if (!text_range(value[HW], &r->m.hw_min, &r->m.hw_max)) {
        return args_bad(a, HW, "not N, nor MIN-MAX with MIN <= MAX");
    }
    if (!text_version(value[VERSION], &r->m.version)) {
        return args_bad(a, VERSION, "not X.Y.Z with X, Y <= 255 and Z <= 65535");
    }
    if (!text_number(value[SEC_CTR], FERRY_SEC_CTR_MAX, &r->m.sec_ctr)) {
        return args_bad(a, SEC_CTR, "not a number 0..16777215");
    }
    if (!text_number(value[LINK], UINT32_MAX, &r->m.link)) {
        return args_bad(a, LINK, "not a 32-bit address, decimal or 0x...");
    }
    r->m.type = FERRY_TYPE_IMAGE;
    r->m.class_id = r->class_id;
    r->m.sha256 = r->sha256;
    r->m.blocks = r->blocks;
    r->m.has = 1UL << FERRY_KEY_TYPE | 1UL << FERRY_KEY_CLASS |
               1UL << FERRY_KEY_HW_MIN | 1UL << FERRY_KEY_HW_MAX |
               1UL << FERRY_KEY_VERSION | 1UL << FERRY_KEY_SEC_CTR |
               1UL << FERRY_KEY_LENGTH | 1UL << FERRY_KEY_SHA256 |
               1UL << FERRY_KEY_LINK | 1UL << FERRY_KEY_BLOCKS;
    return DONE;
}

static int read_optional(const struct args *a, struct request *r)
{
    if (a->value[MIN_FROM] != NULL) {
        if (!text_version(a->value[MIN_FROM], &r->m.min_from)) {
            return args_bad(a, MIN_FROM, "not X.Y.Z with X, Y <= 255 and Z <= 65535");
        }
        r->m.has |= 1UL << FERRY_KEY_MIN_FROM;
    }
    if (a->value[DEVICE] != NULL) {
        if (!text_id(a->value[DEVICE], r->device)) {
            return args_bad(a, DEVICE, "not a UUID, nor 32 hexadecimal digits");
        }
        r->m.device = r->device;
        r->m.has |= 1UL << FERRY_KEY_DEVICE;
    }
    return DONE;
}

static bool is_utf8(const char *text)
{
    const uint8_t *p = (const uint8_t *)text;
    size_t left = strlen(text);
    size_t n = 1;
    uint32_t character;

    while (left > 0 && (n = text_utf8(p, left, &character)) > 0) {
        p += n;
        left -= n;
    }
    return n > 0;
}

static void info_key(struct request *r, struct ferry_writer *w, uint32_t key)
{
    ferry_cbor_head(w, FERRY_CBOR_NINT, key - 1);
    r->m.info_count++;
}

static void info_text(struct request *r, struct ferry_writer *w, uint32_t key,
                      const char *text)
{
    info_key(r, w, key);
    ferry_cbor_head(w, FERRY_CBOR_TSTR, (uint32_t)strlen(text));
    ferry_put(w, text, strlen(text));
}

static int read_info(const struct args *a, struct request *r)
{
    struct ferry_writer w = ferry_writer(r->info, sizeof r->info);
    uint32_t seconds;

    info_text(r, &w, INFO_VERSION, a->value[VERSION]);
    if (a->value[BUILD_ID] != NULL) {
        if (!is_utf8(a->value[BUILD_ID])) {
            return args_bad(a, BUILD_ID, "not UTF-8");
        }
        info_text(r, &w, INFO_BUILD_ID, a->value[BUILD_ID]);
    }
    if (a->value[BUILD_TIME] != NULL) {
        if (!text_number(a->value[BUILD_TIME], UINT32_MAX, &seconds)) {
            return args_bad(a, BUILD_TIME, "not seconds since 1970, below 2^32");
        }
        info_key(r, &w, INFO_BUILD_TIME);
        ferry_cbor_head(&w, FERRY_CBOR_UINT, seconds);
    }
    if (w.bad) { /* nothing else here has a length of its own */
        return args_bad(a, BUILD_ID, "too long: a manifest has at most 255 bytes");
    }
    r->m.info = r->info;
    r->m.info_len = (uint16_t)w.len;
    return DONE;
}

static int read_request(const struct args *a, struct request *r)
{
    memset(r, 0, sizeof *r);
    int code = read_required(a, r);
    if (code == DONE) {
        code = read_optional(a, r);
    }
    return code == DONE ? read_info(a, r) : code;
}

/* ---- the inputs ------------------------------------------------------------------ */

static int load_key(const struct args *a, struct key *k)
{
    int code = key_load(k, a->value[KEY], true);

    if (code == DONE && a->value[RELEASE] != NULL && key_is_published(k)) {
        key_wipe(k);
        code = refuse("%s: is the published test key; --release refuses it",
                      a->value[KEY]);
    }
    return code;
}

/* Devices take images in fours. 0xFF is what erased flash reads as. */
static void pad(const char *path, struct bytes *image)
{
    size_t missing = (4 - image->len % 4) % 4;

    if (missing > 0) {
        memset(image->at + image->len, 0xFF, missing);
        image->len += missing;
        printf("%s: padded with %zu byte%s FF to %zu, a multiple of 4\n", path, missing,
               missing == 1 ? "" : "s", image->len);
    }
}

static int load_image(const struct args *a, struct bytes *image)
{
    const char *path = a->value[IMAGE];
    int code =
        file_read(image, path, "an image (its block table: 4096 bytes)", 0, IMAGE_MAX);

    if (code == DONE && image->len == 0) {
        bytes_free(image);
        return refuse("%s: is empty", path);
    }
    if (code == DONE) {
        pad(path, image);
    }
    return code;
}

/* ---- the artifact ---------------------------------------------------------------- */

static void sign(uint8_t *env, size_t env_len, const struct key *k)
{
    size_t len = ferry_tbs_make(env);

    crypto_sign_detached(env + env_len - FERRY_SIG_LEN, NULL, env - FERRY_TBS_SPARE,
                         len, k->secret);
    ferry_tbs_undo(env);
}

/* Lay out envelope, table and image in `out`, and sign. */
static int build(const struct args *a, struct request *r, const struct bytes *image,
                 const struct key *k, struct bytes *out)
{
    uint8_t table[TABLE_MAX], payload[FERRY_PAYLOAD_MAX];
    size_t table_len = ferry_table_len((uint32_t)image->len);

    table_make(image->at, image->len, table);
    crypto_hash_sha256(r->blocks, table, table_len);
    crypto_hash_sha256(r->sha256, image->at, image->len);
    r->m.length = (uint32_t)image->len;
    size_t payload_len = ferry_manifest_encode(&r->m, payload, sizeof payload);
    if (payload_len == 0) { /* all but the build id fits */
        return args_bad(a, BUILD_ID, "too long: a manifest has at most 255 bytes");
    }
    size_t env_len = payload_len + FERRY_ENVELOPE_OVER;
    int code = bytes_new(out, FERRY_TBS_SPARE, env_len + table_len + image->len);
    if (code != DONE) {
        return code;
    }
    memcpy(out->at + FERRY_ENVELOPE_HEAD, payload, payload_len);
    ferry_envelope_frame(out->at, payload_len, FERRY_ALG_ED25519, (uint8_t)r->slot);
    memcpy(out->at + env_len, table, table_len);
    memcpy(out->at + env_len + table_len, image->at, image->len);
    sign(out->at, env_len, k);
    return DONE;
}

static void report(struct artifact *a, const char *version)
{
    uint8_t digest[FERRY_HASH_LEN];
    char hex[2 * FERRY_HASH_LEN + 1];

    check_digest(a, digest);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    printf("%s: version %s, slot %u, security counter %u\n", a->path, version, a->e.kid,
           (unsigned)a->m.sec_ctr);
    printf("  %zu bytes: envelope %zu, block table %zu, image %zu\n", a->len,
           a->env_len, a->table_len, a->image_len);
    printf("  digest %s\n", hex);
}

/* The last look before it gets its name: would a device with this key take it? */
static int check_and_write(const struct args *args, const struct key *k,
                           const struct bytes *out)
{
    struct artifact a;
    struct ferry_key keys[FERRY_KEY_SLOTS];
    int code = artifact_open(&a, args->value[OUT], out);

    check_keys(keys, k->public, a.e.kid);
    if (code == DONE) {
        code = check_artifact(&a, keys);
    }
    if (code == DONE) {
        code = file_write(args->value[OUT], 0644, out->at, out->len);
    }
    if (code == DONE) {
        report(&a, args->value[VERSION]);
    }
    return code;
}

static int make(const struct args *a, struct request *r, const struct key *k)
{
    struct bytes image, out = {0};
    int code = load_image(a, &image);

    if (code != DONE) {
        return code;
    }
    code = build(a, r, &image, k, &out);
    if (code == DONE) {
        code = check_and_write(a, k, &out);
    }
    bytes_free(&image);
    bytes_free(&out);
    return code;
}

static int run(const struct args *a)
{
    struct request r;
    struct key k;
    int code = read_request(a, &r);

    if (code != DONE) {
        return code;
    }
    if (file_same(a->value[OUT], a->value[IMAGE]) ||
        file_same(a->value[OUT], a->value[KEY])) {
        return refuse("cannot write %s: it is one of the inputs", a->value[OUT]);
    }
    code = load_key(a, &k);
    if (code == DONE) {
        code = make(a, &r, &k);
        key_wipe(&k);
    }
    return code;
}

const struct verb verb_sign = {
    .name = "sign",
    .summary = "Make an artifact of an image",
    .options = options,
    .run = run,
};
