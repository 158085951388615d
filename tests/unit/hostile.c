/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a vector becomes a question to a backend, and an envelope for the engine.
 * Which verdict is right stands in the table. */
#include "hostile.h"

#include <string.h>

#include "hostile_vectors.h"
#include "verify.h"

#define PAYLOAD_LEN FERRY_PAYLOAD_MIN /* as hostile.py has it */
#define SIG_AT (FERRY_ENVELOPE_HEAD + PAYLOAD_LEN + 2)
#define ENVELOPE_LEN (PAYLOAD_LEN + FERRY_ENVELOPE_OVER)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct hostile *hostile_at(unsigned i)
{
    return i < COUNT(hostile) ? &hostile[i] : NULL;
}

const struct hostile_rfc *hostile_rfc_at(unsigned i)
{
    return i < COUNT(hostile_rfc) ? &hostile_rfc[i] : NULL;
}

static unsigned digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10);
}

void hostile_bytes(const char *hex, uint8_t *out)
{
    for (; *hex != '\0'; hex += 2) {
        *out++ = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
    }
}

static struct ferry_key key_of(const char *hex)
{
    struct ferry_key key = {.alg = FERRY_ALG_ED25519};

    hostile_bytes(hex, key.key);
    return key;
}

/* ---- one vector ------------------------------------------------------------------ */

/* An envelope for slot 0, with the spare bytes before it. Its payload is no manifest:
 * nobody reads that before the signature holds. */
static uint8_t *envelope(uint8_t room[FERRY_TBS_SPARE + ENVELOPE_LEN],
                         const struct hostile *v)
{
    uint8_t *env = room + FERRY_TBS_SPARE;

    memset(env, 0, ENVELOPE_LEN);
    for (unsigned i = 0; i < 4; i++) {
        env[FERRY_ENVELOPE_HEAD + i] = (uint8_t)(v->number >> 8 * i);
    }
    ferry_envelope_frame(env, PAYLOAD_LEN, FERRY_ALG_ED25519, 0);
    hostile_bytes(v->sig, env + SIG_AT);
    return env;
}

int hostile_backend(const struct ferry_crypto *c, const struct hostile *v)
{
    uint8_t room[FERRY_TBS_SPARE + ENVELOPE_LEN];
    uint8_t *env = envelope(room, v);
    struct ferry_key key = key_of(v->key);
    size_t len = ferry_tbs_make(env);

    return c->verify(c->ctx, 0, &key, room, len, env + SIG_AT);
}

int hostile_engine(const struct ferry_crypto *c, const struct hostile *v)
{
    uint8_t room[FERRY_TBS_SPARE + ENVELOPE_LEN];
    uint8_t *env = envelope(room, v);
    struct ferry_key keys[FERRY_KEY_SLOTS] = {key_of(v->key)};
    struct ferry_envelope e;
    int err = ferry_verify_form(keys, env, ENVELOPE_LEN, &e);

    return err != 0 ? err : ferry_verify_ask(c, keys, env, &e);
}

int hostile_backend_rfc(const struct ferry_crypto *c, const struct hostile_rfc *v)
{
    struct ferry_key key = key_of(v->key);
    uint8_t msg[64], sig[FERRY_SIG_LEN];

    hostile_bytes(v->msg, msg);
    hostile_bytes(v->sig, sig);
    return c->verify(c->ctx, 0, &key, msg, v->msg_len, sig);
}

/* ---- all of them ----------------------------------------------------------------- */

unsigned hostile_try(const struct ferry_crypto *c, void (*say)(const char *name))
{
    for (unsigned i = 0; i < COUNT(hostile_rfc); i++) {
        if (hostile_backend_rfc(c, &hostile_rfc[i]) != FERRY_VALID) {
            say(hostile_rfc[i].name);
        }
    }
    for (unsigned i = 0; i < COUNT(hostile); i++) {
        const struct hostile *v = &hostile[i];
        bool good = (v->takes & HOSTILE_STRICT) != 0;
        if ((hostile_backend(c, v) == FERRY_VALID) != good ||
            (hostile_engine(c, v) == 0) != good) {
            say(v->name);
        }
    }
    return (unsigned)(COUNT(hostile_rfc) + COUNT(hostile));
}
