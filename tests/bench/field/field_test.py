#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench-field as a program: a small field is as it must be, the same whatever the
processes, one JSON object, a picture that is XML; and a single device can be looked at.

usage: field_test.py BENCH-FIELD"""
import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "house"))

from house import Report  # noqa: E402

SMALL = ("--devices", "24", "--seed", "7")


def run(bench, *args):
    return subprocess.run([bench, *args], capture_output=True, text=True, timeout=200,
                          check=False)


def facts(field):
    """What must be so of a field with resume: name, whether it is."""
    cuts = field["cuts"]
    yield "all are updated", field["updated"] == field["devices"] == 24
    yield "no bricks, no strays", field["bricks"] == field["strays"] == 0
    yield "within thirty days", 0 < field["days"]["median"] <= field["days"]["max"] < 30
    yield "the image is sent once and not twice", 1 <= field["sent"]["mean"] < 1.5
    yield "the wire carries more", field["wire"]["mean"] > field["sent"]["mean"]
    yield "values are lost", 0.3 < field["loss_pct"] < 2
    yield "there are interruptions", sum(field["interruptions"].values()) > 0
    yield "cuts by area", cuts == sum(field["areas"].values()) > 0
    yield "cuts by kind", cuts == sum(field["kinds"].values()) and len(field["kinds"]) == 9
    yield "classes", [c["mtu"] for c in field["classes"]] == [23, 185, 247]
    yield "of all devices", sum(c["devices"] for c in field["classes"]) == 24


def small_field(report, bench):
    done = run(bench, "--json", *SMALL)
    told = json.loads(done.stdout)
    with_it, without = told["with_resume"], told["without_resume"]
    report.check([("--json", name) for name, so in facts(with_it) if not so])
    report.check([("--json", "a cursor saves nothing")]
                 if without["sent"]["mean"] <= with_it["sent"]["mean"] else [])
    report.check([("--json", "cuts")]
                 if told["cuts"] != with_it["cuts"] + without["cuts"] else [])
    report.check([("--json", done.stderr)] if done.returncode != 0 else [])


def same_whatever_the_processes(report, bench):
    told = {run(bench, "--devices", "9", "--jobs", jobs).stdout for jobs in ("1", "3")}
    report.check([("--jobs", "other figures")] if len(told) != 1 else [])
    other = run(bench, "--devices", "9", "--seed", "2").stdout
    report.check([("--seed", "the same figures")] if other in told else [])


def picture(report, bench):
    with tempfile.TemporaryDirectory() as folder:
        run(bench, "--devices", "6", "--svg", folder)
        words = "".join(ET.parse(Path(folder) / "field-days.svg").getroot().itertext())
        report.check([("--svg", f"no '{word}'") for word in ("with resume", "percent")
                      if word not in words])


def one_device(report, bench):
    done = run(bench, "--device", "3", "--seed", "7")
    report.check([("--device", done.stdout)] if done.returncode != 0
                 or "updated after" not in done.stdout
                 or "the new release, on trial" not in done.stdout else [])
    without = run(bench, "--device", "3", "--seed", "7", "--no-resume").stdout
    report.check([("--no-resume", "the same life")] if without == done.stdout else [])


def arguments(report, bench):
    helped = run(bench, "--help").stdout.startswith("usage: bench-field")
    report.check([] if helped else [("--help", "no usage")])
    for wrong in (["--devices", "0"], ["--devices"], ["--image", "241"], ["--seed", "x"],
                  ["--svg"], ["what"]):
        done = run(bench, *wrong)
        report.check([(" ".join(wrong), f"ends {done.returncode}")]
                     if done.returncode != 2 or done.stdout else [])
    done = run(bench, "--devices", "1", "--svg", "/no/such/folder")
    report.check([] if done.returncode == 2 else [("--svg", "no such folder")])


def main():
    report = Report()
    for part in (small_field, same_whatever_the_processes, picture, one_device, arguments):
        part(report, sys.argv[1])
    report.end()


main()
