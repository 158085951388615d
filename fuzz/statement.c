/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements of devices. Whatever is accepted says everything that must be said, inside
 * its own bytes, and encodes to what it was parsed from, keys apart that only a later
 * version knows. A manifest is no statement, and a statement no manifest. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "ferry/manifest.h"
#include "ferry/statement.h"

#define KEYS 23U
#define ALL ((UINT32_C(1) << KEYS) - 1U)
#define NONCE (UINT32_C(1) << FERRY_SAYS_NONCE)

static void within(const uint8_t *str, size_t str_len, const uint8_t *payload,
                   size_t len)
{
    expect(str > payload && str + str_len <= payload + len,
           "a string is in the payload");
}

static void facts(const struct ferry_statement *s, const uint8_t *payload, size_t len)
{
    expect((s->has | NONCE) == ALL, "nothing but the nonce may be missing");
    expect(s->type == FERRY_TYPE_STATEMENT, "a statement says that it is one");
    expect(((s->has & NONCE) != 0) == (s->nonce != NULL),
           "the nonce is there if its key is");
    within(s->class_id, 16, payload, len);
    within(s->device_id, 16, payload, len);
    within(s->digest, 16, payload, len);
    within(s->outcome_digest, 8, payload, len);
    within(s->offender, FERRY_OFFENDER_LEN, payload, len);
    within(s->refusals, FERRY_REFUSALS_LEN, payload, len);
    if (s->nonce != NULL) {
        within(s->nonce, FERRY_NONCE_LEN, payload, len);
    }
}

static unsigned fields(const struct ferry_statement *s)
{
    unsigned n = 0;

    for (uint32_t has = s->has; has != 0; has &= has - 1U) {
        n++;
    }
    return n;
}

/* A later version's keys are skipped, so they are lost: then what is encoded is shorter,
 * and from there on it is what it was. */
static void put_together(const struct ferry_statement *s, const uint8_t *payload,
                         size_t len)
{
    uint8_t *once = malloc(len), *twice = malloc(len);
    struct ferry_statement again;

    expect(once != NULL && twice != NULL, "there is memory");
    size_t once_len = ferry_statement_encode(s, once, len);
    expect(once_len > 0 && once_len <= len, "what was parsed fits where it was");
    if ((payload[0] & 0x1FU) == fields(s)) { /* pairs that its map has */
        expect(once_len == len && memcmp(once, payload, len) == 0,
               "a statement encodes to the bytes that it was parsed from");
    } else {
        expect(once_len < len, "what a later version says is lost");
    }
    expect(ferry_statement_parse(&again, once, once_len) == 0,
           "what was encoded is a statement");
    expect(again.has == s->has && again.counter == s->counter &&
               again.floor == s->floor && again.version == s->version,
           "and says the same");
    expect(ferry_statement_encode(&again, twice, once_len) == once_len &&
               memcmp(once, twice, once_len) == 0,
           "in the same bytes");
    expect(ferry_statement_encode(&again, twice, once_len - 1) == 0,
           "nothing is encoded where it does not fit");
    free(once);
    free(twice);
}

/* Fields alone make an encoding that nothing else has: one more or less is refused. */
static void exact(const uint8_t *payload, size_t len)
{
    uint8_t *more = malloc(len + 1), *less = fuzz_copy(payload, len - 1);
    struct ferry_statement s;

    expect(more != NULL, "there is memory");
    memcpy(more, payload, len);
    more[len] = payload[0];
    expect(ferry_statement_parse(&s, more, len + 1) == FERRY_E_TRAIL,
           "a byte behind a statement is refused");
    expect(ferry_statement_parse(&s, less, len - 1) == FERRY_E_CBOR,
           "a statement without its last byte is refused");
    free(more);
    free(less);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ferry_statement s;
    struct ferry_manifest m;
    int err = ferry_statement_parse(&s, data, size);

    expect(err == 0 || err == FERRY_E_CBOR || err == FERRY_E_ORDER ||
               err == FERRY_E_CRIT || err == FERRY_E_TYPE || err == FERRY_E_MISSING ||
               err == FERRY_E_TRAIL,
           "a statement's errors are the documented ones");
    if (err == 0) {
        facts(&s, data, size);
        put_together(&s, data, size);
        exact(data, size);
        expect(ferry_manifest_parse(&m, data, size, FERRY_READER_DEVICE) != 0 &&
                   ferry_manifest_parse(&m, data, size, FERRY_READER_BOOT) != 0,
               "a statement is no manifest");
    }
    return 0;
}
