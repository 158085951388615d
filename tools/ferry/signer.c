/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows that there are two kinds of signers, and nothing of what they sign. */
#include "signer.h"

#include <string.h>

#include "say.h"

int signer_open(struct signer *s, const struct signer_at *at)
{
    memset(s, 0, sizeof *s);
    s->on_token = at->uri != NULL;
    s->name = s->on_token ? at->uri : at->file;
    if (!s->on_token) {
        return key_load_secret(&s->key, at->file, at->pass_file);
    }
    int code = token_open(&s->token, at->uri);
    return code == DONE ? token_find(&s->token, s->key.public) : code;
}

void signer_close(struct signer *s)
{
    token_close(&s->token);
    key_wipe(&s->key);
}

int signer_sign(struct signer *s, uint8_t *bytes, size_t len,
                uint8_t sig[crypto_sign_BYTES])
{
    if (s->on_token) {
        return token_sign(&s->token, bytes, len, sig);
    }
    crypto_sign_detached(sig, NULL, bytes, len, s->key.secret);
    return DONE;
}
