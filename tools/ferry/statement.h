/* SPDX-License-Identifier: Apache-2.0
 *
 * A device's statement in a file: an envelope with key id 80, and nothing behind it.
 * Functions that return int return an exit code and have said why. */
#ifndef FERRY_TOOL_STATEMENT_H
#define FERRY_TOOL_STATEMENT_H

#include "artifact.h"
#include "ferry/statement.h"
#include "view.h"

/* Does an opened envelope claim to be one? */
bool statement_is(const struct artifact *a);

/* Form and fields; nothing about the signature. `s` points into the file's bytes. */
int statement_parse(const struct artifact *a, struct ferry_statement *s);

/* Does the signature hold under this device's own public key? */
int statement_check(struct artifact *a, const uint8_t public[32]);

/* All its fields, and then who signed; `checked`: it is known that the signature holds. */
void statement_show(struct view *v, const struct ferry_statement *s);
void statement_show_signature(struct view *v, struct artifact *a, bool checked);

#endif
