/* SPDX-License-Identifier: Apache-2.0
 *
 * A NOR flash in memory, for testing code that writes flash and may lose its supply at
 * any moment. It knows nothing of Ferry: sim_flash.h, sim_in.h, rng.h, sim_flash.c and
 * sim_tear.c are all of it.
 *
 * It holds its user to the rules of the chip: erase before program; a word (write unit)
 * so often and no more between two erases; so many programs of a block of so many bytes;
 * alignment; only inside what was granted and is not locked; one call at a time; never
 * where an erase was cut short. A broken rule ends the program at once, naming rule and
 * address.
 *
 * It models what a power loss really leaves: an operation that is cut before, inside or
 * after it leaves bits that are done, bits that are not, and bits that have no side.
 * Those read differently at every read, or from start to start (Zephyr pull request
 * 103452, MCUboot issue 1966).
 *
 *     static struct sim_flash f;
 *     sim_flash_init(&f, 65536, 4096, 4, 0xFF);
 *     sim_flash_grant(&f, 0, 0, 65536);
 *     sim_flash_cut(&f, 12, SIM_CUT_LATE);          the 13th operation from now
 *     if (!sim_flash_hold(&f, update, NULL)) {      the supply went in update(NULL)
 *         sim_flash_reset(&f);                      the chip starts: bits without a side
 *         recover();                                lean elsewhere; as they do at each
 *     }                                             later sim_flash_reset
 *
 * A plain struct: a copy of it is a snapshot (sim_flash_copy: the cheap way). */
#ifndef SIM_FLASH_H
#define SIM_FLASH_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#ifndef SIM_FLASH_MAX /* a crowd of devices makes it smaller */
#define SIM_FLASH_MAX (1536U * 1024U)
#endif
#define SIM_FLASH_UNIT_MIN 512U /* least erase unit */
#define SIM_FLASH_PAGES (SIM_FLASH_MAX / SIM_FLASH_UNIT_MIN)
#define SIM_FLASH_BLOCKS SIM_FLASH_PAGES /* least block: 512 bytes */
#define SIM_FLASH_GRANTS 8U
#define SIM_FLASH_LOCKS 8U

/* What a call returns, an error (-1) apart. */
enum { SIM_FLASH_DONE = 0, SIM_FLASH_PENDING = 1, SIM_FLASH_MORE = 2 };

enum sim_flash_mode {
    SIM_FLASH_SYNC,  /* every call ends before it returns */
    SIM_FLASH_ASYNC, /* every call is PENDING; sim_flash_ended() says when it is over */
    SIM_FLASH_SLICED /* writes end at once, an erase is MORE until its last slice */
};

/* What may be made to happen to the next operations of a kind. */
enum sim_fault {
    SIM_FAULT_NONE,
    SIM_FAULT_ERROR,   /* nothing happens, and it says so */
    SIM_FAULT_NO_OP,   /* nothing happens, and it says that all is well */
    SIM_FAULT_WRONG,   /* a bit comes out wrong, and it says that all is well */
    SIM_FAULT_RETRIED, /* asynchronous: it fails, the driver repeats it: thrice as long */
    SIM_FAULT_LATE,    /* asynchronous: it takes `late_ms` more */
    SIM_FAULT_NEVER    /* asynchronous: its end is never told */
};

/* What is left of an operation that is cut. The worst are those that leave a few bits
 * without a side, so that a word reads right for a while. */
enum sim_cut {
    SIM_CUT_BEFORE,       /* nothing has happened */
    SIM_CUT_EARLY,        /* a few bits (1 to 3, mostly) have no side, the others are as
                           * before */
    SIM_CUT_SUBSET,       /* any of the bits are done for good, the others as before */
    SIM_CUT_MIDDLE,       /* a half is done, a quarter has no side */
    SIM_CUT_WORDS,        /* a first part is done, the word behind it torn, no more */
    SIM_CUT_LATE,         /* all is done, but a few bits have no side */
    SIM_CUT_SEEMS_UNDONE, /* no bit has a side; at the next start all read as before */
    SIM_CUT_SEEMS_DONE,   /* no bit has a side; at the next start all read as done: an
                           * erased page that reads blank, and is weak */
    SIM_CUT_AFTER,        /* all has happened; only nobody learnt of it */
    SIM_CUTS
};

/* How bits without a side read between one start and the next: mostly 0, mostly 1. */
enum sim_lean { SIM_LEAN_0, SIM_LEAN_EITHER, SIM_LEAN_1 };

struct sim_area {
    uint32_t addr, len;
};

/* An operation, as it begins. `buf` NULL: an erase. */
struct sim_op {
    uint32_t addr, len;
    const uint8_t *buf;
};

struct sim_flash {
    /* the chip; set by init, to be changed before the first operation */
    uint32_t size, erase_unit;
    uint8_t write_unit, erased; /* erased: 0x00 or 0xFF */
    uint8_t writes_per_word;    /* between two erases; 1 unless told otherwise */
    uint16_t block_len;         /* no block takes more than */
    uint16_t writes_per_block;  /* so many programs between two erases; 0: any number */

    /* how it answers */
    enum sim_flash_mode mode;
    uint32_t erase_ms, write_ms, late_ms; /* of an asynchronous call */
    uint8_t slices;                       /* of an erase */

    /* who may write what */
    struct sim_area granted[SIM_FLASH_GRANTS]; /* len 0: unused */
    struct sim_area locked[SIM_FLASH_LOCKS];   /* until the next reset */
    uint8_t locked_n;
    bool hostile; /* the writer is nobody of ours: a lock answers, and ends no test */
    bool power_low;

    /* what goes wrong */
    enum sim_fault erase_fault, write_fault;
    uint32_t faults;            /* how many more operations the fault hits */
    struct sim_area faulty;     /* where; len 0: anywhere */
    struct sim_area unreadable; /* a read that touches it fails; len 0: none */

    /* the cut that is planned, and what is seen of every operation before it begins */
    bool armed;
    enum sim_cut cut;
    uint32_t in; /* operations until then */
    jmp_buf dark;
    void (*before)(void *ctx, const struct sim_op *op);
    void *before_ctx;

    /* bits without a side */
    uint64_t rng;
    bool restless; /* they change with every read, else with every start */
    enum sim_lean lean;
    bool seems;           /* at the next start they are as the last cut left them */
    uint32_t weak_at, to; /* all of them lie in between */

    /* counters */
    uint32_t erases, writes, words;
    uint32_t ops, cuts; /* operations, whole or cut; those that were cut */
    uint32_t refused;   /* by a lock */
    uint32_t reused;    /* torn words that nobody could see, programmed again */

    /* the outstanding call */
    const uint32_t *now;
    enum { SIM_IDLE, SIM_ERASING, SIM_WRITING } op;
    bool never;
    uint32_t op_addr, op_len;
    const uint8_t *op_buf; /* borrowed: read when the call ends, as hardware would */
    uint32_t due;
    enum sim_fault op_fault;
    uint32_t slice_addr;
    uint8_t slices_done;

    /* the cells, of which `size` bytes are used; sim_flash_copy() relies on the order */
    uint32_t page_erases[SIM_FLASH_PAGES];
    uint16_t block_writes[SIM_FLASH_BLOCKS];
    uint8_t bytes[SIM_FLASH_MAX];
    uint8_t programmed[SIM_FLASH_MAX]; /* times since the last erase, or a SIM_TORN */
    uint8_t weak[SIM_FLASH_MAX];       /* per byte: bits without a side */
};

/* In `programmed`: by a program that was cut; where an erase was cut. */
#define SIM_TORN_WRITE 0xFEU
#define SIM_TORN_ERASE 0xFFU

/* ---- the chip -------------------------------------------------------------------- */

/* All of it is programmed, with rubbish: nothing is blank by luck. `size` up to
 * SIM_FLASH_MAX, `erase_unit` 512 or more, `write_unit` 1..32. */
void sim_flash_init(struct sim_flash *f, uint32_t size, uint32_t erase_unit,
                    uint8_t write_unit, uint8_t erased);
/* Who runs now may write these bytes; len 0 takes it back. */
void sim_flash_grant(struct sim_flash *f, unsigned i, uint32_t addr, uint32_t len);
/* The clock of asynchronous calls; milliseconds, may wrap. */
void sim_flash_clock(struct sim_flash *f, const uint32_t *now);

/* Each: SIM_FLASH_DONE, _PENDING, _MORE (an erase: call again) or -1. */
int sim_flash_erase(struct sim_flash *f, uint32_t addr);
int sim_flash_write(struct sim_flash *f, uint32_t addr, const void *buf, uint32_t len);
int sim_flash_read(struct sim_flash *f, uint32_t addr, void *buf, uint32_t len);
int sim_flash_lock(struct sim_flash *f, uint32_t addr, uint32_t len);

/* Has the outstanding call ended by now? Then *status says how. */
bool sim_flash_ended(struct sim_flash *f, uint32_t now, int *status);
/* Milliseconds until it does; UINT32_MAX: nothing is outstanding. */
uint32_t sim_flash_wait(const struct sim_flash *f, uint32_t now);

/* Make `to` what `from` is, at the cost of the bytes that are used. */
void sim_flash_copy(struct sim_flash *to, const struct sim_flash *from);

/* ---- power ----------------------------------------------------------------------- */

/* The supply goes in the operation after the next `in` ones. */
void sim_flash_cut(struct sim_flash *f, uint32_t in, enum sim_cut how);
/* Run `part`. False: the supply went, and `part` never came back. A cut that did not come
 * about is forgotten. */
bool sim_flash_hold(struct sim_flash *f, void (*part)(void *), void *ctx);
/* This operation is cut here and now, without sim_flash_hold: for whoever copied the chip
 * away when `before` told of it. */
void sim_flash_tear(struct sim_flash *f, const struct sim_op *op, enum sim_cut how);
/* The chip starts: nothing is locked; an outstanding call was cut somewhere in the middle;
 * bits without a side lean elsewhere than before. */
void sim_flash_reset(struct sim_flash *f);
/* The dice of all that is left to chance. */
void sim_flash_seed(struct sim_flash *f, uint64_t seed);
/* Every bit has the side it reads as, and nothing counts so far: the copy of a flash
 * begins a new life. */
void sim_flash_heal(struct sim_flash *f);

#endif
