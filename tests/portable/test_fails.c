/* SPDX-License-Identifier: Apache-2.0
 *
 * Every test here fails: run.py asks whether each is seen to fail, before it believes a
 * processor anything. */
#include "check.h"

#define FAILS(name, check)                                                             \
    static void name(void **state)                                                     \
    {                                                                                  \
        (void)state;                                                                   \
        check;                                                                         \
    }

static const char *const nothing = NULL;

FAILS(a_false_fact, assert_true(nothing != NULL))
FAILS(a_true_fact, assert_false(nothing == NULL))
FAILS(a_pointer_for_none, assert_null("x"))
FAILS(none_for_a_pointer, assert_non_null(nothing))
FAILS(another_pointer, assert_ptr_equal("x", nothing))
FAILS(another_number, assert_int_equal(1, 2))
FAILS(a_number_of_other_high_bits, assert_int_equal(UINT64_C(1) << 32, 0))
FAILS(a_sign_lost, assert_int_equal(-1, UINT16_MAX))
FAILS(the_same_number, assert_int_not_equal(7, 7))
FAILS(a_number_too_small, assert_in_range(1, 2, 3))
FAILS(a_number_too_large, assert_in_range(4, 2, 3))
FAILS(other_bytes, assert_memory_equal("ab", "ac", 2))
FAILS(the_same_bytes, assert_memory_not_equal("ab", "ab", 2))
FAILS(another_text, assert_string_equal("a", "ab"))
FAILS(the_same_text, assert_string_not_equal("a", "a"))
FAILS(a_word, fail_msg("%s: ", "a word"))
FAILS(a_row, expect_code("row", 0, -1))
FAILS(a_row_of_facts, expect_true("row", nothing != NULL))

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_false_fact),
        cmocka_unit_test(a_true_fact),
        cmocka_unit_test(a_pointer_for_none),
        cmocka_unit_test(none_for_a_pointer),
        cmocka_unit_test(another_pointer),
        cmocka_unit_test(another_number),
        cmocka_unit_test(a_number_of_other_high_bits),
        cmocka_unit_test(a_sign_lost),
        cmocka_unit_test(the_same_number),
        cmocka_unit_test(a_number_too_small),
        cmocka_unit_test(a_number_too_large),
        cmocka_unit_test(other_bytes),
        cmocka_unit_test(the_same_bytes),
        cmocka_unit_test(another_text),
        cmocka_unit_test(the_same_text),
        cmocka_unit_test(a_word),
        cmocka_unit_test(a_row),
        cmocka_unit_test(a_row_of_facts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
