/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that a file saved is old or new and never between, whatever kills its writer,
 * and that what cannot be read or written says why. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "port.h"

#define BIG (256U * 1024U)

static uint8_t buf[BIG + 1];

static void what_was_saved_is_what_is_loaded(void **state)
{
    const char *path = port_path("a");
    size_t len = 99;

    (void)state;
    assert_int_equal(ferry_file_save(path, "old and long", 12), 0);
    assert_int_equal(ferry_file_save(path, "new", 3), 0);
    assert_int_equal(ferry_file_load(path, buf, sizeof buf, &len), 0);
    assert_int_equal(len, 3);
    assert_memory_equal(buf, "new", 3);
    assert_int_equal(ferry_file_save(path, "", 0), 0);
    assert_int_equal(ferry_file_load(path, buf, sizeof buf, &len), 0);
    assert_int_equal(len, 0);
}

static void nobody_but_its_owner_can_read_it_and_nothing_else_is_left(void **state)
{
    const char *path = port_path("a");
    struct stat st;

    (void)state;
    assert_int_equal(ferry_file_save(path, "key", 3), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(access(port_path("a.new"), F_OK), -1);
}

static void a_file_that_just_fits_is_loaded_and_a_longer_one_is_refused(void **state)
{
    const char *path = port_path("a");
    size_t len = 99;

    (void)state;
    assert_int_equal(ferry_file_save(path, "1234", 4), 0);
    assert_int_equal(ferry_file_load(path, buf, 4, &len), 0);
    assert_int_equal(len, 4);
    len = 99;
    assert_int_equal(ferry_file_load(path, buf, 3, &len), -1);
    assert_int_equal(errno, EFBIG);
    assert_int_equal(len, 99);
}

static void a_missing_file_is_told_apart(void **state)
{
    size_t len = 99;

    (void)state;
    assert_int_equal(ferry_file_load(port_path("none"), buf, 9, &len), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(len, 99);
}

static void a_save_that_cannot_be_done_leaves_the_old_file_and_no_other(void **state)
{
    char longest[5000];
    size_t len;

    (void)state;
    assert_int_equal(ferry_file_save(port_path("no/folder"), "x", 1), -1);
    assert_int_equal(errno, ENOENT);
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(ferry_file_save(longest, "x", 1), -1);
    assert_int_equal(errno, ENAMETOOLONG);

    /* A folder of the temporary name is in the way. */
    const char *path = port_path("kept");
    assert_int_equal(ferry_file_save(path, "old", 3), 0);
    assert_int_equal(mkdir(port_path("kept.new"), 0700), 0);
    assert_int_equal(ferry_file_save(path, "new", 3), -1);
    assert_int_equal(ferry_file_load(path, buf, 9, &len), 0);
    assert_memory_equal(buf, "old", 3);
    assert_int_equal(rmdir(port_path("kept.new")), 0);

    /* A folder of the final name is: the rename fails, the temporary file goes. */
    assert_int_equal(mkdir(port_path("dir"), 0700), 0);
    assert_int_equal(ferry_file_save(port_path("dir"), "x", 1), -1);
    assert_int_equal(access(port_path("dir.new"), F_OK), -1);
}

static void a_name_without_a_folder_is_in_the_current_one(void **state)
{
    char here[1024];
    size_t len;

    (void)state;
    assert_non_null(getcwd(here, sizeof here));
    port_path("x");
    assert_int_equal(chdir(port_path(".")), 0);
    assert_int_equal(ferry_file_save("plain", "x", 1), 0);
    assert_int_equal(chdir(here), 0);
    assert_int_equal(ferry_file_load(port_path("plain"), buf, 9, &len), 0);
}

/* What kill -9 left of an earlier save is neither in the way nor followed. */
static void
a_left_over_temporary_file_is_overwritten_but_no_link_is_followed(void **state)
{
    const char *path = port_path("b");
    size_t len;

    (void)state;
    port_put(port_path("b.new"), "left over, and longer", 21);
    assert_int_equal(ferry_file_save(path, "new", 3), 0);
    assert_int_equal(ferry_file_load(path, buf, sizeof buf, &len), 0);
    assert_int_equal(len, 3);

    port_put(port_path("victim"), "precious", 8);
    assert_int_equal(symlink(port_path("victim"), port_path("b.new")), 0);
    assert_int_equal(ferry_file_save(path, "evil", 4), -1);
    assert_int_equal(ferry_file_load(port_path("victim"), buf, sizeof buf, &len), 0);
    assert_memory_equal(buf, "precious", 8);
    unlink(port_path("b.new"));
}

struct saver {
    char path[128];
    volatile uint32_t *saves; /* shared */
};

static int save_for_ever(void *ctx)
{
    static uint8_t bytes[BIG];
    const struct saver *s = ctx;

    for (uint8_t n = 1;; n++) {
        memset(bytes, n, sizeof bytes);
        if (ferry_file_save(s->path, bytes, sizeof bytes - n) != 0) {
            return 1;
        }
        *s->saves += 1;
    }
}

static void a_writer_killed_at_any_time_leaves_one_whole_file(void **state)
{
    struct saver s = {.saves = port_shared(sizeof *s.saves)};
    struct dice d = {0xF11E};
    size_t len;

    (void)state;
    snprintf(s.path, sizeof s.path, "%s", port_path("c"));
    memset(buf, 0, BIG);
    assert_int_equal(ferry_file_save(s.path, buf, BIG), 0);
    for (unsigned i = 0; i < 60; i++) {
        uint8_t before = buf[0];
        uint32_t least = i % 3; /* before the first save, or after one or two */
        *s.saves = 0;
        pid_t child = port_child(save_for_ever, &s);
        while (*s.saves < least) {
            port_sleep_us(50);
        }
        port_sleep_us((long)roll_below(&d, 2000));
        kill(child, SIGKILL);
        assert_int_equal(port_ended(child), 256 + SIGKILL);
        assert_int_equal(ferry_file_load(s.path, buf, sizeof buf, &len), 0);
        assert_int_equal(len, BIG - buf[0]);
        for (size_t k = 0; k < len; k++) {
            assert_int_equal(buf[k], buf[0]);
        }
        /* What was acknowledged is there, or its successor, on its way at the end. */
        uint8_t told = *s.saves > 0 ? (uint8_t)*s.saves : before;
        assert_true(buf[0] == told || buf[0] == (uint8_t)(*s.saves + 1));
    }
    port_unshare((void *)(uintptr_t)s.saves, sizeof *s.saves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_saved_is_what_is_loaded),
        cmocka_unit_test(nobody_but_its_owner_can_read_it_and_nothing_else_is_left),
        cmocka_unit_test(a_file_that_just_fits_is_loaded_and_a_longer_one_is_refused),
        cmocka_unit_test(a_missing_file_is_told_apart),
        cmocka_unit_test(a_save_that_cannot_be_done_leaves_the_old_file_and_no_other),
        cmocka_unit_test(a_name_without_a_folder_is_in_the_current_one),
        cmocka_unit_test(
            a_left_over_temporary_file_is_overwritten_but_no_link_is_followed),
        cmocka_unit_test(a_writer_killed_at_any_time_leaves_one_whole_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
