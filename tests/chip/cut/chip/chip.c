/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of the chip's flash that no update touches: bootloader, and what an image
 * goes on with once it runs (image.S). The real port, the real engine; only signatures
 * are a toy. Whoever cuts the power stops it where it jumps, halts or resets, by these
 * names: nrf52_jump, cut_halt, nrf52_reset. */
#include "chip.h"

#include "clock.h"
#include "core.h"
#include "crypto_sodium.h"
#include "ferry/app_journal.h"
#include "ferry/device.h"
#include "layout.h"
#include "nvmc.h"
#include "resets.h"
#include "retained.h"
#include "toy.h"
#include "uart.h"

#define CHUNK 128U
#define SLOTS 6U

static struct ferry_sodium sodium;
static struct ferry_crypto sha, crypto;
static struct nrf52_nvmc nvmc = {.part = &nrf52_part};
static struct ferry_flash flash;
static struct ferry_identity id;
static struct ferry_map map;
static uint32_t room[FERRY_BOOT_ROOM / 4];

static struct ferry_handoff *handoff(void)
{
    return (struct ferry_handoff *)NRF52_HANDOFF_ADDR;
}

/* ---- the application ------------------------------------------------------------- */

static struct ferry_app_journal journal;
static struct ferry_device device;
static bool reboot;
/* For who records: the application is up; it has heard so many bytes. */
volatile uint32_t cut_up, cut_heard;

static void on_event(void *ctx, enum ferry_event event, int err)
{
    (void)ctx;
    (void)err;
    cut_event(&flash, event, handoff()->bank ^ 1U);
    reboot = reboot || event == FERRY_EVENT_REBOOT;
}

static void open_session(void)
{
    static const struct ferry_app app = {.event = on_event};
    static uint32_t pool[SLOTS * FERRY_DEVICE_SLOT(CHUNK) / 4];
    static struct ferry_app_journal_config journal_cfg;
    static struct ferry_commit commit;
    static struct ferry_device_config cfg;

    journal_cfg = (struct ferry_app_journal_config){
        .identity = &id,
        .map = &map,
        .flash = &flash,
        .crypto = &crypto,
        .handoff = handoff(),
    };
    (void)!ferry_app_journal_open(&journal, &journal_cfg, (uint8_t *)room,
                                  nrf52_clock_ms());
    commit = ferry_app_journal_commit(&journal);
    cfg = (struct ferry_device_config){
        .identity = &id,
        .map = &map,
        .flash = &flash,
        .crypto = &crypto,
        .commit = &commit,
        .app = &app,
        .pool = (uint8_t *)pool,
        .pool_len = sizeof pool,
        .chunk = CHUNK,
    };
    ferry_device_init(&device, &cfg, nrf52_clock_ms());
    ferry_device_link(&device, true, nrf52_clock_ms());
    ferry_app_journal_selftest_passed(&journal);
}

static void listen(void)
{
    uint8_t bytes[64];
    size_t len;

    while ((len = nrf52_uart_read(bytes, sizeof bytes)) > 0) {
        ferry_device_input(&device, bytes, len, nrf52_clock_ms());
        cut_heard += len;
    }
}

static void speak(void)
{
    uint8_t value[NRF52_UART_VALUE];
    size_t len;

    while (nrf52_uart_ready() &&
           (len = ferry_device_output(&device, value, sizeof value, nrf52_clock_ms())) >
               0) {
        nrf52_uart_send(value, len);
    }
}

/* QEMU, while it records, gives bytes to the UART when some timer ends. This one ends
 * every millisecond, and interrupts nobody. */
static void start_beat(void)
{
    nrf52_set(0xE000E014UL, 15999); /* SYST_RVR */
    nrf52_set(0xE000E018UL, 0);     /* SYST_CVR */
    nrf52_set(0xE000E010UL, 5);     /* SYST_CSR: the processor's clock, no interrupt */
}

/* What an image goes on with. Entered as a program is: no interrupt was ever on. */
static void serve(void)
{
    static const struct nrf52_uart_config wire = {NRF52_UART_NO_PIN, NRF52_UART_NO_PIN,
                                                  NRF52_UART_NO_PIN, NRF52_UART_NO_PIN,
                                                  NRF52_UART_1M};

    nrf52_clock_start();
    nrf52_uart_start(&wire);
    open_session();
    start_beat();
    cut_up = 1;
    for (;;) {
        listen();
        speak();
        if (reboot) {
            ferry_handoff_planned(handoff());
            nrf52_reset();
        }
        if (ferry_device_deadline(&device, nrf52_clock_ms()) == 0) {
            ferry_device_tick(&device, nrf52_clock_ms());
        }
    }
}

/* ---- the bootloader -------------------------------------------------------------- */

void cut_halt(int err)
{
    nrf52_set(NRF52_STATUS_ADDR, (uint32_t)-err);
    for (;;) {
    }
}

static int decide(void)
{
    uint32_t cause = nrf52_reset_cause();
    const struct ferry_boot_config cfg = {
        .identity = &id,
        .map = &map,
        .flash = &flash,
        .crypto = &crypto,
        .handoff = handoff(),
        .room = (uint8_t *)room,
        .arm_watchdog = FERRY_TRIAL_UNGUARDED,
    };

    return cut_boot(&cfg, nrf52_reset_class(cause), cause);
}

int main(void)
{
    flash = nrf52_nvmc_flash(&nvmc);
    sha = ferry_sodium_crypto(&sodium);
    crypto = toy_crypto(&sha);
    if (ferry_identity_open(&id, &map, (const uint8_t *)LAYOUT_IDENTITY) != 0) {
        cut_halt(FERRY_E_ARG);
    }
    int bank = decide();
    if (bank < 0) {
        cut_halt(bank);
    }
    nrf52_set(LAYOUT_SERVE, (uint32_t)(uintptr_t)serve);
    nrf52_jump(map.link[bank]);
}
