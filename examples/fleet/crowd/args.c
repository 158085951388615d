/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the crowd's command line. */
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "crowd.h"
#include "text.h"

#define MISUSE 2

enum {
    SERVER = 1,
    CA,
    STATE,
    CSV,
    FACTORY,
    KEY,
    CLASS,
    LOG,
    DEVICES,
    PHONES,
    THREADS,
    SEED,
    HOURS,
    HOUR_S,
    CONTACTS,
    WALK,
    LIARS,
    DIE,
    HW,
    CRASH,
    JSON,
    HELP
};

static const struct option options[] = {
    {"server", required_argument, NULL, SERVER},
    {"ca", required_argument, NULL, CA},
    {"state", required_argument, NULL, STATE},
    {"csv", required_argument, NULL, CSV},
    {"factory", required_argument, NULL, FACTORY},
    {"key", required_argument, NULL, KEY},
    {"class", required_argument, NULL, CLASS},
    {"log", required_argument, NULL, LOG},
    {"devices", required_argument, NULL, DEVICES},
    {"phones", required_argument, NULL, PHONES},
    {"threads", required_argument, NULL, THREADS},
    {"seed", required_argument, NULL, SEED},
    {"hours", required_argument, NULL, HOURS},
    {"hour-seconds", required_argument, NULL, HOUR_S},
    {"contacts", required_argument, NULL, CONTACTS},
    {"walk", required_argument, NULL, WALK},
    {"liars", required_argument, NULL, LIARS},
    {"die", required_argument, NULL, DIE},
    {"hw", required_argument, NULL, HW},
    {"crash", required_argument, NULL, CRASH},
    {"json", no_argument, NULL, JSON},
    {"help", no_argument, NULL, HELP},
    {0},
};

static void usage(FILE *to)
{
    fputs(
        "usage: ferry-crowd --class HEX --csv FILE [options]\n"
        "       ferry-crowd --class HEX --server URL --state FOLDER --factory "
        "ARTIFACT\n"
        "                   --key HEX [options]\n"
        "\n"
        "Simulated devices (real engine, real bootloader) behind simulated phones, in\n"
        "compressed time. The first form writes what the fleet server's factory "
        "import\n"
        "wants to know of them.\n"
        "  --devices N --phones N --threads N --seed N   (1000, 200, 4, 1)\n"
        "  --hw R,R,...       hardware revisions; each device has one (1,2,3,4)\n"
        "  --key HEX          the release key's public half: slot 0\n"
        "  --factory FILE     artifact for bank 0, linked for 0x1000\n"
        "  --ca FILE          certificates to trust\n"
        "  --hours H          how long it is played (240)\n"
        "  --hour-seconds S   real seconds of an hour (1)\n"
        "  --contacts N       a day and phone, median (4)\n"
        "  --walk P           of visits with a transfer: the phone leaves (0.1)\n"
        "  --liars P          of phones: forge, replay, tamper (0)\n"
        "  --die P            of devices: die some time (0)\n"
        "  --crash V:HW:H:E   version V crashes revision HW, H hours after it came,\n"
        "                     and then every E hours\n"
        "  --log FILE         what each phone says\n"
        "  --json             the result for a program\n"
        "Exit codes: 0 played, 1 it cannot begin, 2 the command line is wrong.\n",
        to);
}

static bool real(const char *text, double least, double most, double *x)
{
    char *end;

    *x = strtod(text, &end);
    return end != text && *end == '\0' && *x >= least && *x <= most;
}

static bool revisions(struct crowd_options *o, const char *text)
{
    char one[12];

    for (o->revisions = 0; *text != '\0'; o->revisions++) {
        size_t len = strcspn(text, ",");
        if (o->revisions == CROWD_REVISIONS_MAX || len == 0 || len >= sizeof one) {
            return false;
        }
        memcpy(one, text, len);
        one[len] = '\0';
        if (!text_number(one, UINT32_MAX, &o->revision[o->revisions])) {
            return false;
        }
        text += len + (text[len] == ',');
    }
    return o->revisions > 0;
}

static bool crash_of(struct crowd_options *o, const char *text)
{
    char version[VERSION_TEXT];
    unsigned hw;
    int end = 0;

    bool good = sscanf(text, "%13[0-9.]:%u:%lf:%lf%n", version, &hw, &o->crash.after_h,
                       &o->crash.every_h, &end) == 4 &&
                text[end] == '\0';
    o->crash.hw_rev = hw;
    return good && text_version(version, &o->crash.version) && o->crash.every_h > 0;
}

static bool take_text(struct crowd_options *o, int option, const char *value)
{
    const char **to = option == SERVER    ? &o->server
                      : option == CA      ? &o->ca_file
                      : option == STATE   ? &o->state
                      : option == CSV     ? &o->csv
                      : option == FACTORY ? &o->factory
                      : option == KEY     ? &o->key
                      : option == CLASS   ? &o->class_id
                                          : &o->log;
    *to = value;
    return option != KEY || strlen(value) == 64;
}

static bool take_number(struct crowd_options *o, int option, const char *value)
{
    switch (option) {
    case DEVICES:
        return text_within(value, 1, 100000, &o->devices);
    case PHONES:
        return text_within(value, 1, 100000, &o->phones);
    case THREADS:
        return text_within(value, 1, 64, &o->threads);
    case SEED:
        return text_within(value, 0, UINT32_MAX, &o->seed);
    case HOURS:
        return text_within(value, 1, 100000, &o->hours);
    case HOUR_S:
        return real(value, 0.01, 3600, &o->hour_s);
    case CONTACTS:
        return real(value, 0.01, 1000, &o->contacts);
    case WALK:
        return real(value, 0, 1, &o->walk);
    case LIARS:
        return real(value, 0, 1, &o->liars);
    case DIE:
        return real(value, 0, 1, &o->die);
    case HW:
        return revisions(o, value);
    case CRASH:
        return crash_of(o, value);
    default:
        return take_text(o, option, value);
    }
}

static const char *lacks(const struct crowd_options *o)
{
    if (o->class_id == NULL || o->csv != NULL) {
        return o->class_id == NULL ? "--class" : NULL;
    }
    return o->server == NULL    ? "--server"
           : o->state == NULL   ? "--state"
           : o->factory == NULL ? "--factory"
           : o->key == NULL     ? "--key"
                                : NULL;
}

int crowd_parse(struct crowd_options *o, int argc, char **argv)
{
    int option, at = 0;

    *o = (struct crowd_options){.devices = 1000,
                                .phones = 200,
                                .threads = 4,
                                .seed = 1,
                                .hours = 240,
                                .mtu = 247,
                                .hour_s = 1,
                                .contacts = 4,
                                .walk = 0.1,
                                .revision = {1, 2, 3, 4},
                                .revisions = 4};
    while ((option = getopt_long(argc, argv, "", options, &at)) != -1) {
        if (option == HELP) {
            usage(stdout);
            return 1;
        }
        if (option == '?') {
            return MISUSE + 1;
        }
        if (option == JSON) {
            o->json = true;
        } else if (!take_number(o, option, optarg)) {
            fprintf(stderr, "ferry-crowd: --%s: %s will not do\n", options[at].name,
                    optarg);
            return MISUSE + 1;
        }
    }
    if (optind < argc || lacks(o) != NULL) {
        fprintf(stderr, "ferry-crowd: %s; --help says more\n",
                optind < argc ? "not an option, at the end" : lacks(o));
        return MISUSE + 1;
    }
    return 0;
}
