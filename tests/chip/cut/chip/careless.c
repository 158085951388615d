/* SPDX-License-Identifier: Apache-2.0
 *
 * Planted bugs, as bootloaders in the field have had them. A word says which bank
 * boots, and what stands there is not looked at. Meson makes three programs of it:
 *   pointer  a commit erases the word and writes it anew: in between nothing boots
 *   tail     a commit appends a word, and the last one counts: a torn one names no bank
 *   early    as tail, but it commits when an offer is accepted, before it has the image
 * Whoever cuts the power everywhere must find each of them. */
#include "chip.h"
#include "layout.h"

static const uint32_t blank = 0xFFFFFFFFU;

/* The first word behind the last one that was written. */
static uint32_t tail(const struct ferry_flash *flash)
{
    uint32_t at = LAYOUT_POINTER + LAYOUT_ERASE_UNIT, word = blank;

    while (at > LAYOUT_POINTER && word == blank) {
        at -= 4;
        (void)flash->read(flash->ctx, at, &word, sizeof word);
    }
    return word == blank ? at : at + 4;
}

int cut_boot(const struct ferry_boot_config *cfg, enum ferry_reset reset,
             uint32_t cause)
{
    uint32_t at = tail(cfg->flash), bank = blank;

    (void)!ferry_boot(cfg, reset, cause); /* for its records; its answer is not heard */
    if (at > LAYOUT_POINTER) {
        (void)cfg->flash->read(cfg->flash->ctx, at - 4, &bank, sizeof bank);
    }
    return bank <= 1 ? (int)bank : FERRY_E_COMMIT;
}

void cut_event(const struct ferry_flash *flash, enum ferry_event event, uint32_t bank)
{
    if (event != CUT_COMMITS_AT) {
        return;
    }
    if (CUT_ERASES) {
        (void)flash->erase(flash->ctx, LAYOUT_POINTER);
    }
    (void)flash->write(flash->ctx, tail(flash), &bank, sizeof bank);
}
