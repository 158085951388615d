/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how to reach a device through ports/posix and when a visit is over. */
#include "near.h"

#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#include "pump.h"

#define STEP_MS 100U
#define GOODBYES 10

struct visit {
    struct near_visit *v;
    struct ferry_clock clock, wall; /* the device's, and people's */
    struct ferry_link link;
    struct ferry_pump pump;
    struct ferry_courier_config cfg;
    struct ferry_courier courier;
    uint32_t alive_at; /* of the wall: when it last did something */
    uint32_t heard;    /* values, as counted then */
};

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
    (void)number;
    signalled = 1;
}

/* The second one ends the process. */
void near_catch_signals(void)
{
    struct sigaction act;

    memset(&act, 0, sizeof act);
    act.sa_handler = on_signal;
    act.sa_flags = (int)SA_RESETHAND;
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
}

bool near_signalled(void)
{
    return signalled != 0;
}

/* ---- what the courier asks for --------------------------------------------------- */

static int read_variant(void *ctx, unsigned which, uint32_t off, void *buf,
                        uint32_t len)
{
    const struct near_variant *a = &((struct visit *)ctx)->v->variant[which];

    if (off > a->len || len > a->len - off) {
        return -1;
    }
    memcpy(buf, a->bytes + off, len);
    return 0;
}

static void take_statement(void *ctx, const uint8_t *envelope, size_t len)
{
    struct near_visit *v = ((struct visit *)ctx)->v;

    memcpy(v->statement, envelope, len);
    v->statement_len = len;
}

/* ---- the link -------------------------------------------------------------------- */

static int connect_path(struct ferry_link *link, const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        return -1;
    }
    return S_ISCHR(st.st_mode) ? ferry_link_open_tty(link, path)
                               : ferry_link_connect(link, path);
}

static void reach(struct visit *n)
{
    if (ferry_link_up(&n->link)) {
        return;
    }
    ferry_link_close(&n->link);
    if (connect_path(&n->link, n->v->path) == 0) {
        ferry_pump_link(&n->pump, &n->link);
    } else {
        ferry_clock_wait(&n->wall, STEP_MS, -1, false);
    }
}

/* ---- how it ends ----------------------------------------------------------------- */

static bool ends(struct visit *n, enum near_end end)
{
    n->v->end = end;
    n->v->err = ferry_courier_error(&n->courier);
    return true;
}

static bool is_over(struct visit *n)
{
    enum near_end end = near_end_of(&n->courier, n->v);
    struct ferry_courier_progress at;

    if (end == NEAR_LATER) { /* a moment is worth waiting for, more is not */
        ferry_courier_progress(&n->courier, &at);
        n->v->later = at.later;
        return at.later.seconds > n->v->patience_s && ends(n, end);
    }
    return end != NEAR_LOST && ends(n, end);
}

static bool is_silent(struct visit *n)
{
    uint32_t now = ferry_clock_now(&n->wall);

    if (n->pump.heard != n->heard) {
        n->heard = n->pump.heard;
        n->alive_at = now;
    }
    if (now - n->alive_at < n->v->patience_s * 1000U) {
        return false;
    }
    return ends(n, n->heard > 0 ? NEAR_LOST : NEAR_ABSENT);
}

static void look(struct visit *n)
{
    struct ferry_courier_progress at;

    if (n->v->progress != NULL) {
        ferry_courier_progress(&n->courier, &at);
        n->v->progress(n->v, &at);
    }
}

static void say_goodbye(struct visit *n)
{
    ferry_courier_abort(&n->courier, ferry_clock_now(&n->clock));
    for (int i = 0; i < GOODBYES && ferry_link_up(&n->link); i++) {
        if (!ferry_pump_courier(&n->pump, &n->courier, STEP_MS)) {
            break;
        }
    }
    ferry_link_close(&n->link);
}

static bool begin(struct visit *n)
{
    ferry_clock_init(&n->clock, n->v->clock);
    ferry_clock_init(&n->wall, 1);
    n->cfg = (struct ferry_courier_config){
        .ctx = n,
        .read = read_variant,
        .artifacts = (uint8_t)n->v->variants,
        .value_max = (uint16_t)(n->v->mtu - 3U),
        .report_nonce = n->v->nonce,
        .statement = take_statement,
    };
    randombytes_buf(n->cfg.nonce, sizeof n->cfg.nonce);
    ferry_pump_init(&n->pump, &n->clock, &n->link, NULL);
    n->pump.value_max = n->cfg.value_max;
    n->alive_at = ferry_clock_now(&n->wall);
    return ferry_courier_init(&n->courier, &n->cfg, ferry_clock_now(&n->clock)) == 0;
}

void near_go(struct near_visit *v)
{
    struct visit n;

    memset(&n, 0, sizeof n);
    n.v = v;
    v->end = NEAR_ABSENT;
    if (!begin(&n)) {
        return;
    }
    uint32_t began = ferry_clock_now(&n.wall);
    for (bool over = false; !over;) {
        reach(&n);
        ferry_pump_courier(&n.pump, &n.courier, STEP_MS * n.clock.factor);
        look(&n);
        over = is_over(&n) || is_silent(&n) ||
               (near_signalled() && ends(&n, NEAR_STOPPED));
    }
    say_goodbye(&n);
    v->counts = n.courier.counts;
    v->seconds = (ferry_clock_now(&n.wall) - began + 500U) / 1000U;
}
