#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What can be known of ports/apple without Swift: clang imports the module map for Apple's
machines, the Swift files say that they are untested, and every C name they use is there.
./dev portable compiles the C itself.

usage: apple_test.py ROOT
"""
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(sys.argv[1]).resolve()
sys.path.insert(0, str(ROOT / "tests" / "house"))
from house import Report  # noqa: E402

APPLE = ROOT / "ports" / "apple"
TARGETS = ("arm64-apple-ios13", "arm64-apple-macos11")
PROGRAM = "@import FerryCourier;\nsize_t size(void) {{ return {call}; }}\n"
UNTESTED = "// Swift untested here"


def imported(target, call):
    """None, or what clang says of a program that calls this, and includes nothing."""
    done = subprocess.run(
        ["clang", f"--target={target}", "-x", "objective-c", "-fmodules", "-ffreestanding",
         f"-fmodule-map-file={APPLE / 'module.modulemap'}", "-I", ROOT / "include",
         "-fmodules-cache-path=modules", "-Werror", "-fsyntax-only", "-"],
        input=PROGRAM.format(call=call), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False)
    return done.stdout if done.returncode != 0 else None


def module_map(report):
    if not shutil.which("clang"):
        report.skip("module map", "no clang")
        return
    for target in TARGETS:
        why = imported(target, "ferry_ffi_size()")
        report.check([("module.modulemap", why)] if why else [])
        wrong = imported(target, "ferry_ffi_none()")
        report.check([] if wrong and "ferry_ffi_none" in wrong else
                     [("apple_test.py", f"finds a function that is not there: {wrong}")])


def words(text):
    return set(re.findall(r"\b(?:ferry|FERRY)_\w+", text))


def names(report):
    there = set()
    for header in ("courier_ffi", "err"):
        there |= words((ROOT / "include" / "ferry" / f"{header}.h").read_text())
    for source in sorted(APPLE.glob("*.swift")):
        text = source.read_text()
        code = re.sub(r"//.*", "", text)
        report.check((source.name, f"no such name: {name}") for name in words(code) - there)
        report.check([] if text.startswith(UNTESTED) else
                     [(source.name, "does not say that it is untested")])


def uuids(report):
    doc = (ROOT / "docs" / "BLE.md").read_text()
    found = re.findall(r'"([0-9a-f]{8}-[0-9a-f-]{27})"', (APPLE / "PeripheralLink.swift")
                       .read_text())
    report.check([] if len(found) == 3 and all(f"`{one}`" in doc for one in found) else
                 [("PeripheralLink.swift", f"not the UUIDs of docs/BLE.md: {found}")])


def main():
    report = Report()
    module_map(report)
    names(report)
    uuids(report)
    report.end()


if __name__ == "__main__":
    main()
