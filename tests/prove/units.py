# SPDX-License-Identifier: Apache-2.0
"""What is proved, and what is taken for granted. Knows nothing of Frama-C."""

# Sources of src/ in the order of the staircase, and which functions: None, all of those
# that the source and its own header define.
UNITS = {
    "crc": None, "bytes": None, "cbor": None,
    "manifest": ["ferry_envelope_open", "ferry_envelope_len", "varies", "head_fits",
                 "ferry_tbs_make", "ferry_tbs_undo", "ferry_envelope_frame",
                 "ranges", "ferry_table_len"],
    "policy": None, "trial": None, "frame": None, "window": None, "retry": None,
    "flash": ["is_blank", "ferry_flash_reads"],
    "journal": ["said_len", "how_many", "slot_addr", "ferry_journal_set_up", "steady",
                "read_steady", "newer", "believe", "ferry_journal_next", "stands"],
}

# What is not proved yet; said wherever the proofs are.
OPEN = [
    "manifest: ferry_manifest_parse and the map inside (pairs.h); its items are (cbor)",
    "journal: scan_page, begin_place and what calls them; without run-time errors (EVA)",
    "statement, msg, boot_judge",
]

# Seconds a prover may take for one goal, on a machine that does other things, too.
TIMEOUT = 20

ASSUMED = [
    "WP's typed memory: a byte is never read as part of a number, nor the reverse",
    "memcpy and memcmp do what C says (tests/prove/libc/string.h)",
    "a port's flash read writes its buffer and nothing else (ferry_flash_read)",
    "journal_in.h and in_units do what they say; EVA goes through them (eva.py)",
    "int and pointers have 32 bits (gcc_x86_32)",
]
