/* SPDX-License-Identifier: Apache-2.0
 *
 * The frame around every page, and how single things are spelled in one. */
#include <inttypes.h>
#include <string.h>

#include "page_in.h"

/* ---- the frame ------------------------------------------------------------------- */

static const struct entry {
    const char *path, *name;
} menu[] = {{"/", "Rollouts"},         {"/devices", "Devices"},
            {"/security", "Security"}, {"/transfers", "Transfers"},
            {"/releases", "Releases"}, {"/audit", "Audit"}};

static void put_who(struct page *p)
{
    if (p->ask->who[0] == '\0') {
        markup(p->to, "<a class=\"who\" href=\"/sign-in\">Sign in</a>\n");
        return;
    }
    markup(p->to,
           "<form class=\"who\" method=\"post\" action=\"/sign-in\"><span>%s</span>"
           "<input type=\"hidden\" name=\"token\" value=\"\">"
           "<button class=\"plain\">Sign out</button></form>\n",
           p->ask->who);
}

static void put_menu(struct page *p, const char *place)
{
    markup(p->to, "<header><nav aria-label=\"Main\"><a class=\"brand\" href=\"/\">"
                  "ferryd</a>\n");
    for (size_t i = 0; i < sizeof menu / sizeof menu[0]; i++) {
        bool here = strcmp(menu[i].path, place) == 0;
        markup(p->to, "<a href=\"%s\">", menu[i].path);
        markup(p->to, here ? "<b aria-current=\"page\">%s</b></a>\n" : "%s</a>\n",
               menu[i].name);
    }
    put_who(p);
    markup(p->to, "</nav></header>\n");
}

void page_begin(struct page *p, const char *title, const char *place)
{
    markup(p->to,
           "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<meta name=\"color-scheme\" content=\"light dark\">\n"
           "<link rel=\"icon\" href=\"data:,\">\n<title>%s - ferryd</title>\n<style>",
           title);
    fputs(page_style, p->to);
    markup(p->to, "</style></head>\n<body>\n");
    put_menu(p, place);
    markup(p->to, "<main>\n");
}

void page_end(struct page *p)
{
    markup(p->to, "</main>\n</body>\n</html>\n");
}

void page_missing(struct page *p, const char *what)
{
    p->status = 404;
    page_begin(p, "Not found", "");
    markup(p->to, "<h1>Not found</h1>\n<p class=\"lede\">There is no such %s.</p>\n",
           what);
    page_end(p);
}

void page_wrong(struct page *p)
{
    if (p->ask->wrong != NULL) {
        markup(p->to, "<p class=\"wrong\" role=\"alert\">%s</p>\n", p->ask->wrong);
    }
}

/* ---- members of what a view tells -------------------------------------------------
 * */

const char *text_in(const json_t *from, const char *name)
{
    const char *text = json_string_value(json_object_get(from, name));

    return text != NULL ? text : "";
}

int64_t number_in(const json_t *from, const char *name)
{
    return json_integer_value(json_object_get(from, name));
}

bool true_in(const json_t *from, const char *name)
{
    return json_is_true(json_object_get(from, name));
}

/* ---- spelling -------------------------------------------------------------------- */

void put_count(FILE *to, int64_t n)
{
    char text[VIEW_NUMBER];

    markup(to, "%s", view_number(n, text));
}

void put_percent(FILE *to, const json_t *share)
{
    if (json_is_number(share)) {
        fprintf(to, "%.1f&nbsp;%%", 100 * json_number_value(share));
    } else {
        markup(to, "-");
    }
}

/* Of "2026-11-26T12:00:00Z" the day and the minute. */
void put_time(FILE *to, const char *iso)
{
    char day[11] = "", minute[6] = "";

    if (strlen(iso) != 20) {
        markup(to, "-");
        return;
    }
    memcpy(day, iso, 10);
    memcpy(minute, iso + 11, 5);
    markup(to, "<time datetime=\"%s\">%s&nbsp;%s</time>", iso, day, minute);
}

void put_table_head(FILE *to, const char *columns)
{
    char name[40];

    markup(to, "<div class=\"scroll\"><table><thead><tr>");
    while (*columns != '\0') {
        size_t len = strcspn(columns, "|");
        snprintf(name, sizeof name, "%.*s", (int)len, columns);
        markup(to, "<th scope=\"col\">%s</th>", name);
        columns += len + (columns[len] == '|');
    }
    markup(to, "</tr></thead>\n<tbody>\n");
}

void put_table_foot(FILE *to)
{
    markup(to, "</tbody></table></div>\n");
}

void put_count_cell(FILE *to, const json_t *of, const char *name)
{
    markup(to, "<td>");
    put_count(to, number_in(of, name));
    markup(to, "</td>");
}

void put_percent_cell(FILE *to, const json_t *of, const char *name)
{
    markup(to, "<td>");
    put_percent(to, json_object_get(of, name));
    markup(to, "</td>");
}

void put_time_cell(FILE *to, const json_t *of, const char *name)
{
    markup(to, "<td>");
    put_time(to, text_in(of, name));
    markup(to, "</td>");
}

void put_fact(FILE *to, const char *name, int64_t n)
{
    markup(to, "<div><dt>%s</dt><dd>", name);
    put_count(to, n);
    markup(to, "</dd></div>\n");
}

static void put_value(FILE *to, const json_t *value)
{
    char *text;

    if (json_is_string(value)) {
        markup(to, "%s", json_string_value(value));
        return;
    }
    text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
    markup(to, "%s", text != NULL ? text : "?");
    free(text);
}

void put_members(FILE *to, const json_t *object)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        if (!json_is_null(value)) {
            markup(to, "<span class=\"pair\">%s <b>", name);
            put_value(to, value);
            markup(to, "</b></span> ");
        }
    }
}

void put_device(FILE *to, const char *id)
{
    if (id[0] == '\0') {
        markup(to, "-");
    } else {
        markup(to, "<a class=\"id\" href=\"/devices/%s\">%s</a>", id, id);
    }
}

void put_older(FILE *to, const char *path, int64_t next)
{
    char text[24];

    if (next > 0) {
        snprintf(text, sizeof text, "%" PRId64, next);
        markup(to, "<p><a href=\"%s?before=%s\">Older ones</a></p>\n", path, text);
    }
}
