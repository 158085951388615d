#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The second implementation makes the vectors of docs/PROTOCOL.md, byte for byte, and reads
them back. Knows which vector is about what; the engine is not asked."""
import hashlib
import sys

sys.dont_write_bytecode = True

from cose import STATEMENT_KID, Envelope, block_table, envelope, take_artifact, write_map
from payload import MANIFEST, STATEMENT, parse
from policy import Facts
from wire import (DOC, FORMS, NO_TAG, Stream, crc16, frame, on_link, read, session_tag,
                  stuff)
from document import vectors
from house import Report


def frames(v):
    for name, fields in v.items():
        if name.startswith("crc-") and crc16(fields["run"], fields["init"]) != fields["crc"]:
            yield name, "another CRC"
        if name.startswith("cobs-"):
            if stuff(fields["body"]) != fields["wire"]:
                yield name, "other bytes on the wire"
            if Stream().take(fields["wire"]) != [fields["body"]]:
                yield name, "is read otherwise"
    if session_tag(v["tag"]["nonce"], v["tag"]["session_count"]) != v["tag"]["tag"]:
        yield "tag", "another tag"


def fields_of(v, name):
    """As the implementation has them: HELLO's and INFO's nonce is a number."""
    def value(field):
        got = v[name][field.name]
        return int.from_bytes(got, "little") if field.number and isinstance(got, bytes) \
            else got
    return {field.name: value(field) for field in FORMS[name].fields}


def messages(v):
    tag = v["tag"]["tag"]
    for name, form in FORMS.items():
        values, wire = fields_of(v, name), v[name]["wire"]
        if on_link(name, tag, **values) != wire:
            yield name, f"other bytes on the wire: {on_link(name, tag, **values).hex()}"
        whole, = Stream().take(wire)
        got, said = read(whole, tag, form.type >= 0x80) or (None, {})
        if got != name or frame(got, tag, **said) != whole:
            yield name, f"is read as {got}: {said}"
        if read(whole, tag ^ 1, form.type >= 0x80) and name not in ("HELLO", "INFO"):
            yield name, "is read under another tag, too"
        if crc16(whole[:-2], NO_TAG if name in ("HELLO", "INFO") else tag) != v[name]["crc"]:
            yield name, "another CRC"


def image(v):
    return bytes((31 * i + 7 * (i // 256)) % 256 for i in range(v["block-table"]["image_len"]))


def artifact(v):
    data, want = image(v), v["block-table"]
    table = block_table(data)
    whole = v["envelope"]["envelope"] + table + data
    if table != want["table"] or hashlib.sha256(table).digest() != want["table_sha256"]:
        yield "block-table", "another table"
    if hashlib.sha256(data).digest() != want["image_sha256"]:
        yield "block-table", "another image"
    if (len(whole), hashlib.sha256(whole).digest()) != tuple(v["artifact"].values()):
        yield "artifact", "other bytes"
    if take_artifact(whole) != (v["envelope"]["envelope"], table, data):
        yield "artifact", "is taken apart otherwise"


def envelopes(v):
    for name, kid in (("envelope", 0), ("statement", STATEMENT_KID)):
        e = v[name]
        if envelope(e["payload"], e["signature"], kid) != e["envelope"]:
            yield name, "other bytes"
        opened = Envelope(e["envelope"])
        if (opened.payload, opened.signature, opened.kid) != \
                (e["payload"], e["signature"], kid):
            yield name, "is opened otherwise"
        if opened.to_be_signed() != e["tbs"]:
            yield name, "other bytes to be signed"
        if opened.digest() != e.get("digest", b"") and kid == 0:
            yield name, "another digest"


def payloads(v):
    said = parse(STATEMENT, v["statement"]["payload"])
    if {STATEMENT.name[key]: value for key, value in said.items()} != \
            {name: v["statement"][name] for name in STATEMENT.name.values()}:
        yield "statement", "says something else"
    if write_map(sorted(said.items())) != v["statement"]["payload"]:
        yield "statement", "is written otherwise"
    said = parse(MANIFEST, v["envelope"]["payload"])
    if (said[6], said[7], said[14]) != (v["block-table"]["image_len"],
                                        v["block-table"]["image_sha256"],
                                        v["block-table"]["table_sha256"]):
        yield "envelope", "its manifest says something else"
    pairs = [*sorted(said.items()), (-1, "1.2.3")]
    if write_map(pairs) != v["envelope"]["payload"]:
        yield "envelope", "its manifest is written otherwise"


def identity(v):
    want = v["identity"]
    keys = [(want["keys"][at], want["keys"][at + 1:at + 65]) for at in range(0, 520, 65)]
    facts = Facts(class_id=want["class"], device_id=want["device"], hw_rev=want["hw_rev"],
                  boot_caps=want["boot_caps"], keys=keys, header_len=want["header_len"],
                  bank=tuple((want[f"bank{n}_addr"], want[f"bank{n}_len"]) for n in (0, 1)),
                  link=(want["link0"], want["link1"]),
                  journals=tuple(want[name] for name in want if "journal" in name))
    if facts.identity_block() != want["block"]:
        yield "identity", "other bytes"


def main():
    report, v = Report(), vectors(DOC)
    for claim in (frames, messages, artifact, envelopes, payloads, identity):
        report.check(claim(v))
    report.end()


if __name__ == "__main__":
    main()
