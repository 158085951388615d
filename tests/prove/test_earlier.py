#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""CI proves what is not in the record, and of the rest another part each day, in the time
that it has. Frama-C is played: this runs where it is not installed.

usage: test_earlier.py
"""
import json
import sys
import tempfile
from pathlib import Path

import earlier
from frama import Task, TooLong

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "house"))
from house import Report  # noqa: E402

TASKS = [Task(unit, [], unit + " as it is") for unit in ("one", "two", "three")]


class Played:
    """A prover that notes what it was asked; `slow` units are never ready in time."""

    def __init__(self, slow=()):
        self.asked, self.slow = [], slow

    def prove(self, task, _limit):
        self.asked.append(task.unit)
        if task.unit in self.slow:
            raise TooLong(task.unit)
        return row(task.unit)


def row(unit):
    return {"file": unit, "proved": 5, "goals": 5, "seconds": 10.0, "cached": False,
            "open": [], "casts": []}


def run(played, day, limit=25, changed=()):
    """The rows of a CI run, by unit, after a full run; `changed` units are otherwise now."""
    earlier.record(TASKS, [row(task.unit) for task in TASKS])
    tasks = [task._replace(key="other") if task.unit in changed else task
             for task in TASKS]
    return {row["file"]: row for row in earlier.prove_some(played, tasks, day, limit)}


def changed_is_proved_first():
    played = Played()
    rows = run(played, day=0, changed=["three"])
    if played.asked[0] != "three" or rows["three"]["cached"]:
        yield "a changed file", f"is not proved first: {played.asked}"


def each_day_begins_elsewhere():
    for day, first in enumerate(["one", "two", "three", "one"]):
        played = Played()
        rows = run(played, day)
        if played.asked[0] != first or rows[first]["cached"]:
            yield f"day {day}", f"proves {played.asked}"


def what_does_not_fit_is_as_earlier():
    played = Played()
    rows = run(played, day=0, limit=5)
    if played.asked or not all(row["cached"] and row["proved"] == 5
                               for row in rows.values()):
        yield "a short run", f"proves {played.asked}"


def slow_sample_is_as_earlier():
    rows = run(Played(slow=["one"]), day=0)
    if not rows["one"]["cached"]:
        yield "a slow sample", "is not as it was proved earlier"


def slow_change_fails():
    rows = run(Played(slow=["two"]), day=0, changed=["two"])
    if rows["two"]["open"] != [earlier.LATE] or rows["two"]["goals"] != 0:
        yield "a change that takes too long", "passes"


def the_record_stays_where_nothing_changed():
    run(Played(), day=0)
    before = earlier.RECORD.read_text(encoding="utf-8")
    slower = [{**row(task.unit), "seconds": 99.0} for task in TASKS]
    earlier.record(TASKS, slower)
    if earlier.RECORD.read_text(encoding="utf-8") != before:
        yield "the record", "changes with the weather"
    if set(json.loads(before)) != {task.unit for task in TASKS}:
        yield "the record", "misses a file"


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        earlier.RECORD = Path(folder) / "proved.json"
        for check in (changed_is_proved_first, each_day_begins_elsewhere,
                      what_does_not_fit_is_as_earlier, slow_sample_is_as_earlier,
                      slow_change_fails, the_record_stays_where_nothing_changed):
            report.check(check())
    report.end()


if __name__ == "__main__":
    main()
