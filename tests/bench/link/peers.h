/* SPDX-License-Identifier: Apache-2.0
 *
 * How fast others carry an image over the same link, by closed formula: bytes of image a
 * second in a long transfer, nothing but the link taking time. Where a choice is open it
 * is made in the peer's favour. */
#ifndef FERRY_BENCH_PEERS_H
#define FERRY_BENCH_PEERS_H

#include "cell.h"

/* One chunk a round trip. Each value carries an index of 4 bytes, a CRC of 2, and payload:
 * 14 bytes at MTU 23. A chunk or an ack that is lost costs a timeout of 200 ms. */
double peer_stop_and_wait(const struct cell *link);

/* Nordic Secure DFU (nRF5 SDK 17): objects of 4096 bytes, each with Create, Calculate
 * Checksum and Execute, a round trip each; values between them without a pause, but for
 * a receipt notification every `prn` values (0: none). A lost value is found at the
 * checksum, and the object is sent again. It keeps a page's worth of values in RAM
 * (MAX_DFU_BUFFERS in nrf_dfu_ble.c). */
double peer_nordic(const struct cell *link, unsigned prn);
unsigned peer_nordic_ram(const struct cell *link);

/* SMP (mcumgr): image upload requests of 25 bytes and data (8 of header, 17 of CBOR), in
 * as many values as they take, several in flight. A lost value loses its request: the
 * client waits 2.5 s for an answer (SHORT_TIMEOUT in McuManager.java) and sends it again.
 * The device has a buffer for each request in flight, and one for the answer from the
 * same pool (smp_alloc_rsp in Zephyr's smp.c). This is the best way to cut `ram` bytes
 * into such buffers; 0: not one fits. */
double peer_smp(const struct cell *link, unsigned ram);
/* With requests of `len` bytes, `window` of them in flight. */
double peer_smp_requests(const struct cell *link, unsigned len, unsigned window);

#endif
