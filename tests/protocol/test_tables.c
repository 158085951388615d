/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that the tables of docs/PROTOCOL.md say what the headers and the engine say:
 * where each field lies, and which number means what. */
#include <stdlib.h>

#include "cbor.h"
#include "ferry/hal.h"
#include "ferry/manifest.h"
#include "frame.h"
#include "layout.h"
#include "wire.h"

static struct doc_table table;

/* ---- fields ---------------------------------------------------------------------- */

static void message_table(const struct wire_name *n, unsigned long *least,
                          unsigned long *most)
{
    const struct doc_vector *v = doc_vector(n->name);
    char heading[32];
    uint8_t body[DOC_BYTES];
    struct ferry_msg m;

    snprintf(heading, sizeof heading, "### %s", n->name);
    doc_table(heading, "| offset | size | field | meaning |", &table);
    wire_build(v, &m);
    size_t len = wire_encode(&m, body, sizeof body, 0) - 2;
    layout_check(&table, v, body, len, least, most);
    want(v->fields == table.rows + 2, "a field the table does not have");
}

static void every_field_stands_at_its_documented_offset(void **state)
{
    unsigned long least, most;

    (void)state;
    for (const struct wire_name *n = wire_names; n->name != NULL; n++) {
        message_table(n, &least, &most);
    }
}

static bool readable(uint8_t type, size_t len)
{
    uint8_t body[DOC_BYTES] = {type};
    struct ferry_msg m;
    bool open = type == FERRY_MSG_HELLO || type == FERRY_MSG_INFO;
    uint16_t tag = open ? 0xFFFF : 0x1234;

    return wire_decode(&m, body, ferry_frame_seal(body, len, tag), tag) == 0;
}

static void every_length_but_the_documented_ones_is_damage(void **state)
{
    unsigned long least, most;

    (void)state;
    for (const struct wire_name *n = wire_names; n->name != NULL; n++) {
        message_table(n, &least, &most);
        for (size_t len = 1; len < DOC_BYTES - 2; len++) {
            want(readable((uint8_t)n->type, len) == (len >= least && len <= most),
                 n->name);
        }
    }
}

static void every_type_but_the_documented_ones_is_damage(void **state)
{
    unsigned known = 0;

    (void)state;
    doc_table("## 2 Messages", "| type | value |", &table);
    for (unsigned type = 0; type < 256; type++) {
        bool any = false;
        for (size_t len = 1; len < DOC_BYTES - 2; len++) {
            any = any || readable((uint8_t)type, len);
        }
        bool listed = false;
        for (unsigned i = 0; i < table.rows; i++) {
            const struct wire_name *n = wire_named(table.cell[i][0]);
            bool this_one = doc_cell_number(&table, i, 1) == (long)type;
            want(n != NULL, table.cell[i][0]);
            want(!this_one || n->type == type, table.cell[i][0]);
            listed = listed || this_one;
        }
        want(any == listed, "a type");
        known += any;
    }
    assert_int_equal(table.rows, known);
}

/* ---- codes ----------------------------------------------------------------------- */

static void the_error_table_is_the_header(void **state)
{
    FILE *f = fopen(ERR_H, "r");
    char text[200], name[32];
    int code;
    unsigned listed = 0;

    (void)state;
    assert_non_null(f);
    doc_table("### Errors", "| code | number | wire |", &table);
    while (fgets(text, sizeof text, f) != NULL) {
        if (sscanf(text, " FERRY_%31[A-Z_] = %d", name, &code) != 2 || code == 0) {
            continue;
        }
        unsigned row = doc_row(&table, name);
        want(doc_cell_number(&table, row, 1) == code, name);
        want(strcmp(ferry_errname(code), name) == 0, name);
        if (code <= -20) {
            want(doc_cell_number(&table, row, 2) == -code, name);
        } else {
            want(strcmp(table.cell[row][2], "-") == 0, name);
        }
        listed++;
    }
    fclose(f);
    assert_int_equal(listed, table.rows);
}

struct number {
    const char *name;
    long value;
};

static void enum_table(const char *heading, const char *head, const struct number *n,
                       size_t count)
{
    doc_table(heading, head, &table);
    want(table.rows == count, heading);
    for (size_t i = 0; i < count; i++) {
        want(doc_cell_number(&table, doc_row(&table, n[i].name), 1) == n[i].value,
             n[i].name);
    }
}

static void the_verdict_kinds_are_the_engines(void **state)
{
    static const struct number kinds[] = {
        {"ACCEPT", FERRY_VERDICT_ACCEPT}, {"RUNNING", FERRY_VERDICT_RUNNING},
        {"LATER", FERRY_VERDICT_LATER},   {"REFUSE", FERRY_VERDICT_REFUSE},
        {"MORE", FERRY_VERDICT_MORE},
    };

    (void)state;
    enum_table("### Verdict kinds", "| kind | value |", kinds, COUNT(kinds));
}

static void the_later_reasons_are_the_engines(void **state)
{
    static const struct number reasons[] = {
        {"NONE", FERRY_LATER_NONE},           {"TRIAL", FERRY_LATER_TRIAL},
        {"COMMITTED", FERRY_LATER_COMMITTED}, {"VERIFYING", FERRY_LATER_VERIFYING},
        {"RATE", FERRY_LATER_RATE},           {"WEAR", FERRY_LATER_WEAR},
        {"PENDING", FERRY_LATER_PENDING},     {"IN_USE", FERRY_LATER_IN_USE},
        {"BATTERY", FERRY_LATER_BATTERY},     {"APP", FERRY_LATER_APP},
    };

    (void)state;
    enum_table("### Later reasons", "| reason | value |", reasons, COUNT(reasons));
}

static void the_ack_reasons_are_the_engines(void **state)
{
    static const struct number reasons[] = {
        {"NONE", FERRY_REASON_NONE},         {"CRC", FERRY_REASON_CRC},
        {"ERASING", FERRY_REASON_ERASING},   {"VERIFYING", FERRY_REASON_VERIFYING},
        {"RESUMING", FERRY_REASON_RESUMING}, {"POWER", FERRY_REASON_POWER},
        {"IDLE", FERRY_REASON_IDLE},         {"CHECKING", FERRY_REASON_CHECKING},
    };

    (void)state;
    enum_table("### Ack reasons", "| reason | value |", reasons, COUNT(reasons));
}

static void the_info_flags_are_the_engines(void **state)
{
    static const struct number flags[] = {
        {"WITHHELD", FERRY_INFO_WITHHELD},
        {"BUSY", FERRY_INFO_BUSY},
        {"LOST", FERRY_INFO_LOST},
    };

    (void)state;
    enum_table("### INFO flags", "| flag | value |", flags, COUNT(flags));
}

/* ---- the manifest ---------------------------------------------------------------- */

#define KEYS 16U

struct row {
    bool string, required;
    uint32_t len;
};

/* What the document says about key k. */
static struct row key_row(unsigned k)
{
    struct row r = {false, false, 0};

    want(doc_cell_number(&table, k, 0) == (long)k, "keys in order");
    const char *value = table.cell[k][2];
    if (strncmp(value, "bstr ", 5) == 0) {
        r.string = true;
        r.len = (uint32_t)strtoul(value + 5, NULL, 10);
    } else {
        want(strcmp(value, "uint") == 0, value);
    }
    r.required = strcmp(table.cell[k][3], "yes") == 0;
    want(r.required || strcmp(table.cell[k][3], "no") == 0, value);
    return r;
}

/* All keys of the table; `drop` is left out, `bend` is given a value of another type or
 * length. Neither: KEYS. */
static size_t write_manifest(uint8_t *out, size_t cap, unsigned drop, unsigned bend)
{
    static const uint8_t bytes[40] = {0};
    struct ferry_writer w = ferry_writer(out, cap);

    ferry_cbor_head(&w, FERRY_CBOR_MAP, drop < KEYS ? KEYS - 1 : KEYS);
    for (unsigned k = 0; k < KEYS; k++) {
        struct row r = key_row(k);
        if (k == drop) {
            continue;
        }
        ferry_cbor_head(&w, FERRY_CBOR_UINT, k);
        if (r.string) {
            ferry_cbor_bstr(&w, bytes, k == bend ? r.len + 1 : r.len);
        } else if (k == bend) {
            ferry_cbor_bstr(&w, bytes, 4);
        } else {
            ferry_cbor_head(&w, FERRY_CBOR_UINT, 1);
        }
    }
    assert_false(w.bad);
    return w.len;
}

static int parse(unsigned drop, unsigned bend)
{
    uint8_t payload[400];
    struct ferry_manifest m;

    return ferry_manifest_parse(&m, payload,
                                write_manifest(payload, sizeof payload, drop, bend),
                                FERRY_READER_DEVICE);
}

static void the_manifest_table_is_what_the_parser_demands(void **state)
{
    (void)state;
    doc_table("### The manifest (keys 0..19 frozen)", "| key | name | value |", &table);
    assert_int_equal(parse(KEYS, KEYS), 0);
    for (unsigned k = 0; k < KEYS; k++) {
        int expected = key_row(k).required ? FERRY_E_MISSING : 0;
        want(parse(k, KEYS) == expected, table.cell[k][1]);
        want(parse(KEYS, k) == FERRY_E_TYPE, table.cell[k][1]);
    }
    assert_int_equal(table.rows, KEYS + 1);
    assert_string_equal(table.cell[KEYS][3], "unknown");
}

/* A good manifest with one more key, `head`, whose value is a number. */
static int parse_with(uint8_t head, enum ferry_reader_role role)
{
    uint8_t payload[400];
    struct ferry_manifest m;
    size_t len = write_manifest(payload, sizeof payload, KEYS, KEYS);

    assert_int_equal(payload[0], 0xB0); /* 16 pairs */
    payload[0]++;
    payload[len++] = head;
    payload[len++] = 0x01;
    return ferry_manifest_parse(&m, payload, len, role);
}

static void unknown_keys_are_refused_or_skipped_as_documented(void **state)
{
    (void)state;
    doc_table("### The manifest (keys 0..19 frozen)", "| key | name | value |", &table);
    for (uint8_t k = 16; k < 24; k++) {
        assert_int_equal(parse_with(k, FERRY_READER_DEVICE), FERRY_E_CRIT);
        assert_int_equal(parse_with(k, FERRY_READER_BOOT), k < 20 ? FERRY_E_CRIT : 0);
    }
    for (uint8_t k = 0; k < 24; k++) { /* -1 - k */
        assert_int_equal(parse_with((uint8_t)(0x20 + k), FERRY_READER_DEVICE), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_stands_at_its_documented_offset),
        cmocka_unit_test(every_length_but_the_documented_ones_is_damage),
        cmocka_unit_test(every_type_but_the_documented_ones_is_damage),
        cmocka_unit_test(the_error_table_is_the_header),
        cmocka_unit_test(the_verdict_kinds_are_the_engines),
        cmocka_unit_test(the_later_reasons_are_the_engines),
        cmocka_unit_test(the_ack_reasons_are_the_engines),
        cmocka_unit_test(the_info_flags_are_the_engines),
        cmocka_unit_test(the_manifest_table_is_what_the_parser_demands),
        cmocka_unit_test(unknown_keys_are_refused_or_skipped_as_documented),
    };

    return cmocka_run_group_tests(tests, doc_open, NULL);
}
