/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests which code each bad envelope and each bad manifest yields, one named row per
 * input. What holds for all inputs is in test_manifest_mutants.c; signatures are
 * test_verify.c's. */
#include "ferry/manifest.h"

#include <stdlib.h>

#include "check.h"
#include "sample.h"

/* ---- the manifest: rows that bend the sample ------------------------------------- */

enum bend {
    WHOLE,  /* `hex` is the payload */
    SWAP,   /* pair `place` becomes `hex` */
    INSERT, /* `hex` is one more pair before `place` */
    DROP,   /* pair `place` is missing */
    HEAD,   /* the map's head becomes `hex` */
    TAIL    /* `hex` follows the map */
};

struct row {
    const char *name;
    enum bend bend;
    unsigned place;
    const char *hex;
    int code;
};

static const struct row rows[] = {
    {"the sample", TAIL, 0, "", 0},
    {"one revision only", SWAP, PLACE_HW_MAX, "03 01", 0},
    {"greatest version", SWAP, PLACE_VERSION, "04 1A 4*FF", 0},
    {"version 0", SWAP, PLACE_VERSION, "04 00", 0},
    {"greatest counter", SWAP, PLACE_SEC_CTR, "05 1A 00 FF FF FF", 0},
    {"length 0: policy's affair", SWAP, PLACE_LENGTH, "06 00", 0},
    {"length 2^32 - 1: policy's affair", SWAP, PLACE_LENGTH, "06 1A 4*FF", 0},
    {"link 0", SWAP, PLACE_LINK, "08 00", 0},
    {"min_from", INSERT, PLACE_BLOCKS, "09 01", 0},
    {"encoding 0, spelled out", INSERT, PLACE_BLOCKS, "0A 00", 0},
    {"encoding 1: policy's affair", INSERT, PLACE_BLOCKS, "0A 01", 0},
    {"t_len", INSERT, PLACE_BLOCKS, "0B 19 10 00", 0},
    {"t_sha256", INSERT, PLACE_BLOCKS, "0C 58 20 32*AA", 0},
    {"base", INSERT, PLACE_BLOCKS, "0D 50 16*AA", 0},
    {"device", INSERT, PLACE_END, "0F 50 16*AA", 0},
    {"-1 is text", INSERT, PLACE_END, "20 65 31 2E 32 2E 33", 0},
    {"-2 is bytes", INSERT, PLACE_END, "21 42 AA BB", 0},
    {"-24 is a number", INSERT, PLACE_END, "37 1A 4*FF", 0},

    {"nothing", WHOLE, 0, "", FERRY_E_CBOR},
    {"a number", WHOLE, 0, "00", FERRY_E_CBOR},
    {"bytes", WHOLE, 0, "44 4*AA", FERRY_E_CBOR},
    {"an array", WHOLE, 0, "80", FERRY_E_CBOR},
    {"a tagged map", WHOLE, 0, "D2 A0", FERRY_E_CBOR},
    {"an indefinite map", HEAD, 0, "BF", FERRY_E_CBOR},
    {"the count in one byte", HEAD, 0, "B8 0A", FERRY_E_CBOR},
    {"the count in two bytes", HEAD, 0, "B9 00 0A", FERRY_E_CBOR},
    {"the count in eight bytes", HEAD, 0, "BB 7*00 0A", FERRY_E_CBOR},
    {"a reserved count", HEAD, 0, "BC", FERRY_E_CBOR},
    {"a count of 24", HEAD, 0, "B8 18", FERRY_E_CBOR},
    {"a count of 2^32 - 1", HEAD, 0, "BA 4*FF", FERRY_E_CBOR},
    {"a count one too high", HEAD, 0, "AB", FERRY_E_CBOR},
    {"a count of 23", HEAD, 0, "B7", FERRY_E_CBOR},
    {"key in one byte", SWAP, PLACE_TYPE, "18 00 01", FERRY_E_CBOR},
    {"key in eight bytes", SWAP, PLACE_TYPE, "1B 8*00 01", FERRY_E_CBOR},
    {"key is an array", SWAP, PLACE_TYPE, "80 01", FERRY_E_CBOR},
    {"key is a tag", SWAP, PLACE_TYPE, "C0 00 01", FERRY_E_CBOR},
    {"key is false", SWAP, PLACE_TYPE, "F4 01", FERRY_E_CBOR},
    {"value in one byte", SWAP, PLACE_TYPE, "00 18 01", FERRY_E_CBOR},
    {"value in two bytes", SWAP, PLACE_SEC_CTR, "05 19 00 2A", FERRY_E_CBOR},
    {"value in four bytes", SWAP, PLACE_SEC_CTR, "05 1A 00 00 00 2A", FERRY_E_CBOR},
    {"value in eight bytes", SWAP, PLACE_LENGTH, "06 1B 8*01", FERRY_E_CBOR},
    {"a reserved value", SWAP, PLACE_TYPE, "00 1C", FERRY_E_CBOR},
    {"an indefinite value", SWAP, PLACE_TYPE, "00 1F", FERRY_E_CBOR},
    {"an array as value", SWAP, PLACE_TYPE, "00 81 01", FERRY_E_CBOR},
    {"an empty map as value", SWAP, PLACE_TYPE, "00 A0", FERRY_E_CBOR},
    {"a tag as value", SWAP, PLACE_TYPE, "00 C1 01", FERRY_E_CBOR},
    {"true as value", SWAP, PLACE_TYPE, "00 F5", FERRY_E_CBOR},
    {"null as value", SWAP, PLACE_TYPE, "00 F6", FERRY_E_CBOR},
    {"a float as value", SWAP, PLACE_TYPE, "00 F9 3C 00", FERRY_E_CBOR},
    {"indefinite bytes", SWAP, PLACE_CLASS, "01 5F 50 16*AA FF", FERRY_E_CBOR},
    {"bytes, length in two", SWAP, PLACE_CLASS, "01 59 00 10 16*C1", FERRY_E_CBOR},
    {"bytes past the end", SWAP, PLACE_BLOCKS, "0E 58 20 31*B0", FERRY_E_CBOR},
    {"4 GB of bytes", SWAP, PLACE_CLASS, "01 5A 4*FF 16*C1", FERRY_E_CBOR},
    {"info is an array", INSERT, PLACE_END, "20 81 01", FERRY_E_CBOR},
    {"info is a map", INSERT, PLACE_END, "20 A0", FERRY_E_CBOR},
    {"info is a float", INSERT, PLACE_END, "20 FA 4*00", FERRY_E_CBOR},
    {"info past the end", INSERT, PLACE_END, "20 62 61", FERRY_E_CBOR},

    {"a key twice", INSERT, PLACE_CLASS, "00 01", FERRY_E_ORDER},
    {"two keys exchanged", INSERT, PLACE_TYPE, "01 50 16*C1", FERRY_E_ORDER},
    {"the last key first", INSERT, PLACE_TYPE, "0E 58 20 32*B0", FERRY_E_ORDER},
    {"unsigned after negative", INSERT, PLACE_TYPE, "20 01", FERRY_E_ORDER},
    {"unsigned after negative, late", INSERT, PLACE_BLOCKS, "37 01", FERRY_E_ORDER},
    {"a known key after 15", INSERT, PLACE_TYPE, "0F 50 16*AA", FERRY_E_ORDER},

    {"key 16", INSERT, PLACE_END, "10 46 6*01", FERRY_E_CRIT},
    {"key 17", INSERT, PLACE_END, "11 01", FERRY_E_CRIT},
    {"key 18", INSERT, PLACE_END, "12 60", FERRY_E_CRIT},
    {"key 19", INSERT, PLACE_END, "13 01", FERRY_E_CRIT},
    {"key 20", INSERT, PLACE_END, "14 01", FERRY_E_CRIT},
    {"key 21", INSERT, PLACE_END, "15 41 00", FERRY_E_CRIT},
    {"key 22", INSERT, PLACE_END, "16 01", FERRY_E_CRIT},
    {"key 23", INSERT, PLACE_END, "17 01", FERRY_E_CRIT},
    {"key 24", INSERT, PLACE_END, "18 18 01", FERRY_E_CRIT},
    {"key 256", INSERT, PLACE_END, "19 01 00 01", FERRY_E_CRIT},
    {"key 2^32 - 1", INSERT, PLACE_END, "1A 4*FF 01", FERRY_E_CRIT},
    {"key -25", INSERT, PLACE_END, "38 18 01", FERRY_E_CRIT},
    {"key -2^32", INSERT, PLACE_END, "3A 4*FF 01", FERRY_E_CRIT},

    {"key is text", INSERT, PLACE_TYPE, "61 61 01", FERRY_E_TYPE},
    {"key is bytes", INSERT, PLACE_END, "41 61 01", FERRY_E_TYPE},
    {"type is bytes", SWAP, PLACE_TYPE, "00 41 01", FERRY_E_TYPE},
    {"type is negative", SWAP, PLACE_TYPE, "00 20", FERRY_E_TYPE},
    {"type 0", SWAP, PLACE_TYPE, "00 00", FERRY_E_TYPE},
    {"type 2, a statement", SWAP, PLACE_TYPE, "00 02", FERRY_E_TYPE},
    {"type 257", SWAP, PLACE_TYPE, "00 19 01 01", FERRY_E_TYPE},
    {"class is text", SWAP, PLACE_CLASS, "01 70 16*61", FERRY_E_TYPE},
    {"class is a number", SWAP, PLACE_CLASS, "01 10", FERRY_E_TYPE},
    {"class of 15", SWAP, PLACE_CLASS, "01 4F 15*C1", FERRY_E_TYPE},
    {"class of 17", SWAP, PLACE_CLASS, "01 51 17*C1", FERRY_E_TYPE},
    {"class of 0", SWAP, PLACE_CLASS, "01 40", FERRY_E_TYPE},
    {"hw_min is bytes", SWAP, PLACE_HW_MIN, "02 41 01", FERRY_E_TYPE},
    {"hw_max is text", SWAP, PLACE_HW_MAX, "03 61 34", FERRY_E_TYPE},
    {"hw_min above hw_max", SWAP, PLACE_HW_MIN, "02 05", FERRY_E_TYPE},
    {"version is text", SWAP, PLACE_VERSION, "04 63 31 2E 32", FERRY_E_TYPE},
    {"sec_ctr is negative", SWAP, PLACE_SEC_CTR, "05 29", FERRY_E_TYPE},
    {"sec_ctr 2^24", SWAP, PLACE_SEC_CTR, "05 1A 01 00 00 00", FERRY_E_TYPE},
    {"length is bytes", SWAP, PLACE_LENGTH, "06 44 4*00", FERRY_E_TYPE},
    {"sha256 of 31", SWAP, PLACE_SHA256, "07 58 1F 31*A0", FERRY_E_TYPE},
    {"sha256 of 33", SWAP, PLACE_SHA256, "07 58 21 33*A0", FERRY_E_TYPE},
    {"sha256 is text", SWAP, PLACE_SHA256, "07 78 20 32*61", FERRY_E_TYPE},
    {"link is bytes", SWAP, PLACE_LINK, "08 44 4*00", FERRY_E_TYPE},
    {"min_from is bytes", INSERT, PLACE_BLOCKS, "09 41 00", FERRY_E_TYPE},
    {"encoding is text", INSERT, PLACE_BLOCKS, "0A 61 30", FERRY_E_TYPE},
    {"t_len is negative", INSERT, PLACE_BLOCKS, "0B 20", FERRY_E_TYPE},
    {"t_sha256 is a number", INSERT, PLACE_BLOCKS, "0C 18 20", FERRY_E_TYPE},
    {"t_sha256 of 16", INSERT, PLACE_BLOCKS, "0C 50 16*AA", FERRY_E_TYPE},
    {"base of 32", INSERT, PLACE_BLOCKS, "0D 58 20 32*AA", FERRY_E_TYPE},
    {"base is a number", INSERT, PLACE_BLOCKS, "0D 00", FERRY_E_TYPE},
    {"blocks of 16", SWAP, PLACE_BLOCKS, "0E 50 16*B0", FERRY_E_TYPE},
    {"device of 8", INSERT, PLACE_END, "0F 48 8*AA", FERRY_E_TYPE},
    {"device is a number", INSERT, PLACE_END, "0F 00", FERRY_E_TYPE},
    {"info is negative", INSERT, PLACE_END, "20 20", FERRY_E_TYPE},

    {"an empty map", WHOLE, 0, "A0", FERRY_E_MISSING},
    {"no type", DROP, PLACE_TYPE, "", FERRY_E_MISSING},
    {"no class", DROP, PLACE_CLASS, "", FERRY_E_MISSING},
    {"no hw_min", DROP, PLACE_HW_MIN, "", FERRY_E_MISSING},
    {"no hw_max", DROP, PLACE_HW_MAX, "", FERRY_E_MISSING},
    {"no version", DROP, PLACE_VERSION, "", FERRY_E_MISSING},
    {"no sec_ctr", DROP, PLACE_SEC_CTR, "", FERRY_E_MISSING},
    {"no length", DROP, PLACE_LENGTH, "", FERRY_E_MISSING},
    {"no sha256", DROP, PLACE_SHA256, "", FERRY_E_MISSING},
    {"no link", DROP, PLACE_LINK, "", FERRY_E_MISSING},
    {"no blocks", DROP, PLACE_BLOCKS, "", FERRY_E_MISSING},

    {"one byte after", TAIL, 0, "00", FERRY_E_TRAIL},
    {"a map after", TAIL, 0, "A0", FERRY_E_TRAIL},
    {"a pair that is not counted", TAIL, 0, "20 01", FERRY_E_TRAIL},
};

static size_t build(const struct row *row, bool info_too, uint8_t *payload)
{
    struct sample_map map;
    uint8_t bytes[FERRY_PAYLOAD_MAX];
    size_t len = unhex(row->hex, bytes);

    sample_map_required(&map);
    if (row->bend == SWAP || row->bend == DROP) {
        sample_map_drop(&map, row->place);
    }
    if (row->bend == SWAP || row->bend == INSERT) {
        sample_map_insert(&map, row->place, bytes, len);
    }
    if (info_too) {
        sample_map_insert(&map, map.count, "\x36\x61\x78", 3);
    }
    size_t n = sample_map_write(&map, payload);
    if (row->bend == WHOLE) {
        memcpy(payload, bytes, len);
        return len;
    }
    if (row->bend == HEAD) {
        memmove(payload + len, payload + 1, n - 1);
        memcpy(payload, bytes, len);
        return n - 1 + len;
    }
    if (row->bend == TAIL) {
        memcpy(payload + n, bytes, len);
        return n + len;
    }
    return n;
}

static int parse(const uint8_t *payload, size_t len, enum ferry_reader_role role)
{
    struct ferry_manifest m;
    uint8_t *exact = exact_copy(payload, len);
    int err = ferry_manifest_parse(&m, exact, len, role);

    free(exact);
    return err;
}

static void each_bad_manifest_yields_its_own_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t payload[2 * FERRY_PAYLOAD_MAX];
        size_t len = build(&rows[i], false, payload);
        expect_code(rows[i].name, parse(payload, len, FERRY_READER_DEVICE),
                    rows[i].code);
    }
}

static void the_bootloader_says_the_same_but_skips_20_to_23(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t payload[2 * FERRY_PAYLOAD_MAX];
        size_t len = build(&rows[i], false, payload);
        bool receivers = rows[i].code == FERRY_E_CRIT && payload[0] == 0xAB &&
                         rows[i].hex[0] == '1' && rows[i].hex[1] >= '4' &&
                         rows[i].hex[1] <= '7';
        expect_code(rows[i].name, parse(payload, len, FERRY_READER_BOOT),
                    receivers ? 0 : rows[i].code);
    }
}

/* -23 goes to the end, so rows about what stands behind the last key are left out. */
static void an_ignorable_key_never_changes_the_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t payload[2 * FERRY_PAYLOAD_MAX];
        bool about_the_end = rows[i].bend == WHOLE || rows[i].bend == HEAD ||
                             rows[i].bend == TAIL ||
                             strcmp(rows[i].name, "-24 is a number") == 0 ||
                             strcmp(rows[i].name, "bytes past the end") == 0 ||
                             strcmp(rows[i].name, "info past the end") == 0;
        if (!about_the_end) {
            size_t len = build(&rows[i], true, payload);
            expect_code(rows[i].name, parse(payload, len, FERRY_READER_DEVICE),
                        rows[i].code);
        }
    }
}

static void info_keys_must_ascend_too(void **state)
{
    struct sample_map map;
    uint8_t payload[FERRY_PAYLOAD_MAX];

    (void)state;
    for (unsigned first = 0; first < 24; first++) {
        for (unsigned then = 0; then < 24; then++) {
            const uint8_t a[] = {(uint8_t)(0x20 + first), 0x01};
            const uint8_t b[] = {(uint8_t)(0x20 + then), 0x01};
            sample_map_required(&map);
            sample_map_insert(&map, map.count, a, sizeof a);
            sample_map_insert(&map, map.count, b, sizeof b);
            size_t len = sample_map_write(&map, payload);
            assert_int_equal(parse(payload, len, FERRY_READER_DEVICE),
                             then > first ? 0 : FERRY_E_ORDER);
        }
    }
}

static void a_map_may_have_23_pairs_and_no_more(void **state)
{
    struct sample_map map;
    uint8_t payload[FERRY_PAYLOAD_MAX];

    (void)state;
    sample_map_required(&map);
    while (map.count <= 24) {
        size_t len = sample_map_write(&map, payload);
        assert_int_equal(parse(payload, len, FERRY_READER_DEVICE),
                         map.count <= 23 ? 0 : FERRY_E_CBOR);
        const uint8_t info[] = {(uint8_t)(0x20 + map.count - 10), 0x01};
        sample_map_insert(&map, map.count, info, sizeof info);
    }
}

/* ---- what a good one says -------------------------------------------------------- */

static void parser_finds_every_field_of_the_sample(void **state)
{
    struct sample_map map;
    struct ferry_manifest m, want;
    uint8_t payload[FERRY_PAYLOAD_MAX];

    (void)state;
    sample_map_required(&map);
    sample_manifest(&want);
    size_t len = sample_map_write(&map, payload);
    assert_int_equal(ferry_manifest_parse(&m, payload, len, FERRY_READER_DEVICE), 0);
    ferry_manifest_info(&m, payload, len);
    assert_int_equal(m.has, want.has);
    assert_memory_equal(m.class_id, want.class_id, 16);
    assert_int_equal(m.hw_min, want.hw_min);
    assert_int_equal(m.hw_max, want.hw_max);
    assert_int_equal(m.version, want.version);
    assert_int_equal(m.sec_ctr, want.sec_ctr);
    assert_int_equal(m.length, want.length);
    assert_memory_equal(m.sha256, want.sha256, 32);
    assert_int_equal(m.link, want.link);
    assert_memory_equal(m.blocks, want.blocks, 32);
    assert_int_equal(m.min_from | m.encoding | m.t_len | m.info_count, 0);
    assert_true(m.t_sha256 == NULL && m.base == NULL && m.device == NULL);
}

static void parser_finds_every_optional_field(void **state)
{
    struct sample_map map;
    struct ferry_manifest m;
    struct ferry_identity id;
    uint8_t payload[FERRY_PAYLOAD_MAX];

    (void)state;
    sample_map_all(&map);
    sample_map_insert(&map, map.count, "\x20\x61x", 3);
    sample_map_insert(&map, map.count, "\x22\x01", 2);
    sample_identity(&id);
    size_t len = sample_map_write(&map, payload);
    assert_int_equal(ferry_manifest_parse(&m, payload, len, FERRY_READER_DEVICE), 0);
    ferry_manifest_info(&m, payload, len);
    assert_int_equal(m.has, 0xFFFF);
    assert_int_equal(m.min_from, 0x01000000);
    assert_int_equal(m.encoding, 1);
    assert_int_equal(m.t_len, 0x3000);
    assert_memory_equal(m.t_sha256, "\xAC\xAC\xAC\xAC", 4);
    assert_memory_equal(m.base, "\xE0\xE0\xE0\xE0", 4);
    assert_memory_equal(m.device, id.device_id, 16);
    assert_int_equal(m.info_count, 2);
    assert_int_equal(m.info_len, 5);
    assert_memory_equal(m.info, "\x20\x61x\x22\x01", 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bad_manifest_yields_its_own_code),
        cmocka_unit_test(the_bootloader_says_the_same_but_skips_20_to_23),
        cmocka_unit_test(an_ignorable_key_never_changes_the_verdict),
        cmocka_unit_test(info_keys_must_ascend_too),
        cmocka_unit_test(a_map_may_have_23_pairs_and_no_more),
        cmocka_unit_test(parser_finds_every_field_of_the_sample),
        cmocka_unit_test(parser_finds_every_optional_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
