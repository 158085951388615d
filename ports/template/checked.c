/* SPDX-License-Identifier: Apache-2.0
 *
 * What the self-test is told about this port: everything that its files have. Nothing in
 * it has to be changed. */
#include "port.h"

struct ferry_port_selftest port_selftest(void)
{
    static struct ferry_crypto crypto;

    crypto = *port_crypto();
    crypto.sign = port_public_key() != NULL ? port_sign : NULL;
    return (struct ferry_port_selftest){
        .flash = port_flash(),
        .crypto = &crypto,
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
}
