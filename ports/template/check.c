/* SPDX-License-Identifier: Apache-2.0
 *
 * A program that runs the self-test over the port's files, on the target, from the first
 * start to the verdict; it resets the chip in between. Nothing in it has to be changed. */
#include "port.h"

int main(void)
{
    port_clock_start();
    const struct ferry_port_selftest t = {
        .flash = port_flash(),
        .crypto = port_crypto(),
        .scratch = port_scratch,
        .kept = &port_selftest_kept,
        .reset = port_reset_class(port_reset_cause()),
        .ended = port_ended,
        .say = port_checked,
        .millis = port_millis,
        .micros = port_micros,
        .set_millis = port_set_millis,
        .public_key = port_public_key(),
        .with_lock = port_flash()->lock != NULL,
        .arm_watchdog = port_arm_watchdog,
        .watchdog_ms = PORT_WATCHDOG_MS,
    };

    int result = ferry_port_selftest(&t);
    if (result == FERRY_PORT_SELFTEST_RESET) {
        port_reset();
    }
    port_verdict(result);
    for (;;) {
        port_feed_watchdog(NULL);
    }
}
