# SPDX-License-Identifier: Apache-2.0
"""Findings that are no mistakes, and why (explained.txt). Knows which finding an entry is
about; an entry about none is stale, and so an error. Does not know any tool."""
import collections
from pathlib import Path

WORDS = Path(__file__).resolve().with_name("explained.txt")

# `quoted`: the line of source that the tool points at, so that an entry outlives changes
# around it.
Key = collections.namedtuple("Key", "tool file check quoted")


class Malformed(Exception):
    """An entry that cannot be read: which."""


def read(text):
    """{key: why}"""
    entries = {}
    for piece in ("\n" + text).split("\n== ")[1:]:
        lines = piece.split("\n")
        head = lines[0].split()
        at = next((n for n, line in enumerate(lines) if line.startswith("why: ")), None)
        quotes = [line for line in lines[1:at] if line.strip()]
        if len(head) != 3 or at is None or not quotes \
                or any(not line.startswith("- ") for line in quotes):
            raise Malformed(f"{lines[0]}: wants TOOL FILE CHECK, - lines, why:")
        why = " ".join(" ".join(lines[at:]).split())[len("why: "):]
        for line in quotes:
            key = Key(*head, line[2:].strip())
            if key in entries:
                raise Malformed(f"{lines[0]}: explained twice: {key.quoted}")
            entries[key] = why
    return entries


def quoted(root, finding):
    """The line it points at; "" for one that points at none."""
    lines = (root / finding.file).read_text(encoding="utf-8").splitlines() \
        if (root / finding.file).is_file() else []
    return lines[finding.line - 1].strip() if 0 < finding.line <= len(lines) else ""


class Judge:
    """Tells which findings are explained, and which explanations nobody needed."""

    def __init__(self, root, text):
        self.root, self.entries = root, read(text)
        self.used = set()

    def why(self, finding):
        """None: nothing explains it."""
        key = Key(finding.tool, finding.file, finding.check, quoted(self.root, finding))
        self.used.add(key)
        return self.entries.get(key)

    def stale(self, tools, files):
        """Of these tools and sources: others may have been left out. A header is every
        source's."""
        return [key for key in self.entries if key not in self.used and key.tool in tools
                and (key.file in files or key.file.endswith(".h")
                     or not (self.root / key.file).is_file())]
