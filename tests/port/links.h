/* SPDX-License-Identifier: Apache-2.0
 *
 * Patience with links: what was sent over a pty takes a moment to arrive. All of it ends
 * after two real seconds. */
#ifndef FERRY_TEST_LINKS_H
#define FERRY_TEST_LINKS_H

#include "link.h"
#include "port.h"

/* The next value or bytes; 0: nothing came. */
size_t heard(struct ferry_link *l, void *buf, size_t cap);
/* So many bytes, or all that came. */
size_t heard_all(struct ferry_link *l, uint8_t *buf, size_t want);
/* The link goes down, and nothing is heard before that. */
bool goes_down(struct ferry_link *l);

#endif
