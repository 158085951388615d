/* SPDX-License-Identifier: Apache-2.0
 *
 * A verb and its options, described once: the same rows are parsed by and shown by
 * --help. */
#ifndef FERRY_TOOL_ARGS_H
#define FERRY_TOOL_ARGS_H

#include <stdbool.h>

#define OPTIONS_MAX 16

struct args;

struct option_row {
    const char *name;  /* long name; the table ends with NULL */
    char letter;       /* short name, 0 if none */
    bool required;     /* the verb does not work without it */
    const char *value; /* what --help calls its value; NULL: a flag */
    const char *help;
};

struct verb {
    const char *name;
    const char *operand; /* what --help calls the one operand; NULL: takes none */
    const char *summary;
    const struct option_row *options;
    int (*run)(const struct args *a); /* the exit code */
};

struct args {
    const struct verb *verb;
    const char *operand;
    const char *value[OPTIONS_MAX]; /* by row; NULL: not given; "" for a flag */
    bool help;                      /* --help was given: nothing else is checked */
};

/* argv[0] is the verb's name. 0, or MISUSED and the line is said. */
int args_parse(struct args *a, const struct verb *verb, int argc, char **argv);

/* Says that the value of option `row` will not do: MISUSED. */
int args_bad(const struct args *a, unsigned row, const char *why);

void args_help(const struct verb *verb);

#endif
