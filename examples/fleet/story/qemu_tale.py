# SPDX-License-Identifier: Apache-2.0
"""What happens to the board in QEMU, beside the story's other acts: a release of its
own, carried by a real phone; QEMU is killed in mid-transfer and again afterwards; in the
end the server has it from the board itself that it runs the release, confirmed. Knows
what should happen; does not know how a board is made."""
import random
import subprocess
import threading
import time

import firmware
import qemu_board
from stage import kit

OLD, NEW = "1.0.0", "1.1.0"
KILLED_AT = ((5, 45), (50, 90))  # percent of the transfer: somewhere between
LOST_MAX = 2 * kit.BLOCK + 16 * 128  # bytes by a kill: two blocks, what is in flight
PATIENCE_S = 300  # a phone that found the server killed rests for a minute and a half
LOOK_S = 0.5
URGENT = {"urgent": True, "stages": [{"percent": 100, "held_back": 0, "dwell_h": 1,
                                      "smallest_loss": 1}]}


class QemuTale(threading.Thread):
    """`say` and `expect` are the story's. `told`: what came of it; None before."""

    def __init__(self, stage, builds, seed, say, expect):
        super().__init__(daemon=True)
        self.stage, self.builds = stage, builds
        self.dice = random.Random(f"{seed} in QEMU")
        self.say, self.expect = say, expect
        self.board = self.phone = self.told = None
        self.kills = self.in_transfer = 0

    def run(self):
        try:
            self.told = self.play(firmware.built(self.builds))
        except firmware.Without as why:
            self.say(f"in QEMU: no device, the story goes on without it: {why}")
            self.told = {"devices": 0, "why": str(why)}
        except (kit.Unexpected, OSError, subprocess.SubprocessError) as why:
            self.expect(False, f"in QEMU: {why}")

    def play(self, programs):
        self.begin(programs)
        self.stage.publish(NEW, self.board.sign(NEW), class_id=qemu_board.CLASS)
        rollout = self.stage.open(NEW, "it is the only one of its class",
                                  class_id=qemu_board.CLASS, **URGENT)
        self.say(f"in QEMU: rollout {rollout}, {NEW} to the device")
        self.carry()
        confirmed = self.heard(NEW, "confirmed")["state"]
        self.kill()
        return self.account(self.heard(NEW, "confirmed", confirmed["counter"]))

    def begin(self, programs):
        """Burned, known to the server, switched on, and met by its phone."""
        self.board = qemu_board.QemuBoard(self.stage, programs)
        line = self.board.burn(OLD)
        self.stage.ask("POST", "/v1/devices", f"id,class,key,hw_rev\n{line}".encode())
        self.board.on()
        self.phone = self.stage.start_phone(self.board.folder, clock=1)
        self.heard(OLD)

    # ---- the transfer ----------------------------------------------------------------

    def carry(self):
        """To its end, with kills at random places on the way."""
        for part in KILLED_AT:
            if self.has_carried(self.dice.uniform(*part)):
                self.kill()
        self.has_carried(101)

    def has_carried(self, percent):
        """Waits until the phone has. False: all of it was carried meanwhile."""
        def wanted(line):
            return is_over([line]) or (line["percent"] or 0) >= percent
        if not is_over(self.phone.lines):
            self.phone.wait(f"carry percent={percent:.0f}", wanted, patience_s=PATIENCE_S)
        return not is_over(self.phone.lines)

    def kill(self):
        self.board.kill()
        self.kills += 1
        self.in_transfer += not is_over(self.phone.lines)
        self.board.on()

    # ---- what the server knows -------------------------------------------------------

    def heard(self, version, outcome=None, after=0):
        """Waits for a statement that says so, newer than that. The server's view."""
        until = time.monotonic() + PATIENCE_S
        state = None
        while time.monotonic() < until:
            view = self.stage.ask("GET", f"/v1/devices/{qemu_board.DEVICE}/history")
            state = view["state"]
            if state and state["version"] == version and state["counter"] > after \
                    and outcome in (None, state["outcome"]):
                return view
            time.sleep(LOOK_S)
        raise kit.Unexpected(f"the server never hears that it runs {version}: {state}")

    def account(self, view):
        """What came of it, held to what it may have cost."""
        image = self.board.image(1).stat().st_size
        sent = sum(line["sent"] for line in self.phone.lines if line["sent"])
        cost = f"{sent} bytes were sent for an image of {image}"
        self.expect(self.in_transfer > 0, "in QEMU: no kill came in mid-transfer")
        self.expect(image <= sent <= image + self.in_transfer * LOST_MAX,
                    f"in QEMU: {cost}, with {self.in_transfer} kills")
        self.say(f"in QEMU: {NEW} runs, confirmed, after {self.kills} kills: {cost}")
        self.board.kill()
        self.phone.kill()
        return {"devices": 1, "runs": NEW, "outcome": view["state"]["outcome"],
                "kill -9": self.kills, "of them in mid-transfer": self.in_transfer,
                "image bytes": image, "image bytes sent": sent, "statements counted":
                sum(event["kind"] == "statement" for event in view["history"])}


def is_over(lines):
    """Has the phone said that the device has all of it?"""
    return any("carried" in line and ("installed" in line or "running" in line)
               for line in lines)
