/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what the views tell of devices, streams and the fleet: lists can be paged
 * through, streams are apart, and whatever stands in a row comes out as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../../examples/fleet/view/view_in.h"
#include "painted.h"

/* ---- devices --------------------------------------------------------------------- */

static void a_device_is_found_by_how_its_id_begins(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *prefix;
        size_t found;
    } cases[] = {{PAINT_DEVICE, 1},
                 {"A0000000-0000-0000-0000-000000000003", 1},
                 {"a0", VIEW_PAGE},
                 {"", VIEW_PAGE},
                 {"b", 0},
                 {"no hex", 0},
                 {PAINT_DEVICE "0", 0}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *told = view_devices(w->db, cases[i].prefix);
        assert_int_equal(json_array_size(json_object_get(told, "devices")),
                         cases[i].found);
        assert_int_equal(json_is_true(json_object_get(told, "more")),
                         cases[i].found == VIEW_PAGE);
        json_decref(told);
    }
}

static void an_id_may_end_in_the_middle_of_a_byte(void **state)
{
    struct world *w = *state;
    const char *prefix = "a000000000000000000000000000000";
    json_t *told = view_devices(w->db, prefix);
    const json_t *device;
    size_t i;

    assert_true(json_array_size(json_object_get(told, "devices")) > 1);
    json_array_foreach(json_object_get(told, "devices"), i, device)
    {
        assert_int_equal(strncmp(text(device, "id"), prefix, strlen(prefix)), 0);
    }
    json_decref(told);
}

static void a_device_tells_its_state_its_offer_and_its_history(void **state)
{
    struct world *w = *state;
    json_t *told = view_device(w->db, PAINT_DEVICE);
    const json_t *history = json_object_get(told, "history");
    const json_t *says = json_object_get(json_array_get(history, 1), "says");

    assert_string_equal(text(told, "id"), PAINT_DEVICE);
    assert_string_equal(text(json_object_get(told, "state"), "app"), PAINT_HOSTILE);
    assert_int_equal(strlen(text(json_object_get(told, "state"), "hours")), 168);
    assert_string_equal(text(json_object_get(told, "offer"), "version"), "2.1.0");
    assert_int_equal(json_array_size(history), 2);
    assert_string_equal(text(json_array_get(history, 0), "kind"), "statement");
    assert_string_equal(text(says, "outcome"), "failed");
    json_decref(told);
}

static void half_an_id_is_no_device(void **state)
{
    struct world *w = *state;

    assert_null(view_device(w->db, "a0"));
    assert_null(view_device(w->db, "a0000000000000000000000000ffffff"));
    assert_null(view_device(w->db, "../../etc/passwd"));
}

/* ---- streams --------------------------------------------------------------------- */

static void a_list_is_paged_through_without_a_gap_or_a_double(void **state)
{
    struct world *w = *state;
    json_int_t before = 0, last = INT64_MAX, rows = 0;

    do {
        json_t *told = view_reports(w->db, before);
        const json_t *row;
        size_t i;
        json_array_foreach(json_object_get(told, "reports"), i, row)
        {
            assert_true(number(row, "seq") < last);
            last = number(row, "seq");
            rows++;
        }
        before = number(told, "next");
        json_decref(told);
    } while (before != 0);
    assert_int_equal(rows, 120);
}

static void security_and_transfers_are_two_streams(void **state)
{
    struct world *w = *state;
    json_t *security = view_security(w->db, 0);
    json_t *reports = view_reports(w->db, 0);
    const json_t *counts = json_object_get(security, "counts");

    assert_int_equal(json_array_size(json_object_get(security, "events")), 2);
    assert_int_equal(number(counts, "forged"), 14);
    assert_null(json_object_get(counts, "failed"));
    assert_int_equal(number(json_object_get(reports, "counts"), "failed"), 13);
    assert_null(json_object_get(json_object_get(reports, "counts"), "forged"));
    json_decref(security);
    json_decref(reports);
}

static void the_audit_has_what_people_did_and_nothing_else(void **state)
{
    struct world *w = *state;
    json_t *told = view_audit(w->db, 0);
    const json_t *events = json_object_get(told, "events");

    assert_int_equal(json_array_size(events), 4);
    assert_string_equal(text(json_array_get(events, 0), "kind"), "waive");
    assert_string_equal(text(json_array_get(events, 0), "who"), PAINT_HOSTILE);
    assert_int_equal(strlen(text(json_array_get(events, 0), "hash")), 64);
    assert_int_equal(
        number(json_object_get(json_array_get(events, 3), "what"), "lines"), 2);
    json_decref(told);
}

static void the_fleet_is_counted(void **state)
{
    struct world *w = *state;
    json_t *told = view_fleet(w->db, PAINT_NOW);
    const json_t *rollouts = json_object_get(told, "rollouts");

    assert_true(number(told, "devices") > 3000);
    assert_true(number(told, "seen_24h") > 0);
    assert_true(number(told, "seen_24h") < number(told, "devices"));
    assert_int_equal(number(told, "offers"), 1);
    assert_int_equal(number(rollouts, "open"), 2);
    assert_int_equal(number(rollouts, "frozen"), 1);
    assert_int_equal(number(rollouts, "cancelled"), 0);
    json_decref(told);
}

static void releases_are_told_newest_first(void **state)
{
    struct world *w = *state;
    json_t *told = view_releases(w->db);
    const json_t *list = json_object_get(told, "releases");

    assert_string_equal(text(json_array_get(list, 0), "version"), "2.1.0");
    assert_true(json_is_null(json_object_get(json_array_get(list, 0), "withdrawn")));
    assert_string_equal(text(json_array_get(list, 1), "withdrawn"),
                        "2025-11-25T12:00:00Z");
    json_decref(told);
}

/* ---- what goes wrong ------------------------------------------------------------- */

static void a_failed_database_tells_nothing(void **state)
{
    struct world *w = *state;

    assert_false(db_run(w->db, "SELECT nothing FROM nowhere"));
    assert_null(view_rollouts(w->db, PAINT_NOW));
    assert_null(view_security(w->db, 0));
    assert_null(view_fleet(w->db, PAINT_NOW));
    assert_true(db_failed(w->db));
}

static void text_that_is_no_utf8_is_told_anyway(void **state)
{
    json_t *told = as_text("a\xff\x80z");

    (void)state;
    assert_string_equal(json_string_value(told), "a??z");
    json_decref(told);
}

static void times_that_never_were_are_null(void **state)
{
    json_t *never = as_time(0), *hour = as_hour(-1), *first = as_hour(1);

    (void)state;
    assert_true(json_is_null(never) && json_is_null(hour));
    assert_string_equal(json_string_value(first), "1970-01-01T01:00:00Z");
    json_decref(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAINTED(a_device_is_found_by_how_its_id_begins),
        PAINTED(an_id_may_end_in_the_middle_of_a_byte),
        PAINTED(a_device_tells_its_state_its_offer_and_its_history),
        PAINTED(half_an_id_is_no_device),
        PAINTED(a_list_is_paged_through_without_a_gap_or_a_double),
        PAINTED(security_and_transfers_are_two_streams),
        PAINTED(the_audit_has_what_people_did_and_nothing_else),
        PAINTED(the_fleet_is_counted),
        PAINTED(releases_are_told_newest_first),
        PAINTED(a_failed_database_tells_nothing),
        cmocka_unit_test(text_that_is_no_utf8_is_told_anyway),
        cmocka_unit_test(times_that_never_were_are_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
