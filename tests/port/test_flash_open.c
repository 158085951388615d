/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests which files are taken for a flash, and which are refused, in what words. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

static const struct ferry_flash_geometry plain = {
    .size = 16384, .erase_unit = 4096, .write_unit = 4, .erased = 0xFF};
static struct bench b;
static const uint32_t some[128] = {0x12345678, 0x9ABCDEF0};

/* Refused with these words, and nothing left open. */
static void expect_closed(const char *path, const struct ferry_flash_geometry *g,
                          int err, const char *words)
{
    struct ferry_flash_file f;

    assert_int_equal(ferry_flash_file_open(&f, path, g, false), err);
    if (strstr(f.why, words) == NULL || strstr(f.why, path) == NULL) {
        fail_msg("'%s' does not say '%s'", f.why, words);
    }
    assert_null(f.bytes);
    ferry_flash_file_close(&f);
}

static void a_file_that_is_missing_is_made_only_on_demand(void **state)
{
    const char *path = port_path("fresh");

    (void)state;
    expect_closed(path, &plain, FERRY_E_FLASH, "cannot be opened: No such file");
    assert_int_equal(access(path, F_OK), -1);
    bench_open(&b, path, &plain);
    bench_close(&b);
    assert_int_equal(access(path, F_OK), 0);
    struct ferry_flash_file f;
    assert_int_equal(ferry_flash_file_open(&f, port_path("no/folder"), &plain, true),
                     FERRY_E_FLASH);
    assert_non_null(strstr(f.why, "cannot be made"));
}

static void opening_an_existing_file_changes_nothing_in_it(void **state)
{
    (void)state;
    bench_fresh(&b, &plain);
    assert_int_equal(bench_write(&b, 64, some, 8), 0);
    bench_close(&b);
    bench_open(&b, port_path("flash"), &plain);
    assert_memory_equal(b.file.bytes + 64, some, 8);
    assert_false(ferry_flash_file_blank(&b.file, 64));
    assert_true(ferry_flash_file_blank(&b.file, 72));
    bench_close(&b);
    bench_open(&b, port_path("flash"), NULL);
    assert_int_equal(b.file.geometry.erase_unit, 4096);
    assert_memory_equal(b.file.bytes + 64, some, 8);
    bench_close(&b);
}

static void an_address_is_an_offset_in_the_file(void **state)
{
    uint8_t got[8];

    (void)state;
    bench_fresh(&b, &plain);
    assert_int_equal(bench_write(&b, 8192, some, 8), 0);
    bench_close(&b);
    FILE *f = fopen(port_path("flash"), "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 8192, SEEK_SET), 0);
    assert_int_equal(fread(got, 1, sizeof got, f), sizeof got);
    fclose(f);
    assert_memory_equal(got, some, sizeof got);
}

static void a_file_of_another_geometry_is_refused_with_both_named(void **state)
{
    static const struct ferry_flash_geometry others[] = {
        {32768, 4096, 4, 0xFF},
        {16384, 2048, 4, 0xFF},
        {16384, 4096, 8, 0xFF},
        {16384, 4096, 4, 0x00},
    };

    (void)state;
    bench_fresh(&b, &plain);
    bench_close(&b);
    for (size_t i = 0; i < COUNT(others); i++) {
        char words[80];
        snprintf(words, sizeof words, "wanted %u bytes, erase unit %u, write unit %u",
                 (unsigned)others[i].size, (unsigned)others[i].erase_unit,
                 (unsigned)others[i].write_unit);
        expect_closed(port_path("flash"), &others[i], FERRY_E_FLASH, words);
        expect_closed(port_path("flash"), &others[i], FERRY_E_FLASH,
                      "has another geometry: 16384 bytes, erase unit 4096");
    }
}

static void a_geometry_no_flash_has_is_refused(void **state)
{
    static const struct ferry_flash_geometry bad[] = {
        {0, 4096, 4, 0xFF},       {4096 + 512, 4096, 4, 0xFF}, {4096, 256, 4, 0xFF},
        {768 * 4, 768, 4, 0xFF},  {524288, 262144, 4, 0xFF},   {4096, 4096, 0, 0xFF},
        {4096, 4096, 3, 0xFF},    {4096, 4096, 64, 0xFF},      {4096, 4096, 4, 0xFE},
        {1U << 31, 4096, 4, 0xFF}};
    const char *path = port_path("never");
    struct ferry_flash_file f;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(ferry_flash_file_open(&f, path, &bad[i], true), FERRY_E_ARG);
        assert_non_null(strstr(f.why, "no flash has the wanted geometry"));
        assert_int_equal(access(path, F_OK), -1);
    }
    assert_int_equal(ferry_flash_file_open(&f, path, NULL, true), FERRY_E_ARG);
}

static void a_file_that_is_no_flash_image_is_refused(void **state)
{
    static const char text[] = "#!/bin/sh\necho a text of more than 32 bytes, surely\n";

    (void)state;
    port_put(port_path("text"), text, sizeof text);
    expect_closed(port_path("text"), &plain, FERRY_E_FLASH, "is not a flash image");
    port_put(port_path("empty"), "", 0);
    expect_closed(port_path("empty"), NULL, FERRY_E_FLASH, "is not a flash image");
    mkdir(port_path("folder"), 0700);
    expect_closed(port_path("folder"), NULL, FERRY_E_FLASH, "cannot be opened: Is a");
}

/* Cut short, grown, of a later layout, of a geometry that cannot be. */
static void a_damaged_flash_image_is_refused(void **state)
{
    size_t len = 16384 + 4096 + 4 + 32;
    uint8_t *bytes = calloc(1, len + 4096);
    FILE *f;

    (void)state;
    assert_non_null(bytes);
    bench_fresh(&b, &plain);
    bench_close(&b);
    f = fopen(port_path("flash"), "rb");
    assert_non_null(f);
    assert_int_equal(fread(bytes + 4096, 1, len + 1, f), len);
    fclose(f);
    const char *path = port_path("damaged");
    port_put(path, bytes + 4096, len - 1);
    expect_closed(path, NULL, FERRY_E_FLASH, "is not a flash image");
    port_put(path, bytes + 4096 + 1, len - 1);
    expect_closed(path, NULL, FERRY_E_FLASH, "is a damaged flash image");
    port_put(path, bytes, len + 4096);
    expect_closed(path, NULL, FERRY_E_FLASH, "is a damaged flash image");
    bytes[4096 + len - 32 + 9] = 3; /* the write unit */
    port_put(path, bytes + 4096, len);
    expect_closed(path, NULL, FERRY_E_FLASH, "is a damaged flash image");
    bytes[4096 + len - 32 + 9] = 4;
    bytes[4096 + len - 32 + 10] = 0xFE; /* the erased value */
    port_put(path, bytes + 4096, len);
    expect_closed(path, NULL, FERRY_E_FLASH, "is a damaged flash image");
    bytes[4096 + len - 32 + 8] = 2;
    port_put(path, bytes + 4096, len);
    expect_closed(path, NULL, FERRY_E_FLASH, "is a flash image of layout 2, not 1");
    free(bytes);
}

static int hold(void *ctx)
{
    volatile uint8_t *open_there = ctx;
    struct ferry_flash_file f;

    if (ferry_flash_file_open(&f, port_path("flash"), &plain, false) != 0) {
        *open_there = 2;
        return 1;
    }
    *open_there = 1;
    for (;;) {
        pause();
    }
}

static void
a_file_in_use_by_another_process_is_refused_until_that_one_dies(void **state)
{
    void *shared = port_shared(1);
    volatile uint8_t *open_there = shared;

    (void)state;
    bench_fresh(&b, &plain);
    bench_close(&b);
    pid_t child = port_child(hold, shared);
    while (*open_there == 0) {
        port_sleep_us(500);
    }
    assert_int_equal(*open_there, 1);
    expect_closed(port_path("flash"), &plain, FERRY_E_FLASH, "another process uses it");
    kill(child, SIGKILL);
    assert_int_equal(port_ended(child), 256 + SIGKILL);
    bench_open(&b, port_path("flash"), &plain);
    bench_close(&b);
    port_unshare(shared, 1);
}

static void closing_twice_or_before_opening_is_harmless(void **state)
{
    struct ferry_flash_file f;
    int fd[2];

    (void)state;
    assert_int_equal(pipe(fd), 0);
    int first = dup(0); /* descriptor 0, as a zeroed struct might name it */
    assert_int_equal(dup2(fd[0], 0), 0);
    memset(&f, 0, sizeof f);
    ferry_flash_file_close(&f);
    assert_int_equal(fcntl(0, F_GETFD) < 0, 0);
    first >= 0 ? dup2(first, 0) : close(0);
    close(first);
    close(fd[0]);
    close(fd[1]);
    bench_fresh(&b, &plain);
    bench_close(&b);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_is_missing_is_made_only_on_demand),
        cmocka_unit_test(opening_an_existing_file_changes_nothing_in_it),
        cmocka_unit_test(an_address_is_an_offset_in_the_file),
        cmocka_unit_test(a_file_of_another_geometry_is_refused_with_both_named),
        cmocka_unit_test(a_geometry_no_flash_has_is_refused),
        cmocka_unit_test(a_file_that_is_no_flash_image_is_refused),
        cmocka_unit_test(a_damaged_flash_image_is_refused),
        cmocka_unit_test(
            a_file_in_use_by_another_process_is_refused_until_that_one_dies),
        cmocka_unit_test(closing_twice_or_before_opening_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
