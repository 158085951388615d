#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench-link as a program: its rows are JSON, its pictures are XML, what it cannot run
is refused, and a brief run of it reaches what it must.

usage: bench_test.py BENCH-LINK"""
import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "house"))

from house import Report  # noqa: E402

WHO = {"ferry", "stop-and-wait", "nordic-prn0", "nordic-prn12", "smp"}
EVERY_ROW = {"who", "mtu", "ci_ms", "n", "reply_events", "loss_pct", "limit_Bps",
             "goodput_Bps", "share_pct", "ram_B"}
FERRY_ROW = EVERY_ROW | {"chunk", "pool", "phone_queue", "flash", "session_Bps",
                         "packets", "frames", "retransmitted_bytes", "parks", "runs",
                         "arrived"}
PICTURES = {"goodput-loss-mtu23.svg", "goodput-loss-mtu247.svg", "goodput-pool.svg",
            "week.svg"}


def run(bench, *args):
    return subprocess.run([bench, *args], capture_output=True, text=True, timeout=200,
                          check=False)


def rows(report, bench):
    done = run(bench, "--json", "--brief", "--seeds", "2", "--jobs", "2")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    bad = [row for row in found
           if set(row) != (FERRY_ROW if row["who"] == "ferry" else EVERY_ROW)]
    report.check([("--json", f"keys of {row}") for row in bad[:1]]
                 + [("--json", f"who: {who}")
                    for who in WHO.symmetric_difference(row["who"] for row in found)]
                 + [("--json", f"{row['arrived']} of {row['runs']} arrived")
                    for row in found if row["who"] == "ferry"
                    and row["arrived"] != row["runs"]])
    report.check([("--brief", done.stderr)] if done.returncode != 0 else [])


def same_whatever_the_processes(report, bench):
    told = {run(bench, "--brief", "--seeds", "2", "--jobs", jobs).stdout
            for jobs in ("1", "3")}
    report.check([("--jobs", "other figures")] if len(told) != 1 else [])


def pictures(report, bench):
    with tempfile.TemporaryDirectory() as folder:
        run(bench, "--brief", "--seeds", "1", "--svg", folder)
        there = {p.name for p in Path(folder).iterdir()}
        report.check([("--svg", name) for name in PICTURES ^ there])
        for path in Path(folder).iterdir():
            words = "".join(ET.parse(path).getroot().itertext())
            report.check([(path.name, f"nan or inf: {words}")]
                         if "nan" in path.read_text() or "inf" in words.split() else [])


def arguments(report, bench):
    helped = run(bench, "--help").stdout.startswith("usage: bench-link")
    report.check([] if helped else [("--help", "no usage")])
    for wrong in (["--seeds", "0"], ["--seeds"], ["--jobs", "x"], ["--svg"], ["what"]):
        done = run(bench, *wrong)
        report.check([(" ".join(wrong), f"ends {done.returncode}")]
                     if done.returncode != 2 or done.stdout else [])
    done = run(bench, "--brief", "--seeds", "1", "--svg", "/no/such/folder")
    report.check([] if done.returncode == 2 else [("--svg", "no such folder")])


def main():
    report = Report()
    for part in (rows, same_whatever_the_processes, pictures, arguments):
        part(report, sys.argv[1])
    report.end()


main()
