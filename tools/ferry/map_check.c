/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which board maps can work: what the engine, its bootloader and a flash's erase
 * units demand. Does not know how a map is written. */
#include <stdio.h>
#include <string.h>

#include "map.h"
#include "say.h"

#define HEADER_MIN 1024U

static bool power_of_two(uint32_t n, uint32_t least, uint32_t most)
{
    return n >= least && n <= most && (n & (n - 1)) == 0;
}

static int check_units(const struct board *b)
{
    if (!power_of_two(b->erase_unit, 512, 131072)) {
        return refuse("%s: erase_unit %u: not a power of two, 512 to 131072", b->path,
                      (unsigned)b->erase_unit);
    }
    if (!power_of_two(b->write_unit, 1, 32)) {
        return refuse("%s: write_unit %u: not a power of two, 1 to 32", b->path,
                      (unsigned)b->write_unit);
    }
    if (b->erased != 0xFF && b->erased != 0x00) {
        return refuse("%s: erased 0x%02x: flash reads as 0xff or 0x00", b->path,
                      (unsigned)b->erased);
    }
    return DONE;
}

/* ---- areas ----------------------------------------------------------------------- */

struct named_area {
    const char *name;
    struct ferry_area at;
};

static uint32_t round_up(uint32_t n, uint32_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* Everything that has a place of its own. */
static unsigned list(const struct board *b, struct named_area all[MAP_AREAS_MAX])
{
    const struct ferry_map *map = &b->map;
    uint32_t unit = b->erase_unit;
    const struct named_area fixed[7] = {
        {"bank0", map->bank[0]},
        {"bank1", map->bank[1]},
        {"boot_journal's first unit", {map->boot_journal[0], unit}},
        {"boot_journal's second unit", {map->boot_journal[1], unit}},
        {"app_journal's first unit", {map->app_journal[0], unit}},
        {"app_journal's second unit", {map->app_journal[1], unit}},
        {"identity", {b->identity, round_up(FERRY_IDENTITY_LEN, unit)}},
    };

    memcpy(all, fixed, sizeof fixed);
    for (unsigned i = 0; i < b->reserved_len; i++) {
        all[7 + i].name = "reserved";
        all[7 + i].at = b->reserved[i];
    }
    return 7 + b->reserved_len;
}

static uint64_t end_of(const struct ferry_area *a)
{
    return (uint64_t)a->addr + a->len;
}

/* "0x00008000+0x38000" */
#define AREA_TEXT 24
static const char *area_text(const struct ferry_area *a, char text[AREA_TEXT])
{
    snprintf(text, AREA_TEXT, "0x%08x+0x%x", (unsigned)a->addr, (unsigned)a->len);
    return text;
}

static int check_area(const struct board *b, const struct named_area *n)
{
    char area[AREA_TEXT], flash[AREA_TEXT];

    area_text(&n->at, area);
    if (n->at.len == 0) {
        return refuse("%s: %s %s: has no length", b->path, n->name, area);
    }
    if (n->at.addr % b->erase_unit != 0 || n->at.len % b->erase_unit != 0) {
        return refuse("%s: %s %s: not whole erase units of %u bytes", b->path, n->name,
                      area, (unsigned)b->erase_unit);
    }
    if (n->at.addr < b->flash.addr || end_of(&n->at) > end_of(&b->flash)) {
        return refuse("%s: %s %s: not inside flash %s", b->path, n->name, area,
                      area_text(&b->flash, flash));
    }
    return DONE;
}

static int check_apart(const struct board *b, const struct named_area *x,
                       const struct named_area *y)
{
    char one[AREA_TEXT], other[AREA_TEXT];

    if (x->at.addr < end_of(&y->at) && y->at.addr < end_of(&x->at)) {
        return refuse("%s: %s %s and %s %s overlap", b->path, x->name,
                      area_text(&x->at, one), y->name, area_text(&y->at, other));
    }
    return DONE;
}

static int check_areas(const struct board *b)
{
    struct named_area all[MAP_AREAS_MAX];
    unsigned n = list(b, all);
    int code = DONE;

    for (unsigned i = 0; code == DONE && i < n; i++) {
        code = check_area(b, &all[i]);
    }
    for (unsigned i = 0; code == DONE && i < n; i++) {
        for (unsigned k = i + 1; code == DONE && k < n; k++) {
            code = check_apart(b, &all[i], &all[k]);
        }
    }
    return code;
}

static int check_flash(const struct board *b)
{
    char flash[AREA_TEXT];

    area_text(&b->flash, flash);
    if (b->flash.addr % b->erase_unit != 0 || b->flash.len % b->erase_unit != 0 ||
        b->flash.len == 0) {
        return refuse("%s: flash %s: not whole erase units of %u bytes", b->path, flash,
                      (unsigned)b->erase_unit);
    }
    if (b->flash.len > MAP_FLASH_MAX || end_of(&b->flash) > UINT64_C(1) << 32) {
        return refuse("%s: flash %s: longer than %u MiB, or past 32 bits", b->path,
                      flash, MAP_FLASH_MAX >> 20);
    }
    return DONE;
}

/* ---- headers --------------------------------------------------------------------- */

uint32_t map_image_room(const struct board *b, unsigned bank)
{
    return b->map.bank[bank].len - b->map.header_len;
}

/* The table is one block of the transfer, so it is never longer than that. */
static uint32_t table_room(const struct board *b)
{
    uint32_t room = b->map.header_len - FERRY_TABLE_OFF;

    return room < FERRY_BLOCK_LEN ? room : FERRY_BLOCK_LEN;
}

static int check_bank(const struct board *b, unsigned bank)
{
    uint32_t header = b->map.header_len;
    uint32_t most = table_room(b) / FERRY_BLOCK_HASH_LEN * FERRY_BLOCK_LEN;

    if (b->map.bank[bank].len <= header) {
        return refuse("%s: bank%u has 0x%x bytes, and its header takes 0x%x", b->path,
                      bank, (unsigned)b->map.bank[bank].len, (unsigned)header);
    }
    if (map_image_room(b, bank) > most) {
        return refuse("%s: bank%u is too long for its header: the block table in "
                      "header_len 0x%x describes 0x%x bytes, so bank%u can have 0x%x",
                      b->path, bank, (unsigned)header, (unsigned)most, bank,
                      (unsigned)(most + header));
    }
    return DONE;
}

static int check_headers(const struct board *b)
{
    uint32_t len = b->map.header_len;

    if (len < HEADER_MIN || len % b->erase_unit != 0) {
        return refuse("%s: header_len 0x%x: not whole erase units of %u bytes, %u or "
                      "more in all",
                      b->path, (unsigned)len, (unsigned)b->erase_unit, HEADER_MIN);
    }
    int code = check_bank(b, 0);
    return code == DONE ? check_bank(b, 1) : code;
}

int map_check(const struct board *b)
{
    int code = check_units(b);

    if (code == DONE) {
        code = check_flash(b);
    }
    if (code == DONE) {
        code = check_areas(b);
    }
    if (code == DONE) {
        code = check_headers(b);
    }
    return code;
}
