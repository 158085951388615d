#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fleet health under simulated phones, a few rollouts of each kind; `./dev bench health`
makes hundreds of them.

usage: sim_test.py FERRY-FLEET-SIM
"""
import json
import subprocess
import sys
import xml.etree.ElementTree

from each import run_each

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


def a_revision_that_dies_after_three_days_is_found_and_named(_):
    told = rollouts("--runs", 6, "--fault-revision", 2)
    assert told["frozen"] == told["named"] == 6, told
    assert told["last_h"] <= 96, told
    assert all(each["blamed_cell"] == REVISION_2 for each in told["rollouts"])


def a_tenth_of_a_revision_is_found_too(_):
    told = rollouts("--runs", 5, "--fault-revision", 2, "--fault-share", 0.1)
    assert told["frozen"] == told["named"] == 5, told
    assert told["median_h"] <= 132, told  # of five; the bench holds it to 120


def a_sound_release_is_not_frozen(_):
    told = rollouts("--runs", 6)
    assert told["frozen"] == 0, told


def crashes_are_found_though_nobody_is_silent(_):
    told = rollouts("--runs", 3, "--fault-revision", 2, "--crash-loop", 1,
                    "--treated", 4000, "--control", 4000)
    assert told["frozen"] == told["named"] == 3, told
    assert all(each["resets"] and not each["activity"] for each in told["rollouts"])


def a_seed_gives_the_same_rollout_whatever_the_jobs(_):
    args = ("--runs", 4, "--fault-revision", 1, "--treated", 2000, "--control", 2000)
    assert rollouts("--jobs", 1, *args) == rollouts("--jobs", 4, *args)
    assert rollouts("--seed", 3, *args)["rollouts"][0] == \
        rollouts(*args)["rollouts"][2]


def the_picture_shows_the_freeze_and_every_revision(folder):
    path = folder / "a.svg"
    done = run("--runs", 1, "--fault-revision", 2, "--treated", 4000, "--control", 4000,
               "--svg", path)
    assert done.returncode == 0, done.stderr
    texts = [each.text for each in xml.etree.ElementTree.parse(path).iter(SVG + "text")]
    for wanted in ("revision A", "revision D", "control, all"):
        assert wanted in texts, texts
    assert any(text.startswith("frozen ") for text in texts), texts


def bad_input_is_named(_):
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
    return run_each([a_revision_that_dies_after_three_days_is_found_and_named,
                     a_tenth_of_a_revision_is_found_too, a_sound_release_is_not_frozen,
                     crashes_are_found_though_nobody_is_silent,
                     a_seed_gives_the_same_rollout_whatever_the_jobs,
                     the_picture_shows_the_freeze_and_every_revision,
                     bad_input_is_named])


if __name__ == "__main__":
    sys.exit(main())
