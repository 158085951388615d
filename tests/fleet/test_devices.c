/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices from the factory's CSV: what is taken, what is refused and with which words,
 * what a second import may change, and long files in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "devices.h"
#include "own.h"
#include "tell.h"

#define ID1 "00000000000000000000000000000001"
#define ID2 "00000000000000000000000000000002"
#define HOME "40e50000000000000000000000000001"
#define MADE CLASS_HEX "," KEY_HEX ",3"

/* Region, tags and whether there is a household, of the device with this number. */
static void expect(struct db *db, int64_t no, int64_t region, int64_t tags,
                   bool household)
{
    struct db_query *q =
        db_ask(db, "SELECT region, tags, household FROM devices WHERE no = ?");

    db_int(q, 0, no);
    assert_true(db_next(q));
    assert_int_equal(db_get_int(q, 0), region);
    assert_int_equal(db_get_int(q, 1), tags);
    assert_int_equal(!db_get_null(q, 2), household);
    db_done(q);
}

/* ---- lines ----------------------------------------------------------------------- */

static void a_line_becomes_a_device(void **state)
{
    struct world *w = *state;
    size_t len;

    tell(w->db, EVENT_DEVICES, CSV_NAMES ID1 "," MADE ",7,0 5 31," HOME "\n");
    struct db_query *q =
        db_ask(w->db, "SELECT no, id, class, key, hw_rev, region, tags FROM devices");
    assert_true(db_next(q));
    assert_int_equal(db_get_int(q, 0), 1);
    assert_int_equal(db_get_blob(q, 1, &len)[15], 1);
    assert_int_equal(len, 16);
    assert_int_equal(db_get_blob(q, 2, &len)[0], 0xC1);
    assert_int_equal(len, 16);
    assert_int_equal(db_get_blob(q, 3, &len)[0], 0x58);
    assert_int_equal(len, 32);
    assert_int_equal(db_get_int(q, 4), 3);
    assert_int_equal(db_get_int(q, 5), 7);
    assert_true(db_get_int(q, 6) == (INT64_C(1) << 31 | 1 << 5 | 1));
    db_done(q);
}

static void columns_come_in_any_order_and_others_are_passed_over(void **state)
{
    struct world *w = *state;

    tell(w->db, EVENT_DEVICES,
         "made,hw_rev,key,id,class\r\n"
         "\"May, 2026\",3," KEY_HEX "," ID1 "," CLASS_HEX "\r\n");
    expect(w->db, 1, 0, 0, false);
    assert_int_equal(number_of(w->db, "SELECT hw_rev FROM devices"), 3);
}

static void ids_may_be_written_as_uuids(void **state)
{
    struct world *w = *state;
    const uint8_t id[16] = {[15] = 1};

    tell(w->db, EVENT_DEVICES,
         "id,class,key,hw_rev\n00000000-0000-0000-0000-000000000001," MADE "\n");
    assert_int_equal(device_by_id(w->db, id), 1);
}

/* What is wrong, its status, and what is said. */
static const struct {
    const char *csv;
    unsigned status;
    const char *where, *why;
} wrong[] = {
    {"", 400, "line 1", "empty"},
    {"id,class,key\n", 400, "line 1", "no column hw_rev"},
    {"id,class,key,hw_rev,id\n", 400, "line 1", "named twice: id"},
    {CSV_NAMES ID1 "," MADE "\n", 400, "line 2", "not as many fields as names"},
    {CSV_NAMES ID1 "," MADE ",,,\n" ID2 "," CLASS_HEX "," KEY_HEX ",D,,,\n", 400,
     "line 3", "hw_rev \"D\": no number"},
    {CSV_NAMES "1," MADE ",,,\n", 400, "line 2", "id \"1\": not 32 hexadecimal"},
    {CSV_NAMES ID1 ",x," KEY_HEX ",3,,,\n", 400, "line 2", "class \"x\""},
    {CSV_NAMES ID1 "," CLASS_HEX ",5866,3,,,\n", 400, "line 2", "key \"5866\""},
    {CSV_NAMES ID1 "," CLASS_HEX "," KEY_HEX "00,3,,,\n", 400, "line 2", "key"},
    {CSV_NAMES ID1 "," MADE ",32,,\n", 400, "line 2", "region \"32\""},
    {CSV_NAMES ID1 "," MADE ",-,,\n", 400, "line 2", "region \"-\""},
    {CSV_NAMES ID1 "," MADE ",,1 32,\n", 400, "line 2", "tags \"1 32\""},
    {CSV_NAMES ID1 "," MADE ",,1  2,\n", 400, "line 2", "tags"},
    {CSV_NAMES ID1 "," MADE ",,\"1 \",\n", 400, "line 2", "tags"},
    {CSV_NAMES ID1 "," MADE ",,,home\n", 400, "line 2", "household \"home\""},
    {CSV_NAMES "\"" ID1 "," MADE ",,,\n", 400, "line 2", "quote"},
    {CSV_NAMES ID1 "," MADE ",,,\n" ID1 "," CLASS_HEX "," KEY_HEX ",4,,,\n", 422,
     "line 3", "is known with another hw_rev, which never changes"},
};

static void what_is_no_list_of_devices_is_refused_whole(void **state)
{
    struct world *w = *state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        refused(w->db, EVENT_DEVICES, wrong[i].csv, wrong[i].status, wrong[i].where,
                wrong[i].why);
        assert_int_equal(number_of(w->db, "SELECT COUNT(*) FROM devices"), 0);
    }
}

/* ---- again ----------------------------------------------------------------------- */

static void a_second_import_changes_what_the_operator_says(void **state)
{
    struct world *w = *state;

    tell(w->db, EVENT_DEVICES, CSV_NAMES ID1 "," MADE ",7,0 5," HOME "\n");
    tell(w->db, EVENT_DEVICES, CSV_NAMES ID1 "," MADE ",2,1," HOME "\n");
    expect(w->db, 1, 2, 2, true);
}

static void an_empty_field_says_nothing(void **state)
{
    struct world *w = *state;

    tell(w->db, EVENT_DEVICES, CSV_NAMES ID1 "," MADE ",7,0 5," HOME "\n");
    tell(w->db, EVENT_DEVICES, CSV_NAMES ID1 "," MADE ",,,\n");
    expect(w->db, 1, 7, 33, true);
    tell(w->db, EVENT_DEVICES, "id,class,key,hw_rev,region\n" ID1 "," MADE ",1\n");
    expect(w->db, 1, 1, 33, true);
}

static void a_dash_takes_tags_and_household_away(void **state)
{
    struct world *w = *state;

    tell(w->db, EVENT_DEVICES, CSV_NAMES ID1 "," MADE ",7,0 5," HOME "\n");
    tell(w->db, EVENT_DEVICES, CSV_NAMES ID1 "," MADE ",,-,-\n");
    expect(w->db, 1, 7, 0, false);
}

static void what_the_factory_burned_never_changes(void **state)
{
    struct world *w = *state;
    static const char *const other[] = {
        "d1a55000000000000000000000000001," KEY_HEX ",3",
        CLASS_HEX ",0066666666666666666666666666666666666666666666666666666666666666,3",
        CLASS_HEX "," KEY_HEX ",4"};
    char csv[400];

    tell(w->db, EVENT_DEVICES, CSV_NAMES ID1 "," MADE ",7,,\n");
    for (unsigned i = 0; i < 3; i++) {
        snprintf(csv, sizeof csv, CSV_NAMES ID2 "," MADE ",,,\n" ID1 ",%s,,,\n",
                 other[i]);
        refused(w->db, EVENT_DEVICES, csv, 422, "line 3", "which never changes");
    }
    assert_int_equal(number_of(w->db, "SELECT COUNT(*) FROM devices"), 1);
}

static void an_answer_counts_new_changed_and_same(void **state)
{
    struct world *w = *state;

    tell_devices(w->db, 3);
    struct outcome o =
        tell_about(w->db, EVENT_DEVICES, 0,
                   CSV_NAMES "00000000000000000000000000000001," CLASS_HEX "," KEY_HEX
                             ",2,,,\n" ID2 "," CLASS_HEX "," KEY_HEX ",3,9,,\n"
                             "00000000000000000000000000000009," MADE ",,,\n");
    assert_int_equal(o.status, 200);
    assert_int_equal(json_integer_value(json_object_get(o.answer, "devices")), 3);
    assert_int_equal(json_integer_value(json_object_get(o.answer, "new")), 1);
    assert_int_equal(json_integer_value(json_object_get(o.answer, "changed")), 1);
    assert_int_equal(json_integer_value(json_object_get(o.answer, "same")), 1);
    json_decref(o.answer);
}

/* ---- long files ------------------------------------------------------------------ */

#define MANY 20001U

static void write_many(const char *path, unsigned bad_line)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs("note," CSV_NAMES, f);
    for (unsigned i = 1; i <= MANY; i++) {
        fprintf(f, "\"a, b\",%032x," CLASS_HEX "," KEY_HEX ",%s,,1 2,\n", i,
                i + 1 == bad_line ? "?" : "3");
    }
    assert_int_equal(fclose(f), 0);
}

struct pieces {
    struct db *db;
    unsigned devices[8], len;
};

static bool take_piece(void *ctx, const char *csv, size_t len, unsigned devices)
{
    struct pieces *p = ctx;
    struct event e = {EVENT_DEVICES, AT, "test", "", 0, csv, len};
    struct outcome o;

    assert_true(db_begin(p->db));
    event_apply(p->db, &e, &o);
    assert_true(db_commit(p->db));
    assert_int_equal(o.status, 200);
    json_decref(o.answer);
    p->devices[p->len++] = devices;
    return true;
}

static void a_long_file_goes_in_pieces_that_an_event_takes(void **state)
{
    struct world *w = *state;
    struct pieces p = {.db = w->db};
    char path[] = "/tmp/ferry-devices-XXXXXX", why[300];
    size_t devices;
    int fd = mkstemp(path);

    close(fd);
    write_many(path, 0);
    assert_true(devices_count(path, &devices, why, sizeof why));
    assert_int_equal(devices, MANY);
    assert_true(devices_split(path, take_piece, &p, why, sizeof why));
    assert_int_equal(p.len, 3);
    assert_int_equal(p.devices[0], DEVICES_AT_ONCE);
    assert_int_equal(p.devices[2], 1);
    assert_int_equal(number_of(w->db, "SELECT COUNT(*) FROM devices"), MANY);
    assert_int_equal(number_of(w->db, "SELECT MAX(no) FROM devices"), MANY);
    assert_int_equal(number_of(w->db, "SELECT MIN(tags) FROM devices"), 6);
    unlink(path);
}

static void a_bad_line_of_a_long_file_is_found_before_any_is_taken(void **state)
{
    char path[] = "/tmp/ferry-devices-XXXXXX", why[300];
    size_t devices;
    int fd = mkstemp(path);
    (void)state;

    close(fd);
    write_many(path, 15003);
    assert_false(devices_count(path, &devices, why, sizeof why));
    assert_non_null(strstr(why, path));
    assert_non_null(strstr(why, "line 15003: hw_rev \"?\""));
    unlink(path);
}

/* Else what stands behind it would pass unseen. */
static void a_zero_byte_is_no_end_of_a_field(void **state)
{
    struct world *w = *state;
    char csv[] = CSV_NAMES ID1 "?," MADE ",,,\n";
    struct event e = {EVENT_DEVICES, AT, "test", "", 0, csv, sizeof csv - 1};
    struct outcome o;

    *strchr(csv, '?') = '\0';
    assert_true(db_begin(w->db));
    event_apply(w->db, &e, &o);
    assert_true(db_commit(w->db));
    assert_int_equal(o.status, 400);
    assert_non_null(strstr(o.why, "line 2: a zero byte"));
}

static void one_event_takes_no_more_than_ten_thousand(void **state)
{
    struct world *w = *state;
    size_t size = 200U * (DEVICES_AT_ONCE + 2), len;
    char *csv = malloc(size);

    assert_non_null(csv);
    len = (size_t)sprintf(csv, CSV_NAMES);
    for (unsigned i = 1; i <= DEVICES_AT_ONCE + 1; i++) {
        len += (size_t)sprintf(csv + len, "%032x," MADE ",,,\n", i);
    }
    refused(w->db, EVENT_DEVICES, csv, 422, "line 10002", "more than 10000 devices");
    free(csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_becomes_a_device),
        TEST(columns_come_in_any_order_and_others_are_passed_over),
        TEST(ids_may_be_written_as_uuids),
        TEST(what_is_no_list_of_devices_is_refused_whole),
        TEST(a_second_import_changes_what_the_operator_says),
        TEST(an_empty_field_says_nothing),
        TEST(a_dash_takes_tags_and_household_away),
        TEST(what_the_factory_burned_never_changes),
        TEST(an_answer_counts_new_changed_and_same),
        TEST(a_long_file_goes_in_pieces_that_an_event_takes),
        TEST(a_zero_byte_is_no_end_of_a_field),
        TEST(one_event_takes_no_more_than_ten_thousand),
        cmocka_unit_test(a_bad_line_of_a_long_file_is_found_before_any_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
