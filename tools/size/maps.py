# SPDX-License-Identifier: Apache-2.0
"""Reads a GNU linker map. Knows which input section of which object lies where, and what
kind of memory it takes; knows no library.
"""
import re
from collections import namedtuple

Section = namedtuple("Section", "name address size owner")


def sections(map_text):
    """Yields a Section for all that was linked; `owner` is the object's path."""
    text = map_text.split("Linker script and memory map", 1)[1]
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
