/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests every instant at which a kill could hit a flash operation: a child is stepped
 * through one, instruction by instruction, and after each of them the file must be
 * something that NOR flash can be after a power cut. Linux only, and only where a
 * process may trace its child. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "bench.h"

#ifdef __linux__
#include <sys/ptrace.h>
#include <sys/wait.h>

static struct model model;
static struct bench b;

static int be_stepped(void *ctx)
{
    const struct model_op *op = ctx;
    static uint32_t bytes[128];

    model_payload(op, (uint8_t *)bytes);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
        return 77;
    }
    raise(SIGSTOP);
    int err = op->erase ? b.hal.erase(&b.file, op->addr)
                        : b.hal.write(&b.file, op->addr, bytes, op->len);
    raise(SIGSTOP);
    return err == 0 ? 0 : 1;
}

/* One instruction further; false: the child is at its second stop. */
static bool step(pid_t child)
{
    int status = 0;

    assert_int_equal(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSTOPPED(status));
    return WSTOPSIG(status) != SIGSTOP;
}

/* The whole file as it is mapped here, and in the child. */
static bool changed(uint8_t *last)
{
    if (memcmp(last, b.file.map, b.file.map_len) == 0) {
        return false;
    }
    memcpy(last, b.file.map, b.file.map_len);
    return true;
}

/* How many different states the file went through. */
static unsigned walk(struct model_op *op)
{
    static uint8_t last[2 * MODEL_MAX];
    unsigned states = 0;
    int status = 0;

    memcpy(last, b.file.map, b.file.map_len);
    pid_t child = port_child(be_stepped, op);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        print_message("a process may not trace its child here\n");
        skip();
    }
    assert_true(WIFSTOPPED(status));
    while (step(child)) {
        if (changed(last)) {
            model_check(&model, &b.file, op);
            states++;
        }
    }
    assert_int_equal(ptrace(PTRACE_CONT, child, NULL, NULL), 0);
    assert_int_equal(port_ended(child), 0);
    model_apply(&model, op);
    model_check(&model, &b.file, NULL);
    return states;
}

static void begin(const struct ferry_flash_geometry *g)
{
    bench_fresh(&b, g);
    model_blank(&model, g);
}

static void fill(uint32_t from, uint32_t to)
{
    uint32_t bytes[8];

    for (uint32_t at = from; at < to; at += 32) {
        struct model_op op = {.addr = at, .len = 32, .number = at};
        model_payload(&op, (uint8_t *)bytes);
        assert_int_equal(bench_write(&b, at, bytes, 32), 0);
        model_apply(&model, &op);
    }
}

static void
after_each_instruction_of_a_write_the_flash_is_one_that_was_cut(void **state)
{
    static const struct ferry_flash_geometry kinds[] = {
        {2048, 512, 1, 0xFF}, {2048, 512, 4, 0xFF}, {2048, 512, 32, 0x00}};

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        begin(&kinds[i]);
        fill(256, 480);
        struct model_op op = {.addr = 480, .len = 64, .number = 4711};
        assert_true(walk(&op) > 64);
        bench_close(&b);
    }
}

static void
after_each_instruction_of_an_erase_the_flash_is_one_that_was_cut(void **state)
{
    static const struct ferry_flash_geometry kinds[] = {{2048, 512, 4, 0xFF},
                                                        {2048, 512, 32, 0x00}};

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        begin(&kinds[i]);
        fill(480, 512);
        fill(512 + 32, 1024 - 32); /* what was blank counts as blank no more */
        fill(1024, 1024 + 32);
        struct model_op op = {.erase = true, .addr = 512, .len = 512};
        assert_true(walk(&op) > 400);
        bench_close(&b);
    }
}

/* The first cut leaves a unit that is neither; the second erase starts from there. */
static void an_erase_that_follows_a_cut_one_is_held_to_the_same(void **state)
{
    static const struct ferry_flash_geometry g = {2048, 512, 4, 0xFF};
    struct model_op op = {.erase = true, .addr = 512, .len = 512};

    (void)state;
    begin(&g);
    fill(480, 1024 + 32);
    for (uint32_t i = 0; i < 100; i++) {
        b.file.data[512 + i] = 0xFF;
    }
    b.file.erasing[1] = 1;
    model_adopt(&model, &b.file, &op);
    assert_true(walk(&op) > 400);
    assert_true(ferry_flash_file_blank(&b.file, 512));
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            after_each_instruction_of_a_write_the_flash_is_one_that_was_cut),
        cmocka_unit_test(
            after_each_instruction_of_an_erase_the_flash_is_one_that_was_cut),
        cmocka_unit_test(an_erase_that_follows_a_cut_one_is_held_to_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
int main(void)
{
    puts("needs Linux's ptrace");
    return 77; /* meson: skipped */
}
#endif
