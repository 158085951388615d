/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows where a linked ELF32 file keeps what goes into flash: sections that are loaded
 * and have bytes, at the addresses they are loaded from. Segments alone would not do:
 * linkers put the file's own header into the first one. */
#include "image_file.h"

#include <string.h>

#include "say.h"

enum { HEADER_LEN = 52, SEGMENT_LEN = 32, SECTION_LEN = 40 };
enum { LOADABLE = 1 };           /* a segment's type */
enum { NO_BYTES = 8 };           /* a section's type */
enum { ALLOCATED = 2 };          /* a section's flag */
enum { LITTLE = 1, BITS32 = 1 }; /* in the header's beginning */
enum { LINKED = 2 };             /* a file's type */

struct elf {
    const char *path;
    const uint8_t *at;
    size_t len;
    uint32_t segments_at, sections_at, segments, sections;
};

struct section {
    uint32_t type, flags, at, len;
};

static uint32_t get16(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t get32(const uint8_t *p)
{
    return get16(p) | get16(p + 2) << 16;
}

/* ---- the header ------------------------------------------------------------------ */

static int check_end(const struct elf *e, const char *what, uint64_t end)
{
    if (end > e->len) {
        return refuse("%s: the file ends at byte %zu, inside %s, which end at byte "
                      "%llu",
                      e->path, e->len, what, (unsigned long long)end);
    }
    return DONE;
}

static int check_kind(const struct elf *e)
{
    if (e->at[4] != BITS32 || e->at[5] != LITTLE) {
        return refuse("%s: is no ELF of a 32-bit little-endian processor", e->path);
    }
    if (get16(e->at + 16) != LINKED) {
        return refuse("%s: is an ELF that is not linked to its addresses", e->path);
    }
    return DONE;
}

static int open_header(struct elf *e)
{
    int code = check_end(e, "its header's 52 bytes", HEADER_LEN);

    if (code == DONE) {
        code = check_kind(e);
    }
    if (code != DONE) {
        return code;
    }
    e->segments_at = get32(e->at + 28);
    e->sections_at = get32(e->at + 32);
    e->segments = get16(e->at + 44);
    e->sections = get16(e->at + 48);
    if (e->segments == 0 || e->sections == 0 || get16(e->at + 42) != SEGMENT_LEN ||
        get16(e->at + 46) != SECTION_LEN) {
        return refuse("%s: has no table of segments, or none of sections: a .bin or "
                      ".hex file will do",
                      e->path);
    }
    code = check_end(e, "its segments' rows",
                     (uint64_t)e->segments_at + e->segments * SEGMENT_LEN);
    return code != DONE
               ? code
               : check_end(e, "its sections' rows",
                           (uint64_t)e->sections_at + e->sections * SECTION_LEN);
}

/* ---- sections -------------------------------------------------------------------- */

static struct section section(const struct elf *e, uint32_t i)
{
    const uint8_t *row = e->at + e->sections_at + i * SECTION_LEN;

    return (struct section){get32(row + 4), get32(row + 8), get32(row + 16),
                            get32(row + 20)};
}

/* Where a section's bytes lie before the program starts: .data, say, is not yet in RAM.
 * False: no segment loads it. */
static bool load_address(const struct elf *e, const struct section *s, uint32_t *addr)
{
    for (uint32_t i = 0; i < e->segments; i++) {
        const uint8_t *row = e->at + e->segments_at + i * SEGMENT_LEN;
        uint32_t at = get32(row + 4), len = get32(row + 16);
        if (get32(row) == LOADABLE && s->at >= at && s->at - at <= len &&
            s->len <= len - (s->at - at)) {
            *addr = get32(row + 12) + (s->at - at);
            return true;
        }
    }
    return false;
}

static int add_section(const struct elf *e, struct pieces *p, uint32_t i)
{
    struct section s = section(e, i);
    struct piece piece = {.len = s.len, .where = i};

    if ((s.flags & ALLOCATED) == 0 || s.type == NO_BYTES || s.len == 0) {
        return DONE;
    }
    int code = check_end(e, "the bytes of a section", (uint64_t)s.at + s.len);
    if (code != DONE) {
        return code;
    }
    if (!load_address(e, &s, &piece.addr)) {
        return refuse("%s: section %u is in no segment that is loaded", e->path,
                      (unsigned)i);
    }
    piece.at = e->at + s.at;
    return pieces_add(p, &piece);
}

int image_elf(struct pieces *p, const struct bytes *file)
{
    struct elf e = {.path = p->path, .at = file->at, .len = file->len};
    int code = open_header(&e);

    p->unit = "section";
    for (uint32_t i = 0; code == DONE && i < e.sections; i++) {
        code = add_section(&e, p, i);
    }
    return code;
}
