# SPDX-License-Identifier: Apache-2.0
"""The engine with one source exchanged: compiled as Meson would, linked into a shared
library of the same soname. Preloaded, it is the only engine in a test's process, so
nothing of the original is left to be called."""
import json
import os
import shlex
import subprocess
from pathlib import Path

SONAME = "libferry-engine.so"
SETUP = ["-Dposix=enabled", "-Dtests=enabled", "-Ddefault_library=shared",
         "-Doptimization=2", "-Ddebug=false"]
# A call within the file needs no way around it: more mutants come out the same.
MUTANT_FLAGS = ["-w", "-fno-semantic-interposition"]
# Counts how often each function is entered, inlined into another or not.
COUNTED_FLAGS = ["-w", "--coverage", "-O1", "-fno-inline"]


class Trouble(Exception):
    """What keeps mutants from being run at all."""


def quiet(command, **options):
    """Runs a command; Trouble with all it said if it fails."""
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode != 0:
        raise Trouble(" ".join(map(str, command)) + "\n" + done.stdout.strip())
    return done.stdout


def set_up(root, build):
    """Configures the build folder, anew if it is another tree's or out of date."""
    info = build / "meson-info" / "intro-buildsystem_files.json"
    if info.exists() and str(root / "meson.build") in json.loads(info.read_text()):
        quiet(["meson", "configure", build, *SETUP])
        quiet(["ninja", "-C", build, "build.ninja"])
        return
    wipe = ["--wipe"] if (build / "build.ninja").exists() else []
    quiet(["meson", "setup", build, root, *wipe, *SETUP], env={**os.environ, "CC": "gcc"})


class Engine:
    """The build folder's engine, and its variants."""

    def __init__(self, root, build):
        self.root, self.build = root, build
        commands = json.loads((build / "compile_commands.json").read_text())
        self.commands = {Path(c["file"]).name: c for c in commands
                         if SONAME + ".p/" in c.get("output", c["command"])}
        self.objects = {name: build / self.output(name) for name in self.commands}

    def output(self, name):
        words = shlex.split(self.commands[name]["command"])
        return words[words.index("-o") + 1]

    def compile(self, source, to, flags):
        """Compiles a variant of the engine's source of that name. False: it does not."""
        entry = self.commands[source.name]
        words = shlex.split(entry["command"])
        for option in ("-o", "-MQ", "-MF"):
            at = words.index(option)
            del words[at:at + 2]
        words.remove("-MD")
        words[words.index("-c") + 1] = str(source)
        command = [*words, *flags, "-o", str(to)]
        return subprocess.run(command, cwd=entry["directory"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False).returncode == 0

    def original(self, name, to, flags):
        if not self.compile(self.root / "src" / name, to, flags):
            raise Trouble(f"src/{name} does not compile with {' '.join(flags)}")

    def link(self, library, exchanged, flags=()):
        """`exchanged`: objects by the name of the source that they stand for."""
        compiler = shlex.split(next(iter(self.commands.values()))["command"])
        compiler = compiler[:next(n for n, w in enumerate(compiler) if w.startswith("-"))]
        objects = {**self.objects, **exchanged}
        quiet([*compiler, "-shared", f"-Wl,-soname,{SONAME}", "-Wl,--no-undefined",
               *flags, "-o", library, *objects.values()])


class Bench:
    """A folder in which one worker makes one variant after another."""

    def __init__(self, engine, folder):
        self.engine, self.folder = engine, folder
        self.library = folder / SONAME
        self.output = folder / "output"
        folder.mkdir(parents=True, exist_ok=True)
        self.originals = {}

    def make(self, name, text):
        """The engine with `text` as source `name`: 'built', 'uncompilable', or
        'equivalent' if the compiler sees no difference."""
        before, now = self.originals.get(name), self.folder / "now.o"
        if before is None:  # compiled in the same place: its name is in the object
            before = self.folder / f"{name}.o"
            self.compile(name, (self.engine.root / "src" / name).read_text(), before)
            self.originals[name] = before
        if not self.compile(name, text, now):
            return "uncompilable"
        if now.read_bytes() == before.read_bytes():
            return "equivalent"
        self.engine.link(self.library, {name: now})
        return "built"

    def compile(self, name, text, to):
        source = self.folder / name
        source.write_text(text)
        return self.engine.compile(source, to, MUTANT_FLAGS)
