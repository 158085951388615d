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

/* A page that is a list. */
struct list {
    const char *title, *path, *lede; /* lede: markup */
    const char *rows, *columns;
    void (*put_row)(FILE *to, const json_t *row);
};

static void put_counts(FILE *to, const json_t *counts)
{
    const char *name;
    json_t *n;

    markup(to, "<dl class=\"facts\">");
    json_object_foreach((json_t *)(uintptr_t)counts, name, n)
    {
        put_fact(to, name, json_integer_value(n));
    }
    markup(to, "</dl>\n");
}

static void write_list(struct page *p, const struct list *l, json_t *told)
{
    const json_t *row;
    size_t i;

    page_begin(p, l->title, l->path);
    markup(p->to, "<h1>%s</h1>\n<p class=\"lede\">", l->title);
    fputs(l->lede, p->to);
    markup(p->to, "</p>\n");
    put_counts(p->to, json_object_get(told, "counts"));
    put_table_head(p->to, l->columns);
    json_array_foreach(json_object_get(told, l->rows), i, row)
    {
        l->put_row(p->to, row);
    }
    put_table_foot(p->to);
    put_older(p->to, l->path, number_in(told, "next"));
    page_end(p);
    json_decref(told);
}

/* ---- security -------------------------------------------------------------------- */

static void put_security_row(FILE *to, const json_t *e)
{
    const char *device = text_in(e, "device");

    markup(to, "<tr>");
    put_time_cell(to, e, "at");
    markup(to, "<td><b>%s</b><br>%s</td><td>", text_in(e, "kind"), text_in(e, "means"));
    if (device[0] == '\0' && text_in(e, "claimed")[0] != '\0') {
        markup(to, "says it is <span class=\"id\">%s</span>", text_in(e, "claimed"));
    } else {
        put_device(to, device);
    }
    markup(to, "</td><td><bdi>%s</bdi></td>", text_in(e, "relay"));
    put_count_cell(to, e, "times");
    markup(to, "<td class=\"wide\">");
    put_members(to, json_object_get(e, "body"));
    markup(to, "</td></tr>\n");
}

void page_security(struct page *p)
{
    static const struct list list = {
        "Security events",
        "/security",
        "What nobody does by mistake, or should have to. A transfer that failed is not "
        "here: see <a href=\"/transfers\">transfers</a>.",
        "events",
        "When|What|Device|Through|Times|Details",
        put_security_row};

    write_list(p, &list, view_security(p->db, before_asked(p)));
}

/* ---- transfers ------------------------------------------------------------------- */

/* "E_HASH" for 62, as the wire has it. */
static const char *code_name(int64_t code)
{
    return code > 0 && code < 64 ? ferry_errname(-(int)code) : "-";
}

static void put_transfer_row(FILE *to, const json_t *e)
{
    markup(to, "<tr>");
    put_time_cell(to, e, "at");
    markup(to, "<td>%s</td><td>%s</td><td>", text_in(e, "outcome"),
           code_name(number_in(e, "code")));
    put_device(to, text_in(e, "device"));
    markup(to, "</td>");
    put_count_cell(to, e, "bytes");
    put_count_cell(to, e, "resumes");
    put_count_cell(to, e, "seconds");
    markup(to, "<td><bdi>%s</bdi></td></tr>\n", text_in(e, "app"));
}

void page_transfers(struct page *p)
{
    static const struct list list = {
        "Transfers",
        "/transfers",
        "What phones say of their transfers. Nobody signed it, and nothing is decided "
        "by it.",
        "reports",
        "When|Outcome|Code|Device|Bytes|Resumes|Seconds|App",
        put_transfer_row};

    write_list(p, &list, view_reports(p->db, before_asked(p)));
}

/* ---- releases and audit ---------------------------------------------------------- */

static void put_release_row(FILE *to, const json_t *r)
{
    const char *from = text_in(r, "min_from");

    markup(to, "<tr><th scope=\"row\">%s</th><td class=\"id\">%s</td><td>",
           text_in(r, "version"), text_in(r, "class"));
    put_count(to, number_in(r, "hw_min"));
    markup(to, " to ");
    put_count(to, number_in(r, "hw_max"));
    markup(to, "</td>");
    put_count_cell(to, r, "slot");
    put_count_cell(to, r, "sec_ctr");
    markup(to, "<td>%s</td><td>%s</td><td>", from[0] != '\0' ? from : "any",
           true_in(r, "must_pass") ? "yes" : "no");
    put_count(to, (int64_t)json_array_size(json_object_get(r, "artifacts")));
    markup(to, "</td>");
    put_time_cell(to, r, "published");
    put_time_cell(to, r, "withdrawn");
    markup(to, "</tr>\n");
}

void page_releases(struct page *p)
{
    static const struct list list = {
        "Releases",
        "/releases",
        "What may be rolled out. A device takes none that is older than what it runs.",
        "releases",
        "Version|Class|Revisions|Key slot|Counter|From|Must pass|Artifacts|Published|"
        "Withdrawn",
        put_release_row};

    write_list(p, &list, view_releases(p->db));
}

static void put_audit_row(FILE *to, const json_t *e)
{
    char hash[17];

    snprintf(hash, sizeof hash, "%s", text_in(e, "hash"));
    markup(to, "<tr><th scope=\"row\">");
    put_count(to, number_in(e, "seq"));
    markup(to, "</th>");
    put_time_cell(to, e, "at");
    markup(to, "<td><bdi>%s</bdi></td><td>%s</td><td class=\"wide\">",
           text_in(e, "who"), text_in(e, "kind"));
    put_members(to, json_object_get(e, "what"));
    markup(to, "</td><td class=\"id\">%s</td></tr>\n", hash);
}

void page_audit(struct page *p)
{
    static const struct list list = {
        "Audit",
        "/audit",
        "What people did, each chained by its hash to everything before it.",
        "events",
        "No|When|Who|Did|What|Hash",
        put_audit_row};

    write_list(p, &list, view_audit(p->db, before_asked(p)));
}
