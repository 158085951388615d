/* SPDX-License-Identifier: Apache-2.0
 *
 * The device's end: receives a signed image into the staging bank, verifies it from
 * flash and asks `commit` to make it boot. Five verbs drive it; it never blocks, never
 * allocates, and keeps everything in one struct and one pool.
 *
 * All verbs of one session run in one context: never from an interrupt, never from a
 * HAL callback. `now_ms` is any millisecond clock; it may wrap. */
#ifndef FERRY_DEVICE_H
#define FERRY_DEVICE_H

#include "ferry/parts.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What each state waits for. docs/PROTOCOL.md has the table of states and events. */
enum ferry_device_state {
    FERRY_DEVICE_IDLE,       /* an OFFER; nothing is being received */
    FERRY_DEVICE_OFFERED,    /* the rest of an envelope */
    FERRY_DEVICE_CHECKING,   /* the verdict on the offered envelope */
    FERRY_DEVICE_LOOKING,    /* what the staging bank already holds */
    FERRY_DEVICE_CLEARING,   /* the header erased, and the envelope written */
    FERRY_DEVICE_RECEIVING,  /* chunks, and flash */
    FERRY_DEVICE_HASHING,    /* the hash over the whole image in flash */
    FERRY_DEVICE_GATING,     /* the signature over the stored envelope */
    FERRY_DEVICE_COMMITTING, /* the commit record */
    FERRY_DEVICE_COMMITTED,  /* the reboot */
    FERRY_DEVICE_DISCARDING, /* the header of a refused image erased */
    FERRY_DEVICE_BROKEN      /* a reset: flash or crypto never gave a call back */
};
#define FERRY_DEVICE_STATES 12

/* The pool: FERRY_DEVICE_SLOT(chunk) bytes per chunk buffer, three or more, at most
 * 64, and 364 bytes or more in all; 4-aligned. */
#define FERRY_DEVICE_SLOT(chunk) ((chunk) + 8U)

struct ferry_device_config {
    const struct ferry_identity *identity;
    const struct ferry_map *map;
    const struct ferry_flash *flash;
    const struct ferry_crypto *crypto;
    const struct ferry_commit *commit;
    const struct ferry_app *app; /* may be NULL */
    uint8_t *pool;               /* borrowed for the session's life */
    uint16_t pool_len;
    uint16_t chunk;        /* 128 or 256; a constant of the product */
    uint16_t session_seed; /* differs from boot to boot if it can (a counter, noise) */
    uint8_t ack_every;     /* 0: acks coalesce; 1: one ack for each chunk */
};

/* Since init. Saturating. */
struct ferry_device_counts {
    uint32_t frames_in;       /* good frames */
    uint32_t frames_bad;      /* damaged, foreign or over-long */
    uint32_t chunks_repeated; /* good, but already here */
    uint32_t chunks_unwanted; /* good, but outside the window or the pool */
    uint32_t erases;          /* erase units erased */
    uint32_t writes;          /* program calls */
    uint16_t refusals;        /* by form or policy */
    uint16_t transfer_errors; /* table, block or image hash mismatches */
    uint16_t security_events; /* signatures refused */
    uint16_t signature_checks;
};

struct ferry_device_progress {
    uint32_t image_len; /* bytes, 0 = no transfer */
    uint32_t verified;  /* image bytes in verified blocks */
    uint32_t cursor;    /* chunks: verified blocks plus the leading ones of the next */
    uint32_t version;   /* of the image being received */
};

struct ferry_device {
    /* Internals below: for the debugger. */
    const struct ferry_device_config *cfg;
    enum ferry_device_state state;

    /* link and session */
    struct ferry_frame_in in;
    struct ferry_frame_out out;
    uint8_t ctl[FERRY_CTL_IN];
    uint8_t tx[FERRY_CTL_OUT];
    uint8_t nonce[4];
    uint16_t tag;
    uint16_t sessions;
    uint8_t owed; /* bits: which messages */
    uint8_t acks_owed;
    bool link_up;
    bool session;    /* a HELLO was heard */
    bool hello_seen; /* on this link, since it came up */
    uint8_t verdict, verdict_code, verdict_detail;
    uint32_t verdict_number;
    uint8_t done_code;
    uint8_t reason, echo;
    uint8_t nack_after, echo_after, echo_next; /* chunks still queued before it holds */
    uint32_t heard_at, info_at, block_at;

    /* the transfer */
    bool live; /* window, bank and digest describe a transfer under way */
    struct ferry_window window;
    struct ferry_bank bank;
    uint8_t digest[FERRY_HASH_LEN];
    uint32_t version;
    uint8_t slot;
    uint8_t bad_epochs; /* since a block was last verified */
    uint16_t erase_budget;
    uint16_t hash_failed; /* CRC-16 of the digest that failed whole once; 0 = none */

    /* the pool: a ring of chunk buffers, or one envelope */
    uint8_t head, count, slots;
    uint16_t env_have, env_total;

    /* work under way */
    struct ferry_io io;
    struct ferry_verify verify;
    struct ferry_ticket ticket;
    uint8_t call; /* which HAL call is outstanding */
    uint8_t phase;
    uint8_t fails;  /* consecutive bad signatures */
    uint16_t block; /* LOOKING: next to check */
    uint32_t called_at;
    uint32_t check_at; /* next signature check allowed */
    uint32_t wake;     /* when tick has something to do */
    bool asleep;       /* nothing to do until something happens */
    int error;
    struct ferry_device_counts counts;
};

/* Take `cfg`, which must outlive the session. 0 or FERRY_E_ARG. No flash is touched. */
FERRY_MUST_USE int ferry_device_init(struct ferry_device *d,
                                     const struct ferry_device_config *cfg,
                                     uint32_t now_ms);

/* The link came up or went down. Nothing received is lost by it. */
void ferry_device_link(struct ferry_device *d, bool up, uint32_t now_ms);

/* Bytes from the link, cut anywhere. Decodes and queues; never touches flash. */
void ferry_device_input(struct ferry_device *d, const void *bytes, size_t len,
                        uint32_t now_ms);

/* Fill one link value of at most `cap` bytes; call once for each value the link can
 * take now. Returns its length, 0 when there is nothing to say. */
FERRY_MUST_USE size_t ferry_device_output(struct ferry_device *d, void *buf, size_t cap,
                                          uint32_t now_ms);

/* One bounded step: at most one flash call or 4096 bytes of hashing. */
void ferry_device_tick(struct ferry_device *d, uint32_t now_ms);

/* Milliseconds until tick is wanted: 0 = at once, UINT32_MAX = not until something
 * happens. */
FERRY_MUST_USE uint32_t ferry_device_deadline(const struct ferry_device *d,
                                              uint32_t now_ms);

/* The one outstanding HAL call ended: 0 or FERRY_VALID is success (as the callback
 * would have returned), anything else failure. Ignored when none is outstanding. */
void ferry_device_done(struct ferry_device *d, int status, uint32_t now_ms);

/* The peer is another one, or the user said stop: forget the session, keep what was
 * received. */
void ferry_device_abort(struct ferry_device *d, uint32_t now_ms);

FERRY_MUST_USE enum ferry_device_state ferry_device_state(const struct ferry_device *d);
void ferry_device_progress(const struct ferry_device *d,
                           struct ferry_device_progress *out);

/* Why the last offer or transfer ended, 0 or an enum ferry_err. */
FERRY_MUST_USE int ferry_device_error(const struct ferry_device *d);

#ifdef __cplusplus
}
#endif
#endif
