/* SPDX-License-Identifier: Apache-2.0
 *
 * A painted fleet for each test, read inside one transaction. Knows how to open and to
 * remove it, and how members of an answer are read; whoever includes it has cmocka. */
#ifndef FERRY_TEST_FLEET_PAINTED_H
#define FERRY_TEST_FLEET_PAINTED_H

#include <jansson.h>

#include "base.h"
#include "paint.h"

struct world {
    struct base base;
    struct db *db;
};

static inline int bring_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    w->db = base_new(&w->base);
    assert_true(paint_fleet(w->db));
    assert_true(db_begin(w->db));
    *state = w;
    return 0;
}

static inline int take_down(void **state)
{
    struct world *w = *state;

    db_rollback(w->db);
    db_close(w->db);
    base_remove(&w->base);
    free(w);
    return 0;
}

static inline const char *text(const json_t *from, const char *name)
{
    const char *found = json_string_value(json_object_get(from, name));

    return found != NULL ? found : "";
}

static inline json_int_t number(const json_t *from, const char *name)
{
    return json_integer_value(json_object_get(from, name));
}

static inline double real(const json_t *from, const char *name)
{
    return json_number_value(json_object_get(from, name));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bring_up, take_down)

#endif
