# SPDX-License-Identifier: Apache-2.0
"""Journeys of chips on which nothing boots any more: a bootloader with recovery takes a
signed update over the cable, one without halts and says why."""
import words
from desk import expect
from journey import journey


def without_banks(desk, chip):
    """A bit of both images rots while there is no power."""
    chip.runs("1.0.0", bank=0)
    desk.updates(chip, "1.1.0", bank=1)
    chip.cut()
    for bank in (0, 1):
        first = desk.bench.numbers[f"link{bank}"][0]
        size = len(desk.bench.content("1.1.0", bank))
        chip.damage(first + desk.random.randrange(size), 1 << desk.random.randrange(8))
    chip.power()


@journey
def two_bad_banks_without_recovery_halt_with_their_reason(desk):
    with desk.chip() as chip:
        without_banks(desk, chip)
        told = chip.wait("a halt", lambda told: told.who == "HALTED")
        expect(told.error == "E_HASH", f"it halts for {told.error}")
        expect(words.ERROR[-chip.handoff().halt] == "E_HASH", "the hand-off block says "
               f"{chip.handoff().halt}")
        before = chip.flash()
        chip.cut()
        chip.power()
        chip.wait("the same halt", lambda told: told.who == "HALTED"
                  and told.error == "E_HASH")
        expect(chip.flash() == before, "a chip that halts writes")


@journey
def two_bad_banks_with_recovery_take_a_signed_update(desk):
    with desk.chip("bootloader-recovery") as chip:
        without_banks(desk, chip)
        chip.wait("the recovery", lambda told: told.who == "RECOVERY")
        desk.carries(chip, "1.7.0")
        bank = chip.runs("1.1.0").bank
        desk.says(chip, version="1.7.0")
        expect(chip.holds(bank, desk.bench.content("1.7.0", bank)), "not whole")


@journey
def recovery_refuses_what_is_not_signed_for_this_device(desk):
    with desk.chip("bootloader-recovery") as chip:
        without_banks(desk, chip)
        chip.wait("the recovery", lambda told: told.who == "RECOVERY")
        for bank in (0, 1):
            desk.refuses(chip, desk.bench.sign("1.7.0", bank, "forged", "stranger"),
                         "E_SIG")
            desk.refuses(chip, desk.bench.sign("1.7.0", bank, "other", hw="7"), "E_HW")
        told = chip.status()
        expect(told.who == "RECOVERY", f"{told.who}")


@journey
def a_battery_pulled_in_recovery_is_no_end_of_it(desk):
    with desk.chip("bootloader-recovery") as chip:
        without_banks(desk, chip)
        push = desk.bench.push(chip, *desk.bench.release("1.7.0"))
        for _ in range(3):
            until = chip.wire.to_chip + desk.random.randrange(5000, 25000)
            chip.wait("some of it", lambda _, until=until: chip.wire.to_chip > until)
            chip.cut()
            chip.power()
            chip.wait("the recovery", lambda told: told.who == "RECOVERY")
        desk.installs(push)
        chip.runs("1.1.0")
