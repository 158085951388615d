# SPDX-License-Identifier: Apache-2.0
"""The fast suite: the test programs that link the engine, what of it each of them
enters, how long they take, and how to run one against another engine."""
import json
import os
import re
import resource
import shutil
import subprocess
import time
from collections import namedtuple
from pathlib import Path

from engine import COUNTED_FLAGS, SONAME, Trouble, quiet

SUITES = {"unit", "protocol", "golden", "scenario"}
# These take longer than all others together, and saw no mutant that no other one saw.
SLOW = {f"scenario-{name}" for name in (
    "wear", "link_weather", "resume_cut", "storm", "speed", "link_drop")}

# A mutant may take ten times as long as the original, and these seconds.
TIMES_LONGER = 10
SECONDS_LONGER = 2
OUTPUT_MAX = 1 << 26  # bytes, then it is talking for ever

Program = namedtuple("Program", "name command workdir")
Result = namedtuple("Result", "verdict sentences ms")  # passed, failed, crashed, timeout


def programs(build):
    quiet(["ninja", "-C", build, "build.ninja"])  # tests may have come since
    tests = json.loads(quiet(["meson", "introspect", "--tests", build]))
    found = []
    for test in tests:
        suites = {s.split(":")[-1] for s in test["suite"]}
        own = Path(test["cmd"][0]).is_relative_to(build)
        if own and suites & SUITES and test["name"] not in SLOW:
            found.append(Program(test["name"], test["cmd"], test["workdir"]))
    return found


def build_programs(build, wanted):
    targets = [str(Path(p.command[0]).relative_to(build)) for p in wanted]
    quiet(["ninja", "-C", build, *targets])


def limit_children():
    """No core files, and no endless output, of mutants gone mad."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_MAX, OUTPUT_MAX))


def run(program, library, output, seconds, **variables):
    """Runs a test program against a library. `seconds` of CPU end it, so that a busy
    machine does not; what sleeps instead gets ten times as long."""
    begin = time.monotonic()
    with open(output, "wb") as log:
        child = subprocess.Popen(
            program.command, cwd=program.workdir, stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "LD_PRELOAD": str(library), **variables})
        resource.prlimit(child.pid, resource.RLIMIT_CPU, (seconds, seconds + 1))
        try:
            child.wait(10 * seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    ms = int((time.monotonic() - begin) * 1000)
    if child.returncode == 0:
        return Result("passed", [], ms)
    said = Path(output).read_text(errors="replace")
    return Result(*failure(child.returncode, said), ms)


def failure(code, said):
    """How it failed, and the sentences that did not hold."""
    failed = re.findall(r"^\[\s+FAILED\s+\] (\w+)$", said, re.M)
    running = re.findall(r"^\[ RUN\s+\] (\w+)$", said, re.M)[-1:]
    if code in (-24, -9):  # SIGXCPU; SIGKILL is ours
        return "timeout", failed or running
    if code < 0 and code != -6:  # SIGABRT is an assertion's
        return "crashed", failed or running
    return "failed", list(dict.fromkeys(failed)) or running


# ---- the unmutated run ---------------------------------------------------------------

class Suite:
    """What the unmutated run told. `reach`: by source and function, who enters it."""

    def __init__(self, build, engine, names, work):
        self.programs = {p.name: p for p in programs(build)}
        self.engine, self.names, self.folder = engine, names, work / "reach"
        self.ms, self.reach = {}, {name: {} for name in names}
        self.library = self.folder / SONAME

    def prepare(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        objects = {name: self.folder / f"{Path(name).stem}.o" for name in self.names}
        for name, to in objects.items():
            self.engine.original(name, to, COUNTED_FLAGS)
        self.engine.link(self.library, objects, ["--coverage"])

    def learn(self, program):
        """Its time, and what it enters; Trouble if it does not pass."""
        self.alone(program)
        folder = self.folder / program.name
        folder.mkdir()
        result = run(program, self.library, folder / "output", 600,
                     GCOV_PREFIX=str(folder), GCOV_PREFIX_STRIP="99")
        if result.verdict != "passed":
            raise Trouble(f"{program.name} fails without a mutant: {result.sentences}")
        self.ms[program.name] = result.ms
        self.take_counts(program, folder)

    def alone(self, program):
        """The preloaded engine must be the only one."""
        loaded = quiet(program.command, env={
            **os.environ, "LD_PRELOAD": str(self.library), "LD_TRACE_LOADED_OBJECTS": "1"})
        engines = [line for line in loaded.splitlines() if SONAME in line]
        if len(engines) != 1 or str(self.library) not in engines[0]:
            raise Trouble(f"{program.name} has another engine, too: {engines}")

    def take_counts(self, program, folder):
        counted = list(folder.glob("*.gcda"))
        if not counted:
            return
        for path in counted:
            shutil.copy(self.folder / (path.stem + ".gcno"), folder)
        said = quiet(["gcov", "--json-format", "--stdout", *counted], cwd=folder)
        for line in said.splitlines():
            for file in json.loads(line)["files"]:
                self.take_file(program, file)

    def take_file(self, program, file):
        functions = self.reach.get(Path(file["file"]).name)
        for function in file["functions"] if functions is not None else []:
            who = functions.setdefault(function["name"], set())
            if function["execution_count"] > 0:
                who.add(program.name)

    def entering(self, name, function):
        """Programs that a mutant in this function can fail; '' is the whole file."""
        functions = self.reach[name]
        if function in functions:
            return functions[function]
        return set().union(*functions.values())

    def seconds(self, program):
        return int(SECONDS_LONGER + TIMES_LONGER * self.ms[program] / 1000) + 1
