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

/* " 61.2 % of 212 survived 72 h, of those held back 94.1 % of 1040"; "" if the numbers of
 * this kind could not be told yet. */
static void shares(const json_t *of, const char *what, char *to, size_t cap)
{
    const json_t *p_t = json_object_get(of, "p_t");
    const json_t *p_c = json_object_get(of, "p_c");

    to[0] = '\0';
    if (json_is_number(p_t) && json_is_number(p_c)) {
        snprintf(to, cap, " %.1f %% of %d %s; of those held back, %.1f %% of %d",
                 100 * json_number_value(p_t),
                 (int)json_integer_value(json_object_get(of, "n_t")), what,
                 100 * json_number_value(p_c),
                 (int)json_integer_value(json_object_get(of, "n_c")));
    }
}

/* For whose sake, and the first number that can be told. */
static void blame(const json_t *worst, char *to, size_t cap)
{
    static const char *const kind[] = {"survival", "active", "steady"};
    static const char *const what[] = {"survived 72 h", "were seen in the last 24 h",
                                       "had no abnormal reset"};
    char whom[160], numbers[120] = "";

    view_cell_words(member(worst, "facet"), member(worst, "name"), whom, sizeof whom);
    for (unsigned i = 0; i < 3 && numbers[0] == '\0'; i++) {
        shares(json_object_get(worst, kind[i]), what[i], numbers, sizeof numbers);
    }
    snprintf(to, cap, ", for the sake of %s:%s", whom, numbers);
}

void view_frozen_sentence(const json_t *rollout, char *to, size_t cap)
{
    const json_t *frozen = json_object_get(rollout, "frozen");
    const json_t *worst = json_array_get(json_object_get(frozen, "blamed"), 0);
    char why[300];

    to[0] = '\0';
    if (!json_is_object(frozen)) {
        return;
    }
    if (worst != NULL) {
        blame(worst, why, sizeof why);
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
