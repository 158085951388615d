/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how envelope, block table and image come together. The same inputs give the
 * same bytes, always: nothing here reads a clock. */
#include "job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "say.h"

/* ---- reading --------------------------------------------------------------------- */

/* *path stays NULL if the field is not given. */
static int find_path(struct job *j, enum field f, char **path)
{
    *path = field_path(&j->fields, f);
    return *path == NULL && j->fields.of[f].text != NULL
               ? refuse("no memory for a file name")
               : DONE;
}

static int find_paths(struct job *j)
{
    static const enum field fields[JOB_FILES] = {
        [JOB_MAP] = FIELD_MAP,
        [JOB_IMAGE] = FIELD_IMAGE,
        [JOB_PREVIOUS] = FIELD_PREVIOUS,
    };
    int code = DONE;

    for (unsigned i = 0; code == DONE && i < JOB_FILES; i++) {
        code = find_path(j, fields[i], &j->paths[i]);
    }
    return code;
}

static int read_image(struct job *j)
{
    const char *map = j->paths[JOB_MAP], *path = j->paths[JOB_IMAGE];
    struct request *r = &j->request;
    int code = map != NULL ? map_load(&j->board, map) : DONE;

    const struct image_wish wish = {
        .raw = j->raw,
        .link = r->linked ? &r->m.link : NULL,
        .board = map != NULL ? &j->board : NULL,
    };

    if (code == DONE) {
        code = image_load(&j->image, path, &wish);
    }
    if (code == DONE && !j->image.linked) {
        code = field_missing(&j->fields, FIELD_LINK);
    }
    r->m.link = j->image.link;
    return code;
}

static int read_previous(struct job *j)
{
    const char *path = j->paths[JOB_PREVIOUS];

    j->first = path != NULL && strcmp(j->fields.of[FIELD_PREVIOUS].text, "none") == 0;
    if (path == NULL || j->first) {
        return DONE;
    }
    int code = artifact_read(&j->previous_file, path);
    if (code == DONE) {
        code = artifact_open(&j->previous, path, &j->previous_file);
    }
    if (code == DONE) {
        code = artifact_parse(&j->previous);
    }
    j->has_previous = code == DONE;
    return code;
}

int job_read(struct job *j)
{
    int code = request_read(&j->request, &j->fields);

    if (code == DONE) {
        code = find_paths(j);
    }
    if (code == DONE) {
        code = read_image(j);
    }
    return code == DONE ? read_previous(j) : code;
}

/* ---- making ---------------------------------------------------------------------- */

/* What follows from the image's bytes. */
static void describe(struct request *r, const struct bytes *image, uint8_t *table,
                     size_t table_len)
{
    table_make(image->at, image->len, table);
    crypto_hash_sha256(r->blocks, table, table_len);
    crypto_hash_sha256(r->sha256, image->at, image->len);
    r->m.length = (uint32_t)image->len;
}

/* Envelope, table and image; the signature's bytes are 0. */
static int lay_out(struct job *j)
{
    uint8_t table[TABLE_MAX], payload[FERRY_PAYLOAD_MAX];
    const struct bytes *image = &j->image.bytes;
    size_t table_len = ferry_table_len((uint32_t)image->len);

    describe(&j->request, image, table, table_len);
    size_t payload_len = ferry_manifest_encode(&j->request.m, payload, sizeof payload);
    if (payload_len == 0) { /* all but the build id fits */
        return field_bad(&j->fields, FIELD_BUILD_ID, REQUEST_TOO_LONG);
    }
    size_t env_len = payload_len + FERRY_ENVELOPE_OVER;
    int code = bytes_new(&j->bytes, FERRY_TBS_SPARE, env_len + table_len + image->len);
    if (code == DONE) {
        uint8_t *env = j->bytes.at;
        memcpy(env + FERRY_ENVELOPE_HEAD, payload, payload_len);
        ferry_envelope_frame(env, payload_len, FERRY_ALG_ED25519,
                             (uint8_t)j->request.slot);
        memcpy(env + env_len, table, table_len);
        memcpy(env + env_len + table_len, image->at, image->len);
    }
    return code;
}

static int sign(struct job *j, struct signer *s)
{
    uint8_t *env = j->bytes.at;
    size_t env_len = ferry_envelope_len(env);
    size_t len = ferry_tbs_make(env);
    int code =
        signer_sign(s, env - FERRY_TBS_SPARE, len, env + env_len - FERRY_SIG_LEN);

    ferry_tbs_undo(env);
    return code;
}

/* The last look before it gets its name: would a device with this key take it? */
static int check(struct job *j, const struct signer *s)
{
    struct ferry_key keys[FERRY_KEY_SLOTS];
    int code = artifact_open(&j->a, j->out, &j->bytes);

    if (code == DONE && s != NULL) {
        check_keys(keys, s->key.public, j->a.e.kid);
        return check_artifact(&j->a, keys);
    }
    if (code == DONE) {
        code = artifact_parse(&j->a);
    }
    return code == DONE ? check_content(&j->a) : code;
}

int job_sign(struct job *j, struct signer *s)
{
    int code = lay_out(j);

    if (code == DONE && s != NULL) {
        code = sign(j, s);
    }
    return code == DONE ? check(j, s) : code;
}

/* ---- the end --------------------------------------------------------------------- */

void job_end(struct job *j)
{
    for (unsigned i = 0; i < JOB_FILES; i++) {
        free(j->paths[i]);
    }
    image_free(&j->image);
    bytes_free(&j->previous_file);
    bytes_free(&j->bytes);
    free(j->out);
}

void job_report(struct job *j)
{
    struct artifact *a = &j->a;
    size_t padding = j->image.padding;
    uint8_t digest[FERRY_HASH_LEN];
    char hex[2 * FERRY_HASH_LEN + 1];

    if (padding > 0) {
        printf("%s: padded with %zu byte%s FF to %zu, a multiple of 4\n", j->image.path,
               padding, padding == 1 ? "" : "s", j->image.bytes.len);
    }
    check_digest(a, digest);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    printf("%s: version %s, slot %u, security counter %u%s\n", a->path,
           j->fields.of[FIELD_VERSION].text, a->e.kid, (unsigned)a->m.sec_ctr,
           sodium_is_zero(a->e.sig, FERRY_SIG_LEN) ? ", not signed yet" : "");
    printf("  %zu bytes: envelope %zu, block table %zu, image %zu\n", a->len,
           a->env_len, a->table_len, a->image_len);
    printf("  digest %s\n", hex);
}
