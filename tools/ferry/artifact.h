/* SPDX-License-Identifier: Apache-2.0
 *
 * An artifact file: envelope, block table, image, end to end. Knows where its parts
 * are and whether they fit each other; does not know keys (check.h does). Functions
 * that return int return an exit code and have said why. */
#ifndef FERRY_TOOL_ARTIFACT_H
#define FERRY_TOOL_ARTIFACT_H

#include "ferry/manifest.h"
#include "file.h"

/* A block table longer than one erase unit is more than a bank's header can hold. */
#define TABLE_MAX 4096U
#define IMAGE_MAX (TABLE_MAX / FERRY_BLOCK_HASH_LEN * FERRY_BLOCK_LEN)
#define ARTIFACT_MAX (FERRY_ENVELOPE_MAX + TABLE_MAX + IMAGE_MAX)

/* The informational keys this tool writes: the manifest's keys -1, -2, -3. */
enum { INFO_VERSION = 1, INFO_BUILD_ID = 2, INFO_BUILD_TIME = 3 };

/* Where an envelope's variable bytes are. */
enum { ENV_ALG = 5, ENV_KID = 8, ENV_LEN = 11 };

/* Points into the bytes it was opened from. */
struct artifact {
    const char *path;
    uint8_t *env; /* FERRY_TBS_SPARE writable bytes stand before it */
    size_t len;   /* of the whole file */
    size_t env_len;
    struct ferry_envelope e;
    struct ferry_manifest m; /* from here on: after artifact_parse */
    size_t table_at, table_len;
    size_t image_at, image_len;
};

/* Read an artifact file into `b`. */
int artifact_read(struct bytes *b, const char *path);

/* The envelope's form, whatever follows it. `path` is for messages. */
int artifact_open(struct artifact *a, const char *path, const struct bytes *b);

/* Refuses an envelope that is a device's statement's. */
int artifact_no_statement(const struct artifact *a);

/* The manifest, and with it the places of table and image. They may lie beyond the
 * file's end until artifact_whole. */
int artifact_parse(struct artifact *a);
int artifact_whole(const struct artifact *a);

/* False, too, for a part the file does not have in full. */
bool artifact_table_matches(const struct artifact *a);
bool artifact_image_matches(const struct artifact *a);
/* The first block that differs from the table; the number of blocks if none does. */
uint32_t artifact_bad_block(const struct artifact *a);
uint32_t artifact_blocks(const struct artifact *a);

/* The block table of an image. */
void table_make(const uint8_t *image, size_t len, uint8_t *table);

#endif
