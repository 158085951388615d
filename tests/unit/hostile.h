/* SPDX-License-Identifier: Apache-2.0
 *
 * What is asked of every Ed25519 backend: RFC 8032's vectors, and signatures that
 * backends disagree about, with the verdict of each kind of backend. The same table on a
 * host, on 32 bits and on a chip; no test framework, no C library to speak of. */
#ifndef FERRY_TEST_HOSTILE_H
#define FERRY_TEST_HOSTILE_H

#include "ferry/hal.h"

/* Which backends take it; edwards.py has the rules. */
enum {
    HOSTILE_NONE = 0,
    HOSTILE_STRICT = 1, /* libsodium */
    HOSTILE_PLAIN = 2,  /* OpenSSL */
    HOSTILE_LOOSE = 4,  /* the first reference code, and what was made from it */
    HOSTILE_COFACTORED = 8,
    HOSTILE_ALL = 15
};

/* What makes Ferry's verdict the same whichever backend it has. */
enum hostile_stop {
    HOSTILE_AGREED,   /* nothing need: all backends agree */
    HOSTILE_BY_S,     /* the engine refuses it before it asks */
    HOSTILE_BY_KEY,   /* a factory burns no such key */
    HOSTILE_BY_HOLDER /* nothing, but only who holds the private key can make it */
};

struct hostile {
    const char *name;
    unsigned takes;
    enum hostile_stop stopped;
    uint32_t number; /* in the message */
    const char *key, *sig;
};

/* Behind the last of each: NULL. Keys, messages and signatures are hex without spaces. */
const struct hostile *hostile_at(unsigned i);

struct hostile_rfc {
    const char *name;
    size_t msg_len; /* 64 at most */
    const char *seed, *msg, *key, *sig;
};
const struct hostile_rfc *hostile_rfc_at(unsigned i);

void hostile_bytes(const char *hex, uint8_t *out);

/* What the backend says of its to-be-signed bytes; and what the engine, over this
 * backend, says of an envelope with this signature under this key. */
int hostile_backend(const struct ferry_crypto *c, const struct hostile *v);
int hostile_engine(const struct ferry_crypto *c, const struct hostile *v);
int hostile_backend_rfc(const struct ferry_crypto *c, const struct hostile_rfc *v);

/* All of it, over a backend that should be as libsodium is. The name of each vector whose
 * verdict is another goes to `say`. Returns how many verdicts there were. */
unsigned hostile_try(const struct ferry_crypto *c, void (*say)(const char *name));

#endif
