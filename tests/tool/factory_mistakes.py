# SPDX-License-Identifier: Apache-2.0
#
# Every mistake `ferry factory` can be given: one line that names it, the right exit
# code, and no file made or changed.
from factory_kit import (DEVICE, LINK, MAP, factory_args, flipped, map_text, prepare)
from kit import CLASS
from statement_cases import statement

# name, options of an otherwise good `ferry factory`, exit code, what the line says
ROWS = [
    ("no map", {"map": None}, 2, ["--map", "missing"]),
    ("no class", {"class": None}, 2, ["--class", "missing"]),
    ("no device id", {"device": None}, 2, ["--device", "missing"]),
    ("no revision", {"hw": None}, 2, ["--hw", "missing"]),
    ("no key", {"key": None}, 2, ["--key", "missing"]),
    ("no output", {"output": None, "bin": None}, 2, ["--output or --bin"]),
    ("a missing map", {"map": "absent"}, 1, ["absent", "No such file"]),
    ("a map that is no text", {"map": "image.bin"}, 1, ["image.bin", "text"]),
    ("a class of words", {"class": "thermostat"}, 2, ["--class", "thermostat"]),
    ("a short device id", {"device": "00" * 15}, 2, ["--device"]),
    ("a revision range", {"hw": "2-5"}, 2, ["--hw", "2-5"]),
    ("revision 2^32", {"hw": 1 << 32}, 2, ["--hw"]),
    ("a key without a slot", {"key": ["own.pub"]}, 2, ["--key", "SLOT=FILE"]),
    ("a key in slot 8", {"key": ["8=own.pub"]}, 2, ["--key", "0..7"]),
    ("a key in slot 03", {"key": ["03=own.pub"]}, 2, ["--key", "SLOT=FILE"]),
    ("an empty --key", {"key": [""]}, 2, ["--key", "SLOT=FILE"]),
    ("a slot twice", {"key": ["3=own.pub", "3=two.pub"]}, 2, ["slot 3", "twice"]),
    ("nine keys", {"key": [f"{i}=own.pub" for i in range(9)]}, 2, ["more than 8"]),
    ("one key in two slots", {"key": ["3=own.pub", "4=own.pub"]}, 1,
     ["own.pub", "slot 3 has the same key"]),
    ("a missing key", {"key": ["3=absent"]}, 1, ["absent", "No such file"]),
    ("a private key in a slot", {"key": ["3=own.key"]}, 1,
     ["own.key", "private", "public one"]),
    ("the published key", {"key": ["3=test.pub"]}, 1, ["test.pub", "published"]),
    ("a key of small order", {"key": ["3=small.pub"]}, 1, ["small.pub", "sound key"]),
    ("a key that is no key", {"key": ["3=image.bin"]}, 1, ["image.bin", "PEM"]),
    ("boot capabilities that are no number", {"boot_caps": "all"}, 2, ["--boot-caps"]),
    ("boot capabilities not built in", {"boot_caps": "0x301"}, 2, ["--boot-caps"]),
    ("no Ed25519", {"boot_caps": "1"}, 2, ["--boot-caps", "Ed25519"]),
    ("a floor that is no number", {"floor": "high"}, 2, ["--floor", "high"]),
    ("a floor without artifact", {"floor": 3, "artifact": None}, 2, ["--floor"]),
    ("an artifact below the floor", {"floor": "0x03000008"}, 1,
     ["app.ferry", "E_FLOOR", "0x03000007", "0x03000008"]),
    ("a missing artifact", {"artifact": "absent"}, 1, ["absent", "No such file"]),
    ("an artifact that is an image", {"artifact": "image.bin"}, 1,
     ["image.bin", "not a Ferry artifact"]),
    ("an artifact of a slot without key", {"key": ["2=own.pub"]}, 1,
     ["app.ferry", "byte 8", "E_KID", "slot 3", "no key"]),
    ("an artifact of another key", {"key": ["3=two.pub"]}, 1, ["app.ferry", "E_SIG"]),
    ("a damaged artifact", {"artifact": "bad.ferry"}, 1, ["bad.ferry", "E_BLOCK"]),
    ("an artifact cut short", {"artifact": "cut.ferry"}, 1, ["cut.ferry", "E_LEN"]),
    ("an artifact of another class", {"class": "0" * 32}, 1,
     ["app.ferry", "E_CLASS", CLASS, "00000000-0000"]),
    ("an artifact for other hardware", {"hw": 6}, 1,
     ["app.ferry", "E_HW", "2 to 5", "is 6"]),
    ("an artifact for another device", {"artifact": "bound.ferry"}, 1,
     ["bound.ferry", "E_DEVICE"]),
    ("an artifact for bank 1", {"artifact": "bank1.ferry"}, 1,
     ["bank1.ferry", "E_LINK", "0x00041000", "0x00011000", "bank1"]),
    ("an artifact linked for nowhere", {"artifact": "astray.ferry"}, 1,
     ["astray.ferry", "E_LINK", "0x00000004", "0x00011000"]),
    ("an artifact too large for the bank", {"artifact": "large.ferry"}, 1,
     ["large.ferry", "E_SIZE", "192516", "192512"]),
    ("a bound artifact for a bootloader that knows no binding",
     {"artifact": "mine.ferry", "boot_caps": "0x100"}, 1, ["mine.ferry", "E_BOOT"]),
    ("a statement for an artifact", {"artifact": "said.bin"}, 1,
     ["said.bin", "byte 8", "statement"]),
    ("a public key for the device's", {"device_key": "own.pub"}, 1,
     ["own.pub", "private key"]),
    ("the published key for the device's", {"device_key": "test.key"}, 1,
     ["test.key", "published"]),
    ("a slot's key for the device's", {"device_key": "own.key"}, 1,
     ["own.key", "slot 3"]),
    ("a device key whose public half is another's", {"device_key": "half.key"}, 1,
     ["half.key.pub", "not the public half"]),
    ("a public half without the device key", {"device_key": "lone.key"}, 1,
     ["lone.key.pub", "lone.key does not"]),
    ("a device key in no folder", {"device_key": "absent/k"}, 1, ["absent/k"]),
    ("output into no folder", {"output": "absent/o", "device_key": "new.key"}, 1,
     ["absent/o", "No such"]),
    ("the flat image into no folder", {"bin": "absent/o", "device_key": "new.key"}, 1,
     ["absent/o", "No such"]),
    ("output over the map", {"output": "map.txt"}, 1, ["map.txt", "inputs"]),
    ("output over the artifact", {"bin": "./app.ferry"}, 1, ["app.ferry", "inputs"]),
    ("output over a key", {"output": "own.pub"}, 1, ["own.pub", "inputs"]),
    ("output over the device key", {"output": "new.key", "device_key": "new.key"}, 1,
     ["new.key", "inputs"]),
    ("both outputs in one file", {"bin": "out.hex"}, 1, ["out.hex", "one file"]),
    ("check with a key", {"check": "x.bin", "class": None, "device": None, "hw": None,
                          "artifact": None, "output": None, "bin": None}, 2,
     ["--key", "--check"]),
]

MAP_ROWS = [
    *((f"without {key}", {key: None}, [f"{key} is missing"])
      for key in MAP if key != "reserved"),
    ("with an unknown key", {"bank2": "0+1"}, ["line 11", "no such key", "bank2"]),
    ("with a key twice", {"write_unit": ["4", "8"]}, ["line 5", "write_unit", "twice"]),
    ("with a line of words", {"reserved": "0+0x10000\nhello"}, ["line 11", "hello"]),
    ("with a bank without length", {"bank0": "0x10000"}, ["bank0", "ADDRESS+LENGTH"]),
    ("with one journal unit", {"app_journal": "0x72000"}, ["app_journal", "ADDRESS, "]),
    ("with an address of letters", {"identity": "here"}, ["identity", "'here'"]),
    ("with an address of 33 bits", {"identity": "0x100000000"}, ["identity"]),
    ("with erase units of 3000", {"erase_unit": "3000"}, ["erase_unit", "power"]),
    ("with erase units of 256", {"erase_unit": "256"}, ["erase_unit", "512"]),
    ("with write units of 64", {"write_unit": "64"}, ["write_unit", "32"]),
    ("with 256 for erased", {"erased": "256"}, ["erased", "0..255"]),
    ("with 0xAA for erased", {"erased": "0xAA"}, ["erased", "0xff or 0x00"]),
    ("with a bank not on a unit", {"bank0": "0x10800+0x2F000"},
     ["bank0", "whole erase units of 4096"]),
    ("with a bank of half units", {"bank1": "0x40000+0x2F800"},
     ["bank1", "whole erase units"]),
    ("with identity not on a unit", {"identity": "0x7F800"}, ["identity", "whole"]),
    ("with a journal not on a unit", {"boot_journal": "0x70000, 0x71800"},
     ["boot_journal's second", "whole"]),
    ("with flash of half units", {"flash": "0+0x80800"}, ["flash", "whole"]),
    ("with no flash", {"flash": "0+0"}, ["flash"]),
    ("with flash past 32 bits", {"flash": "0xFFFF0000+0x20000"}, ["flash", "32 bits"]),
    ("with 512 MiB of flash", {"flash": "0+0x20000000"}, ["flash", "256 MiB"]),
    ("with a bank outside", {"bank1": "0x60000+0x30000"}, ["bank1", "not inside"]),
    ("with identity outside", {"identity": "0x80000"}, ["identity", "not inside"]),
    ("with a bank below flash", {"flash": "0x20000+0x80000"}, ["bank0", "not inside"]),
    ("with a reserved area outside", {"reserved": "0x90000+0x1000"}, ["not inside"]),
    ("with an empty bank", {"bank1": "0x40000+0"}, ["bank1", "no length"]),
    ("with banks that overlap", {"bank0": "0x10000+0x31000"},
     ["bank0", "bank1", "overlap"]),
    ("with a journal in a bank", {"app_journal": "0x6F000, 0x73000"},
     ["bank1", "app_journal's first", "overlap"]),
    ("with both journals in one place", {"app_journal": "0x71000, 0x73000"},
     ["boot_journal's second", "app_journal's first", "overlap"]),
    ("with one journal in one unit", {"boot_journal": "0x70000, 0x70000"},
     ["boot_journal's first", "boot_journal's second", "overlap"]),
    ("with identity in a journal", {"identity": "0x73000"}, ["identity", "overlap"]),
    ("with the bootloader over a bank", {"reserved": "0+0x11000"},
     ["bank0", "reserved", "overlap"]),
    ("with reserved areas that overlap", {"reserved": ["0+0x9000", "0x8000+0x1000"]},
     ["reserved", "overlap"]),
    ("with nine reserved areas", {"reserved": [f"{i * 4096}+4096" for i in range(9)]},
     ["more than 8"]),
    ("with a header of half a unit", {"header_len": "2048"}, ["header_len", "whole"]),
    ("with a short header", {"erase_unit": "512", "header_len": "512"},
     ["header_len", "1024 or more"]),
    ("with a header as long as the bank", {"header_len": "0x30000"},
     ["bank0", "header takes 0x30000"]),
    ("with a header too short for the table", {"erase_unit": "1024",
                                               "header_len": "1024"},
     ["bank0", "too long for its header", "0x20000", "0x20400"]),
    ("with a header too short for bank 1's table",
     {"erase_unit": "1024", "header_len": "1024", "bank0": "0x10000+0x20400"},
     ["bank1", "too long for its header"]),
]


# A point of order 4 (y = 0), and what else the rows point to.
SMALL = b"""-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
-----END PUBLIC KEY-----
"""


def everything(w):
    prepare(w)
    for name in ("two", "half", "lone"):
        w.ok("keygen", "-o", name)
    good = w.read("app.ferry")
    w.write("bad.ferry", flipped(good, len(good) - 1))
    w.write("cut.ferry", good[:-1])
    w.write("small.pub", SMALL)
    w.write("huge.bin", bytes(0x2F004))
    own = {"key": "own.key", "link": LINK[0]}
    w.sign(**own, output="bound.ferry", device="ff" * 16)
    w.sign(**own, output="mine.ferry", device=DEVICE)
    w.sign(**own, output="large.ferry", image="huge.bin")
    w.sign(key="own.key", link=LINK[1], output="bank1.ferry")
    w.sign(key="own.key", link=4, output="astray.ferry")
    w.write("said.bin", statement(w))
    w.write("half.key.pub", w.read("two.pub"))
    (w.dir / "lone.key").rename(w.dir / "gone.key")
    w.write("lone.key.pub", w.read("lone.pub"))


def row(options, code, fragments):
    def body(w):
        w.like(everything)
        w.refuses(factory_args(**options), code, *fragments)
    return body


def map_row(changes, fragments):
    def body(w):
        w.like(prepare)
        w.write("map.txt", map_text(**changes).encode())
        w.refuses(factory_args(), 1, "map.txt", *fragments)
    return body


def add_to(tests):
    for name, options, code, fragments in ROWS:
        tests.add(f"factory refuses {name}", row(options, code, fragments))
    for name, changes, fragments in MAP_ROWS:
        tests.add(f"factory refuses a map {name}", map_row(changes, fragments))
