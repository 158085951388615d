/* SPDX-License-Identifier: Apache-2.0
 *
 * The copy that the board's bootloader executes: nobody can change it, and it is only
 * executed if it is what was signed. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto_sodium.h"
#include "ferry/statement.h"
#include "sealed.h"

#define IMAGE_AT 4096U
#define IMAGE_LEN 10000U

static uint8_t flash_bytes[32768];
static struct ferry_sodium sodium;
static struct ferry_crypto crypto;
static struct ferry_key keys[FERRY_KEY_SLOTS];
static struct ferry_identity id = {.keys = keys};
static uint8_t secret[crypto_sign_SECRETKEYBYTES];
static uint8_t image_hash[FERRY_HASH_LEN];

static int read_flash(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    (void)ctx;
    memcpy(buf, flash_bytes + addr, len);
    return 0;
}

static const struct ferry_flash flash = {.read = read_flash};

static int set_up(void **state)
{
    (void)state;
    if (sodium_init() < 0) {
        return -1;
    }
    crypto = ferry_sodium_crypto(&sodium);
    keys[3].alg = FERRY_ALG_ED25519;
    crypto_sign_keypair(keys[3].key, secret);
    memset(id.class_id, 0xC1, sizeof id.class_id);
    for (uint32_t i = 0; i < IMAGE_LEN; i++) {
        flash_bytes[IMAGE_AT + i] = (uint8_t)(i * 7U + i / 256U);
    }
    crypto_hash_sha256(image_hash, flash_bytes + IMAGE_AT, IMAGE_LEN);
    return 0;
}

/* The envelope of that image, at room + FERRY_TBS_SPARE, signed for slot `kid`. */
static void make_envelope(uint8_t *room, uint8_t kid, const uint8_t class_id[16])
{
    uint8_t *env = room + FERRY_TBS_SPARE;
    struct ferry_manifest m = {
        .has = 0x41FFU, /* keys 0..8 and 14 */
        .type = FERRY_TYPE_IMAGE,
        .class_id = class_id,
        .hw_max = 9,
        .version = 1,
        .length = IMAGE_LEN,
        .sha256 = image_hash,
        .blocks = image_hash,
    };

    size_t len =
        ferry_manifest_encode(&m, env + FERRY_ENVELOPE_HEAD, FERRY_PAYLOAD_MAX);
    assert_int_not_equal(len, 0);
    size_t env_len = ferry_envelope_frame(env, len, FERRY_ALG_ED25519, kid);
    size_t tbs_len = ferry_tbs_make(env);
    crypto_sign_detached(env + env_len - FERRY_SIG_LEN, NULL, room, tbs_len, secret);
    ferry_tbs_undo(env);
}

static bool holds_the_image(int fd)
{
    uint8_t *copy = malloc(IMAGE_LEN + 1);
    bool same = pread(fd, copy, IMAGE_LEN + 1, 0) == (ssize_t)IMAGE_LEN &&
                memcmp(copy, flash_bytes + IMAGE_AT, IMAGE_LEN) == 0;

    free(copy);
    return same;
}

static void nobody_can_change_a_sealed_copy(void **state)
{
    (void)state;
    int fd = sealed_copy(&flash, IMAGE_AT, IMAGE_LEN, false);

    assert_true(fd >= 0);
    assert_true(holds_the_image(fd));
    if (fcntl(fd, F_GET_SEALS) < 0) { /* memfd is forbidden here: it is a file */
        close(fd);
        skip();
    }
    assert_int_equal(pwrite(fd, "x", 1, 0), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(ftruncate(fd, IMAGE_LEN - 1), -1);
    assert_int_equal(ftruncate(fd, IMAGE_LEN + 1), -1);
    assert_ptr_equal(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
    assert_true(holds_the_image(fd));
    close(fd);
}

static void a_copy_on_disk_has_no_name_and_is_read_only(void **state)
{
    struct stat st;

    (void)state;
    int fd = sealed_copy(&flash, IMAGE_AT, IMAGE_LEN, true);
    assert_true(fd >= 0);
    assert_true(holds_the_image(fd));
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_nlink, 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(pwrite(fd, "x", 1, 0), -1);
    close(fd);
}

static void only_the_signed_bytes_are_taken_for_the_image(void **state)
{
    struct ferry_manifest m = {.length = IMAGE_LEN, .sha256 = image_hash};
    const uint32_t touched[] = {0, 1, 5000, IMAGE_LEN - 1};

    (void)state;
    for (size_t i = 0; i < sizeof touched / sizeof *touched; i++) {
        flash_bytes[IMAGE_AT + touched[i]] ^= 0x10;
        int fd = sealed_copy(&flash, IMAGE_AT, IMAGE_LEN, false);
        flash_bytes[IMAGE_AT + touched[i]] ^= 0x10;
        assert_int_equal(sealed_holds(fd, &crypto, &m), FERRY_E_HASH);
        close(fd);
    }
    int shorter = sealed_copy(&flash, IMAGE_AT, IMAGE_LEN - 4, false);
    assert_int_equal(sealed_holds(shorter, &crypto, &m), FERRY_E_HASH);
    close(shorter);
    int longer = sealed_copy(&flash, IMAGE_AT, IMAGE_LEN + 4, false);
    assert_int_equal(sealed_holds(longer, &crypto, &m), FERRY_E_HASH);
    close(longer);
    int right = sealed_copy(&flash, IMAGE_AT, IMAGE_LEN, false);
    assert_int_equal(sealed_holds(right, &crypto, &m), 0);
    close(right);
}

static void an_envelope_needs_a_burned_key_and_this_product(void **state)
{
    uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX] = {0};
    uint8_t *env = room + FERRY_TBS_SPARE;
    uint8_t stranger[16] = {1};
    struct ferry_manifest m;

    (void)state;
    make_envelope(room, 3, id.class_id);
    assert_int_equal(sealed_envelope(&id, &crypto, env, &m), 0);
    assert_int_equal(m.length, IMAGE_LEN);
    env[60] ^= 1;
    assert_int_equal(sealed_envelope(&id, &crypto, env, &m), FERRY_E_SIG_FINAL);
    make_envelope(room, 3, id.class_id);
    env[ferry_envelope_len(env) - 1] ^= 1;
    assert_int_equal(sealed_envelope(&id, &crypto, env, &m), FERRY_E_SIG_FINAL);
    make_envelope(room, 2, id.class_id);
    assert_int_equal(sealed_envelope(&id, &crypto, env, &m), FERRY_E_KID);
    make_envelope(room, FERRY_KID_STATEMENT, id.class_id);
    assert_int_equal(sealed_envelope(&id, &crypto, env, &m), FERRY_E_KID);
    make_envelope(room, 3, stranger);
    assert_int_equal(sealed_envelope(&id, &crypto, env, &m), FERRY_E_CLASS);
    memset(room, 0xFF, sizeof room);
    assert_int_not_equal(sealed_envelope(&id, &crypto, env, &m), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_can_change_a_sealed_copy),
        cmocka_unit_test(a_copy_on_disk_has_no_name_and_is_read_only),
        cmocka_unit_test(only_the_signed_bytes_are_taken_for_the_image),
        cmocka_unit_test(an_envelope_needs_a_burned_key_and_this_product),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
