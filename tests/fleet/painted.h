/* SPDX-License-Identifier: Apache-2.0
 *
 * A painted fleet for each test, read inside one transaction. Knows how to open and to
 * remove it, and how members of an answer are read; whoever includes it has cmocka. */
#ifndef FERRY_TEST_FLEET_PAINTED_H
#define FERRY_TEST_FLEET_PAINTED_H

#include <jansson.h>

#include "own.h"
#include "paint.h"

static inline int paint_up(void **state)
{
    bring_up(state);
    struct world *w = *state;

    assert_true(paint_fleet(w->db));
    assert_true(db_begin(w->db));
    return 0;
}

static inline int paint_down(void **state)
{
    struct world *w = *state;

    db_rollback(w->db);
    return take_down(state);
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

#define PAINTED(name) cmocka_unit_test_setup_teardown(name, paint_up, paint_down)

#endif
