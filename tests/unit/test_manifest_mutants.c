/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what must hold for every manifest and every envelope, over all truncations, all
 * flipped bits and a hundred thousand mutants of good ones. Each is parsed in a block
 * of exactly its size, so that a sanitizer sees one byte read too far. */
#include <stdlib.h>

#include "check.h"
#include "ferry/manifest.h"
#include "sample.h"

/* ---- envelopes ------------------------------------------------------------------- */

static void every_truncation_of_a_signed_envelope_is_refused(void **state)
{
    struct sample s;

    (void)state;
    sample_envelope(&s);
    assert_int_equal(sample_accepts(sample_env(&s), s.len), 0);
    for (size_t len = 0; len < s.len; len++) {
        assert_int_equal(sample_accepts(sample_env(&s), len), FERRY_E_LEN);
    }
    assert_int_equal(sample_accepts(sample_env(&s), s.len + 1), FERRY_E_LEN);
}

/* Which code the design wants for a flip in this byte; the sample is in slot 1. */
static bool right_code(size_t at, size_t len, uint8_t kid, int code)
{
    const struct ferry_key *keys = sample_keys();

    if (at == 11) {
        return code == FERRY_E_LEN;
    }
    if (at == 8) {
        bool known = kid < FERRY_KEY_SLOTS && kid != 3 && kid != 5 && kid != 6;
        int want = !known                               ? FERRY_E_KID
                   : keys[kid].alg != FERRY_ALG_ED25519 ? FERRY_E_FRAME
                                                        : FERRY_E_SIG;
        return code == want;
    }
    if (at < FERRY_ENVELOPE_HEAD || at == len - 66 || at == len - 65) {
        return code == FERRY_E_FRAME;
    }
    return code == FERRY_E_SIG;
}

static void every_flipped_bit_of_a_signed_envelope_is_refused(void **state)
{
    struct sample s;

    (void)state;
    sample_envelope(&s);
    uint8_t *env = sample_env(&s);
    for (size_t bit = 0; bit < s.len * 8; bit++) {
        env[bit / 8] ^= (uint8_t)(1U << bit % 8);
        int code = sample_accepts(env, s.len);
        if (!right_code(bit / 8, s.len, env[8], code)) {
            print_error("byte %zu bit %zu: %s\n", bit / 8, bit % 8,
                        ferry_errname(code));
            fail();
        }
        env[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

static void longest_and_fullest_manifests_pass_the_whole_way(void **state)
{
    struct sample s;
    struct sample_map map;
    uint8_t payload[FERRY_PAYLOAD_MAX];

    (void)state;
    sample_map_all(&map);
    size_t len = sample_map_write(&map, payload);
    sample_wrap(&s, payload, len, 7);
    assert_int_equal(sample_accepts(sample_env(&s), s.len), 0);

    uint8_t text[64] = {0x20, 0x78, (uint8_t)(FERRY_PAYLOAD_MAX - len - 3)};
    size_t text_len = FERRY_PAYLOAD_MAX - len;
    assert_in_range(text_len, 27, sizeof text);
    memset(text + 3, 'x', sizeof text - 3);
    sample_map_insert(&map, map.count, text, text_len);
    len = sample_map_write(&map, payload);
    assert_int_equal(len, FERRY_PAYLOAD_MAX);
    sample_wrap(&s, payload, len, 0);
    assert_int_equal(s.len, FERRY_ENVELOPE_MAX);
    assert_int_equal(sample_accepts(sample_env(&s), s.len), 0);
}

/* ---- manifests ------------------------------------------------------------------- */

/* Some good manifest; `role` is who accepts it. */
static void draw(struct dice *d, struct sample_map *map, enum ferry_reader_role role)
{
    if (roll_below(d, 2) == 0) {
        sample_map_all(map);
        for (unsigned place = PLACE_BLOCKS; roll_below(d, 2) == 0 && place < 13;) {
            sample_map_drop(map, place); /* some of 9..13 */
            place += roll_below(d, 2);
            if (map->pair[place].bytes[0] >= FERRY_KEY_BLOCKS) {
                break;
            }
        }
    } else {
        sample_map_required(map);
    }
    const char *const more[] = {
        "14 01",      "15 42 AA BB", "16 60", "17 19 01 00", "20 65 31 2E 32 2E 33",
        "21 44 4*0B", "2A 00",       "37 60"};
    for (size_t i = role == FERRY_READER_BOOT ? 0 : 4; i < COUNT(more); i++) {
        uint8_t pair[16];
        if (roll_below(d, 3) == 0) {
            sample_map_insert(map, map->count, pair, unhex(more[i], pair));
        }
    }
}

static void shuffle_pairs(struct dice *d, struct sample_map *map)
{
    unsigned a = roll_below(d, map->count), b = roll_below(d, map->count);
    struct sample_map was = *map;

    switch (roll_below(d, 8)) {
    case 0:
        map->pair[a] = was.pair[b];
        map->pair[b] = was.pair[a];
        break;
    case 1:
        sample_map_drop(map, a);
        break;
    case 2:
        if (was.pair[a].len < 20) {
            sample_map_insert(map, b, was.pair[a].bytes, was.pair[a].len);
        }
        break;
    default:
        break;
    }
}

static size_t hurt_bytes(struct dice *d, uint8_t *p, size_t len)
{
    for (uint32_t n = roll_below(d, 4); n > 0 && len > 1; n--) {
        size_t at = roll_below(d, (uint32_t)len);
        switch (roll_below(d, 6)) {
        case 0:
            p[at] = (uint8_t)roll(d);
            break;
        case 1:
            memmove(p + at, p + at + 1, len - at - 1);
            len--;
            break;
        case 2:
            memmove(p + at + 1, p + at, len - at);
            p[at] = (uint8_t)(roll(d) & 0x3F);
            len++;
            break;
        case 3:
            p[roll_below(d, 2)] ^= (uint8_t)(1U << roll_below(d, 8));
            break;
        default:
            p[at] ^= (uint8_t)(1U << roll_below(d, 8));
            break;
        }
    }
    return len;
}

static bool encodes_back(const uint8_t *payload, size_t len,
                         enum ferry_reader_role role)
{
    struct ferry_manifest m;
    uint8_t again[2 * FERRY_PAYLOAD_MAX];
    uint8_t *exact = exact_copy(payload, len);
    bool accepted = ferry_manifest_parse(&m, exact, len, role) == 0;

    if (accepted) {
        ferry_manifest_info(&m, exact, len);
        assert_int_equal(ferry_manifest_encode(&m, again, sizeof again), len);
        assert_memory_equal(again, payload, len);
    }
    free(exact);
    return accepted;
}

static void whatever_is_accepted_encodes_back_to_the_same_bytes(void **state)
{
    struct dice d = {0xFE44};
    unsigned accepted = 0;
    const unsigned all = 100000;

    (void)state;
    for (unsigned i = 0; i < all; i++) {
        struct sample_map map;
        uint8_t payload[2 * FERRY_PAYLOAD_MAX];
        enum ferry_reader_role role =
            i % 2 == 0 ? FERRY_READER_DEVICE : FERRY_READER_BOOT;

        draw(&d, &map, role);
        shuffle_pairs(&d, &map);
        size_t len = hurt_bytes(&d, payload, sample_map_write(&map, payload));
        accepted += encodes_back(payload, len, role);
        if (role == FERRY_READER_DEVICE && encodes_back(payload, len, role)) {
            assert_true(encodes_back(payload, len, FERRY_READER_BOOT));
        }
    }
    /* Neither kept by refusing everything nor by hurting nothing. */
    assert_in_range(accepted, all / 10, all * 9 / 10);
}

static void noise_is_refused_inside_its_bytes(void **state)
{
    struct dice d = {77};

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        uint8_t noise[64];
        size_t len = roll_below(&d, sizeof noise + 1);
        roll_bytes(&d, noise, len);
        if (len > 0 && i % 2 == 0) {
            noise[0] = (uint8_t)(0xA0 + roll_below(&d, 24));
        }
        assert_false(encodes_back(noise, len, FERRY_READER_DEVICE));
    }
}

static int verdict(const struct sample_map *map, enum ferry_reader_role role)
{
    struct ferry_manifest m;
    uint8_t payload[FERRY_PAYLOAD_MAX];
    size_t len = sample_map_write(map, payload);

    return ferry_manifest_parse(&m, payload, len, role);
}

static unsigned place_for(const struct sample_map *map, uint8_t key)
{
    unsigned place = 0;

    while (place < map->count && map->pair[place].bytes[0] < key) {
        place++;
    }
    return place;
}

/* A value of each kind a manifest may hold. */
static const char *const values[] = {"00",      "1A 4*FF", "40",
                                     "46 6*01", "60",      "62 6F 6B"};

static void an_ignorable_key_is_welcome_in_every_good_manifest(void **state)
{
    struct dice d = {31};

    (void)state;
    for (unsigned i = 0; i < 2000; i++) {
        struct sample_map map;
        uint8_t pair[16];
        draw(&d, &map, FERRY_READER_DEVICE);
        pair[0] = (uint8_t)(0x20 + roll_below(&d, 24));
        size_t len = 1 + unhex(values[roll_below(&d, COUNT(values))], pair + 1);
        unsigned place = place_for(&map, pair[0]);
        if (place < map.count && map.pair[place].bytes[0] == pair[0]) {
            continue;
        }
        assert_int_equal(verdict(&map, FERRY_READER_DEVICE), 0);
        sample_map_insert(&map, place, pair, len);
        assert_int_equal(verdict(&map, FERRY_READER_DEVICE), 0);
        assert_int_equal(verdict(&map, FERRY_READER_BOOT), 0);
    }
}

static void an_unknown_critical_key_is_always_E_CRIT(void **state)
{
    struct dice d = {32};

    (void)state;
    for (uint8_t key = 16; key < 24; key++) {
        for (size_t v = 0; v < COUNT(values); v++) {
            for (unsigned i = 0; i < 20; i++) {
                struct sample_map map;
                uint8_t pair[16] = {key};
                draw(&d, &map, FERRY_READER_DEVICE);
                size_t len = 1 + unhex(values[v], pair + 1);
                sample_map_insert(&map, place_for(&map, key), pair, len);
                assert_int_equal(verdict(&map, FERRY_READER_DEVICE), FERRY_E_CRIT);
                assert_int_equal(verdict(&map, FERRY_READER_BOOT),
                                 key < 20 ? FERRY_E_CRIT : 0);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_truncation_of_a_signed_envelope_is_refused),
        cmocka_unit_test(every_flipped_bit_of_a_signed_envelope_is_refused),
        cmocka_unit_test(longest_and_fullest_manifests_pass_the_whole_way),
        cmocka_unit_test(whatever_is_accepted_encodes_back_to_the_same_bytes),
        cmocka_unit_test(noise_is_refused_inside_its_bytes),
        cmocka_unit_test(an_ignorable_key_is_welcome_in_every_good_manifest),
        cmocka_unit_test(an_unknown_critical_key_is_always_E_CRIT),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
