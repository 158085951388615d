# SPDX-License-Identifier: Apache-2.0
"""Sections 1 and 2 of docs/PROTOCOL.md: frames on a byte stream, and messages, whose
layout is read from that document's tables. Does not know what a message is for."""
import binascii
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "protocol"), str(ROOT / "tests" / "house")]
from document import table  # noqa: E402, F401 - others take it from here

DOC = (ROOT / "docs" / "PROTOCOL.md").read_text(encoding="utf-8")
NO_TAG = 0xFFFF
OPEN = ("HELLO", "INFO")  # their CRC begins with NO_TAG
LEAD = ("HELLO", "INFO", "STATUS")  # a zero byte goes before them
TO_DEVICE, TO_COURIER = False, True
DAMAGED = None


def crc16(data, init=NO_TAG):
    """CRC-16/CCITT-FALSE; its polynomial is the one of crc_hqx."""
    return binascii.crc_hqx(data, init)


def session_tag(nonce, count):
    return crc16(nonce + (count & 0xFFFF).to_bytes(2, "little"))


# ---- COBS ---------------------------------------------------------------------------


def stuff(frame):
    """The frame in groups of at most 254, then the end."""
    out = bytearray()
    runs = frame.split(b"\0")
    for last, run in zip([False] * (len(runs) - 1) + [True], runs):
        while len(run) > 254 or (last and len(run) == 254):
            out += b"\xff" + run[:254]
            run = run[254:]
            if last and not run:
                return bytes(out) + b"\0"
        if len(run) == 254:  # the zero behind it is a group of its own
            out += b"\xff" + run
            run = b""
        out += bytes([len(run) + 1]) + run
    return bytes(out) + b"\0"


def unstuff(groups):
    """The frame that stood before a zero byte, or DAMAGED: it was cut short."""
    out, at, implied = bytearray(), 0, False
    while at < len(groups):
        code = groups[at]
        if implied:
            out.append(0)
        out += groups[at + 1:at + code]
        at += code
        implied = code < 255
    return bytes(out) if at == len(groups) else DAMAGED


class Stream:
    """One direction of a link: values in, frames out, wherever the cuts were."""

    def __init__(self):
        self.half = b""

    def take(self, value):
        """The frames, or DAMAGED, that end in this value. Zeros in a row are one end."""
        *whole, self.half = (self.half + value).split(b"\0")
        return [unstuff(groups) for groups in whole if groups]


# ---- messages -----------------------------------------------------------------------


class Field:
    def __init__(self, row):
        offset, size, self.name, meaning = row
        self.at = int(offset)
        least, _, most = size.partition("..")
        self.least, self.most = int(least), int(most or least)
        self.order = "big" if "**big-endian**" in meaning else "little"
        self.number = self.most <= 4 and least == size


class Form:
    """A message's type and fields. The last one may be of any length within bounds."""

    def __init__(self, name, value):
        self.name, self.type = name, value
        self.fields = [Field(row) for row in table(DOC, f"### {name}", "| offset | size |")]
        last = self.fields[-1]
        self.least, self.most = last.at + last.least, last.at + last.most
        if self.fields[0].name == "type":
            del self.fields[0]

    def write(self, values):
        body = b"" if self.type == 0 else bytes([self.type])
        for field in self.fields:
            value = values[field.name]
            body += value.to_bytes(field.least, field.order) if field.number else value
        assert self.least <= len(body) <= self.most, self.name
        return body

    def read(self, body):
        values = {}
        for field in self.fields:
            part = body[field.at:field.at + field.most]
            values[field.name] = int.from_bytes(part, field.order) if field.number else part
        return values


FORMS = {name: Form(name, int(value, 0)) for name, value, *_ in
         table(DOC, "## 2 Messages", "| type | value |")}
BY_TYPE = {form.type: form for form in FORMS.values()}


def seed_of(name, tag):
    return NO_TAG if name in OPEN else tag


def seal(body, init):
    return body + crc16(body, init).to_bytes(2, "little")


def frame(message, tag, /, **values):
    """A message as a frame, its CRC included. A verdict's `ack` may be ACK's fields."""
    form = FORMS[message]
    if isinstance(values.get("ack"), dict):
        values["ack"] = FORMS["ACK"].write(values["ack"])[1:]
    return seal(form.write(values), seed_of(message, tag))


def on_link(message, tag, /, **values):
    """And as it stands on the link."""
    return (b"\0" if message in LEAD else b"") + stuff(frame(message, tag, **values))


def read(whole, tag, direction):
    """(name, {field: value}) of a frame, or DAMAGED. Length, then CRC, then fields."""
    if whole is DAMAGED or len(whole) < 3:
        return DAMAGED
    form = BY_TYPE.get(whole[0])
    if form is None or (form.type >= 0x80) != direction:
        return DAMAGED
    if not form.least <= len(whole) - 2 <= form.most:
        return DAMAGED
    if seal(whole[:-2], seed_of(form.name, tag)) != whole:
        return DAMAGED
    values = form.read(whole[:-2])
    if "ack" in values:
        values["ack"] = FORMS["ACK"].read(bytes([0x83]) + values["ack"])
    return form.name, values


def names(heading, head):
    """{name: value} of one of section 3's tables."""
    return {row[0]: int(row[1], 0) for row in table(DOC, heading, head)}


def errors():
    """{code: what stands in VERDICT or DONE} of those that can stand there."""
    return {row[0]: int(row[2]) for row in table(DOC, "### Errors", "| code | number |")
            if row[2] != "-"}


def said_by_verdict():
    """The codes that VERDICT's REFUSE can have."""
    return {row[0] for row in table(DOC, "### Errors", "| code | number |")
            if re.search(r"\bVERDICT\b", row[3])}
