#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes hostile_vectors.h: RFC 8032's signatures, and signatures that implementations of
Ed25519 disagree about, each with the verdict of four rules and with what keeps the
disagreement out of Ferry. Knows why each vector is there; the curve is edwards.py's.

usage: hostile.py > hostile_vectors.h
"""
import collections
import functools
import hashlib
import itertools

import edwards
from edwards import BASE, L, NEUTRAL, P, SIGN, SMALL, add, encode, times

# A to-be-signed structure as short as one can be, so that the engine can be asked, too:
# its payload is the vector's number, then zeroes.
HEAD = b"\x84\x6ASignature1" + bytes.fromhex("46A201270441004058") + b"\x18"
PAYLOAD = 24

# `takes`: the rules by which it is valid. `stopped`: by what, if they disagree.
Vector = collections.namedtuple("Vector", "name takes stopped number key sig")
RULES = {"STRICT": edwards.strict, "PLAIN": edwards.plain, "LOOSE": edwards.loose,
         "COFACTORED": edwards.cofactored}
AGREED, BY_S, BY_KEY, BY_HOLDER = "AGREED", "BY_S", "BY_KEY", "BY_HOLDER"

RFC_8032 = {  # 7.1: the seed, the message, the signature's first bytes as a check
    "test 1": ("9D61B19DEFFD5A60BA844AF492EC2CC44449C5697B326919703BAC031CAE7F60", "",
               "E5564300"),
    "test 2": ("4CCD089B28FF96DA9DB6C346EC114E0F5B8A319F35ABA624DA8CF6ED4FB8A6FB", "72",
               "92A009A9"),
    "test 3": ("C5AA8DF43F9F837BEDB7442F31DCB7B166D38535076F094B85CE3A2E0B4458F7", "AF82",
               "6291D657"),
    "test SHA(abc)": (
        "833FE62409237B9D62EC77587520911E9A759CEC1D19755B7DA901B96DCA3D42",
        hashlib.sha512(b"abc").hexdigest(), "DC2A4459"),
}


def message(number):
    return HEAD + number.to_bytes(4, "little") + bytes(PAYLOAD - 4)


def scalar(words):
    return int.from_bytes(hashlib.sha512(words.encode()).digest(), "little") % L


A, R = scalar("the key"), scalar("the nonce")  # of the prime order group


def of_order(order):
    return SMALL[8 // order % 8]


def spelt(y, odd=False):
    return (y | (SIGN if odd else 0)).to_bytes(32, "little")


def judged(name, stopped, number, key, sig):
    takes = [rule for rule, valid in RULES.items() if valid(key, message(number), sig)]
    if stopped == AGREED and 0 < len(takes) < len(RULES):
        raise ValueError(f"disagreed about, and nothing stops it: {name}")
    return Vector(name, takes, stopped, number, key, sig)


class Craft:
    """Signatures whose key is `a` B + `key_small`, and R `r` B + `r_small`: S is what
    makes the equation hold, small parts aside. With `holds` it holds with them, and
    without it does not: a message is looked for that makes it so."""

    def __init__(self, a=A, key_small=NEUTRAL, r=R, r_small=NEUTRAL):
        self.a, self.r = a, r
        self.key_small, self.r_small = key_small, r_small
        self.key = encode(add(times(a, BASE), key_small))
        self.r_bytes = encode(add(times(r, BASE), r_small))

    def spell(self, key=None, r=None):
        """The same points in other bytes."""
        self.key, self.r_bytes = key or self.key, r or self.r_bytes
        return self

    def over(self, number):
        """(S, challenge) for this message."""
        h = edwards.challenge(self.r_bytes, self.key, message(number))
        return (self.r + h * self.a) % L, h

    def find(self, holds, also):
        for number in itertools.count():
            s, h = self.over(number)
            left = add(times(h % 8, self.key_small), self.r_small)
            if (left == NEUTRAL) == holds and also(h):
                return number, s

    def make(self, name, stopped, holds=True, more=0, also=lambda h: True):
        """`more`: times L that S is too large."""
        number, s = self.find(holds, also)
        sig = self.r_bytes + (s + more * L).to_bytes(32, "little")
        return judged(name, stopped, number, self.key, sig)


# ---- the vectors --------------------------------------------------------------------


def genuine():
    yield Craft().make("genuine", AGREED)
    yield Craft(a=scalar("another key")).make("genuine, of another key", AGREED)


def altered():
    """Nobody takes these."""
    good = Craft().make("", AGREED)
    key, r, s = good.key, good.sig[:32], good.sig[32:]
    other = Craft(r=scalar("another nonce")).make("", AGREED).sig
    turned = bytes([*key[:31], key[31] ^ 0x80])
    turned_r = bytes([*r[:31], r[31] ^ 0x80])
    negative = (L - int.from_bytes(s, "little")).to_bytes(32, "little")
    nowhere = next(spelt(y) for y in itertools.count(2) if edwards.x_of(y, 0) is None)
    for name, number, a, sig in (
            ("of another message", good.number + 1, key, good.sig),
            ("of another key", good.number, Craft(a=scalar("another key")).key, good.sig),
            ("R of another signature", good.number, key, other[:32] + s),
            ("S of another signature", good.number, key, r + other[32:]),
            ("R and S in each other's place", good.number, key, s + r),
            ("key with the other sign", good.number, turned, good.sig),
            ("R with the other sign", good.number, key, turned_r + s),
            ("L - S", good.number, key, r + negative),
            ("zeroes", good.number, key, bytes(64)),
            ("ones", good.number, key, b"\xff" * 64),
            ("key that is no point", good.number, nowhere, good.sig),
            ("R that is no point", good.number, key, nowhere + s),
            ("key that is no point, in another spelling", good.number,
             spelt(P + 2 if edwards.x_of(2, 0) is None else P + 7), good.sig)):
        yield judged(name, AGREED, number, a, sig)


def scalars():
    for more in (1, 2, 7, 14):
        yield Craft().make(f"S + {more} L" if more > 1 else "S + L", BY_S, more=more)
    neutral = {"a": 0, "key_small": NEUTRAL}
    yield Craft(**neutral, r=0).make("S = L for 0, neutral key", BY_S, more=1)
    yield Craft(**neutral, r=L - 1).make("S = L - 1, neutral key", BY_S)
    yield Craft(**neutral, r=2**252).make("S = 2^252, neutral key", BY_S)


def small_keys():
    for order in (1, 2, 4, 8):
        craft = Craft(a=0, key_small=of_order(order))
        yield craft.make(f"key of order {order}", BY_KEY)
        if order > 1:
            yield craft.make(f"key of order {order}, challenge no multiple", BY_KEY,
                             holds=False)
        small = Craft(a=0, key_small=of_order(order), r=0, r_small=of_order(order))
        yield small.make(f"key and R of order {order}, S = 0", BY_KEY)
    yield Craft(a=0, key_small=SMALL[1], r_small=SMALL[3]).make(
        "key of order 8, R with a small part", BY_KEY)


def small_r():
    yield Craft(r=0).make("R neutral", BY_HOLDER)
    for order in (2, 4, 8):
        yield Craft(r=0, r_small=of_order(order)).make(f"R of order {order}", BY_HOLDER,
                                                       holds=False)


def mixed():
    for order in (2, 4, 8):
        craft = Craft(key_small=of_order(order))
        part = f"key with a part of order {order}"
        yield craft.make(f"{part}, challenge a multiple", BY_KEY)
        yield craft.make(f"{part}, challenge no multiple", BY_KEY, holds=False)
        yield Craft(r_small=of_order(order)).make(f"R with a part of order {order}",
                                                  BY_HOLDER, holds=False)
    both = Craft(key_small=SMALL[1], r_small=SMALL[5])
    yield both.make("key and R with small parts that cancel", BY_KEY)
    yield both.make("key and R with small parts that stay", BY_KEY, holds=False)
    yield Craft(key_small=SMALL[1], r=0, r_small=SMALL[3]).make(
        "R of order 8 that cancels the key's part", BY_KEY)
    yield Craft(key_small=SMALL[1]).make(
        "key with a small part, 8 h mod L no multiple of 8", BY_KEY,
        holds=False, also=lambda h: 8 * h % L % 8 != 0)


def other_spellings():
    """A point whose y is at least p is of small order, or nobody can sign under it."""
    neutral = {"a": 0, "key_small": NEUTRAL}
    yield Craft(**neutral).spell(key=spelt(P + 1)).make("neutral key, y = p + 1", BY_KEY)
    yield Craft(**neutral).spell(key=spelt(1, True)).make("neutral key, x = -0", BY_KEY)
    yield Craft(**neutral).spell(key=spelt(P + 1, True)).make(
        "neutral key, y = p + 1, x = -0", BY_KEY)
    yield Craft(a=0, key_small=of_order(2)).spell(key=spelt(P - 1, True)).make(
        "key of order 2, x = -0", BY_KEY)
    four = Craft(a=0, key_small=edwards.decode(spelt(0)))
    yield four.spell(key=spelt(P)).make("key of order 4, y = p", BY_KEY)
    yield Craft(r=0).spell(r=spelt(P + 1)).make("R neutral, y = p + 1", BY_HOLDER)
    yield Craft(r=0).spell(r=spelt(1, True)).make("R neutral, x = -0", BY_HOLDER)
    yield Craft(r=0, r_small=edwards.decode(spelt(P))).spell(r=spelt(P)).make(
        "R of order 4, y = p", BY_HOLDER, holds=False)


@functools.lru_cache(maxsize=None)
def vectors():
    return [vector for kind in (genuine, altered, scalars, small_keys, small_r, mixed,
                                other_spellings) for vector in kind()]


# ---- the header ---------------------------------------------------------------------

TOP = """\
/* SPDX-License-Identifier: Apache-2.0
 *
 * Written by hostile.py, which says why each of these is here. Signatures by RFC 8032,
 * and those that implementations disagree about. hostile.h has what the words mean. */
#ifndef FERRY_TEST_HOSTILE_VECTORS_H
#define FERRY_TEST_HOSTILE_VECTORS_H

#include "hostile.h"

/* clang-format off */
"""


def literal(data):
    """C strings of hex, 32 bytes a line."""
    lines = [data[at:at + 32] for at in range(0, len(data), 32)] or [b""]
    return "\n".join(f'        "{line.hex().upper()}"' for line in lines)


def rfc_rows():
    for name, (seed, text, begins) in RFC_8032.items():
        msg = bytes.fromhex(text)
        key, sig = edwards.sign(bytes.fromhex(seed), msg)
        if not sig.hex().upper().startswith(begins):
            raise ValueError(f"not RFC 8032's: {name}")
        yield (f'    {{"{name}", {len(msg)},\n' + ",\n".join(
            map(literal, (bytes.fromhex(seed), msg, key, sig))) + "},\n")


def hostile_rows(found):
    for v in found:
        takes = "ALL" if len(v.takes) == len(RULES) else " | ".join(v.takes) or "NONE"
        yield (f'    {{"{v.name}", {takes}, {v.stopped}, {v.number},\n'
               f"{literal(v.key)},\n{literal(v.sig)}}},\n")


def words():
    """The enumerators, without their prefix: rows are long enough."""
    names = ["NONE", "ALL", *RULES, AGREED, BY_S, BY_KEY, BY_HOLDER]
    return "".join(f"#define {name} HOSTILE_{name}\n" for name in names) + "\n"


def header():
    return (TOP + words() + "static const struct hostile_rfc hostile_rfc[] = {\n"
            + "".join(rfc_rows()) + "};\n\nstatic const struct hostile hostile[] = {\n"
            + "".join(hostile_rows(vectors())) + "};\n/* clang-format on */\n\n#endif\n")


if __name__ == "__main__":
    print(header(), end="")
