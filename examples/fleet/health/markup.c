/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the five characters that mean something in markup. */
#include "markup.h"

#include <stdarg.h>

static const char *escape(char c)
{
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void markup_text(FILE *to, const char *text)
{
    for (; *text != '\0'; text++) {
        const char *escaped = escape(*text);
        if (escaped != NULL) {
            fputs(escaped, to);
        } else {
            fputc((unsigned char)*text < ' ' || *text == 0x7F ? ' ' : *text, to);
        }
    }
}

void markup(FILE *to, const char *format, ...)
{
    va_list texts;

    va_start(texts, format);
    for (; *format != '\0'; format++) {
        if (*format != '%') {
            fputc(*format, to);
        } else if (*++format == 's') {
            markup_text(to, va_arg(texts, const char *));
        } else {
            fputc('%', to);
        }
    }
    va_end(texts);
}
