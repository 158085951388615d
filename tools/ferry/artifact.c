/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how an artifact's three parts lie in a file and how the hashes tie them
 * together. The envelope and the manifest are the engine's to read. */
#include "artifact.h"

#include <sodium.h>
#include <string.h>

#include "ferry/hal.h"
#include "ferry/statement.h"
#include "say.h"

/* ---- the envelope ---------------------------------------------------------------- */

int artifact_read(struct bytes *b, const char *path)
{
    return file_read(b, path, "an artifact", FERRY_TBS_SPARE, ARTIFACT_MAX);
}

/* The first of `len` bytes that an envelope of this length cannot have; `len` if none.
 * What the engine would write around the same payload is what must stand there. */
static size_t first_wrong(const uint8_t *env, size_t len)
{
    uint8_t want[FERRY_ENVELOPE_MAX] = {0};
    uint8_t head[FERRY_ENVELOPE_HEAD] = {0};

    memcpy(head, env, len < sizeof head ? len : sizeof head);
    ferry_envelope_frame(want, head[ENV_LEN], head[ENV_ALG], head[ENV_KID]);
    size_t tail = FERRY_ENVELOPE_HEAD + head[ENV_LEN];
    for (size_t i = 0; i < len && i < tail + 2; i++) {
        bool payload = i >= FERRY_ENVELOPE_HEAD && i < tail;
        if (!payload && env[i] != want[i]) {
            return i;
        }
    }
    return len;
}

static int ends_early(const struct artifact *a, const char *what, size_t end)
{
    return refuse_at(a->path, a->len, FERRY_E_LEN,
                     "the file ends here, inside the %s, which ends at byte %zu", what,
                     end);
}

int artifact_open(struct artifact *a, const char *path, const struct bytes *b)
{
    memset(a, 0, sizeof *a);
    a->path = path;
    a->env = b->at;
    a->len = b->len;
    size_t seen = a->len < FERRY_ENVELOPE_HEAD ? a->len : FERRY_ENVELOPE_HEAD;
    size_t wrong = first_wrong(a->env, seen);

    if (wrong < seen) {
        return refuse_at(path, wrong, FERRY_E_FRAME,
                         "not a Ferry artifact: no envelope has %02X here",
                         a->env[wrong]);
    }
    if (a->len < FERRY_ENVELOPE_HEAD) {
        return ends_early(a, "envelope's head", FERRY_ENVELOPE_HEAD);
    }
    a->env_len = ferry_envelope_len(a->env);
    if (a->env_len == 0) {
        return refuse_at(path, ENV_LEN, FERRY_E_LEN, "a manifest has %u to %u bytes",
                         FERRY_PAYLOAD_MIN, FERRY_PAYLOAD_MAX);
    }
    if (a->len < a->env_len) {
        return ends_early(a, "envelope", a->env_len);
    }
    int err = ferry_envelope_open(&a->e, a->env, a->env_len);
    if (err != 0) {
        return refuse_at(path, first_wrong(a->env, a->env_len), err, "%s",
                         ferry_strerror(err));
    }
    return DONE;
}

/* ---- the manifest ---------------------------------------------------------------- */

static int check_sizes(const struct artifact *a)
{
    const uint32_t with_encoding =
        1UL << FERRY_KEY_T_LEN | 1UL << FERRY_KEY_T_SHA256 | 1UL << FERRY_KEY_BASE;

    if (a->m.encoding != 0 || (a->m.has & with_encoding) != 0) {
        return refuse_at(a->path, FERRY_ENVELOPE_HEAD, FERRY_E_ENC,
                         "the manifest says the image is encoded; this tool knows raw "
                         "images only");
    }
    if (a->m.length == 0 || a->m.length % 4 != 0 || a->m.length > IMAGE_MAX) {
        return refuse_at(a->path, FERRY_ENVELOPE_HEAD, FERRY_E_SIZE,
                         "the manifest says the image has %u bytes; 4 to %u, in fours, "
                         "are possible",
                         (unsigned)a->m.length, IMAGE_MAX);
    }
    return DONE;
}

/* A manifest that cannot be read: perhaps it never was one. */
static int refuse_manifest(const struct artifact *a, int err)
{
    struct ferry_statement s;

    if (ferry_statement_parse(&s, a->e.payload, a->e.payload_len) == 0) {
        return refuse_at(a->path, FERRY_ENVELOPE_HEAD, FERRY_E_TYPE,
                         "a device's statement, but in the envelope of key slot %u; "
                         "only key id %02X signs statements",
                         a->e.kid, FERRY_KID_STATEMENT);
    }
    return refuse_at(a->path, FERRY_ENVELOPE_HEAD, err, "%s", ferry_strerror(err));
}

int artifact_no_statement(const struct artifact *a)
{
    if (a->e.kid == FERRY_KID_STATEMENT) {
        return refuse_at(a->path, ENV_KID, FERRY_E_KID,
                         "a device's statement (key id %02X), not an artifact",
                         FERRY_KID_STATEMENT);
    }
    return DONE;
}

int artifact_parse(struct artifact *a)
{
    int code = artifact_no_statement(a);

    if (code != DONE) {
        return code;
    }
    int err = ferry_manifest_parse(&a->m, a->e.payload, a->e.payload_len,
                                   FERRY_READER_DEVICE);
    if (err != 0) {
        return refuse_manifest(a, err);
    }
    ferry_manifest_info(&a->m, a->e.payload, a->e.payload_len);
    a->table_at = a->env_len;
    a->table_len = ferry_table_len(a->m.length);
    a->image_at = a->table_at + a->table_len;
    a->image_len = a->m.length;
    return check_sizes(a);
}

int artifact_whole(const struct artifact *a)
{
    size_t end = a->image_at + a->image_len;

    if (a->len < a->image_at) {
        return ends_early(a, "block table", a->image_at);
    }
    if (a->len < end) {
        return ends_early(a, "image", end);
    }
    if (a->len > end) {
        return refuse_at(a->path, end, FERRY_E_LEN,
                         "the image ends here, but %zu more bytes follow",
                         a->len - end);
    }
    return DONE;
}

/* ---- the hashes ------------------------------------------------------------------ */

static bool hashes_to(const struct artifact *a, size_t at, size_t len,
                      const uint8_t *want, size_t want_len)
{
    uint8_t hash[FERRY_HASH_LEN];

    if (at + len > a->len) {
        return false;
    }
    crypto_hash_sha256(hash, a->env + at, len);
    return memcmp(hash, want, want_len) == 0;
}

bool artifact_table_matches(const struct artifact *a)
{
    return hashes_to(a, a->table_at, a->table_len, a->m.blocks, FERRY_HASH_LEN);
}

bool artifact_image_matches(const struct artifact *a)
{
    return hashes_to(a, a->image_at, a->image_len, a->m.sha256, FERRY_HASH_LEN);
}

uint32_t artifact_blocks(const struct artifact *a)
{
    return (uint32_t)(a->table_len / FERRY_BLOCK_HASH_LEN);
}

/* Bytes of block `b` of `len` image bytes: the last one may be short. */
static size_t block_len(size_t len, size_t b)
{
    size_t left = len - b * FERRY_BLOCK_LEN;

    return left < FERRY_BLOCK_LEN ? left : FERRY_BLOCK_LEN;
}

uint32_t artifact_bad_block(const struct artifact *a)
{
    uint32_t b = 0;

    while (b < artifact_blocks(a) &&
           hashes_to(a, a->image_at + b * FERRY_BLOCK_LEN, block_len(a->image_len, b),
                     a->env + a->table_at + b * FERRY_BLOCK_HASH_LEN,
                     FERRY_BLOCK_HASH_LEN)) {
        b++;
    }
    return b;
}

void table_make(const uint8_t *image, size_t len, uint8_t *table)
{
    uint8_t hash[FERRY_HASH_LEN];

    for (size_t b = 0; b * FERRY_BLOCK_LEN < len; b++) {
        crypto_hash_sha256(hash, image + b * FERRY_BLOCK_LEN, block_len(len, b));
        memcpy(table + b * FERRY_BLOCK_HASH_LEN, hash, FERRY_BLOCK_HASH_LEN);
    }
}
