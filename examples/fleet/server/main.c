/* SPDX-License-Identifier: Apache-2.0
 *
 * ferryd: a fleet server. Knows its verbs. */
#include <stdio.h>
#include <string.h>

#include "offline.h"
#include "serve.h"

struct verb {
    const char *name;
    int (*run)(int argc, char **argv); /* behind the verb */
    const char *help;
};

static const struct verb verbs[] = {
    {"serve", serve, "serve phones and operators"},
    {"devices", offline_devices, "import devices from the factory's CSV"},
    {"releases", offline_releases, "take a release over from the artifact store"},
    {"token", offline_token, "make, list and revoke operators' tokens"},
    {"check", offline_check, "is every hash of the log right?"},
    {"replay", offline_replay, "play the log into another, empty database"},
    {"backup", offline_backup, "copy the database while it is in use"},
};
#define VERBS (sizeof verbs / sizeof verbs[0])

static int help(FILE *to)
{
    fprintf(to, "usage: ferryd [VERB] [options]\n\n"
                "A fleet server for devices that are updated through phones.\n\n");
    for (const struct verb *v = verbs; v < verbs + VERBS; v++) {
        fprintf(to, "  %-10s %s\n", v->name, v->help);
    }
    fprintf(to, "\nWithout a verb it serves. `ferryd VERB --help` says more.\n");
    return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        return serve(0, argv + argc);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        return help(stdout);
    }
    for (const struct verb *v = verbs; v < verbs + VERBS; v++) {
        if (strcmp(v->name, argv[1]) == 0) {
            return v->run(argc - 2, argv + 2);
        }
    }
    if (argv[1][0] == '-') {
        return serve(argc - 1, argv + 1);
    }
    fprintf(stderr, "ferryd: there is no verb %s\n", argv[1]);
    return help(stderr);
}
