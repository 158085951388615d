/* SPDX-License-Identifier: Apache-2.0
 *
 * One line of the factory's CSV. Knows its columns and what can stand in them; neither the
 * file nor the table. */
#ifndef FERRY_FLEET_DEVICE_ROW_H
#define FERRY_FLEET_DEVICE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "table.h"

enum { ROW_ID, ROW_CLASS, ROW_KEY, ROW_HW_REV, ROW_REGION, ROW_TAGS, ROW_HOUSEHOLD };
#define ROW_COLUMNS 7U
extern const struct table_column row_columns[ROW_COLUMNS];

struct device_row {
    uint8_t id[16], class_id[16], key[32], household[16]; /* zero: none */
    uint32_t hw_rev, region, tags;
    bool has_region, has_tags, has_household; /* the line says something of it */
};

bool row_read(struct device_row *d, const char *const *field, char *why, size_t cap);

#endif
