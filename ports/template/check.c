/* SPDX-License-Identifier: Apache-2.0
 *
 * A program that runs the self-test over the port's files, on the target, from the first
 * start to the verdict; it resets the chip in between. Nothing in it has to be changed. */
#include "port.h"

int main(void)
{
    port_clock_start();
    const struct ferry_port_selftest t = port_selftest();
    int result = ferry_port_selftest(&t);
    if (result == FERRY_PORT_SELFTEST_RESET) {
        port_reset();
    }
    port_verdict(result);
    for (;;) {
        port_feed_watchdog(NULL);
    }
}
