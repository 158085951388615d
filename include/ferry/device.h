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
    FERRY_DEVICE_REPORTING,  /* a statement's counter, then its signature */
    FERRY_DEVICE_BROKEN      /* a reset: flash or crypto never gave a call back */
};
#define FERRY_DEVICE_STATES 13

/* The pool: FERRY_DEVICE_SLOT(chunk) bytes per chunk buffer, three or more, at most
 * 64, and 396 bytes or more in all; 4-aligned. */
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

/* Since init. */
struct ferry_device_counts {
    uint32_t frames_bad;      /* damaged, foreign or over-long */
    uint32_t chunks_ignored;  /* good, but here already, or not wanted now */
    uint32_t refusals;        /* by form or policy */
    uint32_t transfer_errors; /* table, block or image hash mismatches */
    uint32_t security_events; /* signatures refused */
};

struct ferry_device_progress {
    uint32_t image_len; /* bytes, 0 = no transfer */
    uint32_t verified;  /* image bytes in verified blocks */
    uint32_t cursor;    /* chunks: verified blocks plus the leading ones of the next */
    uint32_t version;   /* of the image being received */
};

struct ferry_device {
    /* Internals below: for the debugger. Small ones first, and of the others those that
     * are used most: on a Cortex-M the near ones cost half an instruction. */
    uint8_t owed;      /* bits: which messages */
    uint8_t acks_owed; /* 0 or 1, or one per chunk with ack_every */
    uint8_t fails;     /* consecutive bad signatures */
    uint8_t slots;     /* the pool as a ring of chunk buffers, with head and count */
    bool nack_due;     /* as soon as what is queued is settled */
    uint8_t head;
    bool nacked;        /* the next ack says that a frame was damaged */
    uint8_t bad_epochs; /* since a block was last verified */
    uint8_t echo_next;  /* token of the last STATUS? */
    bool done_known;
    bool power_low; /* an erase waits for the supply */
    uint8_t count;
    bool met;       /* this session's courier has understood INFO */
    bool session;   /* a HELLO was heard, and not given up since */
    uint8_t called; /* which HAL call was made last */
    bool asleep;    /* no work until something happens */
    bool same_link; /* the session's link is still up */
    uint8_t info_flags;
    uint8_t echo;   /* token of the last STATUS? accounted for */
    uint8_t settle; /* queued chunks before a nack or an echo may be said */
    uint8_t done_code;
    uint8_t slot; /* that signed what is received */
    bool keeping; /* the outstanding HAL call is the commit's own work */
    enum ferry_device_state state;
    uint8_t call;       /* which HAL call is outstanding */
    bool live;          /* window, bank and digest describe a transfer under way */
    uint8_t worn;       /* how often its erase budget ran out */
    uint8_t hash_fails; /* whole-image mismatches of this manifest */

    uint16_t tag;
    uint16_t env_len;    /* of the accepted envelope */
    uint16_t report_at;  /* said so far of */
    uint16_t report_len; /* the pool as a statement; 0 = it is none */
    uint16_t env_have;   /* so far of */
    uint16_t sessions;
    uint16_t value_max;
    uint16_t env_total; /* the pool as an envelope */

    struct ferry_device_counts counts;
    int error;
    uint32_t nonce;     /* of the HELLO that opened the session */
    uint32_t now;       /* as of the current verb */
    int result;         /* of the step, or of the HAL call that has just ended */
    uint32_t asker;     /* nonce of the HELLO that INFO answers */
    uint8_t *env;       /* the envelope's place in the pool */
    uint32_t wear_left; /* bytes of this manifest's erase budget */
    uint32_t block_at;  /* when a block was last verified */
    const struct ferry_device_config *cfg;
    uint32_t checked_at; /* the last signature */
    uint32_t heard_at;
    uint32_t version; /* of what is received */
    uint32_t wake;    /* when there is work, unless asleep */
    struct ferry_bank bank;
    struct ferry_window window;
    uint32_t called_at;
    uint32_t begun_at; /* the last clean start, or this session */
    struct ferry_io io;
    uint32_t signed_at; /* the last statement */
    uint32_t info_at;
    struct ferry_verify verify;
    struct ferry_judgement judgement; /* on the last offer */
    uint32_t worn_at;                 /* when the budget ran out */

    struct ferry_frame_in in;
    struct ferry_frame_out out;
    uint8_t digest[FERRY_HASH_LEN];
    uint8_t table_hash[FERRY_HASH_LEN];
    uint8_t image_hash[FERRY_HASH_LEN];
    uint8_t ctl[FERRY_CTL_IN];
    uint8_t tx[FERRY_CTL_OUT];
};

/* 0, or FERRY_E_ARG: chunk, pool, geometry or map cannot work. For a test of the
 * product, or the start of a debug build: init does not spend code on it. */
FERRY_MUST_USE int ferry_device_config_check(const struct ferry_device_config *cfg);

/* Take `cfg`, which must outlive the session and pass the check. No flash is touched. */
void ferry_device_init(struct ferry_device *d, const struct ferry_device_config *cfg,
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
