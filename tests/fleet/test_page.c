/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the pages of a painted fleet: every one is made, nothing hostile gets in, and
 * forms are read as strictly as they should be. How they look is page_test.py's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "form.h"
#include "markup.h"
#include "page.h"
#include "painted.h"

static struct page_answer page(struct world *w, const char *path, const char *query,
                               const char *wrong)
{
    const struct page_ask ask = {.path = path,
                                 .query = query,
                                 .who = PAINT_HOSTILE,
                                 .wrong = wrong,
                                 .now = PAINT_NOW};
    struct page_answer a;

    page_make(w->db, &ask, &a);
    assert_non_null(a.html);
    assert_int_equal(strlen(a.html), a.len);
    return a;
}

/* ---- markup ---------------------------------------------------------------------- */

static void a_text_in_markup_cannot_leave_its_place(void **state)
{
    char *out = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&out, &len);

    (void)state;
    markup(to, "<a title=\"%s\">100%% %s</a>", "\"><script>'&\x01\x7f", "</a>");
    fclose(to);
    assert_string_equal(out, "<a title=\"&quot;&gt;&lt;script&gt;&#39;&amp;  \">100% "
                             "&lt;/a&gt;</a>");
    free(out);
}

/* ---- pages ----------------------------------------------------------------------- */

static const struct {
    const char *path, *query;
    unsigned status;
} pages[] = {
    {"/", NULL, 200},
    {"/rollouts/1", NULL, 200},
    {"/rollouts/2", NULL, 200},
    {"/rollouts/2", "facet=phone", 200},
    {"/rollouts/2", "facet=%3Cscript%3E", 200},
    {"/rollouts/3", NULL, 200},
    {"/rollouts/4", NULL, 200},
    {"/rollouts/5", NULL, 200},
    {"/rollouts/4/freeze", NULL, 200},
    {"/rollouts/4/waive", NULL, 200},
    {"/rollouts/2/rollback", NULL, 200},
    {"/rollouts/2/freeze", NULL, 409},
    {"/rollouts/99", NULL, 404},
    {"/rollouts/99/freeze", NULL, 404},
    {"/devices", NULL, 200},
    {"/devices", "id=%22%3E%3Cscript%3E", 200},
    {"/devices/" PAINT_DEVICE, NULL, 200},
    {"/devices/<script>", NULL, 404},
    {"/security", NULL, 200},
    {"/transfers", "before=150", 200},
    {"/releases", NULL, 200},
    {"/audit", NULL, 200},
    {"/sign-in", NULL, 200},
};
#define PAGES (sizeof pages / sizeof pages[0])

static void every_page_is_made(void **state)
{
    for (size_t i = 0; i < PAGES; i++) {
        struct page_answer a = page(*state, pages[i].path, pages[i].query, NULL);
        assert_int_equal(a.status, pages[i].status);
        assert_true(page_has(pages[i].path));
        assert_non_null(strstr(a.html, "</html>"));
        free(a.html);
    }
}

static void nothing_hostile_gets_into_a_page(void **state)
{
    for (size_t i = 0; i < PAGES; i++) {
        struct page_answer a =
            page(*state, pages[i].path, pages[i].query, "<img src=x onerror=y>");
        assert_null(strstr(a.html, "<script"));
        assert_null(strstr(a.html, "<img"));
        assert_non_null(strstr(a.html, "&lt;/b&gt;&lt;script&gt;"));
        free(a.html);
    }
}

/* What a reader meets first, behind the menu. */
static const char *first_words(const struct page_answer *a)
{
    const char *main = strstr(a->html, "<main>");

    assert_non_null(main);
    return strchr(main + strlen("<main>"), '>') + 1;
}

static void the_first_sentence_is_the_frozen_rollouts(void **state)
{
    struct page_answer a = page(*state, "/", NULL, NULL);

    assert_int_equal(strncmp(first_words(&a), "Rollout 2 (2.1.0) was frozen", 28), 0);
    free(a.html);
}

static void an_urgent_rollout_says_that_survival_is_not_measured(void **state)
{
    struct page_answer a = page(*state, "/rollouts/3", NULL, NULL);

    assert_non_null(strstr(a.html, "Survival is not measured"));
    assert_null(strstr(a.html, "class=\"survival\""));
    free(a.html);
}

static void acts_are_offered_where_they_may_be_done(void **state)
{
    static const struct {
        const char *path;
        const char *there, *not_there;
    } cases[] = {
        {"/rollouts/2", "/rollouts/2/resume", "/rollouts/2/freeze"},
        {"/rollouts/2", "/rollouts/2/rollback", "/rollouts/2/advance"},
        {"/rollouts/4", "/rollouts/4/freeze", "/rollouts/4/resume"},
        {"/rollouts/4", "/rollouts/4/advance", "/rollouts/4/finish"},
        {"/rollouts/3", "/rollouts/3/finish", "/rollouts/3/advance"},
        {"/rollouts/5", "/rollouts/5/open", "/rollouts/5/freeze"},
        {"/rollouts/1", "Rollout 1", "/rollouts/1/"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct page_answer a = page(*state, cases[i].path, NULL, NULL);
        assert_non_null(strstr(a.html, cases[i].there));
        assert_null(strstr(a.html, cases[i].not_there));
        free(a.html);
    }
}

static void a_refused_act_says_why_above_its_form(void **state)
{
    struct page_answer a =
        page(*state, "/rollouts/4/freeze", NULL, "This token may only read.");
    const char *why = strstr(a.html, "role=\"alert\">This token may only read.");

    assert_non_null(why);
    assert_non_null(strstr(why, "method=\"post\" action=\"/rollouts/4/freeze\""));
    free(a.html);
}

static void a_failed_database_is_a_page_too(void **state)
{
    struct world *w = *state;

    (void)db_run(w->db, "SELECT nothing FROM nowhere");
    struct page_answer a = page(w, "/", NULL, NULL);
    assert_int_equal(a.status, 500);
    assert_non_null(strstr(a.html, "database"));
    free(a.html);
}

static void other_paths_are_no_pages(void **state)
{
    static const char *const others[] = {"",
                                         "/v1/rollouts",
                                         "/rollouts",
                                         "/rollouts/",
                                         "/rollouts/0",
                                         "/rollouts/01",
                                         "/rollouts/-1",
                                         "/rollouts/2x",
                                         "/rollouts/2/",
                                         "/rollouts/2/supersede",
                                         "/rollouts/2/freeze/",
                                         "/rollouts/99999999999999999999999999999",
                                         "/devices/",
                                         "/devices/a/b",
                                         "/style.css"};

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(page_has(others[i]));
    }
}

/* ---- forms ----------------------------------------------------------------------- */

static void a_form_is_decoded_strictly(void **state)
{
    static const struct {
        const char *form, *value; /* NULL: it has none */
    } cases[] = {
        {"a=x", "x"},
        {"b=1&a=x+y%20z%2B", "x y z+"},
        {"a=", ""},
        {"a=1&a=2", "1"},
        {"ba=1&a=2", "2"},
        {"a", NULL},
        {"ab=1", NULL},
        {"", NULL},
        {"&&&a=7&&", "7"},
        {"a=%", NULL},
        {"a=%4", NULL},
        {"a=%zz", NULL},
        {"a=x%00y", NULL},
        {"a=123456789", "123456789"},
        {"a=1234567890", NULL},
        {"a=%c3%a9", "\xc3\xa9"},
    };
    char to[10];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *form = cases[i].form;
        bool there = form_text(form, strlen(form), "a", to, sizeof to);
        assert_int_equal(there, cases[i].value != NULL);
        assert_string_equal(to, there ? cases[i].value : "");
    }
}

static void a_forms_number_is_decimal_or_none(void **state)
{
    static const struct {
        const char *form;
        int64_t n;
    } cases[] = {
        {"a=0", 0},   {"a=42", 42}, {"a=-1", -1}, {"a=", -1},
        {"a=4x", -1}, {"b=4", -1},  {"a=%34", 4}, {"a=99999999999999999999", -1}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *form = cases[i].form;
        assert_true(form_number(form, strlen(form), "a") == cases[i].n);
    }
}

static bool act_of(const char *path, const char *body, struct page_act *act)
{
    char why[100];

    return page_act_read(path, body, strlen(body), act, why, sizeof why);
}

static void an_act_is_read_from_its_path_and_form(void **state)
{
    struct page_act act;

    (void)state;
    assert_true(act_of("/rollouts/4/freeze", "reason=it+smokes&token=t0", &act));
    assert_int_equal(act.rollout, 4);
    assert_string_equal(act.act, "freeze");
    assert_string_equal(act.reason, "it smokes");
    assert_string_equal(act.token, "t0");
    assert_true(act_of("/rollouts/4/waive", "reason=few&token=t&hw_rev=7", &act));
    assert_int_equal(act.hw_rev, 7);
    assert_true(act_of("/rollouts/2/rollback", "reason=r&token=t&version=2.1.1", &act));
    assert_string_equal(act.version, "2.1.1");
}

static void an_act_without_reason_or_token_is_none(void **state)
{
    static const struct {
        const char *path, *body;
    } cases[] = {
        {"/rollouts/4/freeze", "token=t"},
        {"/rollouts/4/freeze", "token=t&reason="},
        {"/rollouts/4/freeze", "token=t&reason=+%09%0a"},
        {"/rollouts/4/freeze", "reason=r"},
        {"/rollouts/4/freeze", "reason=r&token="},
        {"/rollouts/4/freeze", ""},
        {"/rollouts/4", "reason=r&token=t"},
        {"/rollouts/4/explode", "reason=r&token=t"},
        {"/rollouts/x/freeze", "reason=r&token=t"},
        {"/rollouts/4/waive", "reason=r&token=t"},
        {"/rollouts/4/waive", "reason=r&token=t&hw_rev=x"},
        {"/rollouts/4/rollback", "reason=r&token=t"},
    };
    struct page_act act;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_false(act_of(cases[i].path, cases[i].body, &act));
    }
}

static void a_reason_longer_than_can_be_kept_is_refused_not_cut(void **state)
{
    char body[PAGE_REASON_MAX + 40];
    struct page_act act;

    (void)state;
    snprintf(body, sizeof body, "token=t&reason=%0*d", (int)PAGE_REASON_MAX, 7);
    assert_true(act_of("/rollouts/4/freeze", body, &act));
    assert_int_equal(strlen(act.reason), PAGE_REASON_MAX);
    snprintf(body, sizeof body, "token=t&reason=%0*d", (int)PAGE_REASON_MAX + 1, 7);
    assert_false(act_of("/rollouts/4/freeze", body, &act));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_in_markup_cannot_leave_its_place),
        PAINTED(every_page_is_made),
        PAINTED(nothing_hostile_gets_into_a_page),
        PAINTED(the_first_sentence_is_the_frozen_rollouts),
        PAINTED(an_urgent_rollout_says_that_survival_is_not_measured),
        PAINTED(acts_are_offered_where_they_may_be_done),
        PAINTED(a_refused_act_says_why_above_its_form),
        PAINTED(a_failed_database_is_a_page_too),
        cmocka_unit_test(other_paths_are_no_pages),
        cmocka_unit_test(a_form_is_decoded_strictly),
        cmocka_unit_test(a_forms_number_is_decimal_or_none),
        cmocka_unit_test(an_act_is_read_from_its_path_and_form),
        cmocka_unit_test(an_act_without_reason_or_token_is_none),
        cmocka_unit_test(a_reason_longer_than_can_be_kept_is_refused_not_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
