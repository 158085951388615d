/* SPDX-License-Identifier: Apache-2.0
 *
 * The self-test over the nRF52 port, as its emulated part runs it. What it found lies in
 * retained RAM for the harness, which also plays reset causes and watchdog. The model's
 * NVMC has no locks, and no second timer is asked. */
#include "clock.h"
#include "crypto_sodium.h"
#include "layout.h"
#include "nvmc.h"
#include "resets.h"
#include "retained.h"
#include "selftest.h"
#include "watchdog.h"

#define MAGIC 0x4B434843UL /* "CHCK" */
#define WATCHDOG_MS 2000U

/* Behind the status block: what the self-test keeps, and its result so far. */
struct result {
    struct ferry_port_selftest_kept kept;
    uint32_t magic; /* MAGIC: there is a verdict */
    uint32_t verdict, passed, failed, skipped;
    const char *first_failure;
};
#define RESULT ((struct result *)(NRF52_STATUS_ADDR + 0x40UL))

static void say(void *ctx, const char *check, enum ferry_port_verdict verdict)
{
    struct result *r = RESULT;

    (void)ctx;
    r->passed += verdict == FERRY_PORT_PASSED;
    r->failed += verdict == FERRY_PORT_FAILED;
    r->skipped += verdict == FERRY_PORT_SKIPPED;
    if (verdict == FERRY_PORT_FAILED && r->first_failure == NULL) {
        r->first_failure = check;
    }
}

static uint32_t millis(void *ctx)
{
    (void)ctx;
    return nrf52_clock_ms();
}

static int arm_watchdog(void *ctx)
{
    (void)ctx;
    nrf52_watchdog_start(WATCHDOG_MS);
    return 0;
}

int main(void)
{
    static struct nrf52_nvmc nvmc = {.part = &nrf52_part};
    static struct ferry_sodium sodium;
    const struct ferry_flash flash = nrf52_nvmc_flash(&nvmc);
    const struct ferry_crypto crypto = ferry_sodium_crypto(&sodium);
    const struct ferry_port_selftest t = {
        .flash = &flash,
        .crypto = &crypto,
        .scratch = LAYOUT_SCRATCH(nrf52_part.flash_len),
        .kept = &RESULT->kept,
        .reset = nrf52_reset_class(nrf52_reset_cause()),
        .say = say,
        .millis = millis,
        .with_lock = flash.lock != NULL,
        .arm_watchdog = arm_watchdog,
        .watchdog_ms = WATCHDOG_MS,
    };

    nrf52_clock_start();
    int result = ferry_port_selftest(&t);
    if (result == FERRY_PORT_SELFTEST_RESET) {
        nrf52_reset();
    }
    RESULT->verdict = (uint32_t)result;
    RESULT->magic = MAGIC;
    for (;;) {
    }
}
