/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a device with a bootloader is made, and how the work that stands at its
 * journal's seam is done by hand. */
#include "app_bench.h"

#include <sodium.h>

#include "check.h"

struct world w;
static uint8_t artifacts[2][4096];
struct ferry_app_journal *const j = &w.board.app;

/* Version `1.bank.0` for that bank. */
struct artifact_bytes app_make(unsigned bank)
{
    static uint8_t image[1024];
    struct release r;

    release_default(&r);
    r.version = 0x01000000U + bank * 0x10000U;
    r.sec_ctr = 5 + bank;
    r.link = bank * 0x80000U + 0x1000U;
    memset(image, 0x11 + (int)bank, sizeof image);
    struct artifact_bytes a = {artifacts[bank],
                               release_make(&r, image, sizeof image, artifacts[bank])};
    return a;
}

void app_new_device(void)
{
    struct world_options o;

    assert_true(sodium_init() >= 0);
    world_defaults(&o);
    o.bank_len = 8192;
    o.erase_unit = 512;
    o.header_len = 1024;
    o.factory = app_make(0);
    world_init(&w, &o);
    world_courier(&w, &o.factory, 1);
    assert_int_equal(w.board.booted, 0);
    assert_int_equal(w.board.opened, 0);
}

void app_trial_device(void)
{
    app_new_device();
    w.board.selftest_fails = true;
    struct artifact_bytes a = app_make(1);
    board_place(&w, 1, &a);
    assert_int_equal(board_commit(&w), 0);
    board_planned_reset(&w);
    assert_int_equal(w.board.booted, 1);
    assert_int_equal(w.board.opened, 0);
}

int app_reopen(uint32_t now)
{
    return ferry_app_journal_open(j, &w.board.app_cfg, (uint8_t *)w.board.room, now);
}

/* ---- the seam, by hand ------------------------------------------------------------ */

bool app_owes(void)
{
    return w.commit.next(w.commit.ctx, NULL);
}

/* The next piece of work, done or (status) said to be. False: there is none. */
bool app_work(int status)
{
    const struct ferry_flash *hal = &w.boot_hal;
    struct ferry_flash_op op;

    if (!w.commit.next(w.commit.ctx, &op)) {
        return false;
    }
    if (status == 0) {
        status = op.erase ? hal->erase(hal->ctx, op.addr)
                          : hal->write(hal->ctx, op.addr, op.buf, op.len);
    }
    w.commit.did(w.commit.ctx, status);
    return true;
}

unsigned app_work_all(void)
{
    unsigned n = 0;

    while (app_work(0)) {
        n++;
    }
    return n;
}

void app_tell(enum ferry_event event, int err)
{
    static const uint8_t offender[FERRY_OFFENDER_LEN] = {3, 1, 2, 3, 4, 5, 6, 7, 8};

    w.commit.event(w.commit.ctx, event, err,
                   event == FERRY_EVENT_SECURITY ? offender : NULL);
}
