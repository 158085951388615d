/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a command line maps to a verb's rows. Does not know what the values mean:
 * the verbs do. */
#include "args.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "say.h"

#define LONG_BASE 256 /* getopt's number of row 0; above every letter */

struct getopt_tables {
    char letters[2 * OPTIONS_MAX + 2];
    struct option names[OPTIONS_MAX + 2];
};

static void to_getopt(const struct verb *verb, struct getopt_tables *t)
{
    char *letter = t->letters;
    int n = 0;

    memset(t, 0, sizeof *t);
    *letter++ = ':'; /* tell a missing value from an unknown option */
    for (const struct option_row *o = verb->options; o->name != NULL; o++, n++) {
        t->names[n].name = o->name;
        t->names[n].has_arg = o->value != NULL ? required_argument : no_argument;
        t->names[n].val = LONG_BASE + n;
        if (o->letter != 0) {
            *letter++ = o->letter;
        }
        if (o->letter != 0 && o->value != NULL) {
            *letter++ = ':';
        }
    }
    t->names[n].name = "help";
    t->names[n].val = LONG_BASE + n;
}

/* The row that getopt's answer stands for. */
static int row_of(const struct verb *verb, int got)
{
    int row = got - LONG_BASE;

    if (got < LONG_BASE) {
        row = 0;
        while (verb->options[row].letter != got) {
            row++;
        }
    }
    return row;
}

static int store(struct args *a, int row)
{
    const struct option_row *o = &a->verb->options[row];

    if (o->name == NULL) {
        a->help = true;
        return DONE;
    }
    if (a->value[row] != NULL && o->need != REPEATED) {
        return misuse("%s: --%s is given twice", a->verb->name, o->name);
    }
    a->value[row] = o->value != NULL ? optarg : "";
    if (o->need == REPEATED) {
        if (a->again_len == AGAIN_MAX) {
            return misuse("%s: --%s is given more than %d times", a->verb->name,
                          o->name, AGAIN_MAX);
        }
        a->again[a->again_len++] = optarg;
    }
    return DONE;
}

static int check_operands(struct args *a, int argc, char **argv)
{
    const struct verb *verb = a->verb;
    int most = verb->operand == NULL ? 0 : verb->many ? OPERANDS_MAX : 1;

    if (verb->operand != NULL && !verb->many && optind == argc) {
        return misuse("%s: %s is missing; see ferry %s --help", verb->name,
                      verb->operand, verb->name);
    }
    if (argc - optind > most) {
        return misuse("%s: '%s' is one argument too many", verb->name,
                      argv[optind + most]);
    }
    a->operands = (const char *const *)(argv + optind);
    a->operands_len = (unsigned)(argc - optind);
    return DONE;
}

static int check_complete(struct args *a, int argc, char **argv)
{
    for (int row = 0; a->verb->options[row].name != NULL; row++) {
        if (a->verb->options[row].need == REQUIRED && a->value[row] == NULL) {
            return misuse("%s: --%s is missing; see ferry %s --help", a->verb->name,
                          a->verb->options[row].name, a->verb->name);
        }
    }
    return check_operands(a, argc, argv);
}

/* A letter may stand inside an argument that getopt has not left yet. */
static int unknown(const struct verb *verb, const char *argument)
{
    if (optopt != 0 && optopt < LONG_BASE) {
        return misuse("%s: no such option: -%c", verb->name, optopt);
    }
    return misuse("%s: no such option: %s", verb->name, argument);
}

int args_parse(struct args *a, const struct verb *verb, int argc, char **argv)
{
    struct getopt_tables t;
    int got;

    memset(a, 0, sizeof *a);
    a->verb = verb;
    to_getopt(verb, &t);
    opterr = 0;
    while ((got = getopt_long(argc, argv, t.letters, t.names, NULL)) != -1) {
        if (got == ':') {
            return misuse("%s: %s wants a value", verb->name, argv[optind - 1]);
        }
        if (got == '?') {
            return unknown(verb, argv[optind - 1]);
        }
        int code = store(a, row_of(verb, got));
        if (code != DONE) {
            return code;
        }
    }
    return a->help ? DONE : check_complete(a, argc, argv);
}

int args_bad(const struct args *a, unsigned row, const char *why)
{
    return misuse("%s: --%s '%s': %s", a->verb->name, a->verb->options[row].name,
                  a->value[row], why);
}

static const char *need_text(enum option_need need)
{
    switch (need) {
    case OPTIONAL:
        return "";
    case REQUIRED:
        return " (required)";
    case REPEATED:
        return " (may be repeated)";
    }
    return "";
}

static void help_row(const struct option_row *o)
{
    char left[40];
    char letter[] = {'-', o->letter, ',', ' ', '\0'};

    snprintf(left, sizeof left, "%s--%s %s", o->letter != 0 ? letter : "", o->name,
             o->value != NULL ? o->value : "");
    printf("  %-26s %s%s\n", left, o->help, need_text(o->need));
}

void args_help(const struct verb *verb)
{
    printf("usage: ferry %s [options]", verb->name);
    if (verb->operand != NULL) {
        printf(verb->many ? " [%s...]" : " %s", verb->operand);
    }
    printf("\n\n%s.\n\n", verb->summary);
    for (const struct option_row *o = verb->options; o->name != NULL; o++) {
        help_row(o);
    }
    printf("  %-26s %s\n", "--help", "print this");
    if (verb->notes != NULL) {
        printf("\n%s", verb->notes);
    }
}
