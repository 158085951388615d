/* SPDX-License-Identifier: Apache-2.0
 *
 * A phone: ferry_courier behind a shaped radio, and every step of it said in one line.
 * It may be killed at any time; what it knows is in its cache and in the device. Knows
 * no key, but the one by which a server would check the statement it brings back. */
#include "phone.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ferry/courier.h"
#include "file.h"
#include "names.h"
#include "pump.h"
#include "witness.h"

enum { DONE, REFUSED, MISUSE, GAVE_UP, NOT_THE_DEVICE };

#define LOOK_MS 20U /* real */

struct phone {
    struct phone_options o;
    struct artifact artifact[PHONE_ARTIFACTS];
    struct ferry_clock clock, real;
    struct ferry_link link;
    struct ferry_shaper shaper;
    struct ferry_pump pump;
    struct ferry_courier_config cfg;
    struct ferry_courier courier;
    enum ferry_courier_state state; /* as last said */
    uint32_t percent;
    enum ferry_wait wait;
    uint32_t hidden_until; /* out of range, virtual ms */
    bool hidden;
    bool doubtful; /* the statement was not the device's */
};

static struct phone ph;

/* ---- what it says ---------------------------------------------------------------- */

static void say_version(uint32_t v)
{
    printf("%u.%u.%u", (unsigned)(v >> 24), (unsigned)(v >> 16 & 0xFFU),
           (unsigned)(v & 0xFFFFU));
}

static void say_progress(const char *what)
{
    const struct ferry_courier_counts *n = &ph.courier.counts;
    struct ferry_courier_progress p;

    ferry_courier_progress(&ph.courier, &p);
    printf("phone %s cursor=%u acked=%u verified=%u of=%u sent=%u repeated=%u "
           "epochs=%u hellos=%u\n",
           what, (unsigned)p.cursor, (unsigned)p.acked, (unsigned)p.verified,
           (unsigned)p.image_len, (unsigned)n->image_bytes_sent,
           (unsigned)n->bytes_repeated, n->epochs, n->hellos);
}

/* The states a session passes, and each percent of the way. */
static void say_news(void)
{
    struct ferry_courier_progress p;

    ferry_courier_progress(&ph.courier, &p);
    if (ph.courier.state != ph.state) {
        ph.state = ph.courier.state;
        if (ph.state == FERRY_COURIER_SEND) {
            say_progress("accepted");
        } else if (ph.state == FERRY_COURIER_LATER) {
            printf("phone later seconds=%u why=%u\n", (unsigned)p.later.seconds,
                   p.later.why);
        } else {
            printf("phone state=%s err=%s\n", name_of_state(ph.state),
                   ferry_errname(ferry_courier_error(&ph.courier)));
        }
    }
    uint32_t percent =
        p.image_len > 0 ? (uint32_t)((uint64_t)p.acked * 100U / p.image_len) : 0;
    if (percent != ph.percent || p.wait != ph.wait) {
        bool moved = percent != ph.percent;
        ph.percent = percent;
        ph.wait = p.wait;
        if (moved) {
            say_progress("progress");
        } else if (p.wait != FERRY_WAIT_NONE && p.wait != FERRY_WAIT_CREDIT) {
            printf("phone waits for=%s\n", ferry_courier_wait_name(p.wait));
        }
    }
}

static void on_statement(void *ctx, const uint8_t *envelope, size_t len)
{
    struct ferry_statement s;

    (void)ctx;
    if (ph.o.save != NULL && ferry_file_save(ph.o.save, envelope, len) != 0) {
        fprintf(stderr, "phone: %s: %s\n", ph.o.save, strerror(errno));
    }
    if (!ph.o.know_device) {
        printf("phone statement bytes=%zu\n", len);
        return;
    }
    int err = witness_hear(envelope, len, ph.o.device_key, ph.o.nonce, &s);
    ph.doubtful = err != 0;
    printf("phone statement holds=%d", err == 0);
    if (err == 0) {
        printf(" version=");
        say_version(s.version);
        printf(" outcome=%s of=", witness_outcome(s.outcome));
        say_version(s.outcome_version);
        printf(" attempts=%u resets=%u updates=%u rollbacks=%u bad_signatures=%u "
               "hash_errors=%u block_errors=%u counter=%u floor=%u",
               (unsigned)s.attempts, (unsigned)s.resets, (unsigned)s.updates,
               (unsigned)s.rollbacks, (unsigned)s.bad_signatures,
               (unsigned)s.hash_errors, (unsigned)s.block_errors, (unsigned)s.counter,
               (unsigned)s.floor);
    }
    printf("\n");
}

/* ---- the artifact ---------------------------------------------------------------- */

static int read_artifact(void *ctx, unsigned which, uint32_t off, void *buf,
                         uint32_t len)
{
    const struct artifact *a = &ph.artifact[which];

    (void)ctx;
    if (off > a->len || len > a->len - off) {
        return -1;
    }
    memcpy(buf, a->bytes + off, len);
    return 0;
}

static int open_courier(void)
{
    int n = ph.o.cache != NULL ? phone_load(ph.o.cache, ph.artifact) : 0;

    if (n < 0 || (n == 0 && ph.o.cache != NULL)) {
        fprintf(stderr, "phone: %s: %s\n", ph.o.cache,
                n < 0 ? strerror(errno) : "no artifacts (*.ferry)");
        return -1;
    }
    ph.cfg = (struct ferry_courier_config){
        .read = read_artifact,
        .artifacts = (uint8_t)n,
        .value_max = (uint16_t)(ph.o.mtu - 3U),
        .report_nonce = ph.o.report ? ph.o.nonce : NULL,
        .statement = on_statement,
    };
    randombytes_buf(ph.cfg.nonce, sizeof ph.cfg.nonce);
    return ferry_courier_init(&ph.courier, &ph.cfg, ferry_clock_now(&ph.clock));
}

/* ---- the radio ------------------------------------------------------------------- */

static int open_radio(void)
{
    const struct ferry_shaper_config air = {
        .interval_ms = 30,
        .mtu = (uint16_t)ph.o.mtu,
        .per_event = 4,
        .catch_up = 4,
        .loss_ppm = ph.o.loss_ppm,
        .seed = ph.o.seed,
    };

    int err = ferry_shaper_init(&ph.shaper, &air, ferry_clock_now(&ph.clock));
    ferry_pump_init(&ph.pump, &ph.clock, &ph.link, &ph.shaper);
    return err;
}

/* In range, and nobody there: the device may be starting. */
static void look_for_device(void)
{
    if (ph.hidden && (int32_t)(ferry_clock_now(&ph.clock) - ph.hidden_until) >= 0) {
        ph.hidden = false;
        printf("phone back\n");
    }
    if (ph.hidden || ferry_link_up(&ph.link)) {
        return;
    }
    ferry_link_close(&ph.link);
    if (ferry_link_connect(&ph.link, ph.o.air) == 0) {
        printf("phone connected\n");
        ferry_pump_link(&ph.pump, &ph.link);
    }
}

static void leave_range(void)
{
    if (ph.o.away_s == 0 || ph.percent < ph.o.away_percent) {
        return;
    }
    say_progress("away");
    ferry_link_close(&ph.link);
    ph.hidden = true;
    ph.hidden_until = ferry_clock_now(&ph.clock) + ph.o.away_s * 1000U;
    ph.o.away_s = 0;
}

/* ---- life ------------------------------------------------------------------------ */

static int finish(const char *how, int code)
{
    say_progress(how);
    ferry_link_close(&ph.link);
    return ph.doubtful ? NOT_THE_DEVICE : code;
}

/* Let what is still to be said be said: the abort. */
static int stop_here(void)
{
    ferry_courier_abort(&ph.courier, ferry_clock_now(&ph.clock));
    for (unsigned i = 0; i < 10; i++) {
        ferry_pump_courier(&ph.pump, &ph.courier, 30);
    }
    return finish("tapped", DONE);
}

static int carry(void)
{
    uint32_t patience_ms = ph.o.patience_s * 1000U;
    uint32_t began = ferry_clock_now(&ph.real);

    while (ferry_clock_now(&ph.real) - began < patience_ms) {
        look_for_device();
        ferry_pump_courier(&ph.pump, &ph.courier, LOOK_MS * ph.clock.factor);
        say_news();
        leave_range();
        if (ph.state == FERRY_COURIER_DONE) {
            return finish("done", DONE);
        }
        if (ph.state == FERRY_COURIER_REFUSED) {
            return finish("refused", REFUSED);
        }
        if (ph.o.tap && ph.state == FERRY_COURIER_SEND) {
            return stop_here();
        }
    }
    return finish("gave-up", GAVE_UP);
}

int main(int argc, char **argv)
{
    if (sodium_init() < 0) {
        return REFUSED;
    }
    int code = phone_parse(&ph.o, argc, argv);
    if (code != 0) {
        return code - 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    ferry_clock_init(&ph.clock, ph.o.speed);
    ferry_clock_init(&ph.real, 1);
    if (open_courier() != 0 || open_radio() != 0) {
        return REFUSED;
    }
    return carry();
}
