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
}

# What is not proved yet; said wherever the proofs are.
OPEN = [
    "manifest: ferry_manifest_parse and the map inside (pairs.h); its items are (cbor)",
    "statement, msg, journal, boot_judge",
]

# Seconds a prover may take for one goal, on a machine that does other things, too.
TIMEOUT = 20

ASSUMED = [
    "WP's typed memory: a byte is never read as part of a number, nor the reverse",
    "memcpy and memcmp do what C says (tests/prove/libc/string.h)",
    "int and pointers have 32 bits (gcc_x86_32)",
]
