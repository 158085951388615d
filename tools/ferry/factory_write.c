/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which files `ferry factory` leaves: all of them or none, and never over one of
 * its inputs. */
#include <stdio.h>
#include <string.h>

#include "factory.h"
#include "file.h"
#include "say.h"

#define FILES 4 /* hex, flat image, private key, public key */

/* ---- names ----------------------------------------------------------------------- */

static int check_name(const struct args *a, const char *path)
{
    static const unsigned inputs[] = {MAP, ARTIFACT, DEVICE_KEY};

    for (unsigned i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        const char *input = a->value[inputs[i]];
        if (input != NULL && (file_same(path, input) || strcmp(path, input) == 0)) {
            return refuse("cannot write %s: it is one of the inputs", path);
        }
    }
    for (unsigned i = 0; i < a->again_len; i++) {
        const char *equals = strchr(a->again[i], '=');
        if (equals != NULL && file_same(path, equals + 1)) {
            return refuse("cannot write %s: it is one of the inputs", path);
        }
    }
    return DONE;
}

int factory_names(const struct args *a)
{
    const char *hex = a->value[OUT], *bin = a->value[BIN];
    int code = DONE;

    if (hex != NULL) {
        code = check_name(a, hex);
    }
    if (code == DONE && bin != NULL) {
        code = check_name(a, bin);
    }
    if (code == DONE && hex != NULL && bin != NULL &&
        (strcmp(hex, bin) == 0 || file_same(hex, bin))) {
        code = refuse("cannot write %s: --output and --bin are one file", hex);
    }
    return code;
}

/* ---- files ----------------------------------------------------------------------- */

static int begin_key(const struct factory_key *k, const char *path,
                     struct pending files[2])
{
    char pem[KEY_PEM_MAX];
    int code = DONE;

    if (k->made) {
        key_private_pem(&k->key, pem);
        code = file_begin(&files[0], path, 0600, pem, strlen(pem));
    }
    if (code == DONE && k->public_path != NULL) {
        key_public_pem(&k->key, pem);
        code = file_begin(&files[1], k->public_path, 0644, pem, strlen(pem));
    }
    sodium_memzero(pem, sizeof pem);
    return code;
}

/* The last look before anything gets its name: would this device boot it? */
static int look_again(const struct unit *u, const struct bytes *flash)
{
    struct unit again;

    unit_init(&again, u->board);
    int code = unit_find(&again, flash, "the flash made", "bank0 of the flash made");
    unit_free(&again);
    return code;
}

static int begin_all(const struct args *a, const struct unit *u,
                     const struct factory_key *k, struct pending files[FILES])
{
    struct bytes flash = {0}, hex = {0};
    int code = unit_burn(u, &flash);

    if (code == DONE) {
        code = look_again(u, &flash);
    }
    if (code == DONE) {
        code = unit_hex(u, &flash, &hex);
    }
    if (code == DONE) {
        code = begin_key(k, a->value[DEVICE_KEY], files);
    }
    if (code == DONE && a->value[OUT] != NULL) {
        code = file_begin(&files[2], a->value[OUT], 0644, hex.at, hex.len);
    }
    if (code == DONE && a->value[BIN] != NULL) {
        code = file_begin(&files[3], a->value[BIN], 0644, flash.at, flash.len);
    }
    bytes_free(&flash);
    bytes_free(&hex);
    return code;
}

int factory_write(const struct args *a, struct unit *u, const struct factory_key *k)
{
    struct pending files[FILES];

    memset(files, 0, sizeof files);
    return file_settle(files, FILES, begin_all(a, u, k, files));
}

/* ---- what was made --------------------------------------------------------------- */

void factory_report(const struct args *a, struct unit *u, const struct factory_key *k)
{
    struct view v = {.as_json = a->value[JSON] != NULL};
    const char *hex = a->value[OUT], *bin = a->value[BIN];

    view_begin(&v, hex != NULL ? hex : bin);
    if (hex != NULL && bin != NULL) {
        view_text(&v, "bin", bin);
    }
    unit_show(&v, u);
    if (k->public_path != NULL) {
        view_hex(&v, "device_key", k->key.public, sizeof k->key.public);
        view_text(&v, "device_key_file", a->value[DEVICE_KEY]);
        view_bool(&v, "device_key_made", k->made);
    } else {
        view_absent(&v, "device_key");
        view_note(&v, "(no device key: its statements cannot be checked)");
    }
    view_end(&v);
}
