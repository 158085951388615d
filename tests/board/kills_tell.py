# SPDX-License-Identifier: Apache-2.0
"""What a kill hit: the phase that a board was in, from what it said, and the flash
operation; and the counts of a whole run. Judges nothing."""
import collections
import threading
import time

from kit import AREAS, HEADER

STARTS = {"power on": "bootloader, power on", "reset": "bootloader, after a commit",
          "crashes": "bootloader, after a crash"}
EVENTS = {"hello": "session", "begin": "transfer", "resume": "transfer",
          "block": "verify", "committed": "commit"}


def area_of(address):
    for name, (first, end) in AREAS.items():
        if first <= address < end:
            if name.startswith("bank"):
                return "header" if address < first + HEADER else "image"
            return name
    return "elsewhere"


class Phase:
    """Of one life of a board."""

    def __init__(self):
        self.now = STARTS["power on"]
        self.trial = False
        self.reset = "crashes"  # why the next start happens, as far as it was said

    def hear(self, line):
        if "image up" in line:
            self.trial = line["trial"] == 1
            self.now = "trial begins" if self.trial else "start"
            self.reset = "crashes"
        elif "image reset" in line:
            self.now, self.reset = "commit", "reset"
        elif "image crashes" in line:
            self.now = "crash"
        elif "board end" in line:
            self.now = STARTS[self.reset]
        elif line["event"] in EVENTS:
            self.now = EVENTS[line["event"]]
            if self.trial and self.now == "session":
                self.now = "confirm"


class Tally:
    """Shared by the lanes."""

    def __init__(self):
        self.lock = threading.Lock()
        self.began = time.monotonic()
        self.kills = self.fused = self.phones = self.twice = self.unseen = 0
        self.phases = collections.Counter()
        self.phone_phases = collections.Counter()
        self.operations = collections.Counter()
        self.updates = collections.Counter()
        self.losses = 0     # of acked bytes, beyond what was acked again
        self.most_lost = 0  # by one kill
        self.failures = []

    def killed(self, phase, fuse):
        """`fuse`: what a battery that fell out in an operation said, or None."""
        area = area_of(int(fuse["addr"], 16)) if fuse else None
        if phase == "verify" and area == "app journal":
            phase = "commit"
        with self.lock:
            self.kills += 1
            self.phases[phase] += 1
            if fuse:
                self.fused += 1
                self.operations[f"{area}: {fuse['op']}, {fuse['moment']}"] += 1

    def phone_killed(self, phase):
        with self.lock:
            self.phones += 1
            self.phone_phases[phase] += 1

    def updated(self, end):
        with self.lock:
            self.updates[end] += 1

    def lost(self, count, kills):
        with self.lock:
            self.losses += count > 0
            if kills == 1:
                self.most_lost = max(self.most_lost, count)

    def started_twice(self):
        with self.lock:
            self.twice += 1

    def unseen_torn(self):
        with self.lock:
            self.unseen += 1

    def seconds(self):
        return time.monotonic() - self.began

    def failed(self, kind):
        return sum(why.startswith(kind) for _, why in self.failures)
