/* SPDX-License-Identifier: Apache-2.0
 *
 * What the pages share: one being written, its frame, and how numbers and times are
 * spelled for people. Each page is a function that asks its views and writes. */
#ifndef FERRY_FLEET_PAGE_IN_H
#define FERRY_FLEET_PAGE_IN_H

#include <jansson.h>
#include <stdio.h>

#include "../view/view.h"
#include "form.h"
#include "markup.h"
#include "page.h"

struct page {
    FILE *to;
    struct db *db;
    const struct page_ask *ask;
    unsigned status;
};

/* `place`: which of the menu's entries it belongs to, "" for none. */
void page_begin(struct page *p, const char *title, const char *place);
void page_end(struct page *p);
/* The whole page: there is no such thing. */
void page_missing(struct page *p, const char *what);
/* A refusal, in front of a form; nothing if there was none. */
void page_wrong(struct page *p);

/* A member's text, "" where there is none; its number, 0 where there is none. */
const char *text_in(const json_t *from, const char *name);
int64_t number_in(const json_t *from, const char *name);
bool true_in(const json_t *from, const char *name);

/* "1,190"; "61.2 %", or a dash for null; "2026-11-26 12:00" as a time element. */
void put_count(FILE *to, int64_t n);
void put_percent(FILE *to, const json_t *share);
void put_time(FILE *to, const char *iso);
/* A table's head: names of columns, separated by '|'; and its end. */
void put_table_head(FILE *to, const char *columns);
void put_table_foot(FILE *to);
/* A member as a table's cell. */
void put_count_cell(FILE *to, const json_t *of, const char *name);
void put_percent_cell(FILE *to, const json_t *of, const char *name);
void put_time_cell(FILE *to, const json_t *of, const char *name);
/* A name and a number in a list of them. */
void put_fact(FILE *to, const char *name, int64_t n);
/* An object's members in a line. */
void put_members(FILE *to, const json_t *object);
/* A link to a device, or a dash. */
void put_device(FILE *to, const char *id);
/* The foot of a list: a link to what came before it. */
void put_older(FILE *to, const char *path, int64_t next);

extern const char page_style[]; /* style.css */

/* ---- the pages ------------------------------------------------------------------- */

void page_home(struct page *p);
void page_rollout(struct page *p, int64_t number);
void page_confirm(struct page *p, int64_t number, const char *act);
void page_devices(struct page *p);
void page_device(struct page *p, const char *id);
void page_security(struct page *p);
void page_transfers(struct page *p);
void page_releases(struct page *p);
void page_audit(struct page *p);
void page_sign_in(struct page *p);

/* ---- parts of them --------------------------------------------------------------- */

/* "/rollouts/3" and what is behind it: "" or an act. */
bool rollout_path(const char *path, int64_t *no, const char **act);
/* What may be done to it now, as links to confirmations. */
void put_acts(FILE *to, const json_t *rollout);
/* Its ladder: stages as steps, with the one it is in. */
void put_ladder(FILE *to, const json_t *rollout);
/* State, as a mark beside its name. */
void put_state(FILE *to, const json_t *rollout);
/* Its first sentence: frozen, or what it waits for. */
void put_standing(FILE *to, const json_t *rollout);

/* Survival by the values of a facet: pictures beside each other, then a table. */
void put_survival(FILE *to, const json_t *health, bool table);

#endif
