# SPDX-License-Identifier: Apache-2.0
"""The sources that are checked, and how each is really compiled: on this machine, or for
a chip. Knows build folders and compilers; does not know what looks for mistakes."""
import collections
import hashlib
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests" / "house"), str(ROOT / "tests" / "chip")]
from house import project_files  # noqa: E402
import steps  # noqa: E402

CHECKED = ("src", "ports", "tools", "examples")
# Compiled by a script, or where something is missing: as that one is.
AS = {"tools/size/bootloader.c": "src/boot.c",
      "tools/ferry/release_none.c": "tools/ferry/main.c",
      "examples/fleet/db/postgresql_none.c": "examples/fleet/db/db.c"}
CROSS = "arm-none-eabi-gcc"
ALONE = ("-MD", "-c", "-Werror", "-fdiagnostics-color=always", "-fstack-usage")
WITH_NEXT = ("-o", "-MQ", "-MF")


class Trouble(Exception):
    """Something that keeps everything from being checked."""


def said(command, folder):
    """(exit code, output with the errors)"""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                          errors="replace", cwd=folder, check=False)
    return done.returncode, done.stdout


class Unit(collections.namedtuple("Unit", "file source folder compiler flags")):
    """A source. `source`: its path as seen from the folder it is compiled in."""

    @property
    def cross(self):
        return self.compiler == CROSS

    def compile(self, *more):
        return [self.compiler, *self.flags, *more, self.source]

    def only(self, *prefixes):
        """Those of its flags that begin so: the other tools do not know all of them."""
        kept, flags = [], iter(self.flags)
        for flag in flags:
            if flag == "-isystem":
                kept += [flag, next(flags)]
            elif flag.startswith(prefixes):
                kept.append(flag)
        return kept

    def content(self):
        """Everything that a tool can see of it, comments too."""
        code, text = said(self.compile("-E", "-CC", "-w"), self.folder)
        if code != 0:
            raise Trouble(f"{self.file} does not compile:\n{text[-2000:]}")
        return hashlib.sha256(json.dumps([text, self.flags]).encode()).hexdigest()


def flags_of(words):
    """Without what is about output and dependencies, and without the source."""
    kept, rest = [], iter(words)
    for word in rest:
        if word in WITH_NEXT:
            next(rest)
        elif word not in ALONE:
            kept.append(word)
    return tuple(kept[:-1])


def commands(folder):
    """{file: its unit} of what Meson compiles there; the first command of each counts."""
    found = {}
    listed = (folder / "compile_commands.json").read_text(encoding="utf-8")
    for entry in json.loads(listed):
        path = Path(os.path.normpath(Path(entry["directory"]) / entry["file"]))
        if path.is_relative_to(ROOT) and entry["file"].endswith(".c"):
            file = str(path.relative_to(ROOT))
            words = shlex.split(entry["command"])
            found.setdefault(file, Unit(file, entry["file"], entry["directory"], words[0],
                                        flags_of(words[1:])))
    return found


def configured(step):
    command = step.command()
    code, text = said(command, ROOT) if command else (0, "")
    if code != 0:
        raise Trouble(f"{step.name}:\n{text[-2000:]}")


def commands_again(folder):
    """What Meson compiles there, if its files were changed since it was configured."""
    code, text = said(["ninja", "-C", folder, "build.ninja"], ROOT)
    if code != 0:
        raise Trouble(f"{folder.name}:\n{text[-2000:]}")


def units(builds, chips):
    """(units, files that no build compiles). `chips`: with those for chips."""
    folders = steps.Folders(builds)
    wanted = ["host: set up"]
    places = [folders.host]
    if chips:
        wanted += ["libsodium's source", "nRF52: set up", "nRF52, Cortex-M4: set up",
                   "MPS2: set up"]
        places += [folders.real, folders.nrf52, folders.mps2]
    for step in steps.build_steps(folders):
        if step.name in wanted:
            configured(step)
    known = {}
    for place in places:
        commands_again(place)
        known = {**commands(place), **known}
    for file, like in AS.items():
        known[file] = known[like]._replace(
            file=file, source=os.path.relpath(ROOT / file, known[like].folder))
    files = [str(name) for name in project_files(ROOT)
             if name.parts[0] in CHECKED and name.suffix == ".c"]
    return ([known[file] for file in files if file in known],
            [file for file in files if file not in known])
