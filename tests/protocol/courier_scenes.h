/* SPDX-License-Identifier: Apache-2.0
 *
 * What the talks of test_courier_states.c share, and the tests themselves, which stand in
 * several files and count as one. */
#ifndef FERRY_TEST_COURIER_SCENES_H
#define FERRY_TEST_COURIER_SCENES_H

#include "courier_bench.h"

extern struct ashore a;

/* What the link and the user do to every state, and what every state hears. `stays`:
 * the state is left by link and user alone. */
void link_user_and_all_messages(enum ferry_courier_state state, bool stays);
/* Every kind of INFO. */
void all_infos(enum ferry_courier_state from);

/* ---- courier_reports.c ----------------------------------------------------------- */

void a_statement_is_fetched_piece_by_piece(void **state);
void a_device_without_a_statement_is_offered_to_or_waited_for(void **state);
void a_statement_no_device_makes_is_refused(void **state);
void a_statement_is_given_up_after_half_a_minute(void **state);

/* ---- courier_liars.c ------------------------------------------------------------- */

void no_lie_holds_a_courier_for_ever(void **state);
void an_info_that_cannot_be_is_refused(void **state);
void later_for_ever_is_asked_at_the_pace_it_named(void **state);
void done_early_is_the_devices_word_and_no_more(void **state);

/* ---- courier_waits.c ------------------------------------------------------------- */

void an_acks_reason_is_what_is_waited_for(void **state);
void silence_is_told_before_it_parks(void **state);
void every_state_says_what_it_waits_for(void **state);
void the_rate_is_what_was_acked_in_a_second(void **state);
void a_rate_falls_while_nothing_arrives(void **state);
void what_the_device_had_before_is_no_speed_of_ours(void **state);
void a_block_that_is_taken_back_leaves_the_rate_alone(void **state);
void at_the_end_nothing_is_left(void **state);
void of_another_artifact_nothing_is_acked_yet(void **state);
void every_wait_and_every_reason_has_its_word(void **state);

/* ---- courier_config.c ------------------------------------------------------------ */

void a_configuration_that_leads_nowhere_is_refused(void **state);
void a_courier_tells_its_size_to_who_cannot_see_it(void **state);
void an_artifact_that_cannot_be_read_parks_at_every_read(void **state);
void an_artifact_that_is_none_is_refused_and_another_one_taken(void **state);
void a_release_that_runs_in_the_other_bank_is_done(void **state);
void a_statement_that_nobody_takes_is_fetched_all_the_same(void **state);
void a_question_that_waits_for_the_link_is_asked_once(void **state);
void a_budget_of_retransmissions_is_the_configurations(void **state);
void the_code_of_the_end_says_whether_to_try_again(void **state);
void counts_of_bytes_stop_at_their_limit(void **state);

#endif
