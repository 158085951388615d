/* SPDX-License-Identifier: Apache-2.0
 *
 * A verb and its options, described once: the same rows are parsed by and shown by
 * --help. */
#ifndef FERRY_TOOL_ARGS_H
#define FERRY_TOOL_ARGS_H

#include <stdbool.h>

#define OPTIONS_MAX 24
#define AGAIN_MAX 8     /* how often the option that may repeat can be given */
#define OPERANDS_MAX 16 /* of a verb that takes many */

struct args;

enum option_need {
    OPTIONAL,
    REQUIRED, /* the verb does not work without it */
    REPEATED  /* optional, and may be given again; at most one row of a verb */
};

struct option_row {
    const char *name; /* long name; the table ends with NULL */
    char letter;      /* short name, 0 if none */
    enum option_need need;
    const char *value; /* what --help calls its value; NULL: a flag */
    const char *help;
};

struct verb {
    const char *name;
    const char *operand; /* what --help calls the operand; NULL: takes none */
    bool many;           /* any number of operands, none included; else exactly one */
    const char *summary;
    const struct option_row *options;
    const char *notes;                /* the end of its --help; may be NULL */
    int (*run)(const struct args *a); /* the exit code */
    const struct verb *const *verbs;  /* NULL: it is one; else those below it, NULL
                                         behind the last, and nothing else counts */
};

struct args {
    const struct verb *verb;
    const char *const *operands;
    unsigned operands_len;
    const char *value[OPTIONS_MAX]; /* by row; NULL: not given; "" for a flag */
    const char *again[AGAIN_MAX];   /* every value of the row that may repeat */
    unsigned again_len;
    bool help; /* --help was given: nothing else is checked */
};

/* argv[0] is the verb's name. 0, or MISUSED and the line is said. */
int args_parse(struct args *a, const struct verb *verb, int argc, char **argv);

/* Says that the value of option `row` will not do: MISUSED. */
int args_bad(const struct args *a, unsigned row, const char *why);

void args_help(const struct verb *verb);

#endif
