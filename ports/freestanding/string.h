/* SPDX-License-Identifier: Apache-2.0
 *
 * All that the engine wants of a C library, for targets that have none here. */
#ifndef FERRY_FREESTANDING_STRING_H
#define FERRY_FREESTANDING_STRING_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
void *memchr(const void *in, int byte, size_t len);

#endif
