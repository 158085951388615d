/* SPDX-License-Identifier: Apache-2.0
 *
 * The flash of a device as it leaves the factory, or nearly so: the input says who the
 * device is, and which bytes of its flash are others. What the ferry tool finds in it
 * and finds good is burned again as the same bytes; what it shows is JSON. */
#include "captured.h"

#include <string.h>

#include "release.h"
#include "unit.h"

#define IMAGE_LEN 1536U
#define PATCHES_MAX 64U

/* An nRF52 in small. */
static const struct board board = {
    .path = "board.map",
    .flash = {0x1000, 0x3800},
    .erase_unit = 512,
    .write_unit = 4,
    .erased = 0xFF,
    .identity = 0x1000,
    .map = {.bank = {{0x2000, 0x1000}, {0x3000, 0x1000}},
            .link = {0x2400, 0x3400},
            .header_len = 1024,
            .boot_journal = {0x1800, 0x1A00},
            .app_journal = {0x1C00, 0x1E00}},
};

static uint8_t signed_file[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX + 64 + IMAGE_LEN];

static size_t make_artifact(void)
{
    uint8_t image[IMAGE_LEN];
    struct release r;

    release_default(&r);
    r.link = board.map.link[0];
    memset(image, 0x3C, sizeof image);
    return release_make(&r, image, sizeof image, signed_file + FERRY_TBS_SPARE);
}

static void flip(uint8_t *bytes, size_t len, struct fuzz_input *in)
{
    uint8_t *at = bytes + fuzz_below(in, (uint32_t)len);

    *at ^= fuzz_byte(in);
}

/* Who it is: nearly the one that the image is for. */
static void identify(struct unit *u, struct fuzz_input *in)
{
    struct release r;

    release_default(&r);
    release_keys(u->keys);
    memcpy(u->identity.class_id, r.class_id, sizeof r.class_id);
    u->identity.hw_rev = 2 + fuzz_below(in, 8) % 5;
    u->identity.boot_caps = fuzz_below(in, 4) == 1 ? 0 : UNIT_CAPS;
    u->identity.class_id[15] ^= fuzz_below(in, 4) == 1;
    flip(u->identity.device_id, sizeof u->identity.device_id, in);
    flip(u->keys[fuzz_below(in, FERRY_KEY_SLOTS)].key, sizeof u->keys[0].key, in);
}

/* Its flash, as the factory writes it. */
static void burn(struct fuzz_input *in, struct bytes *flash)
{
    static size_t len;
    struct unit u;
    struct bytes file = {.at = signed_file + FERRY_TBS_SPARE};

    len = len > 0 ? len : make_artifact();
    file.len = len;
    unit_init(&u, &board);
    identify(&u, in);
    u.has_image = fuzz_below(in, 4) != 1;
    int code = artifact_open(&u.a, "a.ferry", &file);
    code = code == 0 ? artifact_parse(&u.a) : code;
    code = code == 0 ? unit_burn(&u, flash) : code;
    expect(code == 0, "a sound artifact can be burned");
}

static void patch(struct fuzz_input *in, const struct bytes *flash)
{
    for (unsigned n = 0; in->left > 0 && n < PATCHES_MAX; n++) {
        flip(flash->at, flash->len, in);
    }
}

static void same(const struct bytes *x, const struct bytes *y, uint32_t addr,
                 size_t len)
{
    uint32_t at = addr - board.flash.addr;

    expect(memcmp(x->at + at, y->at + at, len) == 0, "what was found is burned again");
}

static void burned_again(const struct unit *u, const struct bytes *flash)
{
    const struct ferry_map *map = &board.map;
    struct bytes again, text;

    expect(unit_burn(u, &again) == 0, "what was found can be burned");
    same(flash, &again, board.identity, FERRY_IDENTITY_LEN);
    if (u->has_image) {
        same(flash, &again, map->bank[0].addr, u->a.env_len);
        same(flash, &again, map->bank[0].addr + FERRY_TABLE_OFF, u->a.table_len);
        same(flash, &again, map->bank[0].addr + map->header_len, u->a.image_len);
    }
    expect(unit_hex(u, &again, &text) == 0, "and written as HEX");
    bytes_free(&text);
    bytes_free(&again);
}

/* An input of zeros, or none, alters nothing. */
static bool altered(const uint8_t *data, size_t size)
{
    while (size > 0 && data[size - 1] == 0) {
        size--;
    }
    return size > 0;
}

static void shown(struct unit *u)
{
    static struct captured said;
    struct view v = {.as_json = true};

    captured_begin(&said);
    view_begin(&v, "flash.bin");
    unit_show(&v, u);
    view_end(&v);
    captured_end(&said);
    captured_json(&said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct captured said;
    struct fuzz_input in = {data, size};
    struct bytes flash;
    struct unit u;

    burn(&in, &flash);
    patch(&in, &flash);
    unit_init(&u, &board);
    captured_begin(&said);
    int code = unit_find(&u, &flash, "flash.bin", "flash.bin: bank0");
    captured_end(&said);
    captured_manners(&said, code, 1);
    expect(code == 0 || altered(data, size), "what the factory burns is found good");
    if (code == 0) {
        burned_again(&u, &flash);
        shown(&u);
    }
    unit_free(&u);
    bytes_free(&flash);
    return 0;
}
