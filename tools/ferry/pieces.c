/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows when pieces make one image: none twice, none far away. Does not know which files
 * they come from. */
#include "pieces.h"

#include <stdlib.h>
#include <string.h>

#include "say.h"

int pieces_add(struct pieces *p, const struct piece *piece)
{
    if (piece->len == 0) {
        return DONE;
    }
    if (UINT32_MAX - piece->addr < piece->len) {
        return refuse("%s: %s %u: runs over the end of 32-bit addresses", p->path,
                      p->unit, piece->where);
    }
    if (p->len == p->cap) {
        size_t cap = p->cap == 0 ? 64 : 2 * p->cap;
        struct piece *more = realloc(p->row, cap * sizeof *more);
        if (more == NULL) {
            return refuse("no memory for %zu pieces of %s", cap, p->path);
        }
        p->row = more;
        p->cap = cap;
    }
    p->row[p->len++] = *piece;
    return DONE;
}

static int by_address(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;

    if (x->addr != y->addr) {
        return x->addr < y->addr ? -1 : 1;
    }
    return x->where < y->where ? -1 : x->where > y->where;
}

static int check(const struct pieces *p, uint32_t max, const char *place)
{
    uint32_t begin = p->row[0].addr;

    for (size_t i = 0; i < p->len; i++) {
        const struct piece *it = &p->row[i];
        const struct piece *last = i > 0 ? it - 1 : NULL;
        if (last != NULL && it->addr - last->addr < last->len) {
            return refuse("%s: %s %u and %s %u both have bytes for 0x%08x", p->path,
                          p->unit, last->where, p->unit, it->where, (unsigned)it->addr);
        }
        if (it->addr - begin + it->len > max) {
            return refuse("%s: %s %u: 0x%08x lies outside of %s: %u bytes from 0x%08x",
                          p->path, p->unit, it->where,
                          (unsigned)(it->addr + it->len - 1), place, (unsigned)max,
                          (unsigned)begin);
        }
    }
    return DONE;
}

int pieces_join(struct pieces *p, uint32_t max, const char *place, struct bytes *out,
                uint32_t *addr)
{
    if (p->len == 0) {
        return refuse("%s: has no bytes for any address", p->path);
    }
    qsort(p->row, p->len, sizeof *p->row, by_address);
    int code = check(p, max, place);
    if (code != DONE) {
        return code;
    }
    const struct piece *last = &p->row[p->len - 1];
    *addr = p->row[0].addr;
    code = bytes_new(out, 0, last->addr - *addr + last->len);
    if (code == DONE) {
        memset(out->at, 0xFF, out->len); /* as erased flash reads */
    }
    for (size_t i = 0; code == DONE && i < p->len; i++) {
        memcpy(out->at + (p->row[i].addr - *addr), p->row[i].at, p->row[i].len);
    }
    return code;
}

void pieces_free(struct pieces *p)
{
    free(p->row);
    memset(p, 0, sizeof *p);
}
