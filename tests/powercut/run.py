#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Power cuts, many of them: before, inside and after flash operations of whole lives.

First every pair of cuts on the smallest device; then, until the time is over, single cuts
of every operation of ever other devices beside random lives of devices of full size.

usage: run.py BUILD [--seconds N] [--seed S] [--json] [--replay CUT]
"""
import argparse
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

PAIRS_SHARE = 0.3  # of the time, at most
LEAST_SHARE = 0.05  # of all cuts, for each phase of a life
LONG_RUN = 120      # seconds that are enough for that
KINDS = ("before", "early", "subset", "middle", "words", "late", "seems undone",
         "seems done", "after")
WRONGS = ("bricks", "wrong_boots", "lost_acks")


class Worker:
    """One process that cuts; its newest line says how far it is."""

    def __init__(self, kind, command):
        self.kind = kind
        self.last = None
        self.wrongs = []
        self.process = subprocess.Popen([str(c) for c in command], text=True,
                                        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            said = json.loads(line)
            if "wrong" in said:
                self.wrongs.append(said)
            else:
                self.last = said

    def wait(self):
        code = self.process.wait()
        self.reader.join()
        if code not in (0, 1):
            self.wrongs.append({"wrong": "bricks", "replay": "",
                                "what": f"{self.kind} ended with {code}"})

    def kill(self):
        self.process.kill()


class Sum:
    def __init__(self, workers):
        lasts = [w.last for w in workers if w.last is not None]
        self.cuts = {}
        for last in lasts:
            for phase, kinds in last["cuts"].items():
                have = self.cuts.setdefault(phase, [0] * len(KINDS))
                self.cuts[phase] = [a + b for a, b in zip(have, kinds)]
        self.total = sum(map(sum, self.cuts.values()))
        self.pairs = sum(last["second"] for last in lasts)
        self.full_size = sum(sum(map(sum, w.last["cuts"].values())) for w in workers
                             if w.kind == "lives" and w.last is not None)
        self.starts = sum(last["starts"] for last in lasts)
        # A rule of flash that is broken ends its worker before it can count that.
        self.wrongs = {wrong: max(sum(last[wrong] for last in lasts),
                                  sum(said["wrong"] == wrong for w in workers
                                      for said in w.wrongs)) for wrong in WRONGS}


def progress(workers, begun, until):
    now = Sum(workers)
    left = max(0, until - time.monotonic())
    wrong = sum(now.wrongs.values())
    line = (f"{now.total:>9,} cuts, {wrong} wrong, "
            f"{now.total / max(0.1, time.monotonic() - begun):,.0f}/s, {left:.0f} s left")
    end = "\r" if sys.stderr.isatty() else "\n"
    print(line, end=end, file=sys.stderr, flush=True)


def run_all(workers, everybody, begun, until):
    """Until all of these have ended, telling how far everybody is."""
    everybody += workers
    shown = 0.0
    try:
        while any(w.process.poll() is None for w in workers):
            time.sleep(0.2)
            if time.monotonic() - shown > (0.5 if sys.stderr.isatty() else 10):
                shown = time.monotonic()
                progress(everybody, begun, until)
    except KeyboardInterrupt:
        for w in workers:
            w.kill()
    for w in workers:
        w.wait()


def split(count):
    """How many processes sweep, and how many live, on so many processors."""
    return max(1, (count + 1) // 2), max(1, count // 2)


def bench(build, seconds, seed):
    sweep, lives = build / "tests/powercut/powercut-sweep", build / "tests/powercut/powercut-lives"
    count = os.cpu_count() or 1
    begun = time.monotonic()
    until = begun + seconds
    everybody = []
    run_all([Worker("pairs", [sweep, "pairs", seconds * PAIRS_SHARE, seed, i, count])
             for i in range(count)], everybody, begun, until)
    left = until - time.monotonic()
    sweeping, living = split(count)
    run_all([Worker("sweep", [sweep, "singles", left, seed, i, sweeping])
             for i in range(sweeping)] +
            [Worker("lives", [lives, "lives", left, seed, i, living])
             for i in range(living)], everybody, begun, until)
    pairs = [w.last for w in everybody if w.kind == "pairs" and w.last is not None]
    return everybody, time.monotonic() - begun, all(p["done"] >= p["of"] for p in pairs)


def report(workers, took, all_pairs, seed):
    """What was found, as a dictionary, and whether it is what it should be."""
    s = Sum(workers)
    phases = {p: sum(k) for p, k in s.cuts.items()}
    result = {
        "seed": seed, "seconds": round(took, 1), "cuts": s.total, "pairs": s.pairs,
        "all_pairs_of_the_smallest": all_pairs, "full_size": s.full_size,
        "starts": s.starts, "cuts_per_second": round(s.total / took),
        "bound_95": 3 / s.total if s.total else None, **s.wrongs,
        "phases": phases, "cuts_by_phase_and_kind": s.cuts, "kinds": KINDS,
        "wrong": [said for w in workers for said in w.wrongs][:20],
    }
    scarce = [p for p, n in phases.items() if n < LEAST_SHARE * s.total]
    result["scarce_phases"] = scarce
    fair = not scarce or took < LONG_RUN
    return result, not any(s.wrongs.values()) and s.total > 0 and fair


def print_report(r):
    print(f"{r['cuts']:,} distinct cuts in {r['seconds']} s ({r['cuts_per_second']:,}/s), "
          f"{r['starts']:,} starts after them; seed {r['seed']}")
    print(f"  of them {r['pairs']:,} into what followed another cut"
          + (": every pair of the smallest device" if r["all_pairs_of_the_smallest"] else "")
          + f"; {r['full_size']:,} in lives of full size")
    print(f"{'phase':>12}  {'cuts':>9}  share")
    for phase, n in r["phases"].items():
        share = n / r["cuts"] if r["cuts"] else 0
        print(f"{phase:>12}  {n:>9,}  {share:5.1%}  {'#' * round(share * 60)}")
    for i, kind in enumerate(r["kinds"]):
        n = sum(k[i] for k in r["cuts_by_phase_and_kind"].values())
        print(f"{kind:>12}  {n:>9,}")
    print(f"bricks {r['bricks']}, wrong boots {r['wrong_boots']}, lost acks {r['lost_acks']}")
    if r["cuts"] and not r["wrong"]:
        print(f"so, with 95 % confidence, fewer than 3/n = {r['bound_95']:.2g} of such cuts "
              "do harm")
    for phase in r["scarce_phases"]:
        print(f"too few cuts in phase {phase}: less than {LEAST_SHARE:.0%}")
    for said in r["wrong"]:
        print(f"{said['wrong']}: {said['what']}\n  see it again: ./dev bench powercut "
              f"--replay '{said['replay']}'")


def replay(build, cut):
    program = build / "tests/powercut" / ("powercut-lives" if cut.startswith("life ")
                                          else "powercut-sweep")
    return subprocess.run([program, "replay", cut.removeprefix("life ")],
                          check=False).returncode


def main():
    parser = argparse.ArgumentParser(prog="./dev bench powercut", description=__doc__.split(
        "usage:")[0], formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=60, metavar="N",
                        help="how long (default 60)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="(default 1)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--replay", metavar="CUT", help="one cut again, start by start")
    args = parser.parse_args()
    if args.replay:
        sys.exit(replay(args.build, args.replay))
    if args.seconds < 1:
        parser.error("--seconds: at least 1")
    result, good = report(*bench(args.build, args.seconds, args.seed), args.seed)
    if args.json:
        print(json.dumps(result))
    else:
        print_report(result)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
