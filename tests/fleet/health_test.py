#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ferry-health on telemetry in files: the same verdict as the simulation that it came
from, and a clear line for what is no telemetry.

usage: health_test.py FERRY-HEALTH FERRY-FLEET-SIM
"""
import json
import subprocess
import sys

from each import run_each

HEALTH = SIM = None


def run(*args):
    return subprocess.run(list(map(str, args)), capture_output=True, text=True, check=False)


def simulated(folder, *args):
    """Telemetry of one rollout; what the simulation said of it."""
    done = run(SIM, "--json", "--runs", 1, "--treated", 6000, "--control", 6000, "--csv",
               folder, *args)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["rollouts"][0]


def judged(folder, *args):
    done = run(HEALTH, "--json", *args, folder / "exposures.csv", folder / "contacts.csv")
    assert done.returncode in (0, 3), done.stderr
    told = json.loads(done.stdout)
    assert (told["frozen_h"] >= 0) == (done.returncode == 3)
    return told


def telemetry_is_judged_as_its_simulation_was(folder):
    for seed, kind, named in ((1, ("--fault-revision", 2), "hw_rev C"),
                              (2, ("--fault-revision", 0, "--crash-loop", 1), "hw_rev A"),
                              (3, (), None)):
        said = simulated(folder, "--seed", seed, *kind)
        told = judged(folder)
        assert told["frozen_h"] == said["frozen_h"], (told["frozen_h"], said)
        assert told["blamed"][:1] == ([named] if named else []), told["blamed"]


def the_order_of_lines_and_columns_and_iso_times_change_nothing(folder):
    simulated(folder, "--fault-revision", 1)
    first = judged(folder)
    lines = (folder / "exposures.csv").read_text().splitlines()
    rows = [line.split(",") for line in lines]
    turned = [rows[0]] + rows[:0:-1]
    (folder / "exposures.csv").write_text(
        "\n".join(f'"a, note",{",".join(row[::-1])}' if i else
                  f"note,{','.join(row[::-1])}" for i, row in enumerate(turned)) + "\n")
    contacts = (folder / "contacts.csv").read_text().splitlines()
    (folder / "contacts.csv").write_text(
        "\n".join([contacts[0], *contacts[:0:-1]]) + "\n")
    again = judged(folder)
    assert first["frozen_h"] == again["frozen_h"] and first["blamed"] == again["blamed"]
    assert {c["cell"]: c["n_t"] for c in first["cells"]} == \
        {c["cell"]: c["n_t"] for c in again["cells"]}


def times_may_be_written_as_dates(folder):
    (folder / "exposures.csv").write_text(
        "unit,arm,began\na,treated,2026-02-28T23:10:00Z\nb,control,2026-03-01T00:00:00Z\n")
    (folder / "contacts.csv").write_text("unit,time\na,2026-03-02T01:59:59Z\nx,1\n")
    told = judged(folder)
    assert told["hours"] == 27 and told["strangers"] == 1, told
    (folder / "contacts.csv").write_text("unit,time\na,492338.5\n")  # 2026-03-02, 2 o'clock
    assert judged(folder)["hours"] == 28


# What stands in the two files, and what the one line must say.
EXPOSURES, CONTACTS = "unit,arm,began\na,treated,0\nb,control,0\n", "unit,time\na,1\n"
ROWS = [
    ("", CONTACTS, ["exposures.csv", "empty"]),
    ("unit,arm\na,treated\n", CONTACTS, ["line 1", "began"]),
    ("unit,arm,began\n", CONTACTS, ["nobody"]),
    ("unit,arm,began\na,placebo,0\n", CONTACTS, ["line 2", "placebo"]),
    ("unit,arm,began\na,treated,soon\n", CONTACTS, ["line 2", "soon"]),
    ("unit,arm,began\na,treated,2026-13-01T00:00Z\n", CONTACTS, ["line 2", "2026-13"]),
    ("unit,arm,began\na,treated\n", CONTACTS, ["line 2", "fields"]),
    ("unit,arm,began\na,treated,0,1\n", CONTACTS, ["line 2", "fields"]),
    ("unit,unit,arm,began\na,a,treated,0\n", CONTACTS, ["twice"]),
    (EXPOSURES + "a,control,5\n", CONTACTS, ["unit a", "twice"]),
    (EXPOSURES + ",control,5\n", CONTACTS, ["line 4", "unit"]),
    (EXPOSURES + f"{'n' * 200},control,5\n", CONTACTS, ["line 4"]),
    ('unit,arm,began\n"a,treated,0\n', CONTACTS, ["quote"]),
    (EXPOSURES, "unit,hour\na,1\n", ["contacts.csv", "no column time"]),
    (EXPOSURES, "unit,time\na,x\n", ["contacts.csv: line 2", "'x'"]),
    (EXPOSURES, "unit,time,resets\na,1,-1\n", ["line 2", "'-1'"]),
    (EXPOSURES, "unit,time\na,9999999\n", ["9999999 hours behind"]),
]


def what_is_no_telemetry_is_named(folder):
    for exposures, contacts, says in ROWS:
        (folder / "exposures.csv").write_text(exposures)
        (folder / "contacts.csv").write_text(contacts)
        done = run(HEALTH, folder / "exposures.csv", folder / "contacts.csv")
        assert done.returncode == 1 and done.stderr.count("\n") == 1, (exposures, done)
        for fragment in says:
            assert fragment in done.stderr, (fragment, done.stderr)
    assert run(HEALTH, "nowhere.csv", folder / "contacts.csv").returncode == 1
    assert run(HEALTH, folder / "exposures.csv").returncode == 2
    assert run(HEALTH, "--alpha", "2", "a", "b").returncode == 2


def main():
    global HEALTH, SIM
    HEALTH, SIM = sys.argv[1:3]
    return run_each([telemetry_is_judged_as_its_simulation_was,
                     the_order_of_lines_and_columns_and_iso_times_change_nothing,
                     times_may_be_written_as_dates, what_is_no_telemetry_is_named])


if __name__ == "__main__":
    sys.exit(main())
