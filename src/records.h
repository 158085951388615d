/* SPDX-License-Identifier: Apache-2.0
 *
 * Kinds and lengths of the journals' records; what they say stands in ferry/parts.h. */
#ifndef FERRY_RECORDS_H
#define FERRY_RECORDS_H

#include "ferry/parts.h"

enum { FERRY_JOURNAL_BOOT = 0x42, FERRY_JOURNAL_APP = 0x41 };

_Static_assert(sizeof(struct ferry_boot_record) == 76, "frozen");
_Static_assert(sizeof(struct ferry_app_record) == 64, "frozen");

/* Whatever happens changes one of a boot record's fields before this one: flags, counts, or
 * numbers that only go up. */
#define FERRY_BOOT_NEWS offsetof(struct ferry_boot_record, outcome_version)

#define FERRY_DIGEST_KEPT 16U /* first bytes of a digest that a record keeps */
#define FERRY_DIGEST_TOLD 8U  /* and that a statement tells */

#endif
