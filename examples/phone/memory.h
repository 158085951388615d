/* SPDX-License-Identifier: Apache-2.0
 *
 * What the phone remembers across kills: its devices, statements and reports that are on
 * their way to the server. Every file is there whole or not at all. Knows files and their
 * names; not what they mean. */
#ifndef FERRY_PHONE_MEMORY_H
#define FERRY_PHONE_MEMORY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMORY_ITEM 40U /* name of one that waits, with its end */
#define MEMORY_ITEM_MAX 2048U

/* What waits, oldest first, and how many of each may: every statement restates the whole,
 * so the oldest goes. */
enum memory_box { MEMORY_STATEMENTS, MEMORY_REPORTS };
#define MEMORY_WAITING_MAX 256U

struct memory {
    char dir[512];
    uint32_t made;                                     /* items, since the start */
    char listed[MEMORY_WAITING_MAX + 8U][MEMORY_ITEM]; /* while one box is looked at */
    char why[160];
};

/* Makes what is missing of the folder. False: `why` says why. */
bool memory_open(struct memory *m, const char *dir);

/* What is known of one thing ("peer" and its path, "nonce" and ""): an object, empty if
 * nothing is; the caller's reference. */
json_t *memory_get(struct memory *m, const char *what, const char *of);
bool memory_set(struct memory *m, const char *what, const char *of,
                const json_t *known);

bool memory_add(struct memory *m, enum memory_box box, const void *bytes, size_t len);
/* The names of up to `max` that wait. */
unsigned memory_waiting(struct memory *m, enum memory_box box,
                        char (*names)[MEMORY_ITEM], unsigned max);
bool memory_read(struct memory *m, enum memory_box box, const char *name,
                 uint8_t bytes[MEMORY_ITEM_MAX], size_t *len);
void memory_done(struct memory *m, enum memory_box box, const char *name);

#endif
