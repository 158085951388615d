/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that identity block, hand-off block and the records of both journals lie in
 * memory and flash as docs/PROTOCOL.md says, and that the engine writes and reads the
 * journal pages of its vectors. Numbers in records are in the byte order of this
 * machine; the vectors are little-endian ones. */
#include "crc.h"
#include "ferry/boot.h"
#include "handoff.h"
#include "journal.h"
#include "layout.h"
#include "places.h"
#include "records.h"

/* The table, the vector's bytes and the struct have the same fields in the same
 * places. */
static void is_laid_out(const char *heading, const char *name, const char *whole,
                        const struct place *place, size_t places, size_t size)
{
    const struct doc_vector *v = doc_vector(name);
    const struct doc_field *bytes = doc_field(v, whole);
    static struct doc_table t;

    want(bytes->len == size, name);
    layout_fixed(heading, v, bytes->bytes, size);
    doc_table(heading, "| offset | size | field | meaning |", &t);
    want(t.rows == places, name);
    for (size_t i = 0; i < places; i++) {
        unsigned row = (unsigned)i;
        want(strcmp(t.cell[row][2], place[i].name) == 0, place[i].name);
        want(doc_cell_number(&t, row, 0) == (long)place[i].at, place[i].name);
        want(doc_cell_number(&t, row, 1) == (long)place[i].size, place[i].name);
    }
}

static void the_bootloaders_record_lies_as_documented(void **state)
{
    (void)state;
    is_laid_out("### The bootloader's record", "boot-record", "record", places_boot,
                PLACES_BOOT, sizeof(struct ferry_boot_record));
}

static void the_applications_record_lies_as_documented(void **state)
{
    (void)state;
    is_laid_out("### The application's record", "app-record", "record", places_app,
                PLACES_APP, sizeof(struct ferry_app_record));
}

static void the_hand_off_block_lies_as_documented(void **state)
{
    const struct doc_field *block = doc_field(doc_vector("handoff"), "block");
    struct ferry_handoff h;

    (void)state;
    is_laid_out("## 14 The hand-off block (frozen)", "handoff", "block", places_handoff,
                PLACES_HANDOFF, sizeof(struct ferry_handoff));
    memcpy(&h, block->bytes, sizeof h);
    assert_int_equal(h.magic, FERRY_HANDOFF_MAGIC);
    h.wish = 0;
    ferry_handoff_expired(&h);
    assert_memory_equal(&h, block->bytes, sizeof h);
    ferry_handoff_planned(&h);
    assert_int_equal(h.wish, 0x504C414E);
}

/* ---- names of numbers ------------------------------------------------------------ */

struct number {
    const char *name;
    unsigned long value;
};

static void numbers_are(const char *heading, const char *head, const struct number *n,
                        size_t count)
{
    static struct doc_table t;

    doc_table(heading, head, &t);
    want(t.rows == count, heading);
    for (size_t i = 0; i < count; i++) {
        want(doc_cell_number(&t, doc_row(&t, n[i].name), 1) == (long)n[i].value,
             n[i].name);
    }
}

static void flags_and_reset_classes_are_the_headers(void **state)
{
    static const struct number record[] = {{"BANK", FERRY_BOOT_BANK},
                                           {"ON_TRIAL", FERRY_BOOT_ON_TRIAL},
                                           {"FALLBACK", FERRY_BOOT_FALLBACK},
                                           {"TOMBSTONE", FERRY_BOOT_TOMBSTONE},
                                           {"LOOPED", FERRY_BOOT_LOOPED}};
    static const struct number handoff[] = {{"TRIAL", FERRY_HANDOFF_TRIAL},
                                            {"NO_FALLBACK", FERRY_HANDOFF_NO_FALLBACK},
                                            {"CRASH_LOOP", FERRY_HANDOFF_CRASH_LOOP},
                                            {"OPEN", FERRY_HANDOFF_OPEN},
                                            {"UNWRITTEN", FERRY_HANDOFF_UNWRITTEN}};
    static const struct number resets[] = {{"POWER", FERRY_RESET_POWER},
                                           {"FAULT", FERRY_RESET_FAULT},
                                           {"SOFT", FERRY_RESET_SOFT},
                                           {"WAKE", FERRY_RESET_WAKE},
                                           {"PLANNED", FERRY_RESET_PLANNED}};

    (void)state;
    numbers_are("### The bootloader's record", "| flag | value |", record,
                COUNT(record));
    numbers_are("## 14 The hand-off block (frozen)", "| flag | value |", handoff,
                COUNT(handoff));
    numbers_are("## 14 The hand-off block (frozen)", "| reset | value |", resets,
                COUNT(resets));
}

/* ---- the identity block ---------------------------------------------------------- */

static void identity_of(struct ferry_identity *id, struct ferry_map *map)
{
    const struct doc_vector *v = doc_vector("identity");
    static struct ferry_key keys[FERRY_KEY_SLOTS];

    want(doc_field(v, "keys")->len == sizeof keys, "keys");
    memcpy(keys, doc_field(v, "keys")->bytes, sizeof keys);
    memset(id, 0, sizeof *id);
    memcpy(id->class_id, doc_field(v, "class")->bytes, 16);
    memcpy(id->device_id, doc_field(v, "device")->bytes, 16);
    id->hw_rev = doc_number(v, "hw_rev");
    id->boot_caps = doc_number(v, "boot_caps");
    id->keys = keys;
    map->bank[0].addr = doc_number(v, "bank0_addr");
    map->bank[0].len = doc_number(v, "bank0_len");
    map->bank[1].addr = doc_number(v, "bank1_addr");
    map->bank[1].len = doc_number(v, "bank1_len");
    map->link[0] = doc_number(v, "link0");
    map->link[1] = doc_number(v, "link1");
    map->header_len = doc_number(v, "header_len");
    map->boot_journal[0] = doc_number(v, "boot_journal0");
    map->boot_journal[1] = doc_number(v, "boot_journal1");
    map->app_journal[0] = doc_number(v, "app_journal0");
    map->app_journal[1] = doc_number(v, "app_journal1");
}

static void the_engine_makes_and_reads_the_identity_block(void **state)
{
    const struct doc_vector *v = doc_vector("identity");
    const struct doc_field *block = doc_field(v, "block");
    uint8_t made[FERRY_IDENTITY_LEN];
    struct ferry_identity id, got;
    struct ferry_map map, got_map;

    (void)state;
    assert_int_equal(block->len, FERRY_IDENTITY_LEN);
    layout_fixed("## 12 The identity block (frozen)", v, block->bytes, block->len);
    identity_of(&id, &map);
    ferry_identity_make(&id, &map, made);
    assert_memory_equal(made, block->bytes, sizeof made);

    assert_int_equal(ferry_identity_open(&got, &got_map, made), 0);
    assert_memory_equal(got.keys, id.keys, sizeof(struct ferry_key) * FERRY_KEY_SLOTS);
    got.keys = id.keys;
    assert_memory_equal(got.class_id, id.class_id, 16);
    assert_memory_equal(got.device_id, id.device_id, 16);
    assert_int_equal(got.hw_rev, id.hw_rev);
    assert_int_equal(got.boot_caps, id.boot_caps);
    assert_memory_equal(&got_map, &map, sizeof map);
}

/* Even where the CRC agrees. */
static void another_magic_layout_length_or_mark_is_no_identity_block(void **state)
{
    static const unsigned heads[] = {0, 4, 6, 92};
    const struct doc_field *block = doc_field(doc_vector("identity"), "block");
    uint8_t bent[FERRY_IDENTITY_LEN];
    struct ferry_identity id;
    struct ferry_map map;

    (void)state;
    for (unsigned i = 0; i <= COUNT(heads); i++) {
        memcpy(bent, block->bytes, sizeof bent);
        bent[i < COUNT(heads) ? heads[i] : 40] ^= 1;
        uint32_t crc = ferry_crc32(bent, sizeof bent - 4);
        for (unsigned b = 0; b < 4 && i < COUNT(heads); b++) {
            bent[sizeof bent - 4 + b] = (uint8_t)(crc >> 8 * b);
        }
        assert_int_equal(ferry_identity_open(&id, &map, bent), FERRY_E_ARG);
    }
}

/* ---- the journals ---------------------------------------------------------------- */

static uint8_t flash[1024]; /* two pages */

static int flash_read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    (void)ctx;
    memcpy(buf, flash + addr, len);
    return 0;
}

/* The journal that a page's vector describes. */
static void open_journal(const struct doc_vector *v, const struct ferry_flash *f,
                         struct ferry_journal *j)
{
    static const uint32_t pages[2] = {0, 512};

    ferry_journal_init(j, f, pages, (uint8_t)doc_number(v, "kind"),
                       (uint8_t)doc_number(v, "length"));
}

/* And its flash, with that page in it. */
static void journal_of(const struct doc_vector *v, bool written, struct ferry_flash *f,
                       struct ferry_journal *j)
{
    const struct doc_field *page = doc_field(v, "page");

    memset(f, 0, sizeof *f);
    f->erase_unit = doc_number(v, "erase_unit");
    f->write_unit = (uint8_t)doc_number(v, "write_unit");
    f->erased = (uint8_t)doc_number(v, "erased");
    f->read = flash_read;
    memset(flash, f->erased, sizeof flash);
    if (written) {
        want(page->len == f->erase_unit, v->name);
        memcpy(flash, page->bytes, page->len);
    }
    open_journal(v, f, j);
}

static void read_page(const char *page, const char *record)
{
    const struct doc_vector *v = doc_vector(page);
    uint8_t got[FERRY_JOURNAL_PAYLOAD_MAX];
    struct ferry_flash f;
    struct ferry_journal j;

    journal_of(v, true, &f, &j);
    assert_int_equal(ferry_journal_scan(&j, got), 0);
    assert_memory_equal(got, doc_field(doc_vector(record), "record")->bytes,
                        j.payload_len);
    assert_int_equal(j.sequence, doc_number(v, "sequence"));
    assert_int_equal(j.doubt, doc_number(v, "doubt"));
    assert_int_equal(j.tail, doc_number(v, "tail"));

    journal_of(v, true, &f, &j);
    j.sound_only = true;
    assert_int_equal(ferry_journal_scan(&j, got), 0);
    bool newest = doc_number(v, "sound") == doc_number(v, "newest");
    const struct doc_field *sound =
        newest ? doc_field(doc_vector(record), "record") : doc_field(v, "first");
    assert_memory_equal(got, sound->bytes, j.payload_len);
}

static void the_engine_reads_both_pages_as_documented(void **state)
{
    (void)state;
    assert_int_equal(doc_number(doc_vector("boot-page"), "kind"), FERRY_JOURNAL_BOOT);
    assert_int_equal(doc_number(doc_vector("app-page"), "kind"), FERRY_JOURNAL_APP);
    read_page("boot-page", "boot-record");
    read_page("app-page", "app-record");
}

static void carry_out(const struct ferry_flash *f, const struct ferry_flash_op *op)
{
    if (op->erase) {
        memset(flash + op->addr, f->erased, op->len);
    } else {
        memcpy(flash + op->addr, op->buf, op->len);
    }
}

/* Append; the supply fails when `whole` operations are done and `part` bytes of the
 * next. */
static void append(struct ferry_journal *j, const uint8_t *payload, unsigned whole,
                   uint32_t part)
{
    static uint32_t room[FERRY_JOURNAL_ROOM / 4];
    struct ferry_flash_op op;

    ferry_journal_append(j, payload, (uint8_t *)room);
    while (ferry_journal_next(j, &op)) {
        if (whole-- == 0) {
            op.len = part;
            carry_out(j->flash, &op);
            return;
        }
        carry_out(j->flash, &op);
        assert_int_equal(ferry_journal_did(j, 0), 0);
    }
}

static void the_engine_writes_both_pages_as_documented(void **state)
{
    const struct doc_vector *boot = doc_vector("boot-page"),
                            *app = doc_vector("app-page");
    uint8_t got[FERRY_JOURNAL_PAYLOAD_MAX];
    struct ferry_flash f;
    struct ferry_journal j;

    (void)state;
    journal_of(boot, false, &f, &j);
    assert_int_equal(ferry_journal_scan(&j, got), FERRY_E_STATE);
    append(&j, doc_field(boot, "first")->bytes, 5, 0);
    append(&j, doc_field(boot, "first")->bytes, 1, 16);
    open_journal(boot, &f, &j);
    assert_int_equal(ferry_journal_scan(&j, got), 0);
    assert_true(j.doubt);
    append(&j, doc_field(doc_vector("boot-record"), "record")->bytes, 3, 0);
    assert_memory_equal(flash, doc_field(boot, "page")->bytes, 512);

    journal_of(app, false, &f, &j);
    assert_int_equal(ferry_journal_scan(&j, got), FERRY_E_STATE);
    append(&j, doc_field(app, "first")->bytes, 5, 0);
    append(&j, doc_field(doc_vector("app-record"), "record")->bytes, 2, 6);
    assert_memory_equal(flash, doc_field(app, "page")->bytes, 512);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bootloaders_record_lies_as_documented),
        cmocka_unit_test(the_applications_record_lies_as_documented),
        cmocka_unit_test(the_hand_off_block_lies_as_documented),
        cmocka_unit_test(flags_and_reset_classes_are_the_headers),
        cmocka_unit_test(the_engine_makes_and_reads_the_identity_block),
        cmocka_unit_test(another_magic_layout_length_or_mark_is_no_identity_block),
        cmocka_unit_test(the_engine_reads_both_pages_as_documented),
        cmocka_unit_test(the_engine_writes_both_pages_as_documented),
    };

    return cmocka_run_group_tests(tests, doc_open, NULL);
}
