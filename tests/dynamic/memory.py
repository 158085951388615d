# SPDX-License-Identifier: Apache-2.0
"""valgrind's memcheck over the tests as they are built anyway. Knows which of them, and
how valgrind is called; does not know what they test."""
import json
import re
from pathlib import Path

SUITES = {"ferry:unit", "ferry:scenario", "ferry:golden", "ferry:port", "ferry:protocol"}
# Minutes under valgrind each, or about real time; their neighbours take the same ways.
LEFT_OUT = {"journal_cuts", "journal", "scenario-boot_cut", "scenario-flash_units",
            "scenario-link_model", "scenario-link_weather", "scenario-manifest_signed",
            "scenario-resume_cut", "scenario-storm", "scenario-wear", "scenario-wear_long",
            "port-clock", "port-flash_kill", "port-pump", "port-transfer"}
ERROR = 99
SAID = re.compile(r"^==\d+== ", re.M)  # a child's error is in nobody's exit code
VALGRIND = ["valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=all",
            "--errors-for-leak-kinds=definite,indirect,possible", "--trace-children=no",
            f"--error-exitcode={ERROR}"]


def tests(build):
    """Meson's description of each test that is a program of ours."""
    listed = json.loads((build / "meson-info" / "intro-tests.json").read_text("utf-8"))
    return [test for test in listed if SUITES & set(test["suite"])
            and test["name"] not in LEFT_OUT
            and Path(test["cmd"][0]).is_relative_to(build)]


def unknown(build):
    """What is left out and does not exist."""
    listed = json.loads((build / "meson-info" / "intro-tests.json").read_text("utf-8"))
    return sorted(LEFT_OUT - {test["name"] for test in listed})


def passed(said):
    """Of a program of cmocka's, how many of its tests."""
    return sum(map(int, re.findall(r"\[  PASSED  \] (\d+) test", said)))
