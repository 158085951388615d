/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which configurations a session can live with. Apart from the session, because a
 * device in the field has no use for it: a product's tests do. */
#include "device_in.h"

#define SLOTS_MIN 3U

static bool power_of_two(uint32_t n, uint32_t least, uint32_t most)
{
    return n >= least && n <= most && (n & (n - 1)) == 0;
}

static bool apart(struct ferry_area bank, uint32_t page, uint32_t unit)
{
    return page + unit <= bank.addr || page >= bank.addr + bank.len;
}

/* Four pages of their own; or, where another bootloader commits, all zero. */
static bool journals_fit(const struct ferry_map *map, uint32_t unit)
{
    const uint32_t page[4] = {map->boot_journal[0], map->boot_journal[1],
                              map->app_journal[0], map->app_journal[1]};
    bool right = true;

    if ((page[0] | page[1] | page[2] | page[3]) == 0) {
        return true;
    }
    for (unsigned i = 0; i < 4; i++) {
        right = right && page[i] % unit == 0 && apart(map->bank[0], page[i], unit) &&
                apart(map->bank[1], page[i], unit);
        for (unsigned k = 0; k < i; k++) {
            right = right && page[k] != page[i];
        }
    }
    return right;
}

int ferry_device_config_check(const struct ferry_device_config *cfg)
{
    const struct ferry_map *map = cfg->map;
    uint32_t unit = cfg->flash->erase_unit;
    bool right =
        (cfg->chunk == 128 || cfg->chunk == 256) && power_of_two(unit, 512, 131072) &&
        power_of_two(cfg->flash->write_unit, 1, 32) && map->header_len % unit == 0 &&
        map->header_len >= 1024 && cfg->pool_len >= FERRY_POOL_MIN &&
        cfg->pool_len >= SLOTS_MIN * FERRY_DEVICE_SLOT(cfg->chunk);

    for (unsigned i = 0; right && i < 2; i++) {
        right = map->bank[i].addr % unit == 0 && map->bank[i].len % unit == 0 &&
                map->bank[i].len > map->header_len;
    }
    right = right && journals_fit(map, unit);
    return right ? 0 : FERRY_E_ARG;
}
