/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that a flash file survives kill -9: a child erases and programs, is killed at
 * any instant, and its parent holds the file to what the child was told. Nothing
 * acknowledged is lost, nothing that was touched counts as blank, nothing else moves. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "bench.h"

#define OPS_MAX 40000U

/* What the child did, in memory that outlives it. */
struct diary {
    volatile uint32_t began, ended; /* operations */
    struct model_op ops[OPS_MAX];
};

static const struct ferry_flash_geometry geometries[] = {
    {.size = 65536, .erase_unit = 4096, .write_unit = 4, .erased = 0xFF},
    {.size = 8192, .erase_unit = 512, .write_unit = 1, .erased = 0xFF},
    {.size = 16384, .erase_unit = 2048, .write_unit = 8, .erased = 0x00},
    {.size = 262144, .erase_unit = 131072, .write_unit = 32, .erased = 0x00},
};

static struct model model;
static struct bench b;

/* ---- the child ------------------------------------------------------------------- */

static const struct model_op *current;
static struct {
    unsigned nth; /* operation of that kind; 0: none */
    bool erase;
    enum ferry_flash_file_moment moment;
} fatal;

static int die_in_hook(void *ctx, enum ferry_flash_file_op op,
                       enum ferry_flash_file_moment moment, uint32_t addr, uint32_t len)
{
    static unsigned seen;
    bool erase = op == FERRY_FLASH_FILE_ERASE;

    (void)ctx;
    if (addr != current->addr || len != current->len || erase != current->erase) {
        _exit(2);
    }
    seen += erase == fatal.erase && moment == FERRY_FLASH_FILE_BEFORE;
    if (erase == fatal.erase && seen == fatal.nth && moment == fatal.moment) {
        raise(SIGKILL);
    }
    return 0;
}

static void pass_real_time(void *ctx, uint32_t us)
{
    (void)ctx;
    port_sleep_us((long)us);
}

/* Mostly short writes to blank units, in runs that cross erase units, and an erase
 * wherever nothing blank is found. */
static struct model_op choose(struct dice *d, const struct ferry_flash_file *f)
{
    const struct ferry_flash_geometry *g = &f->geometry;
    uint32_t units = 1 + roll_below(d, 64 / g->write_unit);
    uint32_t at = roll_below(d, g->size / g->write_unit - units) * g->write_unit;
    struct model_op op = {.addr = at, .len = units * g->write_unit};

    for (uint32_t i = 0; i < op.len; i++) {
        op.erase |= !ferry_flash_file_blank(f, at + i);
    }
    if (op.erase || roll_below(d, 20) == 0) {
        op.erase = true;
        op.addr = at - at % g->erase_unit;
        op.len = g->erase_unit;
    }
    return op;
}

struct life {
    struct diary *diary;
    const struct ferry_flash_geometry *geometry;
    uint32_t seed;
    uint32_t erase_us; /* 0: operations take no time of their own */
};

static int open_in_child(const struct life *life)
{
    if (ferry_flash_file_open(&b.file, port_path("flash"), life->geometry, false) !=
        0) {
        fprintf(stderr, "%s\n", b.file.why);
        return -1;
    }
    b.file.hook = die_in_hook;
    if (life->erase_us > 0) {
        b.file.pass = pass_real_time;
        b.file.erase_ms = life->erase_us / 1000;
        b.file.word_us = 30;
    }
    b.hal = ferry_flash_file_hal(&b.file);
    return 0;
}

static int work(void *ctx)
{
    static uint32_t bytes[128];
    const struct life *life = ctx;
    struct diary *diary = life->diary;
    struct dice d = {life->seed};

    if (open_in_child(life) != 0) {
        return 3;
    }
    for (uint32_t n = 0; n < OPS_MAX; n++) {
        struct model_op op = choose(&d, &b.file);
        op.number = life->seed + n;
        if (!op.erase) {
            model_payload(&op, (uint8_t *)bytes);
        }
        diary->ops[n] = op;
        current = &diary->ops[n];
        diary->began = n + 1;
        int err = op.erase ? b.hal.erase(&b.file, op.addr)
                           : b.hal.write(&b.file, op.addr, bytes, op.len);
        if (err != 0) {
            fprintf(stderr, "operation %u failed at 0x%x\n", (unsigned)n,
                    (unsigned)op.addr);
            return 1;
        }
        diary->ended = n + 1;
    }
    for (;;) {
        pause();
    }
}

/* ---- the parent ------------------------------------------------------------------ */

static pid_t start(struct diary *diary, const struct ferry_flash_geometry *g,
                   uint32_t seed, uint32_t erase_us)
{
    struct life life = {diary, g, seed, erase_us};

    diary->began = diary->ended = 0;
    return port_child(work, &life);
}

/* Bring the model up to what was acknowledged; returns what was not, or NULL. */
static const struct model_op *catch_up(struct model *m, const struct diary *diary)
{
    for (uint32_t n = 0; n < diary->ended; n++) {
        model_apply(m, &diary->ops[n]);
    }
    return diary->began > diary->ended ? &diary->ops[diary->ended] : NULL;
}

/* The child is dead. Returns whether it died inside an operation. */
static bool judge(const struct diary *diary, const struct ferry_flash_geometry *g)
{
    const struct model_op *cut = catch_up(&model, diary);

    bench_open(&b, port_path("flash"), g);
    model_check(&model, &b.file, cut);
    if (cut != NULL) {
        model_adopt(&model, &b.file, cut);
    }
    bench_close(&b);
    return cut != NULL;
}

static void make_flash(const struct ferry_flash_geometry *g)
{
    bench_fresh(&b, g);
    bench_close(&b);
    model_blank(&model, g);
}

/* A life ends at random; the next one goes on with the same flash. */
static void live(const struct ferry_flash_geometry *g, unsigned lives,
                 uint32_t erase_us)
{
    struct diary *diary = port_shared(sizeof *diary);
    struct dice d = {0xD1CE + g->erase_unit};
    unsigned inside = 0, ops = 0;

    make_flash(g);
    for (unsigned i = 0; i < lives; i++) {
        pid_t child = start(diary, g, 1 + i * OPS_MAX, erase_us);
        while (diary->began < 1 + i % 4) {
            port_sleep_us(50);
        }
        port_sleep_us((long)roll_below(&d, 2000));
        kill(child, SIGKILL);
        assert_int_equal(port_ended(child), 256 + SIGKILL);
        inside += judge(diary, g);
        ops += diary->ended;
    }
    assert_true(inside > lives / 20);
    assert_true(ops >= lives);
    port_unshare(diary, sizeof *diary);
}

static void a_kill_at_any_instant_loses_nothing_acknowledged(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(geometries); i++) {
        live(&geometries[i], 60, 0);
    }
}

static void a_kill_while_an_operation_takes_its_time_is_like_any_other(void **state)
{
    (void)state;
    live(&geometries[0], 40, 2000);
    live(&geometries[3], 20, 2000);
}

static void die_at(struct diary *diary, const struct ferry_flash_geometry *g,
                   bool erase, unsigned nth, enum ferry_flash_file_moment moment)
{
    make_flash(g);
    fatal.nth = nth;
    fatal.erase = erase;
    fatal.moment = moment;
    pid_t child = start(diary, g, 77 + nth, 0);
    assert_int_equal(port_ended(child), 256 + SIGKILL);
    fatal.nth = 0;
    assert_int_equal(diary->began, diary->ended + 1);
    assert_int_equal(diary->ops[diary->ended].erase, erase);
    assert_true(judge(diary, g));
}

static void
a_kill_before_halfway_or_after_an_operation_leaves_what_nor_would(void **state)
{
    struct diary *diary = port_shared(sizeof *diary);

    (void)state;
    for (size_t i = 0; i < COUNT(geometries); i++) {
        for (int m = FERRY_FLASH_FILE_BEFORE; m <= FERRY_FLASH_FILE_AFTER; m++) {
            die_at(diary, &geometries[i], true, 2, (enum ferry_flash_file_moment)m);
            die_at(diary, &geometries[i], false, 9, (enum ferry_flash_file_moment)m);
        }
    }
    port_unshare(diary, sizeof *diary);
}

/* Zeros over 16 blank bytes, or an erase over 4096 zeros, at address 4096. */
static int one_operation(void *ctx)
{
    static const uint32_t zeros[4] = {0};
    const struct model_op *op = ctx;
    struct life life = {.geometry = &geometries[0]};

    current = op;
    return open_in_child(&life) != 0 ? 3
           : op->erase               ? b.hal.erase(&b.file, 4096)
                                     : b.hal.write(&b.file, 4096, zeros, 16);
}

/* What exactly is left is known at each of the three moments. */
static void what_is_left_at_the_three_moments_is_exactly_this(void **state)
{
    static const struct {
        enum ferry_flash_file_moment moment;
        uint32_t written, erased; /* bytes, from the start of the operation */
        bool write_blank, erase_blank;
    } rows[] = {{FERRY_FLASH_FILE_BEFORE, 0, 0, true, false},
                {FERRY_FLASH_FILE_HALFWAY, 8, 2048, false, false},
                {FERRY_FLASH_FILE_AFTER, 16, 4096, false, true}};
    const struct ferry_flash_geometry *g = &geometries[0];
    static const uint32_t zeros[128] = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (unsigned erase = 0; erase < 2; erase++) {
            struct model_op op = {erase != 0, 4096, erase ? 4096 : 16, 0};
            bench_fresh(&b, g);
            for (uint32_t at = 4096; erase && at < 8192; at += 512) {
                assert_int_equal(b.hal.write(&b.file, at, zeros, 512), 0);
            }
            bench_close(&b);
            fatal.nth = 1;
            fatal.erase = op.erase;
            fatal.moment = rows[i].moment;
            pid_t child = port_child(one_operation, &op);
            fatal.nth = 0;
            assert_int_equal(port_ended(child), 256 + SIGKILL);
            bench_open(&b, port_path("flash"), g);
            uint32_t done = 0;
            while (done < op.len && b.file.bytes[4096 + done] == (erase ? 0xFF : 0)) {
                done++;
            }
            assert_int_equal(done, erase ? rows[i].erased : rows[i].written);
            assert_int_equal(ferry_flash_file_blank(&b.file, 4108),
                             erase ? rows[i].erase_blank : rows[i].write_blank);
            bench_close(&b);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kill_at_any_instant_loses_nothing_acknowledged),
        cmocka_unit_test(a_kill_while_an_operation_takes_its_time_is_like_any_other),
        cmocka_unit_test(
            a_kill_before_halfway_or_after_an_operation_leaves_what_nor_would),
        cmocka_unit_test(what_is_left_at_the_three_moments_is_exactly_this),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
