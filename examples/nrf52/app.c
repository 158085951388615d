/* SPDX-License-Identifier: Apache-2.0
 *
 * The device's application, as a product would write it around the engine: checks where
 * it runs, opens its journal, tests itself, serves updates over the UART, and resets
 * when it is asked to. Its flaws (app.h) are for tests. Ran on QEMU's nRF51 model
 * only. */
#include "app.h"

#include <string.h>

#include "board.h"
#include "clock.h"
#include "core.h"
#include "layout.h"
#include "resets.h"
#include "session.h"
#include "watchdog.h"

#define LOOK_MS 200U
#define SECOND_MS 1000U
#define HOUR_MS 3600000U

static uint32_t looked_at, healthy_at, unconfirmed_at;

/* ---- starting -------------------------------------------------------------------- */

static void be_flawed(void)
{
    if (app_flaw == APP_CRASHES) {
        __builtin_trap();
    }
    while (app_flaw == APP_HANGS) {
    }
}

/* Was it started by the bootloader, and where it is linked for? */
static bool at_home(void)
{
    const struct ferry_handoff *h = BOARD_HANDOFF;

    return h->magic == FERRY_HANDOFF_MAGIC && h->bank < 2 &&
           board.map.link[h->bank] == nrf52_vectors_addr();
}

/* A factory that gave this device no key left the page erased: no statements then. */
static void take_key(void)
{
    const uint8_t *key = (const uint8_t *)LAYOUT_KEY;
    bool blank = true;

    for (unsigned i = 0; i < crypto_sign_SECRETKEYBYTES; i++) {
        blank = blank && key[i] == 0xFF;
    }
    if (!blank) {
        board.sodium.secret = key;
        board.crypto.sign = ferry_sodium_sign;
    }
}

/* The product's own: here, that flash reads and SHA-256 agrees with itself. A real one
 * tries sensors, radio, storage. */
static bool selftest(void)
{
    static const uint8_t abc[8] = {0xBA, 0x78, 0x16, 0xBF, 0x8F, 0x01, 0xCF, 0xEA};
    uint8_t word[4], hash[32];

    board.crypto.sha256_init(board.crypto.ctx);
    board.crypto.sha256_update(board.crypto.ctx, "abc", 3);
    board.crypto.sha256_final(board.crypto.ctx, hash);
    return memcmp(hash, abc, sizeof abc) == 0 &&
           board.flash.read(board.flash.ctx, nrf52_vectors_addr(), word, 4) == 0;
}

static void open_session(uint32_t now_ms)
{
    static struct ferry_app_journal_config cfg = {
        .identity = &board.id,
        .map = &board.map,
        .flash = &board.flash,
        .crypto = &board.crypto,
        .handoff = BOARD_HANDOFF,
        .confirm = FERRY_CONFIRM_LINK,
    };

    cfg.trial_max_s = app_trial_max_s;
    NRF52_STATUS->error =
        (uint32_t)-session_open(&cfg, ferry_app_journal_commit, now_ms);
    if (selftest()) {
        ferry_app_journal_selftest_passed(&session_journal);
    }
}

/* ---- life ------------------------------------------------------------------------ */

/* By wish: said in RAM, so that the bootloader does not take it for a crash. */
static void reset(void (*wish)(struct ferry_handoff *h))
{
    wish(BOARD_HANDOFF);
    nrf52_reset();
}

static uint32_t trial(void)
{
    const struct ferry_boot_state *state = session_runs();

    return state == NULL || !state->trial ? 0 : state->settled ? 2 : 1;
}

/* What a product's main loop asks now and then. */
static void look_around(uint32_t now_ms)
{
    NRF52_STATUS->trial = trial();
    if (trial() == 1) {
        unconfirmed_at = now_ms;
    }
    if (app_flaw == APP_CRASHES_LATE && now_ms - unconfirmed_at >= app_late_ms) {
        __builtin_trap();
    }
    if (ferry_app_journal_expired(&session_journal, now_ms)) {
        reset(ferry_handoff_expired);
    }
    if (now_ms - healthy_at >= HOUR_MS) { /* it has been well for an hour */
        healthy_at = now_ms;
        ferry_app_journal_healthy(&session_journal, now_ms);
    }
}

static void turn(void)
{
    uint32_t now_ms = nrf52_clock_ms();
    uint32_t wait = session_turn(now_ms);

    nrf52_watchdog_feed();
    if (session_reboot) {
        reset(ferry_handoff_planned);
    }
    if (now_ms - looked_at >= SECOND_MS / 10U) {
        looked_at = now_ms;
        look_around(now_ms);
    }
    NRF52_STATUS->loops++;
    NRF52_STATUS->up_ms = now_ms;
    nrf52_clock_sleep(wait < LOOK_MS ? wait : LOOK_MS, session_awake);
}

int main(void)
{
    board_tell(NRF52_WHO_APP, app_version);
    if (board_open() != 0 || !at_home()) {
        return 1; /* startup.c resets: the bootloader counts it */
    }
    NRF52_STATUS->bank = BOARD_HANDOFF->bank;
    be_flawed();
    nrf52_watchdog_start(BOARD_WATCHDOG_MS);
    nrf52_clock_start();
    take_key();
    open_session(nrf52_clock_ms());
    if (app_flaw != APP_DEAF) {
        nrf52_uart_start(&board_uart);
    }
    for (;;) {
        turn();
    }
}
