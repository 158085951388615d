/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys from numbers, statements from facts. */
#include "unit.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "ferry/hal.h"

const uint8_t unit_class[16] = {0x7c, 0xd1, 0x2f, 0x5a, 0x0b, 0x5e, 0x5a, 0x77,
                                0x9e, 0x3b, 0x50, 0x4c, 0x16, 0xe1, 0x0f, 0x42};

void unit_make(struct unit *u, uint32_t n)
{
    uint8_t seed[crypto_sign_SEEDBYTES] = {'u', 'n', 'i', 't'};

    memcpy(seed + 8, &n, sizeof n);
    crypto_sign_seed_keypair(u->public_key, u->secret_key, seed);
    crypto_generichash(u->id, sizeof u->id, seed, sizeof seed, NULL, 0);
}

size_t unit_csv(const struct unit *u, uint32_t hw_rev, char line[UNIT_LINE_MAX])
{
    char id[33], class_id[33], key[65];

    sodium_bin2hex(id, sizeof id, u->id, sizeof u->id);
    sodium_bin2hex(class_id, sizeof class_id, unit_class, sizeof unit_class);
    sodium_bin2hex(key, sizeof key, u->public_key, sizeof u->public_key);
    return (size_t)snprintf(line, UNIT_LINE_MAX, "%s,%s,%s,%u\n", id, class_id, key,
                            (unsigned)hw_rev);
}

static void fill_in(struct ferry_statement *s, const struct unit *u)
{
    static const uint8_t nothing[16];

    s->has = UINT32_MAX;
    s->type = FERRY_TYPE_STATEMENT;
    s->class_id = s->class_id != NULL ? s->class_id : unit_class;
    s->device_id = s->device_id != NULL ? s->device_id : u->id;
    s->digest = s->digest != NULL ? s->digest : nothing;
    s->outcome_digest = s->outcome_digest != NULL ? s->outcome_digest : nothing;
    s->offender = s->offender != NULL ? s->offender : nothing;
    s->refusals = s->refusals != NULL ? s->refusals : nothing;
}

size_t unit_sign(const struct unit *u, const struct ferry_statement *says,
                 uint8_t envelope[FERRY_ENVELOPE_MAX])
{
    uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX];
    uint8_t *env = room + FERRY_TBS_SPARE;
    struct ferry_statement s = *says;

    fill_in(&s, u);
    size_t len =
        ferry_statement_encode(&s, env + FERRY_ENVELOPE_HEAD, FERRY_PAYLOAD_MAX);
    size_t total =
        ferry_envelope_frame(env, len, FERRY_ALG_ED25519, FERRY_KID_STATEMENT);
    size_t tbs = ferry_tbs_make(env);
    crypto_sign_detached(env + total - FERRY_SIG_LEN, NULL, room, tbs, u->secret_key);
    ferry_tbs_undo(env);
    memcpy(envelope, env, total);
    return total;
}
