# SPDX-License-Identifier: Apache-2.0
"""What the firmware publishes, read from its own headers and map: addresses of words in
RAM, the status block's fields, the names behind its numbers, the areas of its flash.
Nothing is known here that stands there already, but for the bits of RESETREAS: they are
the product specification's, so that the port is not measured by itself."""
import collections
import re
import struct
from pathlib import Path

from talk import Unexpected

ROOT = Path(__file__).resolve().parents[2]
RETAINED = ROOT / "ports" / "nrf52" / "retained.h"
MAP = ROOT / "examples" / "nrf52" / "model.map"


def addresses(header=RETAINED):
    """{name: number} of every NRF52_..._ADDR, _LEN and _MAGIC."""
    found = re.findall(r"#define NRF52_(\w+) (0x[0-9A-Fa-f]+)UL",
                       header.read_text(encoding="utf-8"))
    return {name: int(value, 16) for name, value in found}


def body_of(header, what):
    """What stands between the braces of an enum or a struct, without its comments."""
    found = re.search(rf"{what} {{(.*?)}};", header.read_text(encoding="utf-8"), re.S)
    if not found:
        raise Unexpected(f"{header.name}: no {what}")
    return re.sub(r"/\*.*?\*/", "", found.group(1), flags=re.S)


def enum(header, name, prefix):
    """{number: name} of an enum, without what its names begin with."""
    numbers, following = {}, 0
    for each, value in re.findall(r"(\w+)(?:\s*=\s*(-?\d+))?",
                                  body_of(header, f"enum {name}")):
        following = int(value) if value else following
        numbers[following] = each.removeprefix(prefix)
        following += 1
    return numbers


def fields(header, name):
    """The fields of a struct of uint32_t, in their order."""
    return re.findall(r"\buint32_t\s+(\w+);", body_of(header, f"struct {name}"))


AT = addresses()
KEPT = (AT["RETAINED_ADDR"], AT["RETAINED_LEN"])  # RAM that a reset leaves alone
CAUSES = {"power": 0, "pin": 1, "watchdog": 2, "software": 4}  # as RESETREAS has them
INCLUDE = ROOT / "include" / "ferry"
WHO = enum(RETAINED, "nrf52_who", "NRF52_WHO_")
STATE = enum(INCLUDE / "device.h", "ferry_device_state", "FERRY_DEVICE_")
ERROR = enum(INCLUDE / "err.h", "ferry_err", "FERRY_")

Status = collections.namedtuple("Status", fields(RETAINED, "nrf52_status"))


def status(data):
    """The status block with names for numbers; None if nothing has told yet."""
    told = Status(*struct.unpack_from(f"<{len(Status._fields)}I", data))
    if told.magic != AT["STATUS_MAGIC"]:
        return None
    return told._replace(who=WHO[told.who], state=STATE.get(told.state, told.state),
                         error=ERROR.get(-told.error, "?") if told.error else "",
                         version=f"{told.version >> 16}.{told.version >> 8 & 255}."
                                 f"{told.version & 255}")


Area = collections.namedtuple("Area", "name first end")


def areas(path=MAP):
    """What a map for `ferry factory` calls areas: the flash, banks, journal pages, and
    link addresses and geometry as plain numbers."""
    found, numbers = [], {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, value = line.split("#")[0].partition("=")
        name, value = name.strip(), value.replace(" ", "")
        if "+" in value:
            first, length = (int(part, 0) for part in value.split("+"))
            found.append(Area(name, first, first + length))
        elif value:
            numbers[name] = [int(part, 0) for part in value.split(",")]
    unit = numbers["erase_unit"][0]
    for name in ("boot_journal", "app_journal"):
        found += [Area(name, first, first + unit) for first in numbers[name]]
    return found, numbers
