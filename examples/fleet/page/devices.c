/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices: a search by the beginning of an id, and one device with its four weeks of
 * life, what it says of itself, and its history. */
#include <stdlib.h>
#include <string.h>

#include "page_in.h"

/* ---- search ---------------------------------------------------------------------- */

static void put_search(FILE *to, const char *id)
{
    markup(
        to,
        "<form class=\"search\" role=\"search\" method=\"get\" action=\"/devices\">\n"
        "<label for=\"id\">Device id, or how it begins</label>\n"
        "<input id=\"id\" name=\"id\" type=\"search\" value=\"%s\" maxlength=\"40\" "
        "spellcheck=\"false\" autocapitalize=\"none\"> "
        "<button class=\"act\">Search</button></form>\n",
        id);
}

static void put_found(FILE *to, const json_t *d)
{
    markup(to, "<tr><th scope=\"row\">");
    put_device(to, text_in(d, "id"));
    markup(to, "</th>");
    put_count_cell(to, d, "hw_rev");
    put_count_cell(to, d, "region");
    markup(to, "<td>%s</td>",
           json_is_null(json_object_get(d, "version")) ? "-" : text_in(d, "version"));
    put_time_cell(to, d, "seen");
    markup(to, "</tr>\n");
}

static void put_list(FILE *to, const json_t *told)
{
    const json_t *list = json_object_get(told, "devices"), *d;
    size_t i;

    if (json_array_size(list) == 0) {
        markup(to, "<p>No device's id begins so.</p>\n");
        return;
    }
    put_table_head(to, "Device|Revision|Region|Runs|Seen");
    json_array_foreach(list, i, d)
    {
        put_found(to, d);
    }
    put_table_foot(to);
    markup(to, true_in(told, "more") ? "<p>There are more: type more of the id.</p>\n"
                                     : "");
}

void page_devices(struct page *p)
{
    const char *query = p->ask->query != NULL ? p->ask->query : "";
    char id[48];

    (void)form_text(query, strlen(query), "id", id, sizeof id);
    json_t *told = view_devices(p->db, id);
    page_begin(p, "Devices", "/devices");
    markup(p->to, "<h1>Devices</h1>\n");
    put_search(p->to, id);
    put_list(p->to, told);
    page_end(p);
    json_decref(told);
}

/* ---- four weeks of life ---------------------------------------------------------- */

#define HOURS 672
#define CELL_W 10
#define CELL_H 5

static unsigned nibble(char c)
{
    return (unsigned)(c >= 'a' ? c - 'a' + 10 : c - '0');
}

/* Bit i of the hexadecimal bytes. */
static bool bit(const char *hex, unsigned i)
{
    char c = hex[i / 8 * 2 + (i % 8 < 4)];

    return nibble(c) >> (i % 4) & 1;
}

/* A column for each day, the newest on the right; a row for each hour of it, in UTC. */
static void put_life(FILE *to, const char *hours, const char *seen)
{
    int newest = strlen(seen) == 20 ? atoi(seen + 11) : 0;

    if (strlen(hours) != HOURS / 4) {
        return;
    }
    fprintf(to,
            "<svg class=\"life\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
            "role=\"img\"><title>Hours in which it showed life, day by day, over four "
            "weeks</title>\n<rect class=\"ground\" width=\"%d\" height=\"%d\"/>\n",
            29 * CELL_W, 24 * CELL_H, 29 * CELL_W, 24 * CELL_H, 29 * CELL_W,
            24 * CELL_H);
    for (unsigned i = 0; i < HOURS; i++) {
        int before = newest - (int)i; /* hours since midnight of the newest day */
        int day = before >= 0 ? 0 : (before - 23) / 24;
        if (bit(hours, i)) {
            fprintf(to, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
                    (28 + day) * CELL_W, (before - 24 * day) * CELL_H, CELL_W - 1,
                    CELL_H - 1);
        }
    }
    markup(to,
           "</svg>\n<p class=\"key\">Four weeks up to %s, a column for each day, a row "
           "for each hour (UTC): dark where it signed.</p>\n",
           seen);
}

/* ---- one device ------------------------------------------------------------------ */

static void put_words(FILE *to, const char *name, const char *value)
{
    markup(to, "<div><dt>%s</dt><dd>%s</dd></div>\n", name,
           value[0] != '\0' ? value : "-");
}

static void put_made(FILE *to, const json_t *d)
{
    char *tags = json_dumps(json_object_get(d, "tags"), 0);

    markup(to, "<section><h2>Made as</h2><dl class=\"facts\">");
    put_fact(to, "revision", number_in(d, "hw_rev"));
    put_fact(to, "region", number_in(d, "region"));
    put_words(to, "tags", tags != NULL ? tags : "");
    put_words(to, "class", text_in(d, "class"));
    put_words(to, "key", text_in(d, "key"));
    put_words(to, "household", text_in(d, "household"));
    markup(to, "</dl></section>\n");
    free(tags);
}

static void put_state_of(FILE *to, const json_t *s)
{
    const json_t *floor = json_object_get(s, "floor");

    markup(to, "<section><h2>Says of itself</h2><dl class=\"facts\">");
    put_words(to, "last update", text_in(s, "outcome"));
    put_words(to, "to version", text_in(s, "outcome_version"));
    put_words(to, "tombstone", text_in(s, "grave"));
    put_fact(to, "floor, slot", number_in(floor, "slot"));
    put_fact(to, "floor, counter", number_in(floor, "sec_ctr"));
    put_fact(to, "statements", number_in(s, "counter"));
    put_fact(to, "abnormal resets", number_in(s, "resets"));
    put_fact(to, "updates", number_in(s, "updates"));
    put_fact(to, "rollbacks", number_in(s, "rollbacks"));
    put_fact(to, "bad signatures", number_in(s, "bad_signatures"));
    put_fact(to, "bad transfers", number_in(s, "transfers_bad"));
    put_words(to, "behind app", text_in(s, "app"));
    markup(to, "</dl></section>\n");
}

static void put_exposure(FILE *to, const json_t *e)
{
    char no[VIEW_NUMBER];

    snprintf(no, sizeof no, "%lld", (long long)number_in(e, "rollout"));
    markup(to, "<tr><th scope=\"row\"><a href=\"/rollouts/%s\">%s</a></th><td>%s</td>",
           no, no, strcmp(text_in(e, "arm"), "treated") == 0 ? "offered" : "held back");
    put_time_cell(to, e, "began");
    put_time_cell(to, e, "left");
    put_time_cell(to, e, "silent");
    markup(to, "</tr>\n");
}

static void put_exposures(FILE *to, const json_t *d)
{
    const json_t *list = json_object_get(d, "exposures"), *e;
    size_t i;

    if (json_array_size(list) == 0) {
        return;
    }
    markup(to, "<section><h2>Rollouts</h2>\n");
    put_table_head(to, "No|Arm|Began|Left|Fell silent");
    json_array_foreach(list, i, e)
    {
        put_exposure(to, e);
    }
    put_table_foot(to);
    markup(to, "</section>\n");
}

static void put_history(FILE *to, const json_t *d)
{
    const json_t *e;
    size_t i;

    markup(to, "<section><h2>History</h2>\n");
    put_table_head(to, "When|What|Through|Says");
    json_array_foreach(json_object_get(d, "history"), i, e)
    {
        markup(to, "<tr>");
        put_time_cell(to, e, "at");
        markup(to, "<td>%s</td><td><bdi>%s</bdi></td><td class=\"wide\">",
               text_in(e, "kind"), text_in(e, "actor"));
        put_members(to, json_object_get(e, "says"));
        markup(to, "</td></tr>\n");
    }
    put_table_foot(to);
    markup(to, "</section>\n");
}

static void put_device_lede(FILE *to, const json_t *d)
{
    const json_t *s = json_object_get(d, "state");
    const json_t *offer = json_object_get(d, "offer");

    if (!json_is_object(s)) {
        markup(to, "<p class=\"lede\">It has never been heard.</p>\n");
        return;
    }
    markup(to, "<p class=\"lede\">It runs %s and showed life at ",
           text_in(s, "version"));
    put_time(to, text_in(s, "seen"));
    if (json_is_object(offer)) {
        markup(to, "; it is offered %s until ", text_in(offer, "version"));
        put_time(to, text_in(offer, "expires"));
    }
    markup(to, ".</p>\n");
}

void page_device(struct page *p, const char *id)
{
    json_t *d = view_device(p->db, id);

    if (d == NULL) {
        page_missing(p, "device");
        return;
    }
    const json_t *s = json_object_get(d, "state");
    page_begin(p, "Device", "/devices");
    markup(p->to, "<h1>Device <span class=\"id\">%s</span></h1>\n", text_in(d, "id"));
    put_device_lede(p->to, d);
    if (json_is_object(s)) {
        put_life(p->to, text_in(s, "hours"), text_in(s, "seen"));
    }
    markup(p->to, "<div class=\"columns\">\n");
    if (json_is_object(s)) {
        put_state_of(p->to, s);
    }
    put_made(p->to, d);
    markup(p->to, "</div>\n");
    put_exposures(p->to, d);
    put_history(p->to, d);
    page_end(p);
    json_decref(d);
}
