/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the phone's command line. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "phone.h"
#include "text.h"

#define MISUSE 2

enum {
    SERVER = 1,
    STATE,
    DEVICE,
    CA,
    APP,
    YES,
    NO,
    EVERY,
    ONCE,
    ROUNDS,
    CLOCK,
    PATIENCE,
    MTU,
    CACHE_MB,
    HELP
};

static const struct option options[] = {
    {"server", required_argument, NULL, SERVER},
    {"state", required_argument, NULL, STATE},
    {"device", required_argument, NULL, DEVICE},
    {"ca", required_argument, NULL, CA},
    {"app", required_argument, NULL, APP},
    {"yes", no_argument, NULL, YES},
    {"no", no_argument, NULL, NO},
    {"every", required_argument, NULL, EVERY},
    {"once", no_argument, NULL, ONCE},
    {"rounds", required_argument, NULL, ROUNDS},
    {"clock", required_argument, NULL, CLOCK},
    {"patience", required_argument, NULL, PATIENCE},
    {"mtu", required_argument, NULL, MTU},
    {"cache-mb", required_argument, NULL, CACHE_MB},
    {"help", no_argument, NULL, HELP},
    {0},
};

static void usage(FILE *to)
{
    fputs(
        "usage: ferry-phone --server URL --state FOLDER --device PATH... [options]\n"
        "\n"
        "Carries updates from a fleet server to devices, and their signed statements\n"
        "back. Killed at any point, the same command goes on.\n"
        "  --server URL    https://, or http:// on this machine\n"
        "  --state FOLDER  what the phone remembers; made if it is missing\n"
        "  --device PATH   socket or terminal of a device; may be repeated\n"
        "  --ca FILE       certificates to trust (default: the system's)\n"
        "  --app VERSION   this application's, as the server is told (1.0.0)\n"
        "  --yes, --no     the user's answer; without, each is asked for once\n"
        "  --every S       seconds between two rounds (60)\n"
        "  --once          one round, then the end; --rounds N: so many\n"
        "  --patience S    a device that is silent for so long is away (20)\n"
        "  --mtu N         23..515 (247)\n"
        "  --cache-mb N    the cache's bound (16)\n"
        "  --clock N       the device's milliseconds in a real one (1)\n"
        "Exit codes: 0 done, 1 it cannot begin, 2 the command line is wrong.\n",
        to);
}

static bool take_number(struct phone_options *o, int option, const char *value)
{
    uint32_t mb;

    switch (option) {
    case EVERY:
        return text_within(value, 1, 86400, &o->every_s);
    case ROUNDS:
        return text_within(value, 1, 1000000, &o->rounds);
    case CLOCK:
        return text_within(value, 1, 1000, &o->clock);
    case PATIENCE:
        return text_within(value, 1, 3600, &o->patience_s);
    case MTU:
        return text_within(value, 23, 515, &o->mtu);
    case CACHE_MB:
        if (!text_within(value, 1, 100000, &mb)) {
            return false;
        }
        o->cache_max = (uint64_t)mb << 20;
        return true;
    default:
        return false;
    }
}

static bool take(struct phone_options *o, int option, const char *value)
{
    switch (option) {
    case SERVER:
        o->server = value;
        return true;
    case STATE:
        o->state = value;
        return true;
    case DEVICE:
        if (o->peers == PHONE_PEERS_MAX) {
            return false;
        }
        o->peer[o->peers++] = value;
        return true;
    case CA:
        o->ca_file = value;
        return true;
    case APP:
        o->app = value;
        return strlen(value) < 32;
    case YES:
        o->consent = PHONE_YES;
        return true;
    case NO:
        o->consent = PHONE_NO;
        return true;
    case ONCE:
        o->rounds = 1;
        return true;
    default:
        return take_number(o, option, value);
    }
}

static const char *lacks(const struct phone_options *o)
{
    return o->server == NULL  ? "--server"
           : o->state == NULL ? "--state"
           : o->peers == 0    ? "--device"
                              : NULL;
}

int phone_parse(struct phone_options *o, int argc, char **argv)
{
    int option, at = 0;

    *o = (struct phone_options){.app = "1.0.0",
                                .every_s = 60,
                                .clock = 1,
                                .patience_s = 20,
                                .mtu = 247,
                                .cache_max = 16U << 20};
    while ((option = getopt_long(argc, argv, "", options, &at)) != -1) {
        if (option == HELP) {
            usage(stdout);
            return 1;
        }
        if (option == '?') {
            return MISUSE + 1;
        }
        if (!take(o, option, optarg)) {
            fprintf(stderr, "ferry-phone: --%s: %s is no such value, or one too many\n",
                    options[at].name, optarg != NULL ? optarg : "it");
            return MISUSE + 1;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "ferry-phone: %s: not an option\n", argv[optind]);
        return MISUSE + 1;
    }
    if (lacks(o) != NULL) {
        fprintf(stderr, "ferry-phone: %s is missing; --help says more\n", lacks(o));
        return MISUSE + 1;
    }
    return 0;
}
