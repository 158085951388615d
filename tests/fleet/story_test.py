#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The story of `./dev fleet` where it can be shown without QEMU and without waiting: a
machine that lacks the firmware's tools, a wire that never leads to a stranger, kills
that count only in mid-transfer, and waits that end when what they are for has come.

usage: story_test.py FERRY-CROWD
"""
import contextlib
import os
import sqlite3
import sys
import tempfile
import types
from pathlib import Path
from unittest import mock

sys.dont_write_bytecode = True

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples" / "fleet" / "story"))
sys.path.insert(0, str(ROOT / "tests" / "house"))

import firmware  # noqa: E402
import qemu_board  # noqa: E402
import qemu_tale  # noqa: E402
import stage  # noqa: E402
import story  # noqa: E402
from house import Report  # noqa: E402
from stage import kit  # noqa: E402

IMAGE = 80000
TERMINAL = "/dev/pts/of-the-board"


def tale(folder, on=None):
    """One with a story that writes down what it is told."""
    heard = types.SimpleNamespace(said=[], troubles=[])
    made = qemu_tale.QemuTale(
        on, folder, 1, heard.said.append,
        lambda holds, what: None if holds else heard.troubles.append(what))
    return made, heard


def step(*command):
    return firmware.steps.Step("it", True, False, 1, lambda: list(command))


# ---- without firmware ----------------------------------------------------------------


def who_lacks_a_tool_is_told_its_package_and_goes_on(check, folder):
    with mock.patch.multiple(firmware.steps, TOOLS={"no-such-compiler": "its-package"}):
        made, heard = tale(folder)
        made.run()
    check(made.told["devices"], 0, "devices in QEMU")
    check("no-such-compiler (package its-package)" in made.told["why"], True, "the why")
    check((len(heard.said), heard.troubles), (1, []), "lines and troubles")
    check(list(folder.iterdir()), [], "nothing was built")


def who_cannot_have_the_source_goes_on(check, folder):
    with mock.patch.multiple(firmware.steps, TOOLS={},
                             sodium_step=lambda _: step("false")):
        made, heard = tale(folder)
        made.run()
    check(made.told["devices"], 0, "devices in QEMU")
    check((len(heard.said), heard.troubles), (1, []), "lines and troubles")


def firmware_that_does_not_compile_is_a_trouble(check, folder):
    with mock.patch.multiple(firmware.steps, TOOLS={}, sodium_step=lambda _: step(),
                             mps2_steps=lambda _: [step("true"), step("false")]):
        made, heard = tale(folder)
        made.run()
    check(made.told, None, "what came of it")
    check(["it failed" in what for what in heard.troubles], [True], "troubles")


# ---- the board -----------------------------------------------------------------------


def fake_qemu(folder):
    """In QEMU's place: names a terminal, and stays."""
    program = folder / qemu_board.mps2.QEMU
    program.write_text(f"#!/bin/sh\necho $$ > {folder}/pid\n"
                       f"echo 'char device redirected to {TERMINAL} (label serial0)'\n"
                       "sleep 600\n")
    program.chmod(0o755)


def runs(pid):
    """What was killed may wait as a zombie for a parent that is in no hurry."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except OSError:
        return False
    return state not in "ZX"


def a_board_without_power_has_no_wire(check, folder):
    fake_qemu(folder)
    board = qemu_board.QemuBoard(
        types.SimpleNamespace(folder=folder, running=[]), folder)
    with mock.patch.dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}"):
        for _ in range(2):
            board.on()
            check(str(board.air.readlink()), TERMINAL, "the wire")
            pid = int((folder / "pid").read_text())
            check(runs(pid), True, "QEMU with power")
            board.kill()
            check(board.air.is_symlink(), False, "a wire without a board")
            check(runs(pid), False, "QEMU itself, behind its timeout")


# ---- the transfer --------------------------------------------------------------------


class FakeBoard:
    """Counts what is done to it."""

    def __init__(self, folder):
        self.file = folder / "image"
        self.file.write_bytes(bytes(IMAGE))
        self.done = []

    def image(self, _):
        return self.file

    def on(self):
        self.done.append("on")

    def kill(self):
        self.done.append("kill")


def carrying(folder, *lines):
    """A tale whose phone has said these lines of a transfer, and ended."""
    made, heard = tale(folder)
    made.board = FakeBoard(folder)
    made.phone = kit.Talker("phone", ["printf", "%s\\n", *lines, "phone near"])
    made.phone.reader.join()
    made.phone.kill = made.phone.end
    return made, heard


def percents(*numbers):
    return [f"phone carry percent={number} rate=0 left_s=-1" for number in numbers]


def installed(sent):
    return f"phone carried q1/air installed err=ok sent={sent}"


def view(kinds=("statement",)):
    return {"state": {"outcome": "confirmed"},
            "history": [{"kind": kind} for kind in kinds]}


def a_kill_counts_for_the_transfer_only_before_its_end(check, folder):
    none = "in QEMU: no kill came in mid-transfer"
    for ends, in_transfer, troubles in (([], 1, []), ([installed(IMAGE)], 0, [none])):
        made, heard = carrying(folder, *percents(0, 30), *ends)
        made.kill()
        check((made.kills, made.in_transfer), (1, in_transfer), "kills")
        check(made.board.done, ["kill", "on"], "what was done to the board")
        with mock.patch.object(made.phone, "lines", [kit.Line(installed(IMAGE))]):
            made.account(view())
        check(heard.troubles, troubles, "troubles")


def a_transfer_is_waited_for_to_its_place_and_no_further(check, folder):
    made, _ = carrying(folder, *percents(0, 30, 60))
    check([made.has_carried(20), made.phone.seen], [True, 2], "20 %")
    check([made.has_carried(60), made.phone.seen], [True, 3], "60 %")


def a_transfer_that_was_quicker_than_the_kill_is_over(check, folder):
    made, _ = carrying(folder, *percents(0, 1), installed(IMAGE))
    made.carry()
    check((made.kills, made.board.done), (0, []), "kills")


def a_lost_visit_is_not_the_end(check, folder):
    for end, wanted in (("lost", False), ("installed", True), ("running", True)):
        line = kit.Line(f"phone carried {folder.name}/air {end} err=ok sent=9")
        check(qemu_tale.is_over([line]), wanted, end)


def bytes_are_summed_over_visits_and_held_to_the_kills(check, folder):
    most = IMAGE + qemu_tale.LOST_MAX
    for sent, wanted in (((IMAGE - 100, 100), 0), ((IMAGE, most - IMAGE), 0),
                         ((IMAGE, most - IMAGE + 1), 1), ((IMAGE - 101, 100), 1)):
        made, heard = carrying(
            folder, f"phone carried q1/air lost err=ok sent={sent[0]}",
            installed(sent[1]))
        made.in_transfer = 1
        told = made.account(view(("offer", "statement", "statement")))
        check(told["image bytes sent"], sum(sent), "bytes")
        check(told["statements counted"], 2, "statements")
        check(len(heard.troubles), wanted, f"troubles with {sent}")


# ---- what the server knows -----------------------------------------------------------


def what_is_waited_for_must_be_new_and_of_that_version(check, folder):
    says = [None, *({"version": v, "counter": c, "outcome": o} for v, c, o in (
        ("1.0.0", 9, "confirmed"), ("1.1.0", 2, "confirmed"), ("1.1.0", 3, "trial"),
        ("1.1.0", 4, "confirmed")))]
    made, _ = tale(folder, types.SimpleNamespace(
        ask=lambda *_: {"state": says.pop(0)}))
    with mock.patch.multiple(qemu_tale, LOOK_S=0):
        got = made.heard("1.1.0", "confirmed", after=2)
    check((got["state"]["counter"], says), (4, []), "the statement that is taken")


def habits_are_known_from_three_gaps_on(check, folder):
    with contextlib.closing(sqlite3.connect(folder / "fleet.db")) as db:
        db.execute("CREATE TABLE devices (no, class, hw_rev)")
        db.execute("CREATE TABLE states (device, hours, version, grave)")
        ours = bytes.fromhex(stage.hexed(stage.CLASS))
        for no, hours, of, hw_rev, version in (
                (1, b"\x0f", ours, 4, 0x01010000), (2, b"\x07\0", ours, 1, 0x01010000),
                (3, b"\1\x80\1\1", ours, 4, 0x01020002), (4, b"\xff", b"another", 1, 0),
                (5, b"\xff", ours, 5, 0x01010000)):
            db.execute("INSERT INTO devices VALUES (?, ?, ?)", (no, of, hw_rev))
            db.execute("INSERT INTO states VALUES (?, ?, ?, ?)",
                       (no, hours, version, 0x01010000 * (no == 3)))
        db.commit()
    here = stage.Stage.__new__(stage.Stage)
    here.folder = folder
    check(here.known(), 2, "devices whose habits are known")
    check(here.who_say("version", "1.1.0"), {1, 2}, "who run it")
    check(here.who_say("version", "1.1.0", 4), {1}, "who run it, of a revision")
    check(here.who_say("version", "1.2.2", 4), {3}, "who are healed")
    check(here.who_say("grave", "1.1.0"), {3}, "who fled from it")


def a_wait_ends_when_it_holds_or_when_its_hours_are_over(check, _):
    made = story.Story.__new__(story.Story)
    made.args = types.SimpleNamespace(hour_seconds=1)
    answers = [0, 0, 7]
    check(made.comes("it", lambda: answers.pop(0), 3600), 7, "what came")
    check(made.comes("it", lambda: None, 0), None, "what never came")


def it_is_healed_when_most_who_fell_and_most_who_were_offered_say_so(check, _):
    made = story.Story.__new__(story.Story)
    made.offered = 50
    fell = set(range(10))
    for good, bad, wanted in ((range(8), range(10, 42), True), (range(8), range(10, 41),
                              False), (range(1, 8), range(10, 60), False)):
        says = {story.GOOD: set(good), story.BAD: set(bad)}
        made.s = types.SimpleNamespace(who_say=lambda _, version, s=says: s[version])
        check(made.is_healed(fell), wanted, f"{good}, {bad}")
    made.s = types.SimpleNamespace(who_say=lambda *_: set(range(60)))
    check(made.is_healed(set()), False, "nobody fell")


def a_canary_that_chance_alone_makes_small_is_not_few(check, _):
    check([round(story.few(n)) for n in (200, 1000)], [62, 387], "few")


# ---- the crowd -----------------------------------------------------------------------


def a_phone_of_the_crowd_has_devices_of_several_revisions(check, folder):
    listed = stage.run(sys.argv[1], "--class", stage.CLASS, "--devices", 200, "--seed", 1,
                       "--csv", folder / "crowd.csv")
    check(listed, "", "what it says")
    rows = (folder / "crowd.csv").read_text().splitlines()[1:]
    revisions = [row.split(",")[3] for row in rows]
    check(len(revisions), 200, "devices")
    check(sum(len(set(revisions[phone::40])) > 1 for phone in range(40)), 40, "phones")


def main():
    report = Report()

    def check(got, wanted, what):
        report.check([] if got == wanted else [(what, f"{got}, not {wanted}")])
    for test in (who_lacks_a_tool_is_told_its_package_and_goes_on,
                 who_cannot_have_the_source_goes_on,
                 firmware_that_does_not_compile_is_a_trouble,
                 a_board_without_power_has_no_wire,
                 a_kill_counts_for_the_transfer_only_before_its_end,
                 a_transfer_is_waited_for_to_its_place_and_no_further,
                 a_transfer_that_was_quicker_than_the_kill_is_over,
                 a_lost_visit_is_not_the_end,
                 bytes_are_summed_over_visits_and_held_to_the_kills,
                 what_is_waited_for_must_be_new_and_of_that_version,
                 habits_are_known_from_three_gaps_on,
                 a_wait_ends_when_it_holds_or_when_its_hours_are_over,
                 it_is_healed_when_most_who_fell_and_most_who_were_offered_say_so,
                 a_canary_that_chance_alone_makes_small_is_not_few,
                 a_phone_of_the_crowd_has_devices_of_several_revisions):
        with tempfile.TemporaryDirectory(prefix="ferry-story-") as folder:
            test(check, Path(folder))
    report.end()


if __name__ == "__main__":
    main()
