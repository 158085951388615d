# SPDX-License-Identifier: Apache-2.0
"""Journeys of what must not get in, offered by a phone that looks at nothing. The chip
itself says why, with the very reason, and its flash stays what it was."""
import hashlib

from bench import CLASS, HW_REV, OTHER
from desk import Skipped, expect
from journey import journey

OPEN = 0x08  # FERRY_HANDOFF_OPEN: not all that should be locked could be


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
    digest = hashlib.sha256(desk.bench.image("1.1.0", 1).read_bytes()).digest()
    at = sound.read_bytes().index(digest) + desk.random.randrange(len(digest))
    refused(desk, "E_SIG", edited(sound, at, f"changed-{at}"))


@journey
def an_older_version_is_refused(desk):
    refused(desk, "E_VERSION", desk.bench.sign("1.0.0", 0, hw="3"), confirmed="1.1.0")


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
        at = size - desk.random.randrange(1, desk.bench.image("1.1.0", 1).stat().st_size)
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


@journey
def what_is_locked_cannot_be_written(desk):
    with desk.chip() as chip:
        chip.runs("1.0.0", bank=0)
        expect(chip.handoff().flags & OPEN, "the bootloader says that it locked all")
    raise Skipped("this model has no flash locks; the bootloader says so "
                  "(FERRY_HANDOFF_OPEN)")
