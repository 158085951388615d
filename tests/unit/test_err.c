/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that err.c has a name and a sentence for each error, and none for anything
 * else. The list of errors is read from the public header, so a new line there needs
 * no new line here. */
#include "ferry/err.h"

#include <ctype.h>
#include <stdio.h>

#include "check.h"

#define LOWEST (-200)

struct listed {
    char name[32];
    int code;
};
static struct listed list[100];
static unsigned list_len;

static int read_the_header(void **state)
{
    char line[200];
    FILE *f = fopen(ERR_H, "r");

    (void)state;
    if (f == NULL) {
        return -1;
    }
    while (fgets(line, sizeof line, f) != NULL && list_len < COUNT(list)) {
        struct listed *l = &list[list_len];
        if (sscanf(line, " FERRY_%31[A-Z_] = %d", l->name, &l->code) == 2 &&
            strncmp(l->name, "E_", 2) == 0) {
            list_len++;
        }
    }
    return fclose(f);
}

static bool is_listed(int code)
{
    for (unsigned i = 0; i < list_len; i++) {
        if (list[i].code == code) {
            return true;
        }
    }
    return code == FERRY_OK;
}

static void every_error_is_named_as_in_the_header(void **state)
{
    (void)state;
    assert_true(list_len > 35);
    for (unsigned i = 0; i < list_len; i++) {
        assert_string_equal(ferry_errname(list[i].code), list[i].name);
        expect_true(list[i].name, list[i].code < 0 && list[i].code > LOWEST);
    }
    assert_string_equal(ferry_errname(FERRY_OK), "ok");
}

static void every_error_has_its_own_number_and_name(void **state)
{
    (void)state;
    for (unsigned a = 0; a < list_len; a++) {
        for (unsigned b = a + 1; b < list_len; b++) {
            expect_true(list[a].name, list[a].code != list[b].code);
            expect_true(list[a].name, strcmp(list[a].name, list[b].name) != 0);
        }
    }
}

static void every_error_has_its_own_sentence_without_a_full_stop(void **state)
{
    (void)state;
    for (unsigned a = 0; a < list_len; a++) {
        const char *says = ferry_strerror(list[a].code);
        size_t len = strlen(says);
        expect_true(list[a].name, len > 15 && len < 80);
        expect_true(list[a].name, says[len - 1] != '.' && !isupper(says[0]));
        expect_true(list[a].name, strchr(says, ' ') != NULL);
        for (unsigned b = a + 1; b < list_len; b++) {
            expect_true(list[a].name, strcmp(says, ferry_strerror(list[b].code)) != 0);
        }
    }
}

static void a_number_that_is_no_error_is_answered_too(void **state)
{
    const int odd[] = {1, 2, 0x5AC3, INT32_MAX, INT32_MIN, -64, -1000};

    (void)state;
    for (size_t i = 0; i < COUNT(odd); i++) {
        assert_string_equal(ferry_errname(odd[i]), "E_?");
        assert_string_equal(ferry_strerror(odd[i]), "not a Ferry error");
    }
    for (int code = LOWEST; code <= -LOWEST; code++) {
        bool named = strcmp(ferry_errname(code), "E_?") != 0;
        bool worded = strcmp(ferry_strerror(code), "not a Ferry error") != 0;
        assert_int_equal(named, is_listed(code));
        assert_int_equal(worded, is_listed(code));
    }
}

/* The codes of hardware, form, policy and content travel as one byte, negated. */
static void every_error_fits_a_byte_when_negated(void **state)
{
    (void)state;
    for (unsigned i = 0; i < list_len; i++) {
        expect_true(list[i].name, -list[i].code <= 0xFF);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_is_named_as_in_the_header),
        cmocka_unit_test(every_error_has_its_own_number_and_name),
        cmocka_unit_test(every_error_has_its_own_sentence_without_a_full_stop),
        cmocka_unit_test(a_number_that_is_no_error_is_answered_too),
        cmocka_unit_test(every_error_fits_a_byte_when_negated),
    };
    return cmocka_run_group_tests(tests, read_the_header, NULL);
}
