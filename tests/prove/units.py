# SPDX-License-Identifier: Apache-2.0
"""What is proved, and what is taken for granted. Knows nothing of Frama-C."""

# Sources of src/ in the order of the staircase, and which functions: None, all of those
# that the source and its own header define.
UNITS = {
    "crc": None, "bytes": None, "cbor": None,
    "manifest": ["ferry_envelope_open", "ferry_envelope_len", "varies", "head_fits",
                 "ferry_tbs_make", "ferry_tbs_undo", "ferry_envelope_frame",
                 "ranges", "ferry_table_len"],
    "policy": None, "trial": None,
    "boot_judge": ["begin", "age", "start_anew", "other_of", "below_floor", "try_out",
                   "ferry_boot_fall_back", "try_commit", "ran", "go_on", "void_torn",
                   "ferry_boot_decide"],
    "msg": ["form_of", "crc_init", "ferry_msg_decode", "ferry_msg_decode_ask",
            "ferry_msg_decode_reply"],
    "verify": ["ferry_verify_sig_gate", "ferry_verify_hash_gate", "ferry_verify_passed",
               "ferry_ticket_holds", "s_is_small", "empty"],
    "frame": None, "window": None, "retry": None,
}

# What is not proved yet; said wherever the proofs are.
OPEN = [
    "manifest: ferry_manifest_parse and the map inside (pairs.h); its items are (cbor)",
    "statement, journal; msg: ferry_msg_encode",
    "boot_judge: open_envelope, examine and blank, which call a port's functions",
    "verify: what calls a port's functions, and ferry_verify_form",
]

# Seconds a prover may take for one goal, on a machine that does other things, too.
TIMEOUT = 60

ASSUMED = [
    "WP's typed memory: a byte is never read as part of a number, nor the reverse",
    "memcpy and memcmp do what C says (tests/prove/libc/string.h)",
    "int and pointers have 32 bits (gcc_x86_32)",
    "examine (boot_judge.c) returns 0 only where both gates of verify.c were open, and "
    "writes to the finding and the room alone; ferry_verify_matches to its struct alone",
    "memory that nobody writes reads the same twice (verify.c, again)",
]
