/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what a person is told: how far the image is, how fast it goes, what is waited
 * for, and the words for it. Measures; decides nothing and sends nothing. */
#include <string.h>

#include "courier_in.h"
#include "window.h"

#define PACE_MS 1000U /* between two looks at what was acked */

/* ---- how far, how fast ----------------------------------------------------------- */

static uint32_t acked(const struct ferry_window *w)
{
    uint32_t n = ferry_shape_image_before(&w->shape, w->base);

    for (unsigned row = 0; w->base > 0 && row < FERRY_WINDOW_CHUNKS; row++) {
        if (ferry_window_has(w, row)) {
            n += ferry_shape_chunk_len(&w->shape, ferry_window_index(w, row));
        }
    }
    return n;
}

/* A quarter of what is new, three of what was. An image has at most 256 blocks, so no
 * product overflows. What was there when the device was asked was not carried by us. */
void ferry_courier_pace(struct ferry_courier *c, bool begins)
{
    uint32_t ms = c->now - c->paced_at;

    if (!begins && ms < PACE_MS) {
        return;
    }
    uint32_t now = acked(&c->sender.window);
    if (begins) {
        c->rate = 0;
    } else if (now >= c->paced) { /* else a block was taken back */
        uint32_t rate = (now - c->paced) * 1000U / ms;
        c->rate = c->rate == 0 ? rate : (3 * c->rate + rate) / 4;
    }
    c->paced = now;
    c->paced_at = c->now;
}

/* ---- what is waited for ---------------------------------------------------------- */

/* By enum ferry_reason; a reason of another version says nothing. */
static const uint8_t wait_of_reason[] = {
    [FERRY_REASON_NONE] = FERRY_WAIT_NONE,
    [FERRY_REASON_CRC] = FERRY_WAIT_NONE,
    [FERRY_REASON_ERASING] = FERRY_WAIT_ERASING,
    [FERRY_REASON_VERIFYING] = FERRY_WAIT_VERIFYING,
    [FERRY_REASON_RESUMING] = FERRY_WAIT_RESUMING,
    [FERRY_REASON_POWER] = FERRY_WAIT_POWER,
    [FERRY_REASON_IDLE] = FERRY_WAIT_NONE,
    [FERRY_REASON_CHECKING] = FERRY_WAIT_VERIFYING,
};

/* In a talk with a device that is there. */
static enum ferry_wait wait_of_talk(const struct ferry_courier *c)
{
    enum ferry_wait wait = FERRY_WAIT_NONE;

    if (c->unanswered) {
        return FERRY_WAIT_PEER;
    }
    if (c->reason < sizeof wait_of_reason) {
        wait = (enum ferry_wait)wait_of_reason[c->reason];
    }
    if (wait != FERRY_WAIT_NONE) {
        return wait;
    }
    if (c->state != FERRY_COURIER_SEND) {
        return FERRY_WAIT_PEER;
    }
    return c->sender.credit == 0 ? FERRY_WAIT_CREDIT : FERRY_WAIT_NONE;
}

static enum ferry_wait wait_of(const struct ferry_courier *c)
{
    switch (c->state) {
    case FERRY_COURIER_DOWN:
        return FERRY_WAIT_LINK;
    case FERRY_COURIER_HELLO:
        return FERRY_WAIT_PEER;
    case FERRY_COURIER_REPORT:
    case FERRY_COURIER_OFFER:
    case FERRY_COURIER_SEND:
        return wait_of_talk(c);
    case FERRY_COURIER_LATER:
        return FERRY_WAIT_LATER;
    case FERRY_COURIER_PARKED:
        return c->will_resume ? FERRY_WAIT_RETRY : FERRY_WAIT_PARKED;
    case FERRY_COURIER_REFUSED:
        return FERRY_WAIT_REFUSED;
    case FERRY_COURIER_DONE:
        break;
    }
    return FERRY_WAIT_NONE;
}

void ferry_courier_progress(const struct ferry_courier *c,
                            struct ferry_courier_progress *out)
{
    const struct ferry_window *w = &c->sender.window;

    memset(out, 0, sizeof *out);
    out->wait = wait_of(c);
    out->error = c->error;
    out->later = c->later;
    out->image_len = c->image_len;
    out->version = c->version;
    out->left_ms = UINT32_MAX;
    /* Another artifact may have been chosen, and its transfer not begun. */
    if (c->image_len != 0 && w->shape.payload_len == c->image_len) {
        out->verified = ferry_shape_image_before(&w->shape, w->base);
        out->acked = acked(w);
        out->cursor = ferry_window_cursor(w);
    }
    if (c->state == FERRY_COURIER_DONE) {
        out->verified = out->acked = out->image_len;
        out->left_ms = 0;
    } else if (c->state == FERRY_COURIER_SEND && c->rate > 0) {
        out->rate = c->rate;
        out->left_ms = (out->image_len - out->acked) * 1000U / c->rate;
    }
}

/* ---- words ----------------------------------------------------------------------- */

const char *ferry_courier_wait_name(enum ferry_wait wait)
{
    static const char names[FERRY_WAITS][10] = {
        "none",     "link",  "peer",  "credit", "erasing", "verifying",
        "resuming", "power", "later", "retry",  "parked",  "refused",
    };

    return (unsigned)wait < FERRY_WAITS ? names[wait] : "";
}

const char *ferry_courier_later_name(uint8_t why)
{
    static const char names[][10] = {"none", "trial", "committed", "verifying",
                                     "rate", "wear",  "pending"};

    if (why < sizeof names / sizeof names[0]) {
        return names[why];
    }
    if (why == FERRY_LATER_IN_USE) {
        return "in_use";
    }
    if (why == FERRY_LATER_BATTERY) {
        return "battery";
    }
    return why >= FERRY_LATER_APP ? "app" : "unknown";
}
