/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests how an image earns its ticket: a hash over what flash really holds, in steps of
 * any size and through read errors, and two gates of which neither can be missing. */
#include "check.h"
#include "crypto_sodium.h"
#include "verify.h"

/* ---- a flash that can be read ---------------------------------------------------- */

#define FLASH_LEN 20000U

struct flash {
    uint8_t bytes[FLASH_LEN];
    uint32_t lowest, highest; /* of what was read */
    uint32_t read;            /* bytes */
    uint32_t bad_at;          /* reading this byte fails; FLASH_LEN: none */
};

static int flash_read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    struct flash *f = ctx;

    assert_true(addr <= FLASH_LEN && len <= FLASH_LEN - addr);
    if (f->bad_at >= addr && f->bad_at < addr + len) {
        return FERRY_E_FLASH;
    }
    memcpy(buf, f->bytes + addr, len);
    f->read += len;
    f->lowest = addr < f->lowest ? addr : f->lowest;
    f->highest = addr + len > f->highest ? addr + len : f->highest;
    return 0;
}

/* One bench for all: the flash, its callbacks, and a hash in the making. */
struct bench {
    struct flash flash;
    struct ferry_flash calls;
    struct ferry_sodium sodium;
    struct ferry_crypto crypto;
    struct ferry_verify v;
    uint8_t want[32]; /* SHA-256 of the run */
};

static struct bench *bench_of(uint32_t addr, uint32_t len)
{
    static struct bench b;
    struct dice d = {len + 1};

    memset(&b, 0, sizeof b);
    roll_bytes(&d, b.flash.bytes, sizeof b.flash.bytes);
    b.flash.bad_at = FLASH_LEN;
    b.flash.lowest = FLASH_LEN;
    b.calls.ctx = &b.flash;
    b.calls.read = flash_read;
    b.crypto = ferry_sodium_crypto(&b.sodium);
    crypto_hash_sha256(b.want, b.flash.bytes + addr, len);
    ferry_verify_init(&b.v, &b.calls, &b.crypto);
    ferry_verify_run(&b.v, addr, len);
    return &b;
}

/* ---- hashing --------------------------------------------------------------------- */

static const uint32_t lengths[] = {0,   1,   3,    4,    63,   64,  65,
                                   127, 128, 4095, 4096, 4097, 9000};

static void a_run_matches_its_hash_and_reads_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct bench *b = bench_of(1234, lengths[i]);
        assert_true(ferry_verify_matches(&b->v, b->want, 32));
        assert_int_equal(b->flash.read, lengths[i]);
        if (lengths[i] > 0) {
            assert_int_equal(b->flash.lowest, 1234);
            assert_int_equal(b->flash.highest, 1234 + lengths[i]);
        }
    }
}

static void a_run_can_be_compared_with_the_beginning_of_its_hash(void **state)
{
    (void)state;
    for (size_t want_len = 1; want_len <= 32; want_len++) {
        struct bench *b = bench_of(0, 4096);
        uint8_t want[33];
        memcpy(want, b->want, 32);
        want[want_len] ^= 0xFF; /* not looked at */
        assert_true(ferry_verify_matches(&b->v, want, want_len));
        b = bench_of(0, 4096);
        want[want_len - 1] ^= 1;
        assert_false(ferry_verify_matches(&b->v, want, want_len));
    }
}

static void every_flipped_bit_in_the_run_is_seen(void **state)
{
    (void)state;
    for (uint32_t bit = 0; bit < 300 * 8; bit += 7) {
        struct bench *b = bench_of(100, 300);
        b->flash.bytes[100 + bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_false(ferry_verify_matches(&b->v, b->want, 32));
    }
}

static void steps_of_any_size_give_the_same_hash(void **state)
{
    const uint32_t sizes[] = {1, 4, 63, 64, 65, 100, 128, 512, 4096, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        for (size_t k = 0; k < COUNT(sizes); k++) {
            struct bench *b = bench_of(77, lengths[i]);
            uint32_t left = lengths[i];
            int more;
            do {
                more = ferry_verify_step(&b->v, sizes[k]);
                assert_true(b->v.left < left || left == 0);
                left = b->v.left;
                assert_int_equal(more, left > 0 ? FERRY_MORE : 0);
            } while (more == FERRY_MORE);
            assert_int_equal(b->flash.read, lengths[i]);
            assert_int_equal(ferry_verify_step(&b->v, sizes[k]), 0);
            assert_int_equal(ferry_verify_hash_gate(&b->v, b->want), 0);
        }
    }
}

/* The caller budgets the time between two calls by it. */
static void a_step_hashes_no_more_than_it_may(void **state)
{
    (void)state;
    for (uint32_t most = 0; most <= 300; most++) {
        struct bench *b = bench_of(0, 1000);
        assert_int_equal(ferry_verify_step(&b->v, most), FERRY_MORE);
        if (b->flash.read > most) {
            print_error("asked for at most %u bytes, hashed %u\n", (unsigned)most,
                        (unsigned)b->flash.read);
            fail();
        }
    }
}

static void a_read_error_is_E_FLASH_and_nothing_matches(void **state)
{
    (void)state;
    for (uint32_t bad = 0; bad < 300; bad += 13) {
        struct bench *b = bench_of(0, 300);
        b->flash.bad_at = bad;
        assert_int_equal(ferry_verify_step(&b->v, UINT32_MAX), FERRY_E_FLASH);
        b = bench_of(0, 300);
        b->flash.bad_at = bad;
        assert_false(ferry_verify_matches(&b->v, b->want, 32));
        b = bench_of(0, 300);
        b->flash.bad_at = bad;
        assert_int_equal(ferry_verify_hash_gate(&b->v, b->want), FERRY_E_HASH);
    }
}

static void the_hash_of_what_could_be_read_is_not_enough(void **state)
{
    (void)state;
    for (uint32_t read = 0; read < 300; read += 64) { /* bytes that are read at once */
        struct bench *b = bench_of(0, 300);
        b->flash.bad_at = read;
        crypto_hash_sha256(b->want, b->flash.bytes, read);
        assert_false(ferry_verify_matches(&b->v, b->want, 32));
    }
}

static void a_read_error_outside_the_run_does_not_matter(void **state)
{
    struct bench *b = bench_of(100, 300);

    (void)state;
    b->flash.bad_at = 99;
    assert_int_equal(ferry_verify_step(&b->v, UINT32_MAX), 0);
    b = bench_of(100, 300);
    b->flash.bad_at = 400;
    assert_true(ferry_verify_matches(&b->v, b->want, 32));
}

static void hashing_goes_on_after_a_passing_read_error(void **state)
{
    struct bench *b = bench_of(0, 1000);

    (void)state;
    b->flash.bad_at = 500;
    assert_int_equal(ferry_verify_step(&b->v, UINT32_MAX), FERRY_E_FLASH);
    b->flash.bad_at = FLASH_LEN;
    assert_int_equal(ferry_verify_step(&b->v, UINT32_MAX), 0);
    assert_int_equal(ferry_verify_hash_gate(&b->v, b->want), 0);
}

/* ---- the gates ------------------------------------------------------------------- */

static const uint8_t digest[32] = {0xD1, 0x6E, [31] = 0x57};

/* Is the ticket that these gates are worth worth anything? */
static bool ticket_of(const struct bench *b, struct ferry_ticket *t)
{
    ferry_verify_ticket(&b->v, 1, 0x01020003, digest, t);
    return ferry_ticket_holds(t);
}

static struct ferry_ticket earned(void)
{
    struct bench *b = bench_of(0, 4096);
    struct ferry_ticket t;

    assert_int_equal(ferry_verify_step(&b->v, UINT32_MAX), 0);
    assert_int_equal(ferry_verify_hash_gate(&b->v, b->want), 0);
    assert_int_equal(ferry_verify_sig_gate(&b->v, 0), 0);
    assert_true(ticket_of(b, &t));
    return t;
}

static void both_gates_together_make_a_ticket(void **state)
{
    struct ferry_ticket t = earned();

    (void)state;
    assert_true(ferry_ticket_holds(&t));
    assert_int_equal(t.bank, 1);
    assert_int_equal(t.version, 0x01020003);
    assert_memory_equal(t.digest, digest, 32);
    assert_int_not_equal(t.hash_gate, t.sig_gate);
    assert_int_not_equal(t.hash_gate, 0);
    assert_int_not_equal(t.sig_gate, 0);
}

/* What was done before the ticket is asked for, and whether it may be given. */
struct gate_row {
    const char *name;
    bool hash, hash_good, sig;
    int sig_result;
};
static const struct gate_row gate_rows[] = {
    {"both passed", true, true, true, 0},
    {"no gate asked", false, false, false, 0},
    {"hash gate only", true, true, false, 0},
    {"signature gate only", false, false, true, 0},
    {"hash gate forced to fail", true, false, true, 0},
    {"signature gate forced to fail", true, true, true, FERRY_E_SIG},
    {"signature still pending", true, true, true, FERRY_PENDING},
    {"signature gate fed the raw yes", true, true, true, FERRY_VALID},
    {"signature gate fed garbage", true, true, true, -1},
    {"both forced to fail", true, false, true, FERRY_E_SIG},
};

static void neither_gate_can_be_missing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(gate_rows); i++) {
        const struct gate_row *r = &gate_rows[i];
        struct bench *b = bench_of(0, 4096);
        struct ferry_ticket t = earned(); /* and must not survive a refusal */
        b = bench_of(0, 4096);
        b->want[31] ^= r->hash && !r->hash_good;
        bool good = r->hash && r->hash_good && r->sig && r->sig_result == 0;

        if (r->hash) {
            expect_code(r->name, ferry_verify_hash_gate(&b->v, b->want),
                        r->hash_good ? 0 : FERRY_E_HASH);
        }
        if (r->sig) {
            expect_code(r->name, ferry_verify_sig_gate(&b->v, r->sig_result),
                        r->sig_result == 0 ? 0 : FERRY_E_SIG_FINAL);
        }
        expect_true(r->name, ticket_of(b, &t) == good);
        /* What was not passed holds nothing, and not only not the right number. */
        expect_true(r->name, (t.hash_gate != 0) == (r->hash && r->hash_good));
        expect_true(r->name, (t.sig_gate != 0) == (r->sig && r->sig_result == 0));
    }
}

static void a_gate_that_failed_later_takes_its_yes_back(void **state)
{
    struct bench *b = bench_of(0, 4096);
    struct ferry_ticket t;

    (void)state;
    assert_int_equal(ferry_verify_hash_gate(&b->v, b->want), 0);
    assert_int_equal(ferry_verify_sig_gate(&b->v, 0), 0);
    assert_int_equal(ferry_verify_sig_gate(&b->v, FERRY_E_SIG), FERRY_E_SIG_FINAL);
    assert_false(ticket_of(b, &t));

    b = bench_of(0, 4096);
    assert_int_equal(ferry_verify_sig_gate(&b->v, 0), 0);
    assert_int_equal(ferry_verify_hash_gate(&b->v, b->want), 0);
    b->want[0] ^= 1;
    assert_int_equal(ferry_verify_hash_gate(&b->v, b->want), FERRY_E_HASH);
    assert_false(ticket_of(b, &t));
}

/* Each is passed again alone: the other must not be left over. */
static void a_new_run_forgets_both_gates(void **state)
{
    (void)state;
    for (unsigned again = 0; again < 2; again++) {
        struct bench *b = bench_of(0, 4096);
        struct ferry_ticket t;
        assert_int_equal(ferry_verify_hash_gate(&b->v, b->want), 0);
        assert_int_equal(ferry_verify_sig_gate(&b->v, 0), 0);
        ferry_verify_run(&b->v, 0, 4096);
        assert_false(ticket_of(b, &t));
        assert_int_equal(again == 0 ? ferry_verify_hash_gate(&b->v, b->want)
                                    : ferry_verify_sig_gate(&b->v, 0),
                         0);
        assert_false(ticket_of(b, &t));
    }
}

static void a_ticket_with_any_bit_of_a_gate_altered_does_not_hold(void **state)
{
    struct ferry_ticket t = earned();
    uint32_t *const gates[] = {&t.hash_gate, &t.sig_gate};

    (void)state;
    for (unsigned g = 0; g < 2; g++) {
        for (unsigned bit = 0; bit < 32; bit++) {
            *gates[g] ^= 1U << bit;
            assert_false(ferry_ticket_holds(&t));
            *gates[g] ^= 1U << bit;
        }
        uint32_t was = *gates[g];
        const uint32_t others[] = {0, 1, UINT32_MAX, ~was, *gates[1 - g]};
        for (size_t i = 0; i < COUNT(others); i++) {
            *gates[g] = others[i];
            assert_false(ferry_ticket_holds(&t));
        }
        *gates[g] = was;
    }
    assert_true(ferry_ticket_holds(&t));
}

static void a_ticket_nobody_earned_does_not_hold(void **state)
{
    struct ferry_ticket t;

    (void)state;
    for (unsigned fill = 0; fill <= 0xFF; fill++) {
        memset(&t, (int)fill, sizeof t);
        assert_false(ferry_ticket_holds(&t));
    }
}

static void gates_with_any_bit_altered_are_not_passed(void **state)
{
    uint32_t gates = FERRY_GATES_PASSED;

    (void)state;
    assert_true(ferry_verify_passed(&gates));
    for (unsigned bit = 0; bit < 32; bit++) {
        gates = (uint32_t)(FERRY_GATES_PASSED ^ UINT32_C(1) << bit);
        assert_false(ferry_verify_passed(&gates));
    }
}

static void gates_altered_in_the_hash_state_make_no_ticket(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        struct bench *b = bench_of(0, 64);
        struct ferry_ticket t;
        assert_int_equal(ferry_verify_hash_gate(&b->v, b->want), 0);
        assert_int_equal(ferry_verify_sig_gate(&b->v, 0), 0);
        uint32_t *gate = bit < 32 ? &b->v.hash_gate : &b->v.sig_gate;
        *gate ^= 1U << bit % 32;
        assert_false(ticket_of(b, &t));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_matches_its_hash_and_reads_nothing_else),
        cmocka_unit_test(a_run_can_be_compared_with_the_beginning_of_its_hash),
        cmocka_unit_test(every_flipped_bit_in_the_run_is_seen),
        cmocka_unit_test(steps_of_any_size_give_the_same_hash),
        cmocka_unit_test(a_step_hashes_no_more_than_it_may),
        cmocka_unit_test(a_read_error_is_E_FLASH_and_nothing_matches),
        cmocka_unit_test(the_hash_of_what_could_be_read_is_not_enough),
        cmocka_unit_test(a_read_error_outside_the_run_does_not_matter),
        cmocka_unit_test(hashing_goes_on_after_a_passing_read_error),
        cmocka_unit_test(both_gates_together_make_a_ticket),
        cmocka_unit_test(neither_gate_can_be_missing),
        cmocka_unit_test(a_gate_that_failed_later_takes_its_yes_back),
        cmocka_unit_test(a_new_run_forgets_both_gates),
        cmocka_unit_test(a_ticket_with_any_bit_of_a_gate_altered_does_not_hold),
        cmocka_unit_test(a_ticket_nobody_earned_does_not_hold),
        cmocka_unit_test(gates_with_any_bit_altered_are_not_passed),
        cmocka_unit_test(gates_altered_in_the_hash_state_make_no_ticket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
