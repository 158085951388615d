/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows Intel HEX as linkers and programmers write it: data, the two kinds of upper
 * address bits, start addresses (which no image needs), and one end. A line that is
 * damaged is refused by its number. */
#include "image_file.h"

#include <string.h>

#include "say.h"

enum record_type { DATA, END, UPPER_16, START_16, UPPER_32, START_32 };
enum { FRAME = 5 }; /* length, address, type, sum */

/* The file, as far as it was read. */
struct reading {
    struct pieces *p;
    unsigned line;
    uint32_t base; /* the upper address bits that stand */
    uint8_t *to;   /* where the next data bytes go: never past the line's own text */
    bool ended;
};

struct record {
    uint8_t *at; /* FRAME + len bytes, over the line's text */
    uint8_t len, type;
    uint32_t addr;
};

static int refuse_line(const struct reading *r, const char *why)
{
    return refuse("%s: line %u: %s", r->p->path, r->line, why);
}

/* ---- a line ---------------------------------------------------------------------- */

static int digit(char c)
{
    static const char digits[] = "0123456789ABCDEFabcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    int n = at != NULL ? (int)(at - digits) : -1;

    return n > 15 ? n - 6 : n;
}

/* Two digits a byte, in place. False: something else, or an odd number of them. */
static bool unspell(char *text, size_t len)
{
    if (len % 2 != 0) {
        return false;
    }
    for (size_t i = 0; i < len; i += 2) {
        int high = digit(text[i]), low = digit(text[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        text[i / 2] = (char)(high << 4 | low);
    }
    return true;
}

static int open_record(const struct reading *r, struct record *rec, char *text,
                       size_t len)
{
    uint8_t sum = 0;

    rec->at = (uint8_t *)text + 1;
    if (text[0] != ':' || !unspell(text + 1, len - 1)) {
        return refuse_line(r, "is not ':' and pairs of hexadecimal digits");
    }
    size_t bytes = (len - 1) / 2;
    if (bytes < FRAME || bytes != (size_t)rec->at[0] + FRAME) {
        return refuse_line(r, "is not as long as it says: cut short?");
    }
    for (size_t i = 0; i < bytes; i++) {
        sum = (uint8_t)(sum + rec->at[i]);
    }
    if (sum != 0) {
        return refuse_line(r, "its sum does not match: damaged");
    }
    rec->len = rec->at[0];
    rec->addr = (uint32_t)rec->at[1] << 8 | rec->at[2];
    rec->type = rec->at[3];
    return DONE;
}

/* ---- what it means --------------------------------------------------------------- */

/* Bytes that go on where the last ones ended are one piece with them. */
static int take_data(struct reading *r, const struct record *rec)
{
    struct pieces *p = r->p;
    struct piece *last = p->len > 0 ? &p->row[p->len - 1] : NULL;
    struct piece piece = {r->base + rec->addr, rec->len, r->to, r->line};

    if (rec->addr + rec->len > 0x10000) {
        return refuse_line(r, "runs over a 64 KiB border");
    }
    memmove(r->to, rec->at + 4, rec->len);
    r->to += rec->len;
    if (last != NULL && last->addr + last->len == piece.addr) {
        last->len += piece.len;
        return DONE;
    }
    return pieces_add(p, &piece);
}

static int take_upper(struct reading *r, const struct record *rec, unsigned shift)
{
    if (rec->len != 2) {
        return refuse_line(r, "upper address bits are two bytes");
    }
    r->base = ((uint32_t)rec->at[4] << 8 | rec->at[5]) << shift;
    return DONE;
}

static int take(struct reading *r, const struct record *rec)
{
    if (r->ended) {
        return refuse_line(r, "stands behind the end record");
    }
    switch (rec->type) {
    case DATA:
        return take_data(r, rec);
    case END:
        r->ended = true;
        return DONE;
    case UPPER_16:
        return take_upper(r, rec, 4);
    case UPPER_32:
        return take_upper(r, rec, 16);
    case START_16:
    case START_32:
        return DONE;
    default:
        return refuse_line(r, "is a record of a type that Intel HEX does not have");
    }
}

static int take_line(struct reading *r, char *text, size_t len)
{
    struct record rec = {0};

    r->line++;
    len -= len > 0 && text[len - 1] == '\r';
    if (len == 0) {
        return DONE;
    }
    int code = open_record(r, &rec, text, len);
    return code == DONE ? take(r, &rec) : code;
}

int image_hex(struct pieces *p, const struct bytes *file)
{
    struct reading r = {.p = p, .to = file->at};
    char *at = (char *)file->at, *end = at + file->len;
    int code = DONE;

    p->unit = "line";
    while (code == DONE && at < end) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop != NULL ? stop : end;
        code = take_line(&r, at, (size_t)(stop - at));
        at = stop + 1;
    }
    if (code == DONE && !r.ended) {
        code = refuse("%s: ends without an end record: cut short?", p->path);
    }
    return code;
}
