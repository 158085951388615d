/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the port's self-test: it passes a port that keeps its promises, and finds each
 * way of breaking one. */
#include "check.h"
#include "crypto_sodium.h"
#include "selftest.h"

#include <string.h>

#define UNIT 1024U

enum break_it {
    WELL,
    ERASES_TOO_LITTLE,
    ERASES_THE_NEXT_TOO,
    WRITES_ONE_BYTE_LESS,
    SAYS_IT_FAILED,
    READS_FROM_EVEN_ADDRESSES,
    WRONG_GEOMETRY,
    LOCK_DOES_NOTHING,
    LOCK_REFUSES,
    LOCKS_TOO_MUCH,
    VERIFIES_EVERYTHING,
    VERIFIES_NOTHING,
    RETURNS_ONE_FOR_VALID,
    SHA_DOES_NOT_START_OVER,
    BREAKS
};

static struct {
    enum break_it how;
    bool later; /* every call is pending */
    int owed;
    uint8_t bytes[2 * UNIT];
    uint32_t locked; /* bytes from 0 on */
    struct ferry_sodium sodium;
    struct ferry_crypto real;
    char first_failure[64];
} bad;

static int answer(int status)
{
    bad.owed = status;
    return bad.later ? FERRY_PENDING : status;
}

static int erase(void *ctx, uint32_t addr)
{
    uint32_t len = UNIT;

    (void)ctx;
    if (addr < bad.locked) {
        return answer(FERRY_E_FLASH);
    }
    if (bad.how == ERASES_TOO_LITTLE) {
        len -= 1;
    } else if (bad.how == ERASES_THE_NEXT_TOO) {
        len = sizeof bad.bytes - addr;
    }
    memset(bad.bytes + addr, 0xFF, len);
    return answer(0);
}

static int write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    const uint8_t *from = buf;

    (void)ctx;
    if (addr < bad.locked) {
        return answer(FERRY_E_FLASH);
    }
    len -= bad.how == WRITES_ONE_BYTE_LESS;
    for (uint32_t i = 0; i < len; i++) {
        bad.bytes[addr + i] &= from[i];
    }
    return answer(bad.how == SAYS_IT_FAILED ? FERRY_E_FLASH : 0);
}

static int read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    (void)ctx;
    if (bad.how == READS_FROM_EVEN_ADDRESSES) {
        addr &= ~1U;
    }
    memcpy(buf, bad.bytes + addr, len);
    return 0;
}

static int lock(void *ctx, uint32_t addr, uint32_t len)
{
    (void)ctx;
    if (bad.how == LOCK_REFUSES) {
        return FERRY_E_FLASH;
    }
    bad.locked = bad.how == LOCK_DOES_NOTHING ? 0
                 : bad.how == LOCKS_TOO_MUCH  ? sizeof bad.bytes
                                              : addr + len;
    return 0;
}

static int verify(void *ctx, unsigned slot, const struct ferry_key *key,
                  const uint8_t *msg, size_t msg_len, const uint8_t sig[64])
{
    int result = bad.real.verify(ctx, slot, key, msg, msg_len, sig);

    if (bad.how == VERIFIES_EVERYTHING) {
        result = FERRY_VALID;
    } else if (bad.how == VERIFIES_NOTHING) {
        result = FERRY_E_SIG;
    } else if (bad.how == RETURNS_ONE_FOR_VALID) {
        result = result == FERRY_VALID;
    }
    return answer(result);
}

static void sha256_init(void *ctx)
{
    static bool once;

    if (bad.how != SHA_DOES_NOT_START_OVER || !once) {
        bad.real.sha256_init(ctx);
        once = bad.how == SHA_DOES_NOT_START_OVER;
    }
}

static int wait(void *ctx)
{
    (void)ctx;
    return bad.owed;
}

static void say(void *ctx, const char *what, bool passed)
{
    (void)ctx;
    if (!passed && bad.first_failure[0] == '\0') {
        snprintf(bad.first_failure, sizeof bad.first_failure, "%s", what);
    }
}

static int failures(enum break_it how, bool later)
{
    memset(&bad, 0, sizeof bad);
    bad.how = how;
    bad.later = later;
    bad.real = ferry_sodium_crypto(&bad.sodium);
    struct ferry_crypto crypto = bad.real;
    crypto.sha256_init = sha256_init;
    crypto.verify = verify;
    const struct ferry_flash flash = {
        .erase_unit = how == WRONG_GEOMETRY ? 1000 : UNIT,
        .write_unit = 4,
        .erased = 0xFF,
        .erase = erase,
        .write = write,
        .read = read,
        .lock = lock,
    };
    const struct ferry_port_selftest t = {
        .flash = &flash,
        .crypto = &crypto,
        .wait = wait,
        .say = say,
        .with_lock = true,
    };
    return ferry_port_selftest(&t);
}

static void a_port_that_keeps_its_promises_passes(void **state)
{
    (void)state;
    assert_int_equal(failures(WELL, false), 0);
    assert_int_equal(failures(WELL, true), 0);
}

static void every_broken_promise_is_found(void **state)
{
    (void)state;
    for (int how = WELL + 1; how < BREAKS; how++) {
        if (failures((enum break_it)how, false) == 0) {
            fail_msg("break %d was not found", how);
        }
    }
}

static void what_is_broken_is_named(void **state)
{
    (void)state;
    assert_true(failures(LOCK_DOES_NOTHING, false) > 0);
    assert_string_equal(bad.first_failure, "flash: a locked unit is not erased");
    assert_true(failures(VERIFIES_EVERYTHING, false) > 0);
    assert_string_equal(bad.first_failure, "Ed25519: another message is not");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_port_that_keeps_its_promises_passes),
        cmocka_unit_test(every_broken_promise_is_found),
        cmocka_unit_test(what_is_broken_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
