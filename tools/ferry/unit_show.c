/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a device as it leaves the factory is shown, whether it was made or read
 * back. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "keyfile.h"
#include "unit.h"

#define KEY_LEN 32U /* Ed25519 */

static bool filled(const struct ferry_key *key)
{
    return key->alg != FERRY_ALG_NONE;
}

static bool is_published(const struct ferry_key *key)
{
    struct key k = {0};

    memcpy(k.public, key->key, sizeof k.public);
    return key_is_published(&k);
}

static void show_identity(struct view *v, const struct unit *u)
{
    view_id(v, "class", u->identity.class_id);
    view_id(v, "device", u->identity.device_id);
    view_number(v, "hw_rev", u->identity.hw_rev);
    view_address(v, "boot_caps", u->identity.boot_caps);
}

/* ---- keys ------------------------------------------------------------------------ */

/* A confirmed image of a later slot revokes this one; recovery revokes none. */
static bool is_revoked(const struct unit *u, unsigned slot)
{
    return u->has_image && slot < unit_floor(u) >> 24;
}

static void show_slot(struct view *v, const struct unit *u, unsigned slot)
{
    const struct ferry_key *key = &u->keys[slot];
    char name[16], hex[2 * KEY_LEN + 1], text[160];
    bool published = is_published(key), revoked = is_revoked(u, slot);

    sodium_bin2hex(hex, sizeof hex, key->key, KEY_LEN);
    if (v->as_json) {
        json_open(&v->json, NULL, '{');
        json_number(&v->json, "slot", slot);
        json_text(&v->json, "public", hex, strlen(hex));
        json_bool(&v->json, "published_test_key", published);
        json_bool(&v->json, "revoked", revoked);
        json_close(&v->json, '}');
        return;
    }
    snprintf(name, sizeof name, "slot %u", slot);
    snprintf(text, sizeof text, "%s%s%s", hex,
             published ? " (the published test key: never for a product)" : "",
             revoked ? " (revoked by the image's slot)" : "");
    view_text(v, name, text);
}

static void show_slots(struct view *v, const struct unit *u)
{
    if (v->as_json) {
        json_open(&v->json, "slots", '[');
    }
    for (unsigned slot = 0; slot < FERRY_KEY_SLOTS; slot++) {
        if (filled(&u->keys[slot])) {
            show_slot(v, u, slot);
        }
    }
    if (v->as_json) {
        json_close(&v->json, ']');
    }
}

/* ---- the image ------------------------------------------------------------------- */

static void show_image(struct view *v, struct unit *u)
{
    uint8_t digest[FERRY_HASH_LEN];

    if (!u->has_image) {
        if (v->as_json) {
            view_absent(v, "image");
            view_absent(v, "floor");
        }
        view_note(v, "(bank0 is empty: nothing boots)");
        return;
    }
    check_digest(&u->a, digest);
    if (v->as_json) {
        view_part(v, "image");
    }
    view_version(v, "version", u->a.m.version);
    view_number(v, "image_slot", u->a.e.kid);
    view_number(v, "sec_ctr", u->a.m.sec_ctr);
    view_number(v, "length", u->a.m.length);
    view_hex(v, "digest", digest, sizeof digest);
    if (v->as_json) {
        view_part_end(v);
    }
    view_address(v, "floor", unit_floor(u));
}

void unit_show(struct view *v, struct unit *u)
{
    show_identity(v, u);
    show_slots(v, u);
    show_image(v, u);
}
