/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what stands behind the world's callbacks: a commit without a bootloader, an
 * application that counts, artifacts in memory. */
#include "seams.h"

#include <string.h>

/* ---- the commit ------------------------------------------------------------------- */

static const struct ferry_boot_state *boot_state(void *ctx)
{
    const struct sim_commit *c = ctx;
    return c->unknown ? NULL : &c->state;
}

/* It counts clean starts, as a commit's own journal would. */
static void boot_event(void *ctx, enum ferry_event event, int err,
                       const uint8_t *offender)
{
    struct sim_commit *c = ctx;

    (void)err;
    (void)offender;
    if (event == FERRY_EVENT_BEGIN) {
        c->state.begins++;
    }
}

static int boot_request(void *ctx, const struct ferry_ticket *t)
{
    struct sim_commit *c = ctx;

    c->requests++;
    if (!ferry_ticket_holds(t)) {
        return FERRY_E_STATE;
    }
    if (c->result != 0) {
        return c->result;
    }
    c->ticket = *t;
    c->state.committed = true;
    c->owed = c->pending;
    return c->pending ? FERRY_PENDING : 0;
}

struct ferry_commit world_seam_commit(struct world *w)
{
    struct ferry_commit c = {
        .ctx = &w->boot,
        .state = boot_state,
        .request = boot_request,
        .event = boot_event,
    };
    return c;
}

/* ---- the application, and the courier's disk --------------------------------------- */

void world_seam_event(void *ctx, enum ferry_event event, int err)
{
    struct world *w = ctx;
    struct sim_events *e = &w->events;

    if (err != 0) {
        e->last_err = err;
    }
    switch (event) {
    case FERRY_EVENT_BEGIN:
        e->begin++;
        break;
    case FERRY_EVENT_RESUME:
        e->resume++;
        break;
    case FERRY_EVENT_BLOCK:
        e->block++;
        break;
    case FERRY_EVENT_REFUSED:
        e->refused++;
        break;
    case FERRY_EVENT_TRANSFER:
        e->transfer++;
        break;
    case FERRY_EVENT_SECURITY:
        e->security++;
        break;
    case FERRY_EVENT_COMMITTED:
        e->committed++;
        break;
    case FERRY_EVENT_HELLO:
    case FERRY_EVENT_REPORTED:
        break;
    case FERRY_EVENT_REBOOT:
        e->reboot++;
        w->reboot_wanted = true;
        break;
    }
}

int world_seam_read(void *ctx, unsigned which, uint32_t off, void *buf, uint32_t len)
{
    struct world *w = ctx;
    const struct artifact_bytes *a = &w->artifacts[which];

    if (off > a->len || len > a->len - off) {
        w->reads_past_end++;
        return -1;
    }
    if (w->unreadable) {
        return -1;
    }
    memcpy(buf, a->bytes + off, len);
    return 0;
}

void world_seam_statement(void *ctx, const uint8_t *envelope, size_t len)
{
    struct world *w = ctx;

    memcpy(w->statement, envelope, len);
    w->statement_len = len;
}
