#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real processes, real kills: a board, its images and phones, through what they have to
survive. Nothing here depends on how fast the machine is; what waits, waits long.

usage: board_test.py BUILD [SCENARIO...]
"""
import os
import signal
import struct
import sys
import time

sys.dont_write_bytecode = True

from scene import SLOW, Scene, expect, run_scenes  # noqa: E402
from kit import (BANKS, BLOCK, HEADER, IMAGE_MAX, LINKS, PATIENCE_S,  # noqa: E402
                 Unexpected, bank_holds, flip)

SCENES = []


def scene(body):
    """A test: its name is the sentence that must hold."""
    SCENES.append(body)
    return body


# ---- phones and batteries -----------------------------------------------------------


@scene
def a_killed_phone_costs_nothing_that_was_acked(bench):
    s = Scene(bench, SLOW)
    s.power("1.0.0")
    acked = 0
    for percent in (20, 45, 70):
        phone = s.phone("1.1.0", mtu=23)
        begun = phone.wait("phone accepted")
        expect(begun["acked"] >= acked, f"{acked} were acked, but it goes on at "
               f"{begun['acked']}")
        s.far(phone, percent)
        phone.kill()
        acked = phone.last()["acked"]
    s.carried(s.phone("1.1.0"))
    s.board.runs("1.1.0", bank=1, trial=1)
    s.says(version="1.1.0", outcome="confirmed", block_errors=0, hash_errors=0)
    s.quiet()
    expect(bank_holds(s.folder, 1, s.bench.image("1.1.0", 1)), "bank 1 differs")


@scene
def a_battery_pulled_mid_transfer_costs_two_blocks(bench):
    s = Scene(bench, SLOW)
    s.power("1.0.0")
    phone = s.phone("1.1.0", mtu=23)
    phone.wait("phone accepted")
    for percent in (20, 45, 70):
        s.far(phone, percent)
        expect(s.board.kill() == -9, "the board was not killed")
        s.power("1.0.0", bank=0)
        begun = phone.wait("phone accepted")
        acked = phone.told_before(begun)["acked"]
        expect(begun["acked"] >= acked - 2 * BLOCK,
               f"{acked} were acked, but it goes on at {begun['acked']}")
    s.carried(phone)
    s.board.runs("1.1.0", bank=1, trial=1)
    s.says(version="1.1.0", outcome="confirmed")
    s.quiet()
    expect(bank_holds(s.folder, 1, s.bench.image("1.1.0", 1)), "bank 1 differs")


def nearly_there(s):
    """A board that lost its battery with most of 1.1.0 in its flash."""
    s.power("1.0.0")
    s.board.fuse("bank 1", "halfway", 280)
    phone = s.phone("1.1.0")
    expect(s.board.end() == -9, "the battery did not fall out")
    phone.kill()
    return s.folder


def cut_once(s, folder, journal, moment, operation):
    """Finish that update, with a battery that falls out in the n-th operation on a
    journal. False: there were not so many."""
    s.power("1.0.0", folder)
    s.board.fuse(f"{journal} journal", moment, operation)
    phone = s.phone("1.1.0")
    try:
        s.board.runs("1.1.0", trial=1)
        asker = s.bench.phone(s.board, None, True)  # who lets it confirm
        while asker.process.poll() is None and s.board.process.poll() is None:
            time.sleep(0.01)
        if s.board.process.poll() is None:
            asker.verdict()
            s.carried(phone)
            s.board.off()
            return False
        asker.kill()
    except Unexpected:  # the board had gone before it was up
        pass
    expect(s.board.end() == -9, "the battery did not fall out")
    s.board = s.bench.power(folder)
    line = s.board.wait("image up")
    expect(line["version"] in ("1.0.0", "1.1.0"), f"{line['version']} came up")
    if journal == "boot" and moment == "after":
        expect(line["version"] == "1.1.0", "a commit was forgotten")
    code, why = phone.verdict()
    expect(code == 0 or why == "E_VERSION",  # the other bank's, and this runs already
           f"after a cut the update does not end well: {why}")
    if line["version"] == "1.0.0":
        s.board.runs("1.1.0")
    s.says(version="1.1.0", attempts=0)
    s.quiet()
    s.board.off()
    return True


def cut_everywhere(s, journal, least):
    folder = nearly_there(s)
    cuts = 0
    for moment in ("halfway", "after"):
        operation = 1
        while operation <= 40:
            name = f"{journal}-{moment}-{operation}"
            if not cut_once(s, s.bench.copy_board(folder, name), journal, moment,
                            operation):
                break
            cuts += 1
            operation += 1
    expect(cuts >= least, f"only {cuts} cuts were made in the {journal} journal")


@scene
def a_battery_pulled_in_commit_or_confirm_leaves_old_or_new(bench):
    cut_everywhere(Scene(bench), "app", 6)


@scene
def a_battery_pulled_while_the_bootloader_writes_leaves_old_or_new(bench):
    cut_everywhere(Scene(bench), "boot", 4)


@scene
def every_way_to_end_is_the_reset_that_the_bootloader_hears_of(bench):
    s = Scene(bench)
    s.power("1.0.0")
    for number, reset in ((signal.SIGSEGV, "soft"), (signal.SIGABRT, "soft"),
                          (signal.SIGTERM, "soft"), (signal.SIGKILL, "fault"),
                          (None, "power")):
        if number is None:
            s.board.order("battery")
        else:
            os.kill(s.board.status()["pid"], number)
        line = s.board.wait("boot bank=0")
        expect(line["reset"] == reset, f"{number}: {line['reset']}, not {reset}")
        s.board.runs("1.0.0")
    s.update("1.1.0", bank=1)
    expect(s.board.all("reset=planned"), "the update's reset was not a planned one")
    s.quiet()


# ---- images that fail ---------------------------------------------------------------


def rolled_back(s, version, sign, times=3, bites=0):
    s.power("1.0.0", bank=0)
    s.update(version, bank=1)
    s.board.runs("1.0.0", bank=0, trial=0)
    died = len(s.board.all(sign))
    expect(died == times, f"it had {died} attempts, not {times}")
    s.says(version="1.0.0", outcome="faults", of=version, rollbacks=1)
    s.refused(version, "E_TOMBSTONE")
    s.quiet(bites)


@scene
def an_image_that_crashes_is_rolled_back(bench):
    rolled_back(Scene(bench), "1.2.0", "image crashes")


@scene
def an_image_that_hangs_is_rolled_back(bench):
    s = Scene(bench)
    rolled_back(s, "1.2.1", "image hangs", bites=3)
    s.update("1.2.2", bank=1)
    s.says(version="1.2.2", outcome="confirmed", attempts=0)


@scene
def an_image_signed_for_the_wrong_bank_is_rolled_back(bench):
    s = Scene(bench)
    release = s.bench.release("1.1.0")
    (release / "bank0.ferry").unlink()
    s.bench.sign("1.1.0", 1, release / "bank1.ferry",
                 image=s.bench.image("1.1.0", 0))
    s.power("1.0.0", bank=0)
    s.carried(s.phone("1.1.0"))
    s.board.runs("1.0.0", bank=0, trial=0)
    wrong = s.board.all("it is linked for another bank")
    expect(len(wrong) == 3 and not s.board.all("image up version=1.1.0"),
           f"it noticed {len(wrong)} times")
    s.says(version="1.0.0", outcome="faults", of="1.1.0")


@scene
def a_deaf_image_is_rolled_back_without_a_tombstone(bench):
    s = Scene(bench)
    s.power("1.0.0")
    s.update("1.3.0", bank=1)
    for _ in range(3):
        s.board.order("skip 72")
        s.board.wait("why=expired")
        s.board.wait("image up")
    s.says(version="1.0.0", outcome="expired", of="1.3.0", attempts=0)
    code, why = s.phone("1.3.0", tap=True).verdict()
    expect(code == 0, f"offered again: {why}")
    s.quiet()


@scene
def an_image_that_falls_ill_after_its_confirm_gives_way(bench):
    s = Scene(bench)
    s.power("1.0.0")
    s.update("1.4.0", bank=1)
    s.says(version="1.4.0", outcome="confirmed")
    for fault in range(1, 6):
        s.board.order("skip 72")
        s.board.wait("image crashes")
        line = s.board.wait("image up")
        expect(line["version"] == ("1.4.0" if fault < 5 else "1.0.0"),
               f"after fault {fault} {line['version']} runs")
    s.says(version="1.0.0", outcome="crash-loop", of="1.4.0", rollbacks=1)
    s.refused("1.4.0", "E_TOMBSTONE")
    s.quiet()


@scene
def a_mad_image_cannot_erase_what_decides_what_boots(bench):
    s = Scene(bench)
    s.power("1.0.0")
    s.update("1.9.0", bank=1)
    s.says(version="1.9.0", outcome="confirmed")
    s.board.order("battery")
    s.board.runs("1.9.0", trial=0)
    s.says(version="1.9.0", outcome="confirmed", resets=0)
    mad = s.board.all("image went mad")
    expect([line["erased"] for line in mad] == [0, 0], f"erased: {[m.text for m in mad]}")
    expect(s.board.status()["rules"] == 10, "the chip did not refuse ten times")


# ---- banks that were edited ---------------------------------------------------------


@scene
def a_bank_edited_offline_never_runs(bench):
    s = Scene(bench)
    s.power("1.0.0")
    s.update("1.1.0", bank=1)
    s.says(version="1.1.0", outcome="confirmed")
    s.board.order("battery")  # so that the bootloader has seen the confirm
    s.board.runs("1.1.0", trial=0)
    s.board.off()
    for part, offset in (("image", HEADER + 5000), ("manifest", 40), ("signature", 180)):
        copy = s.bench.copy_board(s.folder, f"edited-{part}")
        flip(copy, BANKS[1] + offset)
        board = s.bench.power(copy)
        board.wait("an end", lambda line: "image up" in line or "board halted" in line)
        expect(not board.all("image up version=1.1.0"), f"ran with another {part}")
        expect(board.all("image up version=1.0.0"), f"no fallback: {part}")
        if part == "signature":  # which the engine need not check again, but the port
            expect(board.all("boot gate=E_SIG_FINAL"), "the last gate did not ring")
        board.off()
        flip(copy, BANKS[0] + offset)
        board = s.bench.power(copy)
        halt = board.wait("boot halt", lambda line: "halt" in line.fields)
        expect(halt["halt"] in ("E_HASH", "E_SIG_FINAL"), f"halts with {halt['halt']}")
        board.wait("board halted")
        expect(not board.all("image up"), f"ran with another {part} in both banks")
        board.off()


@scene
def a_half_received_bank_edited_offline_is_fetched_again(bench):
    s = Scene(bench)
    copy = s.bench.copy_board(nearly_there(s), "edited")
    flip(copy, BANKS[1] + HEADER + BLOCK + 100)
    s.power("1.0.0", copy)
    phone = s.phone("1.1.0")
    begun = phone.wait("phone accepted")
    expect(begun["verified"] <= BLOCK, f"{begun['verified']} bytes count as verified")
    s.carried(phone)
    s.board.runs("1.1.0", trial=1)
    expect(bank_holds(copy, 1, s.bench.image("1.1.0", 1)), "bank 1 differs")
    s.quiet()


# ---- the programs -------------------------------------------------------------------


def load_address(program):
    """Of the part of a fixed-address ELF file that begins at its first byte."""
    elf = program.read_bytes()
    wide = elf[4] == 2
    kind = struct.unpack_from("<H", elf, 16)[0]
    expect(elf[:4] == b"\x7fELF" and kind == 2, f"{program.name}: type {kind}, not EXEC")
    at, = struct.unpack_from("<Q" if wide else "<I", elf, 32 if wide else 28)
    size, count = struct.unpack_from("<HH", elf, 54 if wide else 42)
    for i in range(count):
        head = elf[at + i * size:at + (i + 1) * size]
        values = struct.unpack_from("<IIQQ" if wide else "<III", head)
        kind, offset, address = values[0], values[-2], values[-1]
        if kind == 1 and offset == 0:
            return address
    raise Unexpected(f"{program.name}: nothing is loaded from its start")


@scene
def every_image_fits_its_bank_and_stands_where_it_should(bench):
    images = list(bench.programs.glob("image-*-bank[01]"))
    expect(len(images) == 18, f"{len(images)} images")
    for image in images:
        size, bank = image.stat().st_size, int(image.name[-1])
        expect(size <= IMAGE_MAX, f"{image.name} has {size} bytes")
        expect(load_address(image) == LINKS[bank],
               f"{image.name} stands at {load_address(image):#x}")


@scene
def a_board_whose_images_run_from_a_file_updates_too(bench):
    s = Scene(bench)
    s.power("1.0.0", None, "--on-disk")
    s.update("1.1.0", bank=1)
    s.says(version="1.1.0", outcome="confirmed", resets=0)
    s.quiet()
    s.board.off()
    left = sorted(p.name for p in s.folder.iterdir() if p.name.startswith("image"))
    expect(not left, f"left behind: {left}")


@scene
def a_person_updates_the_board_with_ferry_push(bench):
    s = Scene(bench)
    s.power("1.0.0")
    release = sorted(bench.release("1.1.0").glob("*.ferry"))
    push = ("push", "--to", s.folder / "air", "--yes", "--clock", bench.speed,
            "--patience", PATIENCE_S * bench.speed,
            "--device-key", bench.folder / "device.pub")
    s.on_air()
    bench.tool(*push, *release)
    s.board.runs("1.1.0", bank=1, trial=1)
    bench.tool(*push, "--report")
    s.says(version="1.1.0", outcome="confirmed")
    s.quiet()


if __name__ == "__main__":
    sys.exit(run_scenes(SCENES))
