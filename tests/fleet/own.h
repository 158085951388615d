/* SPDX-License-Identifier: Apache-2.0
 *
 * A test's world that is an empty database and its writer, and nothing else. */
#ifndef FERRY_TEST_FLEET_OWN_H
#define FERRY_TEST_FLEET_OWN_H

#include "base.h"

struct world {
    struct base base;
    struct db *db;
};

static inline int bring_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    w->db = base_new(&w->base);
    *state = w;
    return 0;
}

static inline int take_down(void **state)
{
    struct world *w = *state;

    db_close(w->db);
    base_remove(&w->base);
    free(w);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bring_up, take_down)

#endif
