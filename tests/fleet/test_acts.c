/* SPDX-License-Identifier: Apache-2.0
 *
 * What operators write and do: plans are read strictly and written whole, acts want a
 * reason and what they are for, and a stage advances through its gate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exposure.h"
#include "rollouts.h"
#include "world.h"

#define OF "{\"class\": \"" CLASS_HEX "\", \"version\": \"2.0.0\""
#define ONE_OF_TWO                                                                     \
    ", \"stages\": [{\"percent\": 50, \"dwell_h\": 2}, {\"percent\": 100}]"

static int bring_up(void **state)
{
    *state = world_of(40);
    return 0;
}

/* ---- plans ----------------------------------------------------------------------- */

static bool plan(const char *text, struct rollout_plan *p, struct outcome *o)
{
    json_t *body = json_loads(text, 0, NULL);

    memset(o, 0, sizeof *o);
    assert_non_null(body);
    bool good = rollout_plan_read(body, p, o);
    json_decref(body);
    return good;
}

static void what_is_left_out_of_a_plan_is_the_usual(void **state)
{
    struct rollout_plan p;
    struct rollout usual;
    struct outcome o;
    (void)state;

    rollout_usual(&usual);
    assert_true(plan(OF "}", &p, &o));
    assert_memory_equal(&p.ladder, &usual, sizeof usual);
    assert_int_equal(p.version, V(2, 0, 0));
    assert_true(p.alpha == 0.01 && p.supersedes == 0 && !p.aim_exposed);
    assert_int_equal(p.predicate.hw_rev.max, UINT32_MAX);
    assert_true(
        plan(OF ", \"stages\": [{\"percent\": 2}, {\"percent\": 10}]}", &p, &o));
    assert_int_equal(p.ladder.stage[0].size.offered, 20000);
    assert_int_equal(p.ladder.stage[0].size.held_back, 100000);
    assert_int_equal(p.ladder.stage[1].size.held_back,
                     100000); /* not more than before */
    assert_true(plan(OF ", \"urgent\": true}", &p, &o));
    assert_int_equal(p.ladder.stage[0].size.held_back, 0);
}

static void a_plan_that_is_written_is_read_as_the_same(void **state)
{
    struct rollout_plan p, again;
    struct outcome o;
    (void)state;

    assert_true(plan(OF ", \"predicate\": {\"hw_rev\": [1, 4], \"version\": [\"1.0.0\","
                        " \"2.0.9\"], \"regions\": [1, 7], \"tags_all\": [0],"
                        " \"tags_none\": [3, 31]}, \"stages\": [{\"percent\": 0.5,"
                        " \"held_back\": 10, \"dwell_h\": 7, \"smallest_loss\": 0.2},"
                        " {\"percent\": 100, \"held_back\": 0}], \"supersedes\": 3,"
                        " \"aim\": \"exposed\", \"alpha\": 0.02,"
                        " \"salt\": \"000102030405060708090a0b0c0d0e0f\"}",
                     &p, &o));
    assert_int_equal(p.predicate.regions, 1U << 1 | 1U << 7);
    assert_int_equal(p.predicate.tags_none, 1U << 3 | 1U << 31);
    assert_int_equal(p.ladder.stage[0].size.offered, 5000);
    json_t *body = rollout_plan_write(&p);
    char *text = json_dumps(body, 0);
    assert_true(plan(text, &again, &o));
    assert_memory_equal(&p, &again, sizeof p);
    free(text);
    json_decref(body);
}

static void what_is_wrong_in_a_plan_is_named_by_its_place(void **state)
{
    static const struct {
        const char *text, *where;
    } wrong[] = {
        {"[]", "/"},
        {"{\"version\": \"2.0.0\"}", "/class"},
        {"{\"class\": \"" CLASS_HEX "\", \"version\": \"2\"}", "/version"},
        {"{\"class\": 7, \"version\": \"2.0.0\"}", "/class"},
        {OF ", \"stage\": []}", "/stage"},
        {OF ", \"stages\": []}", "/stages"},
        {OF ", \"stages\": [{}]}", "/stages/0/percent"},
        {OF ", \"stages\": [{\"percent\": 101}]}", "/stages/0/percent"},
        {OF ", \"stages\": [{\"percent\": 9}, {\"percent\": 5}]}", "/stages"},
        {OF ", \"stages\": [{\"percent\": 9, \"dwel_h\": 5}]}", "/stages/0/dwel_h"},
        {OF ", \"stages\": [{\"percent\": 60, \"held_back\": 50}]}", "/stages"},
        {OF ", \"stages\": [{\"percent\": 9, \"dwell_h\": 1.5}]}", "/stages/0/dwell_h"},
        {OF ", \"urgent\": true, \"stages\": [{\"percent\": 9, \"held_back\": 1}]}",
         "/stages/0/held_back"},
        {OF ", \"urgent\": 1}", "/urgent"},
        {OF ", \"predicate\": {\"hw_rev\": [4, 1]}}", "/predicate/hw_rev"},
        {OF ", \"predicate\": {\"hw_rev\": 4}}", "/predicate/hw_rev"},
        {OF ", \"predicate\": {\"version\": [1, 2]}}", "/predicate/version"},
        {OF ", \"predicate\": {\"regions\": [32]}}", "/predicate/regions"},
        {OF ", \"aim\": \"exposed\"}", "/aim"},
        {OF ", \"alpha\": 0.5}", "/alpha"},
        {OF ", \"salt\": \"00\"}", "/salt"},
    };
    struct rollout_plan p;
    struct outcome o;
    (void)state;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(plan(wrong[i].text, &p, &o));
        assert_string_equal(o.where, wrong[i].where);
        assert_int_equal(o.status, 422);
    }
}

static unsigned draft(struct world *w, const char *body)
{
    return world_tell(w, EVENT_ROLLOUT, "anna", 0, body, strlen(body)).status;
}

static void a_rollout_wants_its_release_a_salt_and_an_ancestor_that_can_be(void **state)
{
    struct world *w = *state;
    int64_t draft_only = world_draft(w, "2.0.0", "");
    char more[300];

    assert_int_equal(draft(w, "nonsense"), 400);
    assert_int_equal(draft(w, OF "}"), 400); /* no salt */
    assert_int_equal(draft(w, "{\"class\": \"" CLASS_HEX "\", \"version\": \"9.0.0\","
                              " \"salt\": \"" CLASS_HEX "\"}"),
                     422);
    assert_int_equal(draft(w, OF ", \"supersedes\": 99}"), 422);
    snprintf(more, sizeof more, OF ", \"supersedes\": %lld}", (long long)draft_only);
    assert_int_equal(draft(w, more), 422); /* never opened */
    world_must(w, draft_only, "open");
    assert_int_equal(draft(w, more), 422); /* not a higher version */
}

/* ---- acts ------------------------------------------------------------------------ */

static int64_t state_of(struct world *w, int64_t no)
{
    return world_number(w, "SELECT state FROM rollouts WHERE no = ?", no);
}

static void acts_follow_the_table_and_say_why_not(void **state)
{
    struct world *w = *state;
    char why[240];
    int64_t no = world_draft(w, "2.0.0", ONE_OF_TWO);

    assert_int_equal(world_act(w, no, "freeze", why), 409);
    assert_non_null(strstr(why, "draft"));
    assert_int_equal(world_act(w, 99, "open", why), 404);
    assert_int_equal(world_act(w, no, "supersede", why), 422);
    world_must(w, no, "open");
    assert_int_equal(world_act(w, no, "open", why), 409);
    assert_int_equal(world_act(w, no, "finish", why), 409); /* not its last stage */
    world_must(w, no, "freeze");
    assert_int_equal(state_of(w, no), ROLLOUT_FROZEN);
    assert_int_equal(world_act(w, no, "advance", why), 409);
    world_must(w, no, "resume");
    world_must(w, no, "advance!");
    world_must(w, no, "finish");
    assert_int_equal(state_of(w, no), ROLLOUT_DONE);
    assert_int_equal(world_act(w, no, "cancel", why), 409);
}

static unsigned tell_act(struct world *w, const char *body)
{
    return world_tell(w, EVENT_ACT, "anna", 0, body, strlen(body)).status;
}

static void an_act_wants_a_reason_and_nothing_it_does_not_know(void **state)
{
    struct world *w = *state;

    world_draft(w, "2.0.0", "");
    assert_int_equal(tell_act(w, "{\"rollout\": 1, \"act\": \"open\"}"), 422);
    assert_int_equal(
        tell_act(w, "{\"rollout\": 1, \"act\": \"open\", \"reason\": \"\"}"), 422);
    assert_int_equal(tell_act(w,
                              "{\"rollout\": 1, \"act\": \"open\", \"reason\": \"a\","
                              " \"now\": true}"),
                     422);
    assert_int_equal(tell_act(w, "["), 400);
    assert_int_equal(state_of(w, 1), ROLLOUT_DRAFT);
    assert_int_equal(
        tell_act(w, "{\"rollout\": 1, \"act\": \"open\", \"reason\": \"a\"}"), 200);
}

static void a_withdrawn_release_is_not_opened(void **state)
{
    struct world *w = *state;
    static const char body[] =
        "{\"class\": \"" CLASS_HEX "\", \"version\": \"2.0.0\", \"reason\": \"bad\"}";
    char why[240];
    int64_t no = world_draft(w, "2.0.0", "");

    world_tell(w, EVENT_WITHDRAW, "anna", 0, body, strlen(body));
    assert_int_equal(world_act(w, no, "open", why), 409);
    assert_int_equal(state_of(w, no), ROLLOUT_DRAFT);
}

static void who_froze_it_and_why_is_kept_until_it_is_resumed(void **state)
{
    struct world *w = *state;
    int64_t no = world_rollout(w, "2.0.0", "");

    w->now += 5 * 3600;
    world_must(w, no, "freeze");
    struct db_query *q = db_ask(w->db, "SELECT frozen FROM rollouts");
    assert_true(db_next(q));
    json_t *frozen = json_loads(db_get_text(q, 0), 0, NULL);
    db_done(q);
    assert_string_equal(json_string_value(json_object_get(frozen, "by")), "anna");
    assert_string_equal(json_string_value(json_object_get(frozen, "reason")), "a test");
    assert_int_equal(json_integer_value(json_object_get(frozen, "hour")), 5);
    json_decref(frozen);
    world_must(w, no, "resume");
    assert_int_equal(world_number(w,
                                  "SELECT COUNT(*) FROM rollouts WHERE frozen IS NULL"
                                  " AND no = ?",
                                  no),
                     1);
}

/* ---- gates ----------------------------------------------------------------------- */

static struct rollout_wait waits(struct world *w, int64_t no)
{
    struct rollout_row r;
    struct rollout_wait wait;

    assert_true(rollout_load(w->db, no, &r));
    assert_true(rollout_waits(w->db, &r, world_hour(w), &wait));
    return wait;
}

static void
a_stage_advances_when_it_lasted_and_every_revision_has_been_seen(void **state)
{
    struct world *w = *state;
    char why[240];
    int64_t no = world_rollout(w, "2.0.0",
                               ", \"stages\": [{\"percent\": 50, \"dwell_h\": 24,"
                               " \"smallest_loss\": 0.3}, {\"percent\": 100}]");

    world_devices(w, 400, 2, 0);
    world_everybody(w);
    assert_int_equal(world_act(w, no, "advance", why), 409);
    assert_non_null(strstr(why, "is to last 24"));
    for (int h = 0; h < 24; h++) {
        world_tick(w);
    }
    assert_int_equal(world_act(w, no, "advance", why), 409);
    assert_non_null(strstr(why, "aged 72 hours"));
    for (int h = 24; h < 80; h++) {
        world_everybody(w);
        world_tick(w);
    }
    struct rollout_wait wait = waits(w, no);
    assert_int_equal(wait.gate, ROLLOUT_EVIDENCE);
    assert_int_equal(wait.facets, 4);
    assert_true(wait.p > 0.98);
    const char *rare = wait.of[wait.waits_for].name; /* ten devices each */
    assert_true(strcmp(rare, "3") == 0 || strcmp(rare, "4") == 0);
    assert_true(wait.evidence[wait.waits_for].aged < wait.needed);
    assert_true(wait.evidence[0].aged >= wait.needed);
    world_must(w, no, "advance!");
    assert_int_equal(world_number(w, "SELECT stage FROM rollouts WHERE no = ?", no), 1);
}

/* A region's alarm that a person went on in spite of: it is still one for the gate. */
static void an_alarm_of_any_facet_holds_the_stage(void **state)
{
    struct world *w = *state;
    struct health h;
    char why[240];
    int64_t no = world_rollout(w, "2.0.0", ", \"urgent\": true");

    world_everybody(w);
    w->now += 200 * 3600;
    assert_int_equal(waits(w, no).gate, ROLLOUT_READY);
    assert_true(exposure_health(w->db, no, &h));
    h.cell[health_cell_of(HEALTH_REGION, 1)].alarm[HEALTH_SILENCE] = true;
    health_accept(&h);
    assert_true(db_begin(w->db));
    rollout_save_health(w->db, no, &h);
    assert_true(db_commit(w->db));
    assert_int_equal(waits(w, no).gate, ROLLOUT_ALARMED);
    assert_int_equal(world_act(w, no, "advance", why), 409);
    assert_non_null(strstr(why, "alarmed"));
}

static unsigned waive(struct world *w, int64_t no, int hw_rev)
{
    char body[100];

    snprintf(body, sizeof body,
             "{\"rollout\": %lld, \"hw_rev\": %d, \"reason\": \"few\"}", (long long)no,
             hw_rev);
    return world_tell(w, EVENT_WAIVE, "anna", 0, body, strlen(body)).status;
}

static void a_small_revision_is_waived_by_name_once_and_holds_no_stage(void **state)
{
    struct world *w = *state;
    int64_t no = world_rollout(w, "2.0.0", ONE_OF_TWO);

    world_everybody(w);
    w->now += 3 * 3600;
    assert_int_equal(waits(w, no).gate, ROLLOUT_EVIDENCE);
    for (int revision = 1; revision <= 4; revision++) {
        assert_int_equal(waive(w, no, revision), 200);
        assert_int_equal(waive(w, no, revision), 409);
    }
    assert_int_equal(waits(w, no).gate, ROLLOUT_READY);
    assert_int_equal(waive(w, no, 5), 422); /* no unit has it */
    assert_int_equal(waive(w, 99, 1), 404);
    world_must(w, no, "advance");
}

static void an_urgent_rollout_waits_for_time_alone(void **state)
{
    struct world *w = *state;
    char why[240];
    int64_t no = world_rollout(w, "2.0.0", ", \"urgent\": true");

    world_everybody(w);
    w->now += 119 * 3600;
    assert_int_equal(world_act(w, no, "advance", why), 409);
    w->now += 3600;
    world_must(w, no, "advance");
}

int main(void)
{
#define IN_A_WORLD(f) cmocka_unit_test_setup_teardown(f, bring_up, world_take_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_out_of_a_plan_is_the_usual),
        cmocka_unit_test(a_plan_that_is_written_is_read_as_the_same),
        cmocka_unit_test(what_is_wrong_in_a_plan_is_named_by_its_place),
        IN_A_WORLD(a_rollout_wants_its_release_a_salt_and_an_ancestor_that_can_be),
        IN_A_WORLD(acts_follow_the_table_and_say_why_not),
        IN_A_WORLD(an_act_wants_a_reason_and_nothing_it_does_not_know),
        IN_A_WORLD(a_withdrawn_release_is_not_opened),
        IN_A_WORLD(who_froze_it_and_why_is_kept_until_it_is_resumed),
        IN_A_WORLD(a_stage_advances_when_it_lasted_and_every_revision_has_been_seen),
        IN_A_WORLD(an_alarm_of_any_facet_holds_the_stage),
        IN_A_WORLD(a_small_revision_is_waived_by_name_once_and_holds_no_stage),
        IN_A_WORLD(an_urgent_rollout_waits_for_time_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
