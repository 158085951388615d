# SPDX-License-Identifier: Apache-2.0
"""One question to both implementations: how it is put to the judge, what the oracle
answers itself, and what counts as the same. Does not know how questions are made."""
from cose import Refused
from device import Device
from payload import BOOT_KEYS, DEVICE_KEYS, MANIFEST, STATEMENT, parse
from wire import (BY_TYPE, DAMAGED, FORMS, NO_TAG, TO_COURIER, Stream, frame, read)

MANIFEST_SAYS = (("type", "hw_min", "hw_max", "version", "sec_ctr", "length", "link",
                  "min_from", "encoding", "t_len"),
                 ("class", "sha256", "t_sha256", "base", "blocks", "device"))
STATEMENT_SAYS = (("type", "hw_rev", "version", "counter", "link", "attempts", "starts",
                   "resets", "outcome", "outcome_version", "updates", "rollbacks",
                   "hash_errors", "block_errors", "bad_signatures", "floor"),
                  ("class", "device", "nonce", "digest", "outcome_digest", "offender",
                   "refusals"))
KINDS = ("ACCEPT", "RUNNING", "LATER", "REFUSE", "MORE")


def hexed(data):
    return data.hex() or "-"


class Payload:
    """`manifest` or `statement`."""

    def __init__(self, data, rules, skipped=DEVICE_KEYS):
        self.data, self.rules, self.skipped = data, rules, skipped

    def lines(self):
        name = "manifest" if self.rules is MANIFEST else "statement"
        role = f" {int(self.skipped is BOOT_KEYS)}" if self.rules is MANIFEST else ""
        return [f"{name}{role} {hexed(self.data)}"]

    def ours(self):
        try:
            found = parse(self.rules, self.data, self.skipped)
        except Refused as refused:
            return str(refused)
        said = {self.rules.name[key]: value for key, value in found.items()}
        numbers, strings = MANIFEST_SAYS if self.rules is MANIFEST else STATEMENT_SAYS
        words = ["ok", *(f"{name}={said.get(name, 0)}" for name in numbers),
                 *(f"{name}={said[name].hex()}" for name in strings if name in said)]
        if self.rules is MANIFEST and self.skipped == DEVICE_KEYS:
            words.append(f"bytes={self.data.hex()}")
        return " ".join(words)

    def theirs(self, line):
        if self.skipped is BOOT_KEYS:  # what it skipped it does not write again
            line = line.partition(" bytes=")[0]
        return line

    def tally(self, answer):
        yield answer.partition(" ")[0]


class Link:
    """`stream`: values, however they are cut."""

    def __init__(self, direction, tag, values):
        self.direction, self.tag, self.values = direction, tag, values

    def lines(self):
        return [f"stream {self.direction} {self.tag} "
                + " ".join(value.hex() for value in self.values)]

    def ours(self):
        stream, words = Stream(), ["frames"]
        for value in self.values:
            words += [self.word(whole) for whole in stream.take(value)]
        return " ".join(words)

    def word(self, whole):
        message = read(whole, self.tag, bool(self.direction))
        if message is DAMAGED:
            return "damaged"
        name, values = message
        numbers, strings, rest = self.flat(FORMS[name], values)
        numbers += [0] * (12 - len(numbers))
        return " ".join([",".join(map(str, [FORMS[name].type, *numbers])),
                         *(f"bytes={string.hex()}" for string in strings),
                         f"rest={hexed(rest)}",
                         f"again={frame(name, self.tag, **values).hex()}"])

    def flat(self, form, values):
        numbers, strings, rest = [], [], b""
        for field in form.fields:
            value = values[field.name]
            if field.name == "ack":
                numbers += value.values()
            elif field.number:
                numbers.append(value)
            elif field.least == field.most:
                strings.append(value)
            else:
                rest = value
        return numbers, strings, rest

    def theirs(self, line):
        return line

    def tally(self, answer):
        for word in answer.split(" ")[1:]:
            number = word.partition(",")[0]
            if number.isdigit():
                yield BY_TYPE[int(number)].name
            elif number == "damaged":
                yield "damaged"


class Talk:
    """`session`: a whole one, values and milliseconds. Of what the device says, INFO,
    VERDICT and DONE are compared; its acks say how busy it is, too."""

    def __init__(self, session, verify=None):
        self.session, self.verify = session, verify

    def describe(self):
        f = self.session.facts
        tomb = f.tombstone or (0, 0)
        words = (f.identity_block().hex(), int(f.known), f.active, f.slot, f.version,
                 f.digest.hex(), f.image_hash.hex(), f.floor, int(f.tombstone is not None),
                 *tomb, int(f.trial), int(f.committed), f.begins, self.session.seed)
        return "device " + " ".join(map(str, words))

    def lines(self):
        s = self.session
        script = [f"+{step}" if isinstance(step, int) else step.hex() for step in s.script]
        return [self.describe(),
                f"session {s.signature} {s.flash} {' '.join(script)}"]

    def ours(self):
        s, now, said = self.session, 0, []
        verdict = self.verify or (lambda *_: {0: False, 1: True, 2: None}[s.signature])
        committed = s.facts.committed
        device = Device(s.facts, verdict, seed=s.seed)
        device.erases_end = bool(s.flash)
        for step in s.script:
            if isinstance(step, int):
                now += step
                said += device.time(now)
            else:
                said += device.take(step, now)
        s.facts.committed = committed
        return self.sum_up(b"".join(said), device.touched, device.installed is not None)

    def theirs(self, line):
        said, calls, commits = line.split(" ")
        return self.sum_up(bytes.fromhex("" if said == "-" else said), calls != "0",
                           commits != "0")

    def sum_up(self, link, touched, committed):
        words, tag = [], self.session.tag
        for whole in Stream().take(link):
            message = read(whole, tag, TO_COURIER)
            if message is DAMAGED:
                message = read(whole, NO_TAG, TO_COURIER)
            name, values = message or ("damaged", {"frame": whole})
            if name == "VERDICT":
                words.append("{}:{code}:{detail}:{number}".format(
                    KINDS[values["kind"]], **values))
            elif name != "ACK":
                words.append(f"{name}:" + ",".join(
                    value.hex() if isinstance(value, bytes) else str(value)
                    for value in values.values()))
        return " ".join([*words, f"flash={int(touched)}", f"commits={int(committed)}"])

    def tally(self, answer):
        for word in answer.split(" "):
            kind, _, rest = word.partition(":")
            if kind in KINDS:
                code = rest.partition(":")[0]
                yield f"{kind} {code}" if kind in ("LATER", "REFUSE") else kind
