/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the answers to an offer that is genuine but not for this device, or not now; each
 * arrives at the courier with its code, and no flash operation happens before policy has
 * accepted. */
#include "scene.h"

#include "peer.h"

static struct cargo cargo;

/* ---- refused --------------------------------------------------------------------- */

struct row {
    const char *name;
    void (*set)(struct release *r, struct world *w);
    int want; /* 0: accepted */
};

static const uint8_t other_id[16] = "another device";
static const uint8_t this_id[16] = {0xD5, 0xD5, 0xD5, 0xD5, 0xD5, 0xD5, 0xD5, 0xD5,
                                    0xD5, 0xD5, 0xD5, 0xD5, 0xD5, 0xD5, 0xD5, 0xD5};

/* Rows change the release before it is signed, or the device it meets. */
#define ROW(name)                                                                      \
    static void name(struct release *r, struct world *w)                               \
    {                                                                                  \
        (void)r;                                                                       \
        (void)w;
#define END }

/* clang-format off */
ROW(as_it_is) END
ROW(wrong_key) r->signer = 1; END
ROW(unknown_key) r->signer = 0x33; END
ROW(wrong_slot) r->slot = 1; r->signer = 0; END
ROW(empty_slot) r->slot = 3; r->signer = 3; END
ROW(no_slot) r->slot = 8; r->signer = 0; END
ROW(zeroed_slot) memset(&w->keys[0], 0, sizeof w->keys[0]); END
ROW(zeroed_key) memset(w->keys[0].key, 0, sizeof w->keys[0].key); END
ROW(other_alg) w->keys[0].alg = FERRY_ALG_ES256; END
ROW(other_product) r->class_id[15] ^= 1; END
ROW(hw_too_new) r->hw_min = 4; END
ROW(hw_too_old) r->hw_max = 2; END
ROW(hw_exact) r->hw_min = 3; r->hw_max = 3; END
ROW(other_device) r->device = other_id; END
ROW(this_device) r->device = this_id; END
ROW(below_floor) r->sec_ctr = 4; END
ROW(at_floor) r->sec_ctr = 5; END
ROW(revoked_slot) w->boot.state.floor = 1U << 24; END
ROW(same_version) r->version = 0x01000000; END
ROW(older_version) r->version = 0x00FFFFFF; END
ROW(older_next_slot) r->version = 1; r->slot = 1; r->signer = 1; END
ROW(older_recovery) r->version = 1; r->slot = 7; r->signer = 7; END
ROW(min_from_above) r->min_from = 0x01000001; END
ROW(min_from_equal) r->min_from = 0x01000000; END
ROW(wrong_link) r->link = 0x00001000; END
ROW(buried) w->boot.state.tombstone = true;
    w->boot.state.tombstone_version = 0x01010000; END
ROW(buried_older) w->boot.state.tombstone = true;
    w->boot.state.tombstone_version = 0x0100FFFF; END
ROW(boot_without_eddsa) w->identity.boot_caps = FERRY_CAP_KEY_DEVICE; END
ROW(boot_without_device) w->identity.boot_caps = FERRY_CAP_EDDSA; r->device = this_id; END
    /* clang-format on */

    static const struct row rows[] = {
        {"as it is", as_it_is, 0},
        {"signed with another slot's key", wrong_key, FERRY_E_SIG},
        {"signed with nobody's key", unknown_key, FERRY_E_SIG},
        {"another slot claimed", wrong_slot, FERRY_E_SIG},
        {"an empty slot", empty_slot, FERRY_E_KID},
        {"a slot that is none", no_slot, FERRY_E_KID},
        {"a zeroed slot", zeroed_slot, FERRY_E_KID},
        {"a zeroed key", zeroed_key, FERRY_E_KID},
        {"a slot of another algorithm", other_alg, FERRY_E_FRAME},
        {"another product", other_product, FERRY_E_CLASS},
        {"newer hardware", hw_too_new, FERRY_E_HW},
        {"older hardware", hw_too_old, FERRY_E_HW},
        {"exactly this hardware", hw_exact, 0},
        {"another device", other_device, FERRY_E_DEVICE},
        {"this device", this_device, 0},
        {"below the floor", below_floor, FERRY_E_FLOOR},
        {"at the floor", at_floor, 0},
        {"a revoked slot", revoked_slot, FERRY_E_FLOOR},
        {"the same version", same_version, FERRY_E_VERSION},
        {"an older version", older_version, FERRY_E_VERSION},
        {"an older version of the next slot", older_next_slot, 0},
        {"an older recovery image", older_recovery, 0},
        {"from a newer version only", min_from_above, FERRY_E_MINFROM},
        {"from this version on", min_from_equal, 0},
        {"linked for the running bank", wrong_link, FERRY_E_LINK},
        {"rolled back from", buried, FERRY_E_TOMBSTONE},
        {"newer than the one rolled back from", buried_older, 0},
        {"a bootloader without EdDSA", boot_without_eddsa, FERRY_E_BOOT},
        {"a bootloader without key 15", boot_without_device, FERRY_E_BOOT},
};

static void policy_refuses_with_its_code_and_without_a_flash_operation(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct world *w = plain_scene();
        struct release r;
        release_default(&r);
        rows[i].set(&r, w);
        cargo_make(&cargo, &r, BLOCK, 91);
        send_courier(w, &cargo);
        bool came = travel(w, &cargo, HOUR);
        expect_err(rows[i].name, ferry_courier_error(&w->courier), rows[i].want);
        if (rows[i].want == 0) {
            expect_true(rows[i].name, came);
            expect_arrived(w, &cargo);
            continue;
        }
        expect_true(rows[i].name, w->courier.state == FERRY_COURIER_REFUSED);
        expect_true(rows[i].name, flash_ops(w) == 0);
        expect_true(rows[i].name, w->device.state == FERRY_DEVICE_IDLE);
        expect_true(rows[i].name, ferry_device_error(&w->device) == rows[i].want);
        bool security = rows[i].want == FERRY_E_SIG;
        expect_true(rows[i].name, w->device.counts.security_events == security);
        expect_true(rows[i].name, w->device.counts.refusals == !security);
        expect_true(rows[i].name, w->events.security == security);
        expect_true(rows[i].name, w->events.refused == !security);
        expect_no_commit(w);
    }
}

/* ---- later ----------------------------------------------------------------------- */

static struct ferry_later expect_later(struct world *w, const char *name)
{
    struct ferry_courier_progress p;

    send_courier(w, &cargo);
    world_run(w, 5000);
    ferry_courier_progress(&w->courier, &p);
    expect_true(name, w->courier.state == FERRY_COURIER_LATER);
    expect_true(name, p.wait == FERRY_WAIT_LATER);
    expect_true(name, flash_ops(w) == 0);
    expect_true(name, w->device.state == FERRY_DEVICE_IDLE);
    return p.later;
}

static void an_offer_during_a_trial_is_for_later(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, BLOCK, 92);
    struct world *w = plain_scene();
    w->boot.state.trial = true;
    struct ferry_later l = expect_later(w, "trial");
    assert_int_equal(l.why, FERRY_LATER_TRIAL);
    assert_int_equal(l.seconds, 60);
    w->boot.state.trial = false; /* confirmed: the courier comes back by itself */
    assert_true(travel(w, &cargo, 2 * MINUTE));
    expect_arrived(w, &cargo);
}

static void an_offer_before_the_reboot_is_for_later(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, BLOCK, 93);
    struct world *w = plain_scene();
    w->boot.state.committed = true;
    assert_int_equal(expect_later(w, "committed").why, FERRY_LATER_COMMITTED);
}

static unsigned asked;
static uint32_t asked_version;

static bool not_now(void *ctx, const struct ferry_manifest *m,
                    struct ferry_later *later)
{
    (void)ctx;
    asked_version = m->version;
    if (asked++ > 0) {
        return true;
    }
    later->why = FERRY_LATER_BATTERY;
    later->seconds = 1234;
    later->detail = 17;
    return false;
}

static void the_application_may_put_an_offer_off_and_say_why(void **state)
{
    (void)state;
    asked = 0;
    cargo_make(&cargo, NULL, BLOCK, 94);
    struct world *w = plain_scene();
    w->app.may_begin = not_now;
    struct ferry_later l = expect_later(w, "may_begin");
    assert_int_equal(l.why, FERRY_LATER_BATTERY);
    assert_int_equal(l.seconds, 1234);
    assert_int_equal(l.detail, 17);
    assert_int_equal(asked_version, 0x01010000);
    assert_int_equal(w->events.begin, 0);
    world_run(w, 1200 * 1000);
    assert_int_equal(asked, 1);
    assert_true(travel(w, &cargo, MINUTE));
    expect_arrived(w, &cargo);
    assert_int_equal(asked, 2);
}

/* ---- already running ------------------------------------------------------------- */

static void the_running_image_offered_again_is_done_without_an_erase(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 95);
    struct world *w = plain_scene();
    send_courier(w, &cargo);
    assert_true(travel(w, &cargo, MINUTE));
    assert_int_equal(ferry_courier_error(&w->courier), 0);
    world_reboot(w);
    uint32_t ops = flash_ops(w);
    for (unsigned i = 0; i < 3; i++) {
        world_disconnect(w);
        world_run(w, 2000);
        send_courier(w, &cargo);
        assert_true(travel(w, &cargo, MINUTE));
        assert_int_equal(ferry_courier_error(&w->courier), FERRY_E_SAME);
        assert_int_equal(flash_ops(w), ops);
        assert_int_equal(w->courier.counts.image_bytes_sent, 0);
    }
    assert_int_equal(w->device.counts.refusals, 0);
}

/* Of a release's artifacts the courier brings the one that fits bank and hardware. */
static void the_courier_picks_the_artifact_that_fits(void **state)
{
    static struct cargo wrong_bank, wrong_hw;
    struct release r;

    (void)state;
    release_default(&r);
    r.link = 0x00001000;
    cargo_make(&wrong_bank, &r, BLOCK, 96);
    release_default(&r);
    r.hw_min = 9;
    r.hw_max = 9;
    cargo_make(&wrong_hw, &r, BLOCK, 97);
    cargo_make(&cargo, NULL, BLOCK, 98);
    const struct artifact_bytes all[] = {wrong_bank.artifact, wrong_hw.artifact,
                                         cargo.artifact};
    struct world *w = plain_scene();
    world_courier(w, all, 3);
    world_connect(w);
    assert_true(travel(w, &cargo, MINUTE));
    expect_arrived(w, &cargo);
    assert_int_equal(w->device.counts.refusals, 0);
}

/* ---- a bad signature costs the next one time ------------------------------------- */

/* Offer a forged envelope as soon as the device would check it again; the pause that a
 * second one at once is told. */
static uint32_t pause_after_another_bad_one(struct peer *p, uint32_t pause)
{
    struct world *w = p->w;
    uint32_t checks = w->sodium.verifies;

    world_run(w, pause * 1000);
    peer_hello(p);
    peer_offer(p, cargo.env, cargo.env_len);
    assert_int_equal(p->verdict.u.verdict.kind, FERRY_VERDICT_REFUSE);
    expect_err("forged", -(int)p->verdict.u.verdict.code, FERRY_E_SIG);
    assert_int_equal(w->sodium.verifies, checks + 1);
    peer_offer(p, cargo.env, cargo.env_len);
    assert_int_equal(p->verdict.u.verdict.kind, FERRY_VERDICT_LATER);
    assert_int_equal(p->verdict.u.verdict.code, FERRY_LATER_RATE);
    assert_int_equal(w->sodium.verifies, checks + 1);
    assert_int_equal(flash_ops(w), 0);
    return p->verdict.u.verdict.number;
}

static void after_three_bad_signatures_the_pause_doubles_up_to_a_minute(void **state)
{
    static const uint32_t least[] = {1, 1, 2, 4, 8, 16, 32, 64, 64, 64};
    struct release r;
    struct peer p;
    uint32_t pause = 1;

    (void)state;
    release_default(&r);
    r.signer = 0x33;
    cargo_make(&cargo, &r, BLOCK, 99);
    struct world *w = plain_scene();
    peer_init(&p, w, 1);
    for (size_t i = 0; i < COUNT(least); i++) {
        pause = pause_after_another_bad_one(&p, pause);
        expect_true(round_name("bad one", (uint32_t)i), pause == least[i]);
    }
    /* A good one after the pause is heard, and clears the record. */
    world_run(w, pause * 1000);
    cargo_make(&cargo, NULL, BLOCK, 99);
    peer_hello(&p);
    peer_offer(&p, cargo.env, cargo.env_len);
    assert_int_equal(p.verdict.u.verdict.kind, FERRY_VERDICT_ACCEPT);
    assert_int_equal(w->device.fails, 0);
}

/* A form error costs no signature check, and no pause. */
static void a_malformed_envelope_costs_no_signature_check(void **state)
{
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, BLOCK, 100);
    struct world *w = plain_scene();
    peer_init(&p, w, 1);
    peer_hello(&p);
    *cargo_edit(&cargo, cargo.env) ^= 1;
    for (unsigned i = 0; i < 20; i++) {
        peer_offer(&p, cargo.env, cargo.env_len);
        expect_err("malformed", -(int)p.verdict.u.verdict.code, FERRY_E_FRAME);
    }
    assert_int_equal(w->sodium.verifies, 0);
    *cargo_edit(&cargo, cargo.env) ^= 1;
    peer_offer(&p, cargo.env, cargo.env_len);
    assert_int_equal(p.verdict.u.verdict.kind, FERRY_VERDICT_ACCEPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy_refuses_with_its_code_and_without_a_flash_operation),
        cmocka_unit_test(an_offer_during_a_trial_is_for_later),
        cmocka_unit_test(an_offer_before_the_reboot_is_for_later),
        cmocka_unit_test(the_application_may_put_an_offer_off_and_say_why),
        cmocka_unit_test(the_running_image_offered_again_is_done_without_an_erase),
        cmocka_unit_test(the_courier_picks_the_artifact_that_fits),
        cmocka_unit_test(after_three_bad_signatures_the_pause_doubles_up_to_a_minute),
        cmocka_unit_test(a_malformed_envelope_costs_no_signature_check),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
