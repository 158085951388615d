/* SPDX-License-Identifier: Apache-2.0
 *
 * A board map of any text. One that is taken is one that an engine can work with, and
 * its places lie in flash and apart; written out again it is read as the same. */
#include "captured.h"

#include <stdio.h>
#include <string.h>

#include "ferry/device.h"
#include "map.h"

#define TEXT_MAX 2048U
#define PLACES_MAX (3U + 4U + MAP_RESERVED_MAX)

static int load(struct board *b, const void *text, size_t len)
{
    static struct captured said;
    const char *path = captured_file(text, len);

    captured_begin(&said);
    int code = map_load(b, path);
    captured_end(&said);
    captured_manners(&said, code, 1);
    return code;
}

/* ---- what a map is good for ------------------------------------------------------ */

static int none(void *ctx, uint32_t addr)
{
    (void)ctx;
    (void)addr;
    return -1;
}

static int no_write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    (void)ctx;
    (void)addr;
    (void)buf;
    (void)len;
    return -1;
}

static int no_read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    (void)ctx;
    (void)addr;
    (void)buf;
    (void)len;
    return -1;
}

static void an_engine_works_with(const struct board *b)
{
    static uint32_t pool[3 * FERRY_DEVICE_SLOT(128) / 4];
    const struct ferry_flash flash = {.erase_unit = b->erase_unit,
                                      .write_unit = (uint8_t)b->write_unit,
                                      .erased = (uint8_t)b->erased,
                                      .erase = none,
                                      .write = no_write,
                                      .read = no_read};
    const struct ferry_device_config cfg = {.map = &b->map,
                                            .flash = &flash,
                                            .pool = (uint8_t *)pool,
                                            .pool_len = sizeof pool,
                                            .chunk = 128};

    expect(ferry_device_config_check(&cfg) == 0, "a device can have this map");
}

/* ---- places ---------------------------------------------------------------------- */

static unsigned places(const struct board *b, struct ferry_area all[PLACES_MAX])
{
    const uint32_t *units[] = {b->map.boot_journal, b->map.app_journal};
    unsigned n = 0;

    all[n++] = b->map.bank[0];
    all[n++] = b->map.bank[1];
    all[n++] = (struct ferry_area){b->identity, FERRY_IDENTITY_LEN};
    for (unsigned i = 0; i < 4; i++) {
        all[n++] = (struct ferry_area){units[i / 2][i % 2], b->erase_unit};
    }
    for (unsigned i = 0; i < b->reserved_len; i++) {
        all[n++] = b->reserved[i];
    }
    return n;
}

static uint64_t end(const struct ferry_area *a)
{
    return (uint64_t)a->addr + a->len;
}

static void places_are_apart(const struct board *b)
{
    struct ferry_area all[PLACES_MAX];
    unsigned n = places(b, all);

    for (unsigned i = 0; i < n; i++) {
        expect(all[i].addr >= b->flash.addr && end(&all[i]) <= end(&b->flash),
               "every place is in flash");
        expect(all[i].addr % b->erase_unit == 0, "every place begins with a unit");
        for (unsigned k = 0; k < i; k++) {
            expect(end(&all[i]) <= all[k].addr || end(&all[k]) <= all[i].addr,
                   "no two places share a byte");
        }
    }
    for (unsigned bank = 0; bank < 2; bank++) {
        uint32_t table = ferry_table_len(map_image_room(b, bank));
        expect(table <= b->map.header_len - FERRY_TABLE_OFF && table <= FERRY_BLOCK_LEN,
               "the table of the longest image has room");
    }
}

/* ---- written again --------------------------------------------------------------- */

static size_t put(char *to, size_t at, const char *key, uint32_t a, char mark,
                  uint32_t b)
{
    int n = mark == 0 ? snprintf(to + at, TEXT_MAX - at, "%s=%u\n", key, (unsigned)a)
                      : snprintf(to + at, TEXT_MAX - at, "%s=0x%x%c%u\n", key,
                                 (unsigned)a, mark, (unsigned)b);

    expect(n > 0 && at + (size_t)n < TEXT_MAX, "a map fits the page");
    return at + (size_t)n;
}

static size_t write_map(const struct board *b, char text[TEXT_MAX])
{
    const struct ferry_map *m = &b->map;
    size_t n = put(text, 0, "flash", b->flash.addr, '+', b->flash.len);

    n = put(text, n, "erase_unit", b->erase_unit, 0, 0);
    n = put(text, n, "write_unit", b->write_unit, 0, 0);
    n = put(text, n, "erased", b->erased, 0, 0);
    n = put(text, n, "identity", b->identity, 0, 0);
    n = put(text, n, "bank0", m->bank[0].addr, '+', m->bank[0].len);
    n = put(text, n, "bank1", m->bank[1].addr, '+', m->bank[1].len);
    n = put(text, n, "link0", m->link[0], 0, 0);
    n = put(text, n, "link1", m->link[1], 0, 0);
    n = put(text, n, "header_len", m->header_len, 0, 0);
    n = put(text, n, "boot_journal", m->boot_journal[0], ',', m->boot_journal[1]);
    n = put(text, n, "app_journal", m->app_journal[0], ',', m->app_journal[1]);
    for (unsigned i = 0; i < b->reserved_len; i++) {
        n = put(text, n, "reserved", b->reserved[i].addr, '+', b->reserved[i].len);
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[TEXT_MAX];
    struct board b, again;

    if (load(&b, data, size) == 0) {
        an_engine_works_with(&b);
        places_are_apart(&b);
        expect(load(&again, text, write_map(&b, text)) == 0,
               "what was written is read");
        expect(memcmp(&b, &again, sizeof b) == 0, "a map is the same again");
    }
    return 0;
}
