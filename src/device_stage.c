/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how the staging bank is filled: what it already holds, a clean start, chunks
 * into flash, blocks against the signed table, the erase ahead. Order: refill, chunk,
 * block check, erase ahead. Does not know what the image is, nor who may boot it. */
#include <string.h>

#include "bank.h"
#include "bytes.h"
#include "device_in.h"
#include "flash.h"
#include "verify.h"
#include "window.h"

/* ---- what the bank already holds ------------------------------------------------- */

/* The base block of the window? 0, or what is wrong with it. */
FERRY_OUT_OF_LINE static int check(struct ferry_device *d)
{
    return ferry_bank_check(&d->bank, &d->window, &d->verify, d->table_hash);
}

/* From the window's base block on. */
static ferry_state receive(struct ferry_device *d, enum ferry_event event)
{
    d->live = true;
    ferry_device_empty(d);
    ferry_device_owe_ack(d);
    if (event == FERRY_EVENT_BLOCK) {
        return FERRY_DEVICE_RECEIVING;
    }
    ferry_device_tell(d, event, 0);
    return ferry_device_answer(d, FERRY_VERDICT_ACCEPT, 0, 0);
}

/* One block a tick, from the table on; the window's base counts them. The last one that
 * matches is refilled, too: the operation that was in flight at a reset may have left
 * bits that read right now and wrong later. */
ferry_state ferry_device_look(struct ferry_device *d)
{
    if (d->window.base == 0 &&
        !ferry_flash_reads(d->cfg->flash, d->bank.addr, ferry_device_envelope(d),
                           d->env_total)) {
        return FERRY_DEVICE_CLEARING;
    }
    if (!ferry_window_complete(&d->window) && check(d) == 0) {
        d->window.base++;
        return FERRY_DEVICE_LOOKING;
    }
    if (d->window.base <= 1) { /* at most the table: so all of the header */
        d->window.base = 0;
        return FERRY_DEVICE_CLEARING;
    }
    d->bank.erased = UINT32_MAX; /* all of it is ours */
    d->window.base = ferry_bank_rewind(&d->bank, (uint16_t)(d->window.base - 1));
    return receive(d, FERRY_EVENT_RESUME);
}

/* ---- a clean start --------------------------------------------------------------- */

ferry_state ferry_device_cleared(struct ferry_device *d)
{
    if (d->result != 0) {
        d->bank.erased = 0;
        return ferry_device_failed(d, d->result);
    }
    if (d->live) { /* the table did not fit: it is sent again */
        return receive(d, FERRY_EVENT_BLOCK);
    }
    d->begun_at = d->now;
    return receive(d, FERRY_EVENT_BEGIN);
}

/* The header's units, then the envelope. */
ferry_state ferry_device_clear(struct ferry_device *d)
{
    if (d->bank.erased < d->bank.header_len) {
        return ferry_device_erase(d);
    }
    ferry_device_write(d, d->bank.addr, ferry_device_envelope(d), d->env_total);
    return d->state;
}

/* ---- chunks ---------------------------------------------------------------------- */

/* `block` is not in flash as it should be: its unit is erased and filled again. */
static ferry_state refill(struct ferry_device *d, uint16_t block, int err)
{
    if (ferry_device_failed(d, err) == FERRY_DEVICE_IDLE) {
        return FERRY_DEVICE_IDLE;
    }
    ferry_device_empty(d);
    ferry_window_rewind(&d->window, ferry_bank_rewind(&d->bank, block));
    ferry_device_owe_ack(d);
    if (block > 0) {
        return FERRY_DEVICE_RECEIVING;
    }
    return ferry_device_load(d) ? FERRY_DEVICE_CLEARING
                                : ferry_device_give_up(d, FERRY_E_FLASH);
}

static uint32_t head_index(const struct ferry_device *d)
{
    return ferry_be(ferry_device_slot(d, 0), 4); /* behind a chunk's type, 0 */
}

/* The chunk at the ring's head is in flash. */
static ferry_state settle(struct ferry_device *d, uint32_t index)
{
    ferry_window_mark(&d->window, index);
    d->head = (uint8_t)((d->head + 1U) % d->slots);
    d->count--;
    ferry_device_owe_ack(d);
    ferry_device_settled(d);
    return FERRY_DEVICE_RECEIVING;
}

/* The chunk at the ring's head was programmed and read back, or not. */
ferry_state ferry_device_landed(struct ferry_device *d)
{
    uint32_t index = head_index(d);

    if (d->result != 0) {
        return refill(d, (uint16_t)ferry_shape_block(&d->window.shape, index),
                      d->result);
    }
    return settle(d, index);
}

static ferry_state check_block(struct ferry_device *d)
{
    int err = check(d);

    if (err != 0) {
        ferry_device_mismatch(d, err);
        return refill(d, d->window.base, err);
    }
    ferry_window_advance(&d->window);
    d->bad_epochs = 0;
    d->block_at = d->now;
    ferry_device_tell(d, FERRY_EVENT_BLOCK, 0);
    ferry_device_owe_ack(d);
    if (!ferry_window_complete(&d->window)) {
        return FERRY_DEVICE_RECEIVING;
    }
    ferry_verify_run(&d->verify, ferry_bank_block_addr(&d->bank, 1),
                     d->window.shape.payload_len);
    return FERRY_DEVICE_HASHING;
}

ferry_state ferry_device_receive(struct ferry_device *d)
{
    if (d->count > 0) {
        uint32_t index = head_index(d);
        uint32_t addr, len = ferry_bank_wants(&d->bank, &d->window, index, &addr);
        if (len == 0) {
            return settle(d, index); /* its twin was ahead of it in the ring */
        }
        ferry_device_write(d, addr, ferry_device_slot(d, 0) + 4, len);
        return d->state;
    }
    if (ferry_window_base_full(&d->window)) {
        return check_block(d);
    }
    if (ferry_bank_wants_erase(&d->bank, &d->window)) {
        return ferry_device_erase(d);
    }
    d->asleep = true;
    return FERRY_DEVICE_RECEIVING;
}
