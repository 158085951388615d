/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands above everything else when a rollout is frozen, in one sentence: which
 * rollout, for whose sake, in which hour, and how many survived in each arm. */
#include <stdio.h>
#include <string.h>

#include "view_in.h"

#define HOUR_S 3600

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

/* "Of hardware revision 4, 61.2 % of 212 were alive after 72 h; of those held back,
 * 94.1 % of 1040." */
static void survival(const json_t *blamed, char *to, size_t cap)
{
    const json_t *p_t = json_object_get(blamed, "p_t");
    const json_t *p_c = json_object_get(blamed, "p_c");
    char whom[120];

    view_cell_words(member(blamed, "facet"), member(blamed, "value"), whom,
                    sizeof whom);
    if (!json_is_number(p_t) || !json_is_number(p_c)) {
        snprintf(to, cap, " To blame: %s; none is old enough for a share of survivors.",
                 whom);
        return;
    }
    snprintf(to, cap,
             " Of %s, %.1f %% of %d survived %d h; of those held back, %.1f %% of %d.",
             whom, 100 * json_number_value(p_t),
             (int)json_integer_value(json_object_get(blamed, "n_t")),
             (int)json_integer_value(json_object_get(blamed, "h")),
             100 * json_number_value(p_c),
             (int)json_integer_value(json_object_get(blamed, "n_c")));
}

void view_frozen_sentence(const json_t *rollout, char *to, size_t cap)
{
    const json_t *frozen = json_object_get(rollout, "frozen");
    const json_t *worst = json_array_get(json_object_get(frozen, "blamed"), 0);
    json_int_t at = json_integer_value(json_object_get(frozen, "at"));
    json_int_t opened = json_integer_value(json_object_get(rollout, "opened_hour"));
    const char *by = member(frozen, "by");
    bool itself = strcmp(by, "ferryd") == 0;
    char numbers[260] = "";

    to[0] = '\0';
    if (!json_is_object(frozen)) {
        return;
    }
    if (worst != NULL) {
        survival(worst, numbers, sizeof numbers);
    }
    snprintf(to, cap, "Rollout %d (%s) was frozen by %s in hour %d%s%s.%s",
             (int)json_integer_value(json_object_get(rollout, "no")),
             member(rollout, "version"), itself ? "fleet health" : by,
             (int)(at / HOUR_S - opened), itself ? "" : ": ",
             itself ? "" : member(frozen, "reason"), numbers);
}
