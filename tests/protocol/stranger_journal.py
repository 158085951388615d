# SPDX-License-Identifier: Apache-2.0
"""The stranger reads journals: knows section 13 of docs/PROTOCOL.md, the places from its
tables and the rules from its words. Does not know what a record says.
"""
import re
import zlib
from collections import namedtuple

from document import table

HEADING = "## 13 The journals (frozen)"

# A slot that is not blank, the k-th of its page. `number` is None: it holds no record.
Slot = namedtuple("Slot", "page k number payload sound")


# ---- places -------------------------------------------------------------------------


def word(doc, name):
    """A word that section 13 names with its value."""
    return int(re.search(name + r" (0x[0-9A-F]{8})", doc).group(1), 0).to_bytes(4, "little")


def value(cell, p, **names):
    """A cell of the tables is a sum, of these names and up()."""
    def up(n):
        return -(-n // p["write_unit"]) * p["write_unit"]

    return eval(cell.replace(" x ", " * "), {"__builtins__": {}},
                {"up": up, "length": p["length"], **names})


def fields_of(doc, p):
    """Where kind, version, length, number, payload, CRC and CONFIRM are in a slot, which
    ends with the last of them; and the version."""
    rows = table(doc, HEADING, "| offset in slot |")
    spans = [slice(value(at, p), value(at, p) + value(size, p)) for at, size, _ in rows]
    return spans, int(rows[1][2].split(": ")[1])


def slots_of(doc, p, page):
    """The bytes of each slot of a page, and whether the page has its mark."""
    mark, first = table(doc, HEADING, "| offset in page |")
    length = fields_of(doc, p)[0][-1].stop
    found = []
    assert len(page) == p["erase_unit"]
    while (at := value(first[0], p, k=len(found), slot=length)) + length <= len(page):
        found.append(page[at:at + length])
    at = value(mark[0], p)
    return found, page[at:at + value(mark[1], p)] == word(doc, "mark")


# ---- reading ------------------------------------------------------------------------


def read_slot(doc, p, where, k, slot):
    (kind, _, length, number, payload, crc, confirm), version = fields_of(doc, p)
    head = bytes([p["kind"], version]) + p["length"].to_bytes(2, "little")
    said = slot[kind.start:length.stop] + slot[number.start:payload.stop]
    good = said.startswith(head) and zlib.crc32(said) == int.from_bytes(slot[crc], "little")
    return Slot(where, k, int.from_bytes(slot[number], "little") if good else None,
                slot[payload], good and slot[confirm] == word(doc, "CONFIRM"))


def read_page(doc, p, page, where=0):
    """Its slots that are not blank, in order. A page without a mark has none."""
    slots, marked = slots_of(doc, p, page)
    return [read_slot(doc, p, where, k, slot) for k, slot in enumerate(slots)
            if marked and slot != bytes([p["erased"]]) * len(slot)]


def is_higher(a, b):
    """A signed difference of 32 bits is above 0."""
    return 0 < (a - b) % (1 << 32) < 1 << 31


def newest_of(pages, counts):
    """The last record of each page that counts, and the newer one of those; or None."""
    best = None
    for page in pages:
        last = [slot for slot in page if slot.number is not None and counts(slot)][-1:]
        if last and (best is None or is_higher(last[0].number, best.number)):
            best = last[0]
    return best


def last_sound(page):
    return next((slot for slot in reversed(page) if slot.sound), None)


def least(read, newest):
    """In doubt, numbers are above this: far above the newest sound record, by each slot
    behind it; and by 1 for each slot of a page that has none."""
    low = sum(page[-1].k + 1 for page in read if page and last_sound(page) is None)
    for page in sorted(read, key=lambda page: page is not read[newest.page]):
        sound = last_sound(page)
        if sound is not None:
            return low + sound.number + (page[-1].k - sound.k) * 65536
    return low


def read_journal(doc, p, pages, sound_only=False):
    """(payload, facts) of the newest record, or (None, facts). `page` is where it stands;
    `tail` the first free slot of the page that is appended to; the next number is one above
    `sequence`."""
    def counts(slot):
        return slot.sound or not sound_only

    read = [read_page(doc, p, page, where) for where, page in enumerate(pages)]
    cut = any(page and not any(slot.sound for slot in page) for page in read)
    newest = newest_of(read, counts)
    if newest is None:
        return None, {"found": 0, "doubt": int(cut)}
    doubt = cut or read[newest.page][-1].k > newest.k or not newest.sound
    number, low = newest.number, least(read, newest)
    if doubt and is_higher(low, number):
        number = low
    return newest.payload, {
        "found": 1, "sequence": number % (1 << 32), "page": newest.page,
        "tail": read[newest.page][-1].k + 1, "doubt": int(doubt)}
