/* SPDX-License-Identifier: Apache-2.0
 *
 * A manifest to be: what the fields say, read and checked. Knows nothing of the image:
 * what follows from its bytes is filled in later. */
#ifndef FERRY_TOOL_REQUEST_H
#define FERRY_TOOL_REQUEST_H

#include <stdbool.h>

#include "ferry/hal.h"
#include "ferry/manifest.h"
#include "fields.h"
#include "text.h"

#define REQUEST_TOO_LONG "too long: a manifest has at most 255 bytes"

/* Must stay where it is: the manifest points to the bytes beside it. */
struct request {
    const struct fields *fields;
    struct ferry_manifest m;
    uint32_t slot;
    bool linked; /* m.link was given */
    uint8_t class_id[ID_LEN], device[ID_LEN];
    uint8_t sha256[FERRY_HASH_LEN], blocks[FERRY_HASH_LEN];
    uint8_t info[FERRY_PAYLOAD_MAX];
};

/* An exit code; it has said why. */
int request_read(struct request *r, const struct fields *fields);

#endif
