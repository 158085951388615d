# SPDX-License-Identifier: Apache-2.0
"""What journeys have in common: a desk with chips on it, the steps they are led
through, and what must hold of each chip when its journey is over. Knows what an
update should do; does not know in what order things happen to it."""
import contextlib
import random

from bench import Bench, built_as
from chip import Chip
from talk import Unexpected


class Skipped(Exception):
    """What cannot be shown here, and why."""


def expect(holds, what):
    if not holds:
        raise Unexpected(what)


class Desk:
    """For one journey. `random` is its own: the seed fixes what it will do, the host's
    clock the rest."""

    def __init__(self, host, firmware, folder, seed, every=False):
        self.bench = Bench(host, firmware, folder)
        self.random = random.Random(seed)
        self.every = every  # the long run: more of everything

    def end(self):
        self.bench.end()

    # ---- chips ----------------------------------------------------------------------

    @contextlib.contextmanager
    def chip(self, bootloader="bootloader", flash=None):
        """A new one from the factory, or one with that flash. When its journey is over,
        nothing outside of banks and journals has changed."""
        with Chip(flash or self.bench.flash(bootloader=bootloader)) as chip:
            chip.power()
            yield chip
            touched = chip.touched()
            expect(not touched, "written outside of banks and journals: "
                   + " ".join(map(hex, touched[:8])))

    def boots_the_same(self, chip, *versions):
        """Twice without power, and it comes up with the same of these."""
        first = None
        for _ in range(2):
            chip.cut()
            chip.power()
            up = chip.is_up()
            expect(up.version in versions, f"{up.version} is up, not of {versions}")
            expect(first in (None, up.version), f"first {first}, then {up.version}")
            first = up.version
        return first

    # ---- phones ---------------------------------------------------------------------

    def installs(self, push):
        """That `ferry push` ends well. What it says."""
        said = push.verdict()
        expect(said["result"] == "installed",
               f"{said['result']}, {said['error']}: {said['reason']}")
        return said

    def carries(self, chip, version):
        """A release arrives whole; then the chip restarts by itself."""
        return self.installs(self.bench.push(chip, *self.bench.release(version)))

    def says(self, chip, **wanted):
        """A statement, signed by this device, that says this."""
        said = self.bench.push(chip, report=True).verdict()
        told = said["statement"]
        expect(told, f"no statement: {said['error']}: {said['reason']}")
        for field, value in wanted.items():
            expect(told[field] == value,
                   f"the statement says {field} {told[field]}, not {value}")
        return told

    def updates(self, chip, version, bank):
        """All of it: carried, tried, confirmed, attested, and still so after a power
        cycle."""
        self.carries(chip, version)
        chip.runs(built_as(version), bank=bank, trial=1)
        self.says(chip, version=version, outcome="confirmed", confirmed=True)
        chip.cut()
        chip.power()
        chip.runs(built_as(version), bank=bank)
        expect(chip.handoff().attempts == 0, "it is still on trial")
        expect(chip.holds(bank, self.bench.content(version, bank)),
               f"bank {bank} does not hold {version}")

    def refuses(self, chip, artifact, error):
        """The chip itself says so, to a phone that looks at nothing."""
        code, said = self.bench.phone(chip, artifact).verdict()
        expect(code != 0 and said == error, f"{artifact.name}: {said}, not {error}")
