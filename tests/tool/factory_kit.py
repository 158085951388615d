# SPDX-License-Identifier: Apache-2.0
#
# What the tests of `ferry factory` and of a real device stand on: a board map, a
# release signed by a key of its own, readers of Intel HEX and of the identity block
# that share nothing with the tool.
import json
import struct
import zlib

from kit import CLASS, arguments

DEVICE = "00112233-4455-6677-8899-aabbccddeeff"
MAP = {"flash": "0x00000000+0x80000", "erase_unit": "4096", "write_unit": "4",
       "identity": "0x7F000", "bank0": "0x10000+0x30000", "bank1": "0x40000+0x30000",
       "boot_journal": "0x70000, 0x71000", "app_journal": "0x72000, 0x73000",
       "reserved": "0+0x10000"}
LINK = (0x11000, 0x41000)
FACTORY = {"map": "map.txt", "class": CLASS, "device": DEVICE, "hw": 2,
           "key": ["3=own.pub"], "artifact": "app.ferry", "output": "out.hex",
           "bin": "out.bin"}


def map_text(**changes):
    """None leaves a key out, a list gives it several times."""
    lines = ["# a board, for tests"]
    for key, value in {**MAP, **changes}.items():
        for each in value if isinstance(value, list) else [value]:
            if each is not None:
                lines.append(f"{key} = {each}  # {key}")
    return "\n".join(lines) + "\n"


def prepare(w, **changes):
    """A map, a key pair of ours and an artifact for bank 0."""
    w.write("map.txt", map_text(**changes).encode())
    w.ok("keygen", "-o", "own")
    w.sign(key="own.key", link=LINK[0])


def factory_args(**options):
    return arguments("factory", {**FACTORY, **{k.replace("_", "-"): v
                                               for k, v in options.items()}})


def factory(w, **options):
    return json.loads(w.ok(*factory_args(json=True, **options)))


def check(w, name="out.bin"):
    return json.loads(w.ok("factory", "--map", "map.txt", "--check", name, "--json"))


def read_hex(data):
    """{address: byte}. Strict: sums, lengths, one end, nothing twice, and no record
    that runs over a 64 KiB border."""
    memory, upper, ended = {}, None, False
    for line in data.decode("ascii").split("\n")[:-1]:
        assert not ended and line[0] == ":" and len(line) % 2 == 1
        record = bytes.fromhex(line[1:])
        assert sum(record) % 256 == 0 and record[0] == len(record) - 5
        at, kind, body = int.from_bytes(record[1:3], "big"), record[3], record[4:-1]
        if kind == 4:
            assert len(body) == 2 and at == 0
            upper = int.from_bytes(body, "big") << 16
        elif kind == 0:
            assert upper is not None and at + len(body) <= 65536
            for i, byte in enumerate(body):
                assert upper + at + i not in memory, "a byte twice"
                memory[upper + at + i] = byte
        else:
            assert kind == 1 and at == 0 and not body
            ended = True
    assert ended and data.endswith(b"\n")
    return memory


IDENTITY = "<4sHH16s16sII11I4s520s4sI"


def read_identity(block):
    """By the layout of docs/PROTOCOL.md, without the engine."""
    assert struct.calcsize(IDENTITY) == len(block) == 624
    magic, layout, length, class_id, device, hw, caps, *rest = struct.unpack(
        IDENTITY, block)
    places, (mark, keys, spare, crc) = rest[:11], rest[11:]
    assert (magic, layout, length, mark) == (b"FRID", 1, 624, b"FAMK")
    assert spare == bytes(4) and crc == zlib.crc32(block[:620])
    return {"class": class_id.hex(), "device": device.hex(), "hw": hw, "caps": caps,
            "bank0": places[0:2], "bank1": places[2:4], "link": places[4:6],
            "header_len": places[6], "boot_journal": places[7:9],
            "app_journal": places[9:11],
            "keys": [keys[at:at + 65] for at in range(0, 520, 65)]}


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]
