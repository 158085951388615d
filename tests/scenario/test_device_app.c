/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests devices with more or less of an application around them: none at all, one that
 * hears nothing, one that is asked and says no; and what it is told about how far a
 * transfer is. */
#include "scene.h"

#include "peer.h"

static struct cargo cargo;

/* ---- without one ----------------------------------------------------------------- */

static unsigned reboots; /* that the commit was told of */

static void hear_reboot(void *ctx, enum ferry_event event, int err,
                        const uint8_t *offender)
{
    (void)ctx;
    assert_int_equal(err, 0);
    assert_null(offender);
    reboots += event == FERRY_EVENT_REBOOT;
}

static void an_update_needs_no_application_and_nobody_who_listens(void **state)
{
    static const struct ferry_app silent;

    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 201);
    for (unsigned bits = 0; bits < 4; bits++) {
        struct world *w = plain_scene();
        w->device_cfg.app = (bits & 1U) != 0 ? &silent : NULL;
        w->commit.event = (bits & 2U) != 0 ? hear_reboot : NULL;
        reboots = 0;
        send_courier(w, &cargo);
        expect_true(round_name("bits", bits), travel(w, &cargo, MINUTE));
        expect_arrived(w, &cargo);
        world_run(w, 3500); /* asked each second; nobody says no */
        expect_true(round_name("bits", bits), reboots == ((bits & 2U) != 0 ? 3 : 0));
    }
}

/* ---- one that says no ------------------------------------------------------------ */

static bool answer;
static unsigned asked;

static bool say_answer(void *ctx)
{
    (void)ctx;
    asked++;
    return answer;
}

static void a_reboot_waits_for_the_applications_yes(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, BLOCK, 202);
    struct world *w = plain_scene();
    w->app.may_reboot = say_answer;
    answer = false;
    asked = 0;
    send_courier(w, &cargo);
    assert_true(travel(w, &cargo, MINUTE));
    world_run(w, MINUTE);
    assert_in_range(asked, 59, 61);
    assert_int_equal(w->events.reboot, 0);
    answer = true;
    world_run(w, 1000);
    assert_int_equal(w->events.reboot, 1);
    expect_arrived(w, &cargo);
}

/* What is withheld is no reason not to update. */
static void version_and_digest_are_told_if_the_application_allows_it(void **state)
{
    static const uint8_t nothing[16];
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, BLOCK, 203);
    for (unsigned yes = 0; yes <= 1; yes++) {
        struct world *w = plain_scene();
        w->app.may_report = say_answer;
        answer = yes == 1;
        peer_init(&p, w, 1);
        peer_hello(&p);
        assert_int_equal(p.info.u.info.flags, yes ? 0 : FERRY_INFO_WITHHELD);
        assert_int_equal(p.info.u.info.version, yes ? w->boot.state.version : 0);
        assert_memory_equal(p.info.bytes[1], yes ? w->boot.state.digest : nothing, 16);
        assert_int_equal(p.info.u.info.floor, w->boot.state.floor);
        send_courier(w, &cargo);
        assert_true(travel(w, &cargo, MINUTE));
        assert_true(w->courier.peer.withheld == !answer);
        expect_arrived(w, &cargo);
    }
}

static bool no_and_nothing_else(void *ctx, const struct ferry_manifest *m,
                                struct ferry_later *later)
{
    (void)ctx;
    (void)m;
    (void)later;
    return false;
}

static void a_no_without_a_time_is_for_a_second(void **state)
{
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, BLOCK, 204);
    struct world *w = plain_scene();
    w->app.may_begin = no_and_nothing_else;
    peer_init(&p, w, 1);
    peer_hello(&p);
    peer_offer(&p, cargo.env, cargo.env_len);
    assert_int_equal(p.verdicts, 1);
    assert_int_equal(p.verdict.u.verdict.kind, FERRY_VERDICT_LATER);
    assert_int_equal(p.verdict.u.verdict.code, FERRY_LATER_NONE);
    assert_int_equal(p.verdict.u.verdict.number, 1);
    assert_int_equal(flash_ops(w), 0);
}

/* ---- how far it is --------------------------------------------------------------- */

static struct ferry_device_progress progress(const struct world *w)
{
    struct ferry_device_progress p;

    memset(&p, 0xA5, sizeof p);
    ferry_device_progress(&w->device, &p);
    return p;
}

static void expect_no_transfer(const struct world *w)
{
    static const struct ferry_device_progress none;
    struct ferry_device_progress p = progress(w);

    assert_memory_equal(&p, &none, sizeof p);
}

static void a_device_says_how_much_of_a_transfer_it_has(void **state)
{
    const uint32_t per_block = BLOCK / 128; /* chunks */
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 205);
    struct world *w = plain_scene();
    expect_no_transfer(w);
    peer_init(&p, w, 1);
    peer_begin(&p, &cargo);
    for (uint32_t block = 0; block <= 2; block++) {
        struct ferry_device_progress now = progress(w);
        assert_int_equal(now.image_len, cargo.len);
        assert_int_equal(now.version, 0x01010000);
        assert_int_equal(now.verified, block > 0 ? (block - 1) * BLOCK : 0);
        assert_int_equal(now.cursor, block > 0 ? (block - 1) * per_block : 0);
        peer_blocks(&p, &cargo, block, block);
    }
    peer_chunk(&p, &cargo, 3 * per_block); /* the next one, and one behind a gap */
    peer_chunk(&p, &cargo, 3 * per_block + 2);
    assert_int_equal(progress(w).verified, 2 * BLOCK);
    assert_int_equal(progress(w).cursor, 2 * per_block + 1);
    peer_blocks(&p, &cargo, 3, 3);
    assert_true(w->boot.state.committed);
    expect_no_transfer(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_update_needs_no_application_and_nobody_who_listens),
        cmocka_unit_test(a_reboot_waits_for_the_applications_yes),
        cmocka_unit_test(version_and_digest_are_told_if_the_application_allows_it),
        cmocka_unit_test(a_no_without_a_time_is_for_a_second),
        cmocka_unit_test(a_device_says_how_much_of_a_transfer_it_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
