/* SPDX-License-Identifier: Apache-2.0
 *
 * Planted bugs, as bootloaders in the field have had them. A word says which bank
 * boots, and what stands there is not looked at. Meson makes three programs of it:
 *   pointer  a commit erases the word and writes it anew: in between nothing boots
 *   tail     a commit appends a word, and the last one counts: a torn one names no bank
 *   early    as tail, but it commits when an offer is accepted, before it has the image
 * Whoever cuts the power everywhere must find each of them. */
#include "board.h"
#include "chip.h"
#include "places.h"

/* The linker puts the first of them in the place of ferry_boot(), which becomes the
 * second. */
int __wrap_ferry_boot(const struct ferry_boot_config *cfg, enum ferry_reset reset,
                      uint32_t cause);
int __real_ferry_boot(const struct ferry_boot_config *cfg, enum ferry_reset reset,
                      uint32_t cause);

static const uint32_t blank = 0xFFFFFFFFU;

static uint32_t word_at(uint32_t addr)
{
    uint32_t word = blank;

    (void)board.flash.read(board.flash.ctx, addr, &word, sizeof word);
    return word;
}

/* Behind the last word that was written. */
static uint32_t tail(void)
{
    uint32_t at = CUT_POINTER + CUT_ERASE_UNIT;

    while (at > CUT_POINTER && word_at(at - 4) == blank) {
        at -= 4;
    }
    return at;
}

int __wrap_ferry_boot(const struct ferry_boot_config *cfg, enum ferry_reset reset,
                      uint32_t cause)
{
    uint32_t bank = tail() > CUT_POINTER ? word_at(tail() - 4) : blank;

    (void)!__real_ferry_boot(cfg, reset, cause); /* for its records */
    return bank <= 1 ? (int)bank : FERRY_E_COMMIT;
}

void cut_told(enum ferry_event event)
{
    static uint32_t bank;

    if (event != CUT_COMMITS_AT) {
        return;
    }
    bank = BOARD_HANDOFF->bank ^ 1U;
    if (CUT_ERASES) {
        (void)board.flash.erase(board.flash.ctx, CUT_POINTER);
    }
    (void)board.flash.write(board.flash.ctx, tail(), &bank, sizeof bank);
}
