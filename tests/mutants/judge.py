# SPDX-License-Identifier: Apache-2.0
"""Judges mutants: makes each one's engine and runs test programs against it until one
fails, the likeliest first. What is likely is learned on the way and kept nowhere."""
import queue
import threading
import time
from collections import Counter, namedtuple
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engine import Bench, Trouble
from suite import run

# `text`: the whole source. `origin`: the hand or mechanical mutant it was made of.
Case = namedtuple("Case", "file line function kind before after text origin")
# killed, timeout, survived, equivalent, uncompilable; for those made by hand also
# elsewhere: killed, but not by the test that it names.
Verdict = namedtuple("Verdict", "verdict killer ms")

AT_ONCE = {"CMOCKA_TEST_ABORT": "1"}  # ends at the first sentence that does not hold


def in_parallel(workers, work, items):
    """Does `work` to all items; after an exception to none that is not begun."""
    pool = ThreadPoolExecutor(workers)
    try:
        return list(pool.map(work, items))
    finally:
        pool.shutdown(cancel_futures=True)


def all_of(suite, cases, workers, progress):
    """A verdict for each case, in their order."""
    benches = queue.Queue()
    for n in range(workers):
        benches.put(Bench(suite.engine, suite.folder.parent / f"worker{n}"))
    order = Order(suite)

    def one(case):
        bench = benches.get()
        try:
            verdict = of_case(suite, order, bench, case)
        finally:
            benches.put(bench)
        progress.judged(verdict)
        return verdict

    return in_parallel(workers, one, cases)


def of_case(suite, order, bench, case):
    begin = time.monotonic()
    made = bench.make(Path(case.file).name, case.text)
    if made != "built":
        found = made, ""
    elif case.kind == "hand":
        found = by_its_own_test(suite, bench, case) or elsewhere(suite, order, bench, case)
    else:
        found = by_any_test(suite, order, bench, case)
    return Verdict(*found, int((time.monotonic() - begin) * 1000))


def run_on(suite, bench, name, **variables):
    return run(suite.programs[name], bench.library, bench.output, suite.seconds(name),
               **variables)


def by_any_test(suite, order, bench, case):
    for name in order.of(case):
        result = run_on(suite, bench, name, **AT_ONCE)
        if result.verdict != "passed":
            order.killed(case, name)
            how = " (crashed)" if result.verdict == "crashed" else ""
            verdict = "timeout" if result.verdict == "timeout" else "killed"
            return verdict, f"{name}: {' '.join(result.sentences[:1])}{how}"
    return "survived", ""


def by_its_own_test(suite, bench, case):
    """The verdict if the sentence that a hand mutant names does not hold."""
    name, sentence = case.origin.dies_by
    if name not in suite.programs:
        raise Trouble(f"{case.origin.name}: there is no test program {name}")
    result = run_on(suite, bench, name)
    if sentence in result.sentences:
        return "killed", f"{name}: {sentence}"
    return None


def elsewhere(suite, order, bench, case):
    verdict, killer = by_any_test(suite, order, bench, case)
    return ("survived", "") if verdict == "survived" else ("elsewhere", killer)


class Order:
    """Which test programs to try, and in which order: by what they killed so far in the
    same function and source, for the time they take."""

    def __init__(self, suite):
        self.suite, self.lock, self.kills = suite, threading.Lock(), Counter()

    def of(self, case):
        source = Path(case.file).name
        with self.lock:
            def worth(name):
                kills = self.kills[source, name] \
                    + 4 * self.kills[source, case.function, name]
                return (kills + 0.5) / (self.suite.ms[name] + 10)
            return sorted(self.suite.entering(source, case.function), key=worth,
                          reverse=True)

    def killed(self, case, name):
        source = Path(case.file).name
        with self.lock:
            self.kills[source, name] += 1
            self.kills[source, case.function, name] += 1
