/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests how links are opened, and what says why they are not; that a pty's master comes
 * and goes with those who open its slave, and that the line is raw for all of them. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "links.h"

static struct ferry_link a, b;
static uint8_t got[1024];

static void close_both(void)
{
    ferry_link_close(&a);
    ferry_link_close(&b);
}

/* ---- ptys ------------------------------------------------------------------------ */

static void
a_pty_is_down_until_somebody_opens_it_and_after_everybody_closed_it(void **state)
{
    char slave[FERRY_LINK_PATH_MAX];
    uint8_t word[6];

    (void)state;
    assert_int_equal(ferry_link_open_pty(&a, slave), 0);
    assert_true(a.reopens);
    assert_false(ferry_link_up(&a));
    assert_int_equal(ferry_link_fd(&a), -1);
    assert_false(ferry_link_ready(&a));
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(ferry_link_open_tty(&b, slave), 0);
        assert_true(ferry_link_up(&a));
        snprintf((char *)word, sizeof word, "word%u", i);
        assert_true(ferry_link_send(&b, word, 5));
        assert_int_equal(heard_all(&a, got, 5), 5);
        assert_memory_equal(got, word, 5);
        assert_true(ferry_link_send(&a, word, 5));
        assert_int_equal(heard_all(&b, got, 5), 5);
        assert_memory_equal(got, word, 5);
        ferry_link_close(&b);
        assert_true(goes_down(&a));
    }
    ferry_link_close(&a);
}

static void what_was_meant_for_the_last_peer_is_not_heard_by_the_next(void **state)
{
    char slave[FERRY_LINK_PATH_MAX];

    (void)state;
    assert_int_equal(ferry_link_open_pty(&a, slave), 0);
    assert_int_equal(ferry_link_open_tty(&b, slave), 0);
    assert_true(ferry_link_up(&a));
    assert_true(ferry_link_send(&a, "old", 3));
    port_sleep_us(5000);
    ferry_link_close(&b);
    assert_int_equal(ferry_link_open_tty(&b, slave), 0);
    assert_true(ferry_link_up(&a));
    assert_true(ferry_link_send(&a, "new", 3));
    assert_int_equal(heard_all(&b, got, 3), 3);
    assert_memory_equal(got, "new", 3);
    close_both();
}

/* A peer that knows nothing of raw mode, such as cat, finds the line raw already. */
static void the_slave_is_raw_for_whoever_opens_it(void **state)
{
    char slave[FERRY_LINK_PATH_MAX];

    (void)state;
    assert_int_equal(ferry_link_open_pty(&a, slave), 0);
    int fd = open(slave, O_RDWR | O_NOCTTY);
    assert_true(fd >= 0);
    assert_true(ferry_link_up(&a));
    assert_true(ferry_link_send(&a, "\003\n\r\004", 4));
    assert_int_equal(read(fd, got, sizeof got), 4);
    assert_memory_equal(got, "\003\n\r\004", 4);
    port_sleep_us(2000);
    assert_int_equal(ferry_link_receive(&a, got, sizeof got), 0); /* no echo */
    close(fd);
    ferry_link_close(&a);
}

/* ---- opening --------------------------------------------------------------------- */

static void message_sockets_meet_at_a_path(void **state)
{
    const char *path = port_path("meet");

    (void)state;
    int listener = ferry_link_listen(path);
    assert_true(listener >= 0);
    assert_int_equal(ferry_link_accept(&a, listener), -1);
    assert_true(errno == EAGAIN || errno == EWOULDBLOCK);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(ferry_link_connect(&b, path), 0);
        assert_int_equal(ferry_link_accept(&a, listener), 0);
        assert_true(ferry_link_send(&b, "hello", 5));
        assert_true(ferry_link_send(&b, "again", 5));
        assert_int_equal(ferry_link_receive(&a, got, sizeof got), 5);
        ferry_link_close(&b);
        assert_int_equal(ferry_link_receive(&a, got, sizeof got), 5);
        assert_true(goes_down(&a));
        ferry_link_close(&a);
    }
    close(listener);
    assert_int_equal(ferry_link_connect(&b, path), -1);
    assert_int_equal(errno, ECONNREFUSED);
}

static void a_listener_takes_over_from_a_dead_one_but_from_nothing_else(void **state)
{
    const char *path = port_path("dead");

    (void)state;
    int listener = ferry_link_listen(path);
    assert_true(listener >= 0);
    close(listener); /* and its socket stays, as after kill -9 */
    listener = ferry_link_listen(path);
    assert_true(listener >= 0);
    assert_int_equal(ferry_link_connect(&b, path), 0);
    ferry_link_close(&b);
    close(listener);

    port_put(port_path("letter"), "dear", 4);
    assert_int_equal(ferry_link_listen(port_path("letter")), -1);
    assert_int_equal(errno, EADDRINUSE);
    assert_int_equal(access(port_path("letter"), F_OK), 0);
}

#define LISTENERS 300

struct takeovers {
    char path[256];
    volatile unsigned made;
};

/* Each stays open: whatever the path led to when a peer looked can be connected to. */
static int take_over_again_and_again(void *ctx)
{
    struct takeovers *t = ctx;

    while (t->made < LISTENERS && ferry_link_listen(t->path) >= 0) {
        t->made++;
    }
    return pause();
}

/* A device that restarts takes its own path over while a phone looks for it. */
static void a_path_that_is_taken_over_leads_to_a_listener_at_any_instant(void **state)
{
    struct takeovers *t = port_shared(sizeof *t);
    uint64_t began = port_real_ms();
    int why = EAGAIN; /* too many wait already */

    (void)state;
    snprintf(t->path, sizeof t->path, "%s", port_path("busy"));
    int listener = ferry_link_listen(t->path);
    assert_true(listener >= 0);
    pid_t child = port_child(take_over_again_and_again, t);
    while (t->made < LISTENERS && why == EAGAIN && port_real_ms() - began < 20000) {
        why = ferry_link_connect(&a, t->path) == 0 ? EAGAIN : errno;
        ferry_link_close(&a);
    }
    kill(child, SIGKILL);
    assert_int_equal(port_ended(child), 256 + SIGKILL);
    assert_int_equal(why, EAGAIN);
    assert_int_equal(t->made, LISTENERS);
    close(listener);
    port_unshare(t, sizeof *t);
}

static void what_cannot_be_opened_says_why(void **state)
{
    char longest[200];

    (void)state;
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(ferry_link_connect(&a, port_path("nobody")), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(ferry_link_connect(&a, longest), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_int_equal(ferry_link_listen(longest), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_int_equal(ferry_link_open_tty(&a, port_path("nobody")), -1);
    assert_int_equal(errno, ENOENT);
    port_put(port_path("file"), "x", 1);
    assert_int_equal(ferry_link_open_tty(&a, port_path("file")), -1);
    assert_int_equal(errno, ENOTTY);
    assert_int_equal(ferry_link_open_bytes(&a, -1), -1);
    assert_int_equal(errno, EBADF);
    assert_false(ferry_link_up(&a));
    ferry_link_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_pty_is_down_until_somebody_opens_it_and_after_everybody_closed_it),
        cmocka_unit_test(what_was_meant_for_the_last_peer_is_not_heard_by_the_next),
        cmocka_unit_test(the_slave_is_raw_for_whoever_opens_it),
        cmocka_unit_test(message_sockets_meet_at_a_path),
        cmocka_unit_test(a_listener_takes_over_from_a_dead_one_but_from_nothing_else),
        cmocka_unit_test(a_path_that_is_taken_over_leads_to_a_listener_at_any_instant),
        cmocka_unit_test(what_cannot_be_opened_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
