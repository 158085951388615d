/* SPDX-License-Identifier: Apache-2.0
 *
 * The chip that board, bootloader and image share: RAM that a reset leaves alone, the
 * registers that say why it was reset, a watchdog, a clock, flash with locks. It is a
 * small file (`ram`), mapped by all three. The board alone decides what is in it when
 * the chip starts; who runs on the chip may only do what registers allow. */
#ifndef FERRY_BOARD_CHIP_H
#define FERRY_BOARD_CHIP_H

#include <stdatomic.h>

#include "clock.h"
#include "ferry/boot.h"
#include "flash_file.h"

#define CHIP_LOCKS 16U

/* How the bootloader ends when it does not jump. */
enum chip_exit {
    CHIP_HALT = 64,  /* nothing may boot; the hand-off block says why */
    CHIP_BROKEN = 65 /* the port itself failed; standard error says why */
};

/* A battery that falls out in the middle of a flash operation. */
struct chip_fuse {
    uint32_t from, to;   /* addresses [from, to) */
    uint32_t moment;     /* enum ferry_flash_file_moment */
    _Atomic uint32_t in; /* operations until it blows; 0: it does not */
};

struct chip_registers {
    struct ferry_handoff handoff; /* RAM: garbage when the power comes */

    uint32_t speed;     /* virtual milliseconds in a real one */
    uint32_t reset;     /* enum ferry_reset, as the board saw it */
    uint32_t raw_cause; /* wait status of what ran before */
    uint32_t starts;    /* of the chip, since it was made */
    uint32_t loss_ppm;  /* of values that the radio sends */
    uint32_t locks;     /* areas locked until the next reset */
    struct ferry_area lock[CHIP_LOCKS];
    _Atomic uint32_t runs;    /* 0: the bootloader; else an image of bank `runs` - 1 */
    _Atomic uint32_t dog_ms;  /* watchdog's time, virtual; 0: it does not run */
    _Atomic uint32_t dog_fed; /* how often */
    _Atomic uint32_t skipped_ms; /* virtual time nobody waited for */

    /* The bench's instruments; they keep their counts. */
    _Atomic uint32_t erases, writes; /* flash operations ended */
    _Atomic uint32_t rules;          /* flash rules broken, locks included */
    struct chip_fuse fuse;
};

/* One process's way to it. */
struct chip {
    struct chip_registers *reg;
    struct ferry_clock clock;
    uint32_t skipped_ms; /* as far as `clock` knows */
    struct ferry_flash_file file;
    struct ferry_flash flash;
};

/* Map the registers of the board in the working directory. 0, or -1 with errno.
 * `create`: the board's; the others need the file to be there. */
FERRY_MUST_USE int chip_open(struct chip *c, bool create);

/* Open `flash` there, with this part's times; what is locked stays locked. Waits a few
 * seconds for a process that is just dying. 0, or -1: standard error says why. */
FERRY_MUST_USE int chip_open_flash(struct chip *c);

/* Read the identity block from its fixed address. `block` must stay. 0 or -1. */
FERRY_MUST_USE int chip_identity(struct chip *c, uint8_t block[FERRY_IDENTITY_LEN],
                                 struct ferry_identity *id, struct ferry_map *map);

/* Virtual milliseconds, days that were skipped included. */
uint32_t chip_now(struct chip *c);

/* One line on standard output, whole even if others write there, too. */
void chip_say(struct chip *c, const char *who, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
