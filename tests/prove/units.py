# SPDX-License-Identifier: Apache-2.0
"""What is proved, and what is taken for granted. Knows nothing of Frama-C."""

# Sources of src/ in the order of the staircase.
UNITS = ["crc", "bytes", "cbor", "policy", "trial", "frame", "window", "retry"]

# Seconds a prover may take for one goal; the slowest takes a tenth of that alone.
TIMEOUT = 20

# Functions that are not proved, because WP's memory has no bytes inside of a struct;
# callers rely on their contracts.
TRUSTED = {}

ASSUMED = [
    "WP's typed memory: a byte is never read as part of a number, nor the reverse",
    "memcpy, memcmp and memset do what C says (tests/prove/libc/string.h)",
    "int and pointers have 32 bits (gcc_x86_32)",
] + [f"{name}: {why}" for name, why in TRUSTED.items()]
