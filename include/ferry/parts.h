/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts a session is made of. Complete here so that a session can be a static
 * variable and a debugger can show it; not for use by applications, and free to
 * change with any release. The functions stand in src/, under the same names. */
#ifndef FERRY_PARTS_H
#define FERRY_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ferry/hal.h"
#include "ferry/manifest.h"

#define FERRY_WIRE_VERSION 1 /* in HELLO and INFO */

#define FERRY_CTL_IN 56U    /* longest decoded frame a device accepts, chunks apart */
#define FERRY_CTL_OUT 72U   /* longest frame a device sends, as it is on the link */
#define FERRY_PIECE_MAX 48U /* envelope bytes in one OFFER */
#define FERRY_CHUNK_OVER 6U /* index and CRC around a chunk's payload */
/* What a frame on the link has beside a body of up to 508 bytes. */
#define FERRY_FRAME_OVER 4U
#define FERRY_CHUNK_MAX 256U
#define FERRY_WINDOW_CHUNKS 64U /* two blocks of 32 chunks */

/* frame.c: bytes -> frames. `ctl` receives frames whose first byte is not 0, `chunk`
 * the others; either may be NULL: such frames are dropped and reported damaged. */
struct ferry_frame_in {
    uint8_t *ctl, *chunk;
    uint16_t ctl_cap, chunk_cap;
    uint8_t *to;  /* the one of the two that the current frame goes to */
    uint16_t cap; /* its size */
    uint16_t len; /* decoded so far */
    uint8_t left; /* bytes to come in this COBS group */
    bool zero;    /* the group ends in an implied zero */
    bool bad;     /* overflow: dropped at the next delimiter */
    bool any;     /* something came since the last delimiter */
    bool ended;   /* the last byte was a delimiter: `to` and `len` are a frame */
};

/* frame.c: one frame -> bytes, in as many pieces as the link wants. */
struct ferry_frame_out {
    const uint8_t *at; /* what is not sent yet */
    uint16_t left;
};

/* window.c: what is transferred. Block 0 is the block table, block b + 1 the image's
 * block b. */
struct ferry_shape {
    uint16_t chunk;       /* payload bytes of a chunk: 128 or 256 */
    uint16_t table_len;   /* bytes */
    uint32_t payload_len; /* bytes */
};

/* window.c: what has arrived. bits[0] is the base block, bits[1] the next one. */
struct ferry_window {
    struct ferry_shape shape;
    uint32_t bits[2];
    uint16_t base;
    uint8_t epoch;
};

/* msg.c: the facts every ack restates, in the order of the wire. */
struct ferry_ack {
    uint32_t epoch;
    uint32_t base;
    uint32_t bits[2];
    uint32_t credit;
    uint32_t reason; /* enum ferry_reason */
    uint32_t echo;   /* token of the last STATUS? that is fully accounted for */
    uint32_t wait;   /* tenths of a second the device expects to be busy */
};

/* msg.c: what a verdict says before its ack, in the order of the wire. */
struct ferry_judgement {
    uint32_t kind, code, detail, number;
};

/* sender.c: what is on its way. One row per chunk of the two blocks. */
struct ferry_sender {
    struct ferry_window window;
    uint32_t flying[2];                  /* sent, not acked, not known to be lost */
    uint32_t again[2];                   /* retransmitted once; may go a second time */
    uint32_t order[FERRY_WINDOW_CHUNKS]; /* ordinal of its last transmission */
    uint32_t first[FERRY_WINDOW_CHUNKS]; /* of the earliest copy in flight */
    uint8_t sent[FERRY_WINDOW_CHUNKS];   /* transmissions, <= 255 */
    uint8_t failed[FERRY_WINDOW_CHUNKS]; /* failed retransmissions since progress */
    uint32_t last_order;
    uint32_t status_order; /* ordinal when the last STATUS? was sent */
    uint32_t settled; /* transmissions up to here have arrived, or are known lost */
    uint8_t credit;
    uint8_t worst;  /* most failures of any chunk since progress */
    bool explained; /* the newest ack itself showed what was lost */
};

/* retry.c: deadlines from round trips. All times are milliseconds, wrapping. */
struct ferry_retry {
    uint32_t heard;    /* when the peer was last heard */
    uint32_t due;      /* when to ask again */
    uint32_t timed_at; /* when the timed chunk went out */
    uint32_t timed;    /* its ordinal, 0 = none */
    uint16_t smoothed; /* round trip, 0 = not measured yet */
    uint16_t backoff;  /* current wait */
};

/* flash.c: the one outstanding flash call. */
struct ferry_io {
    const struct ferry_flash *flash;
    struct ferry_flash_op op; /* an erase's buf is NULL */
};

/* bank.c: the staging bank. Offsets count from the bank's start. */
struct ferry_bank {
    uint32_t addr;
    uint32_t header_len;
    uint32_t erased; /* everything from the base block up to here is erased or ours */
    uint8_t number;  /* 0 or 1 */
    const struct ferry_flash *flash;
};

/* What the records of the two journals say. Frozen for a device's life: its bootloader is
 * never updated. Numbers are in the device's own byte order; spare bytes survive a
 * writer that does not know them. */

/* The boot journal's: the bootloader writes it, everybody reads it. */
struct ferry_boot_record {
    uint8_t flags;            /* FERRY_BOOT_* */
    uint8_t faults;           /* of the trial; else since the confirm, unforgiven */
    uint8_t powers, expiries; /* of the trial */
    uint8_t resets;           /* abnormal ones since the confirm, saturating */
    uint8_t healthy;          /* the application's, as last seen */
    uint8_t outcome;          /* of the last update: enum ferry_outcome */
    uint8_t tomb_slot;
    uint32_t floor;
    uint32_t tomb_version;
    uint32_t seen;  /* the application's `commit`, as last judged */
    uint32_t trial; /* number of the last trial */
    uint32_t outcome_version;
    uint8_t outcome_digest[8];
    uint16_t updates, rollbacks; /* ever */
    uint8_t active[16];          /* digest of what boots */
    uint8_t previous[16];        /* of the other bank, while it is a fallback */
    uint8_t returns;             /* rollbacks of outcome_digest without a tombstone */
    uint8_t spare[3];
};
#define FERRY_BOOT_BANK 0x01U      /* which bank boots */
#define FERRY_BOOT_ON_TRIAL 0x02U  /* and is not confirmed */
#define FERRY_BOOT_FALLBACK 0x04U  /* `previous` means something */
#define FERRY_BOOT_TOMBSTONE 0x08U /* `tomb_*` mean something */
#define FERRY_BOOT_LOOPED 0x10U    /* fell back from a crash loop since a confirm */

/* The application journal's: requests, which bind nobody, and counts. */
struct ferry_app_record {
    uint32_t commit; /* number of this request; 0: none was ever made */
    uint8_t bank;    /* that should boot */
    uint8_t healthy; /* goes up by one to ask that a fault be forgiven */
    uint8_t begins;  /* clean starts since the confirm, saturating */
    uint8_t spare;
    uint8_t digest[16]; /* of the bank's envelope */
    uint32_t confirm;   /* number of the trial to be confirmed; 0: none */
    uint32_t lease;     /* statement counters up to this may be used */
    uint16_t starts;    /* since the confirm, of those that made a statement */
    uint16_t hash_errors, block_errors, bad_signatures;
    uint8_t offender[9];
    uint8_t refusals[13];
    uint8_t spare_end[2];
};

/* journal.c: a power-safe log in two erase units, and the append under way. */
struct ferry_journal {
    const struct ferry_flash *flash;
    bool sound_only; /* a reader: what lacks its CONFIRM was never said */
    bool found;      /* the scan found a record */
    bool unread;     /* flash could not be read everywhere */
    bool cut;        /* a page was written to, and no record in it has its CONFIRM */
    bool doubt;      /* restate it before acting on it */
    uint8_t holder;  /* page of the newest record, to append to */
    uint8_t step, target; /* of an append; its page */
    uint8_t payload_len;  /* multiple of 4 */
    uint8_t word_len;     /* of mark, head or CONFIRM, in whole write units */
    uint16_t body_len;    /* of what stands between head and CONFIRM, likewise */
    uint16_t slot_len;    /* head, body and CONFIRM */
    uint16_t slots;       /* that a page has */
    uint16_t tail;        /* first slot of that page that was never touched */
    uint16_t slot;        /* of an append */
    uint32_t page[2];     /* addresses, one erase unit each */
    uint32_t first;       /* word that a slot of this journal begins with */
    uint32_t at;          /* address of the operation that is next */
    uint32_t sequence;    /* of the newest record, or of what was torn since */
    uint32_t least;       /* in doubt, the next is above this */
    uint8_t *room;        /* FERRY_JOURNAL_ROOM bytes, 4-aligned, the caller's */
};

/* verify.c: a hash over flash in steps, and the two gates. */
struct ferry_verify {
    const struct ferry_flash *flash;
    const struct ferry_crypto *crypto;
    uint32_t at, left;
    uint32_t hash_gate, sig_gate;
};

#endif
