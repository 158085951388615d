# SPDX-License-Identifier: Apache-2.0
"""The build that counts: clang and its tools, the fast suite's programs, their runs, and
what llvm-cov makes of them. Does not know what must be reached."""
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import builds
from engine import SONAME, Trouble, quiet
from suite import build_programs, programs

COUNT = "-fprofile-instr-generate -fcoverage-mapping"
# Counts are of the source whatever is optimised; with -O1 the tests take half the time.
SETUP = ["-Dposix=enabled", "-Dtests=enabled", "-Ddefault_library=shared",
         "-Doptimization=1", "-Ddebug=false", f"-Dc_args={COUNT}",
         f"-Dc_link_args={COUNT}"]
OTHERS = "/(tests|ports|tools|examples)/"  # files that are not the engine's
# Of the fast suite: what is left to chance reaches something else every time it changes.
STORMS = {"scenario-storm_phone"}
SECONDS = 900  # of one program, on a machine that has much else to do
SHOWN_LINES = 40


class Missing(Exception):
    """The tools that are not installed."""


def say(text):
    print(f"coverage: {text}", file=sys.stderr, flush=True)


def llvm(tool, major):
    """LLVM's tool of clang's version: another one may not read what clang wrote."""
    found = shutil.which(f"{tool}-{major}") or shutil.which(tool)
    if not found:
        raise Missing(f"{tool} is not installed (package llvm)")
    return found


def find_tools():
    """llvm-profdata and llvm-cov, once it is seen that clang can count."""
    for tool in ("clang", "meson", "ninja"):
        if not shutil.which(tool):
            raise Missing(f"{tool} is not installed")
    major = quiet(["clang", "-dumpversion"]).partition(".")[0]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "main.c"
        source.write_text("int main(void) { return 0; }\n", encoding="utf-8")
        try:
            quiet(["clang", *COUNT.split(), source, "-o", source.with_suffix("")])
        except Trouble:
            raise Missing("clang's profile runtime is not installed"
                          " (package libclang-rt-dev)") from None
    return llvm("llvm-profdata", major), llvm("llvm-cov", major)


class Build:
    def __init__(self, folder):
        self.profdata, self.cov = find_tools()
        self.folder = folder
        self.profiles = folder / "profiles"
        self.programs = []

    def make(self):
        # Meson tries the compiler, and runs what comes of it: that leaves no counts.
        os.environ["LLVM_PROFILE_FILE"] = os.devnull
        setup = builds.set_up(self.folder, *SETUP)
        if setup:
            quiet(setup, env={**os.environ, "CC": "clang"})
        self.programs = [one for one in programs(self.folder) if one.name not in STORMS]
        say(f"building {len(self.programs)} programs")
        build_programs(self.folder, self.programs)

    def run(self):
        """All of them, some at a time; Trouble if one does not pass."""
        shutil.rmtree(self.profiles, ignore_errors=True)
        self.profiles.mkdir()
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            runs = [pool.submit(self.run_one, program) for program in self.programs]
            for done, one in enumerate(as_completed(runs), 1):
                one.result()
                if done % 10 == 0 or done == len(runs):
                    say(f"{done} of {len(runs)} programs ran")
        quiet([self.profdata, "merge", "-o", self.folder / "all.profdata",
               *self.profiles.glob("*.profraw")])

    def run_one(self, program):
        """Program and engine are two images (%m), each with counters of its own."""
        profile = self.profiles / f"{program.name}-%m.profraw"
        try:
            done = subprocess.run(
                program.command, cwd=program.workdir, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS,
                env={**os.environ, "LLVM_PROFILE_FILE": str(profile)}, check=False)
        except subprocess.TimeoutExpired:
            raise Trouble(f"{program.name} is not done after {SECONDS} s") from None
        if done.returncode != 0:
            said = done.stdout.decode(errors="replace").splitlines()[-SHOWN_LINES:]
            raise Trouble("\n".join([f"{program.name} fails:", *said]))

    def report(self, *how):
        """llvm-cov on the engine and on the programs, which have inline functions of its
        headers, too."""
        objects = [f"-object={program.command[0]}" for program in self.programs]
        done = subprocess.run(
            [self.cov, *how, f"-instr-profile={self.folder / 'all.profdata'}",
             f"-ignore-filename-regex={OTHERS}", self.folder / "src" / SONAME, *objects],
            stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise Trouble(f"llvm-cov {how[0]} ends {done.returncode}")
        return done.stdout

    def export(self, form):
        return self.report("export", f"-format={form}")

    def pages(self, folder):
        self.report("show", "-format=html", "-show-branches=count",
                    f"-output-dir={folder}")
        say(f"pages: {folder / 'index.html'}")
