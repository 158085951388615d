#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What tools/sodium_source.py makes of a system's package sources: the same places, for
sources instead of binaries. Asks no network.

usage: sources.py ROOT
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "house"))
sys.path.insert(0, str(Path(sys.argv[1]) / "tools"))
import sodium_source as tool  # noqa: E402
from house import Report  # noqa: E402

STANZAS = """# made by hand
Types: deb
URIs: file:/one
Suites: stable
Components: main

Types: deb deb-src
URIs: file:/two
Suites: stable

Types: deb-src
URIs: file:/three
"""
LISTS = """# deb file:/not stable main
deb [signed-by=/k.gpg] file:/one stable main
  deb file:/two stable main # spaces before it

deb-src file:/three stable main
"""


def stanzas():
    """Yields what is wrong with stanzas."""
    made = list(tool.stanzas(STANZAS))
    if any(text.count("Types:") != 1 or "Types: deb-src\n" not in text for text in made):
        yield "stanzas", f"not for sources: {made}"
    places = [place in text for place, text in zip(("/one", "/two", "/three"), made)]
    if places != [True, True, True]:
        yield "stanzas", f"of other places: {made}"


def lines():
    """Yields what is wrong with lines."""
    made = list(tool.lines(LISTS))
    if made != ["deb-src [signed-by=/k.gpg] file:/one stable main",
                "deb-src file:/two stable main # spaces before it",
                "deb-src file:/three stable main"]:
        yield "lines", f"{made}"


def serving():
    """Yields what is wrong with the choice among them."""
    entries = [(".list", "deb-src file:/one x"), (".sources", "URIs: file:/two")]
    if tool.serving(entries, {"file:/two"}) != entries[1:]:
        yield "serving", "takes places that do not have the package"
    if tool.serving(entries, set()) != entries:
        yield "serving", "leaves places out though nobody knows better"


def unpacked(folder):
    """Yields what is wrong with what it takes for libsodium's source."""
    if tool.unpacked(folder) is not None:
        yield "unpacked", "takes a folder without it"


def main():
    report = Report()
    for check in (stanzas(), lines(), serving(), unpacked(Path(sys.argv[1]))):
        report.check(check)
    report.end()


if __name__ == "__main__":
    main()
