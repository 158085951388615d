/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what years cost: long storms by somebody with or without genuine envelopes, and
 * update after update. Real journals, pages like an nRF52840's; what was worn is printed
 * beside its bound. */
#include "bytes.h"
#include "journal.h"
#include "lifetime.h"

static struct cargo cargo, other, right;

#define CLEAN_STARTS 16U /* since the last confirm; from then on one a day */
#define TRIES 3U         /* fillings of a block, until the transfer is given up */

static uint32_t worn(const struct world *w, enum lifetime_area area)
{
    return lifetime_wear(w, area).total;
}

static uint32_t worn_banks(const struct world *w)
{
    return worn(w, LIFETIME_HEADERS) + worn(w, LIFETIME_IMAGES);
}

static uint32_t worn_journals(const struct world *w)
{
    return worn(w, LIFETIME_BOOT_JOURNAL) + worn(w, LIFETIME_APP_JOURNAL);
}

static void expect_within(const char *what, uint32_t measured, uint32_t bound)
{
    print_message("%s: %u, bound %u\n", what, (unsigned)measured, (unsigned)bound);
    assert_in_range(measured, 0, bound);
}

/* An honest phone brings `c`, whatever happened before. In how many hours. */
static uint32_t expect_useful(struct world *w, const struct cargo *c, uint32_t hours)
{
    uint32_t began = w->now;

    send_courier(w, c);
    assert_true(world_finish(w, hours * HOUR));
    uint32_t took = (w->now - began) / HOUR;
    world_run(w, 3000);
    board_planned_reset(w);
    expect_runs(w, c, true);
    return took;
}

/* ---- storms of genuine envelopes ------------------------------------------------- */

static void clean_starts_are_bounded(struct world *w, const char *what, uint32_t began)
{
    uint32_t starts = CLEAN_STARTS + (w->now - began) / DAY + 1;

    print_message("%s, in %u h:\n", what, (unsigned)((w->now - began) / HOUR));
    expect_within("  header erases", worn(w, LIFETIME_HEADERS), starts * TRIES);
    expect_within("  image erases", worn(w, LIFETIME_IMAGES), starts * LIFETIME_BLOCKS);
    expect_within("  journal erases", worn_journals(w), 1 + starts / 8);
}

static void ten_thousand_begins_and_aborts_stay_within_the_erase_bound(void **state)
{
    struct world *w = lifetime_device();
    uint32_t began = w->now;
    struct peer p;

    (void)state;
    lifetime_release(w, &cargo, 1);
    for (unsigned i = 0; i < 10000; i++) {
        if (i % 10 == 9) { /* and forgets what it was about */
            world_power_cut(w);
        }
        world_run(w, 10000);
        peer_init(&p, w, (uint8_t)(i % 100));
        peer_hello(&p);
        peer_offer(&p, cargo.env, cargo.env_len);
        if (w->device.live) {
            peer_chunk(&p, &cargo, i % 3); /* the table, or a little of the image */
        }
        peer_abort(&p);
        ferry_device_link(&w->device, false, w->now);
    }
    clean_starts_are_bounded(w, "10,000 begins and aborts, 1,000 power cuts", began);
    print_message("then an honest update in %u h\n",
                  (unsigned)expect_useful(w, &cargo, 48));
}

static void
ten_thousand_turns_of_two_manifests_stay_within_the_erase_bound(void **state)
{
    struct world *w = lifetime_device();
    uint32_t began = w->now;
    struct peer p;

    (void)state;
    lifetime_release(w, &cargo, 1);
    lifetime_release(w, &other, 2);
    for (unsigned i = 0; i < 10000; i++) {
        struct cargo *c = i % 2 == 0 ? &cargo : &other;
        world_run(w, 30000);
        peer_init(&p, w, (uint8_t)(i % 100));
        peer_hello(&p);
        peer_offer(&p, c->env, c->env_len);
        for (unsigned k = 0; k < 3 && w->device.live; k++) {
            struct ferry_msg m = chunk_msg(c, w, 0);
            m.rest = c->image; /* no block table */
            peer_say(&p, &m);
        }
        ferry_device_link(&w->device, false, w->now);
    }
    clean_starts_are_bounded(w, "two manifests in turn, 10,000 times", began);
    lifetime_release(w, &right, 3);
    print_message("then an honest update in %u h\n",
                  (unsigned)expect_useful(w, &right, 48));
}

/* ---- updates --------------------------------------------------------------------- */

/* Each erases its header and its blocks once, and turns a journal's page now and then. */
static void a_thousand_updates_stay_within_the_erase_bound(void **state)
{
    struct world *w = lifetime_device();
    uint32_t words = lifetime_words(w);

    (void)state;
    for (uint32_t n = 1; n <= 1000; n++) {
        lifetime_release(w, &cargo, n);
        lifetime_update(w, &cargo);
    }
    print_message("1,000 updates of %u blocks, %u words each:\n", LIFETIME_BLOCKS,
                  (unsigned)((lifetime_words(w) - words) / 1000));
    expect_within("  bank erases", worn_banks(w), 1000 * LIFETIME_BANK);
    expect_within("  journal erases", worn_journals(w), 1000 / 4);
}

/* ---- a peer without a signature -------------------------------------------------- */

#define TIMES 1000000U

static struct ferry_msg stranger_says(uint8_t type, uint32_t i)
{
    static uint8_t junk[FERRY_CHUNK_MAX];
    struct ferry_msg m = {.type = type};

    junk[i % sizeof junk]++;
    switch (type) {
    case FERRY_MSG_HELLO:
        m.u.hello.wire = FERRY_WIRE_VERSION;
        m.u.hello.value_max = 244;
        m.u.hello.nonce = ferry_le(junk, 4);
        break;
    case FERRY_MSG_OFFER: /* whole: the form is right, the signature is not */
        m.u.piece.total = (uint16_t)cargo.env_len;
        m.u.piece.off = (uint16_t)(i % 4 * FERRY_PIECE_MAX);
        m.rest = cargo.env + m.u.piece.off;
        m.rest_len = (uint16_t)(cargo.env_len - m.u.piece.off);
        if (m.rest_len > FERRY_PIECE_MAX) {
            m.rest_len = FERRY_PIECE_MAX;
        }
        break;
    case FERRY_MSG_STATUS:
        m.u.status.token = (uint8_t)i;
        break;
    case FERRY_MSG_REPORT:
        m.bytes[0] = junk;
        break;
    case FERRY_MSG_CHUNK:
        m.u.chunk.index = i % 5000;
        m.rest = junk;
        m.rest_len = 128;
        break;
    default: /* ABORT has nothing to say */
        break;
    }
    return m;
}

static void say_it_a_million_times(struct world *w, uint8_t type)
{
    struct peer p;

    peer_init(&p, w, 1);
    peer_hello(&p);
    for (uint32_t i = 0; i < TIMES; i++) {
        struct ferry_msg m = stranger_says(type, i);
        peer_say(&p, &m);
        w->now += 10;
    }
    ferry_device_link(&w->device, false, w->now);
    world_run(w, 100);
}

/* A statement's counter is the one thing that strangers wear: 1,024 a record. */
static void
a_million_of_each_message_from_a_stranger_write_nothing_but_counter_leases(void **state)
{
    static const struct {
        uint8_t type;
        const char *name;
    } rows[] = {{FERRY_MSG_HELLO, "HELLO"},    {FERRY_MSG_OFFER, "OFFER"},
                {FERRY_MSG_CHUNK, "CHUNK"},    {FERRY_MSG_STATUS, "STATUS?"},
                {FERRY_MSG_REPORT, "REPORT?"}, {FERRY_MSG_ABORT, "ABORT"}};
    static uint8_t banks[2 * LIFETIME_BANK * LIFETIME_UNIT];
    struct world *w = lifetime_device();

    (void)state;
    lifetime_release(w, &cargo, 1);
    cargo_edit(&cargo, cargo.env)[cargo.env_len - 10] ^= 1;
    memcpy(banks, w->flash.bytes, sizeof banks);
    for (unsigned i = 0; i < COUNT(rows); i++) {
        uint32_t words = lifetime_words(w), erases = lifetime_erases(w);
        uint32_t counter = w->board.app.counter;
        say_it_a_million_times(w, rows[i].type);
        uint32_t leases = (w->board.app.counter - counter) / 1024 + 1;
        leases = rows[i].type == FERRY_MSG_REPORT ? leases : 0;
        print_message("%s a million times, %u leases:\n", rows[i].name,
                      (unsigned)leases);
        expect_within("  programmed words", lifetime_words(w) - words,
                      leases * FERRY_JOURNAL_ROOM / 4);
        expect_within("  erases", lifetime_erases(w) - erases, leases);
    }
    assert_true(w->sodium.verifies > 100);    /* the offers were judged, */
    assert_true(w->board.app.counter > 2048); /* and the questions answered */
    expect_within("bank erases", worn_banks(w), 0);
    assert_memory_equal(banks, w->flash.bytes, sizeof banks);
    cargo_edit(&cargo, cargo.env)[cargo.env_len - 10] ^= 1;
    (void)expect_useful(w, &cargo, 1);
}

/* ---- a genuine envelope, withheld ------------------------------------------------ */

/* Minutes until the device takes `cargo` although `other`, a newer one, was begun and
 * never sent. Somebody offers that again every hour, if `again`. */
static uint32_t minutes_blocked(bool again)
{
    struct world *w = lifetime_device();
    struct peer p;
    uint32_t minutes = 0;

    lifetime_release(w, &cargo, 1);
    lifetime_release(w, &other, 2);
    assert_int_equal(offer_of(w, &other), 0);
    uint32_t began = w->now;
    while (offer_of(w, &cargo) != 0 && minutes < 10 * 24 * 60) {
        world_run(w, MINUTE - 2000);
        minutes = (w->now - began) / MINUTE;
        if (again && minutes % 60 == 59) {
            world_run(w, 2000);
            peer_init(&p, w, 3);
            peer_begin(&p, &other);
            ferry_device_link(&w->device, false, w->now);
        }
    }
    (void)expect_useful(w, &cargo, 1);
    return minutes;
}

static void
a_newer_envelope_begun_and_withheld_gives_way_to_the_right_one_after_a_day(void **state)
{
    (void)state;
    expect_within("begun once, gives way after minutes", minutes_blocked(false),
                  24 * 60 + 1);
    expect_within("offered again every hour, after minutes", minutes_blocked(true),
                  24 * 60 + 1);
}

static void
a_newer_envelope_begun_and_withheld_gives_way_at_once_after_a_reset(void **state)
{
    struct world *w = lifetime_device();

    (void)state;
    lifetime_release(w, &cargo, 1);
    lifetime_release(w, &other, 2);
    assert_int_equal(offer_of(w, &other), 0);
    assert_int_equal(offer_of(w, &cargo), FERRY_LATER_PENDING);
    world_power_cut(w);
    assert_int_equal(offer_of(w, &cargo), 0);
    (void)expect_useful(w, &cargo, 1);
}

/* Both phones come every ten minutes, and the newer envelope pushes the right one out
 * again as long as clean starts are left: two a day are spent on that. */
static void
offering_a_newer_envelope_for_ever_leaves_the_right_one_half_a_day_in_the_end(
    void **state)
{
    struct world *w = lifetime_device();
    uint32_t began = w->now, held = 0;

    (void)state;
    lifetime_release(w, &cargo, 1);
    lifetime_release(w, &other, 2);
    while (held < 12 * HOUR && w->now - began < 30 * DAY) {
        (void)offer_of(w, &other);
        bool begun = offer_of(w, &cargo) == 0;
        world_run(w, 10 * MINUTE);
        held = begun ? held + 10 * MINUTE : 0;
    }
    expect_within("the right one has half a day after hours",
                  (w->now - began) / HOUR - 12, (CLEAN_STARTS / 2 + 1) * 24);
    (void)expect_useful(w, &cargo, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_thousand_begins_and_aborts_stay_within_the_erase_bound),
        cmocka_unit_test(
            ten_thousand_turns_of_two_manifests_stay_within_the_erase_bound),
        cmocka_unit_test(a_thousand_updates_stay_within_the_erase_bound),
        cmocka_unit_test(
            a_million_of_each_message_from_a_stranger_write_nothing_but_counter_leases),
        cmocka_unit_test(
            a_newer_envelope_begun_and_withheld_gives_way_to_the_right_one_after_a_day),
        cmocka_unit_test(
            a_newer_envelope_begun_and_withheld_gives_way_at_once_after_a_reset),
        cmocka_unit_test(
            offering_a_newer_envelope_for_ever_leaves_the_right_one_half_a_day_in_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
