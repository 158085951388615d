/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices as factory and operator describe them, in CSV with a line of names:
 *
 *   id,class,key,hw_rev[,region,tags,household]
 *
 * ids are 32 hexadecimal digits, a key is the 64 of an Ed25519 public key, a region is a
 * number below 32, tags are such numbers with spaces between. A field that is empty or not
 * there says nothing: a new device has region 0, no tags and no household, a known one
 * keeps its own; "-" takes tags or household away. What the factory burned (class, key,
 * revision) never changes. Knows the file and the table; nobody's statements. */
#ifndef FERRY_FLEET_DEVICES_H
#define FERRY_FLEET_DEVICES_H

#include "event.h"

#define DEVICES_AT_ONCE 10000U /* in one event */

/* The number of the device with this id, 0 if there is none. */
int64_t device_by_id(struct db *db, const uint8_t id[16]);

/* Is the whole file good? Says how many devices are in it, or why not and on which line. */
bool devices_count(const char *path, size_t *devices, char *why, size_t cap);

/* The file in pieces that an event can have, columns that are not ours left out. `each`
 * returns false to stop. */
bool devices_split(const char *path,
                   bool (*each)(void *ctx, const char *csv, size_t len,
                                unsigned devices),
                   void *ctx, char *why, size_t cap);

#endif
