/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the states of the device's session: what each says to an offer, which step it
 * takes, and what follows from the end of the step. What each waits for stands in
 * ferry/device.h. The work itself is done next door. */
#include "device_in.h"
#include "flash.h"

ferry_state ferry_device_on_offer(struct ferry_device *d, const struct ferry_msg *m)
{
    switch (d->state) {
    case FERRY_DEVICE_RECEIVING:
        if (d->call != FERRY_CALL_NONE && !ferry_io_erasing(&d->io)) {
            /* Flash still reads from the pool: try again. */
            ferry_device_owe_verdict(d, FERRY_VERDICT_MORE, 0, 0);
            break;
        }
        return ferry_device_collect(d, m);
    case FERRY_DEVICE_IDLE:
    case FERRY_DEVICE_OFFERED:
        return ferry_device_collect(d, m);
    case FERRY_DEVICE_CHECKING:
    case FERRY_DEVICE_LOOKING:
    case FERRY_DEVICE_CLEARING:
    case FERRY_DEVICE_DISCARDING:
    case FERRY_DEVICE_REPORTING:
        ferry_device_owe_ack(d); /* heard, and at work */
        break;
    case FERRY_DEVICE_HASHING:
    case FERRY_DEVICE_GATING:
    case FERRY_DEVICE_COMMITTING:
        ferry_device_owe_verdict(d, FERRY_VERDICT_LATER, FERRY_LATER_VERIFYING, 2);
        break;
    case FERRY_DEVICE_COMMITTED:
        ferry_device_owe_verdict(d, FERRY_VERDICT_LATER, FERRY_LATER_COMMITTED, 5);
        break;
    case FERRY_DEVICE_BROKEN:
        ferry_device_owe_verdict(d, FERRY_VERDICT_REFUSE, (unsigned)-d->error, 0);
        break;
    }
    return d->state;
}

ferry_state ferry_device_step(struct ferry_device *d)
{
    switch (d->state) {
    case FERRY_DEVICE_CHECKING:
        return ferry_device_check_offer(d);
    case FERRY_DEVICE_LOOKING:
        return ferry_device_look(d);
    case FERRY_DEVICE_CLEARING:
        return ferry_device_clear(d);
    case FERRY_DEVICE_RECEIVING:
        return ferry_device_receive(d);
    case FERRY_DEVICE_HASHING:
        return ferry_device_hash_image(d);
    case FERRY_DEVICE_GATING:
        return ferry_device_check_gate(d);
    case FERRY_DEVICE_COMMITTING:
        return ferry_device_commit(d);
    case FERRY_DEVICE_COMMITTED:
        return ferry_device_await_reboot(d);
    case FERRY_DEVICE_DISCARDING:
        return ferry_device_drop_header(d);
    case FERRY_DEVICE_REPORTING:
        return ferry_device_report(d);
    case FERRY_DEVICE_IDLE:
    case FERRY_DEVICE_OFFERED:
    case FERRY_DEVICE_BROKEN:
        d->asleep = true;
        break;
    }
    return d->state;
}

/* An erase ahead of the window can end in any state. */
ferry_state ferry_device_ended(struct ferry_device *d)
{
    if (d->called == FERRY_CALL_FLASH && ferry_io_erasing(&d->io)) {
        return ferry_device_erased(d);
    }
    switch (d->state) {
    case FERRY_DEVICE_CHECKING:
        return ferry_device_offer_checked(d);
    case FERRY_DEVICE_CLEARING:
        return ferry_device_cleared(d);
    case FERRY_DEVICE_RECEIVING:
        return ferry_device_landed(d);
    case FERRY_DEVICE_GATING:
        return ferry_device_gate_checked(d);
    case FERRY_DEVICE_COMMITTING:
        return ferry_device_committed(d);
    case FERRY_DEVICE_REPORTING:
        return ferry_device_reported(d);
    case FERRY_DEVICE_IDLE:
    case FERRY_DEVICE_OFFERED:
    case FERRY_DEVICE_LOOKING:
    case FERRY_DEVICE_HASHING:
    case FERRY_DEVICE_COMMITTED:
    case FERRY_DEVICE_DISCARDING:
    case FERRY_DEVICE_BROKEN:
        break; /* these make no other calls */
    }
    return d->state;
}
