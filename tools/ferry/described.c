/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a description is spelled. What follows from it, the engine says. */
#include "described.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"
#include "say.h"
#include "text.h"
#include "unit.h"
#include "verdict.h"

/* ---- values ---------------------------------------------------------------------- */

static bool read_class(struct described *d, const char *text)
{
    return text_id(text, d->identity.class_id);
}

static bool read_device(struct described *d, const char *text)
{
    return text_id(text, d->identity.device_id);
}

static bool read_hw(struct described *d, const char *text)
{
    return text_number(text, UINT32_MAX, &d->identity.hw_rev);
}

static bool read_caps(struct described *d, const char *text)
{
    return text_number(text, UINT32_MAX, &d->identity.boot_caps);
}

static bool read_floor(struct described *d, const char *text)
{
    return text_number(text, UINT32_MAX, &d->now.floor);
}

static bool read_version(struct described *d, const char *text)
{
    return text_version(text, &d->now.version);
}

static bool read_slot(struct described *d, const char *text)
{
    uint32_t slot = 0;
    bool right = text_number(text, FERRY_KEY_SLOTS - 1, &slot);

    d->now.slot = (uint8_t)slot;
    return right;
}

static bool read_bank(struct described *d, const char *text)
{
    uint32_t bank = 0;
    bool right = text_number(text, 1, &bank);

    d->now.active_bank = (uint8_t)bank;
    return right;
}

static bool read_digest(struct described *d, const char *text)
{
    size_t len = 0;

    return sodium_hex2bin(d->now.digest, sizeof d->now.digest, text, strlen(text), NULL,
                          &len, NULL) == 0 &&
           len == sizeof d->now.digest;
}

/* "0:1.2.4" */
static bool read_tombstone(struct described *d, const char *text)
{
    d->now.tombstone = true;
    d->now.tombstone_slot = (uint8_t)(*text - '0');
    return *text >= '0' && *text < '0' + (int)FERRY_KEY_SLOTS && text[1] == ':' &&
           text_version(text + 2, &d->now.tombstone_version);
}

static bool read_map(struct described *d, const char *text)
{
    d->map_path = file_beside(d->path, text);
    return d->map_path != NULL;
}

/* ---- keys ------------------------------------------------------------------------ */

static const struct row {
    const char *key;
    bool required;
    bool (*read)(struct described *d, const char *text);
    const char *form;
} rows[] = {
    {"class", true, read_class, "a UUID, nor 32 hexadecimal digits"},
    {"device", false, read_device, "a UUID, nor 32 hexadecimal digits"},
    {"hw", true, read_hw, "a number 0..4294967295"},
    {"boot-caps", false, read_caps, "a 32-bit number, decimal or 0x..."},
    {"map", true, read_map, "the name of a board map"},
    {"version", true, read_version, "X.Y.Z with X, Y <= 255 and Z <= 65535"},
    {"slot", true, read_slot, "a key slot, 0..7"},
    {"floor", true, read_floor, "a 32-bit number, decimal or 0x..."},
    {"bank", true, read_bank, "0 or 1"},
    {"digest", false, read_digest, "64 hexadecimal digits"},
    {"tombstone", false, read_tombstone, "SLOT:X.Y.Z"},
};
enum { ROWS = sizeof rows / sizeof *rows };

/* The file, as far as it was read. */
struct reading {
    struct described *d;
    bool given[ROWS];
};

static int take(void *ctx, const struct line *line)
{
    struct reading *r = ctx;
    unsigned i = 0;

    while (i < ROWS && strcmp(rows[i].key, line->key) != 0) {
        i++;
    }
    if (i == ROWS || line->value == NULL) {
        return refuse("%s: line %u: no such key: '%s'", line->path, line->number,
                      line->key);
    }
    if (r->given[i]) {
        return refuse("%s: line %u: %s is given twice", line->path, line->number,
                      line->key);
    }
    r->given[i] = true;
    if (!rows[i].read(r->d, line->value)) {
        return refuse("%s: line %u: %s: '%s' is not %s", line->path, line->number,
                      line->key, line->value, rows[i].form);
    }
    return DONE;
}

int described_load(struct described *d, const char *path)
{
    struct reading r = {.d = d};
    struct bytes text;

    memset(d, 0, sizeof *d);
    d->path = path;
    d->identity.keys = d->keys;
    d->identity.boot_caps = UNIT_CAPS;
    int code = lines_read(&text, path, "a device's description", take, &r);
    bytes_free(&text);
    for (unsigned i = 0; code == DONE && i < ROWS; i++) {
        if (rows[i].required && !r.given[i]) {
            code = refuse("%s: %s is missing", path, rows[i].key);
        }
    }
    return code == DONE ? map_load(&d->board, d->map_path) : code;
}

int described_judge(const struct described *d, struct artifact *a)
{
    const struct ferry_policy policy = {&d->identity, &d->now, &d->board.map};

    return verdict(a, &policy, &d->board);
}

void described_free(struct described *d)
{
    free(d->map_path);
    d->map_path = NULL;
}
