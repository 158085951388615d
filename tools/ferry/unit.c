/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows where the factory's bytes stand in flash, and what speaks against an image in
 * bank 0 of this device. The layout of the identity block and the rules are the
 * engine's. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "hex.h"
#include "say.h"
#include "verdict.h"

#define RUNS 4 /* identity block, envelope, block table, image */

void unit_init(struct unit *u, const struct board *board)
{
    memset(u, 0, sizeof *u);
    u->board = board;
    u->identity.keys = u->keys;
}

void unit_free(struct unit *u)
{
    bytes_free(&u->file);
}

/* ---- may it boot? ---------------------------------------------------------------- */

uint32_t unit_floor(const struct unit *u)
{
    uint32_t slot = u->a.e.kid == FERRY_SLOT_RECOVERY ? 0 : u->a.e.kid;

    return u->has_image ? slot << 24 | u->a.m.sec_ctr : 0;
}

/* As an offer to a device that runs nothing yet, from bank 1. */
int unit_judge(struct unit *u, uint32_t floor)
{
    struct ferry_boot_state now = {
        .active_bank = 1,
        .slot = FERRY_KEY_SLOTS,
        .version = UINT32_MAX,
        .floor = floor,
    };
    struct ferry_policy policy = {&u->identity, &now, &u->board->map};
    int code = check_artifact(&u->a, u->keys);

    return code == DONE ? verdict(&u->a, &policy, u->board) : code;
}

/* ---- into flash ------------------------------------------------------------------ */

static uint8_t *at(const struct unit *u, const struct bytes *flash, uint32_t addr)
{
    return flash->at + (addr - u->board->flash.addr);
}

static void put(const struct unit *u, const struct bytes *flash, uint32_t addr,
                const uint8_t *bytes, size_t len)
{
    memcpy(at(u, flash, addr), bytes, len);
}

int unit_burn(const struct unit *u, struct bytes *flash)
{
    const struct ferry_map *map = &u->board->map;
    uint32_t bank = map->bank[0].addr;
    uint8_t block[FERRY_IDENTITY_LEN];
    int code = bytes_new(flash, 0, u->board->flash.len);

    if (code != DONE) {
        return code;
    }
    memset(flash->at, (int)u->board->erased, flash->len);
    ferry_identity_make(&u->identity, map, block);
    put(u, flash, u->board->identity, block, sizeof block);
    if (u->has_image) {
        const struct artifact *a = &u->a;
        put(u, flash, bank, a->env, a->env_len);
        put(u, flash, bank + FERRY_TABLE_OFF, a->env + a->table_at, a->table_len);
        put(u, flash, bank + map->header_len, a->env + a->image_at, a->image_len);
    }
    return DONE;
}

int unit_hex(const struct unit *u, const struct bytes *flash, struct bytes *text)
{
    const struct ferry_map *map = &u->board->map;
    uint32_t bank = map->bank[0].addr, unit = u->board->write_unit;
    struct hex_run runs[RUNS] = {
        {.addr = u->board->identity, .len = FERRY_IDENTITY_LEN}};
    unsigned n = 1;

    if (u->has_image) {
        const struct hex_run image[RUNS - 1] = {
            {.addr = bank, .len = (uint32_t)u->a.env_len},
            {.addr = bank + FERRY_TABLE_OFF, .len = (uint32_t)u->a.table_len},
            {.addr = bank + map->header_len, .len = (uint32_t)u->a.image_len},
        };
        bool identity_first = u->board->identity < bank;
        runs[identity_first ? 0 : RUNS - 1] = runs[0];
        memcpy(runs + identity_first, image, sizeof image);
        n = RUNS;
    }
    for (unsigned i = 0; i < n; i++) {
        runs[i].bytes = at(u, flash, runs[i].addr);
        runs[i].len = (runs[i].len + unit - 1) / unit * unit;
    }
    return hex_make(text, runs, n);
}

/* ---- out of flash ---------------------------------------------------------------- */

static bool blank(const struct unit *u, const struct bytes *flash, uint32_t addr,
                  uint32_t len)
{
    const uint8_t *p = at(u, flash, addr);

    for (uint32_t i = 0; i < len; i++) {
        if (p[i] != u->board->erased) {
            return false;
        }
    }
    return true;
}

static int compare(const struct unit *u, const char *path, const char *key,
                   const uint32_t *found, const uint32_t *want, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (found[i] != want[i]) {
            return refuse("%s: the identity block has 0x%x for %s, and %s 0x%x", path,
                          (unsigned)found[i], key, u->board->path, (unsigned)want[i]);
        }
    }
    return DONE;
}

/* The block's own map, against the one that was given. */
static int compare_maps(const struct unit *u, const char *path,
                        const struct ferry_map *found)
{
    const struct ferry_map *want = &u->board->map;
    const struct {
        const char *key;
        const uint32_t *found, *want;
        unsigned n;
    } rows[] = {
        {"bank0", &found->bank[0].addr, &want->bank[0].addr, 1},
        {"bank0's length", &found->bank[0].len, &want->bank[0].len, 1},
        {"bank1", &found->bank[1].addr, &want->bank[1].addr, 1},
        {"bank1's length", &found->bank[1].len, &want->bank[1].len, 1},
        {"link0", &found->link[0], &want->link[0], 1},
        {"link1", &found->link[1], &want->link[1], 1},
        {"header_len", &found->header_len, &want->header_len, 1},
        {"boot_journal", found->boot_journal, want->boot_journal, 2},
        {"app_journal", found->app_journal, want->app_journal, 2},
    };
    int code = DONE;

    for (unsigned i = 0; code == DONE && i < sizeof rows / sizeof *rows; i++) {
        code = compare(u, path, rows[i].key, rows[i].found, rows[i].want, rows[i].n);
    }
    return code;
}

static int find_identity(struct unit *u, const struct bytes *flash, const char *path)
{
    uint32_t addr = u->board->identity;
    const uint8_t *block = at(u, flash, addr);
    struct ferry_map map;

    if (blank(u, flash, addr, FERRY_IDENTITY_LEN)) {
        return refuse("%s: no identity block at 0x%08x: it is erased", path,
                      (unsigned)addr);
    }
    if (ferry_identity_open(&u->identity, &map, block) != 0) {
        return refuse("%s: no identity block at 0x%08x: other bytes, or its CRC does "
                      "not match",
                      path, (unsigned)addr);
    }
    memcpy(u->keys, u->identity.keys, sizeof u->keys);
    u->identity.keys = u->keys;
    return compare_maps(u, path, &map);
}

/* How much of bank 0's header and image there is to gather, as the bank itself says it:
 * the envelope alone, if what it says cannot be. */
static uint32_t said_length(const struct unit *u, const uint8_t *env, size_t env_len)
{
    struct ferry_envelope e;
    struct ferry_manifest m;
    bool good =
        ferry_envelope_open(&e, env, env_len) == 0 &&
        ferry_manifest_parse(&m, e.payload, e.payload_len, FERRY_READER_DEVICE) == 0 &&
        m.length <= map_image_room(u->board, 0);

    return good ? m.length : 0;
}

/* Bank 0, as the artifact it was made from. */
static int find_image(struct unit *u, const struct bytes *flash, const char *path)
{
    const struct ferry_map *map = &u->board->map;
    const uint8_t *bank = at(u, flash, map->bank[0].addr);
    size_t env_len = ferry_envelope_len(bank);

    env_len = env_len != 0 ? env_len : FERRY_ENVELOPE_HEAD;
    uint32_t length = said_length(u, bank, env_len);
    uint32_t table = ferry_table_len(length);
    int code = bytes_new(&u->file, FERRY_TBS_SPARE, env_len + table + length);
    if (code == DONE) {
        memcpy(u->file.at, bank, env_len);
        memcpy(u->file.at + env_len, bank + FERRY_TABLE_OFF, table);
        memcpy(u->file.at + env_len + table, bank + map->header_len, length);
        code = artifact_open(&u->a, path, &u->file);
    }
    return code;
}

int unit_find(struct unit *u, const struct bytes *flash, const char *path,
              const char *bank)
{
    const struct board *board = u->board;
    const struct ferry_map *map = &board->map;
    uint32_t unit = board->erase_unit;

    if (flash->len != board->flash.len) {
        return refuse("%s: %zu bytes; the flash of %s has %u", path, flash->len,
                      board->path, (unsigned)board->flash.len);
    }
    int code = find_identity(u, flash, path);
    u->boot_journal_blank = blank(u, flash, map->boot_journal[0], unit) &&
                            blank(u, flash, map->boot_journal[1], unit);
    u->app_journal_blank = blank(u, flash, map->app_journal[0], unit) &&
                           blank(u, flash, map->app_journal[1], unit);
    u->bank1_blank = blank(u, flash, map->bank[1].addr, map->bank[1].len);
    u->has_image = !blank(u, flash, map->bank[0].addr, map->bank[0].len);
    if (code == DONE && u->has_image) {
        code = find_image(u, flash, bank);
        code = code == DONE ? unit_judge(u, 0) : code;
    }
    return code;
}
