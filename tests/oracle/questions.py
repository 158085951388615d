# SPDX-License-Identifier: Apache-2.0
"""The questions, by number: `made/K` with a signature's verdict as an input, `real/K` with
real signatures. A seed and a name always give the same question. Does not ask anybody."""
import random

from ask import Link, Payload, Talk
from cose import Envelope, Key, Refused, envelope, holds, write_map
from inputs import any_manifest, any_statement, bent, device
from payload import BOOT_KEYS, DEVICE_KEYS, MANIFEST, STATEMENT
from scripts import (Session, a_stream, offer_often, offer_once, offered, pieces, silence,
                     wrong_image)

ONE_DEVICE = 20  # questions are asked of the same device


class Questions:
    def __init__(self, seed, scratch):
        self.seed = seed
        self.key = Key(scratch, bytes(range(32)))
        self.other = Key(scratch, bytes(range(1, 33)))

    def dice(self, k, what):
        return random.Random((self.seed << 40) + (k << 4) + what)

    def ask(self, name):
        kind, _, k = name.partition("/")
        return {"made": self.made, "real": self.real}[kind](int(k))

    def made(self, k):
        dice = self.dice(k, 0)
        which = dice.random()
        if which < 0.55:
            facts = device(self.dice(k // ONE_DEVICE, 1), self.key.public)
            return Talk(session(dice, facts))
        return payload(dice) if which < 0.8 else Link(*a_stream(dice))

    def real(self, k):
        """The engine asks libsodium, the oracle openssl."""
        dice = self.dice(k, 2)
        facts = device(dice, self.key.public, known=True, trial=False, committed=False,
                       begins=0)
        s = Session(facts, dice.getrandbits(16), signature=3)
        s.hello(dice)
        s.script += pieces(s.tag, self.signed(dice, facts))
        return Talk(s, lambda slot, message, signature:
                    holds(facts.keys[slot][1][:32], message, signature))

    def signed(self, dice, facts):
        """By the key, now and then by another, or with a bit that fell over."""
        whole = offered(dice, facts)
        try:
            e = Envelope(whole)
        except Refused:  # its form is wrong: nobody asks for the signature
            return whole
        signer = self.other if dice.random() < 0.1 else self.key
        whole = bytearray(envelope(e.payload, signer.sign(e.to_be_signed()), e.kid, e.alg))
        if dice.random() < 0.3:
            at = dice.choice((dice.randrange(12, len(whole)), len(whole) - 1))
            whole[at] ^= 1 << dice.randrange(8)
        return bytes(whole)


def payload(dice):
    if dice.random() < 0.4:
        pairs, other, rules = any_statement(dice), any_manifest(dice), STATEMENT
    else:
        pairs, other, rules = any_manifest(dice), any_statement(dice), MANIFEST
    skipped = BOOT_KEYS if rules is MANIFEST and dice.random() < 0.3 else DEVICE_KEYS
    data = write_map(pairs) if dice.random() < 0.3 else bent(dice, pairs, write_map(other))
    return Payload(data[:300], rules, skipped)


def session(dice, facts):
    if not facts.known or facts.trial or facts.committed or dice.random() < 0.9:
        return offer_once(dice, facts, dice.getrandbits(16))
    make = dice.choice((offer_often,) * 8 + (silence, wrong_image))
    return make(dice, facts, dice.getrandbits(16))
