# SPDX-License-Identifier: Apache-2.0
"""What a program that went through the hostile signatures says, on whatever it ran: one
line "NOT OK" for each wrong verdict, and "verdicts N". Knows how many there must be."""
import re
from pathlib import Path

HEADER = Path(__file__).resolve().parent / "hostile_vectors.h"


def size():
    return len(re.findall(r'^    \{"', HEADER.read_text(encoding="utf-8"), re.M))


def hear(report, where, code, lines):
    """Counts each verdict; one that is wrong fails by name."""
    wrong = [line for line in lines if line.startswith("NOT OK")]
    whole = f"verdicts {size()}" in [" ".join(line.split()) for line in lines]
    report.check((where, " ".join(line.split())) for line in wrong)
    report.check([] if whole and (code == 0) == (not wrong) else
                 [(where, f"exit code {code}: {' '.join(lines)[-200:]}")])
    report.ok(size() - len(wrong) if whole else 0)
    print(f"{where}: {size() - len(wrong) if whole else 0} of {size()} verdicts as they "
          "should be")
