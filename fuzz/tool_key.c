/* SPDX-License-Identifier: Apache-2.0
 *
 * A key file of any bytes. What is read as a key and written is read as the same key; a
 * public key never serves as a private one; what is refused leaves nothing behind. */
#include "captured.h"

#include <string.h>

#include "keyfile.h"

static int load(struct key *k, const void *text, size_t len, bool want_secret)
{
    static struct captured said;
    const char *path = captured_file(text, len);

    captured_begin(&said);
    int code = key_load(k, path, want_secret);
    captured_end(&said);
    captured_manners(&said, code, 1);
    return code;
}

static void nothing_is_left(const struct key *k)
{
    static const struct key zero;

    expect(memcmp(k, &zero, sizeof zero) == 0, "a key that is refused is forgotten");
}

static void private_again(const struct key *k)
{
    char pem[KEY_PEM_MAX];
    struct key again;

    key_private_pem(k, pem);
    expect(load(&again, pem, strlen(pem), true) == 0, "what was written can be read");
    expect(memcmp(k, &again, sizeof again) == 0, "a private key is the same again");
}

static void public_again(const struct key *k)
{
    char pem[KEY_PEM_MAX];
    struct key again;

    key_public_pem(k, pem);
    expect(load(&again, pem, strlen(pem), false) == 0, "what was written can be read");
    expect(memcmp(k->public, again.public, sizeof again.public) == 0,
           "a public key is the same again");
    expect(!again.secret_known, "it tells no secret");
    expect(load(&again, pem, strlen(pem), true) != 0, "and does not serve as one");
    nothing_is_left(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    bool want_secret = fuzz_byte(&in) % 2 != 0;
    struct key k;

    if (load(&k, in.at, in.left, want_secret) != 0) {
        nothing_is_left(&k);
        return 0;
    }
    expect(k.secret_known || !want_secret, "who wants a secret gets one");
    if (k.secret_known) {
        private_again(&k);
    }
    public_again(&k);
    return 0;
}
