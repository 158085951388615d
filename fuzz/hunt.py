# SPDX-License-Identifier: Apache-2.0
"""One hunt: libFuzzer processes at work on one target, and what they say about it. Counts
processor time, so that a hunt is worth the same however busy the machine is. Does not know
how they were built, nor how a hunt is told of."""
import os
import re
import resource
import signal
import subprocess
import time
from pathlib import Path

from targets import corpus

# "#196608 pulse  cov: 312 ft: 1210 corp: 411/40Kb ..."; INITED: the corpus has been read.
STATUS = re.compile(r"^#(\d+)\s+(\w+)\s+cov: (\d+) ", re.M)
RUNS = re.compile(r"^stat::number_of_executed_units:\s+(\d+)", re.M)
# The timeout is by the clock on the wall, and others may want the processor, too.
LIMITS = ["-timeout=120", "-rss_limit_mb=2560", "-print_final_stats=1", "-reload=5"]
AFTER_S = 180  # on the wall, what a process may take to end when its time is over


def used(process):
    """Seconds of processor that it has had, until somebody waits for it."""
    stat = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8")
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def used_by_ended():
    """The same of all that were started here and have been waited for."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


class Hunt:
    """`folder` gets logs, findings and new inputs; `program` is the target's fuzzer.
    `seconds`: of processor, for each of `jobs` processes. `seed`: of the first one's dice;
    with one process, and nothing found before, the same inputs come again."""

    def __init__(self, target, program, folder, seconds, jobs, seed=None):
        self.target, self.program, self.folder = target, program, folder
        self.seconds, self.seed = seconds, seed
        self.finds = folder / "corpus" / target.name
        self.crashes = folder / "findings" / target.name
        self.logs = [folder / "logs" / f"{target.name}-{n}.log" for n in range(jobs)]
        for place in (self.finds, self.crashes, folder / "logs"):
            place.mkdir(parents=True, exist_ok=True)

    def command(self, number):
        words = [self.program, f"-max_len={self.target.max_len}", *LIMITS,
                 f"-artifact_prefix={self.crashes}/"]
        if self.seed is not None:
            words.append(f"-seed={self.seed + number}")
        if self.target.dictionary:
            words.append(f"-dict={self.target.dictionary}")
        return [str(w) for w in (*words, self.finds, corpus(self.target.name))]

    def run(self, watch):
        """Hunts; `watch` is told, twice a second, how much of each process's time is over.
        The row of a report."""
        before = set(self.crashes.iterdir())
        began, spent = time.monotonic(), used_by_ended()
        processes = [self.start(n, log) for n, log in enumerate(self.logs)]
        try:
            self.wait(processes, watch)
        finally:
            for process in processes:
                process.kill()
                process.wait()
        return self.row(used_by_ended() - spent, time.monotonic() - began,
                        [p.returncode for p in processes],
                        sorted(set(self.crashes.iterdir()) - before))

    def wait(self, processes, watch):
        """Until all have ended: each is asked to when its time is over, and given up when
        it does not."""
        asked = {}
        while running := [p for p in processes if p.poll() is None]:
            time.sleep(0.5)
            times = {process: used(process) for process in running}
            watch(self, min(times.values()))
            for process, seconds in times.items():
                if seconds >= self.seconds and process not in asked:
                    process.send_signal(signal.SIGUSR1)
                    asked[process] = time.monotonic()
            if any(time.monotonic() - asked.get(p, time.monotonic()) > AFTER_S
                   for p in running):
                return

    def start(self, number, log):
        with log.open("wb") as out:
            return subprocess.Popen(self.command(number), stdout=out, stderr=out,
                                    stdin=subprocess.DEVNULL)

    def said(self):
        return [log.read_text(encoding="utf-8", errors="replace") for log in self.logs]

    def now(self):
        """So far: executions, edges the corpus had covered, edges covered."""
        runs = first = most = 0
        for text in self.said():
            status = STATUS.findall(text)
            ended = RUNS.search(text)
            if status:
                runs += int(ended.group(1) if ended else status[-1][0])
                inited = [cov for _, what, cov in status if what == "INITED"]
                first = max(first, int(inited[0]) if inited else 0)
                most = max(most, int(status[-1][2]))
        return runs, first, most

    def row(self, seconds, took, codes, crashes):
        runs, first, most = self.now()
        return {"target": self.target.name, "seconds": round(seconds, 1),
                "wall_seconds": round(took, 1), "runs": runs,
                "per_second": round(runs / seconds), "edges": most,
                "new_edges": most - first,
                "findings": [{"input": str(c), "again": f"{self.program} {c}",
                              "what": self.what(c)} for c in crashes],
                "trouble": [] if crashes else self.trouble(codes)}

    def what(self, crash):
        """The line that says why, from the process that wrote this input."""
        for text in self.said():
            if crash.name in text:
                why = re.search(r"does not hold: .*|flash rule broken.*|ERROR: .*"
                                r"|runtime error: .*", text)
                return why.group(0) if why else "see the log"
        return "see the logs"

    def trouble(self, codes):
        """Processes that ended badly and left no input behind."""
        return [f"ended {code}: {log}" for code, log in zip(codes, self.logs) if code]


def merge(target, program, folder):
    """Takes those of the new inputs into the corpus that cover an edge which nothing in
    it does, the smallest first; what is there stays. Returns how many there were and
    are."""
    there = corpus(target.name)
    there.mkdir(parents=True, exist_ok=True)
    before = len(list(there.iterdir()))
    subprocess.run([str(w) for w in (program, "-merge=1", "-use_counters=0",
                                     f"-max_len={target.max_len}", there,
                                     folder / "corpus" / target.name)],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return before, len(list(there.iterdir()))
