/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the map of small keys that manifests and statements are made of, on a struct of
 * its own: each key at its place, in one order, and nothing that cannot be skipped. */
#include "pairs.h"

#include <stdlib.h>

#include "cbor.h"
#include "check.h"

struct thing {
    uint32_t first;
    uint32_t third;
    const uint8_t *two;  /* 2 bytes */
    const uint8_t *none; /* a string that may only be 5 bytes */
};

#define FIELDS 4U
#define CRITICAL 6U /* keys 4 and 5 are refused, 6 to 23 skipped */
static const struct ferry_field fields[FIELDS] = {
    FERRY_NUMBER(struct thing, first),
    FERRY_STRING(struct thing, two, 2),
    FERRY_NUMBER(struct thing, third),
    FERRY_STRING(struct thing, none, 5),
};

static int take(const char *hex, struct ferry_pairs *p, struct thing *t, size_t *left)
{
    uint8_t bytes[400];
    size_t len = unhex(hex, bytes);
    uint8_t *exact = exact_copy(bytes, len);
    struct ferry_reader r = ferry_reader(exact, len);

    memset(t, 0, sizeof *t);
    int err = ferry_pairs_take(p, &r, t, fields, FIELDS, CRITICAL);
    *left = r.left;
    free(exact);
    return err;
}

static const struct {
    const char *name, *hex;
    int code;
} rows[] = {
    {"nothing", "A0", 0},
    {"one number", "A1 00 05", 0},
    {"the greatest number", "A1 00 1A FF FF FF FF", 0},
    {"a number and a string", "A2 00 05 01 42 AA BB", 0},
    {"all", "A4 00 00 01 42 AA BB 02 18 18 03 45 5*CC", 0},
    {"bytes after it", "A1 00 05 FF", 0},

    {"no map", "80", FERRY_E_CBOR},
    {"a number", "05", FERRY_E_CBOR},
    {"empty", "", FERRY_E_CBOR},
    {"one pair too few", "A2 00 05", FERRY_E_CBOR},
    {"half a pair", "A1 00", FERRY_E_CBOR},
    {"24 pairs", "B8 18 00 05", FERRY_E_CBOR},
    {"an indefinite map", "BF 00 05 FF", FERRY_E_CBOR},
    {"a count in two bytes", "B8 01 00 05", FERRY_E_CBOR},
    {"a number in two bytes", "A1 00 18 05", FERRY_E_CBOR},
    {"a string past the end", "A1 01 42 AA", FERRY_E_CBOR},
    {"a map for a value", "A1 00 A0", FERRY_E_CBOR},
    {"an array for a value", "A1 00 80", FERRY_E_CBOR},

    {"the same key twice", "A2 00 05 00 05", FERRY_E_ORDER},
    {"a key that goes back", "A2 02 05 00 05", FERRY_E_ORDER},
    {"unsigned after negative", "A2 20 00 00 05", FERRY_E_ORDER},
    {"negative keys that go back", "A2 21 00 20 00", FERRY_E_ORDER},
    {"a skipped key twice", "A2 06 00 06 00", FERRY_E_ORDER},

    {"text for a key", "A1 61 61 00", FERRY_E_TYPE},
    {"bytes for a key", "A1 41 61 00", FERRY_E_TYPE},
    {"bytes for a number", "A1 00 41 05", FERRY_E_TYPE},
    {"text for bytes", "A1 01 62 61 62", FERRY_E_TYPE},
    {"a number for bytes", "A1 01 02", FERRY_E_TYPE},
    {"a byte too few", "A1 01 41 AA", FERRY_E_TYPE},
    {"a byte too many", "A1 01 43 3*AA", FERRY_E_TYPE},
    {"a negative number", "A1 00 20", FERRY_E_TYPE},
    {"a negative number to skip", "A1 20 20", FERRY_E_TYPE},

    {"the first critical key", "A1 04 00", FERRY_E_CRIT},
    {"the last critical key", "A1 05 00", FERRY_E_CRIT},
    {"the first to skip", "A1 06 00", 0},
    {"the last to skip", "A1 17 00", 0},
    {"key 24", "A1 18 18 00", FERRY_E_CRIT},
    {"key -1", "A1 20 00", 0},
    {"key -24", "A1 37 00", 0},
    {"key -25", "A1 38 18 00", FERRY_E_CRIT},
    {"a text to skip", "A1 20 63 3*61", 0},
};

static void each_map_yields_its_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ferry_pairs p;
        struct thing t;
        size_t left;
        expect_code(rows[i].name, take(rows[i].hex, &p, &t, &left), rows[i].code);
    }
}

static void each_key_lands_in_its_own_field(void **state)
{
    uint8_t bytes[32];
    struct ferry_pairs p;
    struct thing t;

    (void)state;
    size_t len = unhex("A4 00 07 01 42 AA BB 02 19 01 00 03 45 01 02 03 04 05", bytes);
    struct ferry_reader r = ferry_reader(bytes, len), again = r;
    assert_int_equal(ferry_pairs_take(&p, &r, &t, fields, FIELDS, CRITICAL), 0);
    ferry_pairs_others(&p, &again);
    assert_int_equal(t.first, 7);
    assert_ptr_equal(t.two, bytes + 5);
    assert_int_equal(t.third, 256);
    assert_ptr_equal(t.none, bytes + 13);
    assert_int_equal(p.has, 0x0F);
    assert_int_equal(p.info_count, 0);
    assert_int_equal(r.left, 0);
}

static void what_comes_after_the_map_is_left(void **state)
{
    struct ferry_pairs p;
    struct thing t;
    size_t left;

    (void)state;
    assert_int_equal(take("A1 00 05 01 02 03", &p, &t, &left), 0);
    assert_int_equal(left, 3);
    assert_int_equal(t.first, 5);
}

/* ---- both ways ------------------------------------------------------------------- */

static struct dice dice = {123459876};

/* A map of some of the fields and some keys to skip, written by hand. */
static size_t random_map(uint8_t *bytes, size_t cap)
{
    struct ferry_writer body = ferry_writer(bytes + 1, cap - 1);
    uint8_t noise[8];
    unsigned pairs = 0;

    roll_bytes(&dice, noise, sizeof noise);
    for (uint32_t k = 0; k < FIELDS; k++) {
        if (roll_below(&dice, 2) != 0) {
            pairs++;
            ferry_cbor_head(&body, FERRY_CBOR_UINT, k);
            if (fields[k].len == 0) {
                ferry_cbor_head(&body, FERRY_CBOR_UINT, roll(&dice) >> (k * 8));
            } else {
                ferry_cbor_bstr(&body, noise, fields[k].len);
            }
        }
    }
    for (uint32_t k = CRITICAL; k < 48 && pairs < 23; k++) {
        if (roll_below(&dice, 3) == 0) {
            pairs++;
            ferry_cbor_head(&body, k < 24 ? FERRY_CBOR_UINT : FERRY_CBOR_NINT, k % 24);
            ferry_cbor_bstr(&body, noise, roll_below(&dice, 8));
        }
    }
    bytes[0] = (uint8_t)(0xA0 + pairs);
    return body.len + 1;
}

static void whatever_is_taken_is_put_back_the_same(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        uint8_t bytes[400], again[400];
        struct ferry_pairs p;
        struct thing t;
        size_t len = random_map(bytes, sizeof bytes);
        uint8_t *exact = exact_copy(bytes, len);
        struct ferry_reader r = ferry_reader(exact, len), start = r;
        assert_int_equal(ferry_pairs_take(&p, &r, &t, fields, FIELDS, CRITICAL), 0);
        ferry_pairs_others(&p, &start);
        assert_int_equal(r.left, 0);
        struct ferry_writer w = ferry_writer(again, sizeof again);
        ferry_pairs_put(&p, &w, &t, fields, FIELDS);
        assert_false(w.bad);
        assert_int_equal(w.len, len);
        assert_memory_equal(again, exact, len);
        for (size_t cap = 0; cap < len; cap++) { /* and never past its room */
            uint8_t *room = malloc(cap + 1);
            w = ferry_writer(room, cap);
            ferry_pairs_put(&p, &w, &t, fields, FIELDS);
            assert_true(w.bad);
            free(room);
        }
        free(exact);
    }
}

static void a_map_may_have_23_pairs(void **state)
{
    uint8_t bytes[100] = {0xB7};
    struct ferry_pairs p;
    struct thing t;

    (void)state;
    for (uint8_t i = 0; i < 24; i++) { /* keys -1 to -24 */
        bytes[1 + 2 * i] = (uint8_t)(0x20 + i);
    }
    struct ferry_reader r = ferry_reader(bytes, 1 + 2 * 23), start = r;
    assert_int_equal(ferry_pairs_take(&p, &r, &t, fields, FIELDS, CRITICAL), 0);
    ferry_pairs_others(&p, &start);
    assert_int_equal(p.info_count, 23);
    assert_int_equal(p.info_len, 46);
    bytes[0] = 0xB8; /* "24 follows" is no count we know */
    r = ferry_reader(bytes, 1 + 2 * 24);
    assert_int_equal(ferry_pairs_take(&p, &r, &t, fields, FIELDS, CRITICAL),
                     FERRY_E_CBOR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_map_yields_its_code),
        cmocka_unit_test(each_key_lands_in_its_own_field),
        cmocka_unit_test(what_comes_after_the_map_is_left),
        cmocka_unit_test(whatever_is_taken_is_put_back_the_same),
        cmocka_unit_test(a_map_may_have_23_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
