#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fleet health under simulated phones, a few rollouts of each kind; `./dev bench health`
makes hundreds of them.

usage: sim_test.py FERRY-FLEET-SIM
"""
import json
import subprocess
import sys
import tempfile
import traceback
import xml.etree.ElementTree
from pathlib import Path

SIM = None
SVG = "{http://www.w3.org/2000/svg}"
REVISION_2 = 1 + 2  # the cell


def run(*args):
    return subprocess.run([SIM, *map(str, args)], capture_output=True, text=True,
                          check=False)


def rollouts(*args):
    done = run("--json", *args)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def a_revision_that_dies_after_three_days_is_found_and_named():
    told = rollouts("--runs", 6, "--fault-revision", 2)
    assert told["frozen"] == told["named"] == 6, told
    assert told["last_h"] <= 96, told
    assert all(each["blamed_cell"] == REVISION_2 for each in told["rollouts"])


def a_tenth_of_a_revision_is_found_too():
    told = rollouts("--runs", 5, "--fault-revision", 2, "--fault-share", 0.1)
    assert told["frozen"] == told["named"] == 5, told
    assert told["median_h"] <= 132, told  # of five; the bench holds it to 120


def a_sound_release_is_not_frozen():
    told = rollouts("--runs", 6)
    assert told["frozen"] == 0, told


def crashes_are_found_though_nobody_is_silent():
    told = rollouts("--runs", 3, "--fault-revision", 2, "--crash-loop", 1,
                    "--treated", 4000, "--control", 4000)
    assert told["frozen"] == told["named"] == 3, told
    assert all(each["resets"] and not each["activity"] for each in told["rollouts"])


def a_seed_gives_the_same_rollout_whatever_the_jobs():
    args = ("--runs", 4, "--fault-revision", 1, "--treated", 2000, "--control", 2000)
    assert rollouts("--jobs", 1, *args) == rollouts("--jobs", 4, *args)
    assert rollouts("--seed", 3, *args)["rollouts"][0] == \
        rollouts(*args)["rollouts"][2]


def the_picture_shows_the_freeze_and_every_revision():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.svg"
        done = run("--runs", 1, "--fault-revision", 2, "--treated", 4000, "--control",
                   4000, "--svg", path)
        assert done.returncode == 0, done.stderr
        texts = [each.text for each in
                 xml.etree.ElementTree.parse(path).iter(SVG + "text")]
    for wanted in ("revision A", "revision D", "control, all"):
        assert wanted in texts, texts
    assert any(text.startswith("frozen ") for text in texts), texts


def bad_input_is_named():
    for args, says in ((("--runs", "0"), "--runs '0'"), (("--treated", "many"), "many"),
                       (("--alpha", "2"), "--alpha"), (("--nothing",), "nothing"),
                       (("file",), "file"), (("--fault-revision", "4"), "'4'"),
                       (("--seed", "nan"), "nan")):
        done = run(*args)
        assert done.returncode == 2 and says in done.stderr, (args, done)
    done = run("--runs", 1, "--hours", 2, "--svg", "/nowhere/at.svg")
    assert done.returncode == 1 and "/nowhere/at.svg" in done.stderr


def main():
    global SIM
    SIM = sys.argv[1]
    tests = [body for name, body in list(globals().items()) if callable(body)
             and name not in ("run", "rollouts", "main", "Path")]
    failed = 0
    for body in tests:
        try:
            body()
        except Exception:  # a test that breaks has failed; the others still run
            failed += 1
            print(f"failed: {body.__name__}\n{traceback.format_exc()}")
    print(f"{len(tests) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
