#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests which command a build folder gets: set up, configured anew, or none. Of Meson's
folders there are only the files that are looked at; builds nothing.

usage: test_folders.py ROOT
"""
import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "house"))
sys.path.insert(0, str(Path(sys.argv[1]) / "tools"))

import builds  # noqa: E402
from house import Report  # noqa: E402

WANTED = ["-Dposix=enabled", "-Dfuzz=true", "-Dc_args=-O1,-g"]
VALUES = {"posix": "enabled", "fuzz": True, "c_args": ["-O1", "-g"], "other": 3}


def folder_in(place, source=builds.ROOT, values=None):
    """As Meson leaves one behind."""
    folder = Path(place).resolve() / "build"
    info = folder / "meson-info"
    info.mkdir(parents=True)
    (folder / "build.ninja").write_text("")
    (info / "meson-info.json").write_text(json.dumps(
        {"directories": {"build": str(folder), "source": str(source)}}))
    (info / "intro-buildoptions.json").write_text(json.dumps(
        [{"name": name, "value": value} for name, value in (values or VALUES).items()]))
    return folder


def command(*how, installed_s=-1, **made):
    """The command's first words. installed_s: when packages came, after the folder."""
    with tempfile.TemporaryDirectory() as place:
        folder = folder_in(place, **made)
        builds.INSTALLED = Path(place) / "status"
        builds.INSTALLED.write_text("")
        then = (folder / "build.ninja").stat().st_mtime + installed_s
        os.utime(builds.INSTALLED, (then, then))
        return [str(word) for word in builds.set_up(folder, *how)][:2], folder.exists()


def main():
    report = Report()
    anew, configured = ["meson", "setup"], ["meson", "configure"]
    for name, got, want in [
        ("what stands is left alone", command(*WANTED), ([], True)),
        ("so is what no option was named for", command(), ([], True)),
        ("a switch that differs is configured",
         command("-Dfuzz=false"), (configured, True)),
        ("so is a list that does", command("-Dc_args=-O1"), (configured, True)),
        ("an option that came since is, too", command("-Dnew=1"), (configured, True)),
        ("a package that came since may be found now",
         command(*WANTED, installed_s=1), (configured, True)),
        ("what was made of another tree is made anew",
         command(*WANTED, source="/elsewhere"), (anew, False)),
    ]:
        report.check([] if got == want else [(name, f"{got}, not {want}")])
    report.end()


if __name__ == "__main__":
    main()
