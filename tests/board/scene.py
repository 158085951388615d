# SPDX-License-Identifier: Apache-2.0
"""What the board tests have in common: expectations, a scene with one board on its
bench, and running scenes. Asserts nothing by itself."""
import concurrent.futures
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples" / "board"))

from kit import PATIENCE_S, Bench, Unexpected  # noqa: E402

SLOW = 4  # virtual milliseconds in a real one, where something is killed half-way
FAST = 20
AT_ONCE = 2  # scenes


def expect(holds, what):
    if not holds:
        raise Unexpected(what)


class Scene:
    """A bench with one board, and what scenes have in common."""

    def __init__(self, bench, speed=FAST):
        self.bench = bench
        self.bench.speed = speed
        self.folder = self.bench.make_board("1.0.0")
        self.board = None

    def power(self, version, folder=None, *options, **where):
        self.folder = folder or self.folder
        self.board = self.bench.power(self.folder, *options)
        return self.board.runs(version, **where)

    def on_air(self):
        """Waits for the board's first sign of life, as a person would. Once it has been
        there, `ferry push` and the phone wait by themselves."""
        until = time.monotonic() + PATIENCE_S
        while not (self.folder / "air").exists():
            expect(time.monotonic() < until, "the board has no radio")
            time.sleep(0.01)

    def phone(self, version, **options):
        return self.bench.phone(self.board, self.bench.release(version), **options)

    def far(self, phone, percent):
        """Waits until so much of the image is acked."""
        return phone.wait(f"{percent} %", lambda line: bool(line["of"])
                          and line["acked"] * 100 >= percent * line["of"])

    def carried(self, phone):
        code, why = phone.verdict()
        expect(code == 0, f"not carried: {why}")

    def update(self, version, **where):
        self.carried(self.phone(version))
        self.board.runs(version, trial=1, **where)

    def says(self, **wanted):
        """A statement, signed by this device, that says this."""
        phone = self.bench.phone(self.board, None, True)
        code, why = phone.verdict()
        said = phone.all("phone statement")
        expect(code == 0 and said, f"no statement: {why}")
        for field, value in wanted.items():
            expect(said[-1][field] == value,
                   f"the statement says {field} {said[-1][field]}, not {value}")

    def refused(self, version, err):
        code, why = self.phone(version).verdict()
        expect((code, why) == (1, err), f"{version} offered again: {why}, not {err}")

    def quiet(self, bites=0):
        """No flash rule was broken, and the watchdog bit only as often as it should."""
        status = self.board.status()
        expect(status["rules"] == 0, f"{status['rules']} flash rules were broken")
        expect(status["bites"] == bites, f"the watchdog bit {status['bites']} times")


# ---- running them -------------------------------------------------------------------


def last_words(bench):
    return "\n".join(f"    {process.name}: {line.text}"
                     for process in bench.running[-3:] for line in process.lines[-12:])


def run_one(body, build):
    folder = Path(tempfile.mkdtemp(prefix="ferry-board-"))
    bench = Bench(build, folder)
    began = time.monotonic()
    try:
        body(bench)
        return True, f"{time.monotonic() - began:5.1f} s  {body.__name__}"
    except Exception as why:  # a scene that breaks has failed; the others still run
        said = str(why) if isinstance(why, Unexpected) else traceback.format_exc()
        return False, f"failed: {body.__name__}: {said}\n{last_words(bench)}"
    finally:
        bench.end()
        shutil.rmtree(folder, ignore_errors=True)


def run_scenes(scenes):
    """The exit code. The command line: a build folder, and words of names, if not all."""
    build, wanted = sys.argv[1], sys.argv[2:]
    scenes = [s for s in scenes if not wanted or any(w in s.__name__ for w in wanted)]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(lambda body: run_one(body, build), scenes))
    for _, said in results:
        print(said)
    failed = sum(not good for good, _ in results)
    print(f"{len(results) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0

