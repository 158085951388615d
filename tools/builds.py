# SPDX-License-Identifier: Apache-2.0
"""Meson's build folders of this tree: which are usable, and how one comes to be. Does not
know what is built there."""
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INSTALLED = Path("/var/lib/dpkg/status")  # dpkg writes it with each package


def made_here(folder):
    """Was it configured, there, for this tree? Meson's folders cannot be moved."""
    info = folder / "meson-info" / "meson-info.json"
    if not info.is_file():
        return False
    made = json.loads(info.read_text(encoding="utf-8"))["directories"]
    return made["build"] == str(folder) and made["source"] == str(ROOT)


def options_of(folder):
    """{name: value}, written as on a command line."""
    listed = folder / "meson-info" / "intro-buildoptions.json"
    return {option["name"]: written(option["value"])
            for option in json.loads(listed.read_text(encoding="utf-8"))}


def written(value):
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, list) else str(value)


def stands(folder, wanted):
    """Are its options these, and has no package come since that Meson may have missed?"""
    known, made = options_of(folder), (folder / "build.ninja").stat().st_mtime
    return all(known.get(name) == value for name, _, value in
               (word[2:].partition("=") for word in wanted)) and not (
        INSTALLED.exists() and INSTALLED.stat().st_mtime >= made)


def set_up(folder, *how):
    """The command that configures it, or that sees to it that its options are these: some
    may have come to the project since. Empty where it stands. What is of no use is cleared
    away."""
    if (folder / "build.ninja").exists():
        if made_here(folder):
            wanted = [word for word in map(str, how) if word.startswith("-D")]
            return [] if stands(folder, wanted) else \
                ["meson", "configure", folder, *wanted]
        shutil.rmtree(folder)
    return ["meson", "setup", folder, ROOT, *how]


def main():
    """For scripts: builds.py FOLDER [MESON ARGUMENT...] sets it up. Meson's exit code."""
    folder, *how = sys.argv[1:]
    command = set_up(Path(folder).resolve(), *how)
    return subprocess.run([str(word) for word in command],
                          check=False).returncode if command else 0


if __name__ == "__main__":
    sys.exit(main())
