/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry pubkey: the public half of a key, as others want it. From a token it needs no
 * PIN where the token shows public keys to everybody. */
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "keyfile.h"
#include "say.h"
#include "token.h"
#include "verbs.h"

enum { KEY, PKCS11, OUT };

static const struct option_row options[] = {
    [KEY] = {"key", 'k', OPTIONAL, "FILE", "a private or public Ed25519 key, PEM"},
    [PKCS11] = {"pkcs11", 0, OPTIONAL, "URI", "a key on a token (RFC 7512)"},
    [OUT] = {"output", 'o', OPTIONAL, "FILE", "write there, not to standard output"},
    {0},
};

static int from_token(struct key *k, const char *uri)
{
    struct token t;
    int code = token_open(&t, uri);

    memset(k, 0, sizeof *k);
    if (code == DONE) {
        code = token_public(&t, k->public);
    }
    token_close(&t);
    return code;
}

static int write_out(const struct args *a, const struct key *k)
{
    char pem[KEY_PEM_MAX];

    key_public_pem(k, pem);
    if (a->value[OUT] == NULL) {
        fputs(pem, stdout); /* main looks whether that worked */
        return DONE;
    }
    if (a->value[KEY] != NULL && file_same(a->value[OUT], a->value[KEY])) {
        return refuse("cannot write %s: it is the key itself", a->value[OUT]);
    }
    return file_write(a->value[OUT], 0644, pem, strlen(pem));
}

static int run(const struct args *a)
{
    struct key k;

    if ((a->value[KEY] != NULL) == (a->value[PKCS11] != NULL)) {
        return misuse("pubkey: one of --key and --pkcs11 is wanted");
    }
    int code = a->value[KEY] != NULL ? key_load(&k, a->value[KEY], false)
                                     : from_token(&k, a->value[PKCS11]);
    if (code == DONE) {
        code = write_out(a, &k);
    }
    key_wipe(&k);
    return code;
}

const struct verb verb_pubkey = {
    .name = "pubkey",
    .summary = "Write the public half of a key",
    .options = options,
    .run = run,
};
