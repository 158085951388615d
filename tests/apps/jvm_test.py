#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The courier for a JVM (ports/jvm): what all couriers must do, and what the API promises
to those who make mistakes.

usage: jvm_test.py BUILD JAVA [WORD], only tests with this word in their name
"""
import functools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import cases  # noqa: E402
from cases import ROOT, Skip  # noqa: E402
from jvm import Jvm, clean  # noqa: E402


def checked(jvm, case):
    """The case, and that no JVM had anything to complain of."""
    def body(w):
        apps = []

        def start(*words, **named):
            apps.append(jvm.start(*words, **named))
            return apps[-1]
        case(start, w)
        for app in apps:
            clean(app.said())
    return body


def the_api_keeps_its_promises(jvm, w):
    done = subprocess.run(jvm.command("Api"), cwd=w.dir, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
    clean(done.stdout)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^[1-9]\d* passed, 0 failed", done.stdout, re.M), done.stdout


def cmake_makes_a_library_that_loads(jvm, w):
    """What an app for Android has instead of Meson, by this machine's compiler."""
    if not shutil.which("cmake"):
        raise Skip("no cmake")
    home = Path(jvm.java).resolve().parents[1]
    for words in (["-S", ROOT / "ports/jvm", "-B", w.dir], ["--build", w.dir]):
        done = subprocess.run(["cmake", *words], env={**os.environ, "JAVA_HOME": home},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        assert done.returncode == 0, done.stdout
    run = subprocess.run(jvm.command("Api", library=w.dir), stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
    assert run.returncode == 0 and " 0 failed" in run.stdout, run.stdout


def main():
    build, java, *word = sys.argv[1:]
    jvm, tests = Jvm(build, java), cases.tests_of(build)
    for name, case in cases.of(build):
        tests.add(name, checked(jvm, case))
    for case in (the_api_keeps_its_promises, cmake_makes_a_library_that_loads):
        tests.add(case.__name__, functools.partial(case, jvm))
    return tests.run(*word or [""])


if __name__ == "__main__":
    sys.exit(main())
