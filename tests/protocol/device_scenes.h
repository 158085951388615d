/* SPDX-License-Identifier: Apache-2.0
 *
 * What the journeys of test_device_states.c share: the one bench, the ways to a state,
 * and the tests themselves, which stand in several files and count as one. */
#ifndef FERRY_TEST_DEVICE_SCENES_H
#define FERRY_TEST_DEVICE_SCENES_H

#include "device_bench.h"

extern struct bench b;

/* A fresh device, its offer made, in this state. */
void start_in(enum ferry_device_state state);
/* A transfer under way, the table verified; `erase`: an erase ahead is outstanding. */
void start_receiving(bool erase);
/* `n` erases in RECEIVING fail. */
void fail_erases(unsigned n);
/* What every state does the same way: it survives a piece, a lost link and another
 * courier, and its ack gives the reason that the document gives. */
void stays_through_pieces_and_partings(void);

/* ---- device_offers.c ------------------------------------------------------------- */

void idle_collects_an_offer_refuses_it_or_checks_it(void **state);
void an_offer_without_a_transfer_goes_on_or_back_to_idle(void **state);
void an_offer_during_a_transfer_goes_back_to_the_transfer(void **state);
void erases_that_fail_during_an_offer_count_all_the_same(void **state);
void a_check_ends_in_looking_or_where_it_came_from(void **state);
void a_check_during_a_transfer_leaves_it_alone(void **state);
void an_erase_may_end_while_an_offer_is_checked(void **state);

/* ---- device_filling.c ------------------------------------------------------------ */

void looking_finds_a_foreign_bank_or_what_a_reset_left(void **state);
void clearing_erases_writes_and_gives_up_at_the_third_failure(void **state);
void receiving_writes_what_comes_and_answers_other_offers(void **state);
void receiving_gives_up_at_the_third_failure(void **state);
void a_table_that_fails_is_made_anew_with_its_header(void **state);

/* ---- device_reports.c ------------------------------------------------------------ */

void a_question_in_idle_is_answered_with_a_statement_in_pieces(void **state);
void the_same_question_gets_the_same_bytes_from_where_it_asks(void **state);
void another_question_waits_for_the_pace_of_signatures(void **state);
void reporting_waits_for_the_counter_and_the_signature(void **state);
void without_a_counter_or_a_signature_there_is_no_statement(void **state);
void an_offer_drops_the_statement_at_hand(void **state);
void the_first_frame_with_the_tag_tells_of_a_courier(void **state);
void the_commits_own_flash_work_changes_no_state(void **state);

#endif
