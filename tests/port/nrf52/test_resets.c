/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what each bit of RESETREAS means to the bootloader, that several at once are
 * the gravest of them, and that the cumulative register is cleared once it was read. */
#include "fake.h"
#include "resets.h"

#define RESETREAS 0x40000400U

/* Bits of the product specification, and their classes in PORTING.md. */
static const struct {
    uint32_t bit;
    enum ferry_reset class;
} causes[] = {
    {0x000001, FERRY_RESET_FAULT}, /* pin */
    {0x000002, FERRY_RESET_FAULT}, /* watchdog */
    {0x000004, FERRY_RESET_SOFT},  /* software */
    {0x000008, FERRY_RESET_FAULT}, /* lockup */
    {0x010000, FERRY_RESET_WAKE},  /* System OFF: GPIO, */
    {0x020000, FERRY_RESET_WAKE},  /* comparator, */
    {0x040000, FERRY_RESET_WAKE},  /* debugger, */
    {0x080000, FERRY_RESET_WAKE},  /* NFC, */
    {0x100000, FERRY_RESET_WAKE},  /* USB power */
};

static void each_cause_has_its_class(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(causes); i++) {
        assert_int_equal(nrf52_reset_class(causes[i].bit), causes[i].class);
    }
}

static void no_cause_is_a_power_failure(void **state)
{
    (void)state;
    assert_int_equal(nrf52_reset_class(0), FERRY_RESET_POWER);
}

/* An unknown bit of a later part must not count as a crash. */
static void unknown_bits_change_nothing(void **state)
{
    (void)state;
    assert_int_equal(nrf52_reset_class(0x80000000U), FERRY_RESET_POWER);
    assert_int_equal(nrf52_reset_class(0x80000004U), FERRY_RESET_SOFT);
}

/* PORTING.md: fault before soft before wake. */
static void of_several_causes_the_gravest_counts(void **state)
{
    static const enum ferry_reset order[] = {FERRY_RESET_FAULT, FERRY_RESET_SOFT,
                                             FERRY_RESET_WAKE};

    (void)state;
    for (size_t a = 0; a < COUNT(causes); a++) {
        for (size_t b = 0; b < COUNT(causes); b++) {
            size_t i = 0;
            while (order[i] != causes[a].class && order[i] != causes[b].class) {
                i++;
            }
            assert_int_equal(nrf52_reset_class(causes[a].bit | causes[b].bit),
                             order[i]);
        }
    }
}

static bool ones_clear(uint32_t addr, uint32_t value)
{
    assert_int_equal(addr, RESETREAS);
    fake_poke(addr, fake_peek(addr) & ~value);
    return true;
}

static void the_cumulative_register_is_read_once_and_cleared(void **state)
{
    (void)state;
    fake_new((struct fake_will){.set = ones_clear});
    fake_poke(RESETREAS, 0x10006);
    assert_int_equal(nrf52_reset_cause(), 0x10006);
    assert_int_equal(fake_peek(RESETREAS), 0);
    assert_int_equal(nrf52_reset_cause(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cause_has_its_class),
        cmocka_unit_test(no_cause_is_a_power_failure),
        cmocka_unit_test(unknown_bits_change_nothing),
        cmocka_unit_test(of_several_causes_the_gravest_counts),
        cmocka_unit_test(the_cumulative_register_is_read_once_and_cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
