# SPDX-License-Identifier: Apache-2.0
"""What looks for mistakes in a source: how each tool is called, and how what it says is
read. Does not know which of it was explained."""
import collections
import functools
import os
import re
import shutil
from pathlib import Path

from tree import CROSS, ROOT, said

Finding = collections.namedtuple("Finding", "tool file line check text")

# The largest frame of a function, in bytes, by its place; the first one counts. An engine
# runs on a device's stack, a tool does not; on a chip frames are smaller.
FRAME = {"src": 576, "ports/posix": 8448, "ports": 512, "examples/fleet": 22528,
         "examples/phone": 8448, "examples": 4352, "tools": 12544}
STRICT = ["-Wconversion", "-Wsign-conversion", "-Wshadow", "-Wswitch-enum", "-Wvla",
          "-Wundef", "-Wcast-qual", "-Wformat=2", "-Wlogical-op", "-Wduplicated-cond",
          "-Wduplicated-branches", "-Wnull-dereference", "-Wpointer-arith"]
# A place, what is wrong there, and the check's name in brackets, by all four of them.
LINE = re.compile(r"^(?P<path>[^\s:][^:\n]*):(?P<line>\d+):(?:\d+:)? "
                  r"(?:warning|error|style|performance|portability): (?P<text>.*?)"
                  r"(?: \[CWE-\d+\])? \[(?P<check>[-\w.,=]+)\]$", re.M)


class Tool:
    """`program`: what must be installed, by its package."""

    def __init__(self, name, program, package, command):
        self.name, self.program, self.package = name, program, package
        self.command = command

    def missing(self):
        return None if shutil.which(self.program) else self.package

    @functools.lru_cache(maxsize=None)
    def version(self):
        return said([self.program, "--version"], ROOT)[1]

    def look(self, unit):
        """The findings; a tool that fails and names no place is one, too."""
        code, text = said(self.command(unit), unit.folder)
        found = sorted({self.finding(unit, match) for match in LINE.finditer(text)})
        if code != 0 and not found:
            found = [Finding(self.name, unit.file, 0, "failed", text.strip()[-600:])]
        return found

    def finding(self, unit, match):
        path = os.path.normpath(Path(unit.folder) / match["path"])
        return Finding(self.name, os.path.relpath(path, ROOT), int(match["line"]),
                       match["check"].split(",")[0], match["text"].strip())


def analyzer(unit):
    return unit.compile("-fanalyzer", "-S", "-o", os.devnull)


def strict(unit):
    frame = next(n for place, n in FRAME.items() if unit.file.startswith(place + "/"))
    return unit.compile(*STRICT, f"-Wstack-usage={frame}", "-S", "-o", os.devnull)


@functools.lru_cache(maxsize=None)
def target():
    """What clang must be told of the chips' C library: where their gcc looks, its own
    headers apart."""
    words = said([CROSS, "-E", "-Wp,-v", "-xc", os.devnull], ROOT)[1]
    folders = [os.path.normpath(line.strip()) for line in words.splitlines()
               if line.startswith(" /")]
    return ["--target=arm-none-eabi"] + [
        word for folder in folders if "/gcc/" not in folder
        for word in ("-isystem", folder)]


def tidy(unit):
    more = target() if unit.cross else []
    return ["clang-tidy", "--quiet", f"--config-file={ROOT / '.clang-tidy'}", unit.source,
            "--", *unit.only("-I", "-D", "-U", "-std", "-m"), *more]


def cppcheck(unit):
    return ["cppcheck", "--quiet", "--std=c11", "--enable=warning,performance,portability",
            f"--platform={'unix32' if unit.cross else 'unix64'}",
            "--suppress=missingIncludeSystem",
            "--template={file}:{line}: {severity}: {message} [{id}]",
            *unit.only("-I", "-D", "-U"), unit.source]


TOOLS = [Tool("gcc-analyzer", "gcc", "gcc", analyzer), Tool("gcc", "gcc", "gcc", strict),
         Tool("clang-tidy", "clang-tidy", "clang-tidy", tidy),
         Tool("cppcheck", "cppcheck", "cppcheck", cppcheck)]
