# SPDX-License-Identifier: Apache-2.0
"""Journeys of what must not get in, offered by a phone that looks at nothing. The chip
itself says why, with the very reason, and its flash stays what it was."""
import hashlib

import words
from bench import CLASS, HW_REV, OTHER
from desk import Skipped, expect
from journey import journey
from talk import Unexpected

OPEN = 0x08  # FERRY_HANDOFF_OPEN: not all that should be locked could be
NVMC_CONFIG, NVMC_WRITE = 0x4001E504, 1
LOCKED_BOOTLOADER = 0xFFFC  # the last word of its place


def refused(desk, error, artifact, confirmed="1.0.0"):
    """Offered twice, by a phone each; not one bit of flash changes for it."""
    with desk.chip() as chip:
        chip.runs("1.0.0", bank=0)
        if confirmed != "1.0.0":
            desk.updates(chip, confirmed, bank=1)
        before = chip.flash()
        for _ in range(2):
            desk.refuses(chip, artifact, error)
        expect(chip.flash() == before, "its flash is another one")
        desk.boots_the_same(chip, confirmed)


def edited(artifact, at, name, bits=1):
    """The same with bits of one byte changed."""
    data = bytearray(artifact.read_bytes())
    data[at] ^= bits
    out = artifact.with_name(f"{name}.ferry")
    out.write_bytes(data)
    return out


@journey
def an_image_of_a_stranger_is_refused(desk):
    refused(desk, "E_SIG", desk.bench.sign("1.1.0", 1, key="stranger"))


@journey
def a_forged_signature_is_refused(desk):
    sound = desk.bench.sign("1.1.0", 1)
    length = 12 + sound.read_bytes()[11] + 2  # of what is before the signature
    at = desk.random.randrange(length, length + 64)
    refused(desk, "E_SIG", edited(sound, at, f"forged-{at}"))


@journey
def a_manifest_with_another_hash_is_refused(desk):
    sound = desk.bench.sign("1.1.0", 1)
    digest = hashlib.sha256(desk.bench.content("1.1.0", 1)).digest()
    at = sound.read_bytes().index(digest) + desk.random.randrange(len(digest))
    refused(desk, "E_SIG", edited(sound, at, f"changed-{at}"))


@journey
def an_older_version_is_refused(desk):
    refused(desk, "E_VERSION", desk.bench.sign("1.0.0", 0, hw="3"), confirmed="1.1.0")


@journey
def a_newer_version_below_the_floor_is_refused(desk):
    refused(desk, "E_FLOOR", desk.bench.sign("1.1.0", 1, sec_ctr=0))


@journey
def an_image_for_another_hardware_revision_is_refused(desk):
    refused(desk, "E_HW", desk.bench.sign("1.1.0", 1, hw=f"{HW_REV + 1}-9"))


@journey
def an_image_linked_for_the_other_bank_is_refused(desk):
    refused(desk, "E_LINK", desk.bench.sign("1.1.0", 0))


@journey
def an_image_for_another_device_is_refused(desk):
    refused(desk, "E_DEVICE", desk.bench.sign("1.1.0", 1, more=("--device", OTHER)))


@journey
def an_image_for_another_product_is_refused(desk):
    expect(OTHER != CLASS, "the other product is this one")
    refused(desk, "E_CLASS", desk.bench.sign("1.1.0", 1, class_id=OTHER))


def never_runs(desk, chip, artifact, error):
    """Its envelope is genuine, so it is accepted; then what arrives is no match."""
    phone = desk.bench.phone(chip, artifact)
    phone.wait(error, lambda line: line["err"] == error)
    phone.kill()
    expect(chip.starts == ["power"], f"it was started: {chip.starts}")
    desk.boots_the_same(chip, "1.0.0")


@journey
def a_right_manifest_over_another_image_never_runs(desk):
    with desk.chip() as chip:
        chip.runs("1.0.0", bank=0)
        sound = desk.bench.sign("1.1.0", 1)
        size = sound.stat().st_size
        at = size - desk.random.randrange(1, len(desk.bench.content("1.1.0", 1)))
        never_runs(desk, chip, edited(sound, at, f"image-{size - at}"), "E_BLOCK")
        desk.updates(chip, "1.1.0", bank=1)


@journey
def a_right_manifest_over_another_block_table_never_runs(desk):
    with desk.chip() as chip:
        chip.runs("1.0.0", bank=0)
        sound = desk.bench.sign("1.1.0", 1)
        table = 12 + sound.read_bytes()[11] + 66  # behind the envelope
        never_runs(desk, chip, edited(sound, table + 3, "table"), "E_BLOCKS")
        desk.updates(chip, "1.1.0", bank=1)


def store(chip, address, value):
    """As a program gone mad would: opens the flash controller and writes."""
    with chip.lock:
        chip.machine.set_word(NVMC_CONFIG, NVMC_WRITE)
        chip.machine.set_word(address, value)
        chip.machine.set_word(NVMC_CONFIG, 0)
        return chip.machine.word(address) == value


@journey
def what_is_locked_cannot_be_written(desk):
    with desk.chip() as chip:
        chip.runs("1.0.0", bank=0)
        before = chip.flash()
        flags = chip.handoff().flags
        # The last words, erased so far, of what the bootloader asks to be locked.
        last = {area.name: area.end - 4 for area in words.areas()[0]}
        last = {"bootloader": LOCKED_BOOTLOADER, "boot journal": last["boot_journal"],
                "active bank": last["bank0"]}
        written = [name for name, at in last.items() if store(chip, at, 0)]
        expect(written == list(last) or not written, f"only {written} can be written")
        expect(bool(flags & OPEN) == bool(written), f"flags: {flags:#x}")
        expect(bool(chip.touched()) == bool(written), "nobody would notice")
        chip.cut()
        chip.machine.flash = before
    if written:
        raise Skipped(f"this model has no flash locks, and the bootloader says so: "
                      f"{', '.join(written)} could be written")


@journey
def a_store_outside_of_banks_and_journals_is_noticed(desk):
    try:
        with desk.chip() as chip:
            chip.runs("1.0.0", bank=0)
            store(chip, LOCKED_BOOTLOADER, 0)
    except Unexpected as why:
        expect(hex(LOCKED_BOOTLOADER) in str(why), str(why))
    else:
        raise Unexpected("it was not")
