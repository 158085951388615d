#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The second implementation (tests/protocol/stranger.py) reads the golden files from the
document alone, and finds in them what golden.md says. The engine is not asked.

usage: stranger_reads.py PROTOCOL.md FOLDER
"""
import hashlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "protocol"))
from document import table, vectors  # noqa: E402
from stranger import Report, cbor, same, take_apart  # noqa: E402
from stranger_journal import read_journal  # noqa: E402


def envelope_of(whole):
    """(key slot, to be signed, payload's pairs, length) of the envelope at the start."""
    ll = whole[11]
    payload = whole[12:12 + ll]
    pairs, end = cbor(payload)
    assert whole[:2] == b"\xd2\x84" and whole[9:11] == b"\xa0\x58" and end == ll
    tbs = b"\x84\x6aSignature1" + whole[2:9] + b"\x40\x58" + whole[11:12] + payload
    return whole[8], tbs, dict(pairs), ll + 78


def says(doc, name, heading, pairs, want):
    """Every key of a map is what the manifest of the files says, under its name."""
    names = {int(row[0]): row[1] for row in table(doc, heading, "| key | name |")}
    for key, value in pairs.items():
        if want[names[key]] != value:
            yield name, f"{names[key]} is {value}, not {want[names[key]]}"


def artifact(doc, name, data, want):
    slot, tbs, pairs, length = envelope_of(data)
    yield from says(doc, name, "### The manifest (keys 0..19 frozen)", pairs, want)
    image = data[-want["length"]:]
    blocks = data[length:-want["length"]]
    entries = b"".join(hashlib.sha256(image[at:at + 4096]).digest()[:16]
                       for at in range(0, len(image), 4096))
    if (slot, length, len(data)) != (want["slot"], want["envelope_len"], want["file_len"]):
        yield name, "another slot or length"
    if hashlib.sha256(tbs).digest() != want["digest"]:
        yield name, "another digest"
    if entries != blocks or hashlib.sha256(blocks).digest() != want["blocks"]:
        yield name, "another block table"
    if hashlib.sha256(image).digest() != want["sha256"]:
        yield name, "another image"


def statement(doc, name, data, want):
    slot, _, pairs, length = envelope_of(data)
    yield from says(doc, name, "## 11 The statement (frozen)", pairs, want)
    if slot != 0x80 or length != len(data) or len(pairs) != 23:
        yield name, "no statement"


def layout(doc, name, data, want):
    heading = "## 12 The identity block (frozen)" if name == "identity.bin" \
        else "## 14 The hand-off block (frozen)"
    fields = take_apart(doc, heading, data)
    yield from same(name, {key: fields[key] for key in want}, want)


def state(doc, name, data, v):
    flash, unit = v[name], v[name]["erase_unit"]
    pages = [data[at:at + unit] for at in range(0, len(data), unit)]
    for which, kind, length, heading, sound_only in (
            ("boot", 0x42, 76, "### The bootloader's record", False),
            ("app", 0x41, 64, "### The application's record", False),
            ("asks", 0x41, 64, "### The application's record", True)):
        want = dict(v[f"{name}.{which}"])
        payload, facts = read_journal(doc, dict(flash, kind=kind, length=length),
                                      pages[:2] if kind == 0x42 else pages[2:], sound_only)
        if facts != {key: want[key] for key in facts}:
            yield f"{name}.{which}", f"reads as {facts}"
        fields = take_apart(doc, heading, payload or bytes(length))
        if set(fields) | set(facts) != set(want):
            yield f"{name}.{which}", "other fields"
        yield from same(f"{name}.{which}", fields, want)


def main():
    doc, folder, report = Path(sys.argv[1]).read_text(encoding="utf-8"), \
        Path(sys.argv[2]), Report()
    v = vectors((folder / "golden.md").read_text(encoding="utf-8"))
    for name, fields in v.items():
        if name.endswith(".ferry"):
            report.check(artifact(doc, name, (folder / name).read_bytes(), fields))
        elif name == "statement.bin":
            report.check(statement(doc, name, (folder / name).read_bytes(), fields))
        elif name.endswith(".bin"):
            report.check(layout(doc, name, (folder / name).read_bytes(), fields))
        elif "erase_unit" in fields:
            data = (folder / f"journals-{name}.bin").read_bytes()
            report.check(state(doc, name, data, v))
    report.end()


if __name__ == "__main__":
    main()
