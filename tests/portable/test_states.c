/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that this processor reads both journals of every golden state as golden.md
 * says. Knows where the pages are; the states are tests/golden's. */
#include "places.h"
#include "records.h"
#include "states.h"

struct device {
    struct ferry_flash flash;
    uint32_t page[4]; /* the bootloader's two, the application's two */
    const uint8_t *bytes;
};

static struct device device;

/* Nothing but the journals' pages can be read. */
static int read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    const struct device *d = ctx;
    const uint32_t unit = d->flash.erase_unit;

    for (unsigned i = 0; i < 4; i++) {
        uint32_t off = addr - d->page[i];
        if (off < unit && len <= unit - off) {
            memcpy(buf, d->bytes + i * unit + off, (size_t)len);
            return 0;
        }
    }
    return -1;
}

static void come_to(const struct doc_vector *v)
{
    const struct doc_vector *map = doc_vector("identity.bin");
    const struct doc_field *pages = doc_field(v, "pages");

    device.flash = (struct ferry_flash){
        .ctx = &device,
        .erase_unit = doc_number(v, "erase_unit"),
        .write_unit = (uint8_t)doc_number(v, "write_unit"),
        .erased = (uint8_t)doc_number(v, "erased"),
        .read = read,
    };
    device.page[0] = doc_number(map, "boot_journal0");
    device.page[1] = doc_number(map, "boot_journal1");
    device.page[2] = doc_number(map, "app_journal0");
    device.page[3] = doc_number(map, "app_journal1");
    device.bytes = pages->bytes;
    want(pages->len == 4 * device.flash.erase_unit, v->name);
}

static void boot_reads(const struct doc_vector *v)
{
    struct ferry_boot_record rec;
    struct ferry_journal j;

    memset(&rec, 0, sizeof rec);
    ferry_journal_init(&j, &device.flash, device.page, FERRY_JOURNAL_BOOT, sizeof rec);
    state_journal_is(&j, ferry_journal_scan(&j, &rec), v);
    places_expect(places_boot, PLACES_BOOT, &rec, v);
}

static void app_reads(const struct doc_vector *v, bool sound_only)
{
    struct ferry_app_record rec;
    struct ferry_journal j;

    memset(&rec, 0, sizeof rec);
    ferry_journal_init(&j, &device.flash, device.page + 2, FERRY_JOURNAL_APP,
                       sizeof rec);
    j.sound_only = sound_only;
    state_journal_is(&j, ferry_journal_scan(&j, &rec), v);
    places_expect(places_app, PLACES_APP, &rec, v);
}

static void reads_as_it_did(const struct doc_vector *v)
{
    come_to(v);
    boot_reads(state_part(v, "boot"));
    app_reads(state_part(v, "app"), false);
    app_reads(state_part(v, "asks"), true);
}

static void every_journal_reads_as_it_did(void **state)
{
    (void)state;
    assert_true(state_for_each(reads_as_it_did) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_journal_reads_as_it_did),
    };

    return cmocka_run_group_tests(tests, doc_open, NULL);
}
