#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second writer and reader of manifests, from docs/PROTOCOL.md's table and rules, and
the engine's: both must say the same of every manifest that is made here, good ones and
mutants, code for code and field for field.

usage: stranger_manifests.py PROTOCOL.md JUDGE
"""
import random
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "house"))
from house import Report  # noqa: E402
from stranger import table  # noqa: E402

MANIFESTS = 40000
SEED = 20
UINT, NINT, BSTR, TSTR, MAP = 0, 1, 2, 3, 5


class Refused(Exception):
    """With the code."""


def need(fact, code):
    if not fact:
        raise Refused(code)


# ---- rules, from the document ------------------------------------------------------


class Rules:
    """name, kind and length of each key, and which are required."""

    def __init__(self, doc):
        self.name, self.length, self.required = {}, {}, set()
        for key, name, kind, required, _ in table(
                doc, "### The manifest (keys 0..19 frozen)", "| key | name |"):
            if required != "unknown":
                self.name[int(key)] = name
                self.length[int(key)] = int(kind[5:]) if kind.startswith("bstr") else 0
                if required == "yes":
                    self.required.add(int(key))


# ---- writing -----------------------------------------------------------------------


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    size = 1 if n < 1 << 8 else 2 if n < 1 << 16 else 4
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26}[size]]) + n.to_bytes(size, "big")


def item(value):
    if isinstance(value, int):
        return head(UINT, value) if value >= 0 else head(NINT, -1 - value)
    if isinstance(value, str):
        return head(TSTR, len(value.encode())) + value.encode()
    return head(BSTR, len(value)) + value


def write(pairs):
    return head(MAP, len(pairs)) + b"".join(item(k) + item(v) for k, v in pairs)


# ---- reading -----------------------------------------------------------------------


def read(data, at):
    """(major, argument, string, end): an item without what is in it, if it is a map."""
    need(at < len(data), "E_CBOR")
    major, arg = data[at] >> 5, data[at] & 31
    need(major in (UINT, NINT, BSTR, TSTR, MAP) and arg <= 26, "E_CBOR")
    at += 1
    if arg >= 24:
        size = 1 << arg - 24
        need(at + size <= len(data), "E_CBOR")
        arg, at = int.from_bytes(data[at:at + size], "big"), at + size
        need(arg >= (24 if size == 1 else 1 << 4 * size), "E_CBOR")
    string = None
    if major in (BSTR, TSTR):
        need(arg <= len(data) - at, "E_CBOR")
        string, at = data[at:at + arg], at + arg
    return major, arg, string, at


def field(rules, key, major, arg, string):
    """The value of a known key, if it has the right type and length."""
    want = rules.length[key]
    need(major == (BSTR if want else UINT), "E_TYPE")
    need(not want or arg == want, "E_TYPE")
    return string if want else arg


def pair(rules, data, at, last):
    """One pair, judged in the documented order: (key, value or None, end)."""
    major, key, _, at = read(data, at)
    need(major in (UINT, NINT), "E_TYPE")
    order = (major, key)
    need(order > last, "E_ORDER")
    kind, arg, string, at = read(data, at)
    need(kind != MAP, "E_CBOR")
    if major == UINT and key in rules.name:
        return order, field(rules, key, kind, arg, string), at
    need(key < 24 and major == NINT, "E_CRIT")
    need(kind != NINT, "E_TYPE")
    return order, None, at


def parse(rules, data):
    major, count, _, at = read(data, 0)
    need(major == MAP and count <= 23, "E_CBOR")
    found, last = {}, (-1, -1)
    for _ in range(count):
        last, value, at = pair(rules, data, at, last)
        if value is not None:
            found[last[1]] = value
    need(rules.required <= set(found), "E_MISSING")
    need(found[0] == 1 and found[2] <= found[3] and found[5] < 1 << 24, "E_TYPE")
    need(at == len(data), "E_TRAIL")
    return found


def verdict(rules, data):
    """As the judge says it."""
    try:
        found = parse(rules, data)
    except Refused as refused:
        return str(refused)
    by_name = {rules.name[k]: v for k, v in found.items()}
    words = ["ok"]
    for name in ("type", "hw_min", "hw_max", "version", "sec_ctr", "length", "link",
                 "min_from", "encoding", "t_len"):
        words.append(f"{name}={by_name.get(name, 0)}")
    for name in ("class", "sha256", "t_sha256", "base", "blocks", "device"):
        if name in by_name:
            words.append(f"{name}={by_name[name].hex()}")
    return " ".join([*words, f"bytes={data.hex()}"])


# ---- making them -------------------------------------------------------------------


def number(dice):
    return dice.choice((0, 1, 23, 24, 255, 256, 65535, 65536, dice.getrandbits(32)))


def good(rules, dice):
    """Pairs of a manifest that both must take, but for a range now and then."""
    pairs = []
    for key in sorted(rules.name):
        if key not in rules.required and dice.random() < 0.6:
            continue
        size = rules.length[key]
        pairs.append((key, dice.randbytes(size) if size else number(dice)))
    fixed = {0: 1, 2: 1, 3: dice.choice((1, 7, 300)), 5: dice.getrandbits(24)}
    pairs = [(k, fixed.get(k, v)) for k, v in pairs]
    for key in range(-1, -25, -1):
        if dice.random() < 0.08:
            pairs.append((key, dice.choice((number(dice), "1.2", b"\x00\xff", ""))))
    return pairs


def bend_pairs(dice, pairs):
    pairs, place = list(pairs), dice.randrange(len(pairs))
    how = dice.randrange(7)
    if how == 0:
        del pairs[place]
    elif how == 1:
        pairs.insert(place, pairs[dice.randrange(len(pairs))])
    elif how == 2:
        dice.shuffle(pairs)
    elif how == 3:
        pairs[place] = (pairs[place][0], number(dice))
    elif how == 4:
        pairs[place] = (pairs[place][0], dice.randbytes(dice.choice((0, 1, 15, 16, 31))))
    elif how == 5:
        key = dice.choice((*range(16, 26), -24, -25, -300, 256, 70000))
        pairs = sorted([*pairs, (key, 1)], key=lambda p: (p[0] < 0, abs(p[0])))
    else:
        pairs[place] = (dice.choice(("a", b"b", -3, 9)), pairs[place][1])
    return pairs


def bend_bytes(dice, data):
    data = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        at = dice.randrange(len(data))
        how = dice.randrange(5)
        if how == 0:
            data[at] ^= 1 << dice.randrange(8)
        elif how == 1:
            data[at] = dice.randrange(256)
        elif how == 2:
            data[at:at] = dice.randbytes(dice.choice((1, 2)))
        elif how == 3 and len(data) > 2:
            del data[at]
        else:
            del data[at + 1:]
    return bytes(data)


def make(rules, dice):
    pairs = good(rules, dice)
    how = dice.randrange(4)
    if how == 1:
        pairs = bend_pairs(dice, pairs)
    data = write(pairs)
    return bend_bytes(dice, data) if how > 1 else data


def main():
    report = Report()
    rules = Rules(Path(sys.argv[1]).read_text(encoding="utf-8"))
    dice = random.Random(SEED)
    made = [make(rules, dice) for _ in range(MANIFESTS)]
    made = [data for data in made if 0 < len(data) <= 255]
    said = subprocess.run([sys.argv[2]], input="\n".join(m.hex() for m in made) + "\n",
                          stdout=subprocess.PIPE, text=True, check=True).stdout
    wrong, seen = [], {}
    for data, engine in zip(made, said.splitlines()):
        ours = verdict(rules, data)
        seen[ours.split()[0]] = seen.get(ours.split()[0], 0) + 1
        if ours != engine:
            wrong.append((data.hex(), f"we say {ours[:60]}, the engine {engine[:60]}"))
    report.check(wrong[:5])
    codes = {"ok", "E_CBOR", "E_ORDER", "E_CRIT", "E_TYPE", "E_MISSING", "E_TRAIL"}
    rare = {code for code in codes if seen.get(code, 0) < 100}
    report.check([("what was made", f"hardly a manifest yields {rare}")] if rare else [])
    print(f"seed {SEED}, {len(made)} manifests: {dict(sorted(seen.items()))}")
    report.end()


if __name__ == "__main__":
    main()
