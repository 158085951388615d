/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which attributes of RFC 7512 name a token, a key, a module and a PIN's file.
 * One that it does not know is refused: ignored, it would name more keys than meant. */
#include "p11_uri.h"

#include <ctype.h>
#include <string.h>

#include "say.h"
#include "text.h"

#define SCHEME "pkcs11:"

struct row {
    const char *name;
    bool query; /* stands behind the "?" */
    enum uri_attribute attribute;
};

static const struct row rows[] = {
    {"token", false, URI_TOKEN},
    {"manufacturer", false, URI_MANUFACTURER},
    {"model", false, URI_MODEL},
    {"serial", false, URI_SERIAL},
    {"slot-id", false, URI_SLOT_ID},
    {"object", false, URI_OBJECT},
    {"id", false, URI_ID},
    {"type", false, URI_TYPE},
    {"module-path", true, URI_MODULE_PATH},
    {"pin-source", true, URI_PIN_SOURCE},
};
enum { ROWS = sizeof rows / sizeof *rows };

/* One "name=value", not ended by a 0. */
struct pair {
    const char *name, *value;
    size_t name_len, value_len;
};

/* ---- values ---------------------------------------------------------------------- */

static int digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, tolower((unsigned char)c)) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

/* The character that %41, say, stands for; -1: no two digits. */
static int character(const char *text, size_t len)
{
    int high = len >= 3 ? digit(text[1]) : -1;
    int low = high >= 0 ? digit(text[2]) : -1;

    return low >= 0 ? high << 4 | low : -1;
}

/* False: too long, or a % without two digits. */
static bool decode(struct uri_value *v, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int c = text[i] == '%' ? character(text + i, len - i) : (uint8_t)text[i];
        if (c < 0 || v->len == URI_VALUE_MAX) {
            return false;
        }
        i += text[i] == '%' ? 2 : 0;
        v->at[v->len++] = (char)c;
    }
    v->at[v->len] = '\0';
    v->given = true;
    return true;
}

/* A file's URI or plain path; what runs a program for a PIN is none. */
static bool only_path(struct uri_value *v)
{
    const char *path = v->at;

    if (strncmp(path, "file:", 5) == 0) {
        path += strncmp(path, "file://", 7) == 0 ? 7 : 5;
    } else if (*path != '/') {
        return false;
    }
    v->len = strlen(path);
    memmove(v->at, path, v->len + 1);
    return v->len > 0;
}

static int check_value(struct p11_uri *u, const struct row *row)
{
    struct uri_value *v = &u->of[row->attribute];

    if (row->attribute != URI_ID && strlen(v->at) != v->len) {
        return misuse("%s: %s has a 0 byte in it", u->text, row->name);
    }
    if (row->attribute == URI_SLOT_ID && !text_number(v->at, UINT32_MAX, &u->slot_id)) {
        return misuse("%s: slot-id '%s' is not a number", u->text, v->at);
    }
    if (row->attribute == URI_TYPE && strcmp(v->at, "private") != 0 &&
        strcmp(v->at, "public") != 0) {
        return misuse("%s: type '%s' is no kind of key that signs: private, public",
                      u->text, v->at);
    }
    if (row->attribute == URI_PIN_SOURCE && !only_path(v)) {
        return misuse("%s: pin-source '%s' is not file:PATH", u->text, v->at);
    }
    return DONE;
}

/* ---- attributes ------------------------------------------------------------------ */

static bool named(const struct pair *p, const char *name)
{
    return p->name_len == strlen(name) && memcmp(p->name, name, p->name_len) == 0;
}

static const struct row *row_of(const struct pair *p, bool query)
{
    for (const struct row *row = rows; row < rows + ROWS; row++) {
        if (row->query == query && named(p, row->name)) {
            return row;
        }
    }
    return NULL;
}

/* The URI is not shown: it has the PIN in it, and the line may end in a log. */
static int refuse_pin(void)
{
    return misuse(
        "pin-value would show the PIN to every process of this machine; "
        "pin-source=file:PATH, the variable FERRY_PIN, or the prompt take it");
}

static int read_pair(struct p11_uri *u, const struct pair *p, bool query)
{
    const struct row *row = row_of(p, query);

    if (row == NULL) {
        return misuse("%s: no such attribute %s '?': '%.*s'", u->text,
                      query ? "behind" : "before", (int)p->name_len, p->name);
    }
    if (u->of[row->attribute].given) {
        return misuse("%s: %s is given twice", u->text, row->name);
    }
    if (!decode(&u->of[row->attribute], p->value, p->value_len)) {
        return misuse("%s: %s is longer than %u bytes, or has a %% without two "
                      "hexadecimal digits",
                      u->text, row->name, URI_VALUE_MAX);
    }
    return check_value(u, row);
}

/* Pairs up to `end`, with `mark` between two of them. */
static int read_pairs(struct p11_uri *u, const char *at, const char *end, char mark,
                      bool query)
{
    int code = DONE;

    while (code == DONE && at < end) {
        const char *next = memchr(at, mark, (size_t)(end - at));
        const char *stop = next != NULL ? next : end;
        const char *equals = memchr(at, '=', (size_t)(stop - at));
        if (equals == NULL) {
            return misuse("%s: '%.*s' is not NAME=VALUE", u->text, (int)(stop - at),
                          at);
        }
        struct pair p = {at, equals + 1, (size_t)(equals - at),
                         (size_t)(stop - equals - 1)};
        code = read_pair(u, &p, query);
        at = stop + 1;
    }
    return code;
}

int p11_uri_read(struct p11_uri *u, const char *text)
{
    memset(u, 0, sizeof *u);
    u->text = text;
    if (strstr(text, "pin-value") != NULL) {
        return refuse_pin();
    }
    if (strncmp(text, SCHEME, strlen(SCHEME)) != 0) {
        return misuse("'%s' does not begin with \"%s\"", text, SCHEME);
    }
    const char *path = text + strlen(SCHEME);
    const char *end = path + strlen(path);
    const char *mark = strchr(path, '?');
    int code = read_pairs(u, path, mark != NULL ? mark : end, ';', false);
    if (code == DONE && mark != NULL) {
        code = read_pairs(u, mark + 1, end, '&', true);
    }
    return code;
}
