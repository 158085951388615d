/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that virtual time runs as many times faster as it was told, wraps, and that a
 * sleep ends at its deadline or at what it waits for. Upper bounds are generous: the
 * machine may be busy. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "clock.h"
#include "port.h"

#define SOON_MS 2000U /* real; "at once", on a busy machine */

static struct ferry_clock fast(uint32_t factor)
{
    struct ferry_clock c;

    ferry_clock_init(&c, factor);
    return c;
}

static void as_many_milliseconds_pass_as_the_factor_says(void **state)
{
    static const uint32_t factors[] = {1, 20, 1000};

    (void)state;
    for (size_t i = 0; i < COUNT(factors); i++) {
        struct ferry_clock c = fast(factors[i]);
        uint64_t real = port_real_ms();
        uint32_t from = ferry_clock_now(&c);
        port_sleep_us(30000);
        uint32_t passed = ferry_clock_now(&c) - from;
        uint64_t took = port_real_ms() - real;
        assert_true(passed >= 30 * factors[i]);
        assert_true(passed <= (took + 2) * factors[i]);
    }
}

static void factors_that_cannot_be_are_the_nearest_that_can(void **state)
{
    (void)state;
    assert_int_equal(fast(0).factor, 1);
    assert_int_equal(fast(1000).factor, 1000);
    assert_int_equal(fast(UINT32_MAX).factor, 1000);
}

static void two_clocks_of_the_same_factor_show_the_same_time(void **state)
{
    struct ferry_clock a = fast(20);

    (void)state;
    port_sleep_us(3000);
    struct ferry_clock b = fast(20);
    uint32_t first = ferry_clock_now(&a);
    uint32_t second = ferry_clock_now(&b);
    uint32_t third = ferry_clock_now(&a);
    assert_true(second - first <= third - first);
}

static void a_clock_that_is_set_wraps_at_32_bits(void **state)
{
    struct ferry_clock c = fast(100);

    (void)state;
    ferry_clock_set(&c, 0xFFFFFF00U);
    uint32_t from = ferry_clock_now(&c);
    assert_in_range(from - 0xFFFFFF00U, 0, 100 * SOON_MS);
    ferry_clock_wait(&c, 1000, -1, false);
    assert_in_range(ferry_clock_now(&c) - from, 1000, 1000 + 100 * SOON_MS);
    assert_true(ferry_clock_now(&c) < 0xFFFFFF00U);
}

static void a_wait_lasts_as_long_as_it_was_told_and_not_much_longer(void **state)
{
    static const uint32_t factors[] = {1, 20, 1000};

    (void)state;
    for (size_t i = 0; i < COUNT(factors); i++) {
        struct ferry_clock c = fast(factors[i]);
        uint32_t from = ferry_clock_now(&c);
        assert_int_equal(ferry_clock_wait(&c, 20 * factors[i], -1, false), 0);
        uint32_t passed = ferry_clock_now(&c) - from;
        assert_true(passed >= 20 * factors[i]);
        assert_true(passed <= (20 + SOON_MS) * factors[i]);
    }
}

/* One virtual millisecond of twenty in a real one: poll() would sleep for all twenty. */
static void short_waits_in_compressed_time_do_not_become_long_ones(void **state)
{
    struct ferry_clock c = fast(20);
    uint32_t best = UINT32_MAX;

    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        uint32_t from = ferry_clock_now(&c);
        ferry_clock_wait(&c, 1, -1, false);
        uint32_t passed = ferry_clock_now(&c) - from;
        best = passed < best ? passed : best;
    }
    assert_in_range(best, 1, 15);
}

static void a_wait_ends_when_there_is_something_to_read(void **state)
{
    struct ferry_clock c = fast(1);
    int fd[2];

    (void)state;
    assert_int_equal(pipe(fd), 0);
    assert_int_equal(ferry_clock_wait(&c, 0, fd[0], false), 0);
    assert_int_equal(write(fd[1], "x", 1), 1);
    uint64_t from = port_real_ms();
    assert_int_equal(ferry_clock_wait(&c, 60000, fd[0], false), FERRY_CLOCK_READABLE);
    assert_int_equal(ferry_clock_wait(&c, UINT32_MAX, fd[0], true),
                     FERRY_CLOCK_READABLE);
    assert_true(port_real_ms() - from < SOON_MS);
    close(fd[1]);
    close(fd[0]);
}

static void a_wait_ends_when_something_can_be_written_or_the_peer_is_gone(void **state)
{
    struct ferry_clock c = fast(1);
    int fd[2];

    (void)state;
    assert_int_equal(pipe(fd), 0);
    assert_int_equal(ferry_clock_wait(&c, 60000, fd[1], true), FERRY_CLOCK_WRITABLE);
    close(fd[1]);
    assert_int_equal(ferry_clock_wait(&c, 60000, fd[0], false), FERRY_CLOCK_READABLE);
    close(fd[0]);
}

/* More descriptors than select() knows. */
static void a_wait_knows_high_descriptors(void **state)
{
    struct ferry_clock c = fast(20);
    struct rlimit was;
    int fd[2];

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    struct rlimit more = {.rlim_cur = 2000, .rlim_max = was.rlim_max};
    if (was.rlim_cur < 2000 && setrlimit(RLIMIT_NOFILE, &more) != 0) {
        skip();
    }
    assert_int_equal(pipe(fd), 0);
    int high = fcntl(fd[0], F_DUPFD, 1500);
    int high_out = fcntl(fd[1], F_DUPFD, 1500);
    assert_true(high >= 1500 && high_out >= 1500);

    uint32_t from = ferry_clock_now(&c);
    assert_int_equal(ferry_clock_wait(&c, 200, high, false), 0);
    assert_in_range(ferry_clock_now(&c) - from, 200, 200 + 20 * SOON_MS);
    assert_int_equal(ferry_clock_wait(&c, 60000, high_out, true), FERRY_CLOCK_WRITABLE);
    assert_int_equal(write(fd[1], "x", 1), 1);
    assert_int_equal(ferry_clock_wait(&c, UINT32_MAX, high, false),
                     FERRY_CLOCK_READABLE);
    close(high);
    close(high_out);
    close(fd[0]);
    close(fd[1]);
    setrlimit(RLIMIT_NOFILE, &was);
}

static volatile sig_atomic_t rang;

static void ring(int signal)
{
    (void)signal;
    rang = 1;
}

static void start_alarm(void (*handler)(int))
{
    struct sigaction a;

    memset(&a, 0, sizeof a);
    a.sa_handler = handler;
    sigemptyset(&a.sa_mask);
    sigaction(SIGALRM, &a, NULL);
    struct itimerval soon = {.it_value = {.tv_usec = 50000}};
    rang = 0;
    setitimer(ITIMER_REAL, &soon, NULL);
}

static void a_signal_ends_a_wait_but_not_the_passing_of_time(void **state)
{
    struct ferry_clock c = fast(1);

    (void)state;
    start_alarm(ring);
    uint64_t from = port_real_ms();
    assert_int_equal(ferry_clock_wait(&c, 60000, -1, false), 0);
    assert_true(rang);
    assert_true(port_real_ms() - from < SOON_MS);

    start_alarm(ring);
    from = port_real_ms();
    ferry_clock_pass(&c, 200000);
    assert_true(rang);
    assert_true(port_real_ms() - from >= 199);
}

/* 41 µs a word: no sleep is that short, so they are saved up. */
static void short_times_add_up_until_they_are_worth_a_sleep(void **state)
{
    struct ferry_clock c = fast(20);
    uint32_t from = ferry_clock_now(&c);

    (void)state;
    for (unsigned i = 0; i < 2000; i++) {
        ferry_clock_pass(&c, 50);
    }
    uint32_t passed = ferry_clock_now(&c) - from;
    assert_true(passed >= 80); /* 100 less what is still owed */
    assert_true(passed <= 100 + 20 * SOON_MS);
    assert_true(c.owed_us < 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_milliseconds_pass_as_the_factor_says),
        cmocka_unit_test(factors_that_cannot_be_are_the_nearest_that_can),
        cmocka_unit_test(two_clocks_of_the_same_factor_show_the_same_time),
        cmocka_unit_test(a_clock_that_is_set_wraps_at_32_bits),
        cmocka_unit_test(a_wait_lasts_as_long_as_it_was_told_and_not_much_longer),
        cmocka_unit_test(short_waits_in_compressed_time_do_not_become_long_ones),
        cmocka_unit_test(a_wait_ends_when_there_is_something_to_read),
        cmocka_unit_test(a_wait_ends_when_something_can_be_written_or_the_peer_is_gone),
        cmocka_unit_test(a_wait_knows_high_descriptors),
        cmocka_unit_test(a_signal_ends_a_wait_but_not_the_passing_of_time),
        cmocka_unit_test(short_times_add_up_until_they_are_worth_a_sleep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
