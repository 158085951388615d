/* SPDX-License-Identifier: Apache-2.0
 *
 * A device that boots nothing and burns nothing, asked by a script: values and time go
 * in, what it says comes out. Its signatures hold as the script says. Knows the
 * device's configuration; does not know what is being tried. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto_sodium.h"
#include "judge.h"

#define ERASE_UNIT 4096U
#define FLASH_LEN 0x8000U /* from the staging bank's start; behind it all is erased */
#define CHUNK 128U
#define SLOTS 16U
#define STEPS_MAX 2000U

static struct {
    uint8_t block[FERRY_IDENTITY_LEN];
    struct ferry_identity identity;
    struct ferry_map map;
    struct ferry_boot_state state;
    bool known;
    uint16_t seed;
} is;

static struct {
    struct ferry_sodium sodium;
    struct ferry_crypto crypto;
    uint32_t signature, silent_flash;
    uint8_t flash[FLASH_LEN];
    unsigned calls, commits;
    struct ferry_device device;
    uint32_t now;
    bool said;
} on;

/* ---- what it is made of ---------------------------------------------------------- */

static uint32_t staging_off(uint32_t addr)
{
    return addr - is.map.bank[is.state.active_bank ^ 1U].addr;
}

static int flash_erase(void *ctx, uint32_t addr)
{
    uint32_t off = staging_off(addr);

    (void)ctx;
    on.calls++;
    if (off < FLASH_LEN) {
        memset(on.flash + off, 0xFF, ERASE_UNIT);
    }
    return on.silent_flash ? FERRY_PENDING : 0;
}

static int flash_write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    uint32_t off = staging_off(addr);

    (void)ctx;
    on.calls++;
    if (off > FLASH_LEN - len) {
        return -1;
    }
    memcpy(on.flash + off, buf, len);
    return 0;
}

static int flash_read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    (void)ctx;
    memset(buf, 0xFF, len);
    for (uint32_t i = 0, off = staging_off(addr); i < len && off + i < FLASH_LEN; i++) {
        ((uint8_t *)buf)[i] = on.flash[off + i];
    }
    return 0;
}

static const struct ferry_flash flash = {.erase_unit = ERASE_UNIT,
                                         .write_unit = 4,
                                         .erased = 0xFF,
                                         .erase = flash_erase,
                                         .write = flash_write,
                                         .read = flash_read};

static int verify(void *ctx, unsigned slot, const struct ferry_key *key,
                  const uint8_t *msg, size_t len, const uint8_t sig[64])
{
    switch (on.signature) {
    case 0:
        return 0;
    case 1:
        return FERRY_VALID;
    case 2:
        return FERRY_PENDING;
    default:
        return ferry_sodium_crypto(&on.sodium).verify(ctx, slot, key, msg, len, sig);
    }
}

static const struct ferry_boot_state *state(void *ctx)
{
    (void)ctx;
    return is.known ? &is.state : NULL;
}

static int request(void *ctx, const struct ferry_ticket *t)
{
    (void)ctx;
    on.commits += ferry_ticket_holds(t);
    return 0;
}

static const struct ferry_commit commit = {.state = state, .request = request};

/* ---- the description ------------------------------------------------------------- */

static void need(bool right, const char *what)
{
    if (!right) {
        fprintf(stderr, "judge: %s\n", what);
        exit(2);
    }
}

void judge_device(void)
{
    struct ferry_boot_state *s = &is.state;

    memset(s, 0, sizeof *s);
    judge_unhex(judge_word(), is.block, sizeof is.block);
    need(ferry_identity_open(&is.identity, &is.map, is.block) == 0,
         "no identity block");
    is.known = judge_number() != 0;
    s->active_bank = (uint8_t)judge_number();
    s->slot = (uint8_t)judge_number();
    s->version = judge_number();
    judge_unhex(judge_word(), s->digest, sizeof s->digest);
    judge_unhex(judge_word(), s->image_hash, sizeof s->image_hash);
    s->floor = judge_number();
    s->tombstone = judge_number() != 0;
    s->tombstone_slot = (uint8_t)judge_number();
    s->tombstone_version = judge_number();
    s->trial = judge_number() != 0;
    s->committed = judge_number() != 0;
    s->begins = (uint8_t)judge_number();
    is.seed = (uint16_t)judge_number();
}

/* ---- the script ------------------------------------------------------------------ */

static void listen(void)
{
    uint8_t value[244];
    size_t len;

    while ((len = ferry_device_output(&on.device, value, sizeof value, on.now)) > 0) {
        judge_hex(value, len);
        on.said = true;
    }
}

static void work(void)
{
    unsigned steps = 0;

    listen();
    while (ferry_device_deadline(&on.device, on.now) == 0 && steps++ < STEPS_MAX) {
        ferry_device_tick(&on.device, on.now);
        listen();
    }
}

static void play(void)
{
    uint8_t value[1024];
    const char *word;

    while ((word = judge_word()) != NULL) {
        if (word[0] == '+') {
            on.now += (uint32_t)strtoul(word + 1, NULL, 10);
        } else {
            size_t len = judge_unhex(word, value, sizeof value);
            ferry_device_input(&on.device, value, len, on.now);
        }
        work();
    }
}

void judge_session(void)
{
    static _Alignas(4) uint8_t pool[SLOTS * FERRY_DEVICE_SLOT(CHUNK)];
    const struct ferry_device_config cfg = {.identity = &is.identity,
                                            .map = &is.map,
                                            .flash = &flash,
                                            .crypto = &on.crypto,
                                            .commit = &commit,
                                            .pool = pool,
                                            .pool_len = sizeof pool,
                                            .chunk = CHUNK,
                                            .session_seed = is.seed};

    on.crypto = ferry_sodium_crypto(&on.sodium);
    on.crypto.verify = verify;
    on.signature = judge_number();
    on.silent_flash = judge_number() == 0;
    on.calls = on.commits = 0;
    on.said = false;
    memset(on.flash, 0xFF, sizeof on.flash);
    need(ferry_device_config_check(&cfg) == 0, "a device that cannot work");
    ferry_device_init(&on.device, &cfg, on.now);
    ferry_device_link(&on.device, true, on.now);
    play();
    printf("%s %u %u\n", on.said ? "" : "-", on.calls, on.commits);
}
