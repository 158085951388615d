/* SPDX-License-Identifier: Apache-2.0
 *
 * What each hour's look leaves for people: the same numbers as counting every unit gives,
 * without reading one; streams to the last row; and nothing that people did is late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../examples/fleet/view/view.h"
#include "page.h"
#include "world.h"

#define UNITS 40U
#define HOURS 80 /* until some are as old as the horizon */

/* A rollout to half of them that everybody asks for; some fall silent, some crash. */
static int64_t rolled_out(struct world *w)
{
    int64_t no = world_rollout(w, "2.0.0", HALVES);

    for (int h = 0; h < HOURS; h++) {
        for (unsigned i = 0; i < w->len; i++) {
            w->unit[i].says.resets += i % 7 == 3 && h == 50;
            w->unit[i].dead = i % 5 == 2 && h > 20;
        }
        if (h % 6 == 0) {
            world_everybody(w);
        }
        world_tick(w);
    }
    return no;
}

static int bring_up(void **state)
{
    *state = world_of(UNITS);
    return 0;
}

#define IN_A_WORLD(test)                                                               \
    cmocka_unit_test_setup_teardown(test, bring_up, world_take_down)

/* As text, so far as numbers are kept. */
static char *spelled(json_t *told)
{
    char *text = json_dumps(told, JSON_SORT_KEYS | JSON_REAL_PRECISION(8));

    assert_non_null(text);
    json_decref(told);
    return text;
}

static char *health_of(struct world *w, int64_t no)
{
    return spelled(view_health(w->db, no, HEALTH_HW_REV, HEALTH_HORIZON_H, true));
}

static void assert_told_alike(char *one, char *other)
{
    assert_string_equal(one, other);
    free(one);
    free(other);
}

/* The rollout's "treated" or "control", from the list or from the rollout alone. */
static json_int_t units(json_t *rollout, const char *arm, const char *what)
{
    return json_integer_value(json_object_get(json_object_get(rollout, arm), what));
}

static json_t *first_of_list(struct world *w)
{
    json_t *list = view_rollouts(w->db, w->now);
    json_t *first = json_array_get(json_object_get(list, "rollouts"), 0);

    json_incref(first);
    json_decref(list);
    return first;
}

/* ---- units ----------------------------------------------------------------------- */

static void what_a_look_keeps_is_what_counting_every_unit_gives(void **state)
{
    struct world *w = *state;
    int64_t no = rolled_out(w);

    assert_true(db_begin(w->db));
    char *kept = health_of(w, no), *list = spelled(view_rollouts(w->db, w->now));
    assert_non_null(strstr(kept, "\"p_t\""));
    assert_true(db_run(w->db, "DELETE FROM figures"));
    assert_told_alike(kept, health_of(w, no));
    assert_told_alike(list, spelled(view_rollouts(w->db, w->now)));
    db_rollback(w->db);
}

static void the_page_and_the_list_read_no_unit(void **state)
{
    struct world *w = *state;
    int64_t no = rolled_out(w);
    const struct page_ask ask = {.path = "/", .who = "", .now = w->now};
    struct page_answer a;
    char hour[21], counted[60];

    view_time(((int64_t)world_hour(w) - 1) * 3600, hour);
    snprintf(counted, sizeof counted, "As of <time datetime=\"%s\">", hour);
    assert_true(db_begin(w->db));
    assert_true(db_run(w->db, "ALTER TABLE exposures RENAME TO gone_1;"
                              "ALTER TABLE states RENAME TO gone_2;"
                              "ALTER TABLE offers RENAME TO gone_3"));
    page_make(w->db, &ask, &a);
    assert_int_equal(a.status, 200);
    assert_non_null(strstr(a.html, counted));
    free(a.html);
    free(health_of(w, no));
    free(spelled(view_rollouts(w->db, w->now)));
    free(spelled(view_fleet(w->db, w->now)));
    assert_false(db_failed(w->db));
    db_rollback(w->db);
}

static void the_list_is_of_the_last_look_and_the_rollout_alone_of_now(void **state)
{
    struct world *w = *state;
    int64_t no = rolled_out(w);
    json_t *before = first_of_list(w);

    world_devices(w, UNITS, 4, 0);
    world_everybody(w);
    json_t *list = first_of_list(w), *alone = view_rollout(w->db, no, w->now);
    assert_int_equal(units(list, "treated", "n"), units(before, "treated", "n"));
    assert_int_equal(units(alone, "treated", "n"), world_treated(w, no));
    assert_true(units(alone, "treated", "n") > units(list, "treated", "n"));
    json_decref(list);
    world_tick(w);
    list = first_of_list(w);
    assert_int_equal(units(list, "treated", "n"), units(alone, "treated", "n"));
    json_decref(list);
    json_decref(alone);
    json_decref(before);
}

static void before_its_first_look_a_rollout_is_told_as_of_now(void **state)
{
    struct world *w = *state;
    int64_t no = world_rollout(w, "2.0.0", HALVES);

    world_everybody(w);
    json_t *list = first_of_list(w);
    assert_true(json_is_null(json_object_get(list, "ticked")));
    assert_true(units(list, "treated", "n") > 0);
    assert_int_equal(units(list, "treated", "n"), world_treated(w, no));
    json_decref(list);
}

static void a_freeze_is_told_at_once(void **state)
{
    struct world *w = *state;
    int64_t no = rolled_out(w);

    world_must(w, no, "freeze");
    json_t *list = first_of_list(w);
    assert_string_equal(json_string_value(json_object_get(list, "state")), "frozen");
    const char *sentence = json_string_value(json_object_get(list, "sentence"));
    assert_non_null(strstr(sentence, "was frozen by"));
    json_decref(list);
}

/* ---- the fleet ------------------------------------------------------------------- */

static json_int_t fleet(struct world *w, const char *of, const char *what)
{
    json_t *told = view_fleet(w->db, w->now);
    json_t *from = of != NULL ? json_object_get(told, of) : told;
    json_int_t n = json_integer_value(json_object_get(from, what));

    json_decref(told);
    return n;
}

static void see_forged(struct world *w, const char *body)
{
    struct outcome o = world_tell(w, EVENT_SECURITY, "ferryd", 0, body, strlen(body));

    assert_int_equal(o.status, 200);
}

static void streams_are_counted_to_the_last_row_and_each_row_once(void **state)
{
    struct world *w = *state;

    see_forged(w, "{\"kind\": \"forged\", \"times\": 3}");
    assert_int_equal(fleet(w, "security", "forged"), 3);
    world_tick(w);
    world_tick(w);
    assert_int_equal(fleet(w, "security", "forged"), 3);
    see_forged(w, "{\"kind\": \"forged\"}");
    see_forged(w, "{\"kind\": \"malformed\", \"times\": 2}");
    assert_int_equal(fleet(w, "security", "forged"), 4);
    assert_int_equal(fleet(w, "security", "malformed"), 2);
    world_tick(w);
    assert_int_equal(fleet(w, "security", "forged"), 4);
    assert_int_equal(fleet(w, NULL, "security_to"), 0);
}

static void who_was_seen_is_as_of_the_hour_that_is_told_with_it(void **state)
{
    struct world *w = *state;
    char hour[21];

    world_tick(w);
    view_time(((int64_t)world_hour(w) - 1) * 3600, hour);
    world_everybody(w);
    json_t *told = view_fleet(w->db, w->now);
    assert_int_equal(json_integer_value(json_object_get(told, "seen_24h")), 0);
    assert_string_equal(json_string_value(json_object_get(told, "counted")), hour);
    json_decref(told);
    world_tick(w);
    assert_int_equal(fleet(w, NULL, "seen_24h"), UNITS);
    assert_int_equal(fleet(w, NULL, "devices"), UNITS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(what_a_look_keeps_is_what_counting_every_unit_gives),
        IN_A_WORLD(the_page_and_the_list_read_no_unit),
        IN_A_WORLD(the_list_is_of_the_last_look_and_the_rollout_alone_of_now),
        IN_A_WORLD(before_its_first_look_a_rollout_is_told_as_of_now),
        IN_A_WORLD(a_freeze_is_told_at_once),
        IN_A_WORLD(streams_are_counted_to_the_last_row_and_each_row_once),
        IN_A_WORLD(who_was_seen_is_as_of_the_hour_that_is_told_with_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
