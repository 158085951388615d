#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keys that come and go, by the tools alone: `ferry keygen`, `factory`, `sign`, and a
phone that carries to a real board. What docs/SIGNING.md tells an operator to do.

usage: rotation_test.py BUILD [SCENARIO...]
"""
import sys

sys.dont_write_bytecode = True

from scene import FAST, Scene, expect, run_scenes  # noqa: E402
from kit import DEVICE  # noqa: E402

KEYS = {0: "release", 1: "second", 2: "third", 7: "recovery"}
OTHER_DEVICE = "99999999-8888-5777-8666-555555555555"
SCENES = []


def scene(body):
    SCENES.append(body)
    return body


class Rotation(Scene):
    """A board whose factory knew three generations of keys and the recovery's."""

    def __init__(self, bench):
        self.bench = bench
        bench.speed = FAST
        for key in ("second", "third", "recovery"):
            bench.tool("keygen", "-o", bench.folder / key, "--force")
        self.folder = bench.make_board("1.0.0", keys=KEYS)
        self.board = None
        self.releases = 0

    def offer(self, program, slot=0, **how):
        """A phone with this program, signed so for both banks."""
        self.releases += 1
        cache = self.bench.release(program, name=f"{program}-{self.releases}", slot=slot,
                                   key=how.pop("key", None) or KEYS[slot], **how)
        return self.bench.phone(self.board, cache)

    def taken(self, program, as_version=None, **how):
        """It is carried, runs, and is confirmed by who asks for a statement."""
        self.carried(self.offer(program, as_version=as_version, **how))
        self.board.runs(program, trial=1)
        self.says(version=as_version or program, outcome="confirmed")
        self.board.order("battery")  # the bootloader hears the confirm, raises the floor
        self.board.runs(program, trial=0)

    def not_taken(self, err, program, **how):
        code, why = self.offer(program, **how).verdict()
        expect((code, why) == (1, err), f"{program} {how}: {why}, not {err}")


@scene
def the_next_key_revokes_the_one_before(bench):
    s = Rotation(bench)
    s.power("1.0.0")
    s.taken("1.1.0", slot=1)
    s.not_taken("E_FLOOR", "1.2.2", slot=0, as_version="255.255.65535", sec_ctr=16777215)
    s.taken("1.2.2", slot=1)
    s.quiet()


@scene
def a_device_that_slept_through_two_rotations_takes_the_third_key(bench):
    s = Rotation(bench)
    s.power("1.0.0")
    s.taken("1.1.0", slot=2)
    s.not_taken("E_FLOOR", "1.2.2", slot=1, sec_ctr=9)
    s.not_taken("E_FLOOR", "1.2.2", slot=0, sec_ctr=9)
    s.taken("1.2.2", slot=2)
    s.quiet()


@scene
def a_stolen_key_does_not_end_a_fleet(bench):
    s = Rotation(bench)
    s.power("1.0.0")
    s.taken("1.1.0", slot=0, as_version="255.255.65535", sec_ctr=16777215)
    s.taken("1.2.2", slot=1, sec_ctr=0)
    s.not_taken("E_FLOOR", "1.1.0", slot=0, as_version="255.255.65535", sec_ctr=16777215)
    s.quiet()


@scene
def the_recovery_key_counts_with_its_counter_alone(bench):
    s = Rotation(bench)
    s.power("1.0.0")
    s.taken("1.1.0", slot=1, sec_ctr=5)
    s.not_taken("E_FLOOR", "1.2.2", slot=7, sec_ctr=4)
    s.taken("1.2.2", slot=7, sec_ctr=6)
    s.not_taken("E_FLOOR", "1.1.0", slot=1, sec_ctr=5)
    s.taken("1.1.0", slot=1, sec_ctr=6)  # not revoked: the recovery's is no generation
    s.quiet()


@scene
def a_build_bound_to_one_device_goes_to_that_one_alone(bench):
    s = Rotation(bench)
    s.power("1.0.0")
    s.not_taken("E_DEVICE", "1.1.0", device=OTHER_DEVICE)
    s.taken("1.1.0", device=DEVICE)
    s.quiet()


@scene
def who_signs_for_a_slot_without_its_key_gets_nothing_in(bench):
    s = Rotation(bench)
    s.power("1.0.0")
    s.not_taken("E_SIG", "1.1.0", slot=1, key="release")
    s.not_taken("E_SIG", "1.1.0", slot=7, key="third")
    s.not_taken("E_KID", "1.1.0", slot=3, key="third")
    s.quiet()


if __name__ == "__main__":
    sys.exit(run_scenes(SCENES))
