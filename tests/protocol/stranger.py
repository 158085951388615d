#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stranger reads what is frozen: knows CBOR and SHA-256 from their own definitions,
everything else from docs/PROTOCOL.md's tables, and takes the document's vectors apart. The
engine is not asked. What is on the wire: tests/oracle/vectors_test.py.

usage: stranger.py PROTOCOL.md
"""
import hashlib
import re
import shutil
import sys
import zlib
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / name)
                for name in ("house", "oracle")]
from cose import BSTR, NINT, UINT, holds, read_item  # noqa: E402
from document import table, vectors  # noqa: E402
from house import Report  # noqa: E402
from stranger_journal import read_journal, read_page  # noqa: E402


# ---- the stranger's own hands -------------------------------------------------------


def cbor(data, at=0):
    """One item of the manifest's subset: (value, end)."""
    major, arg, string, at = read_item(data, at)
    if major in (UINT, NINT):
        return (arg if major == UINT else -1 - arg), at
    if string is not None:
        return (string if major == BSTR else string.decode()), at
    pairs = []
    for _ in range(arg):
        key, at = cbor(data, at)
        value, at = cbor(data, at)
        pairs.append((key, value))
    return pairs, at


# ---- the claims ---------------------------------------------------------------------


def envelope(doc, v, name="envelope", slot="00"):
    e = v[name]
    payload = e["payload"]
    ll = f"{len(payload):02X}"
    rows = table(doc, "### The envelope (frozen)", "| offset | bytes |")
    words = " ".join(re.sub("[`]", "", row[1]) for row in rows)
    for word, value in (("aa", "27"), ("kk", slot), ("LL", ll),
                        ("payload", payload.hex()), ("64 bytes", e["signature"].hex())):
        words = words.replace(word, value)
    if bytes.fromhex(words) != e["envelope"]:
        yield name, "other bytes than its table"
    signed = re.search(r'`84 6A "Signature1" (.*?) LL payload`', doc).group(1)
    signed = signed.replace("aa", "27").replace("kk", slot) + ll + payload.hex()
    if b"\x84\x6aSignature1" + bytes.fromhex(signed) != e["tbs"]:
        yield name, "other bytes to be signed"
    if slot == "00" and hashlib.sha256(e["tbs"]).digest() != e["digest"]:
        yield name, "another digest"


def manifest(doc, v):
    payload = v["envelope"]["payload"]
    pairs, end = cbor(payload)
    if end != len(payload):
        yield "manifest", "bytes behind the map"
    present = dict(pairs)
    for key, name, kind, required, _ in table(doc, "### The manifest (keys 0..19 frozen)",
                                              "| key | name |"):
        value = present.get(int(key))
        if required == "yes" and value is None:
            yield name, "is absent"
        elif kind == "uint" and not isinstance(value, (int, type(None))):
            yield name, "is no number"
        elif value is not None and kind.startswith("bstr") and len(value) != int(kind[5:]):
            yield name, "has another length"
    if (present[7], present[14]) != (v["block-table"]["image_sha256"],
                                     v["block-table"]["table_sha256"]):
        yield "manifest", "belongs to another image"


def statement(doc, v):
    """Put together from the last piece on the wire, verified below, and taken apart."""
    s, piece = v["statement"], v["STATEMENT"]
    whole = s["envelope"][:piece["off"]] + piece["bytes"]
    if whole != s["envelope"] or len(whole) != piece["total"]:
        yield "STATEMENT", "its piece does not belong to the statement"
    yield from envelope(doc, v, "statement", "80")
    if whole[10] != 0x58 or whole[12:12 + whole[11]] != s["payload"]:
        yield "statement", "its payload stands elsewhere"
    pairs, end = cbor(whole, 12)
    if end != 12 + whole[11]:
        yield "statement", "bytes behind the map"
    rows = table(doc, "## 11 The statement (frozen)", "| key | name |")
    if [key for key, _ in pairs] != [int(row[0]) for row in rows]:
        yield "statement", "other keys, or another order"
    for (_, value), (_, name, kind, _, most, _) in zip(pairs, rows):
        if value != s[name]:
            yield name, f"is {value}, not {s[name]}"
        if kind != ("uint" if isinstance(value, int) else f"bstr {len(value)}"):
            yield name, f"is no {kind}"
        if most != "-" and max([value] if isinstance(value, int) else value) > int(most):
            yield name, f"is above {most}"
    if s["nonce"] != v["REPORT"]["nonce"]:
        yield "statement", "answers another question"


# ---- what lies in flash -------------------------------------------------------------


def take_apart(doc, heading, data):
    """{field: bytes} by the table below a heading; the table covers all of `data`."""
    fields, end = {}, 0
    for offset, size, field, _ in table(doc, heading, "| offset | size | field |"):
        assert int(offset) == end, f"{field}: not at {end}"
        end += int(size)
        fields[field] = data[int(offset):end]
    assert end == len(data), f"{heading}: {end} bytes, not {len(data)}"
    return fields


def same(name, fields, want):
    """What was read is what the vector says."""
    for field, got in fields.items():
        value = want[field]
        if got != (value.to_bytes(len(got), "little") if isinstance(value, int) else value):
            yield name, f"{field} is {got.hex()}, not {value}"


def identity(doc, v):
    fields = take_apart(doc, "## 12 The identity block (frozen)", v["identity"]["block"])
    yield from same("identity", fields, v["identity"])
    if zlib.crc32(v["identity"]["block"][:-4]) != v["identity"]["crc"]:
        yield "identity", "another CRC"
    slots = [fields["keys"][at:at + 65] for at in range(0, 520, 65)]
    if slots[0][1:33] != v["envelope"]["public_key"] or any(slots[1]):
        yield "identity", "other keys"


def records_and_hand_off(doc, v):
    for name, heading, data in (
            ("boot-record", "### The bootloader's record", "record"),
            ("app-record", "### The application's record", "record"),
            ("handoff", "## 14 The hand-off block (frozen)", "block")):
        yield from same(name, take_apart(doc, heading, v[name][data]), v[name])


def journals(doc, v):
    for name, record in (("boot-page", "boot-record"), ("app-page", "app-record")):
        p = v[name]
        newest, facts = read_journal(doc, p, [p["page"]])
        if facts != {"found": 1, "sequence": p["sequence"], "page": 0, "tail": p["tail"],
                     "doubt": p["doubt"]}:
            yield name, f"reads as {facts}"
        if newest != v[record]["record"]:
            yield name, f"its newest record is no {record}"
        sound, _ = read_journal(doc, p, [p["page"]], sound_only=True)
        if sound != (newest if p["sound"] == p["newest"] else p["first"]):
            yield name, "another record is its newest sound one"
        if [slot.number for slot in read_page(doc, p, p["page"])
                if slot.number is not None and slot.payload == p["first"]] != [1]:
            yield name, "its first record is another"


def tables_of_states(doc, v):
    for heading in ("## 16 The device's states", "## 17 The courier's states"):
        rows = table(doc, heading, "| state | letter |")
        letters = "".join(row[1] for row in rows)
        for name, _, *cells in rows:
            for cell in cells:
                if cell != "." and not set(cell) <= set(letters):
                    yield name, f"leads to {cell}, which is no state"


def signature(report, name, v):
    if shutil.which("openssl") is None:
        report.skip(f"the signature of {name}", "no openssl")
        return
    for bent in (False, True):
        tbs = bytearray(v["tbs"])
        tbs[-1] ^= bent
        report.check([(name, "openssl says otherwise")]
                     if holds(v["public_key"], tbs, v["signature"]) == bent else [])


def main():
    doc, report = Path(sys.argv[1]).read_text(encoding="utf-8"), Report()
    v = vectors(doc)
    for claim in (envelope, manifest, statement, identity,
                  records_and_hand_off, journals, tables_of_states):
        report.check(claim(doc, v))
    for name in ("envelope", "statement"):
        signature(report, name, v[name])
    report.end()


if __name__ == "__main__":
    main()
