#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests what needs no emulator: the controller's rules, what a power failure leaves,
the verdicts, a state that is saved and read again, the debugger's lines."""
import random
import socket
import sys
import tempfile
from pathlib import Path

import flash
import gdb
import judge
import show
import walk
from starts import Answer

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "house"))
from house import Report  # noqa: E402

BASE, UNIT = 0x1000, 64
REGION = bytes(64) + b"\xff" * 64
SEEDS = range(40)


def raises(kind, work, *args):
    try:
        work(*args)
    except kind:
        return True
    return False


# ---- the controller ----------------------------------------------------------------


def controller(mode):
    made = flash.Controller(REGION, BASE, UNIT)
    made.store(flash.CONFIG, mode)
    return made


def try_controller(check):
    c = controller(flash.WRITE)
    check(c.store(BASE + 64, 0x0000FFFF),
          flash.Change("word", 64, b"\xff" * 4, b"\xff\xff\x00\x00"), "a word")
    check(c.store(BASE + 64, 0xFFFF1234).after, b"\x34\x12\x00\x00",
          "a second program only clears bits")
    check(c.store(BASE + 64, 0xFFFFFFFF), None, "a word that changes nothing")
    check(c.store(flash.ERASEPAGE, BASE), None, "an erase that is not enabled")
    c = controller(flash.ERASE)
    check(c.store(flash.ERASEPAGE, BASE + 20),
          flash.Change("erase", 0, bytes(64), b"\xff" * 64), "an erase, of its page")
    check(c.region, b"\xff" * 128, "after it")
    check(c.store(flash.ERASEPAGE, BASE), None, "an erase of a blank page")
    check(raises(flash.Wrong, c.store, BASE + 64, 0), True, "a program while erasing")
    check(raises(flash.Wrong, c.store, flash.ERASEPAGE, BASE + 128), True,
          "an erase elsewhere")
    c = controller(flash.WRITE)
    check(raises(flash.Wrong, c.store, BASE - 4, 0), True, "a program elsewhere")
    check(raises(flash.Wrong, controller(flash.READ).store, BASE + 64, 0), True,
          "a program that is not enabled")
    check(c.store(0x20000000, 0), None, "a store to RAM")


# ---- what a power failure leaves ---------------------------------------------------

WORD = flash.Change("word", 8, bytes.fromhex("fffffff0"), bytes.fromhex("0fa500f0"))
PAGE = flash.Change("erase", 0, bytes(range(32)) + b"\xff" * 32, b"\xff" * 64)


def between(change, data):
    """Is each bit as it was before, or as it is after?"""
    return all((d & (b ^ a ^ 0xFF)) == (b & (b ^ a ^ 0xFF))
               for b, a, d in zip(change.before, change.after, data))


def all_variants(change, seed):
    return flash.variants(random.Random(seed), change, 8, 8)


def try_words(check):
    for seed in SEEDS:
        made = all_variants(WORD, seed)
        check({v.name for v in made}, {"torn", "neighbour", "wavers", "seems done"},
              "kinds of torn words")
        check(all(between(WORD, v.first) and between(WORD, v.second)
                  for v in made if v.name != "neighbour"), True, "its own bits")
        check(all(v.first not in (WORD.before, WORD.after)
                  for v in made if v.name == "torn"), True, "neither none nor all")
        more = [v for v in made if v.name == "neighbour"]
        check(all(not between(WORD, v.first) for v in more), True, "one bit is not")
        check(all(v.first == WORD.after != v.second
                  for v in made if v.name == "seems done"), True, "seems done")
    check(all_variants(WORD, 1), all_variants(WORD, 1), "the same seed")
    one = flash.Change("word", 0, b"\xff\xff\xff\xff", b"\xfe\xff\xff\xff")
    check([v.name for v in all_variants(one, 1)], ["neighbour"] * 2,
          "a single bit cannot be torn, but its neighbour can")


def try_pages(check):
    for seed in SEEDS:
        made = all_variants(PAGE, seed)
        check({v.name for v in made}, {"half", "all but one word", "half, wavers",
                                       "seems blank"}, "kinds of cut erases")
        check(all(between(PAGE, v.first) and between(PAGE, v.second)
                  for v in made), True, "bits of before, or blank")
        kept = [v.first for v in made if v.name == "all but one word"]
        check({sum(d[i:i + 4] != b"\xff" * 4 for i in range(0, 64, 4)) for d in kept},
              {1}, "all but one word")
        weak = [v for v in made if v.name == "seems blank"]
        check({v.first for v in weak} | {PAGE.after in {v.second for v in weak}},
              {PAGE.after, False}, "seems blank, and is not")


# ---- verdicts ----------------------------------------------------------------------

CASE = judge.Case(1, 2, "torn", REGION, None, None, {0, 1})
TORN = CASE._replace(first=(64, b"\x3f"), second=(64, b"\x7f"))
WELL = Answer("nrf52_jump", BASE, 1, True)
JOURNAL = (64, 32)
BOOTED = REGION[:64] + b"\x01" * 32 + REGION[96:]

# What the two starts come to, what the first one leaves; what is wrong with that.
STARTS = [
    (WELL, WELL, BOOTED, None),
    (WELL, WELL, REGION, None),
    (WELL._replace(release=2), WELL._replace(release=2), REGION, "wrong"),
    (WELL, WELL._replace(release=0), REGION, "wrong"),
    (WELL, WELL._replace(trial=False), REGION, "wrong"),
    (WELL, WELL, REGION[:96] + b"\0" + REGION[97:], "wrong"),
    (WELL, WELL, b"\xff" + REGION[1:], "wrong"),
    (WELL._replace(end="bootloader_halt"), WELL, REGION, "brick"),
    (WELL, WELL._replace(end="hangs"), REGION, "brick"),
    (WELL._replace(release=None), WELL, REGION, "brick"),
]


def try_verdicts(check):
    for first, second, left, kind in STARTS:
        found = judge.fault(CASE, JOURNAL, left, first, second)
        check(found and found[0], kind, f"verdict on {first}, {second}")
    check([judge.one_way(r) for r in ([], [0, 0, 1, 1, 2], [0, 1, 0], [0, 2])],
          [True, True, False, False], "one way")


def try_second_start(check):
    first = REGION[:64] + b"\x3f" + REGION[65:]
    check(judge.region_of(TORN), first, "a torn state")
    check(judge.changes_its_mind(REGION, CASE), REGION, "nothing to change")
    check(judge.changes_its_mind(first, TORN), REGION[:64] + b"\x7f" + REGION[65:],
          "a bit that changes its mind")
    check(judge.changes_its_mind(BOOTED, TORN), BOOTED, "not what was written since")


def try_show(check):
    whole = TORN._replace(base=judge.region_of(TORN), first=None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.json"
        show.save(path, "tail", judge.Finding("brick", "why", TORN))
        check(show.load(path), (whole, "tail"), "saved and read again")
    check(list(show.runs(REGION, BOOTED)), [(64, 8)], "runs of words")


# ---- the debugger ------------------------------------------------------------------


def try_gdb(check):
    check(gdb.packet("Z1,2,2"), b"$Z1,2,2#47", "a packet and its sum")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        client = gdb.Gdb.__new__(gdb.Gdb)
        client.sock, client.kept, client.patience_s = ours, b"", 5
        theirs.sendall(b"+$T05thread:01;#07+$O")
        check(client.stopped(5), True, "a stop")
        theirs.sendall(b"K#9a")
        check(client.ask("Z1,0,2"), "OK", "an answer in two pieces")
        check(client.stopped(0), False, "no stop")


# str r1, [r0]; str r3, [r2, #4]; str r5, [r0, r4]; strb r1, [r0]; ldr r1, [r0]
OPCODES = [(0x6001, 1), (0x6053, 3), (0x5105, 5), (0x7001, None), (0x6801, None)]


def try_opcodes(check):
    for code, register in OPCODES:
        check(walk.stored_register(code), register, f"opcode {code:#06x}")


def main():
    outcome = Report()

    def check(got, wanted, what):
        wrong = [] if got == wanted else [(what, f"{got}, not {wanted}")]
        outcome.check(wrong)
    for attempt in (try_controller, try_words, try_pages, try_verdicts,
                    try_second_start, try_show, try_gdb, try_opcodes):
        attempt(check)
    outcome.end()


if __name__ == "__main__":
    main()
