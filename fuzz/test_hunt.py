#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A hunt counts processor time, and says what went wrong: with programs in place of a
fuzzer that rest, find something, end badly, or do not end."""
import sys
import tempfile
import unittest
from pathlib import Path

import hunt
from targets import Target

RESTS_S = 2  # longer than the processor time that each hunt is given

# Speaks like a fuzzer, up to its end on request.
FUZZER = f"""#!{sys.executable}
import signal
import sys
import time
from pathlib import Path

def leave(*_):
    print("stat::number_of_executed_units: 5000", flush=True)
    sys.exit(0)

place = next(a.partition("=")[2] for a in sys.argv if a.startswith("-artifact_prefix"))
signal.signal(signal.SIGUSR1, leave)
print("#10 INITED cov: 7 ft: 9\\n#4000 pulse  cov: 9 ft: 12", flush=True)
"""
RESTS = f"time.sleep({RESTS_S})\n"
WORKS = "while True:\n    pass\n"
FINDS = """print("fuzz: does not hold: two is one\\n", place + "crash-1", flush=True)
Path(place + "crash-1").write_bytes(b"2")
sys.exit(77)
"""
FAILS = "sys.exit(3)\n"
DEAF = "signal.signal(signal.SIGUSR1, signal.SIG_IGN)\n"


class Hunting(unittest.TestCase):
    def hunted(self, *does, jobs=1):
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "fuzzer"
            program.write_text(FUZZER + "".join(does), encoding="utf-8")
            program.chmod(0o700)
            target = Target("frame", 100, None)
            return hunt.Hunt(target, program, Path(folder), 1, jobs).run(self.watch)

    def watch(self, _, seconds):
        self.last = seconds

    def test_a_hunt_takes_its_processor_time_however_long_it_rests(self):
        row = self.hunted(RESTS, WORKS)
        self.assertGreaterEqual(row["seconds"], 1)
        self.assertGreater(row["wall_seconds"], RESTS_S)
        self.assertLessEqual(self.last, row["seconds"] + 0.1)
        self.assertEqual((row["findings"], row["trouble"]), ([], []))

    def test_the_time_of_all_processes_is_counted_and_what_they_ran(self):
        row = self.hunted(WORKS, jobs=2)
        self.assertGreaterEqual(row["seconds"], 2)
        self.assertEqual(row["runs"], 10000)
        self.assertAlmostEqual(row["per_second"], 10000 / row["seconds"], delta=500)
        self.assertEqual((row["edges"], row["new_edges"]), (9, 2))

    def test_each_process_has_dice_of_its_own(self):
        target = Target("frame", 100, None)
        with tempfile.TemporaryDirectory() as folder:
            seeded = hunt.Hunt(target, "fuzzer", Path(folder), 1, 2, seed=7)
            self.assertIn("-seed=7", seeded.command(0))
            self.assertIn("-seed=8", seeded.command(1))
            chance = hunt.Hunt(target, "fuzzer", Path(folder), 1, 1)
            self.assertNotIn("-seed", " ".join(chance.command(0)))

    def test_a_finding_is_told_with_what_does_not_hold(self):
        (finding,) = self.hunted(FINDS)["findings"]
        self.assertEqual(finding["what"], "does not hold: two is one")

    def test_a_process_that_ends_badly_is_told(self):
        (trouble,) = self.hunted(FAILS)["trouble"]
        self.assertIn("ended 3", trouble)

    def test_a_process_that_does_not_end_is_ended_and_told(self):
        patience, hunt.AFTER_S = hunt.AFTER_S, 1
        try:
            (trouble,) = self.hunted(DEAF, WORKS)["trouble"]
        finally:
            hunt.AFTER_S = patience
        self.assertIn("ended -9", trouble)


if __name__ == "__main__":
    unittest.main()
