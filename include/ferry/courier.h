/* SPDX-License-Identifier: Apache-2.0
 *
 * The courier's end: the phone. It carries an artifact (envelope, block table, image)
 * to a device and is trusted with nothing; it holds no key and decides nothing. The
 * same five verbs as the device's drive it, in one context.
 *
 * A release has one artifact per bank link address and hardware range; give the
 * courier all of them and it picks the one that fits the device it meets. */
#ifndef FERRY_COURIER_H
#define FERRY_COURIER_H

#include "ferry/parts.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What each state waits for. docs/PROTOCOL.md has the table of states and events. */
enum ferry_courier_state {
    FERRY_COURIER_DOWN,   /* the link */
    FERRY_COURIER_HELLO,  /* INFO */
    FERRY_COURIER_REPORT, /* the device's statement, or that there is none */
    FERRY_COURIER_OFFER,  /* VERDICT */
    FERRY_COURIER_SEND,   /* acks, then DONE */
    FERRY_COURIER_LATER,  /* the time the device named */
    FERRY_COURIER_PARKED, /* its own next try, or a new link */
    FERRY_COURIER_DONE,   /* nothing: committed, or already running */
    FERRY_COURIER_REFUSED /* nothing: the device, or this courier, will not */
};
#define FERRY_COURIER_STATES 9

/* Why nothing moves at the moment; FERRY_WAIT_NONE while it does, and when all is done.
 * The numbers do not change their meaning. How long a wait can last at most tells
 * ferry_courier_deadline(). */
enum ferry_wait {
    FERRY_WAIT_NONE = 0,
    FERRY_WAIT_LINK,      /* there is no link, or it was lost */
    FERRY_WAIT_PEER,      /* no answer yet, to a greeting or to a question */
    FERRY_WAIT_CREDIT,    /* the device has no free buffer */
    FERRY_WAIT_ERASING,   /* the device is erasing */
    FERRY_WAIT_VERIFYING, /* the device is verifying: the offer, a block, the image */
    FERRY_WAIT_RESUMING,  /* the device is looking at what it already has */
    FERRY_WAIT_POWER,     /* the device's supply is low */
    FERRY_WAIT_LATER,     /* the device said later; see `later` */
    FERRY_WAIT_RETRY,     /* parked because of `error`; tries again by itself */
    FERRY_WAIT_PARKED,    /* the same, and only a new link helps */
    FERRY_WAIT_REFUSED    /* for good, because of `error` */
};
#define FERRY_WAITS 12

struct ferry_courier_config {
    void *ctx;
    /* Copy `len` bytes at `off` of artifact number `which`. Synchronous. 0, or
     * negative: the courier parks with FERRY_E_READ. */
    int (*read)(void *ctx, unsigned which, uint32_t off, void *buf, uint32_t len);
    uint8_t artifacts;    /* how many `which` there are; 0: none, only a statement */
    uint8_t nonce[4];     /* random, new for each init */
    uint16_t value_max;   /* largest value this end can receive, e.g. MTU - 3 */
    uint8_t retry_budget; /* failed retransmissions without progress; 0 means 3 */
    bool stay_parked;     /* do not say HELLO again by itself after parking */

    /* A server's nonce, 16 bytes: before it offers anything the courier asks for the
     * device's statement about it. NULL: it does not. */
    const uint8_t *report_nonce;
    /* The whole statement (ferry/statement.h), once; unverified, for whoever knows the
     * device's key. The bytes are the courier's, for the length of the call. Not called
     * where the device has none to give now. */
    void (*statement)(void *ctx, const uint8_t *envelope, size_t len);
};

struct ferry_courier_counts {
    uint32_t frames_out;
    uint32_t frames_in;
    uint32_t frames_bad;
    uint32_t image_bytes_sent; /* payload of image chunks, repeats included */
    uint32_t table_bytes_sent;
    uint32_t bytes_repeated; /* payload bytes of chunks sent more than once */
    uint32_t statuses;
    uint16_t parks;
    uint16_t hellos;
    uint16_t epochs; /* times the device took acked chunks back */
};

struct ferry_courier_progress {
    uint32_t image_len; /* bytes; 0 until an artifact is chosen */
    uint32_t acked;     /* image bytes the device has acked; at most image_len */
    uint32_t verified;  /* image bytes in blocks the device has verified */
    uint32_t cursor;    /* highest contiguous chunk, counted as the device does */
    uint32_t version;   /* being carried */
    /* Image bytes acked in a second, smoothed over some four; what the device had
     * before does not count. 0: not known yet, or nothing was acked. Up to 2^20. */
    uint32_t rate;
    uint32_t left_ms; /* until all is acked, at that rate; UINT32_MAX: not known */
    enum ferry_wait wait;
    int error;                /* enum ferry_err behind RETRY, PARKED and REFUSED; as
                  ferry_courier_error() */
    struct ferry_later later; /* with FERRY_WAIT_LATER: as the device said it, its
                                 seconds within 1..86400 */
};

struct ferry_courier_peer { /* what INFO said; valid once state has passed HELLO */
    uint8_t class_id[16];
    uint8_t digest[16];
    uint32_t hw_rev, version, floor, link, boot_caps;
    uint16_t chunk;
    uint8_t window;
    bool withheld; /* version and digest were not told */
};

struct ferry_courier {
    /* Internals below: for the debugger. */
    const struct ferry_courier_config *cfg;
    enum ferry_courier_state state;
    uint32_t now; /* as of the current verb */
    int error;

    /* the link */
    struct ferry_frame_in in;
    struct ferry_frame_out out;
    uint8_t ctl[128];
    uint8_t tx[FERRY_CHUNK_MAX + FERRY_CHUNK_OVER + FERRY_FRAME_OVER];
    uint16_t tag;
    bool link_up;
    bool owes_hello, owes_status, owes_report, owes_abort;

    /* the statement */
    uint8_t statement[FERRY_ENVELOPE_MAX];
    uint16_t statement_have, statement_total;
    bool reported; /* it was handed over, or there is none */

    /* the transfer */
    struct ferry_courier_peer peer;
    uint8_t which; /* artifact */
    uint16_t env_len, env_sent;
    uint32_t image_len, version;
    struct ferry_sender sender;
    struct ferry_retry retry;
    uint8_t token;  /* of the newest STATUS? */
    bool asked;     /* and it is not answered yet */
    uint8_t reason; /* enum ferry_reason of the newest ack */

    /* how fast it goes */
    uint32_t rate;     /* bytes per second */
    uint32_t paced;    /* acked bytes when it was last looked at, */
    uint32_t paced_at; /* and when that was */

    /* waiting */
    bool unanswered; /* asked again, and nothing was heard since */
    struct ferry_later later;
    uint32_t later_until;
    uint32_t resume_at;
    uint32_t moved_at; /* when a chunk was last newly acked, or the state begun */
    uint32_t farthest; /* cursor; beyond it lies progress */
    uint8_t resumes;   /* own tries since progress */
    uint8_t setbacks;  /* and times the device took back, or began anew */
    bool will_resume;
    struct ferry_courier_counts counts;
};

/* Take `cfg`, which must outlive the session. 0 or FERRY_E_ARG. */
FERRY_MUST_USE int ferry_courier_init(struct ferry_courier *c,
                                      const struct ferry_courier_config *cfg,
                                      uint32_t now_ms);

/* The link came up (the session says HELLO) or went down. */
void ferry_courier_link(struct ferry_courier *c, bool up, uint32_t now_ms);

/* Bytes from the link, cut anywhere. */
void ferry_courier_input(struct ferry_courier *c, const void *bytes, size_t len,
                         uint32_t now_ms);

/* Fill one link value of at most `cap` bytes; call once for each value the link can
 * take now. Returns its length, 0 when there is nothing to say. */
FERRY_MUST_USE size_t ferry_courier_output(struct ferry_courier *c, void *buf,
                                           size_t cap, uint32_t now_ms);

void ferry_courier_tick(struct ferry_courier *c, uint32_t now_ms);

/* Milliseconds until tick is wanted; UINT32_MAX = not until something happens. */
FERRY_MUST_USE uint32_t ferry_courier_deadline(const struct ferry_courier *c,
                                               uint32_t now_ms);

/* The user said stop: one ABORT goes out if the link is up; the device keeps all. */
void ferry_courier_abort(struct ferry_courier *c, uint32_t now_ms);

FERRY_MUST_USE enum ferry_courier_state
ferry_courier_state(const struct ferry_courier *c);
void ferry_courier_progress(const struct ferry_courier *c,
                            struct ferry_courier_progress *out);

/* A stable word, for logs and scripts: "none", "link", "peer", "credit", "erasing",
 * "verifying", "resuming", "power", "later", "retry", "parked", "refused"; "" for what is
 * none of these. */
FERRY_MUST_USE const char *ferry_courier_wait_name(enum ferry_wait wait);
/* The same for `later.why`: "none", "trial", "committed", "verifying", "rate", "wear",
 * "pending", "in_use", "battery"; "app" from FERRY_LATER_APP on, else "unknown". */
FERRY_MUST_USE const char *ferry_courier_later_name(uint8_t why);

/* Why the session parked or refused; in state DONE, 0 = committed (or, without an
 * artifact, done) and FERRY_E_SAME = it was already running. */
FERRY_MUST_USE int ferry_courier_error(const struct ferry_courier *c);

/* For callers that cannot see struct ferry_courier (JNI, Swift): its size. */
FERRY_MUST_USE size_t ferry_courier_size(void);

#ifdef __cplusplus
}
#endif
#endif
