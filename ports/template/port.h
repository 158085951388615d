/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of a port share. To be filled in, in the order in which docs/PORTING.md
 * does it: flash.c crypto.c sign.c clock.c link.c reset.c product.c. Over them stand three
 * programs that can stay as they are: check.c (with checked.c), application.c and
 * bootloader.c. */
#ifndef FERRY_PORT_H
#define FERRY_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ferry/boot.h"
#include "selftest.h"

/* flash.c, crypto.c: the callbacks of ferry/hal.h. */
const struct ferry_flash *port_flash(void);
const struct ferry_crypto *port_crypto(void);
/* Has a call that was pending ended? True once for each. */
bool port_ended(void *ctx, int *status);

/* sign.c: by the device's own key; the public one is 32 bytes. NULL: it has none. */
int port_sign(void *ctx, const uint8_t *msg, size_t msg_len, uint8_t sig[64]);
const uint8_t *port_public_key(void);

/* clock.c */
void port_clock_start(void);
uint32_t port_millis(void *ctx);
void port_sleep(uint32_t ms); /* at most; less if something happens */
/* For the self-test alone: another timer, and the clock set near its wrap. */
uint32_t port_micros(void *ctx);
void port_set_millis(void *ctx, uint32_t ms);

/* link.c: one value is what one GATT write, one notification, one burst carries. */
#define PORT_VALUE_MAX 244U
void port_link_start(void);
bool port_link_up(void);
size_t port_link_read(uint8_t *value, size_t cap); /* 0: nothing came */
bool port_link_ready(void);                        /* does it take one value now? */
void port_link_send(const uint8_t *value, size_t len);

/* reset.c */
extern struct ferry_handoff port_handoff;
extern struct ferry_port_selftest_kept port_selftest_kept;
uint32_t port_reset_cause(void); /* since it was last asked for: ask once a start */
enum ferry_reset port_reset_class(uint32_t cause);
void port_reset(void) __attribute__((noreturn));
#define PORT_WATCHDOG_MS 8000U
int port_arm_watchdog(void *ctx);
void port_feed_watchdog(void *ctx);
const uint8_t *port_identity(void); /* where the factory burned the block */
void port_jump(uint32_t addr) __attribute__((noreturn));
void port_halt(int err) __attribute__((noreturn)); /* nothing boots, and why */

/* product.c */
extern const uint32_t port_scratch; /* address of what the self-test may use up */
extern const struct ferry_area port_locks[];
extern const uint8_t port_locks_len;
bool port_may_begin(void *ctx, const struct ferry_manifest *m,
                    struct ferry_later *later);
bool port_may_reboot(void *ctx);
void port_told(enum ferry_event event, int err);
bool port_product_works(void);
uint16_t port_session_seed(void);
void port_checked(void *ctx, const char *check, enum ferry_port_verdict verdict);
void port_verdict(int failed);

/* checked.c: all of the above, as the self-test wants it. */
struct ferry_port_selftest port_selftest(void);

#endif
