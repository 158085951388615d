# SPDX-License-Identifier: Apache-2.0
"""The stranger reads journals: knows section 13 of docs/PROTOCOL.md, the places from its
tables and the rules from its words. Does not know what a record says.
"""
import re
import zlib

from document import table


def word(doc, name):
    """A word that section 13 names with its value."""
    return int(re.search(name + r" (0x[0-9A-F]{8})", doc).group(1), 0).to_bytes(4, "little")


def read_page(doc, p, page):
    """(slots there are, those that are not blank in order: (slot, number, payload,
    sound)), where number is None for no record. A page without a mark has none."""
    def up(n):
        return -(-n // p["write_unit"]) * p["write_unit"]

    def value(cell, k=0, slot=0):
        return eval(cell.replace(" x ", " * "), {"__builtins__": {}},  # a sum of the table
                    {"up": up, "length": p["length"], "k": k, "slot": slot})

    mark, slots = table(doc, "## 13 The journals (frozen)", "| offset in page |")
    rows = table(doc, "## 13 The journals (frozen)", "| offset in slot |")
    spans = [slice(value(at), value(at) + value(size)) for at, size, _ in rows]
    kind, _, length, number, payload, crc, confirm = spans
    head = (p["kind"].to_bytes(1, "little") + bytes([int(rows[1][2].split(": ")[1])])
            + p["length"].to_bytes(2, "little"))
    assert len(page) == p["erase_unit"]
    blank, found, k = p["erased"].to_bytes(1, "little"), [], 0
    marked = page[value(mark[0]):][:value(mark[1])] == word(doc, "mark")
    while value(slots[0], k, confirm.stop) + confirm.stop <= len(page):
        slot = page[value(slots[0], k, confirm.stop):][:confirm.stop]
        said = slot[kind.start:length.stop] + slot[number.start:payload.stop]
        good = said.startswith(head) \
            and zlib.crc32(said) == int.from_bytes(slot[crc], "little")
        if marked and slot != blank * len(slot):
            found.append((k, int.from_bytes(slot[number], "little") if good else None,
                          slot[payload], slot[confirm] == word(doc, "CONFIRM")))
        k += 1
    return k, found


def newer(number, than):
    """A signed difference of 32 bits is above 0."""
    return 0 < (number - than) % (1 << 32) < 1 << 31


def newest_of(pages, counts):
    """(page, slot, number, payload, sound) of the newest record that counts, or None."""
    best = None
    for page, slots in enumerate(pages):
        last = [(page, *slot) for slot in slots if slot[1] is not None and counts(slot)][-1:]
        if last and (best is None or newer(last[0][2], best[2])):
            best = last[0]
    return best


def torn_behind(slots, counts):
    """Slots that hold no record, behind the last record."""
    torn = 0
    for slot in slots:
        if slot[1] is None:
            torn += 1
        elif counts(slot):
            torn = 0
    return torn


def read_journal(doc, p, pages, sound_only=False):
    """Section 13: (payload, facts) of the newest record, or (None, facts). `page` is
    where it stands; `tail` the first free slot of the page that is appended to; the next
    number is one above `sequence`."""
    def counts(slot):
        return slot[3] or not sound_only

    slots, _ = read_page(doc, p, pages[0])
    read = [read_page(doc, p, page)[1] for page in pages]
    cut = any(page and not any(number is not None and sound for _, number, _, sound in page)
              for page in read)
    newest = newest_of(read, counts)
    if newest is None:
        return None, {"found": 0, "doubt": int(cut)}
    page, k, number, payload, sound = newest
    settled = newest_of(read, lambda slot: slot[3])
    others = sum(torn_behind(other, counts) for i, other in enumerate(read) if i != page)
    number += 65536 * torn_behind(read[page], counts) + others
    return payload, {"found": 1, "sequence": number % (1 << 32), "page": page,
                     "tail": read[settled[0]][-1][0] + 1 if settled else slots,
                     "doubt": int(cut or read[page][-1][0] > k or not sound)}
