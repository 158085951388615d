/* SPDX-License-Identifier: Apache-2.0
 *
 * Envelopes and the manifests in them. Whatever is accepted has one encoding: it is put
 * together again byte by byte. What is signed and what stands in flash turn into each
 * other, every truncation is refused, and roles differ in unknown keys alone. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "ferry/manifest.h"
#include "ferry/statement.h"

#define KEYS 16U

/* ---- the manifest ---------------------------------------------------------------- */

static bool has(const struct ferry_manifest *m, enum ferry_manifest_key key)
{
    return (m->has >> key & 1U) != 0;
}

static void within(const struct ferry_manifest *m, enum ferry_manifest_key key,
                   const uint8_t *str, size_t str_len, const uint8_t *payload,
                   size_t len)
{
    expect(has(m, key) == (str != NULL), "a string is there if its key is");
    expect(str == NULL || (str > payload && str + str_len <= payload + len),
           "a string is in the payload");
}

static void facts(const struct ferry_manifest *m, const uint8_t *payload, size_t len)
{
    static const enum ferry_manifest_key required[] = {
        FERRY_KEY_TYPE,   FERRY_KEY_CLASS,   FERRY_KEY_HW_MIN, FERRY_KEY_HW_MAX,
        FERRY_KEY_LENGTH, FERRY_KEY_VERSION, FERRY_KEY_SHA256, FERRY_KEY_SEC_CTR,
        FERRY_KEY_LINK,   FERRY_KEY_BLOCKS,
    };

    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++) {
        expect(has(m, required[i]), "nothing required is missing");
    }
    expect(m->has >> KEYS == 0, "only known keys are known");
    expect(m->type == FERRY_TYPE_IMAGE && m->hw_min <= m->hw_max &&
               m->sec_ctr <= FERRY_SEC_CTR_MAX,
           "numbers are in their ranges");
    within(m, FERRY_KEY_CLASS, m->class_id, 16, payload, len);
    within(m, FERRY_KEY_SHA256, m->sha256, 32, payload, len);
    within(m, FERRY_KEY_T_SHA256, m->t_sha256, 32, payload, len);
    within(m, FERRY_KEY_BASE, m->base, 16, payload, len);
    within(m, FERRY_KEY_BLOCKS, m->blocks, 32, payload, len);
    within(m, FERRY_KEY_DEVICE, m->device, 16, payload, len);
}

static void put_together(struct ferry_manifest *m, const uint8_t *payload, size_t len)
{
    uint8_t *again = malloc(len);

    expect(again != NULL, "there is memory");
    ferry_manifest_info(m, payload, len);
    expect(m->info >= payload && m->info + m->info_len == payload + len,
           "what is not known stands last");
    expect(ferry_manifest_encode(m, again, len) == len &&
               memcmp(again, payload, len) == 0,
           "a manifest encodes to the bytes that it was parsed from");
    expect(ferry_manifest_encode(m, again, len - 1) == 0,
           "nothing is encoded where it does not fit");
    free(again);
}

/* Every byte counts, and none may follow. */
static void exact(const uint8_t *payload, size_t len, enum ferry_reader_role role)
{
    uint8_t *more = malloc(len + 1);
    struct ferry_manifest m;

    expect(more != NULL, "there is memory");
    memcpy(more, payload, len);
    more[len] = payload[len - 1];
    expect(ferry_manifest_parse(&m, more, len + 1, role) == FERRY_E_TRAIL,
           "a byte behind a manifest is refused");
    free(more);
    uint8_t *less = fuzz_copy(payload, len - 1);
    expect(ferry_manifest_parse(&m, less, len - 1, role) == FERRY_E_CBOR,
           "a manifest without its last byte is refused");
    free(less);
}

static bool documented(int err)
{
    return err == FERRY_E_CBOR || err == FERRY_E_ORDER || err == FERRY_E_CRIT ||
           err == FERRY_E_TYPE || err == FERRY_E_MISSING || err == FERRY_E_TRAIL;
}

/* What a device accepts a bootloader does, and finds the same in it; the bootloader may
 * accept more, where it is the device's affair. */
static void parse(const uint8_t *payload, size_t len)
{
    struct ferry_manifest device, boot;
    int err = ferry_manifest_parse(&device, payload, len, FERRY_READER_DEVICE);
    int boot_err = ferry_manifest_parse(&boot, payload, len, FERRY_READER_BOOT);

    expect(err == 0 || documented(err), "a manifest's errors are the documented ones");
    expect(boot_err == 0 || documented(boot_err), "so are a bootloader's");
    expect(err == boot_err || boot_err == FERRY_E_CRIT || err == FERRY_E_CRIT,
           "roles differ in keys that they do not know");
    expect(err != 0 || boot_err == 0 || boot_err == FERRY_E_CRIT,
           "and a key that is refused is refused for being unknown");
    if (err == 0) {
        facts(&device, payload, len);
        put_together(&device, payload, len);
        exact(payload, len, FERRY_READER_DEVICE);
    }
    if (err == 0 && boot_err == 0) {
        boot.info = NULL;
        ferry_manifest_info(&boot, payload, len);
        expect(memcmp(&device, &boot, sizeof device) == 0, "both roles find the same");
    }
}

/* ---- the envelope ---------------------------------------------------------------- */

/* To-be-signed and back, with nothing readable around it. */
static void sign_and_undo(const uint8_t *env, size_t len,
                          const struct ferry_envelope *e)
{
    uint8_t *room = malloc(FERRY_TBS_SPARE + len);

    expect(room != NULL, "there is memory");
    memset(room, 0xEE, FERRY_TBS_SPARE);
    memcpy(room + FERRY_TBS_SPARE, env, len);
    size_t tbs = ferry_tbs_make(room + FERRY_TBS_SPARE);
    expect(tbs == e->payload_len + FERRY_TBS_OVER && tbs <= FERRY_TBS_SPARE + len,
           "what is signed is the payload and 22 bytes");
    expect(memcmp(room, "\x84\x6ASignature1\x46\xA2\x01", 15) == 0 &&
               memcmp(room + tbs - e->payload_len, e->payload, e->payload_len) == 0,
           "a Sig_structure of RFC 9052, which ends with the payload");
    ferry_tbs_undo(room + FERRY_TBS_SPARE);
    expect(memcmp(room + FERRY_TBS_SPARE, env, len) == 0, "and it can be undone");
    free(room);
}

static void frame_again(const uint8_t *env, size_t len, const struct ferry_envelope *e)
{
    uint8_t *again = fuzz_copy(env, len);

    memset(again, 0, FERRY_ENVELOPE_HEAD);
    expect(ferry_envelope_frame(again, e->payload_len, e->alg, e->kid) == len &&
               memcmp(again, env, len) == 0,
           "an envelope is framed again as it was");
    free(again);
}

static void cut(const uint8_t *env, size_t len)
{
    struct ferry_envelope e;
    uint8_t *less = fuzz_copy(env, len - 1);

    expect(ferry_envelope_open(&e, less, len - 1) == FERRY_E_LEN,
           "an envelope without its last byte is refused");
    free(less);
}

static void open(const uint8_t *env, size_t len)
{
    struct ferry_envelope e;
    int err = ferry_envelope_open(&e, env, len);

    if (len >= FERRY_ENVELOPE_HEAD) {
        size_t promised = ferry_envelope_len(env);
        expect(err != 0 || promised == len, "the head says how long an envelope is");
        expect(promised <= FERRY_ENVELOPE_MAX, "which is bounded");
    }
    expect(err == 0 || err == FERRY_E_LEN || err == FERRY_E_FRAME,
           "an envelope's errors are the documented ones");
    if (err != 0) {
        return;
    }
    expect(e.payload == env + FERRY_ENVELOPE_HEAD && e.sig + FERRY_SIG_LEN == env + len,
           "payload and signature stand where they must");
    expect(e.kid == ferry_envelope_kid(env) &&
               e.payload_len == ferry_envelope_payload_len(env),
           "what the head is asked for is what was opened");
    cut(env, len);
    sign_and_undo(env, len, &e);
    frame_again(env, len, &e);
    parse(e.payload, e.payload_len);
}

/* ---- the input: an envelope, or a payload without one ---------------------------- */

static void wrap(const uint8_t *payload, size_t len)
{
    uint8_t *env = malloc(len + FERRY_ENVELOPE_OVER);

    expect(env != NULL, "there is memory");
    memset(env, 0x5A, len + FERRY_ENVELOPE_OVER);
    memcpy(env + FERRY_ENVELOPE_HEAD, payload, len);
    size_t env_len = ferry_envelope_frame(env, len, payload[0], payload[1]);
    struct ferry_envelope e;
    expect(ferry_envelope_open(&e, env, env_len) == 0, "what was framed opens");
    open(env, env_len);
    free(env);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    open(data, size);
    parse(data, size);
    if (size >= FERRY_PAYLOAD_MIN && size <= FERRY_PAYLOAD_MAX) {
        wrap(data, size);
    }
    return 0;
}
