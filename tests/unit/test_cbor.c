/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that cbor.c reads the one permitted spelling of each item and refuses all
 * others, and that what it reads it writes back byte for byte. */
#include "cbor.h"

#include <stdlib.h>

#include "check.h"

struct spelling {
    const char *name, *hex;
    int code;
    uint8_t major;
    uint32_t arg;
};

#define GOOD(name, hex, major, arg)                                                    \
    {                                                                                  \
        name, hex, 0, major, arg                                                       \
    }
#define BAD(name, hex)                                                                 \
    {                                                                                  \
        name, hex, FERRY_E_CBOR, 0, 0                                                  \
    }

static const struct spelling spellings[] = {
    GOOD("0", "00", FERRY_CBOR_UINT, 0),
    GOOD("23 in the head", "17", FERRY_CBOR_UINT, 23),
    GOOD("24 in one byte", "18 18", FERRY_CBOR_UINT, 24),
    GOOD("255 in one byte", "18 FF", FERRY_CBOR_UINT, 255),
    GOOD("256 in two", "19 01 00", FERRY_CBOR_UINT, 256),
    GOOD("65535 in two", "19 FF FF", FERRY_CBOR_UINT, 65535),
    GOOD("65536 in four", "1A 00 01 00 00", FERRY_CBOR_UINT, 65536),
    GOOD("2^32 - 1 in four", "1A FF FF FF FF", FERRY_CBOR_UINT, UINT32_MAX),
    GOOD("-1", "20", FERRY_CBOR_NINT, 0),
    GOOD("-24", "37", FERRY_CBOR_NINT, 23),
    GOOD("-25", "38 18", FERRY_CBOR_NINT, 24),
    GOOD("-2^32", "3A FF FF FF FF", FERRY_CBOR_NINT, UINT32_MAX),
    GOOD("empty bytes", "40", FERRY_CBOR_BSTR, 0),
    GOOD("23 bytes", "57 23*AA", FERRY_CBOR_BSTR, 23),
    GOOD("24 bytes", "58 18 24*AA", FERRY_CBOR_BSTR, 24),
    GOOD("255 bytes", "58 FF 255*AA", FERRY_CBOR_BSTR, 255),
    GOOD("256 bytes", "59 01 00 256*AA", FERRY_CBOR_BSTR, 256),
    GOOD("empty text", "60", FERRY_CBOR_TSTR, 0),
    GOOD("text", "63 61 62 63", FERRY_CBOR_TSTR, 3),
    GOOD("an empty map", "A0", FERRY_CBOR_MAP, 0),
    GOOD("a map of 23", "B7", FERRY_CBOR_MAP, 23),
    GOOD("a map of 24", "B8 18", FERRY_CBOR_MAP, 24),

    BAD("nothing", ""),
    BAD("0 in one byte", "18 00"),
    BAD("23 in one byte", "18 17"),
    BAD("0 in two", "19 00 00"),
    BAD("255 in two", "19 00 FF"),
    BAD("0 in four", "1A 00 00 00 00"),
    BAD("65535 in four", "1A 00 00 FF FF"),
    BAD("0 in eight", "1B 00 00 00 00 00 00 00 00"),
    BAD("2^32 in eight", "1B 00 00 00 01 00 00 00 00"),
    BAD("reserved 28", "1C 00 00 00 00 00 00 00 00"),
    BAD("reserved 29", "1D"),
    BAD("reserved 30", "1E"),
    BAD("indefinite number", "1F"),
    BAD("-24 in one byte", "38 17"),
    BAD("-256 in two", "39 00 FF"),
    BAD("-1 in eight", "3B 00 00 00 00 00 00 00 00"),
    BAD("3 bytes, length in one byte", "58 03 3*AA"),
    BAD("24 bytes, length in two", "59 00 18 24*AA"),
    BAD("24 bytes, length in four", "5A 00 00 00 18 24*AA"),
    BAD("bytes, length in eight", "5B 00 00 00 00 00 00 00 01 AA"),
    BAD("indefinite bytes", "5F 41 AA FF"),
    BAD("indefinite text", "7F 61 61 FF"),
    BAD("a map of 23, count in one byte", "B8 17"),
    BAD("a map, count in eight", "BB 00 00 00 00 00 00 00 01"),
    BAD("an indefinite map", "BF FF"),
    BAD("an empty array", "80"),
    BAD("an array", "83 01 02 03"),
    BAD("an indefinite array", "9F FF"),
    BAD("a tag", "C0 00"),
    BAD("a COSE tag", "D2"),
    BAD("false", "F4"),
    BAD("null", "F6"),
    BAD("a half float", "F9 00 00"),
    BAD("a float", "FA 00 00 00 00"),
    BAD("a double", "FB 00 00 00 00 00 00 00 00"),
    BAD("a break", "FF"),
    BAD("one byte of argument missing", "18"),
    BAD("two bytes of argument, one missing", "19 01"),
    BAD("four bytes of argument, one missing", "1A 00 01 00"),
    BAD("bytes, the last one missing", "44 3*AA"),
    BAD("text, all of it missing", "61"),
    BAD("a string of 2^32 - 1", "5A FF FF FF FF 8*AA"),
    BAD("a string of 2^16 + 8, of which 8 are there", "5A 00 01 00 08 8*AA"),
};

/* Reads from a block of exactly this size. */
static int read_exactly(const uint8_t *bytes, size_t len, struct ferry_cbor *item,
                        size_t *used)
{
    uint8_t *copy = exact_copy(bytes, len);
    struct ferry_reader r = ferry_reader(copy, len);
    int err = ferry_cbor_read(&r, item);

    *used = len - r.left;
    if (err == 0 && item->str != NULL) {
        item->str = bytes + (item->str - copy); /* outlives the copy */
    }
    free(copy);
    return err;
}

static size_t write_again(const struct ferry_cbor *item, uint8_t *out, size_t cap)
{
    struct ferry_writer w = ferry_writer(out, cap);

    if (item->major == FERRY_CBOR_BSTR) {
        ferry_cbor_bstr(&w, item->str, item->arg);
    } else {
        ferry_cbor_head(&w, (enum ferry_cbor_major)item->major, item->arg);
        if (item->major == FERRY_CBOR_TSTR) {
            ferry_put(&w, item->str, item->arg);
        }
    }
    return w.bad ? 0 : w.len;
}

static void reader_takes_the_shortest_spelling_and_no_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(spellings); i++) {
        const struct spelling *s = &spellings[i];
        uint8_t bytes[300];
        struct ferry_cbor item;
        size_t used;
        size_t len = unhex(s->hex, bytes);

        expect_code(s->name, read_exactly(bytes, len, &item, &used), s->code);
        if (s->code == 0) {
            bool string = s->major == FERRY_CBOR_BSTR || s->major == FERRY_CBOR_TSTR;
            expect_true(s->name, item.major == s->major && item.arg == s->arg);
            expect_true(s->name, used == len);
            expect_true(s->name, (item.str != NULL) == string);
            expect_true(s->name, !string || item.str + item.arg == bytes + len);
        }
    }
}

static void writer_spells_each_item_as_the_reader_wants_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(spellings); i++) {
        const struct spelling *s = &spellings[i];
        uint8_t bytes[300], again[300];
        struct ferry_cbor item;
        size_t used;
        size_t len = unhex(s->hex, bytes);

        if (s->code == 0 && read_exactly(bytes, len, &item, &used) == 0) {
            expect_true(s->name, write_again(&item, again, sizeof again) == len);
            assert_memory_equal(again, bytes, len);
            expect_true(s->name, write_again(&item, again, len - 1) == 0);
        }
    }
}

static void reader_that_failed_once_reads_nothing_more(void **state)
{
    const uint8_t bytes[] = {0x44, 0x01, 0x02, 0x03};
    struct ferry_reader r = ferry_reader(bytes, sizeof bytes);
    struct ferry_cbor item;

    (void)state;
    assert_int_equal(ferry_cbor_read(&r, &item), FERRY_E_CBOR);
    assert_int_equal(ferry_cbor_read(&r, &item), FERRY_E_CBOR);
}

static void reader_leaves_what_follows_the_item(void **state)
{
    const uint8_t bytes[] = {0x42, 0xAA, 0xBB, 0x17, 0xA1};
    struct ferry_reader r = ferry_reader(bytes, sizeof bytes);
    struct ferry_cbor item;

    (void)state;
    assert_int_equal(ferry_cbor_read(&r, &item), 0);
    assert_ptr_equal(item.str, bytes + 1);
    assert_int_equal(ferry_cbor_read(&r, &item), 0);
    assert_int_equal(item.arg, 0x17);
    assert_int_equal(r.left, 1);
}

/* Accepted at all means: this is the only spelling. Counted, so that the property is
 * not kept by refusing everything. */
static unsigned accepted_of_all(size_t len)
{
    unsigned accepted = 0;

    for (uint32_t v = 0; v < 1UL << (8 * len); v++) {
        uint8_t bytes[3], again[8];
        struct ferry_cbor item;
        for (size_t i = 0; i < len; i++) {
            bytes[i] = (uint8_t)(v >> (8 * (len - 1 - i)));
        }
        struct ferry_reader r = ferry_reader(bytes, len);
        if (ferry_cbor_read(&r, &item) != 0) {
            continue;
        }
        accepted++;
        size_t used = len - r.left;
        assert_int_equal(write_again(&item, again, sizeof again), used);
        assert_memory_equal(again, bytes, used);
    }
    return accepted;
}

static void whatever_is_read_from_three_bytes_is_written_back_the_same(void **state)
{
    (void)state;
    /* 24 each of uint, nint and map; the two empty strings. */
    assert_int_equal(accepted_of_all(1), 3 * 24 + 2);
    /* Those with any second byte; strings of one; 24..255 in one byte, three times. */
    assert_int_equal(accepted_of_all(2), (3 * 24 + 2 + 2) * 256 + 3 * 232);
    assert_int_equal(accepted_of_all(3), (3 * 24 + 2 + 2) * 65536 + 2 * 65536 +
                                             3 * 232 * 256 + 3 * (65536 - 256));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reader_takes_the_shortest_spelling_and_no_other),
        cmocka_unit_test(writer_spells_each_item_as_the_reader_wants_it),
        cmocka_unit_test(reader_that_failed_once_reads_nothing_more),
        cmocka_unit_test(reader_leaves_what_follows_the_item),
        cmocka_unit_test(whatever_is_read_from_three_bytes_is_written_back_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
