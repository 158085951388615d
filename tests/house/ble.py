#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/BLE.md says what the code does: UUIDs, bytes of the advertisement, hints; and its
example is the golden session. The ports' first lines say on what they ran.

usage: ble.py ROOT
"""
import re
import sys
import uuid
from pathlib import Path

from house import Report, project_files, text

DOC = "docs/BLE.md"
CODE = "ports/ble/ferry_ble.h"
SESSION = "tests/golden/session.txt"
DOC_LINES = 300
PORTS = ("ports/ble", "ports/nrf52/ble", "ports/nrf52/softdevice", "ports/nimble",
         "ports/zephyr")
RAN = re.compile(r"/\* (Ran on no hardware[;.]|Not (Nordic|NimBLE|Zephyr)'s:)")


# ---- UUIDs ------------------------------------------------------------------------


def constant(code, name):
    found = re.search(rf"^#define {name} (0x[0-9A-Fa-f]+|\d+)U?\b", code, re.M)
    return int(found.group(1), 0) if found else None


def base(code):
    """The 16 bytes of FERRY_BLE_UUID(0), as on the air."""
    macro = re.search(r"^#define FERRY_BLE_UUID\(short_id\)((?:.*\\\n)+.*)", code, re.M)
    words = re.findall(r"short_id|\b0x[0-9a-f]{2}\b", macro.group(1) if macro else "")
    return bytes(0 if word == "short_id" else int(word, 16) for word in words)


def on_air(code, name):
    at, value = constant(code, "FERRY_BLE_UUID_AT"), constant(code, name)
    found = bytearray(base(code))
    if len(found) == 16 and at is not None and value is not None:
        found[at:at + 2] = value.to_bytes(2, "little")
    return bytes(found)


def uuids(doc, code):
    for row, name in (("service", "FERRY_BLE_SERVICE"),
                      ("to device", "FERRY_BLE_TO_DEVICE"),
                      ("to courier", "FERRY_BLE_TO_COURIER")):
        said = re.search(rf"^\| {row} \| `([0-9a-f-]{{36}})` \|", doc, re.M)
        if not said:
            yield DOC, f"no UUID of the row {row}"
        elif uuid.UUID(said.group(1)).bytes[::-1] != on_air(code, name):
            yield DOC, f"{row}: {said.group(1)} is not {name} of {CODE}"


# ---- finding a device -------------------------------------------------------------


def advert(doc, code):
    service = on_air(code, "FERRY_BLE_SERVICE")
    looks = constant(code, "FERRY_BLE_HINT_LOOKS")
    for where, kind, payload in (("advertisement", 0x07, service),
                                 ("scan response", 0x21, service + bytes([looks or 0]))):
        wanted = (bytes([len(payload) + 1, kind]) + payload).hex().upper()
        said = re.search(rf"^\| {where} \|[^|]*\| `([0-9A-F]+)` \|", doc, re.M)
        if not said or said.group(1) != wanted:
            yield DOC, f"{where}: should be {wanted}"


def hints(doc, code):
    said = {name: int(value, 16) for name, value in
            re.findall(r"^\| ([A-Z]+) \| (0x[0-9A-F]{2}) \|", doc, re.M)}
    defined = {name: int(value, 16) for name, value in
               re.findall(r"^#define FERRY_BLE_HINT_([A-Z]+) (0x[0-9A-F]{2})U", code, re.M)}
    if said != defined or not said:
        yield DOC, f"hints {said}, and {defined} in {CODE}"


def longest(doc, code):
    most = constant(code, "FERRY_BLE_VALUE_MAX")
    if f"at most {most} are useful" not in doc or f"requestMtu({(most or 0) + 3})" not in doc:
        yield DOC, f"the longest value is {most} bytes"


# ---- the session ------------------------------------------------------------------


def golden(root):
    """{(step, direction): hex} of the recorded values."""
    lines = text(root / SESSION).split("\n")
    return {tuple(line.split(" ")[:2]): line.split(" ")[2] for line in lines if line}


def session(root, doc):
    block = re.search(r"^```session\n(.*?)^```$", doc, re.M | re.S)
    lines = block.group(1).splitlines() if block else []
    recorded = golden(root)
    if len(lines) < 10:
        yield DOC, "no session of ten values or more"
    for line in lines:
        said = re.match(r" *(\d+) ([<>]) +(\d+) +([0-9A-F]+)(\.\.\.)? ", line)
        value = recorded.get(said.group(1, 2)) if said else None
        if value is None:
            yield DOC, f"not a value of {SESSION}: {line}"
        elif len(value) != 2 * int(said.group(3)):
            yield DOC, f"step {said.group(1)} is {len(value) // 2} bytes"
        elif not (value.startswith(said.group(4)) if said.group(5)
                  else value == said.group(4)):
            yield DOC, f"step {said.group(1)} is {value[:60]}"


# ---- the ports --------------------------------------------------------------------


def first_line(root, name):
    if not RAN.match(text(root / name)):
        yield f"{name}:1", "does not say on what it ran"


def main():
    root, report = Path(sys.argv[1]), Report()
    doc, code = text(root / DOC), text(root / CODE)
    for facts in (uuids, advert, hints, longest):
        report.check(facts(doc, code))
    report.check(session(root, doc))
    if len(doc.splitlines()) > DOC_LINES:
        report.fail(DOC, f"more than {DOC_LINES} lines")
    sources = [n for n in project_files(root) if n.suffix in (".c", ".h")
               and str(n).startswith(PORTS)]
    if not sources:
        report.fail(PORTS[0], "no sources found")
    for name in sources:
        report.check(first_line(root, name))
    report.end()


if __name__ == "__main__":
    main()
