/* SPDX-License-Identifier: Apache-2.0
 *
 * A field as it is told: in lines for people, as one JSON object, as a picture. */
#ifndef FERRY_FIELD_REPORT_H
#define FERRY_FIELD_REPORT_H

#include "judge.h"

/* The same devices `with` and `without` resume. */
void report_text(const struct field *with, const struct field *without);
void report_json(const struct field *with, const struct field *without);
/* Devices updated, over days: field-days.svg in this folder. False: it cannot be written,
 * and that was said. */
bool report_picture(const char *folder, const struct field *with,
                    const struct field *without);
/* One life in a line. */
void report_life(const struct life_result *r);

#endif
