# SPDX-License-Identifier: Apache-2.0
"""Journeys with the battery pulled at random instants of what decides an update: its
last check, its commit, the first start on trial, the confirm. Whatever comes up is
old or new, the same twice, and the update can be finished. tests/chip/cut does this
by instruction; here it is by the clock, with the real images and the real signature."""
import collections
import time

from desk import expect
from journey import journey

CUTS, ALL_CUTS = 4, 60
LOOK_S = 0.001  # some of what is waited for is over in a few milliseconds
LAST_CHECKS = ("HASHING", "GATING", "COMMITTING", "COMMITTED")


def nearly_there(desk):
    """The flash of a chip that lost its power with most of 1.1.0 in it."""
    with desk.chip() as chip:
        chip.runs("1.0.0")
        push = desk.bench.push(chip, *desk.bench.release("1.1.0"))
        most = len(desk.bench.content("1.1.0", 1)) * 0.9
        chip.wait("most of it", lambda _: chip.wire.to_chip > most)
        chip.cut()
        push.kill()
        return chip.flash()


def a_while(desk, most_s):
    """The instant itself: chance, and no wait for anything."""
    time.sleep(desk.random.uniform(0, most_s))


def in_last_checks(desk, chip, push, turn):
    """Each time in another one of them."""
    wanted = LAST_CHECKS[turn % len(LAST_CHECKS):]
    chip.wait(wanted[0], lambda told: told.state in wanted or len(chip.starts) > 1,
              look_s=LOOK_S)
    a_while(desk, 0.03)
    return push


def in_first_start(desk, chip, push, turn):
    """By turns in the bootloader, which ticks and verifies, and in the new image."""
    push.verdict()
    late = ("APP",) if turn % 2 else ("BOOTLOADER", "APP")
    chip.wait("the first start", lambda told: len(chip.starts) > 1 and told.who in late,
              look_s=LOOK_S)
    a_while(desk, 0.3 if turn % 2 else 0.1)
    return push


def in_confirm(desk, chip, push, turn):
    """Around the first courier that the image on trial hears, by turns before and after
    its confirm."""
    push.verdict()
    chip.runs("1.1.0", trial=1)
    report = desk.bench.push(chip, report=True)
    if turn % 2:
        chip.wait("the confirm", lambda told: told.trial != 1, look_s=LOOK_S)
    a_while(desk, 0.2)
    return report


def where(chip):
    """What is going on, in a word."""
    told = chip.status()
    if told is None or told.who == "BOOTLOADER":
        return "bootloader"
    return told.state.lower() if told.version == "1.0.0" else f"trial {told.trial}"


def cut_once(desk, flash, lead, turn):
    """Returns where it was cut, and what came up then."""
    with desk.chip(flash=flash) as chip:
        chip.runs("1.0.0")
        push = desk.bench.push(chip, *desk.bench.release("1.1.0"))
        phone = lead(desk, chip, push, turn)
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
    for turn in range(ALL_CUTS if desk.every else CUTS):
        at, up = cut_once(desk, flash, lead, turn)
        seen[f"{at} -> {up}"] += 1
    return ", ".join(f"{count} x {what}" for what, count in sorted(seen.items()))


@journey
def a_battery_pulled_in_the_last_checks_leaves_old_or_new(desk):
    return cut_often(desk, in_last_checks)


@journey
def a_battery_pulled_in_the_first_start_leaves_old_or_new(desk):
    return cut_often(desk, in_first_start)


@journey
def a_battery_pulled_in_the_confirm_leaves_old_or_new(desk):
    return cut_often(desk, in_confirm)
