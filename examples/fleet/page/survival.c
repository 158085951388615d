/* SPDX-License-Identifier: Apache-2.0
 *
 * Survival in small pictures beside each other, all with the same axes: each value of a
 * facet against its own control, with the numbers under it; and the same as a table. */
#include <stdlib.h>
#include <string.h>

#include "chart.h"
#include "health.h"
#include "page_in.h"

static const char *value_name(const json_t *row)
{
    const json_t *value = json_object_get(row, "value");

    return json_is_string(value) ? json_string_value(value) : "All";
}

static const char *facet_word(const char *facet)
{
    return strcmp(facet, "hw_rev") == 0   ? "Revision "
           : strcmp(facet, "region") == 0 ? "Region "
           : strcmp(facet, "from") == 0   ? "From "
                                          : "App ";
}

static void put_name(FILE *to, const json_t *health, const json_t *row)
{
    bool all = !json_is_string(json_object_get(row, "value"));

    markup(to, "%s%s", all ? "" : facet_word(text_in(health, "facet")),
           all ? "All units" : value_name(row));
}

/* ---- pictures -------------------------------------------------------------------- */

/* Where the axes end, so that all curves are inside: the same for all pictures. */
static void widen(struct chart *c, const json_t *curve)
{
    size_t len = json_array_size(curve);

    if (len > 0) {
        const json_t *last = json_array_get(curve, len - 1);
        uint32_t t = (uint32_t)json_integer_value(json_array_get(last, 0));
        double s = chart_low(json_number_value(json_array_get(last, 1)));
        c->hours = t > c->hours ? t : c->hours;
        c->low = s < c->low ? s : c->low;
    }
}

static struct chart axes_of(const json_t *health)
{
    struct chart c = {.low = chart_low(1),
                      .hours = HEALTH_HORIZON_H + 1,
                      .mark = (int32_t)number_in(health, "h"),
                      .mark_label = ""};
    const json_t *row;
    size_t i;

    json_array_foreach(json_object_get(health, "values"), i, row)
    {
        const json_t *curve = json_object_get(row, "curve");
        widen(&c, json_object_get(curve, "treated"));
        widen(&c, json_object_get(curve, "control"));
    }
    return c;
}

static void put_picture(FILE *to, const struct chart *axes, const json_t *row)
{
    const json_t *curve = json_object_get(row, "curve");
    struct chart c = *axes;
    char title[120];
    size_t len[2];
    struct stats_point *control =
        view_points(json_object_get(curve, "control"), &len[0]);
    struct stats_point *treated =
        view_points(json_object_get(curve, "treated"), &len[1]);

    snprintf(title, sizeof title,
             "Survival of %s against control, by hours since the "
             "offer",
             value_name(row));
    c.title = title;
    c.lines = 2;
    c.line[0] = (struct chart_line){"held back", control, len[0], true, false};
    c.line[1] =
        (struct chart_line){"offered", treated, len[1], false, view_alarms(row)};
    chart_write_small(to, &c);
    free(control);
    free(treated);
}

/* ---- numbers --------------------------------------------------------------------- */

static void put_ratio(FILE *to, const json_t *row)
{
    const json_t *rs = json_object_get(row, "rs");

    if (json_is_number(rs)) {
        fprintf(to, "%.3f", json_number_value(rs));
    } else {
        markup(to, "-");
    }
}

static void put_interval(FILE *to, const json_t *row)
{
    if (json_is_number(json_object_get(row, "low"))) {
        fprintf(to, "%.3f&ndash;%.3f", json_number_value(json_object_get(row, "low")),
                json_number_value(json_object_get(row, "high")));
    }
}

static void put_arm(FILE *to, const json_t *row, const char *name, const char *p,
                    const char *n)
{
    markup(to, "<span class=\"%s\">%s <b>", strcmp(p, "p_t") == 0 ? "t" : "c", name);
    put_percent(to, json_object_get(row, p));
    markup(to, "</b> of ");
    put_count(to, number_in(row, n));
    markup(to, "</span>\n");
}

/* Where it alarms: today's numbers, in which a loss shows first. */
static void put_alarm(FILE *to, const json_t *row)
{
    const json_t *active = json_object_get(row, "active");

    markup(to, "<p class=\"today\"><b class=\"bad\">alarms</b>; seen in the last "
               "24&nbsp;h: <b>");
    put_percent(to, json_object_get(active, "p_t"));
    markup(to, "</b> against <b>");
    put_percent(to, json_object_get(active, "p_c"));
    markup(to, "</b></p>\n");
}

static void put_panel(FILE *to, const json_t *health, const struct chart *axes,
                      const json_t *row)
{
    bool alarm = view_alarms(row);

    markup(to, "<figure class=\"panel%s\"><figcaption><h3>", alarm ? " alarm" : "");
    put_name(to, health, row);
    markup(to, "</h3>\n<span class=\"rs\"><abbr title=\"relative survival: "
               "offered / held back\">RS</abbr> <b>");
    put_ratio(to, row);
    markup(to, "</b> ");
    put_interval(to, row);
    markup(to, "</span></figcaption>\n");
    put_picture(to, axes, row);
    markup(to, "<p class=\"arms\">");
    put_arm(to, row, "offered", "p_t", "n_t");
    put_arm(to, row, "held back", "p_c", "n_c");
    markup(to, "</p>\n");
    if (alarm) {
        put_alarm(to, row);
    }
    markup(to, "</figure>\n");
}

static const char *const test[HEALTH_TESTS] = {"silence", "activity", "resets"};

static void put_test(FILE *to, const json_t *row, unsigned t)
{
    const json_t *of = json_object_get(json_object_get(row, "tests"), test[t]);
    const json_t *number = json_object_get(of, t == HEALTH_ACTIVITY ? "z" : "ln_e");
    bool alarm = true_in(of, "alarm");

    fprintf(to, alarm ? "<td><b class=\"bad\">%.2f</b></td>" : "<td>%.2f</td>",
            json_number_value(number));
}

static void put_row(FILE *to, const json_t *health, const json_t *row)
{
    const json_t *active = json_object_get(row, "active");

    markup(to, "<tr><th scope=\"row\">");
    put_name(to, health, row);
    markup(to, "</th>");
    put_percent_cell(to, row, "p_t");
    put_count_cell(to, row, "n_t");
    put_percent_cell(to, row, "p_c");
    put_count_cell(to, row, "n_c");
    markup(to, "<td>");
    put_ratio(to, row);
    markup(to, "</td><td>");
    put_interval(to, row);
    markup(to, "</td>");
    put_percent_cell(to, active, "p_t");
    put_percent_cell(to, active, "p_c");
    for (unsigned t = 0; t < HEALTH_TESTS; t++) {
        put_test(to, row, t);
    }
    markup(to, "</tr>\n");
}

static void put_bounds(FILE *to, const json_t *health)
{
    const json_t *bounds = json_object_get(health, "bounds");

    markup(to, "<tr class=\"bounds\"><th scope=\"row\" colspan=\"9\">alarms from</th>");
    for (unsigned t = 0; t < HEALTH_TESTS; t++) {
        fprintf(to, "<td>%.2f</td>",
                json_number_value(json_object_get(bounds, test[t])));
    }
    markup(to, "</tr>\n");
}

static const char table_head[] =
    "<div class=\"scroll\"><table class=\"numbers\">\n"
    "<caption>p: share that showed life between 48 and 72 hours, of units that old; "
    "24&nbsp;h: share seen in the last 24 hours, of all that can be asked</caption>\n"
    "<thead><tr><th></th>"
    "<th scope=\"col\">p<sub>T</sub></th><th scope=\"col\">n<sub>T</sub></th>"
    "<th scope=\"col\">p<sub>C</sub></th><th scope=\"col\">n<sub>C</sub></th>"
    "<th scope=\"col\">RS</th><th scope=\"col\">95&nbsp;%</th>"
    "<th scope=\"col\">24&nbsp;h<sub>T</sub></th>"
    "<th scope=\"col\">24&nbsp;h<sub>C</sub></th>"
    "<th scope=\"col\">silence ln&nbsp;E</th><th scope=\"col\">activity z</th>"
    "<th scope=\"col\">resets ln&nbsp;E</th></tr></thead>\n<tbody>\n";

static void put_table(FILE *to, const json_t *health)
{
    const json_t *row;
    size_t i;

    fputs(table_head, to);
    json_array_foreach(json_object_get(health, "values"), i, row)
    {
        put_row(to, health, row);
    }
    put_bounds(to, health);
    fputs("</tbody></table></div>\n", to);
}

void put_survival(FILE *to, const json_t *health, bool table)
{
    struct chart axes = axes_of(health);
    const json_t *row;
    size_t i;

    if (!true_in(health, "measured")) {
        markup(to, "<p class=\"unmeasured\">Survival is not measured: this rollout is "
                   "urgent and holds nobody back, so there is nobody to compare "
                   "with.</p>\n");
        return;
    }
    markup(to, "<div class=\"panels\">\n");
    json_array_foreach(json_object_get(health, "values"), i, row)
    {
        put_panel(to, health, &axes, row);
    }
    markup(to,
           "</div>\n<p class=\"key\"><span class=\"t\">offered</span> "
           "<span class=\"c\">held back</span> Units that have not fallen silent, by "
           "hours since the offer, with 95&nbsp;%% bands; the line marks ");
    put_count(to, number_in(health, "h"));
    markup(to, "&nbsp;h. As of ");
    put_time(to, text_in(health, "at"));
    markup(to, ".</p>\n");
    if (table) {
        put_table(to, health);
    }
}
