# SPDX-License-Identifier: Apache-2.0
"""What phones said during one update, in order, and whether it may have been so. Knows
what a lost connection, a dead phone and an empty battery may cost; runs nothing."""
BLOCK = 4096
WINDOW = 16 * 128  # what may be on its way, or unheard of, when a session ends
BATTERY = 3 * BLOCK  # as README has it: packets were lost, too
BATTERY_OUT = "battery out"  # the line that stands where a device was killed


class Unfair(Exception):
    """More was lost, or asked for again, than the interruptions explain."""


def progress(lines):
    """Raises Unfair where an offer accepted anew goes on at fewer bytes than were
    acked. Returns how often one was accepted."""
    acked = may_cost = accepted = 0
    for line in lines:
        if BATTERY_OUT in line:
            may_cost = BATTERY
        elif "phone accepted" in line:
            accepted += 1
            at = line["acked"]
            if at < acked - may_cost:
                raise Unfair(f"{acked} bytes were acked, and it goes on at {at}")
            acked, may_cost = at, 0
        elif line["of"]:
            acked = max(acked, line["acked"])
    return accepted


def sent_again(sent, image_len, interruptions, batteries):
    """`sent`: image bytes in all. What of it was sent twice; raises Unfair if too
    much: a window for each interruption, and for a machine that stalls."""
    again = max(0, sent - image_len)
    fair = (interruptions + 1) * WINDOW + batteries * BATTERY
    if again > fair:
        raise Unfair(f"{again} bytes were sent again, {fair} would be fair")
    return again


def undamaged(device_counts):
    """A stack that loses and reorders nothing hands over every frame as it was sent."""
    for field in ("frames_bad", "dropped", "foreign", "lost"):
        if device_counts[field] != 0:
            raise Unfair(f"undisturbed, and the device counts {device_counts.text}")


def highest(lines, field):
    found = [line[field] for line in lines if isinstance(line[field], int)]
    return max(found, default=0)
