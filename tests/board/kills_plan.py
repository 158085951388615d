# SPDX-License-Identifier: Apache-2.0
"""What a killed board lives through: a plan for each of its lives, drawn from a seed, the
updates on their way, and a twin that shows what its flash decides. Judges nothing."""
import shutil
import time

from kit import PATIENCE_S, Unexpected

GOOD = ("1.1.0", "1.0.0", "1.2.2", "0.9.0")  # sound programs, whatever they are signed as
CRASHER = "1.2.0"
LOOK_S = 0.003

# Where a fuse lies, how many operations away at most.
FUSES = (("boot journal", 4), ("app journal", 6), ("staging", 12), ("staging", 250))
MOMENTS = ("before", "halfway", "after")


class Plan:
    """How one life of the board ends. Drawn in one go, so that a seed means a schedule
    whatever happens meanwhile."""

    def __init__(self, rng):
        fuse, most = rng.choice(FUSES)
        self.fused = rng.random() < 0.5
        self.fuse = fuse
        self.moment = rng.choice(MOMENTS)
        self.operation = rng.randint(1, most)
        self.after = rng.choice((rng.uniform(0, 0.03), 0.01 + rng.expovariate(25),
                                 rng.uniform(0, 0.25)))
        self.aim = rng.uniform(0, 0.006)  # so long after nearly all was acked
        self.aimed = rng.random() < 0.15
        if self.fused or self.aimed:
            self.after += 0.25
        self.phone_after = rng.uniform(0, 0.2) if rng.random() < 0.2 else None


class Update:
    """One release on its way."""

    def __init__(self, bench, program, version, bank):
        self.program, self.version, self.bank = program, version, bank
        self.good = program in GOOD
        self.image = bench.image(program, bank)
        self.cache = bench.release(program, f"as-{version}", as_version=version)


class Twin:
    """A board with the same flash that is started twice in a row: what it decides."""

    def __init__(self, bench, source, folder):
        shutil.copyfile(source / "flash", folder / "flash")
        self.board = bench.power(folder)
        self.again = False

    def starts(self):
        return [line for line in list(self.board.lines)
                if "boot" in line and "bank" in line.fields]

    def step(self):
        """True: it has been started twice."""
        starts = self.starts()
        if starts and not self.again:
            self.again = True
            self.board.tell("battery")
        if len(starts) < 2:
            return False
        if self.board.process.poll() is None:
            self.board.kill()
        return True

    def wait(self):
        until = time.monotonic() + PATIENCE_S
        while not self.step():
            if time.monotonic() > until or self.board.process.poll() is not None:
                raise Unexpected("brick: a copy of the board does not start twice: "
                                 + " | ".join(l.text for l in self.board.lines[-4:]))
            time.sleep(LOOK_S)
        return self.starts()[:2]
