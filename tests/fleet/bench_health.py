#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rollouts under simulated phones, many of each kind, held to what fleet health promises:

  a revision of four dies after 72 h    frozen at 90 h in the median, 96 h at p95, every
                                        time, and named
  a tenth of that revision dies         frozen at 120 h in the median
  nothing is wrong                      frozen in at most 1 % of the rollouts

usage: bench_health.py FERRY-FLEET-SIM [--runs N] [--seed S] [--json] [--svg DIR]
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path

SOUND_TIMES = 5  # as many rollouts without a fault: they are what false alarms are of

KINDS = {
    "one revision of four dies": ["--fault-revision", "2"],
    "a tenth of it dies": ["--fault-revision", "2", "--fault-share", "0.1"],
    "one revision crashes, and goes on": ["--fault-revision", "2", "--crash-loop", "1"],
    "nothing is wrong": [],
}


def arguments():
    parser = argparse.ArgumentParser(
        prog="./dev bench health", description=__doc__.partition("\n\nusage")[0],
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sim", help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, default=200, metavar="N",
                        help="rollouts of each kind, five times as many without a fault")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--svg", type=Path, metavar="DIR",
                        help="a picture of the first rollout of each kind")
    return parser.parse_args()


def simulate(options, kind):
    runs = options.runs * (SOUND_TIMES if not KINDS[kind] else 1)
    command = [options.sim, "--json", "--runs", str(runs), "--seed", str(options.seed),
               *KINDS[kind]]
    if options.svg:
        command += ["--svg", str(options.svg / f"{kind.replace(' ', '-')}.svg")]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def broken(kind, told):
    """Yields what does not hold."""
    if not KINDS[kind]:
        if told["frozen"] > max(told["runs"] * 0.01, 1):
            yield f"frozen falsely {told['frozen']} times of {told['runs']}"
        return
    if told["named"] < told["runs"]:
        yield f"named in {told['named']} of {told['runs']}"
    if kind.startswith("one revision of four"):
        if told["median_h"] > 90 or told["p95_h"] > 96:
            yield f"frozen at {told['median_h']} h, {told['p95_h']} h at p95"
    elif told["median_h"] > 120:
        yield f"frozen at {told['median_h']} h"


def row(kind, told):
    def hours(n):
        return f"{n} h" if n >= 0 else "-"
    return (f"{kind:<34} {told['frozen']:>5} of {told['runs']:<5}"
            f" {hours(told['median_h']):>7} {hours(told['p95_h']):>7}"
            f" {told['named'] if KINDS[kind] else '-':>6}"
            f" {told['naive']['alarmed']:>8} {hours(told['naive']['median_h']):>8}")


def main():
    options = arguments()
    if options.svg:
        options.svg.mkdir(parents=True, exist_ok=True)
    if not options.json:
        print(f"{'':<34} {'frozen':>14} {'median':>7} {'p95':>7} {'named':>6}"
              f" {'percent online alarms':>17}")
    rows, failures = [], []
    for kind in KINDS:
        told = simulate(options, kind)
        rows.append({"kind": kind, **{k: v for k, v in told.items() if k != "rollouts"}})
        failures += [f"{kind}: {what}" for what in broken(kind, told)]
        if not options.json:
            print(row(kind, told), flush=True)
    if options.json:
        print(json.dumps({"rows": rows, "failures": failures}, indent=2))
    for failure in failures:
        print(f"failed: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
