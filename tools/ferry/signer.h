/* SPDX-License-Identifier: Apache-2.0
 *
 * Who signs: a private key in a file, or one on a token that never leaves it. Functions
 * that return int return an exit code and have said why. */
#ifndef FERRY_TOOL_SIGNER_H
#define FERRY_TOOL_SIGNER_H

#include "keyfile.h"
#include "token.h"

struct signer {
    const char *name; /* the file or the URI, for messages */
    bool on_token;
    struct key key; /* in a file; on a token its public half alone */
    struct token token;
};

/* Where it is: one of the first two is not NULL. */
struct signer_at {
    const char *file, *uri;
    const char *pass_file; /* holds the file's passphrase; or NULL */
};

int signer_open(struct signer *s, const struct signer_at *at);
/* Wipes what it knows. Harmless on a zeroed struct. */
void signer_close(struct signer *s);

/* Over exactly these bytes: a module wants them writable, and does not write. */
int signer_sign(struct signer *s, uint8_t *bytes, size_t len,
                uint8_t sig[crypto_sign_BYTES]);

#endif
