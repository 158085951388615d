# SPDX-License-Identifier: Apache-2.0
"""Makes what both implementations are asked: devices, manifests and statements, good ones
and bent ones. A bend goes by the grammar: one field, the order, another length of a head,
a splice, a bit. Does not know what the right answer is, nor how payloads travel."""
from cose import BSTR, EDDSA, MAP, NINT, TSTR, UINT, head, item, write_map
from payload import MANIFEST, STATEMENT
from policy import Facts

EDGES = (0, 1, 23, 24, 255, 256, 65535, 65536, (1 << 24) - 1, 1 << 24, (1 << 32) - 1)


def number(dice):
    return dice.choice((*EDGES, dice.getrandbits(32)))


# ---- devices ------------------------------------------------------------------------


def key_slots(dice, public):
    """Slots 0, 1 and 7 are full, the others of every kind of empty."""
    def of(slot):
        if slot in (0, 1, 7):
            return EDDSA, public + bytes(32)
        return dice.choice(((0, bytes(64)), (EDDSA, bytes(64)), (0, b"\1" * 64),
                            (0x26, b"\2" * 64)))
    return [of(slot) for slot in range(8)]


def device(dice, public, **fixed):
    counter, slot = dice.choice((0, 5, 7, 1 << 20)), dice.choice((0, 0, 1, 7))
    facts = {
        "class_id": dice.randbytes(16), "device_id": dice.randbytes(16),
        "hw_rev": dice.choice((0, 3, 3, 70000)),
        "boot_caps": dice.choice((0x101, 0x101, 0x101, 0x100, 0x001, 0)),
        "keys": key_slots(dice, public), "active": dice.randrange(2),
        "header_len": dice.choice((4096, 4096, 8192)),
        "bank": ((0x10000, 0x30000), (0x40000, dice.choice((0x20000, 0x110000)))),
        "link": tuple(dice.choice((0x11000, 0x41000, 1 << 31)) for _ in (0, 1)),
        "slot": slot, "version": dice.choice((0, 0x01000000, 0x01020003)),
        "digest": dice.randbytes(32), "image_hash": dice.randbytes(16),
        "floor": dice.choice((0, counter, slot << 24 | counter, 1 << 24 | counter)),
        "tombstone": dice.choice((None, None, (dice.choice((0, 1, 7)), 0x01030000))),
        "trial": dice.random() < 0.02, "committed": dice.random() < 0.02,
        "begins": dice.choice((0,) * 20 + (15, 16, 255)),
        "known": dice.random() > 0.03}
    return Facts(**{**facts, **fixed})


# ---- manifests ----------------------------------------------------------------------


def fitting(dice, facts):
    """A manifest that this device would take; {key: value}."""
    return {0: 1, 1: facts.class_id, 2: dice.choice((0, facts.hw_rev)),
            3: dice.choice((facts.hw_rev, (1 << 32) - 1)),
            4: dice.choice((0x01020004, 0x01030001, 0x02000000)),
            5: dice.choice(((1 << 24) - 1, (1 << 20) + 3)),
            6: dice.choice((4, 4096, 5000, 65536)), 7: dice.randbytes(32),
            8: facts.link[facts.staging()], 14: dice.randbytes(32)}


def off_policy(dice, facts, m):
    """The same with one or two of its facts off, often by one."""
    capacity = facts.bank[facts.staging()][1] - facts.header_len
    for _ in range(dice.choice((1, 1, 1, 2))):
        key, value = dice.choice((
            (1, dice.randbytes(16)), (2, facts.hw_rev + 1), (3, max(facts.hw_rev, 1) - 1),
            (4, dice.choice((facts.version, 0x01020003, 0x01030000, 0x01000001))),
            (5, max(facts.floor & 0xFFFFFF, 1) - 1), (5, facts.floor & 0xFFFFFF),
            (6, dice.choice((0, 2, 5001, capacity, capacity + 4, 917504, 917508,
                             1048576, 1048580))),
            (8, dice.choice((0, facts.link[facts.active], facts.link[0] + 4))),
            (9, dice.choice((facts.version, facts.version + 1, 0))),
            (10, dice.choice((0, 0, 1, number(dice)))), (11, number(dice)),
            (12, dice.randbytes(32)), (13, facts.image_hash), (13, dice.randbytes(16)),
            (15, facts.device_id), (15, dice.randbytes(16))))
        m[key] = value
    return m


def in_order(m, dice):
    pairs = sorted(m.items())
    for key in range(-1, -25, -1):
        if dice.random() < 0.03:
            pairs.append((key, dice.choice((number(dice), "1.2", b"\x00\xff", ""))))
    return pairs


def any_payload(dice, rules, share, fixed):
    """All required keys, that share of the others, and those that are `fixed`."""
    m = {}
    for key, size in rules.length.items():
        if key in rules.required or dice.random() < share:
            m[key] = dice.randbytes(size) if size else number(dice)
    return in_order({**m, **fixed}, dice)


def any_manifest(dice):
    return any_payload(dice, MANIFEST, 0.3, {
        0: 1, 2: 1, 3: dice.choice((1, 7, 300)), 5: dice.getrandbits(24)})


def any_statement(dice):
    return any_payload(dice, STATEMENT, 0.7, {0: 2})


# ---- bends of payloads --------------------------------------------------------------


def bend_pairs(dice, pairs):
    pairs, place = list(pairs), dice.randrange(len(pairs))
    how = dice.randrange(7)
    if how == 0:
        del pairs[place]
    elif how == 1:
        pairs.insert(place, pairs[dice.randrange(len(pairs))])
    elif how == 2:
        other = dice.randrange(len(pairs))
        pairs[place], pairs[other] = pairs[other], pairs[place]
    elif how == 3:
        pairs[place] = (pairs[place][0], number(dice))
    elif how == 4:
        pairs[place] = (pairs[place][0], dice.randbytes(dice.choice((0, 1, 15, 16, 31))))
    elif how == 5:
        key = dice.choice((*range(16, 26), -24, -25, -300, 256, 70000))
        value = dice.choice((1, 1, -1, -300, "x", b""))
        pairs = sorted([*pairs, (key, value)], key=lambda p: (p[0] < 0, abs(p[0])))
    else:
        pairs[place] = (dice.choice(("a", b"b", -3, 9)), pairs[place][1])
    return pairs


def other_head(dice, major, n):
    """A head of another length, or of another major type."""
    how = dice.randrange(6)
    if how == 0:
        major = dice.choice((UINT, NINT, BSTR, TSTR, 4, MAP, 6, 7))
    if how == 1:
        n = max(0, min(n + dice.choice((-1, 1)), (1 << 32) - 1))
    if how < 2:
        return head(major, n)
    if how == 5:
        return bytes([major << 5 | dice.choice((28, 29, 30, 31))])
    size = dice.choice((1, 2, 4, 8))
    return bytes([major << 5 | 24 + size.bit_length() - 1]) \
        + (n % (1 << 8 * size)).to_bytes(size, "big")


def bend_head(dice, pairs):
    """The map with one of its heads written otherwise."""
    place = dice.randrange(2 * len(pairs) + 1)
    if place == 0:
        return other_head(dice, MAP, len(pairs)) \
            + b"".join(item(k) + item(v) for k, v in pairs)
    out, items = head(MAP, len(pairs)), [each for pair in pairs for each in pair]
    for k, value in enumerate(items, 1):
        whole = item(value)
        if k == place:
            plain = head(whole[0] >> 5, 0)[0] >> 5
            size = {24: 2, 25: 3, 26: 5}.get(whole[0] & 31, 1)
            n = int.from_bytes(whole[1:size], "big") if size > 1 else whole[0] & 31
            whole = other_head(dice, plain, n) + whole[size:]
        out += whole
    return out


def bend_bytes(dice, data, other=b""):
    data = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        at = dice.randrange(len(data))
        how = dice.randrange(6)
        if how == 0:
            data[at] ^= 1 << dice.randrange(8)
        elif how == 1:
            data[at] = dice.randrange(256)
        elif how == 2:
            data[at:at] = dice.randbytes(dice.choice((1, 2)))
        elif how == 3 and len(data) > 2:
            del data[at]
        elif how == 4 and other:
            data[at:] = other[min(at, len(other) - 1):]
        else:
            del data[at + 1:]
    return bytes(data)


def bent(dice, pairs, other=b""):
    how = dice.randrange(8)
    if how < 3:
        return write_map(bend_pairs(dice, pairs))
    if how == 3:
        return write_map(pairs) + dice.randbytes(dice.choice((1, 1, 5)))
    if how < 6:
        return bend_head(dice, pairs)
    if how == 6:
        return bend_bytes(dice, write_map(pairs), other)
    return dice.randbytes(dice.choice((0, 1, 24, 90, 255)))
