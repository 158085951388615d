/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands above everything else when a rollout is frozen, in one sentence: which
 * rollout, for whose sake, in which hour, and how many survived in each arm. */
#include <stdio.h>
#include <string.h>

#include "view_in.h"

void view_cell_words(const char *facet, const char *value, char *to, size_t cap)
{
    if (strcmp(facet, "hw_rev") == 0) {
        snprintf(to, cap, "hardware revision %s", value);
    } else if (strcmp(facet, "region") == 0) {
        snprintf(to, cap, "region %s", value);
    } else if (strcmp(facet, "from") == 0) {
        snprintf(to, cap, "those that came from %s", value);
    } else if (strcmp(facet, "phone") == 0) {
        snprintf(to, cap, "those behind phone application %s", value);
    } else {
        snprintf(to, cap, "all devices");
    }
}

static const char *member(const json_t *from, const char *name)
{
    const char *text = json_string_value(json_object_get(from, name));

    return text != NULL ? text : "";
}

#define PERCENT "%.1f\xc2\xa0%%" /* with a space that no line is broken at */

/* "61.2 % of 212 survived 72 h, against 94.1 % of 1040 held back"; "" if these numbers
 * could not be told yet. */
static void shares(const json_t *of, const char *what, char *to, size_t cap)
{
    const json_t *p_t = json_object_get(of, "p_t");
    const json_t *p_c = json_object_get(of, "p_c");

    to[0] = '\0';
    if (json_is_number(p_t) && json_is_number(p_c)) {
        snprintf(to, cap, PERCENT " of %d %s, against " PERCENT " of %d held back",
                 100 * json_number_value(p_t),
                 (int)json_integer_value(json_object_get(of, "n_t")), what,
                 100 * json_number_value(p_c),
                 (int)json_integer_value(json_object_get(of, "n_c")));
    }
}

/* What a figure of the blamed says of its units, in words. */
static const char *figure_words(const char *figure)
{
    return strcmp(figure, "steady") == 0     ? "had no abnormal reset"
           : strcmp(figure, "speaking") == 0 ? "were never silent for unusually long"
                                             : "were seen in the last 24 h";
}

/* For whose sake; what the test that speaks loudest looked at, then survival. A loss
 * begins to show there before it does among those that are 72 hours old. */
static void blame(const json_t *worst, const char *test, char *to, size_t cap)
{
    const char *figure = member(worst, "shown");
    char whom[160], first[140], survival[120];

    if (figure[0] == '\0') {
        figure = strcmp(test, "resets") == 0 ? "steady" : "active";
    }
    view_cell_words(member(worst, "facet"), member(worst, "name"), whom, sizeof whom);
    shares(json_object_get(worst, figure), figure_words(figure), first, sizeof first);
    shares(json_object_get(worst, "survival"), "survived 72 h", survival,
           sizeof survival);
    snprintf(to, cap, " for the sake of %s: %s%s%s", whom, first,
             first[0] != '\0' ? "; " : "",
             survival[0] != '\0' ? survival : "none is 72 h old yet");
}

void view_frozen_sentence(const json_t *rollout, char *to, size_t cap)
{
    const json_t *frozen = json_object_get(rollout, "frozen");
    const json_t *worst = json_array_get(json_object_get(frozen, "blamed"), 0);
    char why[460];

    to[0] = '\0';
    if (!json_is_object(frozen)) {
        return;
    }
    if (worst != NULL) {
        const json_t *tests = json_object_get(frozen, "tests");
        const char *test = json_string_value(json_array_get(tests, 0));
        blame(worst, test != NULL ? test : "", why, sizeof why);
    } else {
        snprintf(why, sizeof why, ": %s", member(frozen, "reason"));
    }
    const char *by = member(frozen, "by");
    snprintf(to, cap, "Rollout %d (%s) was frozen by %s in hour %d%s.",
             (int)json_integer_value(json_object_get(rollout, "no")),
             member(rollout, "version"),
             strcmp(by, "ferryd") == 0 ? "fleet health" : by,
             (int)json_integer_value(json_object_get(frozen, "hour")), why);
}
