/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows each option's range, and how it is said no. */
#include "sim_args.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct number_option {
    const char *name;
    double *to;
    double min, max;
    const char *help;
};

/* Options are numbers, all of them, so that a script can say each. */
#define NUMBERS 22

static void numbers_of(struct sim_options *o, double v[NUMBERS],
                       struct number_option list[NUMBERS + 1])
{
    const struct number_option all[NUMBERS + 1] = {
        {"runs", &v[0], 1, 1e6, "rollouts, with seeds from --seed on (20)"},
        {"seed", &v[1], 0, 1e15, "first seed (1)"},
        {"jobs", &v[2], 1, JOBS_MAX, "at once (as many as there are processors)"},
        {"treated", &v[3], 1, 2e6, "units that are offered the release (20000)"},
        {"control", &v[4], 1, 2e6, "units that are held back (20000)"},
        {"hours", &v[5], 1, CURVE_MAX - 1, "so long is watched (336)"},
        {"alpha", &v[6], 1e-9, 0.5, "false freezes, over all tests (0.01)"},
        {"fault-revision", &v[7], -1, SIM_REVISIONS - 1, "0..3; -1: none (-1)"},
        {"fault-share", &o->fault_share, 0, 1, "of its units that die (1)"},
        {"fault-hour", &o->fault_h, 0, 1e4, "hours after the install (72)"},
        {"fault-spread", &o->fault_spread_h, 0, 1e4, "standard deviation of it (6)"},
        {"sigma", &o->sigma, 0, 3, "of the logarithm of rates (0.5)"},
        {"diurnal", &o->diurnal, 0, 1, "by day and by night (0.8)"},
        {"weekend", &o->weekend, 0, 1, "times the contacts at weekends (0.7)"},
        {"away-every", &o->away_every_d, 0.1, 1e6, "mean days between absences (45)"},
        {"away-days", &o->away_d, 0, 1e4, "mean days of one (4)"},
        {"loss", &o->loss_d, 0, 1, "a day, for other reasons (0.001)"},
        {"install", &o->install, 0, 1, "probability per contact (0.9)"},
        {"prompt", &o->prompt, 1, 10, "times the contacts after an install (1.3)"},
        {"prompt-hours", &v[8], 0, 1e4, "for so long (48)"},
        {"resets", &o->reset_d, 0, 1, "abnormal resets a day of a sound unit (0.005)"},
        {"crash-loop", &v[9], 0, 1, "1: the faulty reset and go on (0)"},
        {0},
    };

    memcpy(list, all, sizeof all);
}

static void defaults(const struct settings *s, double v[NUMBERS])
{
    v[0] = s->runs;
    v[1] = (double)s->o.seed;
    v[2] = s->jobs;
    v[3] = s->o.treated;
    v[4] = s->o.control;
    v[5] = s->o.hours;
    v[6] = s->o.alpha;
    v[7] = s->o.fault_revision;
    v[8] = s->o.prompt_h;
    v[9] = s->o.crash_loop;
}

static void settle(struct settings *s, const double v[NUMBERS])
{
    s->runs = (uint32_t)v[0];
    s->o.seed = (uint64_t)v[1];
    s->jobs = (uint32_t)v[2];
    s->o.treated = (uint32_t)v[3];
    s->o.control = (uint32_t)v[4];
    s->o.hours = (int32_t)v[5];
    s->o.alpha = v[6];
    s->o.fault_revision = (int)v[7];
    s->o.prompt_h = (int32_t)v[8];
    s->o.crash_loop = v[9] != 0;
}

static void help(const struct number_option *n)
{
    static const char *const words[] = {
        "json",
        "as JSON",
        "svg FILE",
        "survival by revision of the first seed, the freeze marked",
        "csv DIR",
        "exposures.csv and contacts.csv of the first seed, for ferry-health",
        "quiet",
        "no progress",
        "help",
        "print this",
        NULL};

    printf(
        "usage: ferry-fleet-sim [options]\n\n"
        "Rollouts under simulated phones: when fleet health freezes each, and whom it "
        "names.\n\n");
    for (; n->name != NULL; n++) {
        printf("  --%-16s %s\n", n->name, n->help);
    }
    for (const char *const *w = words; *w != NULL; w += 2) {
        printf("  --%-16s %s\n", w[0], w[1]);
    }
    printf(
        "\nA tenth of revision 2 dies: ferry-fleet-sim --runs 200 --fault-revision 2 "
        "--fault-share 0.1\nNothing is wrong: ferry-fleet-sim --runs 1000\n"
        "Exit codes: 0 done, 1 failed, 2 the command line is wrong.\n");
}

static int bad(const char *name, const char *value)
{
    fprintf(stderr, "ferry-fleet-sim: --%s '%s' will not do; see --help\n", name,
            value);
    return 2;
}

static bool take_number(const struct number_option *n, const char *text)
{
    char *end;
    double value = strtod(text, &end);

    if (end == text || *end != '\0' || !(value >= n->min && value <= n->max)) {
        return false;
    }
    *n->to = value;
    return true;
}

int sim_args(struct settings *s, int argc, char **argv)
{
    double v[NUMBERS];
    struct number_option list[NUMBERS + 1];
    struct option names[NUMBERS + 6] = {{0}};
    int got, row;

    numbers_of(&s->o, v, list);
    defaults(s, v);
    for (int i = 0; i < NUMBERS; i++) {
        names[i] = (struct option){list[i].name, required_argument, NULL, 0};
    }
    names[NUMBERS] = (struct option){"json", no_argument, NULL, 'j'};
    names[NUMBERS + 1] = (struct option){"svg", required_argument, NULL, 's'};
    names[NUMBERS + 2] = (struct option){"quiet", no_argument, NULL, 'q'};
    names[NUMBERS + 3] = (struct option){"help", no_argument, NULL, 'h'};
    names[NUMBERS + 4] = (struct option){"csv", required_argument, NULL, 'c'};
    while ((got = getopt_long(argc, argv, "", names, &row)) != -1) {
        switch (got) {
        case 0:
            if (!take_number(&list[row], optarg)) {
                return bad(list[row].name, optarg);
            }
            break;
        case 'j':
            s->json = true;
            break;
        case 's':
            s->svg = optarg;
            break;
        case 'c':
            s->csv = optarg;
            break;
        case 'q':
            s->quiet = true;
            break;
        case 'h':
            help(list);
            return 0;
        default:
            return 2;
        }
    }
    if (optind < argc) {
        return bad("", argv[optind]);
    }
    settle(s, v);
    return -1;
}
