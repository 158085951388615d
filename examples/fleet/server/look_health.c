/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /v1/rollouts/{no}/health: the numbers of one facet as JSON, as CSV for a
 * spreadsheet, or as a picture. All three are made from the same view. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../health/chart.h"
#include "../model/exposure.h"
#include "../view/view.h"
#include "request.h"
#include "routes.h"

#define HORIZON_H 72
#define H_MAX HEALTH_HISTORY_H

enum form { FORM_NONE, FORM_JSON, FORM_CSV, FORM_SVG };

/* ---- what is wanted -------------------------------------------------------------- */

static enum form form_of(const struct request *r)
{
    const char *format = request_parameter(r, "format");
    const char *accept = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND,
                                                     MHD_HTTP_HEADER_ACCEPT);

    if (format != NULL) {
        return strcmp(format, "json") == 0  ? FORM_JSON
               : strcmp(format, "csv") == 0 ? FORM_CSV
               : strcmp(format, "svg") == 0 ? FORM_SVG
                                            : FORM_NONE;
    }
    if (accept != NULL && strncmp(accept, "text/csv", 8) == 0) {
        return FORM_CSV;
    }
    return accept != NULL && strncmp(accept, "image/svg+xml", 13) == 0 ? FORM_SVG
                                                                       : FORM_JSON;
}

static bool facet_of(struct request *r, enum health_facet *facet)
{
    const char *name = request_parameter(r, "facet");

    *facet = HEALTH_HW_REV;
    if (name == NULL || exposure_facet_named(name, facet)) {
        return true;
    }
    answer_problem(r, 400, "facet",
                   "parameter facet is '%.40s': hw_rev, region, from or phone", name);
    return false;
}

/* ---- CSV ------------------------------------------------------------------------- */

/* Quoted; quotes doubled. Nothing that a spreadsheet takes for a formula begins it. */
static void put_text(FILE *to, const char *text)
{
    fputc('"', to);
    if (strchr("=+-@", text[0]) != NULL && text[0] != '\0') {
        fputc('\'', to);
    }
    for (; *text != '\0'; text++) {
        if (*text == '"') {
            fputc('"', to);
        }
        fputc(*text, to);
    }
    fputc('"', to);
}

static void put_number(FILE *to, const json_t *row, const char *name)
{
    const json_t *value = json_object_get(row, name);

    fputc(',', to);
    if (json_is_number(value)) {
        fprintf(to, "%.9g", json_number_value(value));
    }
}

static const char *value_of(const json_t *row)
{
    const char *value = json_string_value(json_object_get(row, "value"));

    return value != NULL ? value : "all";
}

static void put_csv(FILE *to, const json_t *health)
{
    static const char *const columns[] = {"n_t", "n_c", "p_t", "p_c",
                                          "rs",  "low", "high"};
    const json_t *row;
    size_t i;

    fprintf(to, "%s,n_t,n_c,p_t,p_c,rs,low,high,alarm\r\n",
            json_string_value(json_object_get(health, "facet")));
    json_array_foreach(json_object_get(health, "values"), i, row)
    {
        put_text(to, value_of(row));
        for (unsigned c = 0; c < sizeof columns / sizeof columns[0]; c++) {
            put_number(to, row, columns[c]);
        }
        fprintf(to, ",%d\r\n", view_alarms(row));
    }
}

/* ---- the picture ----------------------------------------------------------------- */

static struct chart_line line_of(const json_t *row, const char *arm, const char *label)
{
    size_t len;
    struct stats_point *points =
        view_points(json_object_get(json_object_get(row, "curve"), arm), &len);

    return (struct chart_line){label, points, len, strcmp(arm, "control") == 0,
                               view_alarms(row)};
}

/* Everybody's control in grey, and each value's treated units. */
static void put_svg(FILE *to, const json_t *health)
{
    const json_t *values = json_object_get(health, "values"), *row;
    char title[100];
    struct chart c = {.title = title, .mark = -1};
    size_t i;

    snprintf(title, sizeof title, "Rollout %" JSON_INTEGER_FORMAT ": survival by %s",
             json_integer_value(json_object_get(health, "rollout")),
             json_string_value(json_object_get(health, "facet")));
    c.subtitle =
        "share of units not yet silent, by hours since the offer; grey: held back";
    json_array_foreach(values, i, row)
    {
        if (i == 0) {
            c.line[c.lines++] = line_of(row, "control", "held back");
        } else if (c.lines < CHART_LINES_MAX) {
            c.line[c.lines++] = line_of(row, "treated", value_of(row));
        }
    }
    chart_write(to, &c);
    for (unsigned l = 0; l < c.lines; l++) {
        free((void *)(uintptr_t)c.line[l].points);
    }
}

/* ---- the answer ------------------------------------------------------------------ */

static void answer_form(struct request *r, enum form form, json_t *health)
{
    size_t len = 0;
    char *text = NULL;
    FILE *to;

    if (form == FORM_JSON) {
        answer_json(r, 200, health);
    } else if ((to = open_memstream(&text, &len)) != NULL) {
        (form == FORM_CSV ? put_csv : put_svg)(to, health);
        fclose(to);
        json_decref(health);
        answer_text(r, 200,
                    form == FORM_CSV ? "text/csv; charset=utf-8" : "image/svg+xml",
                    text, len);
    }
    answer_header(r, "Cache-Control", "no-store");
    answer_header(r, "Vary", "Accept");
}

void look_health(struct request *r)
{
    enum form form = form_of(r);
    enum health_facet facet;
    int64_t no, h;
    struct reader *reader;

    if (form == FORM_NONE) {
        answer_problem(r, 400, "format", "parameter format: json, csv or svg");
        return;
    }
    if (!request_no(r, &no) || !facet_of(r, &facet) ||
        !request_number(r, "h", 1, H_MAX, HORIZON_H, &h) ||
        (reader = request_reader(r)) == NULL) {
        return;
    }
    json_t *health = view_health(reader->db, no, facet, (int32_t)h, form != FORM_CSV);
    if (health != NULL) {
        answer_form(r, form, health);
    } else {
        look_nothing(r, reader->db);
    }
}
