/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a session is put together and driven over this board's UART. Does not know
 * who runs it. Ran on QEMU's nRF51 model only. */
#include "session.h"

#include "board.h"
#include "ferry/device.h"
#include "noise.h"

#define CHUNK 128U
#define CHUNKS 16U

struct ferry_app_journal session_journal;
bool session_reboot;

/* The UART was busy when it was last asked: there may be more to say. */
static bool unsaid;

static struct ferry_device device;
static struct ferry_commit commit;
static uint32_t pool[CHUNKS * FERRY_DEVICE_SLOT(CHUNK) / 4U];

_Static_assert(sizeof pool >= FERRY_BOOT_ROOM, "the pool serves as scratch at first");

static void on_event(void *ctx, enum ferry_event event, int err)
{
    volatile struct nrf52_status *told = NRF52_STATUS;

    (void)ctx;
    session_reboot = session_reboot || event == FERRY_EVENT_REBOOT;
    if (err != 0) {
        told->error = (uint32_t)-err;
    }
    told->event = event;
    told->events++;
}

static const struct ferry_app app = {.event = on_event};

static struct ferry_device_config device_cfg = {
    .identity = &board.id,
    .map = &board.map,
    .flash = &board.flash,
    .crypto = &board.crypto,
    .commit = &commit,
    .app = &app,
    .pool = (uint8_t *)pool,
    .pool_len = sizeof pool,
    .chunk = CHUNK,
};

int session_open(const struct ferry_app_journal_config *cfg,
                 struct ferry_commit (*as)(struct ferry_app_journal *j),
                 uint32_t now_ms)
{
    int err = ferry_app_journal_open(&session_journal, cfg, (uint8_t *)pool, now_ms);

    commit = as(&session_journal);
    device_cfg.session_seed = nrf52_noise();
    ferry_device_init(&device, &device_cfg, now_ms);
    return err;
}

const struct ferry_boot_state *session_runs(void)
{
    return commit.state(commit.ctx);
}

bool session_awake(void)
{
    return nrf52_uart_heard() || (unsaid && nrf52_uart_ready());
}

uint32_t session_turn(uint32_t now_ms)
{
    uint8_t value[NRF52_UART_VALUE];
    size_t len;

    while ((len = nrf52_uart_read(value, sizeof value)) > 0) {
        ferry_device_input(&device, value, len, now_ms);
    }
    unsaid = !nrf52_uart_ready();
    while (!unsaid &&
           (len = ferry_device_output(&device, value, sizeof value, now_ms)) > 0) {
        nrf52_uart_send(value, len);
        unsaid = !nrf52_uart_ready();
    }
    uint32_t wait = ferry_device_deadline(&device, now_ms);
    if (wait == 0) {
        ferry_device_tick(&device, now_ms); /* there may be something to say now */
    }
    NRF52_STATUS->state = ferry_device_state(&device);
    return wait;
}
