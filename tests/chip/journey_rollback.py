# SPDX-License-Identifier: Apache-2.0
"""Journeys of updates that do not work out: images that crash, hang, hear nothing, or
fall ill after their confirm. Each time the old one comes back by itself."""
from desk import expect
from journey import journey


def fails_its_trial(desk, version, cause):
    """Three faults and the old image is back; what faulted is not taken again."""
    with desk.chip() as chip:
        chip.runs("1.0.0", bank=0)
        desk.carries(chip, version)
        chip.wait(f"the way back from {version}", lambda told: len(chip.starts) > 2
                  and (told.who, told.version) == ("APP", "1.0.0") and told.loops > 0)
        expect(chip.starts == ["power", "software"] + [cause] * 3, str(chip.starts))
        desk.says(chip, version="1.0.0", outcome="rolled back: faults",
                  outcome_version=version, rollbacks=1)
        desk.refuses(chip, desk.bench.sign(version, 1), "E_TOMBSTONE")
        desk.boots_the_same(chip, "1.0.0")
        desk.updates(chip, "1.7.0", bank=1)


@journey
def an_image_that_crashes_is_rolled_back_after_three_faults(desk):
    fails_its_trial(desk, "1.3.0", "software")


@journey
def an_image_that_hangs_is_rolled_back_by_the_watchdog(desk):
    fails_its_trial(desk, "1.4.0", "watchdog")


@journey
def a_deaf_image_is_rolled_back_when_nobody_confirms_it(desk):
    with desk.chip() as chip:
        chip.runs("1.0.0", bank=0)
        desk.carries(chip, "1.5.0")
        chip.runs("1.5.0", bank=1, trial=1)
        chip.runs("1.0.0", bank=0)
        expect(chip.starts == ["power"] + ["software"] * 4, str(chip.starts))
        desk.says(chip, version="1.0.0", outcome="rolled back: not confirmed in time",
                  outcome_version="1.5.0", rollbacks=1)
        # It ran well and wanted a courier: no tombstone, so it may come once more.
        desk.carries(chip, "1.5.0")
        chip.runs("1.5.0", bank=1, trial=1)


@journey
def a_battery_that_bounces_in_a_trial_rolls_nothing_back(desk):
    with desk.chip() as chip:
        chip.runs("1.0.0", bank=0)
        desk.carries(chip, "1.1.0")
        for _ in range(8):
            chip.runs("1.1.0", bank=1)
            chip.cut()
            chip.power()
        chip.runs("1.1.0", bank=1, trial=1)
        desk.says(chip, version="1.1.0", outcome="confirmed")


@journey
def power_that_fails_without_end_in_a_trial_rolls_it_back(desk):
    with desk.chip() as chip:
        chip.runs("1.0.0", bank=0)
        desk.carries(chip, "1.1.0")
        chip.runs("1.1.0", bank=1)
        cuts = 0
        while chip.is_up().version == "1.1.0":
            expect(cuts < 12, "it is still on trial")
            chip.cut()
            chip.power()
            cuts += 1
        desk.says(chip, version="1.0.0", outcome="rolled back: power failures")
        return f"after {cuts} power failures"


@journey
def an_image_that_falls_ill_after_its_confirm_gives_way(desk):
    with desk.chip() as chip:
        chip.runs("1.0.0", bank=0)
        desk.carries(chip, "1.6.0")
        chip.runs("1.6.0", bank=1, trial=1)
        desk.says(chip, version="1.6.0", outcome="confirmed")
        before = len(chip.starts)
        chip.runs("1.0.0", bank=0)
        faults = chip.starts[before:]
        expect(faults == ["software"] * 5, f"it had these chances: {faults}")
        desk.says(chip, version="1.0.0", outcome="rolled back: crash loop",
                  outcome_version="1.6.0", rollbacks=1)
        desk.refuses(chip, desk.bench.sign("1.6.0", 1), "E_TOMBSTONE")
        desk.boots_the_same(chip, "1.0.0")


@journey
def a_bank_gone_bad_gives_way_to_the_other(desk):
    with desk.chip() as chip:
        chip.runs("1.0.0", bank=0)
        desk.updates(chip, "1.1.0", bank=1)
        chip.cut()
        chip.damage(desk.bench.numbers["link1"][0] + 5000, 1)
        chip.power()
        chip.runs("1.0.0", bank=0)
        desk.boots_the_same(chip, "1.0.0")
        desk.says(chip, version="1.0.0", outcome="rolled back: damaged")
