# SPDX-License-Identifier: Apache-2.0
"""valgrind's memcheck over the tests as they are built anyway. Knows which of them, and
how valgrind is called; does not know what they test."""
import json
import re
from pathlib import Path

SUITES = {"ferry:unit", "ferry:scenario", "ferry:golden", "ferry:port", "ferry:protocol"}
# A quarter of a second or more without valgrind, which takes fifty times that; or about
# real time. `--all` has them, too.
SLOW = {"journal", "journal_cuts", "manifest_mutants", "port-clock", "port-flash_kill",
        "port-pump", "port-transfer", "scenario-boot_cut", "scenario-boot_garbage",
        "scenario-boot_gates", "scenario-boot_recover", "scenario-boot_recover_mute",
        "scenario-boot_says", "scenario-flash_cut", "scenario-flash_faults", "scenario-flash_late", "scenario-flash_units",
        "scenario-link_drop", "scenario-link_model", "scenario-link_order",
        "scenario-link_weather", "scenario-manifest_signed", "scenario-resume_cut",
        "scenario-storm", "scenario-wear", "scenario-wear_long", "sim_cuts"}
# Steps a child by single instructions: they would be valgrind's own.
NEVER = {"port-flash_steps"}
ERROR = 99
SAID = re.compile(r"^==\d+== ", re.M)  # a child's error is in nobody's exit code
# What is still reachable is a buffer of stdio's, in a child that ended in the middle.
LEAKS = "definite,indirect,possible"
VALGRIND = ["valgrind", "--quiet", "--leak-check=full", f"--show-leak-kinds={LEAKS}",
            f"--errors-for-leak-kinds={LEAKS}", "--trace-children=no",
            f"--error-exitcode={ERROR}"]


def described(build):
    """Meson's description of its tests."""
    return json.loads((build / "meson-info" / "intro-tests.json").read_text("utf-8"))


def tests(build, slow):
    """Those that are programs of ours; with the slow ones, or without."""
    return [test for test in described(build) if SUITES & set(test["suite"])
            and Path(test["cmd"][0]).is_relative_to(build)
            and test["name"] not in NEVER and (slow or test["name"] not in SLOW)]


def unknown(build):
    """What is left out and does not exist."""
    return sorted((SLOW | NEVER) - {test["name"] for test in described(build)})


def passed(said):
    """Of a program of cmocka's, how many of its tests."""
    return sum(map(int, re.findall(r"\[  PASSED  \] (\d+) test", said)))
