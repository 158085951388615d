# SPDX-License-Identifier: Apache-2.0
"""What a flash controller makes of stores, and what of it remains when the supply fails
in the middle: bytes in, bytes out. Knows the NVMC's rules and how words tear and erases
stop half way; does not know any chip that runs, nor what the bytes mean."""
import collections

CONFIG, ERASEPAGE = 0x4001E504, 0x4001E508
READ, WRITE, ERASE = 0, 1, 2
BLANK = 0xFFFFFFFF

# One store that changed flash: where, the bytes before, the bytes after.
Change = collections.namedtuple("Change", "kind at before after")  # "word" or "erase"


class Wrong(Exception):
    """Flash does not do what its rules say."""


def word_at(region, offset):
    return int.from_bytes(region[offset:offset + 4], "little")


def with_bytes(region, offset, data):
    return region[:offset] + data + region[offset + len(data):]


class Controller:
    """A second opinion: from the stores alone, what must stand in the region."""

    def __init__(self, region, base, erase_unit):
        self.region, self.base, self.unit = region, base, erase_unit
        self.mode = READ

    def store(self, address, value):
        """What this store changed; None: nothing."""
        if address == CONFIG:
            self.mode = value & 3
        elif address == ERASEPAGE and self.mode == ERASE:
            return self._change("erase", value & -self.unit, b"\xff" * self.unit)
        elif self.base <= address < self.base + len(self.region) and self.mode == WRITE:
            kept = word_at(self.region, address - self.base) & value
            return self._change("word", address, kept.to_bytes(4, "little"))
        elif address < self.base + len(self.region):
            raise Wrong(f"a store to {address:#x}, in mode {self.mode}")
        return None

    def _change(self, kind, address, after):
        at = address - self.base
        if not 0 <= at <= len(self.region) - len(after):
            raise Wrong(f"{kind} at {address:#x}, which is not to be touched")
        before = self.region[at:at + len(after)]
        self.region = with_bytes(self.region, at, after)
        return None if before == after else Change(kind, at, before, after)


# ---- what a power failure leaves ---------------------------------------------------


def bits_of(number):
    return [1 << i for i in range(32) if number >> i & 1]


def some(rng, bits):
    """Some of these bits: neither none nor all, where there are two or more."""
    if len(bits) < 2:
        return list(bits)
    return rng.sample(bits, rng.randint(1, len(bits) - 1))


def torn_word(rng, change, neighbour):
    """The word with some of its bits programmed; perhaps a bit more than was meant."""
    before, after = word_at(change.before, 0), word_at(change.after, 0)
    word = before & ~sum(some(rng, bits_of(before & ~after)))
    others = bits_of(before & after)
    if neighbour and others:
        word &= ~rng.choice(others)
    return word.to_bytes(4, "little")


def half_erased(rng, change):
    """Every bit that was programmed is erased or not."""
    mask = rng.randbytes(len(change.before))
    return bytes(a | b for a, b in zip(change.before, mask))


def all_but_one(rng, change):
    """One word held out."""
    words = [i for i in range(0, len(change.before), 4)
             if change.before[i:i + 4] != change.after[i:i + 4]]
    keep = rng.choice(words)
    return with_bytes(change.after, keep, change.before[keep:keep + 4])


def weak(rng, change):
    """It reads blank, but for a bit or two that come back."""
    page = bytearray(change.after)
    words = [i for i in range(0, len(page), 4) if word_at(change.before, i) != BLANK]
    for i in rng.sample(words, min(2, len(words))):
        bit = rng.choice(bits_of(~word_at(change.before, i) & BLANK))
        page[i:i + 4] = (BLANK & ~bit).to_bytes(4, "little")
    return bytes(page)


# What stands there at the first start after the failure, and what at the second: most
# bits have made up their minds, some have not.
Variant = collections.namedtuple("Variant", "name first second")


def word_variants(rng, change, count):
    """`count` of them, of every kind in turn."""
    for i in range(count):
        first = torn_word(rng, change, neighbour=i % 4 == 1)
        if i % 4 == 2:
            yield Variant("wavers", first, torn_word(rng, change, False))
        elif i % 4 == 3:
            yield Variant("seems done", change.after, first)
        else:
            yield Variant("neighbour" if i % 4 == 1 else "torn", first, first)


def erase_variants(rng, change, count):
    for _ in range(count):
        half, one = half_erased(rng, change), all_but_one(rng, change)
        yield Variant("half", half, half)
        yield Variant("all but one word", one, one)
        yield Variant("half, wavers", half, half_erased(rng, change))
        yield Variant("seems blank", change.after, weak(rng, change))


def variants(rng, change, words, erases):
    """Those of a torn word, or of an erase that was cut."""
    made = word_variants(rng, change, words) if change.kind == "word" \
        else erase_variants(rng, change, erases)
    return [v for v in made if (v.first, v.second) != (change.after,) * 2
            and (v.first, v.second) != (change.before,) * 2]
