#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./dev firmware`: builds the firmware and leads it through everything that is shown
on emulated chips. Knows how steps are run, timed and summed up; steps.py knows which.

usage: run.py [--builds DIR] [--only NAME] [--seed N] [--all] [--json]

--only NAME: the step of that name, or the journeys that have NAME in theirs. --seed
N: repeats what journeys cut and damage. --all: the long run. Ends 0: all as it
should be, 1: not, 3: a tool is missing, 2: the command line.
"""
import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True

import steps  # noqa: E402

SUM = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.M)
JSON_SUM = re.compile(r'"passed": (\d+),\s*"failed": (\d+),\s*"skipped": (\d+)')
MISSING = 3
TAIL = 30  # lines of a failed step's log
VERDICTS = ("passed", "failed", "skipped")


def arguments():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        usage=argparse.SUPPRESS)
    p.add_argument("--builds", type=Path, default=steps.ROOT, metavar="DIR")
    p.add_argument("--only", default="", metavar="NAME")
    p.add_argument("--seed", type=int, metavar="N")
    p.add_argument("--all", action="store_true")
    p.add_argument("--json", action="store_true")
    return p.parse_args()


def chosen(a, folders):
    """The steps that show something, of those that are wanted."""
    seed = ["--seed", a.seed] if a.seed is not None else []
    more = ["--all"] if a.all else []
    shown = steps.show_steps(folders, seed, more)
    if not a.only:
        return shown
    named = [step for step in shown if a.only in step.name]
    return named or [step for step in steps.show_steps(
        folders, seed, [*more, "--only", a.only]) if step.name == "journeys"]


def counts(step, code, said):
    """(passed, failed, skipped) of a step, from its last line or its JSON. One that
    fails has failed, whatever it says."""
    if step.builds:
        return 0, int(code != 0), 0
    if code == MISSING:
        return 0, 0, 1
    found = SUM.findall(said) or JSON_SUM.findall(said)
    passed, failed, skipped = map(int, found[-1]) if found else (int(code == 0), 0, 0)
    return passed, max(failed, int(code != 0)), skipped


class Account:
    """What came of each step, told as it comes."""

    def __init__(self, planned, out):
        self.left = list(planned)
        self.out = out
        self.rows = []
        self.began = time.monotonic()

    def say(self, text):
        print(text, file=self.out, flush=True)

    def eta(self):
        """Seconds to come, as far as those that passed have been usual."""
        usual = sum(row["usual"] for row in self.rows)
        spent = sum(row["seconds"] for row in self.rows)
        slow = max(1.0, spent / usual) if usual > 20 else 1.0
        return slow * sum(step.usual_s for step in self.left)

    def begins(self, step):
        self.say(f"---- {step.name} (about {self.eta():.0f} s to go)")
        self.left.remove(step)

    def ends(self, step, command, code, seconds, said):
        row = {"name": step.name, "command": " ".join(command), "exit": code,
               "seconds": round(seconds, 1), "usual": step.usual_s,
               **dict(zip(VERDICTS, counts(step, code, said)))}
        if step.speaks_json and self.out is sys.stderr and code != MISSING:
            row["result"] = json.loads(said)
        self.rows.append(row)

    def total(self, verdict):
        return sum(row[verdict] for row in self.rows)

    def table(self):
        self.say(f"\n{'step':24} {'seconds':>8}  passed failed skipped")
        for row in self.rows:
            self.say(f"{row['name']:24} {row['seconds']:8.1f}  {row['passed']:6} "
                     f"{row['failed']:6} {row['skipped']:7}")

    def as_json(self):
        rows = [{key: row[key] for key in row if key != "usual"} for row in self.rows]
        return json.dumps({"steps": rows, **{v: self.total(v) for v in VERDICTS},
                           "seconds": round(time.monotonic() - self.began, 1)},
                          indent=2)


RUNNING = []  # the step's process


def end_when_told():
    """A signal that ends this process goes to the step, which may have QEMUs to end."""
    def end(number, _):
        for process in RUNNING:
            process.send_signal(number)
        os._exit(128 + number)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)


def listen(command, log, tell):
    """Runs it; what it says goes to a log and, line by line, to `tell`. (code, said)"""
    with open(log, "w", encoding="utf-8") as out, subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.STDOUT, errors="replace") as process:
        RUNNING[:] = [process]
        for line in process.stdout:
            out.write(line)
            tell(line.rstrip())
    return process.returncode, log.read_text(encoding="utf-8")


def ask(command):
    """Runs it for its JSON; what it says meanwhile goes to standard error."""
    with subprocess.Popen([*command, "--json"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True) as process:
        RUNNING[:] = [process]
        said = process.communicate()[0]
    return process.returncode, said


def run(step, account, logs):
    """True: what follows can be done."""
    command = [str(word) for word in step.command()]
    if not command:
        account.left.remove(step)
        return True
    account.begins(step)
    began = time.monotonic()
    log = logs / f"firmware-{re.sub(r'[^a-z0-9]+', '-', step.name.lower())}.log"
    if step.speaks_json and account.out is sys.stderr:
        code, said = ask(command)
    else:
        tell = account.say if not step.builds else lambda _: None
        code, said = listen(command, log, tell)
    if step.builds and code != 0:
        account.say("\n".join(said.splitlines()[-TAIL:]) + f"\nall of it: {log}")
    account.ends(step, command, code, time.monotonic() - began, said)
    return code == 0 or not step.builds


def main():
    a = arguments()
    missing = steps.lacking()
    if missing:
        print(f"firmware: missing: {', '.join(missing)}", file=sys.stderr)
        return MISSING
    end_when_told()
    folders = steps.Folders(a.builds.resolve())
    folders.logs.mkdir(parents=True, exist_ok=True)
    planned = steps.build_steps(folders) + chosen(a, folders)
    account = Account(planned, sys.stderr if a.json else sys.stdout)
    for step in planned:
        if not run(step, account, folders.logs):
            break
    account.table()
    if a.json:
        print(account.as_json())
    account.say("{} passed, {} failed, {} skipped".format(
        *(account.total(verdict) for verdict in VERDICTS)))
    return 1 if account.total("failed") else 0


if __name__ == "__main__":
    sys.exit(main())
