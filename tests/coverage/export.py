# SPDX-License-Identifier: Apache-2.0
"""Reads what llvm-cov exports: how often each line of the engine ran, and how often each
condition was true and false. An inline function has its counts in every program that
holds it: they are summed. Does not know what is enough."""
import json
import os
from collections import namedtuple
from pathlib import Path

# Where something was never seen. `way`: what a condition never was (true, false), or run.
# `text` is the line, `what` the condition, or the line again.
Place = namedtuple("Place", "file number text way what")

TOPS = ("src/", "include/")
BARE = set("{}(); ")  # a line of these alone is not counted


class Counts:
    def __init__(self, root):
        self.root, self.sources = root, {}
        self.branches = {}  # by file and region: [times true, times false]
        self.lines = {}     # by file and number: times

    def named(self, path):
        """The engine's file, relative to the root; None for all others."""
        name = os.path.relpath(os.path.normpath(path), self.root)
        return name if name.startswith(TOPS) else None

    def source(self, file):
        if file not in self.sources:
            path = Path(self.root) / file
            self.sources[file] = path.read_text(encoding="utf-8").splitlines()
        return self.sources[file]

    # ---- taking in -------------------------------------------------------------------

    def take_branches(self, exported):
        """`llvm-cov export -format=text`: a condition is where its text stands, in a
        macro, too."""
        for function in json.loads(exported)["data"][0]["functions"]:
            for region in function["branches"]:
                file = self.named(function["filenames"][region[6]])
                if file:
                    both = self.branches.setdefault((file, *region[:4]), [0, 0])
                    both[0] += region[4]
                    both[1] += region[5]

    def take_lines(self, exported):
        """`llvm-cov export -format=lcov`."""
        file = None
        for line in exported.splitlines():
            key, _, value = line.partition(":")
            if key == "SF":
                file = self.named(value)
            elif key == "DA" and file:
                number, times = map(int, value.split(",")[:2])
                if set(self.source(file)[number - 1]) - BARE:
                    self.lines[file, number] = times

    # ---- telling ---------------------------------------------------------------------

    def files(self):
        return sorted({key[0] for key in [*self.lines, *self.branches]})

    def of(self, file):
        """Lines and branches of it; a condition has two branches."""
        return (sum(key[0] == file for key in self.lines),
                2 * sum(key[0] == file for key in self.branches))

    def condition(self, file, line, column, end_line, end_column):
        lines = self.source(file)[line - 1:end_line]
        lines[-1] = lines[-1][:end_column - 1]
        lines[0] = lines[0][column - 1:]
        return " ".join(" ".join(lines).split())

    def unseen(self):
        """Places never seen, from the top of each file down."""
        places = []
        for (file, *region), both in self.branches.items():
            text = self.source(file)[region[0] - 1].strip()
            what = self.condition(file, *region)
            places += [Place(file, region[0], text, way, what)
                       for way, times in zip(("true", "false"), both) if times == 0]
        for (file, number), times in self.lines.items():
            if times == 0:
                text = self.source(file)[number - 1].strip()
                places.append(Place(file, number, text, "run", text))
        return sorted(places, key=lambda place: place[:2])
