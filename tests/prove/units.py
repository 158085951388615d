# SPDX-License-Identifier: Apache-2.0
"""What is proved, and what is taken for granted. Knows nothing of Frama-C."""

# Sources of src/ in the order of the staircase, and which functions: None, all of those
# that the source and its own header define.
UNITS = {
    "crc": None, "bytes": None, "cbor": None,
    "manifest": ["ferry_envelope_open", "ferry_envelope_len", "varies", "head_fits",
                 "ferry_tbs_make", "ferry_tbs_undo", "ferry_envelope_frame",
                 "ranges", "ferry_table_len", "ferry_manifest_parse",
                 "ferry_pairs_field", "ferry_pairs_skip", "ferry_pairs_next",
                 "ferry_pairs_keep", "ferry_pairs_take",
                 "ferry_pairs_others", "ferry_manifest_info",
                 "ferry_pairs_put_one", "ferry_pairs_put", "ferry_manifest_encode"],
    "statement": None,
    "policy": None, "trial": None,
    "boot_judge": ["begin", "age", "start_anew", "other_of", "below_floor", "try_out",
                   "ferry_boot_fall_back", "try_commit", "ran", "go_on", "void_torn",
                   "ferry_boot_decide"],
    "msg": None,
    "verify": ["ferry_verify_init", "ferry_verify_run", "ferry_verify_step",
               "ferry_verify_matches", "ferry_verify_digest", "ferry_verify_ask",
               "ferry_verify_answer", "ferry_verify_sig_gate", "ferry_verify_hash_gate", "ferry_verify_passed",
               "ferry_ticket_holds", "s_is_small", "empty",
               "ferry_verify_form", "ferry_verify_ticket"],
    "frame": None, "window": None, "retry": None,
    "flash": ["is_blank", "ferry_flash_reads"],
    "journal": ["said_len", "how_many", "slot_addr", "ferry_journal_set_up", "steady",
                "read_steady", "newer", "believe", "scan_page", "ferry_journal_scan",
                "begin_place", "ferry_journal_append", "ferry_journal_next", "stands",
                "ferry_journal_did"],
}

# What is not proved yet; said wherever the proofs are.
OPEN = [
    "boot_judge: open_envelope, examine and blank, which call a port's functions",
    "boot: the order of a boot (boot.c), which calls what is proved",
    "manifest: that its fields hold what the map said",
]

# Seconds a prover may take for one goal, on a machine that does other things, too.
TIMEOUT = 60

# Casts that the memory model bears, besides those of void: a struct of nothing but numbers
# and pointers is words on that machine, and word k of it is word k, cast or not. (At the
# end of a manifest stand shorter numbers; no cast leads there.)
WORD_CASTS = {("sint8*", "uint32*"), ("sint8*", "uint8_t const**")}
CASTS = {"manifest": WORD_CASTS | {("ferry_manifest*", "sint8*")},
         "statement": WORD_CASTS | {("ferry_statement*", "sint8*")}}

ASSUMED = [
    "WP's typed memory: a byte is never read as part of a number, nor the reverse",
    "a field of a manifest or a statement is one word, which int and pointers are, too",
    "memcpy and memcmp do what C says (tests/prove/libc/string.h)",
    "a port's flash read writes its buffer and nothing else (ferry_flash_read), its crypto "
    "the hash alone, and both end (read_bytes, hash_none to hash_all, judged in verify.c)",
    "journal_in.h and in_units do what they say; EVA goes through them (eva.py)",
    "int and pointers have 32 bits (gcc_x86_32)",
    "examine (boot_judge.c) returns 0 only where both gates of verify.c were open, and "
    "writes to the finding and the room alone",
    "memory that nobody writes reads the same twice (verify.c, again)",
]
