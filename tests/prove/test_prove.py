#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The proofs notice: behind each promise stands code that, left out or off by one, leaves
exactly the goals open that mistakes.py names. Each mistake is planted in a copy of src/,
and only the function concerned is proved again; before, every goal of it is proved.

usage: test_prove.py ROOT [PART OF A MISTAKE'S NAME]
"""
import shutil
import sys
import tempfile
from pathlib import Path

from frama import MISSING, Prover
from mistakes import PLANTED

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "house"))
from house import Report  # noqa: E402

# Seconds for a goal. Those that stay open take all of them; what a busy machine did not
# prove in the first is asked again, and what it did is known.
PATIENCE = (3, 20)


class Copy:
    """Of the engine's sources, to plant mistakes in."""

    def __init__(self, root, folder):
        self.root = folder
        for name in ("src", "include"):
            shutil.copytree(root / name, folder / name)
        self.provers = [Prover(folder, folder / "build", timeout=t) for t in PATIENCE]

    def open_goals(self, mistake):
        """Those of the function, as it stands now, beyond what `mistake` leaves open."""
        for prover in self.provers:
            task = prover.task(mistake.unit, [mistake.function])
            found = set(prover.prove(task)["open"])
            if found <= set(mistake.open):
                break
        return found

    def planted(self, mistake):
        """The same with the mistake; None: its place was not found."""
        path = self.root / mistake.file
        text = path.read_text(encoding="utf-8")
        if text.count(mistake.before) != 1:
            return None
        path.write_text(text.replace(mistake.before, mistake.after), encoding="utf-8")
        found = self.open_goals(mistake)
        path.write_text(text, encoding="utf-8")
        return found


def verdict(name, mistake, copy):
    """Pairs of where and what went wrong."""
    sound = copy.open_goals(mistake._replace(open=[]))
    if sound:
        yield mistake.file, f"open without {name}: {' '.join(sorted(sound))}"
    found = copy.planted(mistake)
    if found is None:
        yield mistake.file, f"{name}: not once in it: {mistake.before!r}"
    elif found != set(mistake.open):
        yield mistake.file, f"{name} leaves open: {' '.join(sorted(found)) or 'nothing'}"


def main():
    report = Report()
    if MISSING:
        report.skip("the proofs", f"{' '.join(MISSING)} not installed")
        report.end()
    part = sys.argv[2] if len(sys.argv) > 2 else ""
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(sys.argv[1]), Path(folder))
        for name, mistake in PLANTED.items():
            if part in name:
                report.check(verdict(name, mistake, copy))
    report.end()


if __name__ == "__main__":
    main()
