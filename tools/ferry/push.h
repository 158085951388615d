/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of `ferry push` share. push.c has the verb and its journey,
 * push_drive.c the link and the loop, push_fit.c chooses and asks, push_report.c has
 * the device's statement, push_progress.c shows how far it is, push_end.c how it ended. */
#ifndef FERRY_TOOL_PUSH_H
#define FERRY_TOOL_PUSH_H

#include "args.h"
#include "artifact.h"
#include "ferry/courier.h"
#include "keyfile.h"
#include "pump.h"
#include "statement.h"

/* The rows of its options. */
enum {
    TO,
    YES,
    WAIT,
    PATIENCE,
    MTU,
    REPORT,
    NONCE,
    STATEMENT,
    DEVICE_KEY,
    CLOCK,
    JSON
};

/* One artifact of the release. */
struct package {
    struct bytes file;
    struct artifact a;
    uint8_t digest[FERRY_HASH_LEN];
};

/* How it ended. Only the first three are a success. */
enum push_end {
    PUSH_INSTALLED,
    PUSH_RUNNING,  /* it was there already */
    PUSH_REPORTED, /* nothing but a statement was wanted */
    PUSH_DECLINED, /* the user said no */
    PUSH_REFUSED,  /* by the device, or because nothing fits it */
    PUSH_LATER,    /* the device wants to be asked again */
    PUSH_STOPPED,  /* the user interrupted it */
    PUSH_LOST      /* the link, or the other end's patience */
};

/* What was shown last. */
struct push_progress {
    bool terminal, drawn;
    uint32_t shown_at; /* ms of the wall's clock */
    enum ferry_wait wait;
};

struct push {
    const struct args *args;
    bool json, wait, report;
    uint32_t patience_ms;
    uint32_t mtu;
    struct package packages[OPERANDS_MAX];
    unsigned packages_len;
    /* What is carried; NULL until the user agreed, and then nothing can be read. */
    const struct package *chosen;

    struct ferry_clock clock; /* the device's, and so the session's */
    struct ferry_clock wall;  /* people's */
    struct ferry_link link;
    struct ferry_pump pump;
    struct ferry_courier_config cfg;
    struct ferry_courier courier;
    bool met; /* the device has said what it is: */
    struct ferry_courier_peer peer;
    int out_of_reach;  /* errno of the last attempt to connect; 0: connected */
    uint32_t alive_at; /* when it last answered, */
    int trouble;       /* and what has been wrong since */
    uint32_t began_at; /* the transfer */
    struct push_progress progress;

    struct key device_key; /* with --device-key */
    uint8_t nonce[FERRY_NONCE_LEN];
    struct bytes statement;
    bool reported, checked; /* it came; its signature holds */
    struct artifact said;   /* opened and parsed, once `reported` is true */
    struct ferry_statement says;

    enum push_end end;
    int err;
    char why[200];
};

/* ---- push_drive.c ---------------------------------------------------------------- */

/* The first connection, or the first attempt: the device may be starting just now. An
 * exit code, and has said why. */
int push_connect(struct push *p);
/* Until `there`, the user's interrupt, or the end of patience. True: there; else the
 * end is known. Connects anew as often as needed. */
bool push_drive(struct push *p, bool (*there)(const struct push *p));
/* Has the courier given up trying by itself? */
bool push_is_parked(const struct push *p);
/* Say goodbye, if anybody listens, and close. */
void push_hang_up(struct push *p);
/* Was there an interrupt? */
bool push_interrupted(void);
/* Until standard input has something to say. False: an interrupt came first. */
bool push_wait_for_input(void);

/* ---- push_fit.c ------------------------------------------------------------------ */

/* The artifact for the device that was met; NULL, and the end is known. */
const struct package *push_choose(struct push *p);
/* Does the user want it? False, and the end is known. */
bool push_consent(struct push *p, const struct package *k);
void push_show_device(struct view *v, const struct push *p);

/* ---- push_report.c --------------------------------------------------------------- */

/* For struct ferry_courier_config. */
void push_take_statement(void *ctx, const uint8_t *envelope, size_t len);
/* Check, keep and show what came. False, and the end is known. */
bool push_judge_statement(struct push *p);

/* ---- push_progress.c ------------------------------------------------------------- */

void push_progress_init(struct push_progress *g);
void push_progress_show(struct push *p);
/* Whatever is said next begins on a line of its own. */
void push_progress_clear(struct push *p);
/* Not worth a word: signatures take the device a moment. */
bool push_is_short(const struct ferry_later *later);
#define PUSH_LATER_TEXT 96
const char *push_later_text(const struct ferry_later *later,
                            char text[PUSH_LATER_TEXT]);
#define PUSH_TIME_TEXT 24
const char *push_time_text(uint32_t seconds, char text[PUSH_TIME_TEXT]);

/* ---- push_end.c ------------------------------------------------------------------ */

/* Settle how it ended, and why, in a sentence. False, so that it can be returned. */
bool push_ends(struct push *p, enum push_end end, int err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* What the courier's final state means. */
void push_ends_as(struct push *p);
/* The last word: a line, or the JSON object. The exit code. */
int push_finish(struct push *p);

#endif
