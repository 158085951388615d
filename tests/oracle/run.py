#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two implementations, one written from docs/PROTOCOL.md alone: both must say the same of
every input that is made here. Counts how often each verdict and code came up, and fails
where one that VERDICT can say came up too rarely to prove anything.

usage: run.py BUILD [--inputs N] [--seed S] [--real N] [--json] [--again FILE]
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.dont_write_bytecode = True

from ask import Link, Payload, Talk  # noqa: E402
from cose import Envelope, Key, envelope, holds, write_map  # noqa: E402
from inputs import any_manifest, any_statement, bent, device  # noqa: E402
from payload import BOOT_KEYS, DEVICE_KEYS, MANIFEST, STATEMENT  # noqa: E402
from scripts import (Session, a_stream, offer_often, offer_once, offered,  # noqa: E402
                     pieces, silence, wrong_image)
from wire import errors, said_by_verdict  # noqa: E402

BATCH = 500         # inputs that the judge answers at a time
ONE_DEVICE = 20     # of them are asked of the same device
ENOUGH = 1e-4       # of all inputs must yield each code: 100 in a million
PROGRESS_S = 10
SHOWN = 40


# ---- questions ----------------------------------------------------------------------


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


def questions(dice, count, public):
    facts = None
    for k in range(count):
        if k % ONE_DEVICE == 0:
            facts = device(dice, public)
        which = dice.random()
        if which < 0.55:
            yield Talk(session(dice, facts))
        elif which < 0.8:
            yield payload(dice)
        else:
            yield Link(*a_stream(dice))


def signed_questions(dice, count, scratch):
    """Real signatures: the engine asks libsodium, the oracle openssl."""
    key, other = Key(scratch), Key(scratch, "other")
    for _ in range(count):
        facts = device(dice, key.public, known=True, trial=False, committed=False, begins=0)
        s = Session(facts, dice.getrandbits(16), signature=3)
        s.hello(dice)
        s.script += pieces(s.tag, truly_signed(dice, facts, key, other))
        yield Talk(s, lambda slot, message, signature, f=facts:
                   holds(f.keys[slot][1][:32], message, signature))


def truly_signed(dice, facts, key, other):
    """By the key, now and then by another, or with a bit that fell over."""
    whole = offered(dice, facts)
    try:
        e = Envelope(whole)
    except Exception:  # its form is wrong: nobody asks for the signature
        return whole
    signer = other if dice.random() < 0.1 else key
    whole = bytearray(envelope(e.payload, signer.sign(e.to_be_signed()), e.kid, e.alg))
    if dice.random() < 0.3:
        whole[dice.choice((dice.randrange(12, len(whole)), len(whole) - 1))] ^= \
            1 << dice.randrange(8)
    return bytes(whole)


# ---- both answers -------------------------------------------------------------------


class Judge:
    """The engine, as a process that answers lines."""

    def __init__(self, build):
        self.program = Path(build) / "tests" / "oracle" / "oracle-judge"

    def answers(self, asked):
        lines = [line for each in asked for line in each.lines()]
        done = subprocess.run([self.program], input="\n".join(lines) + "\n", text=True,
                              stdout=subprocess.PIPE, check=True)
        return done.stdout.split("\n")[:-1]


class Run:
    def __init__(self, judge, args):
        self.judge, self.args = judge, args
        self.seen, self.asked, self.wrong = Counter(), 0, 0
        self.began = self.told = time.monotonic()

    def ask(self, batch):
        theirs = self.judge.answers(batch)
        assert len(theirs) == len(batch), "the judge owes an answer"
        for each, line in zip(batch, theirs):
            ours, engine = each.ours(), each.theirs(line)
            self.seen.update((type(each).__name__, word) for word in each.tally(ours))
            if ours != engine:
                self.disagree(each, ours, engine)
        self.asked += len(batch)

    def disagree(self, each, ours, engine):
        self.wrong += 1
        if self.wrong <= SHOWN:
            print(f"disagreement: the oracle says {ours}\n"
                  f"              the engine says {engine}")
            lines = "\\n".join(each.lines())
            print(f"again: printf '{lines}\\n' | {self.judge.program}")

    def all(self, made, count):
        batch = []
        for each in made:
            batch.append(each)
            if len(batch) == BATCH:
                self.ask(batch)
                batch = []
                self.tell(count)
        if batch:
            self.ask(batch)

    def tell(self, count):
        now = time.monotonic()
        if now - self.told >= PROGRESS_S and not self.args.json:
            self.told = now
            left = (now - self.began) / self.asked * (count - self.asked)
            print(f"{self.asked} of {count}, {self.wrong} disagreements, "
                  f"{left:.0f} s left", flush=True)

    def rare(self):
        """Codes that VERDICT can say, and that hardly an input yielded."""
        least = max(1, int(self.args.inputs * ENOUGH))
        number = errors()
        for code in sorted(said_by_verdict(), key=number.get):
            times = self.seen["Talk", f"REFUSE {number[code]}"]
            if times < least:
                yield f"{code} came up {times} times, {least} at least"
        for kind in ("ACCEPT", "RUNNING", "MORE"):
            if self.seen["Talk", kind] < least:
                yield f"{kind} came up {self.seen['Talk', kind]} times"


def read_args():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build")
    parser.add_argument("--inputs", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--real", type=int, default=20, help="with real signatures")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main():
    args = read_args()
    run, dice = Run(Judge(args.build), args), random.Random(args.seed)
    run.all(questions(dice, args.inputs, bytes(range(1, 33))), args.inputs)
    with tempfile.TemporaryDirectory() as scratch:
        run.all(signed_questions(dice, args.real, scratch), args.real)
    rare = list(run.rare())
    seen = {" ".join(key): count for key, count in sorted(run.seen.items())}
    if args.json:
        print(json.dumps({"inputs": run.asked, "seed": args.seed, "seen": seen,
                          "disagreements": run.wrong, "rare": rare}, indent=2))
    else:
        print("\n".join([*(f"{count:8} {key}" for key, count in seen.items()), *rare]))
        print(f"{run.asked} inputs, seed {args.seed}: {run.wrong} disagreements")
    return 1 if run.wrong or rare else 0


if __name__ == "__main__":
    sys.exit(main())
