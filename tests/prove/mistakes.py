# SPDX-License-Identifier: Apache-2.0
"""Mistakes that the proofs must notice, each with the goals that it leaves open. Knows
nothing of how they are planted."""
from collections import namedtuple

# `before` stands once in `file`, and becomes `after`; `function` is proved again.
Mistake = namedtuple("Mistake", "unit function file before after open")

PLANTED = {
    # what parsers read, and accept
    "a CBOR head that is longer than it need be": Mistake(
        "cbor", "ferry_cbor_read", "src/cbor.c",
        "if (arg <= INLINE_MAX || arg >> (4 * bytes) == 0)", "if (arg <= INLINE_MAX)",
        ["ferry_cbor_read_assert_14"]),
    "a string of CBOR that ends past the bytes": Mistake(
        "bytes", "ferry_take", "src/bytes.c", "n > r->left", "n > r->left + 1",
        ["ferry_take_ensures_inside",
         "ferry_take_ensures_next",
         "ferry_take_ensures_onward",
         "ferry_take_ensures_sticks"]),
    "an envelope of another length than it says": Mistake(
        "manifest", "ferry_envelope_open", "src/manifest.c",
        " ||\n        len != bytes[AT_LEN] + FERRY_ENVELOPE_OVER", "",
        ["ferry_envelope_open_assert_rte_mem_access_2",
         "ferry_envelope_open_assert_rte_mem_access_3",
         "ferry_envelope_open_ensures_inside",
         "ferry_envelope_open_ensures_length",
         "ferry_envelope_open_ensures_shape"]),
    "an envelope without its constant bytes": Mistake(
        "manifest", "ferry_envelope_open", "src/manifest.c", "!head_fits(bytes) || ", "",
        ["ferry_envelope_open_ensures_shape"]),
    "a map whose keys may come twice": Mistake(
        "manifest", "ferry_pairs_next", "src/pairs.h", "*start < next", "*start + 1 < next",
        ["ferry_pairs_next_ensures_order"]),
    "a map inside a map": Mistake(
        "manifest", "ferry_pairs_next", "src/pairs.h", " || value->major == FERRY_CBOR_MAP",
        "", ["ferry_pairs_next_assert_6"]),
    "bytes behind a manifest's map": Mistake(
        "manifest", "ferry_manifest_parse", "src/manifest.c",
        "r.left > 0 ? FERRY_E_TRAIL : 0", "0",
        ["ferry_manifest_parse_ensures_shape"]),
    "a message whose rest is one byte too long": Mistake(
        "msg", "ferry_msg_decode", "src/msg.c", "> form->spread ||",
        "> form->spread + 1U ||",
        ["ferry_msg_decode_assert_rest_3"]),
    "a frame that fills its buffer, and one byte more": Mistake(
        "frame", "ferry_frame_in", "src/frame.c", "if (done == cap) {\n            cap =",
        "if (done > cap) {\n            cap =",
        ["ferry_frame_in_assert_rte_mem_access_13",
         "ferry_frame_in_loop_invariant_2_preserved"]),
    "a frame that goes to no buffer": Mistake(
        "frame", "find_room", "src/frame.c", "in->to == NULL || len == in->cap",
        "len == in->cap",
        ["find_room_ensures"]),
    "a group of one byte more than its length can say": Mistake(
        "frame", "ferry_frame_out_start", "src/frame.c", "run > GROUP_MAX",
        "run > GROUP_MAX + 1",
        ["ferry_frame_out_start_loop_invariant_preserved"]),
    # what the window says has arrived
    "a chunk that marks its neighbour, too": Mistake(
        "window", "ferry_window_mark", "src/window.h", "UINT32_C(1) <<", "UINT32_C(3) <<",
        ["ferry_window_mark_ensures_only_what_was_given"]),
    "a chunk of another block that is marked": Mistake(
        "window", "ferry_window_row", "src/window.c", "k < 0 || k > 1 ||", "k < 0 ||",
        ["ferry_window_row_ensures"]),
    "a rewind that keeps what is gone": Mistake(
        "window", "ferry_window_rewind", "src/window.h", "    w->bits[1] = 0;\n    if",
        "    if",
        ["ferry_window_rewind_ensures_only_what_was_given"]),
    # what boots
    "a trial of the other bank than the one that was verified": Mistake(
        "trial", "ferry_trial_begin", "src/trial.c", "bank | FERRY_BOOT_ON_TRIAL",
        "FERRY_BOOT_ON_TRIAL",
        ["ferry_trial_begin_assert_3"]),
    "a return that stays": Mistake(
        "trial", "ferry_trial_return", "src/trial.c",
        "    rec->flags ^= FERRY_BOOT_BANK;\n", "",
        ["ferry_trial_return_assert_3"]),
    "a trial of a bank that was not examined": Mistake(
        "boot_judge", "try_out", "src/boot_judge.c",
        "examine(s->cfg, f, want, true) != 0 || ", "",
        ["try_out_ensures_picks"]),
    "a return to a bank that was not examined": Mistake(
        "boot_judge", "ferry_boot_fall_back", "src/boot_judge.c",
        "        examine(s->cfg, other, s->rec.previous, true) != 0 ||\n", "",
        ["ferry_boot_fall_back_ensures_picks"]),
    "a damaged image that goes on": Mistake(
        "boot_judge", "go_on", "src/boot_judge.c", "try_out(s, other, NULL, false) ? 0 : err",
        "try_out(s, other, NULL, false) ? 0 : 0",
        ["go_on_ensures_picks"]),
    "a signature of a key that the device does not have": Mistake(
        "verify", "ferry_verify_form", "src/verify.c", "e->kid >= FERRY_KEY_SLOTS || ", "",
        ["ferry_verify_form_call_empty_requires",
         "ferry_verify_form_ensures_slot"]),
    "a signature in its other spelling": Mistake(
        "verify", "ferry_verify_form", "src/verify.c",
        "return s_is_small(e->sig) ? 0 : FERRY_E_SIG;", "return 0;",
        ["ferry_verify_form_ensures_one_spelling"]),
    # the floor
    "a floor that falls": Mistake(
        "trial", "ferry_trial_floor", "src/trial.c", "own > floor ? own : floor", "own",
        ["ferry_trial_floor_ensures",
         "ferry_trial_floor_ensures_never_falls"]),
    "an offer below the floor": Mistake(
        "policy", "too_old", "src/policy.c",
        "ferry_policy_below(now->floor, slot, m->sec_ctr)", "false",
        ["too_old_ensures_floor"]),
    "a hash of more bytes than were read": Mistake(
        "verify", "ferry_verify_step", "src/verify.c",
        "n = n < sizeof buf ? n : sizeof buf;", "n = n < sizeof buf ? n : sizeof buf + 1;",
        ["ferry_verify_step_call_read_bytes_requires"]),
    # where a journal lies
    "a journal's last slot that ends past its page": Mistake(
        "journal", "how_many", "src/journal_in.h", "(unit - first) / each", "unit / each",
        ["how_many_ensures_2"]),
    "a record that is believed without its CRC": Mistake(
        "journal", "scan_page", "src/journal.c",
        " || said[len / WORD] != sum_of(said, len)", "",
        ["scan_page_call_believe_requires_whole"]),
    "an append that goes on in a slot that was begun": Mistake(
        "journal", "scan_page", "src/journal.c", "tail = tail > 0 ? tail : slot;",
        "tail = tail > 0 ? tail : slot - 1;",
        ["scan_page_loop_invariant_3_preserved",
         "scan_page_loop_invariant_4_preserved"]),
    "a read of more than was lent": Mistake(
        "flash", "ferry_flash_reads", "src/flash.c", "len < READ_LEN ? len : READ_LEN",
        "READ_LEN",
        ["ferry_flash_reads_call_ferry_flash_read_requires",
         "ferry_flash_reads_loop_invariant_3_preserved",
         "ferry_flash_reads_loop_invariant_preserved",
         "ferry_flash_reads_loop_variant_decrease"]),
}
