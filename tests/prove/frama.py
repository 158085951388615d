# SPDX-License-Identifier: Apache-2.0
"""Runs Frama-C over one source of the engine and reads its answer. Frama-C ends 0 with
goals open, so what counts is what it prints. Knows nothing of what should be proved."""
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import units

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "mutants"))
from source import Source  # noqa: E402

TOOLS = ("frama-c", "why3", "z3", "cvc4", "gcc")
MISSING = [tool for tool in TOOLS if not shutil.which(tool)]

# -wp-model: void pointers must become byte pointers; every other cast is
# refused below, but those of units.CASTS.
OPTIONS = ["-machdep", "gcc_x86_32", "-no-frama-c-stdlib", "-wp", "-wp-rte",
           "-wp-model", "Typed+Cast", "-wp-par", "2"]

# Z3 as it comes looks for models of the hypotheses, too, and on goals about much memory
# finds no end; this one only draws conclusions.
EAGER = """
[prover]
name = "Z3"
version = "{version}"
alternative = "eager"
command = "z3 -smt2 -T:%t auto_config=false smt.mbqi=false smt.arith.solver=2 %f"
driver = "z3_471"
editor = ""
in_place = false
interactive = false
"""

FINE_CASTS = {("sint8*", "uint8*"), ("uint8*", "sint8*")}  # sint8 stands for void

PROVED = re.compile(r"\[wp\] Proved goals:\s+(\d+) / (\d+)")
CAST = re.compile(r"Cast with incompatible pointers types \(source: ([^)]+)\)\s+"
                  r"\(target: ([^)]+)\)")


# What is to be proved: arguments that select it, and a hash of all that a proof hangs on.
Task = namedtuple("Task", "unit chosen key")


class Trouble(Exception):
    """Something that cannot be judged, with the reason."""


class TooLong(Trouble):
    """It did not come to its end in the time that it was given."""


def said(command, limit=None, **how):
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, start_new_session=True, **how) as running:
        try:
            words, _ = running.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)  # its provers, too
            raise TooLong(f"{command[0]}: more than {limit:.0f} s") from None
    return running.returncode, words


class Prover:
    """`root`: a tree whose src/ is proved. `build`: what was proved before, and logs."""

    def __init__(self, root, build, fresh=False, timeout=units.TIMEOUT):
        self.root, self.build, self.fresh = root, build.resolve(), fresh
        self.patience = ["-wp-timeout", str(timeout)]  # a proof is one, however long
        self.goals = self.build / "goals"
        self.goals.mkdir(parents=True, exist_ok=True)
        code, share = said(["frama-c", "-print-share-path"])
        if code != 0:
            raise Trouble(share.strip())
        self.flags = ["-nostdinc", "-D__FC_MACHDEP_X86_32",
                      "-isystem", f"{share.strip()}/libc",
                      "-include", str(HERE / "libc" / "prelude.h"),
                      "-I", str(HERE / "libc"), "-Iinclude", "-Isrc"]
        config = self.build / "why3.conf"
        # Frama-C believes $PWD, not where it was started: it would prove another tree.
        self.env = {**os.environ, "WHY3CONFIG": str(config), "PWD": str(root.resolve())}
        version = re.search(r"[\d.]+\d", said(["z3", "--version"])[1]).group()
        self.options = [*OPTIONS, "-wp-prover", f"Z3:{version}:eager,cvc4,z3"]
        config.unlink(missing_ok=True)
        code, words = said(["why3", "config", "detect"], env=self.env)
        if code != 0:
            raise Trouble(words.strip())
        with config.open("a", encoding="utf-8") as file:
            file.write(EAGER.format(version=version))
        self.versions = [said([tool, "--version"])[1].splitlines()[0]
                         for tool in ("why3", "z3", "cvc4")] + [said(
                             ["frama-c", "-version"])[1].strip()]

    def task(self, unit, functions=None):
        """`functions`: those alone."""
        text = self.preprocessed(f"src/{unit}.c")
        chosen = self.selection(unit, text, functions)
        what = [re.sub("^# .*\n", "", text, flags=re.M), chosen, self.options, self.versions]
        return Task(unit, chosen, hashlib.sha256(json.dumps(what).encode()).hexdigest())

    def prove(self, task, limit=None):
        """A row of the table. `limit`: seconds, or TooLong."""
        kept = self.build / f"{task.unit}-{task.key[:24]}.json"
        if kept.exists() and not self.fresh:
            return {**json.loads(kept.read_text(encoding="utf-8")), "cached": True}
        row = self.judged(task, limit)
        if row["proved"] == row["goals"]:
            kept.write_text(json.dumps(row), encoding="utf-8")
        return row

    def preprocessed(self, source):
        """With contracts."""
        code, text = said(["gcc", "-E", "-CC", *self.flags, source], cwd=self.root)
        if code != 0:
            raise Trouble(text.strip())
        return text

    def selection(self, unit, text, functions):
        """Arguments for Frama-C: `functions` alone; or a unit's, by the names of all others,
        for where it is told what to prove it leaves lemmas out."""
        if functions is not None:
            return ["-wp-fct", ",".join(functions)]
        meant = units.UNITS[unit]
        files = set(re.findall(r'^# \d+ "((?:src|include)/[\w/]+\.[ch])"', text, re.M))
        if meant is None:
            files -= {f"src/{unit}.c", f"src/{unit}.h", f"include/ferry/{unit}.h"}
        skipped = set().union(*map(self.defined, files)) - set(meant or [])
        there = [name for name in sorted(skipped) if re.search(rf"\b{name}\(", text)]
        return ["-wp-skip-fct", ",".join(there)] if there else []

    def defined(self, name):
        text = (self.root / name).read_text(encoding="utf-8")
        return {f.name for f in Source(name, text).functions}

    def judged(self, task, limit):
        began = time.monotonic()
        flags = " ".join(self.flags)
        unit, source = task.unit, f"src/{task.unit}.c"
        cache = ["-wp-cache", "none"] if self.fresh else \
            ["-wp-cache", "update", "-wp-cache-dir", str(self.goals)]
        code, words = said(["frama-c", f"-cpp-extra-args={flags}", *self.options, *cache,
                            *self.patience, *task.chosen, source],
                           limit, cwd=self.root, env=self.env)
        self.forget_failures()
        seconds = time.monotonic() - began
        (self.build / f"{unit}.log").write_text(words, encoding="utf-8")
        count = PROVED.findall(words)
        if code != 0 or not count:
            raise Trouble(f"{source}: Frama-C says\n" + words.strip()[-2000:])
        casts = {pair for pair in CAST.findall(words)
                 if pair not in FINE_CASTS | units.CASTS.get(unit, set())}
        return {"file": unit, "proved": int(count[-1][0]), "goals": int(count[-1][1]),
                "seconds": round(seconds, 1), "cached": False,
                "open": sorted(set(open_goals(words))),
                "casts": sorted(f"{a} -> {b}" for a, b in casts)}

    def forget_failures(self):
        """A goal that was not proved on a busy machine may be on an idle one."""
        for goal in self.goals.glob("*.json"):
            if '"valid"' not in goal.read_text(encoding="utf-8"):
                goal.unlink()


def open_goals(words):
    for line in words.splitlines():
        found = re.match(r"\[wp\] \[[^\]]+\] Goal (?:typed_cast_)?(\w+)", line)
        if found and " : Valid" not in line:
            yield found.group(1).replace("typed_cast_", "")
