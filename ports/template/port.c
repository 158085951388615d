/* SPDX-License-Identifier: Apache-2.0
 *
 * A port to copy: every place that a product must fill in says FIXME. It compiles as it
 * is, and refuses everything. docs/PORTING.md explains each callback. */
#include "ferry/app_journal.h"
#include "ferry/device.h"

/* ---- flash ----------------------------------------------------------------------- */

static int erase(void *ctx, uint32_t addr)
{
    (void)ctx;
    (void)addr;
    return FERRY_E_FLASH; /* FIXME: erase one unit; or PENDING; or MORE after a slice */
}

static int write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    (void)ctx;
    (void)addr;
    (void)buf;
    (void)len;
    return FERRY_E_FLASH; /* FIXME: program; or PENDING, and done() later */
}

static int read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    (void)ctx;
    (void)addr;
    (void)buf;
    (void)len;
    return FERRY_E_FLASH; /* FIXME: memcpy, where flash is memory */
}

static const struct ferry_flash flash = {
    .erase_unit = 4096, /* FIXME */
    .write_unit = 4,    /* FIXME */
    .erased = 0xFF,     /* FIXME */
    .erase = erase,
    .write = write,
    .read = read,
    .lock = NULL,     /* FIXME: the bootloader's port should have one */
    .power_ok = NULL, /* FIXME: false while the supply is too low to erase */
};

/* ---- crypto ---------------------------------------------------------------------- */

static void sha256_init(void *ctx)
{
    (void)ctx; /* FIXME */
}

static void sha256_update(void *ctx, const void *p, size_t len)
{
    (void)ctx; /* FIXME */
    (void)p;
    (void)len;
}

static void sha256_final(void *ctx, uint8_t out[32])
{
    (void)ctx; /* FIXME */
    for (unsigned i = 0; i < 32; i++) {
        out[i] = 0;
    }
}

static int verify(void *ctx, unsigned slot, const struct ferry_key *key,
                  const uint8_t *msg, size_t msg_len, const uint8_t sig[64])
{
    (void)ctx;
    (void)slot;
    (void)key;
    (void)msg;
    (void)msg_len;
    (void)sig;
    return FERRY_E_CRYPTO; /* FIXME: FERRY_VALID if and only if the signature holds */
}

static const struct ferry_crypto crypto = {
    .sha256_init = sha256_init,
    .sha256_update = sha256_update,
    .sha256_final = sha256_final,
    .verify = verify,
    .sign = NULL, /* FIXME: with the device's own key, for statements */
};

/* ---- who, where ------------------------------------------------------------------ */

#define CHUNK 128U
#define SLOTS 16U /* FIXME: 3 are enough at MTU 23; 16 give full speed at MTU 247 */

static struct ferry_handoff handoff; /* FIXME: in a section that a reset leaves alone */

static struct {
    struct ferry_identity identity;
    struct ferry_map map;
    struct ferry_app_journal_config journal_config;
    struct ferry_app_journal journal;
    struct ferry_commit commit;
    struct ferry_device_config config;
    struct ferry_device device;
    uint32_t pool[SLOTS * FERRY_DEVICE_SLOT(CHUNK) / 4];
} port;

/* FIXME: reset the chip; returns only in this template */
static void reset(void)
{
}

static void on_event(void *ctx, enum ferry_event event, int err)
{
    (void)ctx;
    (void)err; /* FIXME: tell the user, if there is a way to */
    if (event == FERRY_EVENT_REBOOT) {
        ferry_handoff_planned(&handoff);
        reset();
    }
}

static const struct ferry_app app = {.event = on_event};

int port_start(const uint8_t *identity_block, uint32_t now_ms);
int port_start(const uint8_t *identity_block, uint32_t now_ms)
{
    int err = ferry_identity_open(&port.identity, &port.map, identity_block);

    if (err != 0) {
        return err;
    }
    port.journal_config = (struct ferry_app_journal_config){
        .identity = &port.identity,
        .map = &port.map,
        .flash = &flash,
        .crypto = &crypto,
        .handoff = &handoff,
        .confirm = FERRY_CONFIRM_LINK,
    };
    err = ferry_app_journal_open(&port.journal, &port.journal_config,
                                 (uint8_t *)port.pool, now_ms);
    port.commit = ferry_app_journal_commit(&port.journal);
    port.config = (struct ferry_device_config){
        .identity = &port.identity,
        .map = &port.map,
        .flash = &flash,
        .crypto = &crypto,
        .commit = &port.commit,
        .app = &app,
        .pool = (uint8_t *)port.pool,
        .pool_len = sizeof port.pool,
        .chunk = CHUNK,
    };
    ferry_device_init(&port.device, &port.config, now_ms);
    /* FIXME: test the product; then ferry_app_journal_selftest_passed(&port.journal);
     * then the loop of examples/minimal.c. */
    return err;
}
