/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs inputs of a fuzz target, files or folders of them, without a fuzzer: that is how
 * the corpus is an ordinary test, and a finding is looked at. Names each before it runs,
 * so the last one named is the one that ended the program. Ends 1 if there was none. */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#define INPUT_MAX (1U << 20)

static void die(const char *what, const char *path)
{
    fprintf(stderr, "replay: %s: %s\n", what, path);
    exit(1);
}

static void run(const char *path)
{
    static uint8_t bytes[INPUT_MAX];
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        die("cannot read", path);
    }
    size_t len = fread(bytes, 1, sizeof bytes, file);
    if (ferror(file) || fclose(file) != 0 || len == sizeof bytes) {
        die("cannot read all of", path);
    }
    printf("%s\n", path);
    fflush(stdout);
    uint8_t *input = fuzz_copy(bytes, len);
    (void)LLVMFuzzerTestOneInput(input, len);
    free(input);
}

static unsigned run_all(const char *path);

/* In the order of their names, so that every run is the same. */
static unsigned run_folder(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    unsigned inputs = 0;

    if (count < 0) {
        die("cannot list", path);
    }
    for (int i = 0; i < count; i++) {
        char name[4096];
        int len = snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
        if (len < 0 || (size_t)len >= sizeof name) {
            die("too long a name in", path);
        }
        if (entries[i]->d_name[0] != '.') {
            inputs += run_all(name);
        }
        free(entries[i]);
    }
    free(entries);
    return inputs;
}

static unsigned run_all(const char *path)
{
    struct stat is;

    if (stat(path, &is) != 0) {
        die("there is no", path);
    }
    if (S_ISDIR(is.st_mode)) {
        return run_folder(path);
    }
    run(path);
    return 1;
}

int main(int argc, char **argv)
{
    unsigned inputs = 0;

    for (int i = 1; i < argc; i++) {
        inputs += run_all(argv[i]);
    }
    printf("%u inputs\n", inputs);
    return inputs > 0 ? 0 : 1;
}
