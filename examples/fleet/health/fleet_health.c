/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry-health: what fleet health would have said of a rollout whose telemetry stands in
 * two CSV files. Knows how it is told. */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "telemetry.h"

#define BLAMED_MAX 8U

static const char *const facet_name[HEALTH_FACETS] = {"hw_rev", "region", "from",
                                                      "phone"};
static const char *const test_name[HEALTH_TESTS] = {"silence", "activity", "resets"};

static const char help[] =
    "usage: ferry-health [--alpha A] [--json] EXPOSURES.csv CONTACTS.csv\n\n"
    "Would this rollout have been frozen, when, and for whose sake?\n\n"
    "EXPOSURES.csv  unit,arm,began[,left][,hw_rev][,region][,from][,phone]\n"
    "               arm: treated or control. began: when it was offered the release, "
    "or\n"
    "               would have been. left: when it was taken out, unharmed.\n"
    "CONTACTS.csv   unit,time[,resets]\n"
    "               from 28 days before a unit's offer on. resets: abnormal ones "
    "since.\n\n"
    "Times are hours, or like 2026-11-26T13:05:00Z. Other columns are passed over.\n\n"
    "  --alpha A    false freezes, over all tests, facets and hours (0.01)\n"
    "  --json       as JSON\n"
    "Exit codes: 0 not frozen, 3 frozen, 1 refused, 2 the command line is wrong.\n";

struct verdict {
    int32_t frozen; /* hour, or -1 */
    unsigned cells[BLAMED_MAX], blamed;
};

static void cell_name(const struct telemetry *t, unsigned cell, char *to, size_t cap)
{
    unsigned facet = cell > 0 ? (cell - 1) / HEALTH_VALUES_MAX : 0;

    if (cell == 0) {
        snprintf(to, cap, "everybody");
    } else {
        snprintf(to, cap, "%s %s", facet_name[facet],
                 t->value[facet][(cell - 1) % HEALTH_VALUES_MAX]);
    }
}

static bool has_cell(const struct telemetry *t, unsigned cell)
{
    unsigned facet = cell > 0 ? (cell - 1) / HEALTH_VALUES_MAX : 0;

    return cell == 0 ||
           (t->values[facet] > 1 && (cell - 1) % HEALTH_VALUES_MAX < t->values[facet]);
}

static void text_row(const struct telemetry *t, const struct health *h, unsigned cell)
{
    char name[64], interval[40] = "-";
    struct stats_share treated, control;
    struct stats_ratio r = health_relative(t->unit, t->len, cell, h->now,
                                           HEALTH_HORIZON_H, &treated, &control);

    cell_name(t, cell, name, sizeof name);
    if (!isnan(r.rs)) {
        snprintf(interval, sizeof interval, "%.3f [%.3f, %.3f]", r.rs, r.low, r.high);
    }
    printf("%-24.24s %8u %8u  %6.3f %6.3f  %-22s %6.2f%s%s%s\n", name,
           (unsigned)treated.n, (unsigned)control.n, r.p_t, r.p_c, interval,
           h->cell[cell].z, h->cell[cell].alarm[HEALTH_SILENCE] ? " silence" : "",
           h->cell[cell].alarm[HEALTH_ACTIVITY] ? " activity" : "",
           h->cell[cell].alarm[HEALTH_RESETS] ? " resets" : "");
}

static void tell_text(const struct telemetry *t, const struct health *h,
                      const struct verdict *v)
{
    char name[64];

    if (v->frozen < 0) {
        printf("not frozen in %d hours\n", (int)(h->now - t->first + 1));
    } else {
        printf("frozen %d hours after the first exposure:",
               (int)(v->frozen - t->first));
        for (unsigned i = 0; i < v->blamed; i++) {
            cell_name(t, v->cells[i], name, sizeof name);
            printf("%s %s", i > 0 ? "," : "", name);
        }
        printf("\n");
    }
    if (t->strangers > 0) {
        printf("%zu contacts of units that were not exposed are passed over\n",
               t->strangers);
    }
    printf("\n%-24s %8s %8s  %6s %6s  %-22s %6s\n", "survival at 72 h", "treated",
           "control", "p_T", "p_C", "relative [95 %]", "z");
    for (unsigned c = 0; c < HEALTH_CELLS; c++) {
        if (has_cell(t, c)) {
            text_row(t, h, c);
        }
    }
}

static void json_text(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            printf("\\%c", c);
        } else if (c < 0x20) {
            printf("\\u%04x", c);
        } else {
            putchar(c);
        }
    }
    putchar('"');
}

static void json_number(const char *name, double n)
{
    if (isnan(n)) {
        printf(", \"%s\": null", name);
    } else {
        printf(", \"%s\": %.9g", name, n);
    }
}

static void json_row(const struct telemetry *t, const struct health *h, unsigned cell)
{
    char name[64];
    struct stats_share treated, control;
    struct stats_ratio r = health_relative(t->unit, t->len, cell, h->now,
                                           HEALTH_HORIZON_H, &treated, &control);

    cell_name(t, cell, name, sizeof name);
    printf("%s\n{\"cell\": ", cell > 0 ? "," : "");
    json_text(name);
    printf(", \"n_t\": %u, \"n_c\": %u", (unsigned)treated.n, (unsigned)control.n);
    json_number("p_t", r.p_t);
    json_number("p_c", r.p_c);
    json_number("rs", r.rs);
    json_number("low", r.low);
    json_number("high", r.high);
    json_number("z", h->cell[cell].z);
    json_number("ln_e_silence", stats_e_ln(&h->cell[cell].silence));
    json_number("ln_e_resets", stats_e_ln(&h->cell[cell].resets));
    for (unsigned i = 0; i < HEALTH_TESTS; i++) {
        printf(", \"%s\": %s", test_name[i], h->cell[cell].alarm[i] ? "true" : "false");
    }
    printf("}");
}

static void tell_json(const struct telemetry *t, const struct health *h,
                      const struct verdict *v)
{
    char name[64];

    printf("{\"frozen_h\": %d, \"hours\": %d, \"strangers\": %zu, \"blamed\": [",
           v->frozen < 0 ? -1 : (int)(v->frozen - t->first),
           (int)(h->now - t->first + 1), t->strangers);
    for (unsigned i = 0; i < v->blamed; i++) {
        cell_name(t, v->cells[i], name, sizeof name);
        printf("%s", i > 0 ? ", " : "");
        json_text(name);
    }
    printf("], \"cells\": [");
    for (unsigned c = 0; c < HEALTH_CELLS; c++) {
        if (has_cell(t, c)) {
            json_row(t, h, c);
        }
    }
    printf("\n]}\n");
}

static int judge(const char *exposures, const char *contacts, double alpha, bool json)
{
    static struct telemetry t;
    static struct health h;
    char why[300];
    struct verdict v = {.frozen = -1};

    if (!telemetry_read(&t, exposures, contacts, why, sizeof why)) {
        fprintf(stderr, "ferry-health: %s\n", why);
        telemetry_free(&t);
        return 1;
    }
    v.frozen = telemetry_play(&t, alpha, &h);
    if (v.frozen >= 0) {
        v.blamed = health_blame(&h, t.unit, t.len, v.cells, BLAMED_MAX);
    }
    (json ? tell_json : tell_text)(&t, &h, &v);
    telemetry_free(&t);
    return v.frozen < 0 ? 0 : 3;
}

int main(int argc, char **argv)
{
    static const struct option names[] = {{"alpha", required_argument, NULL, 'a'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    double alpha = 0.01;
    bool json = false;
    char *end;
    int got;

    while ((got = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (got) {
        case 'a':
            alpha = strtod(optarg, &end);
            if (*end != '\0' || !(alpha > 0 && alpha < 1)) {
                fprintf(stderr, "ferry-health: --alpha '%s': not in 0..1\n", optarg);
                return 2;
            }
            break;
        case 'j':
            json = true;
            break;
        case 'h':
            fputs(help, stdout);
            return 0;
        default:
            return 2;
        }
    }
    if (argc - optind != 2) {
        fprintf(stderr, "ferry-health: wants two files; see --help\n");
        return 2;
    }
    return judge(argv[optind], argv[optind + 1], alpha, json);
}
