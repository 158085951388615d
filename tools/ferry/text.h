/* SPDX-License-Identifier: Apache-2.0
 *
 * What people type and read, to and from what a manifest holds. Every reader is
 * strict and leaves its output untouched when it returns false. */
#ifndef FERRY_TOOL_TEXT_H
#define FERRY_TOOL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_LEN 16U       /* bytes of a class or device id */
#define ID_TEXT 37U      /* as a UUID, with its end */
#define VERSION_TEXT 14U /* "255.255.65535", with its end */

/* Decimal, or hexadecimal after 0x; at most `max`. */
bool text_number(const char *text, uint32_t max, uint32_t *n);

/* The same; at least `min`, too. */
bool text_within(const char *text, uint32_t min, uint32_t max, uint32_t *n);

/* "3" or "3-7": 3 <= 7. */
bool text_range(const char *text, uint32_t *min, uint32_t *max);

/* "1.2.3", without leading zeros <-> major << 24 | minor << 16 | patch. */
bool text_version(const char *text, uint32_t *version);
void text_of_version(uint32_t version, char text[VERSION_TEXT]);

/* "8f3e...-....-....-....-............", or the same without dashes. */
bool text_id(const char *text, uint8_t id[ID_LEN]);
void text_of_id(const uint8_t id[ID_LEN], char text[ID_TEXT]);

/* The character that begins at `p`: how many bytes it has, 0 if this is not UTF-8. */
size_t text_utf8(const uint8_t *p, size_t len, uint32_t *character);

#endif
