/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the flash driver on a controller made of numbers, which refuses what the real
 * one refuses: modes, words, and the time an erase takes. */
#include <string.h>

#include "fake.h"
#include "nvmc.h"

#define READY 0x4001E400U
#define CONFIG 0x4001E504U
#define ERASEPAGE 0x4001E508U
#define ERASEPAGEPARTIAL 0x4001E518U
#define ERASEPAGEPARTIALCFG 0x4001E51CU

#define FLASH_LEN 0x4000U
#define PAGE 4096U
#define ERASE_MS 90U

static const struct nrf52_part sliced = {
    .flash_len = FLASH_LEN, .page = PAGE, .erase_ms = ERASE_MS, .slice_ms = 10};
static const struct nrf52_part whole = {
    .flash_len = FLASH_LEN, .page = PAGE, .erase_ms = ERASE_MS, .slice_ms = 0};

static struct {
    _Alignas(4) uint8_t bytes[FLASH_LEN];
    uint32_t worn_ms[FLASH_LEN / PAGE]; /* how long each page was erased for */
    unsigned busy;                      /* how often READY still says no */
    unsigned slices, pages, words, mistakes;
} chip;

static struct nrf52_nvmc nvmc;
static struct ferry_flash flash;

/* ---- the controller -------------------------------------------------------------- */

static bool get(uint32_t addr, uint32_t *value)
{
    if (addr != READY) {
        return false;
    }
    *value = chip.busy == 0;
    chip.busy -= chip.busy != 0;
    return true;
}

static void erase_for(uint32_t addr, uint32_t ms)
{
    chip.mistakes += fake_peek(CONFIG) != 2 || addr % PAGE != 0 || addr >= FLASH_LEN;
    chip.worn_ms[addr / PAGE % (FLASH_LEN / PAGE)] += ms;
    if (chip.worn_ms[addr / PAGE] >= ERASE_MS) {
        memset(chip.bytes + addr, 0xFF, PAGE);
        chip.worn_ms[addr / PAGE] = 0;
    }
}

static void program(uint32_t addr, uint32_t value)
{
    uint32_t word;

    chip.mistakes += fake_peek(CONFIG) != 1 || addr % 4 != 0;
    memcpy(&word, chip.bytes + addr, 4);
    word &= value;
    memcpy(chip.bytes + addr, &word, 4);
    chip.words++;
}

static bool set(uint32_t addr, uint32_t value)
{
    chip.mistakes += chip.busy != 0; /* nobody asked READY */
    chip.busy = 3;
    if (addr == ERASEPAGE) {
        erase_for(value, ERASE_MS);
        chip.pages++;
    } else if (addr == ERASEPAGEPARTIAL) {
        erase_for(value, fake_peek(ERASEPAGEPARTIALCFG));
        chip.slices++;
    } else if (addr < FLASH_LEN) {
        program(addr, value);
    } else if (addr == ERASEPAGEPARTIALCFG) {
        chip.busy = 0;
        return false;
    } else {
        assert_int_equal(addr, CONFIG);
        return false;
    }
    return true;
}

static bool supply_is_good;

static bool power_ok(void *ctx)
{
    assert_null(ctx);
    return supply_is_good;
}

static void begin(const struct nrf52_part *part)
{
    memset(&chip, 0, sizeof chip);
    fake_new((struct fake_will){.get = get, .set = set});
    fake_mem = chip.bytes;
    nvmc = (struct nrf52_nvmc){.part = part};
    flash = nrf52_nvmc_flash(&nvmc);
}

/* Erases; returns how many calls it took. */
static unsigned erase(uint32_t addr)
{
    unsigned calls = 1;

    while (flash.erase(flash.ctx, addr) == FERRY_MORE) {
        calls++;
        assert_true(calls < 100);
    }
    return calls;
}

static bool blank(uint32_t addr)
{
    for (uint32_t i = 0; i < PAGE; i++) {
        if (chip.bytes[addr + i] != 0xFF) {
            return false;
        }
    }
    return true;
}

/* ---- tests ----------------------------------------------------------------------- */

static void a_page_is_erased_in_slices_that_add_up(void **state)
{
    (void)state;
    begin(&sliced);
    assert_int_equal(erase(PAGE), 9);
    assert_true(blank(PAGE));
    assert_false(blank(0));
    assert_false(blank(2 * PAGE));
    assert_int_equal(chip.slices, 9);
    assert_int_equal(chip.mistakes, 0);
}

static void no_slice_is_longer_than_asked_for(void **state)
{
    (void)state;
    begin(&sliced);
    erase(0);
    assert_int_equal(fake_written(ERASEPAGEPARTIALCFG, 10),
                     fake_writes(ERASEPAGEPARTIALCFG));
}

static void a_part_without_slices_erases_in_one_go(void **state)
{
    (void)state;
    begin(&whole);
    assert_int_equal(erase(PAGE), 1);
    assert_true(blank(PAGE));
    assert_int_equal(chip.pages, 1);
    assert_int_equal(fake_writes(ERASEPAGEPARTIALCFG), 0);
    assert_int_equal(chip.mistakes, 0);
}

static void a_second_erase_is_a_whole_one_again(void **state)
{
    (void)state;
    begin(&sliced);
    erase(PAGE);
    assert_int_equal(erase(PAGE), 9);
    assert_int_equal(chip.slices, 18);
}

static void writes_elsewhere_do_not_disturb_an_erase(void **state)
{
    static const uint32_t word = 0x12345678;
    unsigned calls = 1;

    (void)state;
    begin(&sliced);
    erase(2 * PAGE);
    for (; flash.erase(flash.ctx, 0) == FERRY_MORE; calls++) {
        assert_int_equal(flash.write(flash.ctx, 2 * PAGE + 4 * calls, &word, 4), 0);
    }
    assert_int_equal(calls, 9);
    assert_true(blank(0));
    assert_int_equal(chip.mistakes, 0);
}

/* Whoever gave the first page up must not find it half erased and call it done. */
static void another_page_in_between_starts_the_first_one_over(void **state)
{
    (void)state;
    begin(&sliced);
    assert_int_equal(flash.erase(flash.ctx, 0), FERRY_MORE);
    assert_int_equal(erase(PAGE), 9);
    assert_int_equal(erase(0), 9);
    assert_true(blank(0) && blank(PAGE));
}

static void a_write_programs_the_words_asked_for_and_no_other(void **state)
{
    static const uint32_t words[3] = {0x01020304, 0xFFFFFFFF, 0xA5A5A5A5};

    (void)state;
    begin(&whole);
    erase(0);
    assert_int_equal(flash.write(flash.ctx, 16, words, sizeof words), 0);
    assert_memory_equal(chip.bytes + 16, words, sizeof words);
    assert_int_equal(chip.bytes[15], 0xFF);
    assert_int_equal(chip.bytes[16 + sizeof words], 0xFF);
    assert_int_equal(chip.words, 3);
    assert_int_equal(chip.mistakes, 0);
}

static void after_each_call_flash_is_read_only(void **state)
{
    static const uint32_t word = 0;

    (void)state;
    begin(&sliced);
    (void)!flash.erase(flash.ctx, 0);
    assert_int_equal(fake_peek(CONFIG), 0);
    assert_int_equal(flash.write(flash.ctx, PAGE, &word, 4), 0);
    assert_int_equal(fake_peek(CONFIG), 0);
}

static void a_read_may_begin_and_end_anywhere(void **state)
{
    uint8_t got[5];

    (void)state;
    begin(&whole);
    for (unsigned i = 0; i < 16; i++) {
        chip.bytes[i] = (uint8_t)i;
    }
    assert_int_equal(flash.read(flash.ctx, 3, got, sizeof got), 0);
    assert_memory_equal(got, chip.bytes + 3, sizeof got);
    assert_int_equal(flash.read(flash.ctx, FLASH_LEN - 5, got, 5), 0);
}

static void nothing_outside_the_flash_is_touched(void **state)
{
    static const uint32_t words[2] = {0};
    uint8_t got[8];

    (void)state;
    begin(&sliced);
    assert_int_equal(flash.erase(flash.ctx, FLASH_LEN), FERRY_E_FLASH);
    assert_int_equal(flash.erase(flash.ctx, PAGE / 2), FERRY_E_FLASH);
    assert_int_equal(flash.write(flash.ctx, FLASH_LEN - 4, words, 8), FERRY_E_FLASH);
    assert_int_equal(flash.write(flash.ctx, 0xFFFFFFFCU, words, 8), FERRY_E_FLASH);
    assert_int_equal(flash.write(flash.ctx, 2, words, 4), FERRY_E_FLASH);
    assert_int_equal(flash.write(flash.ctx, 0, words, 3), FERRY_E_FLASH);
    assert_int_equal(flash.read(flash.ctx, FLASH_LEN - 4, got, 8), FERRY_E_FLASH);
    assert_int_equal(chip.words + chip.slices, 0);
}

static void geometry_and_locks_are_the_parts(void **state)
{
    struct nrf52_part small = {.flash_len = FLASH_LEN, .page = 1024};

    (void)state;
    begin(&small);
    assert_int_equal(flash.erase_unit, 1024);
    assert_int_equal(flash.write_unit, 4);
    assert_int_equal(flash.erased, 0xFF);
    assert_null(flash.lock);
    assert_null(flash.power_ok);
}

static void the_supply_is_the_products_to_judge(void **state)
{
    (void)state;
    begin(&whole);
    nvmc.power_ok = power_ok;
    flash = nrf52_nvmc_flash(&nvmc);
    supply_is_good = true;
    assert_true(flash.power_ok(flash.ctx));
    supply_is_good = false;
    assert_false(flash.power_ok(flash.ctx));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_erased_in_slices_that_add_up),
        cmocka_unit_test(no_slice_is_longer_than_asked_for),
        cmocka_unit_test(a_part_without_slices_erases_in_one_go),
        cmocka_unit_test(a_second_erase_is_a_whole_one_again),
        cmocka_unit_test(writes_elsewhere_do_not_disturb_an_erase),
        cmocka_unit_test(another_page_in_between_starts_the_first_one_over),
        cmocka_unit_test(a_write_programs_the_words_asked_for_and_no_other),
        cmocka_unit_test(after_each_call_flash_is_read_only),
        cmocka_unit_test(a_read_may_begin_and_end_anywhere),
        cmocka_unit_test(nothing_outside_the_flash_is_touched),
        cmocka_unit_test(geometry_and_locks_are_the_parts),
        cmocka_unit_test(the_supply_is_the_products_to_judge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
