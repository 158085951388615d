/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes what the chip leaves the factory with, and the releases that come to it later:
 * toy signatures (tests/sim/release.h), real hashes. An image is what the linker made,
 * and then bytes that tell one release from every other. Does not know the chip's code.
 *
 * usage: cut-goods DIR RELEASES; reads DIR/image-0.bin and image-1.bin, one a bank */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ferry/boot.h"
#include "file.h"
#include "places.h"
#include "release.h"
#include "rng.h"

#define IMAGE_LEN 2048U /* at least two erase units, and four blocks */
#define PATH_LEN 512U

static char path[PATH_LEN];

static const char *in(const char *dir, const char *format, unsigned i)
{
    int n = snprintf(path, sizeof path, "%s/", dir);

    snprintf(path + n, sizeof path - (size_t)n, format, i);
    return path;
}

static void need(int status, const char *what)
{
    if (status != 0) {
        perror(what);
        exit(1);
    }
}

/* ---- releases -------------------------------------------------------------------- */

static void fill(uint8_t *image, size_t from, unsigned release)
{
    uint64_t rng = 0xC07F1E55ULL + release;

    for (size_t i = from; i < IMAGE_LEN; i++) {
        image[i] = (uint8_t)(rng_next(&rng) >> 32);
    }
}

/* Release n follows n - 1 into the other bank. Returns the artifact's length. */
static size_t make(const char *dir, unsigned n, uint8_t *artifact)
{
    uint8_t image[IMAGE_LEN];
    struct release r;
    size_t len = 0;

    need(ferry_file_load(in(dir, "image-%u.bin", n % 2), image, sizeof image, &len),
         path);
    fill(image, len, n);
    release_default(&r);
    r.version = 0x01000000U + (n << 16);
    r.sec_ctr = 5 + n;
    r.link = CUT_LINK(n % 2);
    r.toy = true;
    return release_make(&r, image, sizeof image, artifact);
}

/* ---- the factory ----------------------------------------------------------------- */

static const struct ferry_map map = {
    .bank = {{CUT_BANK(0), CUT_BANK_LEN}, {CUT_BANK(1), CUT_BANK_LEN}},
    .link = {CUT_LINK(0), CUT_LINK(1)},
    .header_len = CUT_HEADER_LEN,
    .boot_journal = {CUT_BOOT_JOURNAL, CUT_BOOT_JOURNAL + CUT_ERASE_UNIT},
    .app_journal = {CUT_APP_JOURNAL, CUT_APP_JOURNAL + CUT_ERASE_UNIT},
};

static uint8_t *at(uint8_t *flash, uint32_t addr)
{
    return flash + (addr - CUT_BASE);
}

static void put_identity(uint8_t *flash)
{
    struct ferry_key keys[FERRY_KEY_SLOTS];
    struct ferry_identity id;
    struct release r;

    release_keys(keys);
    release_default(&r);
    memset(&id, 0, sizeof id);
    memcpy(id.class_id, r.class_id, sizeof id.class_id);
    memset(id.device_id, 0xD5, sizeof id.device_id);
    id.hw_rev = r.hw_min;
    id.boot_caps = FERRY_CAP_EDDSA | FERRY_CAP_KEY_DEVICE;
    id.keys = keys;
    ferry_identity_make(&id, &map, at(flash, CUT_IDENTITY));
}

static void put_release(uint8_t *bank, const uint8_t *artifact, size_t len)
{
    size_t env_len = ferry_envelope_len(artifact);
    size_t table_len = len - env_len - IMAGE_LEN;

    memcpy(bank, artifact, env_len);
    memcpy(bank + FERRY_TABLE_OFF, artifact + env_len, table_len);
    memcpy(bank + CUT_HEADER_LEN, artifact + len - IMAGE_LEN, IMAGE_LEN);
}

static void tell_layout(void)
{
    printf("{\"base\": %u, \"end\": %u, \"erase_unit\": %u, \"link\": [%u, %u], "
           "\"image_len\": %u, \"boot_journal\": %u, \"app_journal\": %u, "
           "\"banks\": [%u, %u], \"bank_len\": %u}\n",
           CUT_BASE, CUT_END, CUT_ERASE_UNIT, CUT_LINK(0), CUT_LINK(1), IMAGE_LEN,
           CUT_BOOT_JOURNAL, CUT_APP_JOURNAL, CUT_BANK(0), CUT_BANK(1), CUT_BANK_LEN);
}

int main(int argc, char **argv)
{
    static uint8_t artifact[4096], flash[CUT_END - CUT_BASE];
    unsigned releases = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;

    if (releases == 0 || sodium_init() < 0) {
        fprintf(stderr, "usage: cut-goods DIR RELEASES\n");
        return 2;
    }
    memset(flash, 0xFF, sizeof flash);
    for (unsigned n = 0; n < releases; n++) {
        size_t len = make(argv[1], n, artifact);
        need(ferry_file_save(in(argv[1], "%u.ferry", n), artifact, len), path);
        if (n == 0) {
            put_release(at(flash, CUT_BANK(0)), artifact, len);
        }
    }
    put_identity(flash);
    memset(at(flash, CUT_POINTER), 0, 4); /* careless.c: bank 0 */
    need(ferry_file_save(in(argv[1], "factory.bin", 0), flash, sizeof flash), path);
    tell_layout();
    return 0;
}
