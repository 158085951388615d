# SPDX-License-Identifier: Apache-2.0
"""Journeys with the battery pulled at random instants of what decides an update: its last
check, its commit, the first start on trial, the confirm. Whatever comes up is old or new,
the same twice, and the update can be finished. tests/chip/cut does this by instruction;
here it is by the clock, with the real images and the real signature."""
import collections
import time

from desk import expect
from journey import journey

INSTANT_MAX_S = 1.5  # behind the beginning of a phase; longer than each of them takes
# The early ones are likelier: that is where the phases are short.


def nearly_there(desk):
    """The flash of a chip that lost its power with most of 1.1.0 in it."""
    with desk.chip() as chip:
        chip.runs("1.0.0")
        push = desk.bench.push(chip, *desk.bench.release("1.1.0"))
        most = desk.bench.image("1.1.0", 1).stat().st_size * 0.9
        chip.wait("most of it", lambda _: chip.wire.to_chip > most)
        chip.cut()
        push.kill()
        return chip.flash()


def to_last_checks(desk, chip, push):
    """From the hash over the whole image to the commit record and the reset."""
    del desk
    chip.wait("the last checks", lambda told: told.state in
              ("HASHING", "GATING", "COMMITTING", "COMMITTED") or len(chip.starts) > 1)
    return push


def to_first_start(desk, chip, push):
    """From the reset to the application on trial."""
    del desk
    push.verdict()
    chip.wait("the first start", lambda _: len(chip.starts) > 1)
    return push


def to_confirm(desk, chip, push):
    """From the first courier that the image on trial hears."""
    push.verdict()
    chip.runs("1.1.0", trial=1)
    return desk.bench.push(chip, report=True)


def where(chip):
    """What is going on, in a word."""
    told = chip.status()
    if told is None or told.who == "BOOTLOADER":
        return "bootloader"
    return told.state.lower() if told.version == "1.0.0" else f"trial {told.trial}"


def cut_once(desk, flash, lead):
    """Returns where it was cut, and what came up then."""
    with desk.chip(flash=flash) as chip:
        chip.runs("1.0.0")
        phone = lead(desk, chip, desk.bench.push(chip, *desk.bench.release("1.1.0")))
        time.sleep(desk.random.uniform(0, INSTANT_MAX_S) ** 2)  # the instant, no wait
        at = where(chip)
        chip.cut()
        phone.kill()
        chip.power()
        up = desk.boots_the_same(chip, "1.0.0", "1.1.0")
        if up == "1.0.0":
            desk.carries(chip, "1.1.0")
        chip.runs("1.1.0", bank=1)
        desk.says(chip, version="1.1.0", outcome="confirmed", rollbacks=0)
        return at, up


def cut_often(desk, lead):
    flash = nearly_there(desk)
    seen = collections.Counter()
    for _ in range(60 if desk.every else 4):
        at, up = cut_once(desk, flash, lead)
        seen[f"{at} -> {up}"] += 1
    return ", ".join(f"{count} x {what}" for what, count in sorted(seen.items()))


@journey
def a_battery_pulled_in_the_last_checks_leaves_old_or_new(desk):
    return cut_often(desk, to_last_checks)


@journey
def a_battery_pulled_in_the_first_start_leaves_old_or_new(desk):
    return cut_often(desk, to_first_start)


@journey
def a_battery_pulled_in_the_confirm_leaves_old_or_new(desk):
    return cut_often(desk, to_confirm)
