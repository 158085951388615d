/* SPDX-License-Identifier: Apache-2.0
 *
 * One rollout: where it stands, survival by any facet, what each revision has shown,
 * who was offered it and how that ended, and whom it is for. */
#include <string.h>

#include "../model/exposure.h"
#include "page_in.h"

/* ---- survival -------------------------------------------------------------------- */

static enum health_facet facet_asked(const struct page *p)
{
    const char *query = p->ask->query != NULL ? p->ask->query : "";
    enum health_facet facet = HEALTH_HW_REV;
    char name[16];

    if (form_text(query, strlen(query), "facet", name, sizeof name)) {
        (void)exposure_facet_named(name, &facet);
    }
    return facet;
}

static void put_tabs(FILE *to, const char *no, enum health_facet here)
{
    static const char *const name[HEALTH_FACETS] = {
        "Hardware revision", "Region", "Version before", "Phone application"};

    markup(to, "<nav class=\"tabs\" aria-label=\"Survival by\">");
    for (unsigned f = 0; f < HEALTH_FACETS; f++) {
        if (f == here) {
            markup(to, "<b aria-current=\"true\">%s</b> ", name[f]);
        } else {
            markup(to, "<a href=\"/rollouts/%s?facet=%s\">%s</a> ", no,
                   exposure_facet_name((enum health_facet)f), name[f]);
        }
    }
    markup(to, "</nav>\n");
}

static const char meaning[] =
    "<details><summary>What these numbers mean, and what not</summary>\n"
    "<p>A unit's clock starts when it was offered the release, or, held back, when\n"
    "it would have been. p<sub>T</sub> is the share of offered units that showed life\n"
    "between 48 and 72 hours later, p<sub>C</sub> the same of those held back; RS is\n"
    "one by the other, with its 95&nbsp;% interval. Life is what a device signed over\n"
    "a recent nonce; what a phone says is not. Neither share means anything alone:\n"
    "how many devices are heard in a day changes with the weekday.</p>\n"
    "<p>The curves count first silences instead: a unit is silent when it was not\n"
    "heard for 1.25 times its own longest gap of the 28 days before. A silent device\n"
    "may come back; a curve does not.</p>\n"
    "<p>The three tests may be looked at every hour: their bounds account for all\n"
    "looks and all facets, so that a healthy rollout is frozen no more often than\n"
    "alpha says. An interval that leaves out 1 is no alarm.</p></details>\n";

static void put_health(struct page *p, int64_t number, const char *no)
{
    enum health_facet facet = facet_asked(p);
    json_t *health = view_health(p->db, number, facet, HEALTH_HORIZON_H, true);

    markup(p->to, "<section><h2>Survival against control</h2>\n");
    if (true_in(health, "measured")) {
        put_tabs(p->to, no, facet);
    }
    put_survival(p->to, health, true);
    if (true_in(health, "measured")) {
        fputs(meaning, p->to);
    }
    markup(p->to, "</section>\n");
    json_decref(health);
}

/* ---- what a stage needs ---------------------------------------------------------- */

static const char *evidence_word(const json_t *e)
{
    if (true_in(e, "alarm")) {
        return "alarms";
    }
    if (true_in(e, "waived")) {
        return "waived";
    }
    return number_in(e, "aged") >= number_in(e, "needed") ? "enough" : "too few yet";
}

static void put_evidence_row(FILE *to, const json_t *e)
{
    markup(to, "<tr><th scope=\"row\">%s</th>", text_in(e, "hw_rev"));
    put_count_cell(to, e, "units");
    markup(to, "<td>");
    put_count(to, number_in(e, "aged"));
    markup(to, " of ");
    put_count(to, number_in(e, "needed"));
    markup(to, "</td>");
    put_percent_cell(to, e, "loss_seen");
    markup(to, "<td>%s</td></tr>\n", evidence_word(e));
}

static void put_evidence(FILE *to, const json_t *rollout)
{
    const json_t *list = json_object_get(rollout, "evidence"), *e;
    size_t i;

    if (json_array_size(list) == 0) {
        return;
    }
    markup(to, "<section><h2>Evidence by revision</h2>\n");
    put_table_head(to, "Revision|Offered|Aged 72 h|Smallest loss they can show|So far");
    json_array_foreach(list, i, e)
    {
        put_evidence_row(to, e);
    }
    put_table_foot(to);
    markup(to, "</section>\n");
}

/* ---- who ------------------------------------------------------------------------- */

static void put_all(FILE *to, const json_t *counts)
{
    const char *name;
    json_t *n;

    json_object_foreach((json_t *)(uintptr_t)counts, name, n)
    {
        put_fact(to, name, json_integer_value(n));
    }
}

static void put_arms(FILE *to, const json_t *r)
{
    const json_t *treated = json_object_get(r, "treated");
    const json_t *control = json_object_get(r, "control");

    markup(to,
           "<div class=\"columns\">\n<section><h2>Offered it</h2><dl class=\"facts\">");
    put_fact(to, "units", number_in(treated, "n"));
    put_fact(to, "run it now", number_in(r, "running"));
    put_fact(to, "fell silent", number_in(treated, "silent"));
    put_fact(to, "reset abnormally", number_in(treated, "resets"));
    markup(to, "</dl></section>\n<section><h2>Held back</h2><dl class=\"facts\">");
    put_fact(to, "units", number_in(control, "n"));
    put_fact(to, "fell silent", number_in(control, "silent"));
    put_fact(to, "reset abnormally", number_in(control, "resets"));
    markup(to, "</dl></section>\n<section><h2>How it ended, as signed</h2>"
               "<dl class=\"facts\">");
    put_all(to, json_object_get(r, "outcomes"));
    markup(to, "</dl></section>\n<section><h2>Transfers, as phones say</h2>"
               "<dl class=\"facts\">");
    put_all(to, json_object_get(r, "transfers"));
    markup(to, "</dl></section>\n</div>\n");
}

static void put_waivers(FILE *to, const json_t *r)
{
    const json_t *list = json_object_get(r, "waivers"), *w;
    size_t i;

    json_array_foreach(list, i, w)
    {
        char rev[VIEW_NUMBER];
        markup(to, "<p>Revision %s is waived by %s since ",
               view_number(number_in(w, "hw_rev"), rev), text_in(w, "who"));
        put_time(to, text_in(w, "at"));
        markup(to, ": %s</p>\n", text_in(w, "why"));
    }
}

/* "1 to 4", or "any". */
static void put_range(FILE *to, const json_t *range)
{
    const json_t *low = json_array_get(range, 0), *high = json_array_get(range, 1);
    const char *first = json_string_value(low), *last = json_string_value(high);
    char number[VIEW_NUMBER];

    if (first != NULL && last != NULL) {
        bool any = strcmp(first, "0.0.0") == 0 && strcmp(last, "255.255.65535") == 0;
        markup(to, any ? "any" : "%s to ", first);
        if (!any) {
            markup(to, "%s", last);
        }
    } else if (json_integer_value(high) == UINT32_MAX) {
        markup(to, "any");
    } else {
        markup(to, "%s to ", view_number(json_integer_value(low), number));
        markup(to, "%s", view_number(json_integer_value(high), number));
    }
}

static void put_numbers(FILE *to, const char *words, const json_t *list)
{
    const json_t *n;
    size_t i;

    if (json_array_size(list) > 0) {
        markup(to, "; %s", words);
        json_array_foreach(list, i, n)
        {
            char number[VIEW_NUMBER];
            markup(to, i > 0 ? ", %s" : " %s",
                   view_number(json_integer_value(n), number));
        }
    }
}

static void put_predicate(FILE *to, const json_t *p)
{
    markup(to, "<p>For hardware revision: ");
    put_range(to, json_object_get(p, "hw_rev"));
    markup(to, "; running: ");
    put_range(to, json_object_get(p, "version"));
    put_numbers(to, "in the regions", json_object_get(p, "regions"));
    put_numbers(to, "with the tags", json_object_get(p, "tags_all"));
    put_numbers(to, "without the tags", json_object_get(p, "tags_none"));
    markup(to, ".</p>\n");
}

static void put_plan(FILE *to, const json_t *r)
{
    const json_t *plan = json_object_get(r, "plan");
    const json_t *stages = json_object_get(plan, "stages"), *stage;
    size_t i;

    markup(to, "<section><h2>Plan</h2>\n");
    put_predicate(to, json_object_get(plan, "predicate"));
    put_table_head(to, "Stage|Offered|Held back|At least|Must show a loss of");
    json_array_foreach(stages, i, stage)
    {
        fprintf(to,
                "<tr><th scope=\"row\">%u</th><td>%g&nbsp;%%</td><td>%g&nbsp;%%</td>"
                "<td>%d&nbsp;h</td><td>%g&nbsp;%%</td></tr>\n",
                (unsigned)i + 1, json_number_value(json_object_get(stage, "percent")),
                json_number_value(json_object_get(stage, "held_back")),
                (int)number_in(stage, "dwell_h"),
                100 * json_number_value(json_object_get(stage, "smallest_loss")));
    }
    put_table_foot(to);
    markup(to, "</section>\n");
}

static void put_relative(FILE *to, const char *words, int64_t other)
{
    char no[VIEW_NUMBER];

    if (other > 0) {
        snprintf(no, sizeof no, "%lld", (long long)other);
        markup(to, "%s <a href=\"/rollouts/%s\">rollout %s</a>. ", words, no, no);
    }
}

void page_rollout(struct page *p, int64_t number)
{
    json_t *r = view_rollout(p->db, number, p->ask->now);
    char title[60], no[VIEW_NUMBER];

    if (r == NULL) {
        page_missing(p, "rollout");
        return;
    }
    snprintf(no, sizeof no, "%lld", (long long)number);
    snprintf(title, sizeof title, "Rollout %s: %s", no, text_in(r, "version"));
    page_begin(p, title, "/");
    markup(p->to, "<h1>%s ", title);
    put_state(p->to, r);
    markup(p->to, "</h1>\n");
    put_standing(p->to, r);
    put_ladder(p->to, r);
    markup(p->to, "<p>");
    put_relative(p->to, "It takes the place of", number_in(r, "supersedes"));
    put_relative(p->to, "Its place was taken by", number_in(r, "superseded_by"));
    markup(p->to, "</p>\n");
    put_waivers(p->to, r);
    put_acts(p->to, r);
    if (text_in(r, "opened")[0] != '\0') {
        put_health(p, number, no);
        put_evidence(p->to, r);
        put_arms(p->to, r);
    }
    put_plan(p->to, r);
    page_end(p);
    json_decref(r);
}
