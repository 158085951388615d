# SPDX-License-Identifier: Apache-2.0
"""Saves a state that fails, and shows it again, start by start. Knows one state; does
not know how it came about."""
import json

import judge
from made import Made
from starts import Starts


def save(path, plant, finding):
    case = finding.case
    second = case.second and [case.second[0], case.second[1].hex()]
    path.write_text(json.dumps({
        "plant": plant, "what": finding.what, "leg": case.leg, "icount": case.icount,
        "name": case.name, "allowed": sorted(case.allowed), "second": second,
        "region": judge.region_of(case).hex()}))


def load(path):
    """The Case, and the program that it is of."""
    said = json.loads(path.read_text())
    second = said["second"] and (said["second"][0], bytes.fromhex(said["second"][1]))
    return judge.Case(said["leg"], said["icount"], said["name"],
                      bytes.fromhex(said["region"]), None, second,
                      set(said["allowed"])), said["plant"]


def runs(before, after):
    """Offset and length in words of each run of words that differ."""
    differ = [at for at in range(0, len(before), 4)
              if before[at:at + 4] != after[at:at + 4]]
    firsts = [at for at in differ if at - 4 not in differ]
    for first in firsts:
        end = first
        while end in differ:
            end += 4
        yield first, (end - first) // 4


def tell(before, after, base):
    for at, words in runs(before, after):
        there = after[at:at + 4 * words]
        how = "erased" if set(there) == {0xFF} else "written"
        print(f"  {base + at:#x}: {words} words {how}: {there[:16].hex()}"
              f"{'...' if words > 4 else ''}")


def show(args, folder):
    """1 if it still fails, else 0."""
    case, plant = load(args.show)
    made = Made(args.host, args.firmware, plant, folder)
    may = " or ".join(map(str, sorted(case.allowed)))
    print(f"power-on {case.leg}, after instruction {case.icount}, {case.name}; "
          f"may boot: release {may}")
    with Starts(made, folder) as starts:
        region = case.base
        for number in (1, 2):
            starts.put(region)
            print(f"start {number}: {starts.start()}")
            tell(region, starts.region, made.base)
            region = judge.changes_its_mind(starts.region, case)
        found = judge.judge(starts, case, made.boot_journal()).finding
    print(f"{found.kind}: {found.what}" if found else "well")
    return 1 if found else 0
