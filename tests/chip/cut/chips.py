# SPDX-License-Identifier: Apache-2.0
"""Many starts on a few emulated chips, one for each thread. Knows that a chip's QEMU
does not live for ever; does not know what it is started for."""
import concurrent.futures
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from starts import Starts  # noqa: E402
from talk import Unexpected  # noqa: E402

LIFE_S = 300  # of a chip; machine.py's end of a QEMU is far behind it
TELL_S = 10


class Chips:
    """Use it in a `with`. `over` ends what is under way when it says so."""

    def __init__(self, made, seed, jobs, say, over=lambda: False):
        self.made, self.seed, self.jobs = made, seed, jobs
        self.say, self.over = say, over
        self.all, self.mine = [], threading.local()

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="ferry-chips-")
        self.pool = concurrent.futures.ThreadPoolExecutor(self.jobs)
        return self

    def __exit__(self, *_):
        self.pool.shutdown(cancel_futures=True)
        for chip in self.all:
            chip.end()
        self.folder.cleanup()

    def mine_now(self):
        """This thread's chip."""
        chip = getattr(self.mine, "chip", None)
        if chip and time.monotonic() - chip.born > LIFE_S:
            self.check(chip)
            chip.end()
            chip = None
        if not chip:
            chip = Starts(self.made, tempfile.mkdtemp(dir=self.folder.name), self.seed)
            self.mine.chip = chip
            self.all.append(chip)
        return chip

    @staticmethod
    def check(chip):
        if not chip.whole():
            raise Unexpected("flash was written where nothing may write")

    def each(self, what, work, items):
        """Yields work(chip, item) for each, in order; tells how far it is."""
        items = list(items)
        told = time.monotonic()
        waiting = [self.pool.submit(self._one, work, item) for item in items]
        try:
            for done, each in enumerate(waiting):
                if self.over():
                    return
                yield each.result()
                if time.monotonic() - told > TELL_S:
                    told = time.monotonic()
                    self.say(f"{what}: {done + 1} of {len(items)}")
        finally:
            for each in waiting:
                each.cancel()
            concurrent.futures.wait(waiting)
            self._check_all()

    def _one(self, work, item):
        return work(self.mine_now(), item)

    def _check_all(self):
        for chip in self.all:
            if chip.lives():
                self.check(chip)
