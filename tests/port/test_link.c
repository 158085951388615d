/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that values get through message sockets whole and in order, through ptys byte
 * for byte, that a full link says so and loses nothing, and that each end learns when
 * the other has gone, after it has read what that one said last. */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "links.h"

static struct ferry_link a, b;
static uint8_t got[1024];

static void open_pair(void)
{
    assert_int_equal(ferry_link_open_pair(&a, &b), 0);
}

/* `a` is the master, `b` the slave. */
static void open_pty(void)
{
    char slave[FERRY_LINK_PATH_MAX];

    assert_int_equal(ferry_link_open_pty(&a, slave), 0);
    assert_int_equal(ferry_link_open_tty(&b, slave), 0);
    assert_true(ferry_link_up(&a));
}

static void open_streams(void)
{
    int fd[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    assert_int_equal(ferry_link_open_bytes(&a, fd[0]), 0);
    assert_int_equal(ferry_link_open_bytes(&b, fd[1]), 0);
}

static const struct kind {
    const char *name;
    void (*open)(void);
} kinds[] = {
    {"message socket", open_pair}, {"pty", open_pty}, {"stream", open_streams}};

static void close_both(void)
{
    ferry_link_close(&a);
    ferry_link_close(&b);
}

/* ---- values ---------------------------------------------------------------------- */

static void a_message_socket_keeps_values_whole_and_in_order(void **state)
{
    uint8_t value[FERRY_LINK_VALUE_MAX];

    (void)state;
    open_pair();
    for (size_t len = 1; len <= sizeof value; len += 73) {
        memset(value, (int)len, len);
        assert_true(ferry_link_send(&a, value, len));
    }
    for (size_t len = 1; len <= sizeof value; len += 73) {
        memset(value, (int)len, len);
        assert_int_equal(ferry_link_receive(&b, got, sizeof got), len);
        assert_memory_equal(got, value, len);
    }
    assert_int_equal(ferry_link_receive(&b, got, sizeof got), 0);
    assert_true(ferry_link_up(&b));
    close_both();
}

static void every_link_carries_every_byte_both_ways(void **state)
{
    uint8_t bytes[256];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)i;
    }
    for (size_t k = 0; k < COUNT(kinds); k++) {
        kinds[k].open();
        expect_true(kinds[k].name, ferry_link_send(&a, bytes, sizeof bytes));
        expect_true(kinds[k].name, heard_all(&b, got, 256) == 256);
        assert_memory_equal(got, bytes, sizeof bytes);
        expect_true(kinds[k].name, ferry_link_send(&b, bytes, sizeof bytes));
        expect_true(kinds[k].name, heard_all(&a, got, 256) == 256);
        assert_memory_equal(got, bytes, sizeof bytes);
        expect_true(kinds[k].name, ferry_link_receive(&b, got, sizeof got) == 0);
        close_both();
    }
}

static void a_value_of_no_bytes_or_of_more_than_512_is_not_taken(void **state)
{
    static const uint8_t value[FERRY_LINK_VALUE_MAX + 1];

    (void)state;
    open_pair();
    assert_false(ferry_link_send(&a, value, 0));
    assert_false(ferry_link_send(&a, value, sizeof value));
    assert_true(ferry_link_send(&a, value, sizeof value - 1));
    assert_int_equal(ferry_link_receive(&b, got, sizeof got), sizeof value - 1);
    assert_int_equal(ferry_link_receive(&b, got, sizeof got), 0);
    close_both();
}

static void
a_value_longer_than_the_buffer_is_dropped_and_the_next_is_heard(void **state)
{
    (void)state;
    open_pair();
    assert_true(ferry_link_send(&a, "too long", 8));
    assert_true(ferry_link_send(&a, "fits", 4));
    assert_int_equal(ferry_link_receive(&b, got, 7), 4);
    assert_memory_equal(got, "fits", 4);
    close_both();
}

/* ---- a full link ----------------------------------------------------------------- */

static void number(uint8_t *value, size_t len, uint32_t n)
{
    for (size_t i = 0; i < len; i++) {
        value[i] = (uint8_t)(n + i * 7);
    }
}

static void a_full_link_says_so_and_loses_nothing(void **state)
{
    uint8_t value[200];

    (void)state;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        uint32_t sent = 0, read = 0;
        kinds[k].open();
        while (ferry_link_ready(&a) && sent < 100000) {
            number(value, sizeof value, sent);
            expect_true(kinds[k].name, ferry_link_send(&a, value, sizeof value));
            sent++;
        }
        expect_true(kinds[k].name, sent > 4 && sent < 100000);
        expect_true(kinds[k].name, ferry_link_blocked(&a));
        expect_true(kinds[k].name, !ferry_link_send(&a, value, sizeof value));
        expect_true(kinds[k].name, ferry_link_up(&a));
        while (read < sent && heard_all(&b, got, sizeof value) == sizeof value) {
            number(value, sizeof value, read);
            assert_memory_equal(got, value, sizeof value);
            (void)!ferry_link_ready(&a); /* sends on what it kept */
            read++;
        }
        expect_true(kinds[k].name, read == sent);
        expect_true(kinds[k].name, !ferry_link_blocked(&a) && ferry_link_ready(&a));
        close_both();
    }
}

/* ---- gone ------------------------------------------------------------------------ */

static void what_the_peer_said_last_is_heard_before_it_is_gone(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        kinds[k].open();
        assert_true(ferry_link_send(&b, "last words", 10));
        ferry_link_close(&b);
        expect_true(kinds[k].name, ferry_link_up(&a));
        expect_true(kinds[k].name, heard_all(&a, got, 10) == 10);
        assert_memory_equal(got, "last words", 10);
        expect_true(kinds[k].name, goes_down(&a));
        expect_true(kinds[k].name, ferry_link_fd(&a) == -1);
        expect_true(kinds[k].name, !ferry_link_ready(&a));
        expect_true(kinds[k].name, !ferry_link_send(&a, "x", 1));
        expect_true(kinds[k].name, ferry_link_receive(&a, got, sizeof got) == 0);
        ferry_link_close(&a);
    }
}

/* The kernel tells of the unread value first. Sending finds the peer gone, too. */
static void
so_it_is_when_the_peer_left_something_unread_and_is_still_spoken_to(void **state)
{
    (void)state;
    for (size_t round = 0; round < 4; round++) {
        size_t k = round / 2 * 2; /* not the pty: see below */
        kinds[k].open();
        assert_true(ferry_link_send(&a, "never read", 10));
        assert_true(ferry_link_send(&b, "last words", 10));
        ferry_link_close(&b);
        for (unsigned i = 0; i < 3 * (round % 2); i++) {
            (void)!ferry_link_send(&a, "into the void", 13); /* and no SIGPIPE */
        }
        expect_true(kinds[k].name, ferry_link_up(&a));
        expect_true(kinds[k].name, heard_all(&a, got, 10) == 10);
        assert_memory_equal(got, "last words", 10);
        expect_true(kinds[k].name, goes_down(&a));
        ferry_link_close(&a);
    }
}

static void a_peer_that_takes_nothing_any_more_is_gone(void **state)
{
    int fd[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    assert_int_equal(ferry_link_open_bytes(&a, fd[0]), 0);
    assert_int_equal(shutdown(fd[1], SHUT_RD), 0);
    assert_int_equal(ferry_link_receive(&a, got, sizeof got), 0);
    assert_true(ferry_link_up(&a));
    (void)!ferry_link_send(&a, "into the void", 13);
    assert_true(goes_down(&a));
    ferry_link_close(&a);
    close(fd[1]);
}

static void the_slave_of_a_pty_learns_that_the_master_has_gone(void **state)
{
    (void)state;
    open_pty();
    ferry_link_close(&a);
    (void)!ferry_link_send(&b, "into the void", 13);
    assert_true(goes_down(&b));
    ferry_link_close(&b);
}

static void the_descriptor_wakes_its_poller_for_values_and_for_the_end(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        kinds[k].open();
        struct pollfd p = {.fd = ferry_link_fd(&a), .events = POLLIN};
        expect_true(kinds[k].name, p.fd >= 0 && poll(&p, 1, 0) == 0);
        assert_true(ferry_link_send(&b, "x", 1));
        expect_true(kinds[k].name, poll(&p, 1, 2000) == 1);
        expect_true(kinds[k].name, heard(&a, got, sizeof got) == 1);
        expect_true(kinds[k].name, poll(&p, 1, 0) == 0);
        ferry_link_close(&b);
        expect_true(kinds[k].name, poll(&p, 1, 2000) == 1);
        ferry_link_close(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_socket_keeps_values_whole_and_in_order),
        cmocka_unit_test(every_link_carries_every_byte_both_ways),
        cmocka_unit_test(a_value_of_no_bytes_or_of_more_than_512_is_not_taken),
        cmocka_unit_test(
            a_value_longer_than_the_buffer_is_dropped_and_the_next_is_heard),
        cmocka_unit_test(a_full_link_says_so_and_loses_nothing),
        cmocka_unit_test(what_the_peer_said_last_is_heard_before_it_is_gone),
        cmocka_unit_test(
            so_it_is_when_the_peer_left_something_unread_and_is_still_spoken_to),
        cmocka_unit_test(a_peer_that_takes_nothing_any_more_is_gone),
        cmocka_unit_test(the_slave_of_a_pty_learns_that_the_master_has_gone),
        cmocka_unit_test(the_descriptor_wakes_its_poller_for_values_and_for_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
