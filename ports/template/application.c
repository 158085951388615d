/* SPDX-License-Identifier: Apache-2.0
 *
 * The device's application around the engine: the order of a start, and the main loop.
 * Everything that depends on chip or product is in port.h's files; the product's own work
 * goes into this loop, too. Nothing in it has to be changed. */
#include "ferry/app_journal.h"
#include "ferry/device.h"
#include "port.h"

#define CHUNK 128U
#define SLOTS 16U /* 3 are enough at MTU 23; 16 give full speed at MTU 247 */
#define HOUR_MS 3600000U

static struct {
    struct ferry_identity identity;
    struct ferry_map map;
    struct ferry_crypto crypto;
    struct ferry_app_journal_config journal_config;
    struct ferry_app_journal journal;
    struct ferry_commit commit;
    struct ferry_device_config config;
    struct ferry_device device;
    uint32_t pool[SLOTS * FERRY_DEVICE_SLOT(CHUNK) / 4];
    uint32_t asked; /* when the trial's age was last looked at */
    bool link_was_up, restart;
} port;

/* Called inside a verb of the session: it only takes note. */
static void on_event(void *ctx, enum ferry_event event, int err)
{
    (void)ctx;
    port.restart = port.restart || event == FERRY_EVENT_REBOOT;
    port_told(event, err);
}

static const struct ferry_app app = {
    .may_begin = port_may_begin, .may_reboot = port_may_reboot, .event = on_event};

/* ---- the start ------------------------------------------------------------------- */

/* Where it fails nothing is known for sure: updates are refused until it is. */
static int open_journal(uint32_t now)
{
    port.journal_config = (struct ferry_app_journal_config){
        .identity = &port.identity,
        .map = &port.map,
        .flash = port_flash(),
        .crypto = &port.crypto,
        .handoff = &port_handoff,
        .confirm = FERRY_CONFIRM_LINK,
    };
    int err = ferry_app_journal_open(&port.journal, &port.journal_config,
                                     (uint8_t *)port.pool, now);
    port.commit = ferry_app_journal_commit(&port.journal);
    return err;
}

static void open_session(uint32_t now)
{
    port.config = (struct ferry_device_config){
        .identity = &port.identity,
        .map = &port.map,
        .flash = port_flash(),
        .crypto = &port.crypto,
        .commit = &port.commit,
        .app = &app,
        .pool = (uint8_t *)port.pool,
        .pool_len = sizeof port.pool,
        .chunk = CHUNK,
        .session_seed = port_session_seed(),
    };
    ferry_device_init(&port.device, &port.config, now);
}

/* ---- the loop -------------------------------------------------------------------- */

static void watch_link(uint32_t now)
{
    bool up = port_link_up();

    if (up != port.link_was_up) {
        port.link_was_up = up;
        ferry_device_link(&port.device, up, now);
    }
}

/* Hear, say, work: one value, one step at a time. Returns how long to sleep. */
static uint32_t serve(uint32_t now)
{
    uint8_t value[PORT_VALUE_MAX];
    size_t len;
    int status;

    watch_link(now);
    if (port_ended(NULL, &status)) {
        ferry_device_done(&port.device, status, now);
    }
    while ((len = port_link_read(value, sizeof value)) > 0) {
        ferry_device_input(&port.device, value, len, now);
    }
    while (port_link_ready() &&
           (len = ferry_device_output(&port.device, value, sizeof value, now)) > 0) {
        port_link_send(value, len);
    }
    uint32_t wait = ferry_device_deadline(&port.device, now);
    if (wait == 0) {
        ferry_device_tick(&port.device, now);
    }
    return wait;
}

/* A reset by wish: said in RAM, or the bootloader takes it for a crash. */
static void restart_if_wanted(uint32_t now)
{
    if (port.restart) {
        ferry_handoff_planned(&port_handoff);
        port_reset();
    }
    if (now - port.asked > HOUR_MS) {
        port.asked = now;
        ferry_app_journal_healthy(&port.journal, now);
        if (ferry_app_journal_expired(&port.journal, now)) {
            ferry_handoff_expired(&port_handoff);
            port_reset();
        }
    }
}

int main(void)
{
    port_clock_start();
    port_link_start();
    port.asked = port_millis(NULL);
    int err = ferry_identity_open(&port.identity, &port.map, port_identity());
    if (err != 0) {
        port_halt(err);
    }
    port.crypto = *port_crypto();
    port.crypto.sign = port_public_key() != NULL ? port_sign : NULL;
    err = open_journal(port.asked);
    open_session(port.asked);
    if (err == 0 && port_product_works()) {
        ferry_app_journal_selftest_passed(&port.journal);
    }
    for (;;) {
        uint32_t wait = serve(port_millis(NULL));
        restart_if_wanted(port_millis(NULL));
        port_feed_watchdog(NULL); /* here, and never in an interrupt */
        if (wait > 0) {
            port_sleep(wait);
        }
    }
}
