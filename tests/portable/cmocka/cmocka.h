/* SPDX-License-Identifier: Apache-2.0
 *
 * What this project's tests use of cmocka, small enough for a processor with 16 KB of
 * RAM: names of tests and lines that failed, no texts of expressions. Knows no target;
 * what it says goes to standard output. */
#ifndef FERRY_TEST_SMALL_CMOCKA_H
#define FERRY_TEST_SMALL_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

typedef void (*CMUnitTestFunction)(void **state);
typedef int (*CMFixtureFunction)(void **state);

struct CMUnitTest {
    const char *name;
    CMUnitTestFunction run;
};
#define cmocka_unit_test(function)                                                     \
    {                                                                                  \
#function, function                                                            \
    }

/* The number of tests that failed. Before it returns it says how many did and did not. */
#define cmocka_run_group_tests(tests, setup, teardown)                                 \
    small_run(tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown)
int small_run(const struct CMUnitTest *tests, size_t count, CMFixtureFunction setup,
              CMFixtureFunction teardown);

/* Ends the running test. */
#define _fail(file, line) ((void)(file), small_fail(line))
void small_fail(int line);
void print_error(const char *format, ...);
void print_message(const char *format, ...);

void small_assert(int fact, int line);
void small_same(unsigned long long a, unsigned long long b, int want, int line);
void small_bytes(const void *a, const void *b, size_t len, int want, int line);
void small_text(const char *a, const char *b, int want, int line);

#define SMALL_NUMBER(n) ((unsigned long long)(n))
#define assert_true(fact) small_assert((fact) != 0, __LINE__)
#define assert_false(fact) small_assert((fact) == 0, __LINE__)
#define assert_null(pointer) small_assert((pointer) == NULL, __LINE__)
#define assert_non_null(pointer) small_assert((pointer) != NULL, __LINE__)
#define assert_ptr_equal(a, b)                                                         \
    small_assert((const void *)(a) == (const void *)(b), __LINE__)
#define assert_int_equal(a, b) small_same(SMALL_NUMBER(a), SMALL_NUMBER(b), 1, __LINE__)
#define assert_int_not_equal(a, b)                                                     \
    small_same(SMALL_NUMBER(a), SMALL_NUMBER(b), 0, __LINE__)
#define assert_in_range(n, least, most)                                                \
    small_assert(SMALL_NUMBER(n) >= SMALL_NUMBER(least) &&                             \
                     SMALL_NUMBER(n) <= SMALL_NUMBER(most),                            \
                 __LINE__)
#define assert_memory_equal(a, b, len) small_bytes(a, b, len, 1, __LINE__)
#define assert_memory_not_equal(a, b, len) small_bytes(a, b, len, 0, __LINE__)
#define assert_string_equal(a, b) small_text(a, b, 1, __LINE__)
#define assert_string_not_equal(a, b) small_text(a, b, 0, __LINE__)
#define fail() small_fail(__LINE__)
#define fail_msg(...) (print_error(__VA_ARGS__), small_fail(__LINE__))

#endif
