/* SPDX-License-Identifier: Apache-2.0
 *
 * What the judge's files share: the words of the line that is being answered, and the
 * questions of judge_session.c. */
#ifndef FERRY_ORACLE_JUDGE_H
#define FERRY_ORACLE_JUDGE_H

#include <sodium.h>

#include "ferry/boot.h"
#include "ferry/device.h"
#include "ferry/manifest.h"
#include "ferry/statement.h"
#include "frame.h"
#include "msg.h"

/* The line's next word; NULL: there is none. */
char *judge_word(void);
uint32_t judge_number(void);
/* Returns the length. */
size_t judge_unhex(const char *word, uint8_t *out, size_t cap);
void judge_hex(const uint8_t *p, size_t len);

void judge_device(void);
void judge_session(void);

#endif
