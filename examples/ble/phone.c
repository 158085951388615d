/* SPDX-License-Identifier: Apache-2.0
 *
 * A phone's courier behind a real Bluetooth stack, which is another process (wire.h).
 * Carries a release until the device says that it runs, and signs it. Knows no UUID, no
 * MTU but the one it is told, and no key but the one that checks the statement. */
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "ferry/courier.h"
#include "file.h"
#include "names.h"
#include "wire.h"
#include "witness.h"

#define ARTIFACTS 8U
#define ARTIFACT_MAX (1U << 20)
#define SLOTS 4U     /* values that the stack may hold */
#define ATT_HEAD 3U  /* opcode and handle */
#define LOOK_MS 500U /* the longest wait */

enum { ARRIVED, REFUSED, MISUSE, GAVE_UP };

struct phone {
    uint32_t patience_ms;
    uint8_t device_key[32], nonce[16];
    struct {
        uint8_t *bytes;
        size_t len;
    } artifact[ARTIFACTS];
    struct wire wire;
    struct ferry_clock clock;
    struct ferry_courier_config cfg;
    struct ferry_courier courier;
    enum ferry_courier_state state; /* as last said */
    bool committed;                 /* now it has to come up, and say so */
    bool holds;                     /* and it has: the statement is the device's */
    bool parked;                    /* the link has been given up */
    uint32_t percent;
    uint16_t conn, value_max;
    uint8_t slots;
    uint32_t began, alive_at; /* ms */
    uint32_t written, heard;  /* values */
};

static struct phone ph;

/* ---- what it says ---------------------------------------------------------------- */

static void say_progress(const char *what)
{
    const struct ferry_courier_counts *n = &ph.courier.counts;
    struct ferry_courier_progress p;

    ferry_courier_progress(&ph.courier, &p);
    fprintf(stderr,
            "phone %s cursor=%u acked=%u of=%u sent=%u repeated=%u epochs=%u "
            "frames_bad=%u written=%u heard=%u ms=%u\n",
            what, (unsigned)p.cursor, (unsigned)p.acked, (unsigned)p.image_len,
            (unsigned)n->image_bytes_sent, (unsigned)n->bytes_repeated, n->epochs,
            (unsigned)n->frames_bad, (unsigned)ph.written, (unsigned)ph.heard,
            (unsigned)(ferry_clock_now(&ph.clock) - ph.began));
}

static void say_news(uint32_t now)
{
    struct ferry_courier_progress p;

    ferry_courier_progress(&ph.courier, &p);
    if (ph.courier.state != ph.state) {
        ph.state = ph.courier.state;
        if (ph.state == FERRY_COURIER_SEND) {
            say_progress("accepted");
        } else {
            fprintf(stderr, "phone state=%s err=%s\n", name_of_state(ph.state),
                    ferry_errname(ferry_courier_error(&ph.courier)));
        }
    }
    uint32_t percent =
        p.image_len > 0 ? (uint32_t)((uint64_t)p.acked * 100U / p.image_len) : 0;
    if (percent != ph.percent) {
        ph.percent = percent;
        ph.alive_at = now;
        say_progress("progress");
    }
}

static void on_statement(void *ctx, const uint8_t *envelope, size_t len)
{
    struct ferry_statement s;

    (void)ctx;
    int err = witness_hear(envelope, len, ph.device_key, ph.nonce, &s);
    ph.holds = err == 0;
    fprintf(stderr, "phone statement bytes=%zu holds=%d", len, ph.holds);
    if (ph.holds) {
        fprintf(stderr, " version=%u.%u.%u outcome=%s", (unsigned)(s.version >> 24),
                (unsigned)(s.version >> 16 & 0xFFU), (unsigned)(s.version & 0xFFFFU),
                witness_outcome(s.outcome));
    }
    fprintf(stderr, "\n");
}

/* ---- the artifacts --------------------------------------------------------------- */

static int read_artifact(void *ctx, unsigned which, uint32_t off, void *buf,
                         uint32_t len)
{
    (void)ctx;
    if (off > ph.artifact[which].len || len > ph.artifact[which].len - off) {
        return -1;
    }
    memcpy(buf, ph.artifact[which].bytes + off, len);
    return 0;
}

static int load(char **paths, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        ph.artifact[i].bytes = malloc(ARTIFACT_MAX);
        if (ph.artifact[i].bytes == NULL ||
            ferry_file_load(paths[i], ph.artifact[i].bytes, ARTIFACT_MAX,
                            &ph.artifact[i].len) != 0) {
            fprintf(stderr, "phone: %s: %s\n", paths[i], strerror(errno));
            return -1;
        }
    }
    ph.cfg.artifacts = (uint8_t)n;
    return 0;
}

/* ---- the session ----------------------------------------------------------------- */

/* The second one asks for the statement, too: what runs now, in the device's words. */
static void begin(bool report)
{
    ph.holds = false;
    ph.cfg.read = read_artifact;
    ph.cfg.value_max = 244; /* what a notification may bring */
    ph.cfg.statement = on_statement;
    ph.cfg.report_nonce = report ? ph.nonce : NULL;
    randombytes_buf(ph.cfg.nonce, sizeof ph.cfg.nonce);
    randombytes_buf(ph.nonce, sizeof ph.nonce);
    ph.state = FERRY_COURIER_DOWN;
    int err = ferry_courier_init(&ph.courier, &ph.cfg, ferry_clock_now(&ph.clock));
    if (err != 0) {
        fprintf(stderr, "phone: courier: %s\n", ferry_errname(err));
        exit(REFUSED);
    }
}

static void hang_up(void)
{
    wire_send(WIRE_HANG_UP, ph.conn, NULL, 0);
}

static void hear(const struct wire_message *m, uint32_t now)
{
    switch (m->kind) {
    case WIRE_UP:
        ph.conn = m->conn;
        ph.value_max = (uint16_t)(wire_number(m) - ATT_HEAD);
        ph.slots = SLOTS;
        ph.parked = false;
        fprintf(stderr, "phone link=up mtu=%u\n", wire_number(m));
        if (ph.committed) {
            begin(true);
        }
        ferry_courier_link(&ph.courier, true, now);
        break;
    case WIRE_DOWN:
        ph.slots = 0;
        say_progress("link=down");
        ferry_courier_link(&ph.courier, false, now);
        break;
    case WIRE_VALUE:
        ph.heard++;
        ferry_courier_input(&ph.courier, m->body, m->len, now);
        break;
    case WIRE_SENT:
        ph.slots = (uint8_t)(ph.slots + (m->len > 0 ? m->body[0] : 0));
        break;
    default:
        break;
    }
}

/* One value for each that the stack can take now. */
static void say(uint32_t now)
{
    uint8_t value[WIRE_BODY_MAX];
    size_t len;

    while (ph.slots > 0 &&
           (len = ferry_courier_output(&ph.courier, value, ph.value_max, now)) > 0) {
        wire_send(WIRE_VALUE, ph.conn, value, len);
        ph.slots--;
        ph.written++;
    }
}

/* Nobody will answer on this link any more. */
static void give_up_link(void)
{
    struct ferry_courier_progress p;

    ferry_courier_progress(&ph.courier, &p);
    if (p.wait == FERRY_WAIT_PARKED && !ph.parked) {
        ph.parked = true;
        hang_up();
    }
}

/* It is there once the device says so, and signs it. -1: not yet, else an exit code. */
static int judge(uint32_t now)
{
    int err = ferry_courier_error(&ph.courier);

    if (ph.courier.state == FERRY_COURIER_REFUSED) {
        return REFUSED;
    }
    if (ph.courier.state != FERRY_COURIER_DONE) {
        return -1;
    }
    if (err == FERRY_E_SAME && ph.holds) {
        return ARRIVED;
    }
    if (err == FERRY_E_SAME) {
        begin(true);
        ferry_courier_link(&ph.courier, true, now);
    } else if (!ph.committed) {
        ph.committed = true;
        ph.alive_at = now;
        say_progress("committed");
    }
    return -1;
}

/* ---- life ------------------------------------------------------------------------ */

static void turn(uint32_t now)
{
    struct wire_message m;

    while (wire_next(&ph.wire, &m)) {
        hear(&m, now);
    }
    if (ferry_courier_deadline(&ph.courier, now) == 0) {
        ferry_courier_tick(&ph.courier, now);
    }
    say(now);
    say_news(now);
    give_up_link();
}

static int carry(void)
{
    uint32_t wait = 0;

    while (wire_wait(&ph.wire, wait < LOOK_MS ? wait : LOOK_MS)) {
        uint32_t now = ferry_clock_now(&ph.clock);
        turn(now);
        int code = judge(now);
        if (code >= 0) {
            return code;
        }
        if (now - ph.alive_at >= ph.patience_ms) {
            break;
        }
        wait = ferry_courier_deadline(&ph.courier, now);
    }
    return GAVE_UP;
}

static int parse(int argc, char **argv)
{
    size_t len;

    if (argc < 4 || argc > 3 + (int)ARTIFACTS ||
        sodium_hex2bin(ph.device_key, sizeof ph.device_key, argv[2], strlen(argv[2]),
                       NULL, &len, NULL) != 0 ||
        len != sizeof ph.device_key) {
        fprintf(stderr, "usage: ble-phone SECONDS DEVICE-KEY ARTIFACT...\n"
                        "SECONDS without progress and it gives up; DEVICE-KEY: 64 hex "
                        "digits. A stack starts this:\nphone.mjs.\n");
        return -1;
    }
    ph.patience_ms = (uint32_t)strtoul(argv[1], NULL, 10) * 1000U;
    return 0;
}

int main(int argc, char **argv)
{
    static const char *const ends[] = {"arrived", "refused", "misuse", "gave-up"};

    if (sodium_init() < 0 || parse(argc, argv) != 0) {
        return MISUSE;
    }
    signal(SIGPIPE, SIG_IGN);
    ferry_clock_init(&ph.clock, 1);
    ph.began = ph.alive_at = ferry_clock_now(&ph.clock);
    if (load(argv + 3, (unsigned)argc - 3U) != 0) {
        return REFUSED;
    }
    begin(false);
    int code = carry();
    say_progress(ends[code]);
    hang_up();
    return code;
}
