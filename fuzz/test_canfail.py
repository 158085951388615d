#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every fuzz target can fail: mistakes planted in copies of the engine's sources
(mistakes/*.txt, written like tests/mutants/hand), each of which the committed corpus of the
target that it names must find. Without the mistake that corpus finds nothing.

usage: test_canfail.py ROOT BUILD-FOLDER
"""
import json
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from targets import corpus, targets

ROOT, BUILD = Path(sys.argv[1]), Path(sys.argv[2])
sys.path[:0] = [str(ROOT / "tests" / "mutants"), str(ROOT / "tests" / "house")]
from house import Report  # noqa: E402
from tables import Stale, hand_mutants  # noqa: E402

LIBRARIES = re.compile("ferry-engine|fuzz-tool")  # what targets link
LIMIT_S = 120  # a replay's: one that does not end has found something, too


def compiled(mistake, folder):
    """The object file of the source with the mistake in it, compiled as it is there."""
    commands = json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8"))
    entry = next(c for c in commands if LIBRARIES.search(c["output"])
                 and (BUILD / c["file"]).resolve() == (ROOT / mistake.file).resolve())
    words = shlex.split(entry["command"])
    source, made = folder / Path(mistake.file).name, folder / "mistake.o"
    source.write_text(mistake.text, encoding="utf-8")
    for option, value in (("-o", made), ("-MQ", made), ("-MF", folder / "d"),
                          ("-c", source)):
        words[words.index(option) + 1] = str(value)
    subprocess.run([*words, "-w", f"-I{ROOT / 'src'}"], cwd=BUILD, check=True)
    return made


def linked(target, made, folder):
    """The target's replay with that object before the libraries, so that nothing asks them
    for what stands in it."""
    commands = subprocess.run(["ninja", "-C", BUILD, "-t", "commands",
                               f"fuzz/replay-{target}"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout.strip()
    words = shlex.split(commands.splitlines()[-1])
    at = words.index("-o") + 1
    words[at] = str(folder / "replay")
    words.insert(at + 1, str(made))
    subprocess.run(words, cwd=BUILD, check=True)
    return folder / "replay"


def finds(program, target):
    """Does the target's corpus end it otherwise than well?"""
    try:
        done = subprocess.run([program, corpus(target)], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def found(mistake):
    with tempfile.TemporaryDirectory() as folder:
        made = compiled(mistake, Path(folder))
        missed = [target for target in mistake.dies_by
                  if not finds(linked(target, made, Path(folder)), target)]
    for target in missed:
        yield f"{mistake.file}: {mistake.name}", f"the corpus of {target} finds nothing"


def main():
    report = Report()
    try:
        mistakes = hand_mutants(ROOT, ROOT / "fuzz" / "mistakes")
    except Stale as stale:
        report.fail("fuzz/mistakes", stale)
        report.end()
    names = {target for mistake in mistakes for target in mistake.dies_by}
    for target in targets():
        report.check([] if target.name in names else
                     [("fuzz/mistakes", f"no mistake for {target.name}")])
        sound = not finds(BUILD / "fuzz" / f"replay-{target.name}", target.name)
        report.check([] if sound else
                     [("fuzz/corpus", f"{target.name} fails without a mistake")])
    for mistake in mistakes:
        report.check(found(mistake))
    report.end()


if __name__ == "__main__":
    main()
