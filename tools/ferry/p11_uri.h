/* SPDX-License-Identifier: Apache-2.0
 *
 * The name of a key on a token: "pkcs11:token=release;object=slot0?module-path=..." as
 * RFC 7512 has it. Knows the spelling; does not know tokens. */
#ifndef FERRY_TOOL_P11_URI_H
#define FERRY_TOOL_P11_URI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define URI_VALUE_MAX 255U

enum uri_attribute {
    URI_TOKEN,
    URI_MANUFACTURER,
    URI_MODEL,
    URI_SERIAL,
    URI_SLOT_ID,
    URI_OBJECT,
    URI_ID, /* any bytes; the others are text without a 0 in it */
    URI_TYPE,
    URI_MODULE_PATH,
    URI_PIN_SOURCE, /* a file's path: "file:" is gone */
    URI_ATTRIBUTES
};

struct uri_value {
    bool given;
    size_t len;
    char at[URI_VALUE_MAX + 1]; /* ends with 0 */
};

struct p11_uri {
    const char *text; /* all of it, for messages */
    struct uri_value of[URI_ATTRIBUTES];
    uint32_t slot_id;
};

/* Returns an exit code and has said why. */
int p11_uri_read(struct p11_uri *u, const char *text);

#endif
