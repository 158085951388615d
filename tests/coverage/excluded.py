# SPDX-License-Identifier: Apache-2.0
"""Reads excluded.txt: places that no test reaches, and why. Does not know whether they
are reached."""
from collections import namedtuple

import tables

# `place`: (file, text of the line, way, what), as in export.Place without its number.
Entry = namedtuple("Entry", "place why")

WAYS = {"never true": "true", "never false": "false", "never run": "run"}


def entries(text):
    """An entry is `== FILE`, `- LINE`, some of `never true: CONDITION`, `never false:
    CONDITION` and `never run: LINE`, and `why:` to its end. Stale if it is not."""
    return [one for lines in tables.entries(text) for one in entry(lines)]


def entry(lines):
    at = next((n for n, line in enumerate(lines) if line.startswith("why:")), len(lines))
    why = " ".join(" ".join(lines[at:]).split()[1:])
    nevers = [line.partition(": ") for line in lines[2:at] if line.strip()]
    if len(lines) < 2 or not lines[1].startswith("- ") or not why or not nevers \
            or any(kind not in WAYS for kind, _, _ in nevers):
        raise tables.Stale(f"excluded.txt: {lines[0]}: wants - LINE, never true, never"
                           " false or never run, and why")
    file, line = lines[0].strip(), lines[1][2:].strip()
    return [Entry((file, what if kind == "never run" else line, WAYS[kind], what), why)
            for kind, _, what in nevers]
