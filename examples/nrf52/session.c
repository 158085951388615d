/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a session is put together and driven over this board's UART. Does not know
 * who runs it. Ran on QEMU's nRF51 model only. */
#include "session.h"

#include "board.h"

static void on_event(void *ctx, enum ferry_event event, int err)
{
    struct session *s = ctx;
    volatile struct nrf52_status *told = NRF52_STATUS;

    s->reboot = s->reboot || event == FERRY_EVENT_REBOOT;
    told->error = err != 0 ? (uint32_t)-err : told->error;
    told->event = event;
    told->events++;
}

int session_open(struct session *s, const struct ferry_app_journal_config *cfg,
                 uint16_t seed, uint32_t now_ms)
{
    _Static_assert(sizeof s->pool >= FERRY_BOOT_ROOM, "the pool serves as scratch");

    s->journal_cfg = *cfg;
    int err = ferry_app_journal_open(&s->journal, &s->journal_cfg, (uint8_t *)s->pool,
                                     now_ms);
    s->commit = ferry_app_journal_commit(&s->journal);
    s->app = (struct ferry_app){.ctx = s, .event = on_event};
    s->device_cfg = (struct ferry_device_config){
        .identity = cfg->identity,
        .map = cfg->map,
        .flash = cfg->flash,
        .crypto = cfg->crypto,
        .commit = &s->commit,
        .app = &s->app,
        .pool = (uint8_t *)s->pool,
        .pool_len = sizeof s->pool,
        .chunk = SESSION_CHUNK,
        .session_seed = seed,
    };
    ferry_device_init(&s->device, &s->device_cfg, now_ms);
    ferry_device_link(&s->device, true, now_ms);
    return err;
}

uint32_t session_turn(struct session *s, uint32_t now_ms)
{
    uint8_t value[NRF52_UART_VALUE];
    size_t len;

    while ((len = nrf52_uart_read(value, sizeof value)) > 0) {
        ferry_device_input(&s->device, value, len, now_ms);
    }
    while (nrf52_uart_ready() &&
           (len = ferry_device_output(&s->device, value, sizeof value, now_ms)) > 0) {
        nrf52_uart_send(value, len);
    }
    uint32_t wait = ferry_device_deadline(&s->device, now_ms);
    if (wait == 0) {
        ferry_device_tick(&s->device, now_ms); /* there may be something to say now */
    }
    NRF52_STATUS->state = ferry_device_state(&s->device);
    return wait;
}
