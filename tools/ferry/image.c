/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which kind of file an image is in, where it may lie, how long it may be and how
 * its end is padded. A file's name decides what it should be, so that one that is cut
 * short or mixed up is not signed as if it were raw. */
#include "image.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "artifact.h"
#include "image_file.h"
#include "say.h"

#define FILE_MAX (64U << 20) /* an ELF has its debugging information in it */

enum kind { UNKNOWN, RAW, HEX, ELF };

/* ---- which kind ------------------------------------------------------------------ */

static enum kind kind_by_name(const char *path)
{
    static const struct {
        const char *ending;
        enum kind kind;
    } rows[] = {{".bin", RAW}, {".raw", RAW}, {".hex", HEX}, {".ihex", HEX},
                {".ihx", HEX}, {".elf", ELF}, {".axf", ELF}, {".out", ELF}};
    const char *ending = strrchr(path, '.');

    for (unsigned i = 0; ending != NULL && i < sizeof rows / sizeof *rows; i++) {
        if (strcasecmp(ending, rows[i].ending) == 0) {
            return rows[i].kind;
        }
    }
    return UNKNOWN;
}

static enum kind kind_by_content(const struct bytes *file)
{
    static const uint8_t elf[] = {0x7F, 'E', 'L', 'F'};

    if (file->len >= 4 && memcmp(file->at, elf, sizeof elf) == 0) {
        return ELF;
    }
    return file->len >= 3 && file->at[0] == ':' && isxdigit(file->at[1]) &&
                   isxdigit(file->at[2])
               ? HEX
               : RAW;
}

/* No image for a microcontroller is an ELF of 64 bits; a program for a host may be. */
static bool is_elf64(const struct bytes *file)
{
    return file->len > 4 && file->at[4] == 2;
}

/* A raw image may well begin with a colon; nothing else is mistaken for another. */
static int find_kind(const char *path, const struct bytes *file, enum kind *kind)
{
    enum kind named = kind_by_name(path), is = kind_by_content(file);

    *kind = named == UNKNOWN ? is : named;
    if (named == UNKNOWN && is == ELF && is_elf64(file)) {
        *kind = RAW;
    }
    if (named == ELF && is != ELF) {
        return refuse("%s: is no ELF file", path);
    }
    if (named == HEX && is != HEX) {
        return refuse("%s: is no Intel HEX file", path);
    }
    if (named == RAW && is == ELF) {
        return refuse("%s: is an ELF file, though its name says raw; --raw signs it as "
                      "it is",
                      path);
    }
    return DONE;
}

/* ---- where it may lie ------------------------------------------------------------ */

/* Where this image must begin, and how much room is there. */
struct place {
    char name[64];
    uint32_t max;
};

static int refuse_link(const struct image *image, const struct board *b)
{
    return refuse("%s: 0x%08x is no address of %s: images are linked for 0x%08x "
                  "(bank0) or 0x%08x (bank1)",
                  image->path, (unsigned)image->link, b->path, (unsigned)b->map.link[0],
                  (unsigned)b->map.link[1]);
}

/* The bank of an image that is linked for `link`. */
static void find_place(struct place *place, const struct board *b, uint32_t link)
{
    unsigned bank = b != NULL && link == b->map.link[1];

    snprintf(place->name, sizeof place->name, "an image's room");
    place->max = IMAGE_MAX;
    if (b != NULL && link == b->map.link[bank]) {
        snprintf(place->name, sizeof place->name, "bank%u", bank);
        place->max = map_image_room(b, bank);
    }
}

/* Its beginning alone decides which bank it is for. */
static uint32_t lowest(const struct pieces *p)
{
    uint32_t low = UINT32_MAX;

    for (size_t i = 0; i < p->len; i++) {
        low = p->row[i].addr < low ? p->row[i].addr : low;
    }
    return low;
}

static int check_link(const struct image *image, const struct image_wish *wish)
{
    const uint32_t *link = wish->link;
    const struct board *b = wish->board;

    if (link != NULL && *link != image->link) {
        return refuse("%s: begins at 0x%08x; its link address is said to be 0x%08x",
                      image->path, (unsigned)image->link, (unsigned)*link);
    }
    if (b != NULL && image->link != b->map.link[0] && image->link != b->map.link[1]) {
        return refuse_link(image, b);
    }
    return DONE;
}

/* ---- taking it ------------------------------------------------------------------- */

static int take_pieces(struct image *image, struct bytes *file, enum kind kind,
                       const struct image_wish *wish)
{
    struct pieces p = {.path = image->path};
    struct place place;
    int code = kind == ELF ? image_elf(&p, file) : image_hex(&p, file);

    if (code == DONE) {
        image->linked = true;
        image->link = lowest(&p);
        code = p.len > 0 ? check_link(image, wish) : DONE;
    }
    if (code == DONE) {
        find_place(&place, wish->board, image->link);
        code = pieces_join(&p, place.max, place.name, &image->bytes, &image->link);
    }
    pieces_free(&p);
    return code;
}

static int take_raw(struct image *image, const struct bytes *file,
                    const struct image_wish *wish)
{
    struct place place;

    if (wish->link != NULL) {
        image->linked = true;
        image->link = *wish->link;
    }
    int code = image->linked ? check_link(image, wish) : DONE;
    find_place(&place, image->linked ? wish->board : NULL, image->link);
    if (code == DONE && file->len > place.max) {
        code = refuse("%s: %zu bytes; %s has %u", image->path, file->len, place.name,
                      (unsigned)place.max);
    }
    if (code == DONE) {
        code = bytes_new(&image->bytes, 0, file->len);
    }
    if (code == DONE) {
        memcpy(image->bytes.at, file->at, file->len);
    }
    return code;
}

/* 0xFF is what erased flash reads as. */
static void pad(struct image *image)
{
    struct bytes *b = &image->bytes;

    image->padding = (4 - b->len % 4) % 4;
    memset(b->at + b->len, 0xFF, image->padding);
    b->len += image->padding;
}

int image_load(struct image *image, const char *path, const struct image_wish *wish)
{
    struct bytes file;
    enum kind kind = RAW;

    memset(image, 0, sizeof *image);
    image->path = path;
    int code = file_read(&file, path, "a file with an image", 0, FILE_MAX);
    if (code == DONE && file.len == 0) {
        code = refuse("%s: is empty", path);
    }
    if (code == DONE && !wish->raw) {
        code = find_kind(path, &file, &kind);
    }
    if (code == DONE) {
        code = kind == RAW ? take_raw(image, &file, wish)
                           : take_pieces(image, &file, kind, wish);
    }
    if (code == DONE) {
        pad(image);
    }
    bytes_free(&file);
    return code;
}

void image_free(struct image *image)
{
    bytes_free(&image->bytes);
}
