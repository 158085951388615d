/* SPDX-License-Identifier: Apache-2.0
 *
 * The first page: what stands out, in a sentence; rollouts that live, each with its
 * ladder and its survival; then the others, and the two streams, apart. */
#include <string.h>

#include "page_in.h"

/* ---- parts of a rollout ---------------------------------------------------------- */

void put_state(FILE *to, const json_t *rollout)
{
    const char *state = text_in(rollout, "state");

    markup(to, "<span class=\"state %s\">%s</span>", state, state);
    if (true_in(rollout, "urgent")) {
        markup(to, " <span class=\"state urgent\">urgent</span>");
    }
}

static void put_step(FILE *to, double percent, bool done, bool here)
{
    markup(to, "<li class=\"%s\">", done ? "done" : here ? "here" : "ahead");
    fprintf(to, "%g&nbsp;%%</li>", percent);
}

void put_ladder(FILE *to, const json_t *rollout)
{
    const json_t *stages = json_object_get(json_object_get(rollout, "plan"), "stages");
    int64_t at = number_in(rollout, "stage") - 1;
    bool begun = strcmp(text_in(rollout, "state"), "draft") != 0;
    const json_t *stage;
    size_t i;

    markup(to, "<ol class=\"ladder\" aria-label=\"Stages\">");
    json_array_foreach(stages, i, stage)
    {
        put_step(to, json_number_value(json_object_get(stage, "percent")),
                 begun && (int64_t)i < at, begun && (int64_t)i == at);
    }
    markup(to, "</ol>\n");
}

void put_standing(FILE *to, const json_t *rollout)
{
    const char *frozen = text_in(rollout, "sentence");
    const char *waits = text_in(rollout, "waits_for");

    if (frozen[0] != '\0') {
        markup(to, "<p class=\"standing bad\">%s</p>\n", frozen);
    } else if (waits[0] != '\0') {
        markup(to, "<p class=\"standing\">Waits for %s.</p>\n", waits);
    }
}

/* ---- the page -------------------------------------------------------------------- */

static bool is(const json_t *rollout, const char *state)
{
    return strcmp(text_in(rollout, "state"), state) == 0;
}

/* What may still change, in the order of how much it wants to be seen. */
static const char *const living[] = {"frozen", "open", "draft"};
#define LIVING (sizeof living / sizeof living[0])

static bool lives(const json_t *rollout)
{
    return is(rollout, living[0]) || is(rollout, living[1]) || is(rollout, living[2]);
}

/* What is frozen stands above everything; else what is open. */
static void put_lede(FILE *to, const json_t *rollouts)
{
    const json_t *r;
    size_t i;
    unsigned frozen = 0, open = 0;

    json_array_foreach(rollouts, i, r)
    {
        if (is(r, "frozen")) {
            markup(to, "<h1 class=\"lede bad\">%s</h1>\n", text_in(r, "sentence"));
            frozen++;
        }
        open += is(r, "open");
    }
    if (frozen > 0) {
        return;
    }
    if (open == 0) {
        markup(to, "<h1 class=\"lede\">Nothing is being rolled out.</h1>\n");
    } else {
        fprintf(to, "<h1 class=\"lede\">%u rollout%s open, none %s frozen.</h1>\n",
                open, open == 1 ? " is" : "s are", open == 1 ? "is" : "of them");
    }
}

static void put_live(struct page *p, const json_t *r)
{
    char no[VIEW_NUMBER];
    int64_t number = number_in(r, "no");

    snprintf(no, sizeof no, "%lld", (long long)number);
    markup(
        p->to,
        "<article class=\"rollout\">\n<h2><a href=\"/rollouts/%s\">Rollout %s: %s</a> ",
        no, no, text_in(r, "version"));
    put_state(p->to, r);
    markup(p->to, "</h2>\n");
    put_ladder(p->to, r);
    if (is(r, "open")) { /* of a frozen one the page's head has told */
        put_standing(p->to, r);
    }
    if (!is(r, "draft")) {
        json_t *health =
            view_health(p->db, number, HEALTH_HW_REV, HEALTH_HORIZON_H, true);
        put_survival(p->to, health, false);
        json_decref(health);
    }
    put_acts(p->to, r);
    markup(p->to, "</article>\n");
}

static void put_past_row(FILE *to, const json_t *r)
{
    char no[VIEW_NUMBER];

    snprintf(no, sizeof no, "%lld", (long long)number_in(r, "no"));
    markup(to,
           "<tr><th scope=\"row\"><a href=\"/rollouts/%s\">%s</a></th><td>%s</td><td>",
           no, no, text_in(r, "version"));
    put_state(to, r);
    markup(to, "</td>");
    put_time_cell(to, r, "opened");
    put_count_cell(to, json_object_get(r, "treated"), "n");
    put_count_cell(to, json_object_get(r, "control"), "n");
    markup(to, "</tr>\n");
}

static void put_past(FILE *to, const json_t *rollouts)
{
    const json_t *r;
    size_t i;
    unsigned rows = 0;

    json_array_foreach(rollouts, i, r)
    {
        if (lives(r)) {
            continue;
        }
        if (rows++ == 0) {
            markup(to, "<section><h2>Before</h2>\n");
            put_table_head(to, "No|Release|State|Opened|Offered|Held back");
        }
        put_past_row(to, r);
    }
    if (rows > 0) {
        put_table_foot(to);
        markup(to, "</section>\n");
    }
}

static void put_counts(FILE *to, const json_t *counts, const char *none)
{
    const char *name;
    json_t *n;

    markup(to, "<dl class=\"facts\">");
    json_object_foreach((json_t *)(uintptr_t)counts, name, n)
    {
        put_fact(to, name, json_integer_value(n));
    }
    markup(to, "</dl>%s\n", json_object_size(counts) == 0 ? none : "");
}

/* The fleet, and the two streams: never in one list. */
static void put_fleet(FILE *to, const json_t *fleet)
{
    markup(to, "<div class=\"columns\">\n<section><h2>Fleet</h2><dl class=\"facts\">");
    put_fact(to, "devices", number_in(fleet, "devices"));
    put_fact(to, "seen in 24 h", number_in(fleet, "seen_24h"));
    put_fact(to, "offers out", number_in(fleet, "offers"));
    markup(to, "</dl><p class=\"key\">As of ");
    put_time(to, text_in(fleet, "counted"));
    markup(to, ".</p></section>\n"
               "<section><h2><a href=\"/security\">Security events</a></h2>");
    put_counts(to, json_object_get(fleet, "security"), "None.");
    markup(to, "</section>\n<section><h2><a href=\"/transfers\">Transfers</a></h2>");
    put_counts(to, json_object_get(fleet, "reports"), "None was reported.");
    markup(to, "</section>\n</div>\n");
}

void page_home(struct page *p)
{
    json_t *told = view_rollouts(p->db, p->ask->now);
    json_t *fleet = view_fleet(p->db, p->ask->now);
    const json_t *rollouts = json_object_get(told, "rollouts"), *r;
    size_t i;

    page_begin(p, "Rollouts", "/");
    put_lede(p->to, rollouts);
    for (unsigned s = 0; s < LIVING; s++) {
        json_array_foreach(rollouts, i, r)
        {
            if (is(r, living[s])) {
                put_live(p, r);
            }
        }
    }
    put_past(p->to, rollouts);
    put_fleet(p->to, fleet);
    page_end(p);
    json_decref(told);
    json_decref(fleet);
}
