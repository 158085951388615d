/* SPDX-License-Identifier: Apache-2.0
 *
 * What a port provides: flash, crypto, who commits, and (optional) the application's
 * consent. Each is a const struct of function pointers with a `ctx` that is handed
 * back untouched. Above each callback five answers: may it block? who owns the
 * memory? what sizes and alignment? what if it is repeated? what does 0 mean?
 *
 * All callbacks run inside the session verb that needs them, in its context. A
 * callback never calls a session verb: completions are reported later, by done(). One
 * that is not given within 5 s breaks the session until a reset. */
#ifndef FERRY_HAL_H
#define FERRY_HAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ferry/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Positive results: neither an error nor finished. */
#define FERRY_PENDING 1 /* started; done() will say how it ended */
#define FERRY_MORE 2    /* erase only: a slice is finished, call again to go on */

/* The one value that says "this signature holds". Anything else, 0 included, says
 * that it does not: a backend that returns garbage refuses. */
#define FERRY_VALID 0x5AC3

/* ---- flash: one address space, NOR rules ----------------------------------------- */

/* `addr` counts in the address space of struct ferry_map. At most one erase or
 * write is outstanding; a done() not given within 5 s counts as a failure, and the
 * buffer of that write is never reused. */
struct ferry_flash {
    void *ctx;
    uint32_t erase_unit; /* bytes, a power of two, 512..131072 */
    uint8_t write_unit;  /* bytes, a power of two, 1..32 */
    uint8_t erased;      /* what an erased byte reads as: 0xFF or 0x00 */

    /* Erase one erase unit.
     * Blocks? May; or returns FERRY_PENDING; or FERRY_MORE after a slice of a few
     *   milliseconds: it is called again with the same addr, writes to *other*
     *   units may come in between, and a reset starts the unit over.
     * Memory: none.  Sizes: `addr` is a multiple of erase_unit.
     * Repeats: erasing an erased unit is allowed.
     * 0: the unit is erased; Ferry reads it back. Negative: it failed. */
    int (*erase)(void *ctx, uint32_t addr);

    /* Program `len` bytes.
     * Blocks? May; or returns FERRY_PENDING.
     * Memory: `buf` is 4-aligned and stays borrowed until done().
     * Sizes: `addr` and `len` are multiples of write_unit; len <= 512.
     * Repeats: never twice on one write unit between two erases, but for the first
     * unit of a journal record that was cut so early that it reads blank: then the same
     * bytes again. It may refuse that.
     * 0: programmed; Ferry reads it back. Negative: it failed. */
    int (*write)(void *ctx, uint32_t addr, const void *buf, uint32_t len);

    /* Copy `len` bytes out, any alignment. Synchronous. 0: all bytes are there. */
    int (*read)(void *ctx, uint32_t addr, void *buf, uint32_t len);

    /* Let no erase or write reach these bytes until the next reset. Only the
     * bootloader calls it, last of all. May be NULL: this part cannot.
     * Sizes: `addr` and `len` are multiples of erase_unit.
     * Repeats: locking twice is allowed.
     * 0: locked. Negative: not; the boot goes on, and tells by FERRY_HANDOFF_OPEN. */
    int (*lock)(void *ctx, uint32_t addr, uint32_t len);

    /* May be NULL (always). Asked before every erase and before the commit. False:
     * Ferry waits and asks again each second. */
    bool (*power_ok)(void *ctx);
};

/* A piece of work for flash, planned by one who does not carry it out. */
struct ferry_flash_op {
    bool erase; /* one erase unit; else program `len` bytes */
    uint32_t addr;
    const uint8_t *buf; /* 4-aligned; borrowed until the operation ended */
    uint32_t len;
};

struct ferry_area {
    uint32_t addr; /* multiple of erase_unit */
    uint32_t len;  /* multiple of erase_unit */
};

/* Where things lie. A bank is a header (envelope at 0, block table at
 * FERRY_TABLE_OFF) and then the image. */
struct ferry_map {
    struct ferry_area bank[2];
    uint32_t link[2];    /* address an image of this bank must be linked for; on
                          * parts with hardware bank swap both are the same        */
    uint32_t header_len; /* multiple of erase_unit, 1024 or more; 4096 by default */

    /* Two erase units each, nothing else in them. The bootloader alone writes the one,
     * the application the other. Unused where another bootloader commits. */
    uint32_t boot_journal[2];
    uint32_t app_journal[2];
};

#define FERRY_TABLE_OFF 512U /* block table, from the start of a bank */

/* ---- crypto ---------------------------------------------------------------------- */

enum ferry_alg {
    FERRY_ALG_NONE = 0,
    FERRY_ALG_ED25519 = 0x27, /* RFC 8032 PureEdDSA; CBOR -8, the envelope's `aa` */
    FERRY_ALG_ES256 = 0x26    /* reserved; CBOR -7 */
};

/* One burned key slot. All zero: empty, refuses everything. Ed25519 uses the first
 * 32 bytes, the rest is zero. A key kept in a secure element may leave any non-zero
 * mark here. */
struct ferry_key {
    uint8_t alg; /* enum ferry_alg */
    uint8_t key[64];
};

#define FERRY_KEY_SLOTS 8
#define FERRY_SLOT_RECOVERY 7

struct ferry_crypto {
    void *ctx;

    /* SHA-256 (FIPS 180-4). One computation at a time, its state is the port's.
     * Block? Yes, at most 4096 bytes a call. Memory: read only, any alignment.
     * Repeats: init starts over. No result: a broken backend yields a wrong hash,
     * and a wrong hash refuses. */
    void (*sha256_init)(void *ctx);
    void (*sha256_update)(void *ctx, const void *p, size_t len);
    void (*sha256_final)(void *ctx, uint8_t out[32]);

    /* Does `sig` over `msg` hold under the key in `slot`?
     * Blocks? May (feed your watchdog); or returns FERRY_PENDING and done() brings
     *   the result.
     * Memory: all borrowed until the result is known. msg is 46..277 bytes.
     * Repeats: at most once a second.
     * FERRY_VALID: it holds. Anything else, 0 included: it does not. */
    int (*verify)(void *ctx, unsigned slot, const struct ferry_key *key,
                  const uint8_t *msg, size_t msg_len, const uint8_t sig[64]);

    /* Sign with this device's own key (RFC 8032 PureEdDSA), which is in no slot and
     * signs nothing else. May be NULL: this device makes no statements.
     * Blocks? May; or returns FERRY_PENDING and done() brings the result.
     * Memory: all borrowed until then. msg is 46..277 bytes, sig 64 bytes.
     * Repeats: at most once in two seconds.
     * FERRY_VALID: `sig` is the signature. Anything else, 0 included: it is not. */
    int (*sign)(void *ctx, const uint8_t *msg, size_t msg_len, uint8_t sig[64]);
};

/* ---- who this device is ---------------------------------------------------------- */

/* boot_caps: what the bootloader in the field can check. An image that needs more is
 * refused at the offer (E_BOOT), not at boot. */
#define FERRY_CAP_KEY_DEVICE 0x00000001UL /* boot-critical manifest key 15 */
#define FERRY_CAP_EDDSA 0x00000100UL      /* envelopes signed with Ed25519 */
#define FERRY_CAP_ES256 0x00000200UL

struct ferry_identity {
    uint8_t class_id[16]; /* UUIDv5 of vendor and product, as RFC 9124 3.5 */
    uint8_t device_id[16];
    uint32_t hw_rev;
    uint32_t boot_caps;           /* FERRY_CAP_* */
    const struct ferry_key *keys; /* FERRY_KEY_SLOTS of them */
};

/* ---- who makes a verified bank bootable ------------------------------------------ */

/* What boots now, as the journal of whoever boots it says. */
struct ferry_boot_state {
    uint8_t active_bank;    /* 0 or 1; the other one is the staging bank */
    uint8_t slot;           /* key slot that signed the running image */
    uint32_t version;       /* of the running image */
    uint8_t digest[32];     /* of its envelope */
    uint8_t image_hash[16]; /* first bytes of its SHA-256 */
    uint32_t floor;         /* slot << 24 | security counter */
    bool trial;             /* runs unconfirmed: offers are answered "later" */
    bool settled;           /* with `trial`: confirmed, and a reset makes it so */
    bool committed;         /* the staging bank boots next: offers wait, too */
    bool tombstone;         /* the next two mean something */
    uint8_t tombstone_slot;
    uint32_t tombstone_version;
    uint8_t begins; /* clean starts (FERRY_EVENT_BEGIN) since the last confirm */
};

/* Proof that a bank passed both gates. Only verify.c makes one that holds. */
struct ferry_ticket {
    uint8_t bank;
    uint8_t digest[32]; /* of the verified envelope */
    uint32_t version;
    uint32_t hash_gate;
    uint32_t sig_gate;
};

/* True only for a ticket from verify.c; reads both gates twice. */
FERRY_MUST_USE bool ferry_ticket_holds(const struct ferry_ticket *t);

enum ferry_event {
    FERRY_EVENT_BEGIN = 1, /* a manifest was accepted; staging is about to change */
    FERRY_EVENT_RESUME,    /* a manifest was accepted; staging already has some */
    FERRY_EVENT_BLOCK,     /* one more block verified */
    FERRY_EVENT_REFUSED,   /* an offer was refused by policy or form; err says why */
    FERRY_EVENT_TRANSFER,  /* transfer error: hash or block mismatch */
    FERRY_EVENT_SECURITY,  /* signature refused, at the offer or at the gate */
    FERRY_EVENT_COMMITTED, /* the staging bank boots next */
    FERRY_EVENT_REBOOT,    /* reboot now: everything is said and durable */
    FERRY_EVENT_HELLO,     /* a courier's HELLO was answered: an update can get in */
    FERRY_EVENT_REPORTED   /* a whole statement was handed to a courier */
};

struct ferry_statement;

/* ferry/app_journal.h has the one that goes with ferry/boot.h. The first two are
 * required, the others may be NULL. */
struct ferry_commit {
    void *ctx;

    /* What boots now; valid until the next call of any of these. NULL: unknown, Ferry
     * refuses offers until it is known. */
    const struct ferry_boot_state *(*state)(void *ctx);

    /* Make the ticket's bank boot next: one atomic record, and none unless
     * ferry_ticket_holds(). Blocks briefly; or returns FERRY_PENDING, and done() brings
     * the result; or FERRY_MORE: the work stands in next(), ask again when it is done.
     * The ticket stays borrowed until then. Repeats: the same ticket again is harmless.
     * 0: it will boot. */
    int (*request)(void *ctx, const struct ferry_ticket *t);

    /* Flash work the session shall do between its own. True: `op` is the next piece;
     * the same again until did() has said how it went (0: done, and reads back right).
     * `op` may be NULL: is there any? */
    bool (*next)(void *ctx, struct ferry_flash_op *op);
    void (*did)(void *ctx, int status);

    /* What the session tells the application, told here first. `offender`: with
     * FERRY_EVENT_SECURITY key slot and first 8 bytes of the refused digest, else
     * NULL. */
    void (*event)(void *ctx, enum ferry_event event, int err, const uint8_t *offender);

    /* Fill in what it knows for a statement, with a counter never used before. 0; or
     * FERRY_MORE: the work stands in next(), ask again. Negative: no statement now, and
     * always so where state() is NULL. */
    int (*report)(void *ctx, struct ferry_statement *s);
};

/* ---- the application's say (every pointer, and the whole struct, may be NULL) --- */

enum ferry_later_why {
    FERRY_LATER_NONE = 0,
    FERRY_LATER_TRIAL = 1,     /* the running image is not confirmed yet */
    FERRY_LATER_COMMITTED = 2, /* an update waits for the reboot */
    FERRY_LATER_VERIFYING = 3, /* an update is being verified */
    FERRY_LATER_RATE = 4,      /* too many bad signatures; wait */
    FERRY_LATER_WEAR = 5,      /* this manifest has used up its erase budget */
    FERRY_LATER_PENDING = 6,   /* another manifest is being received */
    FERRY_LATER_IN_USE = 16,   /* from the application: not while it is used */
    FERRY_LATER_BATTERY = 17,  /* from the application: `detail` is percent */
    FERRY_LATER_APP = 32       /* 32..255 are the application's own */
};

struct ferry_later {
    uint32_t seconds; /* offer again after this; 1..86400 */
    uint8_t why;      /* enum ferry_later_why */
    uint8_t detail;
};

struct ferry_manifest;

struct ferry_app {
    void *ctx;
    /* May this update begin or go on? True: yes. False: `later` says when. */
    bool (*may_begin)(void *ctx, const struct ferry_manifest *m,
                      struct ferry_later *later);
    /* Asked each second after a commit. True is followed by FERRY_EVENT_REBOOT. */
    bool (*may_reboot)(void *ctx);
    /* May a peer learn version and digest of the running image? */
    bool (*may_report)(void *ctx);
    /* err is 0 or an enum ferry_err. */
    void (*event)(void *ctx, enum ferry_event event, int err);
};

#ifdef __cplusplus
}
#endif
#endif
