/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which public keys a device may be born with, and how it gets its own. A wrong
 * key in a slot cannot be put right in the field: everything doubtful is refused. */
#include <stdlib.h>
#include <string.h>

#include "factory.h"
#include "file.h"
#include "say.h"
#include "text.h"

/* ---- the slots ------------------------------------------------------------------- */

static int refuse_published(const char *path)
{
    return refuse("%s: is the published test key, and everybody can sign with it; "
                  "--insecure-test-key allows it",
                  path);
}

/* Which private key signs for the fleet is none of a factory's business. */
static int check_slot_key(const struct args *a, const struct key *k, const char *path)
{
    bool insecure = a->value[TEST_KEY] != NULL;

    if (k->secret_known) {
        return refuse("%s: is a private key; a factory gets the public one", path);
    }
    if (crypto_core_ed25519_is_valid_point(k->public) != 1) {
        return refuse("%s: is no sound key: not a point of the prime order group",
                      path);
    }
    return key_is_published(k) && !insecure ? refuse_published(path) : DONE;
}

static int take_slot(const struct args *a, struct unit *u, uint32_t slot,
                     const char *path)
{
    struct ferry_key *to = &u->keys[slot];
    struct key k;
    int code = key_load(&k, path, false);

    if (code == DONE) {
        code = check_slot_key(a, &k, path);
    }
    for (unsigned i = 0; code == DONE && i < FERRY_KEY_SLOTS; i++) {
        if (u->keys[i].alg != FERRY_ALG_NONE &&
            memcmp(u->keys[i].key, k.public, sizeof k.public) == 0) {
            code = refuse("%s: slot %u has the same key: revoking one would not revoke "
                          "it",
                          path, i);
        }
    }
    if (code == DONE) {
        to->alg = FERRY_ALG_ED25519;
        memcpy(to->key, k.public, sizeof k.public);
    }
    key_wipe(&k);
    return code;
}

int factory_slots(const struct args *a, struct unit *u)
{
    int code = DONE;

    for (unsigned i = 0; code == DONE && i < a->again_len; i++) {
        const char *value = a->again[i];
        uint32_t slot = (uint32_t)(value[0] - '0');
        if (slot >= FERRY_KEY_SLOTS || value[1] != '=') {
            return misuse("factory: --key '%s': not SLOT=FILE with a slot 0..7", value);
        }
        if (u->keys[slot].alg != FERRY_ALG_NONE) {
            return misuse("factory: --key '%s': slot %u is given twice", value,
                          (unsigned)slot);
        }
        code = take_slot(a, u, slot, value + 2);
    }
    return code;
}

/* ---- the device's own key -------------------------------------------------------- */

/* FILE.pub must be what belongs to FILE. */
static int check_public(const struct factory_key *k, const char *path)
{
    struct key public;

    if (!file_exists(k->public_path)) {
        return DONE;
    }
    int code = key_load(&public, k->public_path, false);
    if (code == DONE &&
        memcmp(public.public, k->key.public, sizeof public.public) != 0) {
        code = refuse("%s: is not the public half of %s", k->public_path, path);
    }
    key_wipe(&public);
    return code;
}

static int load_own(struct factory_key *k, const char *path)
{
    int code = key_load(&k->key, path, true);

    return code == DONE ? check_public(k, path) : code;
}

static int make_own(struct factory_key *k, const char *path)
{
    if (file_exists(k->public_path)) {
        return refuse("%s: exists, but %s does not: its private half is somewhere else",
                      k->public_path, path);
    }
    key_make(&k->key);
    k->made = true;
    return DONE;
}

/* It signs statements and nothing else. */
static int check_own(const struct args *a, const struct unit *u,
                     const struct factory_key *k, const char *path)
{
    if (key_is_published(&k->key) && a->value[TEST_KEY] == NULL) {
        return refuse_published(path);
    }
    for (unsigned i = 0; i < FERRY_KEY_SLOTS; i++) {
        if (u->keys[i].alg != FERRY_ALG_NONE &&
            memcmp(u->keys[i].key, k->key.public, sizeof k->key.public) == 0) {
            return refuse("%s: is the key of slot %u, too; a device's own key is in no "
                          "slot",
                          path, i);
        }
    }
    return DONE;
}

int factory_key_prepare(const struct args *a, const struct unit *u,
                        struct factory_key *k)
{
    const char *path = a->value[DEVICE_KEY];

    if (path == NULL) {
        return DONE;
    }
    k->public_path = file_name(path, ".pub");
    if (k->public_path == NULL) {
        return refuse("no memory for a file name");
    }
    int code = file_exists(path) ? load_own(k, path) : make_own(k, path);
    return code == DONE ? check_own(a, u, k, path) : code;
}

void factory_key_wipe(struct factory_key *k)
{
    free(k->public_path);
    key_wipe(&k->key);
    memset(k, 0, sizeof *k);
}
