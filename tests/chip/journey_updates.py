# SPDX-License-Identifier: Apache-2.0
"""Journeys of sound updates: carried, confirmed, attested, one after another, and with
phones and batteries that fail on the way."""
import os
from pathlib import Path

import words
from desk import Skipped, expect
from journey import journey

FIRMWARE = Path(os.environ.get("FERRY_FIRMWARE_DIR", words.ROOT.parent / "shared" /
                               "firmware"))
REAL = FIRMWARE / "microbit-micropython-2.1.0.bin"

LOST_MAX = 2 * 4096 + 16 * 128  # bytes by a power cut: two blocks, what is in flight
CHUNK_COST = 1.15  # bytes on the cable for one of the image, about


@journey
def an_update_is_carried_confirmed_and_attested(desk):
    with desk.chip() as chip:
        chip.runs("1.0.0", bank=0)
        desk.updates(chip, "1.1.0", bank=1)
        expect(chip.starts == ["power", "software", "power"], f"starts: {chip.starts}")


@journey
def update_follows_update_and_the_last_one_stays_as_the_way_back(desk):
    with desk.chip() as chip:
        chip.runs("1.0.0", bank=0)
        for version, bank, before in (("1.1.0", 1, "1.0.0"), ("1.2.0", 0, "1.1.0")):
            desk.updates(chip, version, bank)
            expect(chip.holds(1 - bank, desk.bench.content(before, 1 - bank)),
                   f"{before} is gone")
        said = desk.bench.push(chip, *desk.bench.release("1.2.0")).verdict()
        expect(said["result"] == "running", f"offered again: {said['result']}")
        desk.says(chip, updates=2, rollbacks=0, hash_errors=0, block_errors=0)


@journey
def a_confirmed_image_writes_nothing_when_it_starts(desk):
    with desk.chip() as chip:
        chip.runs("1.0.0")
        desk.updates(chip, "1.1.0", bank=1)
        before = chip.flash()
        for _ in range(50 if desk.every else 5):
            chip.cut()
            chip.power()
            chip.runs("1.1.0", bank=1)
        expect(chip.flash() == before, "it wrote")


def far(desk, chip, push, least, most):
    """Waits until that share of an image of 1.1.0 has gone over the cable, a random one
    between the two."""
    size = len(desk.bench.content("1.1.0", 1)) * CHUNK_COST
    share = desk.random.uniform(least, most)
    until = chip.wire.to_chip + share * size
    chip.wait(f"{share:.0%} of the image", lambda _: chip.wire.to_chip >= until
              or not push.runs())
    expect(push.runs(), "ferry push ended before its battery could")


@journey
def a_battery_pulled_in_mid_transfer_costs_two_blocks(desk):
    with desk.chip() as chip:
        chip.runs("1.0.0")
        push = desk.bench.push(chip, *desk.bench.release("1.1.0"))
        cuts = 12 if desk.every else 3
        for _ in range(cuts):
            far(desk, chip, push, 0.05, 0.25 if cuts == 3 else 0.06)
            chip.cut()
            chip.power()
            chip.runs("1.0.0", bank=0)
        said = desk.installs(push)
        lost = said["image_bytes_sent"] - said["image_bytes"]
        expect(lost <= cuts * LOST_MAX, f"{cuts} cuts cost {lost} bytes")
        chip.runs("1.1.0", bank=1, trial=1)
        desk.says(chip, outcome="confirmed", block_errors=0, hash_errors=0)
        return f"{cuts} cuts cost {lost} bytes of {said['image_bytes']}"


@journey
def what_a_killed_phone_brought_the_next_one_need_not(desk):
    with desk.chip() as chip:
        chip.runs("1.0.0")
        left = len(desk.bench.content("1.1.0", 1))
        for _ in range(3 if desk.every else 1):  # a minute each: the chip waits for it
            before = chip.wire.to_chip
            push = desk.bench.push(chip, *desk.bench.release("1.1.0"))
            far(desk, chip, push, 0.25, 0.3)
            push.kill()
            left -= (chip.wire.to_chip - before) / CHUNK_COST
        sent = desk.carries(chip, "1.1.0")["image_bytes_sent"]
        expect(sent < left + LOST_MAX, f"{sent} bytes sent, {left:.0f} were wanting")
        chip.runs("1.1.0", bank=1, trial=1)
        desk.says(chip, outcome="confirmed", block_errors=0)
        return f"the last phone sent {sent} bytes"


@journey
def a_reset_in_mid_transfer_is_no_end_of_it(desk):
    with desk.chip() as chip:
        chip.runs("1.0.0")
        push = desk.bench.push(chip, *desk.bench.release("1.1.0"))
        for cause in ("pin", "watchdog", "software"):
            far(desk, chip, push, 0.05, 0.2)
            chip.reset(cause)
            chip.runs("1.0.0", bank=0)
        desk.installs(push)
        chip.runs("1.1.0", bank=1, trial=1)
        desk.says(chip, outcome="confirmed")


@journey
def an_update_with_a_real_image_in_it_is_carried_and_confirmed(desk):
    if not REAL.is_file():
        raise Skipped(f"{REAL.name} is not here (FERRY_FIRMWARE_DIR)")
    with desk.chip() as chip:
        chip.runs("1.0.0", bank=0)
        # 1.1.0, and behind it a whole product's firmware, as for a second processor.
        whole = desk.bench.content("1.1.0", 1) + REAL.read_bytes()
        image = desk.bench.folder / "whole.bin"
        image.write_bytes(whole + b"\xff" * (-len(whole) % 4))
        said = desk.installs(desk.bench.push(chip, desk.bench.sign("1.1.0", 1,
                                                                   image=image)))
        chip.runs("1.1.0", bank=1, trial=1)
        desk.says(chip, version="1.1.0", outcome="confirmed")
        expect(chip.holds(1, image.read_bytes()), "bank 1 holds something else")
        return f"{said['image_bytes']} bytes in {said['milliseconds'] / 1000:.1f} s"
