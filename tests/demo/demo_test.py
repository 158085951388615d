#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The demo tells its story to the end: with its own image, with real firmware where
there is some (FERRY_FIRMWARE_DIR), and it refuses what is no image in one line."""
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
FIRMWARE = pathlib.Path(os.environ.get("FERRY_FIRMWARE_DIR",
                                       HERE.parent.parent.parent / "shared" / "firmware"))
GOOD_END = "The device holds exactly the image that was signed."

passed = failed = skipped = 0


def check(name, holds, why=""):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print(f"failed: {name}: {why}")


def run(journey, *args):
    return subprocess.run([journey, *map(str, args)], capture_output=True, text=True,
                          timeout=100)


def story_ends_well(journey, name, *args):
    done = run(journey, *args)
    last = (done.stdout.splitlines() or [""])[-1]
    check(name, done.returncode == 0 and last == GOOD_END, last + done.stderr)
    return done.stdout


def refused(journey, name, image, code, words):
    done = run(journey, *image)
    lines = done.stderr.splitlines()
    check(name, done.returncode == code and words in done.stderr and
          (code == 2 or len(lines) == 1), done.stderr)


def main():
    global skipped
    journey = sys.argv[1]
    story = story_ends_well(journey, "the demo carries its own image")
    for words in ("E_SIG", "E_VERSION", "E_HW", "forged a chunk", "battery dies",
                  "out of range", "another phone", "SECURITY EVENTS", "sent twice"):
        check(f"the story has: {words}", words in story)
    images = sorted(FIRMWARE.glob("*.bin")) if FIRMWARE.is_dir() else []
    for image in images:
        story_ends_well(journey, f"the demo carries {image.name}", image)
    if not images:
        skipped += 1
        print(f"skipped: real firmware: no images in {FIRMWARE}; set FERRY_FIRMWARE_DIR")
    with tempfile.TemporaryDirectory() as folder:
        tiny = pathlib.Path(folder) / "tiny.bin"
        tiny.write_bytes(b"x" * 100)
        refused(journey, "a tiny image is refused", [tiny], 1, "too few bytes")
        tiny.write_bytes(b"x" * (701 * 1024))
        refused(journey, "a huge image is refused", [tiny], 1, "too many bytes")
        refused(journey, "a missing image is refused", [tiny / "none"], 1, "none")
    refused(journey, "two images are a mistake", ["a", "b"], 2, "usage")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


sys.exit(main())
