/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the POSIX port share: a folder of their own, memory that a forked
 * child and its parent both see, time to sleep, and children that may be killed. */
#ifndef FERRY_TEST_PORT_H
#define FERRY_TEST_PORT_H

#include <sys/types.h>

#include "check.h"

/* A path in this program's own folder, which goes when the program ends. Valid until
 * the eighth call after it. */
const char *port_path(const char *name);

/* Zeroed memory that stays shared across fork(). The caller frees it. */
void *port_shared(size_t len);
void port_unshare(void *memory, size_t len);

void port_sleep_us(long us);
/* Real milliseconds, monotonic. */
uint64_t port_real_ms(void);

/* A child that runs this and ends with its result; it must not use cmocka. */
pid_t port_child(int (*run)(void *ctx), void *ctx);
/* Wait for a child: its exit code, or 256 + the signal that ended it. */
int port_ended(pid_t child);

/* A file with exactly these bytes. */
void port_put(const char *path, const void *bytes, size_t len);

#endif
