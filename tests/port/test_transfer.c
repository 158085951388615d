/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests whole journeys between two processes in compressed time: 64 KiB from a phone to
 * a device on a flash file, over a socket and over a pty, as fast as the link allows and
 * no faster, through loss, through the death of the device, through a phone that goes
 * and one that comes. */
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "ends.h"

#define MINUTE 60000U

static const struct ends_weather fair = {
    .mtu = 247, .per_event = 4, .interval_ms = 30, .loss_ppm = 0, .seed = 1};

static struct phone_end phone;
static struct ferry_link here, there;
static struct device_story *story;
static char flash[128];

static int set_up(void **state)
{
    (void)state;
    assert_true(sodium_init() >= 0);
    story = port_shared(sizeof *story);
    snprintf(flash, sizeof flash, "%s", port_path("device"));
    unlink(flash);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_link_close(&here);
    ferry_link_close(&there);
    port_unshare(story, sizeof *story);
    return 0;
}

/* The device's process keeps `there`, this one must not: it could not see it close. */
static pid_t start_device(const struct ends_weather *weather, bool forever)
{
    struct device_end d = {flash, &there, &here, *weather, forever, story};
    pid_t child = port_child(device_end_run, &d);

    ferry_link_close(&there);
    return child;
}

/* A socket pair; or a pty, whose master is the device's. */
static void connect_ends(bool over_pty)
{
    char slave[FERRY_LINK_PATH_MAX];

    ferry_link_close(&here);
    if (!over_pty) {
        assert_int_equal(ferry_link_open_pair(&here, &there), 0);
        return;
    }
    assert_int_equal(ferry_link_open_pty(&there, slave), 0);
    assert_int_equal(ferry_link_open_tty(&here, slave), 0);
}

static bool connected(void *ctx)
{
    (void)ctx;
    return ferry_link_up(&here);
}

/* The device committed and rebooted, but the air swallowed its DONE. */
static void hear_of_it_after_the_reboot(const struct ends_weather *weather)
{
    assert_int_equal(story->committed, 1);
    connect_ends(false);
    pid_t child = start_device(weather, false);
    ferry_pump_link(&phone.pump, &here);
    assert_true(phone_end_run(&phone, 5 * MINUTE, connected, NULL));
    assert_int_equal(ferry_courier_error(&phone.courier), FERRY_E_SAME);
    ferry_link_close(&here);
    assert_int_equal(port_ended(child), 2);
}

static void expect_done(pid_t child, const struct ends_weather *weather)
{
    bool done = phone_end_run(&phone, 5 * MINUTE, connected, NULL);

    if (!done && ferry_link_up(&here)) {
        fail_msg("courier: state %d, %s; device: %s",
                 (int)ferry_courier_state(&phone.courier),
                 ferry_errname(ferry_courier_error(&phone.courier)),
                 ferry_errname(story->error));
    }
    assert_true(!done || ferry_courier_error(&phone.courier) == 0);
    assert_int_equal(port_ended(child), 0);
    assert_true(done || weather->loss_ppm > 0);
    if (!done) {
        hear_of_it_after_the_reboot(weather);
    }
    assert_int_equal(story->committed, 1);
    assert_int_equal(story->bad, 0);
    ends_expect_arrived(&phone, flash);
}

/* The link allows so many values in that time, and in no event more than its n. */
static void expect_within_the_link(const struct ends_weather *w, uint32_t resent)
{
    uint32_t took = phone.ended - phone.began;
    uint32_t values = (ENDS_IMAGE + resent) / (w->mtu - 3U);

    assert_true(phone.shaper.values >= values);
    assert_true(phone.shaper.values <= phone.shaper.events * w->per_event);
    assert_true(took + w->interval_ms >= values / w->per_event * w->interval_ms);
    assert_true(story->said <= story->events * w->per_event);
    print_message("  %u bytes in %u virtual ms: %u.%02u kB/s\n", (unsigned)ENDS_IMAGE,
                  (unsigned)took, (unsigned)(ENDS_IMAGE / took),
                  (unsigned)(ENDS_IMAGE % took * 100 / took));
}

static void carry(const struct ends_weather *w, bool over_pty)
{
    connect_ends(over_pty);
    pid_t child = start_device(w, false);
    phone_end_init(&phone, &here, w);
    expect_done(child, w);
    expect_within_the_link(w, 0);
    assert_int_equal(story->begins, 1);
    assert_int_equal(story->erases, 1 + ENDS_IMAGE / 4096);
}

static void an_image_arrives_over_a_message_socket(void **state)
{
    (void)state;
    carry(&fair, false);
    assert_int_equal(phone.courier.counts.bytes_repeated, 0);
}

static void an_image_arrives_over_a_pty(void **state)
{
    (void)state;
    carry(&fair, true);
    assert_int_equal(phone.courier.counts.bytes_repeated, 0);
}

static void an_image_arrives_in_values_of_20_bytes(void **state)
{
    struct ends_weather slow = fair;

    (void)state;
    slow.mtu = 23;
    slow.interval_ms = 15;
    slow.per_event = 6;
    carry(&slow, false);
}

static void carry_with_loss(bool over_pty)
{
    struct ends_weather rough = fair;

    rough.loss_ppm = 30000;
    carry(&rough, over_pty);
    assert_true(phone.shaper.lost > 0);
    assert_true(story->lost > 0);
    assert_true(phone.courier.counts.bytes_repeated > 0);
}

static void
an_image_arrives_over_a_message_socket_that_loses_values_both_ways(void **state)
{
    (void)state;
    carry_with_loss(false);
}

static void an_image_arrives_over_a_pty_that_loses_values_both_ways(void **state)
{
    (void)state;
    carry_with_loss(true);
}

/* ---- killed ---------------------------------------------------------------------- */

/* True until the device has acked so many bytes of the image. */
static bool acked_less_than(void *ctx)
{
    const uint32_t *bytes = ctx;
    struct ferry_courier_progress p;

    ferry_courier_progress(&phone.courier, &p);
    return p.acked < *bytes;
}

/* At most the two blocks in work go with its RAM, and one is refilled for safety. */
static void a_device_killed_again_and_again_goes_on_from_its_flash_file(void **state)
{
    const unsigned kills = 5;
    pid_t child = 0;

    (void)state;
    connect_ends(false);
    child = start_device(&fair, false);
    phone_end_init(&phone, &here, &fair);
    for (unsigned i = 1; i <= kills; i++) {
        uint32_t most = i * 9000;
        assert_false(phone_end_run(&phone, 5 * MINUTE, acked_less_than, &most));
        kill(child, SIGKILL);
        assert_int_equal(port_ended(child), 256 + SIGKILL);
        connect_ends(false);
        child = start_device(&fair, false);
        ferry_pump_link(&phone.pump, &here);
    }
    expect_done(child, &fair);
    assert_int_equal(story->begins, 1);
    assert_int_equal(story->resumes, kills);
    uint32_t resent = phone.courier.counts.image_bytes_sent - ENDS_IMAGE;
    assert_in_range(resent, 1, kills * 3 * 4096);
}

/* The phone's app is closed in the middle; another one opens the pty later. */
static void a_phone_that_goes_is_followed_by_one_that_finishes(void **state)
{
    char slave[FERRY_LINK_PATH_MAX];
    uint32_t most = ENDS_IMAGE / 2;

    (void)state;
    assert_int_equal(ferry_link_open_pty(&there, slave), 0);
    assert_int_equal(ferry_link_open_tty(&here, slave), 0);
    pid_t child = start_device(&fair, true);
    phone_end_init(&phone, &here, &fair);
    assert_false(phone_end_run(&phone, 5 * MINUTE, acked_less_than, &most));
    ferry_link_close(&here);
    port_sleep_us(20000);

    assert_int_equal(ferry_link_open_tty(&here, slave), 0);
    phone_end_init(&phone, &here, &fair);
    expect_done(child, &fair);
    assert_int_equal(story->begins, 1);
    assert_true(phone.courier.counts.image_bytes_sent <= ENDS_IMAGE / 2);
}

int main(void)
{
#define journey(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        journey(an_image_arrives_over_a_message_socket),
        journey(an_image_arrives_over_a_pty),
        journey(an_image_arrives_in_values_of_20_bytes),
        journey(an_image_arrives_over_a_message_socket_that_loses_values_both_ways),
        journey(an_image_arrives_over_a_pty_that_loses_values_both_ways),
        journey(a_device_killed_again_and_again_goes_on_from_its_flash_file),
        journey(a_phone_that_goes_is_followed_by_one_that_finishes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
