/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which keys a device may be born with, and how eight of them lie in the identity
 * block. Does not know who signs with them. */
#include "slots.h"

#include <stdio.h>
#include <string.h>

#include "file.h"
#include "say.h"

#define PUBLIC_LEN crypto_sign_PUBLICKEYBYTES

int slots_refuse_published(const char *name)
{
    return refuse("%s: is the published test key, and everybody can sign with it; "
                  "--insecure-test-key allows it",
                  name);
}

unsigned slots_find(const struct ferry_key keys[FERRY_KEY_SLOTS],
                    const uint8_t public[PUBLIC_LEN])
{
    unsigned i = 0;

    while (i < FERRY_KEY_SLOTS && (keys[i].alg == FERRY_ALG_NONE ||
                                   memcmp(keys[i].key, public, PUBLIC_LEN) != 0)) {
        i++;
    }
    return i;
}

/* Puts a public key into an empty slot, if it may stand there. */
static int put(struct ferry_key keys[FERRY_KEY_SLOTS], unsigned slot,
               const struct key *k, const char *name, bool insecure)
{
    unsigned same = slots_find(keys, k->public);

    if (crypto_core_ed25519_is_valid_point(k->public) != 1) {
        return refuse("%s: is no sound key: not a point of the prime order group",
                      name);
    }
    if (key_is_published(k) && !insecure) {
        return slots_refuse_published(name);
    }
    if (same < FERRY_KEY_SLOTS) {
        return refuse("%s: slot %u has the same key: revoking one would not revoke it",
                      name, same);
    }
    keys[slot].alg = FERRY_ALG_ED25519;
    memcpy(keys[slot].key, k->public, PUBLIC_LEN);
    return DONE;
}

/* ---- from key files -------------------------------------------------------------- */

static int take(struct ferry_key keys[FERRY_KEY_SLOTS], unsigned slot, const char *path,
                bool insecure)
{
    struct key k;
    int code = key_load(&k, path, false);

    if (code == DONE && k.secret_known) { /* who signs is not this one's business */
        code = refuse("%s: is a private key; a factory gets the public one", path);
    }
    if (code == DONE) {
        code = put(keys, slot, &k, path, insecure);
    }
    key_wipe(&k);
    return code;
}

int slots_read(struct ferry_key keys[FERRY_KEY_SLOTS], const struct args *a,
               bool insecure)
{
    const char *verb = a->verb->name;
    int code = DONE;

    for (unsigned i = 0; code == DONE && i < a->again_len; i++) {
        const char *value = a->again[i];
        uint32_t slot = (uint32_t)(value[0] - '0');
        if (slot >= FERRY_KEY_SLOTS || value[1] != '=') {
            return misuse("%s: --key '%s': not SLOT=FILE with a slot 0..7", verb,
                          value);
        }
        if (keys[slot].alg != FERRY_ALG_NONE) {
            return misuse("%s: --key '%s': slot %u is given twice", verb, value,
                          (unsigned)slot);
        }
        code = take(keys, slot, value + 2, insecure);
    }
    return code;
}

/* ---- from a page ----------------------------------------------------------------- */

static int take_row(struct ferry_key keys[FERRY_KEY_SLOTS], unsigned slot,
                    const uint8_t row[SLOT_LEN], const char *path, bool insecure)
{
    const uint8_t *key = row + 1, *rest = key + PUBLIC_LEN;
    char name[600];
    struct key k;

    snprintf(name, sizeof name, "%s: slot %u", path, slot);
    if (sodium_is_zero(row, SLOT_LEN)) {
        return DONE;
    }
    if (row[0] != FERRY_ALG_ED25519) {
        return refuse("%s: algorithm %02X is not Ed25519 (%02X)", name, row[0],
                      FERRY_ALG_ED25519);
    }
    if (!sodium_is_zero(rest, SLOT_LEN - 1 - PUBLIC_LEN)) {
        return refuse("%s: more than 32 bytes of key", name);
    }
    memset(&k, 0, sizeof k);
    memcpy(k.public, key, PUBLIC_LEN);
    return put(keys, slot, &k, name, insecure);
}

int slots_load(struct ferry_key keys[FERRY_KEY_SLOTS], const char *path, bool insecure)
{
    struct bytes file;
    int code = file_read(&file, path, "a key table", 0, SLOTS_LEN);

    memset(keys, 0, FERRY_KEY_SLOTS * sizeof *keys);
    if (code == DONE && file.len != SLOTS_LEN) {
        code = refuse("%s: %zu bytes; a key table has %u", path, file.len, SLOTS_LEN);
    }
    for (unsigned i = 0; code == DONE && i < FERRY_KEY_SLOTS; i++) {
        code = take_row(keys, i, file.at + i * SLOT_LEN, path, insecure);
    }
    if (code == DONE && sodium_is_zero(file.at, SLOTS_LEN)) {
        code = refuse("%s: every slot is empty: no update could ever come", path);
    }
    bytes_free(&file);
    return code;
}

void slots_page(const struct ferry_key keys[FERRY_KEY_SLOTS], uint8_t page[SLOTS_LEN])
{
    for (unsigned i = 0; i < FERRY_KEY_SLOTS; i++) {
        page[i * SLOT_LEN] = keys[i].alg;
        memcpy(page + i * SLOT_LEN + 1, keys[i].key, SLOT_LEN - 1);
    }
}
