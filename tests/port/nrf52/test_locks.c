/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that what is to be locked is locked, all of it and nothing else, on registers
 * that can be written once (ACL) or only set (BPROT), as the chips' are until a
 * reset. */
#include "fake.h"
#include "ferry/err.h"
#include "locks.h"

#define ACL_ADDR(i) (0x4001E800U + 0x10U * (i))
#define ACL_SIZE(i) (ACL_ADDR(i) + 4)
#define ACL_PERM(i) (ACL_ADDR(i) + 8)
#define ACL_END ACL_ADDR(8)

#define DISABLEINDEBUG 0x40000608U
#define PAGE 4096U

static const uint32_t bprot[4] = {0x40000600, 0x40000604, 0x40000610, 0x40000614};

/* ---- ACL: each register takes one write ------------------------------------------ */

static bool write_once(uint32_t addr, uint32_t value)
{
    assert_in_range(addr, ACL_ADDR(0), ACL_END - 1);
    if (fake_peek(addr) == 0) {
        fake_poke(addr, value);
    }
    return true;
}

static void begin_acl(void)
{
    fake_new((struct fake_will){.set = write_once});
}

static bool acl_locks(uint32_t addr)
{
    for (uint32_t i = 0; i < 8; i++) {
        uint32_t from = fake_peek(ACL_ADDR(i));
        if (fake_peek(ACL_PERM(i)) == 2 && addr >= from &&
            addr - from < fake_peek(ACL_SIZE(i))) {
            return true;
        }
    }
    return false;
}

static unsigned acl_regions(void)
{
    unsigned used = 0;

    for (uint32_t i = 0; i < 8; i++) {
        used += fake_peek(ACL_PERM(i)) != 0;
    }
    return used;
}

static void acl_locks_all_of_an_area_and_nothing_else(void **state)
{
    (void)state;
    begin_acl();
    assert_int_equal(nrf52_lock_acl(NULL, 0x12000, 2 * PAGE), 0);
    assert_true(acl_locks(0x12000));
    assert_true(acl_locks(0x13FFF));
    assert_false(acl_locks(0x11FFF));
    assert_false(acl_locks(0x14000));
    assert_int_equal(acl_regions(), 1);
}

static void acl_spends_no_region_on_what_is_locked(void **state)
{
    (void)state;
    begin_acl();
    assert_int_equal(nrf52_lock_acl(NULL, 0x10000, 4 * PAGE), 0);
    assert_int_equal(nrf52_lock_acl(NULL, 0x10000, 4 * PAGE), 0);
    assert_int_equal(nrf52_lock_acl(NULL, 0x11000, PAGE), 0);
    assert_int_equal(acl_regions(), 1);
}

/* Bootloader at address 0: a region whose ADDR reads 0, as an unused one's does. */
static void acl_locks_flash_from_its_first_byte_on(void **state)
{
    (void)state;
    begin_acl();
    assert_int_equal(nrf52_lock_acl(NULL, 0, 0x10000), 0);
    assert_int_equal(nrf52_lock_acl(NULL, 0x20000, PAGE), 0);
    assert_true(acl_locks(0));
    assert_true(acl_locks(0xFFFF));
    assert_false(acl_locks(0x10000));
    assert_int_equal(acl_regions(), 2);
}

static void acl_takes_two_regions_for_more_than_512_kb(void **state)
{
    (void)state;
    begin_acl();
    assert_int_equal(nrf52_lock_acl(NULL, 0x10000, 0x90000), 0);
    assert_int_equal(acl_regions(), 2);
    assert_int_equal(fake_peek(ACL_SIZE(0)), 0x80000);
    assert_true(acl_locks(0x10000) && acl_locks(0x8FFFF) && acl_locks(0x90000));
    assert_true(acl_locks(0x9FFFF));
    assert_false(acl_locks(0xA0000));
}

static void acl_says_when_its_regions_are_used_up(void **state)
{
    (void)state;
    begin_acl();
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(nrf52_lock_acl(NULL, 2 * i * PAGE, PAGE), 0);
    }
    assert_int_equal(nrf52_lock_acl(NULL, 0x20000, PAGE), FERRY_E_FLASH);
    assert_int_equal(nrf52_lock_acl(NULL, 0, PAGE), 0); /* still locked */
}

static void acl_refuses_what_is_no_area(void **state)
{
    (void)state;
    begin_acl();
    assert_int_equal(nrf52_lock_acl(NULL, 0x800, PAGE), FERRY_E_FLASH);
    assert_int_equal(nrf52_lock_acl(NULL, 0, PAGE / 2), FERRY_E_FLASH);
    assert_int_equal(nrf52_lock_acl(NULL, 0, 0), FERRY_E_FLASH);
    assert_int_equal(acl_regions(), 0);
}

/* ---- BPROT: zeros change nothing ------------------------------------------------- */

static bool only_set(uint32_t addr, uint32_t value)
{
    if (addr == DISABLEINDEBUG) {
        return false;
    }
    assert_true(addr == bprot[0] || addr == bprot[1] || addr == bprot[2] ||
                addr == bprot[3]);
    fake_poke(addr, fake_peek(addr) | value);
    return true;
}

static void begin_bprot(void)
{
    fake_new((struct fake_will){.set = only_set});
    fake_poke(DISABLEINDEBUG, 1); /* as out of reset */
}

static bool bprot_locks(uint32_t page)
{
    return (fake_peek(bprot[page / 32]) >> (page % 32) & 1U) != 0;
}

static void bprot_locks_all_of_an_area_and_nothing_else(void **state)
{
    (void)state;
    begin_bprot();
    assert_int_equal(nrf52_lock_bprot(NULL, 30 * PAGE, 70 * PAGE), 0);
    for (uint32_t page = 0; page < 128; page++) {
        assert_int_equal(bprot_locks(page), page >= 30 && page < 100);
    }
}

static void bprot_keeps_what_was_locked_before(void **state)
{
    (void)state;
    begin_bprot();
    assert_int_equal(nrf52_lock_bprot(NULL, 0, PAGE), 0);
    assert_int_equal(nrf52_lock_bprot(NULL, 127 * PAGE, PAGE), 0);
    assert_int_equal(nrf52_lock_bprot(NULL, 0, PAGE), 0);
    assert_true(bprot_locks(0) && bprot_locks(127));
    assert_false(bprot_locks(1));
}

static void bprot_holds_with_a_debugger_attached(void **state)
{
    (void)state;
    begin_bprot();
    assert_int_equal(nrf52_lock_bprot(NULL, 0, PAGE), 0);
    assert_int_equal(fake_peek(DISABLEINDEBUG), 0);
}

static void bprot_refuses_what_is_no_area(void **state)
{
    (void)state;
    begin_bprot();
    assert_int_equal(nrf52_lock_bprot(NULL, 0x800, PAGE), FERRY_E_FLASH);
    assert_int_equal(nrf52_lock_bprot(NULL, 0, 0), FERRY_E_FLASH);
    assert_int_equal(nrf52_lock_bprot(NULL, 127 * PAGE, 2 * PAGE), FERRY_E_FLASH);
    assert_int_equal(nrf52_lock_bprot(NULL, 0xFFFFF000U, PAGE), FERRY_E_FLASH);
    for (uint32_t page = 0; page < 128; page++) {
        assert_false(bprot_locks(page));
    }
}

/* A part whose registers do not take it must not be believed. */
static bool ignore(uint32_t addr, uint32_t value)
{
    (void)addr;
    (void)value;
    return true;
}

static void a_lock_that_does_not_read_back_is_none(void **state)
{
    (void)state;
    fake_new((struct fake_will){.set = ignore});
    assert_int_equal(nrf52_lock_bprot(NULL, 0, PAGE), FERRY_E_FLASH);
    assert_int_equal(nrf52_lock_acl(NULL, 0, PAGE), FERRY_E_FLASH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acl_locks_all_of_an_area_and_nothing_else),
        cmocka_unit_test(acl_spends_no_region_on_what_is_locked),
        cmocka_unit_test(acl_locks_flash_from_its_first_byte_on),
        cmocka_unit_test(acl_takes_two_regions_for_more_than_512_kb),
        cmocka_unit_test(acl_says_when_its_regions_are_used_up),
        cmocka_unit_test(acl_refuses_what_is_no_area),
        cmocka_unit_test(bprot_locks_all_of_an_area_and_nothing_else),
        cmocka_unit_test(bprot_keeps_what_was_locked_before),
        cmocka_unit_test(bprot_holds_with_a_debugger_attached),
        cmocka_unit_test(bprot_refuses_what_is_no_area),
        cmocka_unit_test(a_lock_that_does_not_read_back_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
