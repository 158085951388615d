/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how the courier fetches a device's statement, piece by piece, before it offers
 * anything. It can neither read nor change what it carries. A device that has none, or
 * never comes to its end, costs a bounded time. */
#include <string.h>

#include "courier_in.h"
#include "retry.h"

#define NONCE_LEN 16U

typedef enum ferry_courier_state next_state;

next_state ferry_courier_begin_report(struct ferry_courier *c)
{
    c->statement_have = 0;
    c->statement_total = 0;
    c->owes_report = true;
    c->moved_at = c->now;
    ferry_retry_start(&c->retry, c->now);
    return FERRY_COURIER_REPORT;
}

void ferry_courier_say_report(struct ferry_courier *c, struct ferry_msg *m)
{
    m->type = FERRY_MSG_REPORT;
    m->bytes[0] = c->cfg->report_nonce;
    m->u.report.off = c->statement_have;
    c->owes_report = false;
}

/* There is none, now or ever. With nothing else to do here, it is waited for. */
static next_state none(struct ferry_courier *c, uint16_t seconds)
{
    c->reported = true;
    if (c->cfg->artifacts > 0) {
        return ferry_courier_go_on(c);
    }
    if (seconds == 0) {
        return ferry_courier_refused(c, FERRY_E_STATE);
    }
    c->reported = false;
    return ferry_courier_later(c, FERRY_LATER_NONE, 0, seconds);
}

static next_state heard_piece(struct ferry_courier *c, const struct ferry_msg *m)
{
    uint16_t total = (uint16_t)m->u.piece.total, off = (uint16_t)m->u.piece.off;

    ferry_retry_heard(&c->retry, c->now, 0);
    if (total == 0) {
        return none(c, off);
    }
    if (total > sizeof c->statement || off + m->rest_len > total ||
        (c->statement_total != 0 && total != c->statement_total)) {
        return ferry_courier_refused(c, FERRY_E_PROTO);
    }
    if (off != c->statement_have) { /* one was lost: its successors are of no use */
        return FERRY_COURIER_REPORT;
    }
    c->statement_total = total;
    memcpy(c->statement + off, m->rest, m->rest_len);
    c->statement_have = (uint16_t)(off + m->rest_len);
    if (c->statement_have < total) {
        return FERRY_COURIER_REPORT;
    }
    c->reported = true;
    if (c->cfg->statement != NULL) {
        c->cfg->statement(c->cfg->ctx, c->statement, c->statement_have);
    }
    return ferry_courier_go_on(c);
}

next_state ferry_courier_in_report(struct ferry_courier *c, enum ferry_courier_event ev,
                                   const struct ferry_msg *m)
{
    if (ev == FERRY_CAME_STATEMENT) {
        return heard_piece(c, m);
    }
    if (ev == FERRY_CAME_ACK) { /* it is at work */
        ferry_retry_heard(&c->retry, c->now, m->u.ack.wait * 100U);
    }
    if (ev == FERRY_CAME_TIME) {
        if (ferry_reached(c->now, c->moved_at + FERRY_PATIENCE_MS)) {
            return none(c, FERRY_PATIENCE_MS / 1000U);
        }
        c->owes_report = ferry_courier_ask_again(c) || c->owes_report;
    }
    return FERRY_COURIER_REPORT;
}
