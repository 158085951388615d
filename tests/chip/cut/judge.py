# SPDX-License-Identifier: Apache-2.0
"""The promises: whatever a power failure leaves in flash boots old or new, the same at
the next start, and an update that was cut can be finished. Knows what is right; does
not know where the states come from, nor how a chip is started."""
import collections

from flash import with_bytes

# A state to be judged: `base`, but for the bytes at `first[0]`, which are `first[1]`
# (None: the base as it is). Before the second start those at `second[0]` become
# `second[1]`, if the first start has left them alone (None: nothing changes its mind).
# `allowed`: whose images may boot.
Case = collections.namedtuple("Case", "leg icount name base first second allowed")

Finding = collections.namedtuple("Finding", "kind what case")  # "brick" or "wrong"


def region_of(case):
    """What stands in flash at the first start."""
    return case.base if case.first is None else with_bytes(case.base, *case.first)


def outside(region, areas):
    """The region without these areas: (offset, length) pairs in their order."""
    kept, at = [], 0
    for first, length in areas:
        kept.append(region[at:first])
        at = first + length
    return b"".join([*kept, region[at:]])


def changes_its_mind(region, case):
    """The region before the second start."""
    if case.second is None:
        return region
    at, after = case.second
    if region[at:at + len(after)] != region_of(case)[at:at + len(after)]:
        return region  # it was erased, or more was programmed there
    return with_bytes(region, at, after)


def brick(answer):
    """None, or why this start leads nowhere."""
    if answer.end != "nrf52_jump":
        return f"nothing boots: {answer.end}, {answer.where:#x}"
    if answer.release is None:
        return f"a jump to {answer.where:#x}: neither the old image nor the new one"
    return None


# What came of a Case: the Finding, or None; whose image booted; whether the bootloader
# had something to put right.
Verdict = collections.namedtuple("Verdict", "finding release wrote")


def fault(case, journal, left, first, second):
    """None, or (kind, what) is wrong with these two starts. The bootloader may write
    its journal, an (offset, length), and nothing else."""
    for answer, when in ((first, "first"), (second, "second")):
        if brick(answer):
            return "brick", f"{when} start: {brick(answer)}"
    if outside(left, [journal]) != outside(region_of(case), [journal]):
        return "wrong", "the bootloader writes outside its journal"
    if first.release not in case.allowed:
        return "wrong", f"release {first.release} boots, not one of {case.allowed}"
    if first != second:
        return "wrong", f"first {first}, then {second}"
    return None


def judge(starts, case, journal):
    region = region_of(case)
    starts.put(region)
    first = starts.start()
    left = starts.region
    starts.put(changes_its_mind(left, case))
    second = starts.start()
    found = fault(case, journal, left, first, second)
    return Verdict(found and Finding(*found, case), first.release, left != region)


def one_way(releases):
    """Do they go from old to new, one step at a time, and never back?"""
    return all(b - a in (0, 1) for a, b in zip(releases, releases[1:]))
