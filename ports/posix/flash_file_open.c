/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a flash image is made, recognised, taken for this process alone, and mapped.
 * Does not know what is done with it. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "flash_file.h"

#define SIZE_MAX_BYTES (1U << 30)
#define TRAILER_LEN 32U
#define LAYOUT 1U

static const char magic[8] = {'f', 'e', 'r', 'r', 'y', 'n', 'o', 'r'};

/* ---- geometry -------------------------------------------------------------------- */

static bool power_of_two(uint32_t n, uint32_t least, uint32_t most)
{
    return n >= least && n <= most && (n & (n - 1)) == 0;
}

static bool sound(const struct ferry_flash_geometry *g)
{
    return power_of_two(g->erase_unit, 512, 131072) &&
           power_of_two(g->write_unit, 1, 32) &&
           (g->erased == 0xFF || g->erased == 0x00) && g->size > 0 &&
           g->size <= SIZE_MAX_BYTES && g->size % g->erase_unit == 0;
}

static bool same(const struct ferry_flash_geometry *a,
                 const struct ferry_flash_geometry *b)
{
    return a->size == b->size && a->erase_unit == b->erase_unit &&
           a->write_unit == b->write_unit && a->erased == b->erased;
}

static size_t file_len(const struct ferry_flash_geometry *g)
{
    return (size_t)g->size + g->size / g->write_unit + g->size / g->erase_unit +
           TRAILER_LEN;
}

static void put32(uint8_t *to, uint32_t n)
{
    for (unsigned i = 0; i < 4; i++) {
        to[i] = (uint8_t)(n >> 8 * i);
    }
}

static uint32_t get32(const uint8_t *from)
{
    return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
           (uint32_t)from[3] << 24;
}

static void describe(const struct ferry_flash_geometry *g, char *text, size_t cap)
{
    snprintf(text, cap, "%lu bytes, erase unit %lu, write unit %u, erased 0x%02x",
             (unsigned long)g->size, (unsigned long)g->erase_unit,
             (unsigned)g->write_unit, (unsigned)g->erased);
}

/* ---- the file -------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static int fail(struct ferry_flash_file *f,
                                                      const char *why, ...)
{
    va_list args;

    va_start(args, why);
    vsnprintf(f->why, sizeof f->why, why, args);
    va_end(args);
    ferry_flash_file_close(f);
    return FERRY_E_FLASH;
}

/* All blank, and either whole under its name or not there. */
static int make(struct ferry_flash_file *f, const char *path,
                const struct ferry_flash_geometry *g)
{
    size_t len = file_len(g);
    uint8_t *image = calloc(1, len);

    if (image == NULL) {
        return fail(f, "%s: no memory to make it", path);
    }
    memset(image, g->erased, g->size);
    uint8_t *trailer = image + len - TRAILER_LEN;
    memcpy(trailer, magic, sizeof magic);
    trailer[8] = LAYOUT;
    trailer[9] = g->write_unit;
    trailer[10] = g->erased;
    put32(trailer + 12, g->size);
    put32(trailer + 16, g->erase_unit);
    int err = ferry_file_save(path, image, len);
    free(image);
    return err == 0 ? 0 : fail(f, "%s: cannot be made: %s", path, strerror(errno));
}

/* The kernel drops this lock with the process, however it dies. */
static int take(struct ferry_flash_file *f, const char *path)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    if (fcntl(f->fd, F_SETLK, &lock) != 0) {
        return errno == EACCES || errno == EAGAIN
                   ? fail(f, "%s: another process uses it", path)
                   : fail(f, "%s: cannot be locked: %s", path, strerror(errno));
    }
    return 0;
}

static int recognise(struct ferry_flash_file *f, const char *path,
                     const struct ferry_flash_geometry *want)
{
    struct ferry_flash_geometry *g = &f->geometry;
    uint8_t trailer[TRAILER_LEN];
    struct stat st;

    if (fstat(f->fd, &st) != 0 || !S_ISREG(st.st_mode) ||
        st.st_size < (off_t)sizeof trailer ||
        pread(f->fd, trailer, sizeof trailer, st.st_size - (off_t)sizeof trailer) !=
            (ssize_t)sizeof trailer ||
        memcmp(trailer, magic, sizeof magic) != 0) {
        return fail(f, "%s: is not a flash image", path);
    }
    if (trailer[8] != LAYOUT) {
        return fail(f, "%s: is a flash image of layout %u, not %u", path, trailer[8],
                    LAYOUT);
    }
    g->write_unit = trailer[9];
    g->erased = trailer[10];
    g->size = get32(trailer + 12);
    g->erase_unit = get32(trailer + 16);
    if (!sound(g) || (uint64_t)st.st_size != file_len(g)) {
        return fail(f, "%s: is a damaged flash image", path);
    }
    if (want != NULL && !same(g, want)) {
        char has[80], wants[80];
        describe(g, has, sizeof has);
        describe(want, wants, sizeof wants);
        return fail(f, "%s: has another geometry: %s; wanted %s", path, has, wants);
    }
    return 0;
}

static int map_file(struct ferry_flash_file *f, const char *path)
{
    const struct ferry_flash_geometry *g = &f->geometry;
    size_t len = file_len(g);
    void *map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, 0);

    if (map == MAP_FAILED) {
        return fail(f, "%s: cannot be mapped: %s", path, strerror(errno));
    }
    f->map = map;
    f->map_len = len;
    f->bytes = map;
    f->data = map;
    f->touched = f->data + g->size;
    f->erasing = f->touched + g->size / g->write_unit;
    f->locked = calloc(1, g->size / g->erase_unit);
    return f->locked == NULL ? fail(f, "%s: no memory", path) : 0;
}

int ferry_flash_file_open(struct ferry_flash_file *f, const char *path,
                          const struct ferry_flash_geometry *geometry, bool create)
{
    memset(f, 0, sizeof *f);
    if (geometry == NULL ? create : !sound(geometry)) {
        fail(f, "%s: no flash has the wanted geometry", path);
        return FERRY_E_ARG;
    }
    f->fd = open(path, O_RDWR | O_CLOEXEC);
    if (f->fd < 0 && errno == ENOENT && create) {
        if (make(f, path, geometry) != 0) {
            return FERRY_E_FLASH;
        }
        f->fd = open(path, O_RDWR | O_CLOEXEC);
    }
    f->opened = f->fd >= 0;
    if (!f->opened) {
        return fail(f, "%s: cannot be opened: %s", path, strerror(errno));
    }
    int err = take(f, path);
    err = err != 0 ? err : recognise(f, path, geometry);
    return err != 0 ? err : map_file(f, path);
}

/* What was set and counted stays readable, what needs the file does not. */
void ferry_flash_file_close(struct ferry_flash_file *f)
{
    if (f->map != NULL) {
        munmap(f->map, f->map_len);
    }
    if (f->opened) {
        close(f->fd);
    }
    free(f->locked);
    f->map = NULL;
    f->map_len = 0;
    f->bytes = NULL;
    f->data = f->touched = f->erasing = NULL;
    f->locked = NULL;
    f->opened = false;
}
