/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a test ends early and how tests are counted. Knows no test. */
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#ifndef SMALL_SKIPPED /* names, each with a comma behind it: too long for the target */
#define SMALL_SKIPPED
#endif

static jmp_buf after;

void small_fail(int line)
{
    printf("line %d: ", line);
    longjmp(after, 1);
}

static int skipped(const char *name)
{
    static const char *const names[] = {SMALL_SKIPPED NULL};

    for (const char *const *at = names; *at != NULL; at++) {
        if (strcmp(*at, name) == 0) {
            return 1;
        }
    }
    return 0;
}

/* Apart, so that no variable of a caller is live across setjmp(). */
static int passes(const struct CMUnitTest *test, void **state)
{
    if (setjmp(after) != 0) {
        printf("%s\n", test->name);
        return 0;
    }
    test->run(state);
    return 1;
}

int small_run(const struct CMUnitTest *tests, size_t count, CMFixtureFunction setup,
              CMFixtureFunction teardown)
{
    void *state = NULL;
    int passed = 0, failed = 0, left_out = 0;

    if (setup != NULL && setup(&state) != 0) {
        printf("0 passed, 1 failed, 0 skipped\n");
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        if (skipped(tests[i].name)) {
            left_out++;
        } else if (passes(&tests[i], &state)) {
            passed++;
        } else {
            failed++;
        }
    }
    if (teardown != NULL && teardown(&state) != 0) {
        failed++;
    }
    printf("%d passed, %d failed, %d skipped\n", passed, failed, left_out);
    return failed;
}
