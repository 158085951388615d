/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what happened to the golden device, in order. Does not know how it is told. */
#include "life.h"

#include <string.h>

#include "journal.h"
#include "release.h"

#define TORN 40U /* bytes of a slot that was cut, head included */

static const struct life_witness *witness;
static struct rig_file factory, update, newer;
static struct rig rig;
static bool second; /* update: bank 0 has been written anew */

/* ---- things ---------------------------------------------------------------------- */

static void make_artifact(struct rig_file *f, uint32_t version, uint32_t sec_ctr,
                          uint32_t link, uint32_t len)
{
    uint8_t image[5000];
    struct release r;

    for (uint32_t i = 0; i < len; i++) {
        image[i] = (uint8_t)(31 * i + 7 * (i / 256) + version / 65536U);
    }
    release_default(&r);
    r.version = version;
    r.sec_ctr = sec_ctr;
    r.link = link;
    f->len = release_make(&r, image, len, f->bytes);
}

static void make_identity(uint8_t block[FERRY_IDENTITY_LEN])
{
    static struct ferry_key keys[FERRY_KEY_SLOTS];
    struct ferry_identity id = {.hw_rev = 3, .keys = keys};
    struct ferry_map map = {
        .bank = {{0x1000, 0x3000}, {0x4000, 0x3000}},
        .link = {0x1400, 0x4400},
        .header_len = 0x400,
        .boot_journal = {0x0000, 0x0400},
        .app_journal = {0x0800, 0x0C00},
    };
    struct release r;

    release_default(&r);
    release_keys(keys);
    memcpy(id.class_id, r.class_id, sizeof id.class_id);
    for (unsigned i = 0; i < sizeof id.device_id; i++) {
        id.device_id[i] = (uint8_t)(0x10 + i);
    }
    id.boot_caps = FERRY_CAP_EDDSA | FERRY_CAP_KEY_DEVICE;
    ferry_identity_make(&id, &map, block);
}

/* ---- happenings ------------------------------------------------------------------ */

static void take_statement(void *ctx, const uint8_t *envelope, size_t len)
{
    (void)ctx;
    if (witness->statement != NULL) {
        witness->statement(envelope, len);
    }
}

/* A courier comes, with the update or only for a statement, and stays until it is done.
 * `recorded`: the witness sees every value. */
static bool courier_comes(const struct rig_file *artifact, bool recorded)
{
    static struct ferry_courier c;
    struct rig_step s;

    rig_courier(&c, artifact, take_statement);
    ferry_device_link(&rig.device, true, rig.now);
    ferry_courier_link(&c, true, rig.now);
    rig.step = 0;
    for (unsigned quiet = 0; quiet < 40 && rig.step < 2000;) {
        rig_courier_says(&c, rig.now, &s);
        rig_device_step(&rig, &s);
        rig_courier_hears(&c, rig.now, &s);
        if (recorded) {
            witness->step(&rig, &s);
        }
        quiet = s.to_device_len + s.to_courier_len > 0 ? 0 : quiet + 1;
        rig_pass(&rig);
    }
    ferry_device_link(&rig.device, false, rig.now);
    return ferry_courier_state(&c) == FERRY_COURIER_DONE &&
           ferry_courier_error(&c) == 0;
}

static void shows(const char *name, struct rig *r, enum ferry_reset reset)
{
    witness->state(name, r, reset, second);
}

/* The same device meets these resets instead of what really came. */
static void meets(const char *name, enum ferry_reset reset, unsigned times)
{
    static struct rig other;

    rig_copy(&other, &rig);
    while (times-- > 0) {
        memset(&other.handoff, 0, sizeof other.handoff);
        (void)rig_boot(&other, reset);
    }
    shows(name, &other, second ? reset : FERRY_RESET_PLANNED);
}

/* ---- accidents ------------------------------------------------------------------- */

static uint32_t slot_at(const struct ferry_journal *j, unsigned page, unsigned slot)
{
    return j->page[page] + j->word_len + slot * (j->body_len + 2U * j->word_len);
}

/* Both journals were being written to when the supply failed. */
static void torn_bodies(void)
{
    static struct rig other;
    struct ferry_boot_record boot;
    struct ferry_app_record app;
    struct ferry_journal j;

    rig_copy(&other, &rig);
    (void)!rig_read_boot(&other, &j, &boot);
    memcpy(other.flash + slot_at(&j, j.holder, j.tail),
           other.flash + slot_at(&j, j.holder, j.tail - 1U), TORN);
    (void)!rig_read_app(&other, false, &j, &app);
    memcpy(other.flash + slot_at(&j, j.holder, j.tail),
           other.flash + slot_at(&j, j.holder, j.tail - 1U), TORN);
    shows("torn-body", &other, FERRY_RESET_PLANNED);
}

/* What each said last lacks its CONFIRM: half of it stands there. The application asked
 * for the confirm of the trial, in the last slot before its page was full; what it wrote
 * after that had not begun. */
static void torn_confirms(void)
{
    static struct rig other;
    struct ferry_boot_record boot;
    struct ferry_app_record app;
    struct ferry_journal j;

    rig_copy(&other, &rig);
    (void)!rig_read_boot(&other, &j, &boot);
    memset(other.flash + slot_at(&j, j.holder, j.tail) - 2, 0xFF, 2);
    (void)!rig_read_app(&other, false, &j, &app);
    unsigned full = j.holder ^ 1U;
    other.broken = j.tail == 1 ? NULL : "the page has not just been turned";
    memset(other.flash + j.page[j.holder], 0xFF, other.hal.erase_unit);
    memset(other.flash + slot_at(&j, full, j.slots - 2U) - 2, 0xFF, 2);
    shows("torn-confirm", &other, FERRY_RESET_PLANNED);
}

/* The bootloader's page was full, and its other one had been erased and marked, when the
 * supply failed in the first body there. */
static void turn_cut(void)
{
    static struct rig other;
    struct ferry_boot_record boot;
    struct ferry_journal j;

    rig_copy(&other, &rig);
    (void)!rig_read_boot(&other, &j, &boot);
    uint32_t old = j.page[j.holder], new = j.page[j.holder ^ 1U];
    other.broken = j.tail + 2U == j.slots ? NULL : "the page is not full";
    memset(other.flash + new, 0xFF, other.hal.erase_unit);
    memcpy(other.flash + new, other.flash + old, j.word_len + TORN);
    shows("turn-cut", &other, FERRY_RESET_PLANNED);
}

/* Or a little later, in the CONFIRM of the first record there. */
static void turn_torn(void)
{
    static struct rig other;
    struct ferry_boot_record boot;
    struct ferry_journal j;

    rig_copy(&other, &rig);
    (void)!rig_read_boot(&other, &j, &boot);
    other.broken = j.tail == 1 ? NULL : "the page has not just been turned";
    memset(other.flash + slot_at(&j, j.holder, 1) - 2, 0xFF, 2);
    shows("turn-torn", &other, FERRY_RESET_PLANNED);
}

/* Each journal has gone on to its other page, and back. */
static bool pages_turned(void)
{
    struct ferry_boot_record boot;
    struct ferry_app_record app;
    struct ferry_journal b, a;
    bool met = true;

    for (unsigned i = 0; i < 4; i++) {
        met = met && rig_boot(&rig, FERRY_RESET_FAULT) == 1;
        if (i == 2) {
            turn_torn();
        }
        met = met && courier_comes(NULL, false);
        if (i == 1) {
            turn_cut();
        }
    }
    (void)!rig_read_boot(&rig, &b, &boot);
    (void)!rig_read_app(&rig, false, &a, &app);
    shows("turned", &rig, FERRY_RESET_PLANNED);
    return met && b.holder == 0 && a.holder == 0;
}

/* A trial on a flash of another kind. */
static bool other_flash(const char *name, const uint8_t *block, uint32_t erase_unit,
                        uint8_t write_unit, uint8_t erased)
{
    static struct rig kept;
    bool good;

    rig_copy(&kept, &rig);
    good = rig_init(&rig, block, erase_unit, write_unit, erased) == 0;
    rig_install(&rig, 0, &factory);
    good = good && rig_boot(&rig, FERRY_RESET_POWER) == 0 &&
           courier_comes(&update, false) && rig_boot(&rig, FERRY_RESET_PLANNED) == 1;
    shows(name, &rig, FERRY_RESET_PLANNED);
    rig_copy(&rig, &kept);
    return good;
}

/* ---- the life -------------------------------------------------------------------- */

static bool until_the_trial(const uint8_t *block)
{
    bool good = rig_init(&rig, block, 512, 4, 0xFF) == 0;

    rig_install(&rig, 0, &factory);
    good = good && rig_boot(&rig, FERRY_RESET_POWER) == 0;
    shows("factory", &rig, FERRY_RESET_PLANNED);
    good = good && courier_comes(&update, true);
    shows("asked", &rig, FERRY_RESET_PLANNED);
    ferry_handoff_planned(&rig.handoff);
    good = good && rig_boot(&rig, FERRY_RESET_SOFT) == 1;
    shows("trial", &rig, FERRY_RESET_PLANNED);
    ferry_handoff_expired(&rig.handoff);
    witness->file("handoff.bin", &rig.handoff, sizeof rig.handoff);
    return good;
}

static bool until_the_end(void)
{
    bool good = rig_boot(&rig, FERRY_RESET_FAULT) == 1;

    shows("fault", &rig, FERRY_RESET_PLANNED);
    meets("rolled-back", FERRY_RESET_FAULT, 2);
    ferry_app_journal_selftest_passed(&rig.app);
    good = good && courier_comes(NULL, false);
    shows("shown", &rig, FERRY_RESET_PLANNED);
    torn_confirms();
    good = good && rig_boot(&rig, FERRY_RESET_PLANNED) == 1;
    shows("confirmed", &rig, FERRY_RESET_PLANNED);
    meets("crash-looped", FERRY_RESET_FAULT, 5);
    torn_bodies();
    return pages_turned() && good;
}

/* Into bank 0 now, with a higher counter: the first update is below the floor then. */
static bool a_second_update(void)
{
    second = true;
    bool good =
        courier_comes(&newer, false) && rig_boot(&rig, FERRY_RESET_PLANNED) == 0;

    ferry_app_journal_selftest_passed(&rig.app);
    good =
        good && courier_comes(NULL, false) && rig_boot(&rig, FERRY_RESET_PLANNED) == 0;
    shows("second", &rig, FERRY_RESET_PLANNED);
    meets("no-way-back", FERRY_RESET_FAULT, 5);
    second = false;
    return good;
}

bool life(const struct life_witness *w)
{
    uint8_t block[FERRY_IDENTITY_LEN];

    witness = w;
    make_identity(block);
    make_artifact(&factory, 0x01000000, 5, 0x1400, 3000);
    make_artifact(&update, 0x01010000, 5, 0x4400, 5000);
    make_artifact(&newer, 0x01020000, 7, 0x1400, 3500);
    w->file("identity.bin", block, sizeof block);
    w->file("factory.ferry", factory.bytes, factory.len);
    w->file("update.ferry", update.bytes, update.len);
    w->file("next.ferry", newer.bytes, newer.len);
    return until_the_trial(block) && until_the_end() && a_second_update() &&
           other_flash("wide", block, 1024, 32, 0xFF) &&
           other_flash("zero", block, 512, 8, 0x00);
}
