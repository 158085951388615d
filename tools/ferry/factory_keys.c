/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a device gets its own key, which signs statements and is in no slot. What
 * may stand in a slot, slots.c knows. */
#include <stdlib.h>
#include <string.h>

#include "factory.h"
#include "file.h"
#include "say.h"
#include "slots.h"

int factory_slots(const struct args *a, struct unit *u)
{
    return slots_read(u->keys, a, a->value[TEST_KEY] != NULL);
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
        return slots_refuse_published(path);
    }
    unsigned same = slots_find(u->keys, k->key.public);
    if (same < FERRY_KEY_SLOTS) {
        return refuse("%s: is the key of slot %u, too; a device's own key is in no "
                      "slot",
                      path, same);
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
