/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what a device may say, and when it lies. Does not know why it spoke. */
#include "ear.h"

#include "fuzz.h"

#define SAID_MAX 8192U /* bytes: an ack for each of 255 chunks, and all else owed */
#define SECONDS_MAX 86400U

/* Within an epoch an ack is never taken back, so a window has what was said of it. */
static void ack_is_true(const struct ferry_device *d, const struct ferry_ack *a)
{
    expect(a->credit <= d->slots, "no more credit than there are buffers");
    if (!d->live || a->epoch != d->window.epoch) {
        return;
    }
    expect(a->base <= d->window.base, "no block is said to be verified that is not");
    for (unsigned k = 0; k < 2 && a->base == d->window.base; k++) {
        expect((a->bits[k] & ~d->window.bits[k]) == 0, "what is acked has arrived");
    }
}

static bool named(uint32_t code)
{
    return strcmp(ferry_errname(-(int)code), "E_?") != 0;
}

static void verdict_is_legal(const struct ferry_msg *m)
{
    uint32_t code = m->u.verdict.code, number = m->u.verdict.number;

    switch (m->u.verdict.kind) {
    case FERRY_VERDICT_ACCEPT:
    case FERRY_VERDICT_RUNNING:
        break;
    case FERRY_VERDICT_LATER:
        expect(number >= 1 && number <= SECONDS_MAX, "later is within a day");
        break;
    case FERRY_VERDICT_REFUSE:
        expect(code != 0 && named(code), "a refusal's reason stands in the documents");
        break;
    case FERRY_VERDICT_MORE:
        expect(number <= FERRY_ENVELOPE_MAX,
               "no envelope is longer than envelopes are");
        break;
    default:
        expect(false, "a verdict is one of five");
    }
}

void ear_hear(struct peer *p, size_t cap)
{
    size_t len = cap, said = 0;

    p->acks = p->verdicts = p->dones = p->other = 0;
    while (len > 0) {
        len = peer_hear(p, cap);
        said += len;
        expect(said < SAID_MAX, "a device says no more than it owes");
    }
    expect(p->other == 0 || p->tag != p->w->device.tag,
           "who knows the session understands whatever a device says");
    if (p->acks > 0) {
        ack_is_true(&p->w->device, &p->ack);
    }
    if (p->verdicts > 0) {
        verdict_is_legal(&p->verdict);
    }
    expect(p->dones == 0 || named(p->done.u.done.code),
           "a transfer's end has a reason that stands in the documents");
}
