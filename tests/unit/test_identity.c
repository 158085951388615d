/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the identity block: whatever the factory writes is read back, and no block with
 * anything altered is one. Its layout stands in tests/protocol. */
#include "ferry/boot.h"

#include <stdlib.h>

#include "check.h"
#include "crc.h"

static struct dice dice = {88172645};

static void random_device(struct ferry_identity *id, struct ferry_map *map,
                          struct ferry_key *keys)
{
    memset(id, 0, sizeof *id);
    roll_bytes(&dice, id->class_id, sizeof id->class_id);
    roll_bytes(&dice, id->device_id, sizeof id->device_id);
    roll_bytes(&dice, (uint8_t *)&id->hw_rev, sizeof id->hw_rev);
    roll_bytes(&dice, (uint8_t *)&id->boot_caps, sizeof id->boot_caps);
    roll_bytes(&dice, (uint8_t *)map, sizeof *map);
    roll_bytes(&dice, (uint8_t *)keys, FERRY_KEY_SLOTS * sizeof *keys);
    id->keys = keys;
}

static void what_the_factory_wrote_is_read_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 500; i++) {
        struct ferry_identity id, got;
        struct ferry_map map, got_map;
        struct ferry_key keys[FERRY_KEY_SLOTS];
        uint8_t block[FERRY_IDENTITY_LEN];
        random_device(&id, &map, keys);
        ferry_identity_make(&id, &map, block);
        uint8_t *exact = exact_copy(block, sizeof block);
        assert_int_equal(ferry_identity_open(&got, &got_map, exact), 0);
        assert_memory_equal(got.class_id, id.class_id, sizeof id.class_id);
        assert_memory_equal(got.device_id, id.device_id, sizeof id.device_id);
        assert_int_equal(got.hw_rev, id.hw_rev);
        assert_int_equal(got.boot_caps, id.boot_caps);
        assert_memory_equal(&got_map, &map, sizeof map);
        assert_memory_equal(got.keys, keys, sizeof keys);
        /* The keys are used where they are burned. */
        assert_true((const uint8_t *)got.keys > exact &&
                    (const uint8_t *)got.keys + sizeof keys <
                        exact + FERRY_IDENTITY_LEN);
        free(exact);
    }
}

static void no_bit_of_a_block_can_be_altered(void **state)
{
    struct ferry_identity id, got;
    struct ferry_map map;
    struct ferry_key keys[FERRY_KEY_SLOTS];
    uint8_t block[FERRY_IDENTITY_LEN];

    (void)state;
    random_device(&id, &map, keys);
    ferry_identity_make(&id, &map, block);
    for (unsigned bit = 0; bit < 8 * FERRY_IDENTITY_LEN; bit++) {
        block[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_equal(ferry_identity_open(&got, &map, block), FERRY_E_ARG);
        block[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_int_equal(ferry_identity_open(&got, &map, block), 0);
}

static void an_unburned_place_is_no_identity(void **state)
{
    struct ferry_identity id;
    struct ferry_map map;
    uint8_t block[FERRY_IDENTITY_LEN];

    (void)state;
    for (unsigned fill = 0; fill < 256; fill++) {
        memset(block, (int)fill, sizeof block);
        assert_int_equal(ferry_identity_open(&id, &map, block), FERRY_E_ARG);
    }
    for (unsigned i = 0; i < 2000; i++) { /* nor is noise, not even with a good CRC */
        roll_bytes(&dice, block, sizeof block);
        uint32_t crc = ferry_crc32(block, FERRY_IDENTITY_LEN - 4);
        for (unsigned k = 0; k < 4; k++) {
            block[FERRY_IDENTITY_LEN - 4 + k] = (uint8_t)(crc >> 8 * k);
        }
        assert_int_equal(ferry_identity_open(&id, &map, block), FERRY_E_ARG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_factory_wrote_is_read_back),
        cmocka_unit_test(no_bit_of_a_block_can_be_altered),
        cmocka_unit_test(an_unburned_place_is_no_identity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
