# SPDX-License-Identifier: Apache-2.0
"""What a program that went through the hostile signatures says, on whatever it ran: one
line "NOT OK" for each wrong verdict, and "verdicts N". Knows how many there must be."""
import re
from pathlib import Path

HEADER = Path(__file__).resolve().parent / "hostile_vectors.h"


def size():
    return len(re.findall(r'^    \{"', HEADER.read_text(encoding="utf-8"), re.M))


def heard(code, lines):
    """(right verdicts, complaints) of such a program."""
    lines = [" ".join(line.split()) for line in lines]
    wrong = [line for line in lines if line.startswith("NOT OK")]
    if f"verdicts {size()}" not in lines or (code == 0) == bool(wrong):
        return 0, [f"exit code {code}: {' '.join(lines)[-400:]}"]
    return size() - len(wrong), wrong
