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
    &verb_keygen,  &verb_pubkey, &verb_keytable, &verb_sign,
    &verb_tbs,     &verb_attach, &verb_verify,   &verb_inspect,
    &verb_factory, &verb_push,   &verb_release,  NULL,
};

static void help(const char *above, const struct verb *const *list)
{
    printf("usage: ferry%s VERB [options]\n\n", above);
    for (; *list != NULL; list++) {
        printf("  %-17s %s\n", (*list)->name, (*list)->summary);
    }
    printf("\nferry%s VERB --help describes a verb's options.\n"
           "Exit codes: 0 done, 1 refused, 2 the command line is wrong.\n",
           above);
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

/* `above` is "" or " release": what stands before the verbs of `list`. */
static int dispatch(const char *above, const struct verb *const *list, int argc,
                    char **argv)
{
    char name[32];
    const char *first = above + (*above != '\0');

    if (argc < 2) {
        return misuse("no verb given; see ferry%s --help", above);
    }
    if (strcmp(argv[1], "--help") == 0) {
        help(above, list);
        return DONE;
    }
    snprintf(name, sizeof name, "%s%s%s", first, *first != '\0' ? " " : "", argv[1]);
    for (; *list != NULL; list++) {
        if (strcmp(name, (*list)->name) == 0) {
            return (*list)->verbs != NULL
                       ? dispatch(" release", (*list)->verbs, argc - 1, argv + 1)
                       : run(*list, argc - 1, argv + 1);
        }
    }
    return misuse("no such verb: '%s%s%s'; see ferry%s --help", first,
                  *first != '\0' ? " " : "", argv[1], above);
}

int main(int argc, char **argv)
{
    int code = dispatch("", verbs, argc, argv);

    if ((fflush(stdout) != 0 || ferror(stdout)) && code == DONE) {
        return refuse("standard output: %s", strerror(errno));
    }
    return code;
}
