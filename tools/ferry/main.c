/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry: make, check and show artifacts. Knows which verbs there are and what the exit
 * codes mean: 0 done, 1 refused, 2 the command line is wrong. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "say.h"
#include "verbs.h"

static const struct verb *const verbs[] = {
    &verb_keygen, &verb_pubkey, &verb_keytable, &verb_sign,    &verb_tbs,
    &verb_attach, &verb_verify, &verb_inspect,  &verb_factory, &verb_push,
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static void help(void)
{
    printf("usage: ferry VERB [options]\n\n");
    for (unsigned i = 0; i < VERBS; i++) {
        printf("  %-10s %s\n", verbs[i]->name, verbs[i]->summary);
    }
    printf("\nferry VERB --help describes a verb's options.\n"
           "Exit codes: 0 done, 1 refused, 2 the command line is wrong.\n");
}

static int run(const struct verb *verb, int argc, char **argv)
{
    struct args a;
    int code = args_parse(&a, verb, argc, argv);

    if (code != DONE) {
        return code;
    }
    if (a.help) {
        args_help(verb);
        return DONE;
    }
    if (sodium_init() < 0) {
        return refuse("libsodium does not start: no source of random numbers");
    }
    return verb->run(&a);
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        return misuse("no verb given; see ferry --help");
    }
    if (strcmp(argv[1], "--help") == 0) {
        help();
        return DONE;
    }
    for (unsigned i = 0; i < VERBS; i++) {
        if (strcmp(argv[1], verbs[i]->name) == 0) {
            return run(verbs[i], argc - 1, argv + 1);
        }
    }
    return misuse("no such verb: '%s'; see ferry --help", argv[1]);
}

int main(int argc, char **argv)
{
    int code = dispatch(argc, argv);

    if ((fflush(stdout) != 0 || ferror(stdout)) && code == DONE) {
        return refuse("standard output: %s", strerror(errno));
    }
    return code;
}
