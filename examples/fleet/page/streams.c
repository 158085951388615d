/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists, latest first: security events; transfers, which are another thing; releases;
 * and what people did. */
#include <string.h>

#include "ferry/err.h"
#include "page_in.h"

static int64_t before_asked(const struct page *p)
{
    const char *query = p->ask->query != NULL ? p->ask->query : "";

    return form_number(query, strlen(query), "before");
}

/* A table's head: names of columns, separated by '|'. */
static void put_head(FILE *to, const char *columns)
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

static void put_foot(FILE *to)
{
    markup(to, "</tbody></table></div>\n");
}

static void put_counts(FILE *to, const json_t *told)
{
    const char *name;
    json_t *n;

    markup(to, "<dl class=\"facts\">");
    json_object_foreach(json_object_get(told, "counts"), name, n)
    {
        put_fact(to, name, json_integer_value(n));
    }
    markup(to, "</dl>\n");
}

/* ---- security -------------------------------------------------------------------- */

static void put_security_row(FILE *to, const json_t *e)
{
    const char *device = text_in(e, "device");
    char times[VIEW_NUMBER];

    markup(to, "<tr><td>");
    put_time(to, text_in(e, "at"));
    markup(to, "</td><td><b>%s</b><br>%s</td><td>", text_in(e, "kind"),
           text_in(e, "means"));
    if (device[0] == '\0' && text_in(e, "claimed")[0] != '\0') {
        markup(to, "says it is <span class=\"id\">%s</span>", text_in(e, "claimed"));
    } else {
        put_device(to, device);
    }
    markup(to, "</td><td><bdi>%s</bdi></td><td>%s</td><td class=\"wide\">",
           text_in(e, "relay"), view_number(number_in(e, "times"), times));
    put_members(to, json_object_get(e, "body"));
    markup(to, "</td></tr>\n");
}

void page_security(struct page *p)
{
    json_t *told = view_security(p->db, before_asked(p));
    const json_t *e;
    size_t i;

    page_begin(p, "Security events", "/security");
    markup(p->to,
           "<h1>Security events</h1>\n<p class=\"lede\">What nobody does by mistake, "
           "or should have to. A transfer that failed is not here: see "
           "<a href=\"/transfers\">transfers</a>.</p>\n");
    put_counts(p->to, told);
    put_head(p->to, "When|What|Device|Through|Times|Details");
    json_array_foreach(json_object_get(told, "events"), i, e)
    {
        put_security_row(p->to, e);
    }
    put_foot(p->to);
    put_older(p->to, "/security", number_in(told, "next"));
    page_end(p);
    json_decref(told);
}

/* ---- transfers ------------------------------------------------------------------- */

/* "E_HASH" for 62, as the wire has it. */
static const char *code_name(int64_t code)
{
    return code > 0 && code < 64 ? ferry_errname(-(int)code) : "-";
}

static void put_transfer_row(FILE *to, const json_t *e)
{
    char text[VIEW_NUMBER];

    markup(to, "<tr><td>");
    put_time(to, text_in(e, "at"));
    markup(to, "</td><td>%s</td>", text_in(e, "outcome"));
    markup(to, "<td>%s</td><td>", code_name(number_in(e, "code")));
    put_device(to, text_in(e, "device"));
    markup(to, "</td><td>%s</td>", view_number(number_in(e, "bytes"), text));
    markup(to, "<td>%s</td>", view_number(number_in(e, "resumes"), text));
    markup(to, "<td>%s</td>", view_number(number_in(e, "seconds"), text));
    markup(to, "<td><bdi>%s</bdi></td></tr>\n", text_in(e, "app"));
}

void page_transfers(struct page *p)
{
    json_t *told = view_reports(p->db, before_asked(p));
    const json_t *e;
    size_t i;

    page_begin(p, "Transfers", "/transfers");
    markup(p->to,
           "<h1>Transfers</h1>\n<p class=\"lede\">What phones say of their transfers. "
           "Nobody signed it, and nothing is decided by it.</p>\n");
    put_counts(p->to, told);
    put_head(p->to, "When|Outcome|Code|Device|Bytes|Resumes|Seconds|App");
    json_array_foreach(json_object_get(told, "reports"), i, e)
    {
        put_transfer_row(p->to, e);
    }
    put_foot(p->to);
    put_older(p->to, "/transfers", number_in(told, "next"));
    page_end(p);
    json_decref(told);
}

/* ---- releases and audit ---------------------------------------------------------- */

static void put_release_row(FILE *to, const json_t *r)
{
    char text[VIEW_NUMBER];
    const char *from = text_in(r, "min_from");

    markup(to, "<tr><th scope=\"row\">%s</th><td class=\"id\">%s</td>",
           text_in(r, "version"), text_in(r, "class"));
    markup(to, "<td>%s", view_number(number_in(r, "hw_min"), text));
    markup(to, "&ndash;%s</td>", view_number(number_in(r, "hw_max"), text));
    markup(to, "<td>%s / ", view_number(number_in(r, "slot"), text));
    markup(to, "%s</td><td>%s</td><td>%s</td>",
           view_number(number_in(r, "sec_ctr"), text), from[0] != '\0' ? from : "any",
           true_in(r, "must_pass") ? "yes" : "no");
    markup(
        to, "<td>%s</td><td>",
        view_number((int64_t)json_array_size(json_object_get(r, "artifacts")), text));
    put_time(to, text_in(r, "published"));
    markup(to, "</td><td>");
    put_time(to, text_in(r, "withdrawn"));
    markup(to, "</td></tr>\n");
}

void page_releases(struct page *p)
{
    json_t *told = view_releases(p->db);
    const json_t *r;
    size_t i;

    page_begin(p, "Releases", "/releases");
    markup(p->to, "<h1>Releases</h1>\n");
    put_head(p->to, "Version|Class|Revisions|Slot / counter|From|Must pass|Artifacts|"
                    "Published|Withdrawn");
    json_array_foreach(json_object_get(told, "releases"), i, r)
    {
        put_release_row(p->to, r);
    }
    put_foot(p->to);
    page_end(p);
    json_decref(told);
}

static void put_audit_row(FILE *to, const json_t *e)
{
    char seq[VIEW_NUMBER], hash[17];

    snprintf(hash, sizeof hash, "%s", text_in(e, "hash"));
    markup(to, "<tr><th scope=\"row\">%s</th><td>",
           view_number(number_in(e, "seq"), seq));
    put_time(to, text_in(e, "at"));
    markup(to, "</td><td><bdi>%s</bdi></td><td>%s</td><td class=\"wide\">",
           text_in(e, "who"), text_in(e, "kind"));
    put_members(to, json_object_get(e, "what"));
    markup(to, "</td><td class=\"id\">%s</td></tr>\n", hash);
}

void page_audit(struct page *p)
{
    json_t *told = view_audit(p->db, before_asked(p));
    const json_t *e;
    size_t i;

    page_begin(p, "Audit", "/audit");
    markup(p->to,
           "<h1>Audit</h1>\n<p class=\"lede\">What people did, each chained by its "
           "hash to everything before it.</p>\n");
    put_head(p->to, "No|When|Who|Did|What|Hash");
    json_array_foreach(json_object_get(told, "events"), i, e)
    {
        put_audit_row(p->to, e);
    }
    put_foot(p->to);
    put_older(p->to, "/audit", number_in(told, "next"));
    page_end(p);
    json_decref(told);
}
