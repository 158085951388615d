/* SPDX-License-Identifier: Apache-2.0
 *
 * Markup, HTML and SVG, with every text in it escaped: the one place where that is done.
 * Knows no elements. */
#ifndef FERRY_FLEET_MARKUP_H
#define FERRY_FLEET_MARKUP_H

#include <stdio.h>

/* Safe between tags and inside of quoted attributes. Control characters, which no text
 * of ours has, become spaces. */
void markup_text(FILE *to, const char *text);

/* `format` is markup; each %s in it is a text, and escaped. Nothing else is formatted, so
 * that nothing can get in unescaped: "%%" is a percent sign. */
void markup(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
