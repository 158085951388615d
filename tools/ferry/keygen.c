/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry keygen: a key pair in two files. Never replaces a key unless told to: a lost
 * key ends the fleet's updates. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "keylock.h"
#include "say.h"
#include "verbs.h"

enum { OUT, FORCE, LOCK, PASS_FILE, TEST_KEY };

static const struct option_row options[] = {
    [OUT] = {"output", 'o', REQUIRED, "NAME", "write NAME.key and NAME.pub"},
    [FORCE] = {"force", 0, OPTIONAL, NULL, "replace files that exist"},
    [LOCK] =
        {"lock", 0, OPTIONAL, NULL,
         "lock the private key with a passphrase (FERRY_PASSPHRASE, or asked for)"},
    [PASS_FILE] = {"passphrase-file", 0, OPTIONAL, "FILE",
                   "lock it with the first line of this file"},
    [TEST_KEY] = {"test-key", 0, OPTIONAL, NULL,
                  "write the published key of RFC 8032, test 1: for tests only"},
    {0},
};

/* Neither file gets its name before both are safely written; the public one first. */
static int write_pair(const char *private_pem, const char *private_path,
                      const char *public_pem, const char *public_path)
{
    struct pending files[2] = {{0}, {0}};
    int code =
        file_begin(&files[1], private_path, 0600, private_pem, strlen(private_pem));

    if (code == DONE) {
        code = file_begin(&files[0], public_path, 0644, public_pem, strlen(public_pem));
    }
    return file_settle(files, 2, code);
}

static int check_free(const struct args *a, const char *path)
{
    if (a->value[FORCE] == NULL && file_exists(path)) {
        return refuse("%s: exists; --force replaces it", path);
    }
    return DONE;
}

static int private_text(const struct args *a, const struct key *k, const char *path,
                        char pem[KEY_PEM_MAX])
{
    const char *pass_file = a->value[PASS_FILE];
    char what[KEY_WHAT_MAX];
    struct secret_from from = key_passphrase(path, pass_file, what);
    struct secret pass;

    if (a->value[LOCK] == NULL && pass_file == NULL) {
        key_private_pem(k, pem);
        return DONE;
    }
    int code = keylock_ready();
    from.twice = true;
    if (code == DONE) {
        code = secret_get(&pass, &from);
    }
    if (code == DONE) {
        code = keylock_close(k, &pass, pem);
        secret_wipe(&pass);
    }
    return code;
}

static int make(const struct args *a, const char *private_path, const char *public_path)
{
    struct key k;
    char private_pem[KEY_PEM_MAX], public_pem[KEY_PEM_MAX];

    if (a->value[TEST_KEY] != NULL) {
        key_make_published(&k);
    } else {
        key_make(&k);
    }
    int code = private_text(a, &k, private_path, private_pem);
    key_public_pem(&k, public_pem);
    key_wipe(&k);
    if (code == DONE) {
        code = write_pair(private_pem, private_path, public_pem, public_path);
    }
    sodium_memzero(private_pem, sizeof private_pem);
    return code;
}

static int run(const struct args *a)
{
    char *private_path = file_name(a->value[OUT], ".key");
    char *public_path = file_name(a->value[OUT], ".pub");
    int code = REFUSED;

    if (private_path == NULL || public_path == NULL) {
        code = refuse("no memory for file names");
    } else if (check_free(a, private_path) == DONE &&
               check_free(a, public_path) == DONE) {
        code = make(a, private_path, public_path);
    }
    if (code == DONE) {
        printf("%s: the private key%s\n%s: the public key\n", private_path,
               a->value[TEST_KEY] != NULL ? ", published: never for a product" : "",
               public_path);
    }
    free(private_path);
    free(public_path);
    return code;
}

const struct verb verb_keygen = {
    .name = "keygen",
    .summary = "Make an Ed25519 key pair",
    .options = options,
    .run = run,
};
