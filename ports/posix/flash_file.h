/* SPDX-License-Identifier: Apache-2.0
 *
 * A NOR flash in a file: struct ferry_flash with any geometry, held to NOR rules, alive
 * after kill -9 at any instant. Operations end before they return. Closing and opening
 * again is a reset: contents stay, locks go.
 *
 * The file is the flash byte for byte (an address is an offset), then one byte for each
 * write unit (0: blank and writable), one for each erase unit (1: an erase began and
 * did not end), and 32 bytes that name the geometry. It survives the death of the
 * process, not that of the host. One process at a time has it open, and once only: a
 * second open in the same process is not noticed. */
#ifndef FERRY_POSIX_FLASH_FILE_H
#define FERRY_POSIX_FLASH_FILE_H

#include "ferry/hal.h"

struct ferry_flash_geometry {
    uint32_t size;       /* bytes, a multiple of erase_unit, up to 1 GiB */
    uint32_t erase_unit; /* bytes, a power of two, 512..131072 */
    uint8_t write_unit;  /* bytes, a power of two, 1..32 */
    uint8_t erased;      /* 0xFF or 0x00 */
};

enum ferry_flash_file_op { FERRY_FLASH_FILE_ERASE, FERRY_FLASH_FILE_WRITE };

enum ferry_flash_file_moment {
    FERRY_FLASH_FILE_BEFORE,  /* allowed, but nothing has been touched */
    FERRY_FLASH_FILE_HALFWAY, /* half of the bytes are done */
    FERRY_FLASH_FILE_AFTER    /* all is done, but nobody has been told */
};

struct ferry_flash_file {
    /* Yours to set after opening; NULL, 0 and false then. */
    void *ctx; /* handed to refused and hook */
    /* A call broke the rule named, at this address, and touched nothing. */
    void (*refused)(void *ctx, uint32_t addr, const char *rule);
    /* Called thrice in every operation. Anything but 0: it fails at that point. */
    int (*hook)(void *ctx, enum ferry_flash_file_op op,
                enum ferry_flash_file_moment moment, uint32_t addr, uint32_t len);
    /* Lets `us` microseconds pass, e.g. ferry_clock_pass; half of an operation's time
     * before its half-way point, half after it. */
    void (*pass)(void *ctx, uint32_t us);
    void *pass_ctx;
    uint32_t erase_ms; /* of one erase unit */
    uint32_t word_us;  /* of one write unit */
    bool power_low;    /* the answer to power_ok, inverted */

    /* To read. */
    struct ferry_flash_geometry geometry;
    const uint8_t *bytes;           /* the flash, geometry.size of them */
    uint32_t erases, writes, words; /* done since opening */
    char why[256];                  /* why it could not be opened: a sentence */

    /* Internals below. The file is mapped; volatile, because the order of the stores is
     * what a kill must not disturb. */
    bool opened;
    int fd;
    void *map;
    size_t map_len;
    volatile uint8_t *data;    /* = bytes */
    volatile uint8_t *touched; /* a byte for each write unit */
    volatile uint8_t *erasing; /* a byte for each erase unit */
    uint8_t *locked;           /* a byte for each erase unit; not in the file */
};

/* `geometry` is what it must have, or NULL: what the file says. With `create` a missing
 * file is made, all blank; one that exists is never changed by opening it.
 * 0; FERRY_E_ARG: no flash has such a geometry; FERRY_E_FLASH: it cannot be opened, is
 * not a flash image, has another geometry, or is in use. On failure nothing stays open
 * and `why` says more. */
FERRY_MUST_USE int ferry_flash_file_open(struct ferry_flash_file *f, const char *path,
                                         const struct ferry_flash_geometry *geometry,
                                         bool create);

/* Twice, after a failed open, or on a zeroed struct: harmless. */
void ferry_flash_file_close(struct ferry_flash_file *f);

/* Callbacks over `f`, which must stay where it is. */
struct ferry_flash ferry_flash_file_hal(struct ferry_flash_file *f);

/* Would a write to the write unit at this address be allowed, locks apart? */
FERRY_MUST_USE bool ferry_flash_file_blank(const struct ferry_flash_file *f,
                                           uint32_t addr);

#endif
