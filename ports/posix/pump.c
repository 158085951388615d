/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows in which order a session is spoken to. Does not know what either end says: it
 * drives the device and the courier by the same five verbs. */
#include "pump.h"

#include "ferry/courier.h"
#include "ferry/device.h"

#define BURST 64U     /* values, or ticks in a row, in one step */
#define REOPEN_MS 20U /* real; how often a pty is asked whether somebody has come */

/* ---- the two kinds of session ---------------------------------------------------- */

struct verbs {
    void (*link)(void *s, bool up, uint32_t now);
    void (*input)(void *s, const void *bytes, size_t len, uint32_t now);
    size_t (*output)(void *s, void *buf, size_t cap, uint32_t now);
    void (*tick)(void *s, uint32_t now);
    uint32_t (*deadline)(const void *s, uint32_t now);
};

static void device_link(void *s, bool up, uint32_t now)
{
    ferry_device_link(s, up, now);
}

static void device_input(void *s, const void *bytes, size_t len, uint32_t now)
{
    ferry_device_input(s, bytes, len, now);
}

static size_t device_output(void *s, void *buf, size_t cap, uint32_t now)
{
    return ferry_device_output(s, buf, cap, now);
}

static void device_tick(void *s, uint32_t now)
{
    ferry_device_tick(s, now);
}

static uint32_t device_deadline(const void *s, uint32_t now)
{
    return ferry_device_deadline(s, now);
}

static void courier_link(void *s, bool up, uint32_t now)
{
    ferry_courier_link(s, up, now);
}

static void courier_input(void *s, const void *bytes, size_t len, uint32_t now)
{
    ferry_courier_input(s, bytes, len, now);
}

static size_t courier_output(void *s, void *buf, size_t cap, uint32_t now)
{
    return ferry_courier_output(s, buf, cap, now);
}

static void courier_tick(void *s, uint32_t now)
{
    ferry_courier_tick(s, now);
}

static uint32_t courier_deadline(const void *s, uint32_t now)
{
    return ferry_courier_deadline(s, now);
}

static const struct verbs device_verbs = {
    .link = device_link,
    .input = device_input,
    .output = device_output,
    .tick = device_tick,
    .deadline = device_deadline,
};

static const struct verbs courier_verbs = {
    .link = courier_link,
    .input = courier_input,
    .output = courier_output,
    .tick = courier_tick,
    .deadline = courier_deadline,
};

/* ---- a step ---------------------------------------------------------------------- */

static uint32_t now(const struct ferry_pump *p)
{
    return ferry_clock_now(p->clock);
}

/* Tell the session of the link, and the shaper of a new one. */
static bool announce(struct ferry_pump *p, void *s, const struct verbs *v)
{
    bool up = p->link != NULL && ferry_link_up(p->link);
    bool told = false;

    if (p->up && (p->changed || !up)) {
        v->link(s, false, now(p));
        p->up = false;
        told = true;
    }
    p->changed = false;
    if (up && !p->up) {
        v->link(s, true, now(p));
        p->up = true;
        told = true;
        if (p->shaper != NULL) {
            ferry_shaper_restart(p->shaper, now(p));
        }
    }
    return told;
}

static bool speak(struct ferry_pump *p, void *s, const struct verbs *v)
{
    uint8_t value[FERRY_LINK_VALUE_MAX];
    uint32_t credits = p->shaper ? ferry_shaper_credits(p->shaper, now(p)) : BURST;
    bool any = false;

    while (credits > 0 && ferry_link_ready(p->link)) {
        size_t len = v->output(s, value, p->value_max, now(p));
        if (len == 0) {
            if (p->shaper != NULL) {
                ferry_shaper_end(p->shaper);
            }
            break;
        }
        p->said++;
        bool arrives = p->shaper == NULL || ferry_shaper_take(p->shaper, len);
        if (arrives && !ferry_link_send(p->link, value, len)) {
            break;
        }
        credits--;
        any = true;
    }
    return any;
}

static bool tick(struct ferry_pump *p, void *s, const struct verbs *v)
{
    unsigned n = 0;

    while (n < BURST && v->deadline(s, now(p)) == 0) {
        v->tick(s, now(p));
        n++;
    }
    return n > 0;
}

static bool hear(struct ferry_pump *p, void *s, const struct verbs *v)
{
    uint8_t value[FERRY_LINK_VALUE_MAX];
    size_t len;
    unsigned n = 0;

    while (n < BURST && (len = ferry_link_receive(p->link, value, sizeof value)) > 0) {
        v->input(s, value, len, now(p));
        p->heard++;
        n++;
    }
    return n > 0;
}

/* At a connection event both ends speak before they listen; without events, what was
 * just heard is answered at once. */
static bool serve(struct ferry_pump *p, void *s, const struct verbs *v)
{
    bool any = announce(p, s, v);

    if (p->up && p->shaper != NULL) {
        any |= speak(p, s, v);
    }
    if (p->up) {
        any |= hear(p, s, v);
    }
    any |= tick(p, s, v);
    if (p->up && p->shaper == NULL) {
        any |= speak(p, s, v);
    }
    return any;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void doze(struct ferry_pump *p, void *s, const struct verbs *v, uint32_t limit)
{
    uint32_t ms = least(limit, v->deadline(s, now(p)));
    bool blocked = p->up && ferry_link_blocked(p->link);

    if (p->up && p->shaper != NULL && !blocked) {
        ms = least(ms, ferry_shaper_wait(p->shaper, now(p)));
    }
    if (!p->up && p->link != NULL && p->link->reopens) {
        ms = least(ms, REOPEN_MS * p->clock->factor);
    }
    ferry_clock_wait(p->clock, ms, p->up ? ferry_link_fd(p->link) : -1, blocked);
}

static bool step(struct ferry_pump *p, void *s, const struct verbs *v, uint32_t limit)
{
    if (serve(p, s, v)) {
        return true;
    }
    doze(p, s, v, limit);
    return serve(p, s, v);
}

void ferry_pump_init(struct ferry_pump *p, struct ferry_clock *clock,
                     struct ferry_link *link, struct ferry_shaper *shaper)
{
    *p = (struct ferry_pump){.clock = clock, .link = link, .shaper = shaper};
    p->value_max = FERRY_LINK_VALUE_MAX;
    if (shaper != NULL) {
        p->value_max = (uint16_t)ferry_shaper_value_max(shaper);
    }
}

void ferry_pump_link(struct ferry_pump *p, struct ferry_link *link)
{
    p->link = link;
    p->changed = true;
}

bool ferry_pump_device(struct ferry_pump *p, struct ferry_device *d, uint32_t limit_ms)
{
    return step(p, d, &device_verbs, limit_ms);
}

bool ferry_pump_courier(struct ferry_pump *p, struct ferry_courier *c,
                        uint32_t limit_ms)
{
    return step(p, c, &courier_verbs, limit_ms);
}
