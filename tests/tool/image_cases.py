# SPDX-License-Identifier: Apache-2.0
#
# Images out of what linkers leave: ELF and Intel HEX made here byte by byte, and those of
# examples/nrf52 where they are built. Whatever the file, the artifact is the same; and
# what is damaged, or lies where no bank is, is refused with its place.
import os
import pathlib
import struct

from factory_kit import LINK, MAP, map_text
from kit import HERE, Skip, sign_args, split

NRF52 = pathlib.Path(os.environ.get(
    "FERRY_NRF52_DIR", HERE.parents[1] / "build-nrf52" / "examples" / "nrf52"))
BASE = LINK[0]

# ---- Intel HEX by hand -----------------------------------------------------------


def record(kind, at, data=b""):
    body = bytes([len(data), at >> 8 & 0xFF, at & 0xFF, kind]) + data
    return ":" + (body + bytes([-sum(body) & 0xFF])).hex().upper()


END = record(1, 0)


def upper(addr):
    return record(4, 0, (addr >> 16).to_bytes(2, "big"))


def data_records(addr, data, step=16):
    """Their lines; each record ends at a 64 KiB border at the latest."""
    lines, at = [], 0
    while at < len(data):
        here = addr + at
        n = min(step, len(data) - at, 0x10000 - here % 0x10000)
        if at == 0 or here % 0x10000 == 0:
            lines.append(upper(here))
        lines.append(record(0, here & 0xFFFF, data[at:at + n]))
        at += n
    return lines


def text(lines, end="\n"):
    return end.join([*lines, ""]).encode()


# ---- ELF by hand -----------------------------------------------------------------


def elf(sections, segments=None, **changes):
    """`sections`: (load address, bytes); each is a segment of its own, too. `changes` to
    the header's fields."""
    head = {"class": 1, "data": 1, "type": 2, "phoff": 52, "phsize": 32, "shsize": 40,
            "phnum": len(sections), "shnum": len(sections) + 2}
    at = 52 + 32 * len(sections)
    body, rows, loads = b"", [bytes(40)], []
    for addr, data in sections:
        rows.append(struct.pack("<10I", 0, 1, 2, 0x20000000, at + len(body), len(data),
                                0, 0, 4, 0))
        loads.append(struct.pack("<8I", 1, at + len(body), 0x20000000, addr, len(data),
                                 len(data), 5, 4))
        body += data
    rows.append(struct.pack("<10I", 0, 8, 3, 0x20001000, at, 4096, 0, 0, 4, 0))  # .bss
    head["shoff"] = at + len(body)
    head.update(changes)
    header = b"\x7fELF" + bytes([head["class"], head["data"], 1]) + bytes(9)
    header += struct.pack("<2H5I6H", head["type"], 40, 1, BASE, head["phoff"],
                          head["shoff"], 0, 52, head["phsize"], head["phnum"],
                          head["shsize"], head["shnum"], 0)
    return header + b"".join(segments or loads) + body + b"".join(rows)


# ---- the same artifact -----------------------------------------------------------


def artifact_of(w, name, data, **options):
    w.write(name, data)
    return w.artifact(**{"image": name, "link": None, "output": "other.ferry",
                         **options})


def every_kind_of_file_makes_the_same_artifact(w):
    want = w.artifact(link=hex(BASE))
    lines = data_records(BASE, w.image)
    kinds = {
        "a.elf": elf([(BASE, w.image)]), "noname": elf([(BASE, w.image)]),
        "two.elf": elf([(BASE + 6000, w.image[6000:]), (BASE, w.image[:6000])]),
        "a.hex": text([*lines, record(5, 0, b"\0\1\2\3"), END]),
        "dos.HEX": text([*lines, END], "\r\n"), "plain": text([*lines, END]),
        "lower.ihex": text([*lines, END]).lower(),
        "long.hex": text([*data_records(BASE, w.image, 255), END]),
        "mixed.hex": text([*data_records(BASE + 5000, w.image[5000:]),
                           *data_records(BASE, w.image[:5000]), END]),
        "segments.hex": text([record(2, 0, (BASE >> 4).to_bytes(2, "big")),
                              *(record(0, at, w.image[at:at + 16])
                                for at in range(0, 10000, 16)), END]),
    }
    for name, data in kinds.items():
        assert artifact_of(w, name, data) == want, name
        assert artifact_of(w, name, data, link=hex(BASE)) == want, name


def gaps_are_what_erased_flash_reads(w):
    parts = [(BASE, b"begin"), (BASE + 100, b"end")]
    want = b"begin" + b"\xff" * 95 + b"end" + b"\xff"
    env, table, image = split(artifact_of(w, "a.elf", elf(parts)))
    assert image == want
    lines = [line for addr, data in parts for line in data_records(addr, data)]
    assert split(artifact_of(w, "a.hex", text([*lines, END])))[2] == want


def an_image_that_fits_its_bank_to_the_last_byte_is_taken(w):
    w.write("map.txt", map_text(bank0="0x10000+0x5000").encode())
    full = bytes(0x4000)
    artifact_of(w, "a.elf", elf([(BASE, full)]), map="map.txt")
    w.write("full.bin", full)
    w.sign(image="full.bin", link=hex(BASE), map="map.txt")
    over = full + b"\0"
    w.write("over.bin", over)
    w.write("over.elf", elf([(BASE, over)]))
    w.write("over.hex", text([*data_records(BASE, over), END]))
    for name in ("over.bin", "over.elf", "over.hex"):
        w.refuses(sign_args(image=name, link=hex(BASE), map="map.txt"), 1, name, "bank0",
                  "16384")


def a_raw_image_may_begin_like_hex(w):
    w.write("colon.bin", b":10000000" + w.image)
    w.sign(image="colon.bin")


def a_file_is_signed_as_it_is_if_that_is_asked_for(w):
    """A host's program is an image, too: for a board that runs programs."""
    program = elf([(BASE, w.image)])
    program += b"\0" * (-len(program) % 4)
    wide = program[:4] + b"\2" + program[5:]
    for name, data, raw in (("a.bin", program, True), ("a.hex", program, True),
                            ("program", program, True), ("program", wide, None),
                            ("a.elf", wide, True)):
        w.write(name, data)
        w.sign(image=name, raw=raw)
        assert split(w.read("app.ferry"))[2] == data, name


def elf_files_of_the_nrf52_example_are_their_bin_files(w):
    if not NRF52.is_dir():
        raise Skip(f"no {NRF52}; `./dev firmware` builds it, or set FERRY_NRF52_DIR")
    elfs = sorted(NRF52.glob("*-app-1*.elf"))
    assert elfs
    for path in elfs:
        part = path.name.split("-")[0]
        board = HERE.parents[1] / "examples" / "nrf52" / f"{part}.map"
        w.sign(image=path, link=None, map=board)
        want = path.with_suffix(".bin").read_bytes()
        assert split(w.read("app.ferry"))[2] == want + b"\xff" * (-len(want) % 4)
    bootloader = next(NRF52.glob("model-bootloader.elf"))
    w.refuses(sign_args(image=bootloader, link=None,
                        map=HERE.parents[1] / "examples" / "nrf52" / "model.map"), 1,
              "0x00000000 is no address of", "bank0", "bank1")


# ---- what is refused -------------------------------------------------------------

GOOD = data_records(BASE, bytes(range(64)))
CUT = GOOD[1][:-4]
IN_RAM = 0x20000000
ONE = elf([(BASE, bytes(64))])

# name, the file's name, its bytes, what the line says
FILE_ROWS = [
    ("HEX cut short in a line", "a.hex", text([GOOD[0], CUT]), ["line 2", "cut short"]),
    ("HEX without its end", "a.hex", text(GOOD), ["end record", "cut short"]),
    ("HEX with a wrong sum", "a.hex", text([GOOD[0], GOOD[1][:-1] + "0", END]),
     ["line 2", "sum"]),
    ("HEX with an odd digit", "a.hex", text([GOOD[0], GOOD[1] + "0", END]), ["line 2"]),
    ("HEX with a letter g", "a.hex", text([":g0" + GOOD[1][3:]]), ["no Intel HEX"]),
    ("HEX with words", "a.hex", text([GOOD[0], "hello", END]), ["line 2", "':'"]),
    ("HEX with data behind its end", "a.hex", text([*GOOD, END, GOOD[1]]),
     ["line 7", "behind the end"]),
    ("HEX with an unknown record", "a.hex", text([record(6, 0), END]), ["line 1", "type"]),
    ("HEX with short upper bits", "a.hex", text([record(4, 0, b"\1"), END]),
     ["line 1", "upper"]),
    ("HEX over a border", "a.hex", text([upper(0), record(0, 0xFFFF, b"ab"), END]),
     ["line 2", "64 KiB"]),
    ("HEX with a byte twice", "a.hex",
     text([*GOOD, *data_records(BASE + 48, b"x"), END]),
     ["line 2 and line 7 both", "0x00011030"]),
    ("HEX without data", "a.hex", text([END]), ["no bytes"]),
    ("HEX with a byte far away", "a.hex",
     text([*GOOD, *data_records(0x10001000, b"uicr"), END]),
     ["line 7", "0x10001003", "1048576"]),
    ("HEX up to the last address", "a.hex",
     text([*data_records(0xFFFFFFF0, bytes(16)), END]), ["32-bit"]),
    ("raw bytes called HEX", "a.hex", bytes(100), ["no Intel HEX"]),
    ("raw bytes called ELF", "a.elf", bytes(100), ["no ELF"]),
    ("an ELF called raw", "a.bin", ONE, ["is an ELF file"]),
    ("an ELF of 64 bits", "a.elf", elf([(BASE, b"x")], **{"class": 2}), ["32-bit"]),
    ("an ELF of a big-endian", "a.elf", elf([(BASE, b"x")], data=2), ["little-endian"]),
    ("an object file", "a.elf", elf([(BASE, b"x")], type=1), ["not linked"]),
    ("a shared object", "a.elf", elf([(BASE, b"x")], type=3), ["not linked"]),
    ("an ELF without sections", "a.elf", elf([(BASE, b"x")], shnum=0), ["sections"]),
    ("an ELF without segments", "a.elf", elf([(BASE, b"x")], phnum=0), ["segments"]),
    ("an ELF with odd rows", "a.elf", elf([(BASE, b"x")], shsize=64), ["sections"]),
    ("an ELF cut in its header", "a.elf", ONE[:51], ["byte 51", "header"]),
    ("an ELF cut in its segments", "a.elf", ONE[:60], ["byte 60", "segments"]),
    ("an ELF cut in its sections", "a.elf", ONE[:-1], ["inside its sections"]),
    ("an ELF with bytes past its end", "a.elf",
     elf([(BASE, b"x")]).replace(struct.pack("<2I", 84, 1), struct.pack("<2I", 84, 9999)),
     ["bytes of a section", "10083"]),
    ("an ELF whose section no segment loads", "a.elf",
     elf([(BASE, bytes(64))], segments=[bytes(32)]), ["section 1", "no segment"]),
    ("an ELF whose sections overlap", "a.elf",
     elf([(BASE, bytes(64)), (BASE + 32, bytes(64))]),
     ["section 1 and section 2 both", "0x00011020"]),
    ("an ELF with bytes for RAM", "a.elf", elf([(BASE, b"x"), (IN_RAM, b"y")]),
     ["section 2", "0x20000000", "1048576"]),
    ("an ELF with nothing in it", "a.elf", elf([(BASE, b"")]), ["no bytes"]),
]


def file_row(name, data, fragments):
    def body(w):
        w.write(name, data)
        w.refuses(sign_args(image=name, link=None), 1, name, *fragments)
    return body


def an_image_that_begins_elsewhere_than_said_is_refused(w):
    w.write("a.elf", elf([(BASE, w.image)]))
    w.write("map.txt", map_text().encode())
    w.refuses(sign_args(image="a.elf"), 1, "begins at 0x00011000", "0x0001c000")
    w.write("b.elf", elf([(BASE + 4, w.image)]))
    w.refuses(sign_args(image="b.elf", link=None, map="map.txt"), 1, "0x00011004",
              "no address of map.txt", "0x00011000 (bank0)", "0x00041000 (bank1)")
    w.refuses(sign_args(map="map.txt"), 1, "0x0001c000 is no address of map.txt")
    w.refuses(sign_args(link=hex(BASE), map="absent.map"), 1, "absent.map")
    w.write("bad.map", b"flash = everything\n")
    w.refuses(sign_args(link=hex(BASE), map="bad.map"), 1, "bad.map", "line 1")


def bytes_outside_of_the_bank_are_named(w):
    w.write("map.txt", map_text().encode())
    both = text([*data_records(BASE, w.image), *data_records(LINK[1], w.image), END])
    w.write("both.hex", both)
    size = int(MAP["bank0"].split("+")[1], 16) - 4096
    w.refuses(sign_args(image="both.hex", link=None, map="map.txt"), 1, "outside of bank0",
              str(size))


def a_raw_image_needs_its_link_address(w):
    w.refuses(sign_args(link=None), 2, "--link is missing")


TESTS = [f for f in list(globals().values())
         if callable(f) and getattr(f, "__module__", "") == __name__
         and f.__code__.co_varnames[:1] == ("w",) and f.__code__.co_argcount == 1]


def add_to(tests):
    for test in TESTS:
        tests.add(test.__name__, test)
    for name, file, data, fragments in FILE_ROWS:
        tests.add(f"sign refuses {name}", file_row(file, data, fragments))
