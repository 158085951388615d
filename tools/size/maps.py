# SPDX-License-Identifier: Apache-2.0
"""Reads a GNU linker map. Knows which input section of which object lies where, and what
kind of memory it takes; knows no library.
"""
import re
from collections import namedtuple

Section = namedtuple("Section", "name address size owner")


def memory(map_text):
    """The part that tells what lies where."""
    return map_text.split("Linker script and memory map", 1)[1]


def outputs(map_text):
    """Yields (name, size, the lines of what is in it) of each output section."""
    parts = re.split(r"^(\.\w+)\s+0x[0-9a-f]+\s+0x([0-9a-f]+)", memory(map_text),
                     flags=re.M)
    for name, size, lines in zip(parts[1::3], parts[2::3], parts[3::3]):
        yield name, int(size, 16), lines


def sections(map_text):
    """Yields a Section for all that was linked; `owner` is the object's path."""
    return pieces(memory(map_text))


def pieces(text):
    """The same for these lines of the memory map."""
    text = re.sub(r"(?m)^( [.*\w$-]+)\n +0x", r"\1 0x", text)
    owner = None
    for match in re.finditer(
            r"(?m)^ ([.*\w$-]+) +0x([0-9a-f]+) +0x([0-9a-f]+)(?: (\S.*))?$", text):
        name, address, size, obj = match.groups()
        owner = obj or owner  # *fill* names none: it belongs to the one before
        yield Section(name, int(address, 16), int(size, 16), owner or "")


def kind(section):
    """Where an input section ends up, or None if not in the device."""
    if section.startswith((".text", ".rodata", ".glue", ".vfp11", ".v4_bx", ".ARM.ex",
                           "*fill*")):
        return "code"
    if section.startswith(".data"):
        return "data"
    if section.startswith((".bss", "COMMON")):
        return "bss"
    return None


def member(owner):
    """(archive, source) of an object: ("ferry-boot", "crc.c"); ("", "bootloader.c") for
    one that stands alone, ("", "") for the linker's own."""
    found = re.search(r"(?:lib)?([^/]+)\.a\((.+?)(?:\.o|\.obj)\)$", owner)
    if found:
        return found.groups()
    alone = re.search(r"([^/]+)\.o$", owner)
    return ("", alone.group(1) + ".c") if alone else ("", "")
