#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole of it at once: an HSM signs, the store publishes, ferryd opens a canary,
phones fetch over HTTPS and carry to devices, some walk away, die and lie; statements
come back; one hardware revision begins to crash three days later; the rollout freezes
itself and the page says why; a corrected release heals those who had it. Beside them
one device is in QEMU (qemu_tale.py). A fleet hour is a second."""
import argparse
import html
import json
import math
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True

from stage import Missing, Stage  # noqa: E402
from kit import Unexpected  # noqa: E402
from qemu_tale import PATIENCE_S as QEMU_PATIENCE_S, QemuTale, URGENT  # noqa: E402

BAD, GOOD = "1.1.0", "1.2.2"
BAD_REVISION = 4
CRASH_AFTER_H, CRASH_EVERY_H = 72, 6
OFFERED = 0.45    # of the crowd
CANARY = {"stages": [{"percent": 100 * OFFERED, "held_back": 45, "dwell_h": 120,
                      "smallest_loss": 0.2},
                     {"percent": 100, "held_back": 0, "dwell_h": 120,
                      "smallest_loss": 0.2}]}
QUIET_H = 48      # at most, before an offer: how often each comes by is learned
KNOWN = 2 / 3     # of the crowd: so many are enough
FREEZE_H = 260    # at most
HEALING_H = 96    # at most, after the correction is out
HEALED = 0.75     # of those who are known to have had what crashes them
UPDATED = 0.8     # of those who were offered the canary's release
STORY_H = 600     # more than all of it, with what a loaded machine takes longer
DIE = 0.05        # of the crowd in those hours; a few while the story lasts


class Story:
    def __init__(self, args, folder):
        self.args = args
        self.began = time.monotonic()
        self.troubles = []
        self.s = Stage(args.build, folder, args.hour_seconds)
        self.boards, self.phones = [], []
        self.kills = {"ferryd": 0, "phones": 0, "boards": 0}
        self.over = threading.Event()
        self.killer = threading.Thread(target=self.kill_around, daemon=True)
        self.qemu = QemuTale(self.s, args.builds or self.s.build.parent, args.seed,
                             self.say, self.expect)

    # ---- saying ---------------------------------------------------------------------

    def say(self, text):
        if not self.args.json:
            print(f"{time.monotonic() - self.began:6.1f} s  {text}", flush=True)

    def expect(self, holds, what):
        if not holds:
            self.troubles.append(what)
            self.say(f"NOT AS IT SHOULD BE: {what}")

    def comes(self, what, holds, hours):
        """Waits until it holds, for so many hours at most; shows how far it is. Returns
        what `holds` gave last."""
        until = time.monotonic() + hours * self.args.hour_seconds
        shown = 0
        while True:
            got = holds()
            left = until - time.monotonic()
            if got or left <= 0:
                return got
            if sys.stderr.isatty() and time.monotonic() - shown > 1:
                shown = time.monotonic()
                print(f"\r        waiting for: {what} (at most {left:.0f} s more)  ",
                      end="\r", file=sys.stderr)
            time.sleep(0.25)

    # ---- the acts -------------------------------------------------------------------

    def set_up(self):
        s, a = self.s, self.args
        s.sign("1.0.0", 0, s.folder / "factory.ferry", "1-4", {0: 0x1000},
               s.crowd_image("1.0.0"))
        self.say("the release key was made in the HSM, and 1.0.0 signed there")
        s.start_server()
        lines = s.crowd_csv(a.devices, a.seed).decode()
        for number in range(a.boards):
            folder, line = s.add_board(number + 1)
            self.boards.append(folder)
            lines += line.rstrip("\n") + ",1\n"
        s.ask("POST", "/v1/devices", lines.encode())
        self.say(f"ferryd at {s.url} knows {a.devices} simulated devices and {a.boards}"
                 " boards")
        for i, folder in enumerate(self.boards):
            self.boards[i] = s.power(folder)
            self.boards[i].runs("1.0.0")
            self.phones.append(s.start_phone(folder))
        s.start_crowd(s.folder / "factory.ferry", devices=a.devices, phones=a.phones,
                      seed=a.seed, threads=4, hours=STORY_H, walk=0.15, liars=0.03,
                      die=DIE, crash=f"{BAD}:{BAD_REVISION}:{CRASH_AFTER_H}:"
                                     f"{CRASH_EVERY_H}")
        self.qemu.start()

    def quiet(self):
        """Nothing is offered until it is known of most how often they come by."""
        began, of = time.monotonic(), self.args.devices
        self.comes("habits", lambda: self.s.known() >= KNOWN * of, QUIET_H)
        hours = (time.monotonic() - began) / self.args.hour_seconds
        self.say(f"{hours:.0f} hours: {self.s.counted()[0]} statements came in, the"
                 f" habits of {self.s.known()} devices are known")

    def canary(self):
        s = self.s
        s.publish(BAD, s.sign_release(BAD, BAD))
        self.bad = s.open(BAD, "it is ready", predicate={"hw_rev": [1, 4]}, **CANARY)
        boards = s.open(BAD, "the boards have no fleet to be compared with",
                        predicate={"hw_rev": [5, 5]}, **URGENT)
        self.say(f"rollout {self.bad}: {BAD} to a canary of 45 %, 45 % held back;"
                 f" rollout {boards}: to all boards")
        if self.args.kills:
            self.killer.start()

    def kill_around(self):
        """kill -9 of the server, of phones and of boards, until the story is over."""
        s, dice = self.s, self.s.dice
        while not self.over.wait(dice.uniform(5, 12)):
            victim = dice.choice(["ferryd", "phones", "boards"])
            try:
                if victim == "ferryd":
                    s.server.kill()
                    s.start_server()
                elif victim == "phones" and self.phones:
                    i = dice.randrange(len(self.phones))
                    self.phones[i].kill()
                    self.phones[i] = s.start_phone(self.boards[i].folder)
                elif victim == "boards" and self.boards:
                    i = dice.randrange(len(self.boards))
                    self.boards[i].kill()
                    self.boards[i] = s.power(self.boards[i].folder)
                self.kills[victim] += 1
            except (Unexpected, OSError) as why:
                self.troubles.append(f"after kill -9 of {victim}: {why}")

    def freeze(self):
        frozen = self.comes("the freeze", self.frozen_one, FREEZE_H)
        if not frozen:
            raise Unexpected(f"no freeze within {FREEZE_H} hours")
        self.sentence, self.offered = frozen["sentence"], frozen["treated"]["n"]
        self.say(f"frozen by itself: {self.sentence}")
        self.expect(f"hardware revision {BAD_REVISION}:" in self.sentence,
                    "another revision is blamed")
        page = self.s.page()
        self.expect(html.escape(self.sentence.partition(":")[0]) in page,
                    "the page does not say it")

    def frozen_one(self):
        rollout = self.s.ask("GET", f"/v1/rollouts/{self.bad}")
        return rollout if rollout["state"] == "frozen" else None

    def heal(self):
        s = self.s
        fell = s.who_say("version", BAD, BAD_REVISION) \
            | s.who_say("grave", BAD, BAD_REVISION)
        s.publish(GOOD, s.sign_release(GOOD, GOOD))
        good = s.open(GOOD, "it does not crash", predicate={"hw_rev": [1, 4]},
                      supersedes=self.bad, **CANARY)
        self.say(f"rollout {good}: {GOOD} supersedes it, to the same canaries first")
        self.comes("the healing", lambda: self.is_healed(fell), HEALING_H)
        well = fell & s.who_say("version", GOOD)
        self.say(f"of {len(fell)} who had what crashes them {len(well)} run {GOOD} now")
        self.expect(well, "nobody says that it was healed")
        self.stop_kills()

    def is_healed(self, fell):
        """Do as many as are wanted say that they are healed, and that they are new?"""
        good = self.s.who_say("version", GOOD)
        return len(fell & good) >= max(1, HEALED * len(fell)) and \
            len(good | self.s.who_say("version", BAD)) >= UPDATED * self.offered

    def stop_kills(self):
        self.over.set()
        if self.killer.is_alive():
            self.killer.join()

    # ---- the balance ----------------------------------------------------------------

    def balance(self):
        s = self.s
        self.qemu.join(QEMU_PATIENCE_S)
        s.crowd.terminate()
        crowd = s.crowd_result()
        for phone in self.phones:
            phone.kill()
        s.restart_server()
        in_qemu = self.qemu.told or {}
        table = {
            "devices": crowd["devices"] + len(self.boards) + in_qemu.get("devices", 0),
            "in QEMU": in_qemu, "offered the canary": self.offered,
            "updated": crowd["updated"],
            "rolled back": crowd["back_by_trial"], "back by the net": crowd["back_by_net"],
            "back by the corrected release": crowd["healed"],
            "refused": crowd["refused"], "bricked": crowd["bricked"],
            "died of old age": crowd["dead"], "image bytes carried": crowd["image_bytes"],
            "links lost in a transfer": crowd["walks"], "statements made":
            crowd["statements"], "statements counted": s.counted()[0],
            "security events": s.ask("GET", "/v1/security-events")["counts"],
            "kill -9": self.kills, "rounds begun an hour late": crowd["late_rounds"],
            "runs": crowd["runs"]}
        self.check(crowd, table)
        return table

    def check(self, crowd, table):
        events = table["security events"]
        self.expect(table["bricked"] == 0, f"{table['bricked']} bricks")
        self.expect(crowd["healed"] > 0, "nobody was healed")
        self.expect(self.offered > few(self.args.devices), "few were offered it")
        self.expect(crowd["updated"] >= UPDATED * self.offered, "few were updated")
        self.expect(self.qemu.told is not None, "in QEMU: it did not come to its end")
        # What repeats within a minute is written once a minute: a kill may lose that.
        least = min(crowd["forged"], 1) if self.args.kills else crowd["forged"]
        self.expect(events.get("forged", 0) >= least,
                    f"{crowd['forged']} forged, {events.get('forged', 0)} seen")
        counted, different = table["statements counted"], self.s.counted()[1]
        self.expect(counted >= crowd["statements"], "statements were lost")
        self.expect(counted == different, "a statement was counted twice")
        for board in self.boards:
            board.order("status")
        self.expect(sum(crowd["runs"].values()) == crowd["devices"],
                    "a device runs nothing")
        check = self.s.server_check()
        self.expect(check is None, f"the log: {check}")

    def play(self):
        self.set_up()
        self.quiet()
        self.canary()
        self.freeze()
        self.heal()
        return self.balance()

    def end(self):
        """Nothing that was started outlives this, not by a thread that restarts it."""
        self.over.set()
        self.s.end()
        for thread in (self.killer, self.qemu):
            if thread.is_alive():
                thread.join()
        self.s.end()


def few(devices):
    """So few were drawn for a canary that chance is no excuse: four deviations less."""
    return OFFERED * devices - 4 * math.sqrt(OFFERED * (1 - OFFERED) * devices)


def show(table):
    print()
    for name, value in table.items():
        if isinstance(value, dict):
            value = ", ".join(f"{k} {v}" for k, v in value.items()) or "none"
        print(f"  {name:<30} {value:>14}" if isinstance(value, int)
              else f"  {name:<30} {value}")


def arguments():
    parser = argparse.ArgumentParser(prog="./dev fleet", description=__doc__)
    parser.add_argument("build", type=Path, help="build folder")
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--phones", type=int, default=200)
    parser.add_argument("--boards", type=int, default=3, help="real ones, as processes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hour-seconds", type=int, default=1, metavar="S")
    parser.add_argument("--builds", type=Path, metavar="DIR",
                        help="where the firmware for QEMU is built (where BUILD is)")
    parser.add_argument("--no-kills", dest="kills", action="store_false",
                        help="nothing but QEMU is killed on the way")
    parser.add_argument("--keep", action="store_true",
                        help="leave the server and its page open in the end")
    parser.add_argument("--json", action="store_true", help="the balance for a program")
    return parser.parse_args()


def main():
    args = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and not without an end
    folder = Path(tempfile.mkdtemp(prefix="ferry-fleet-"))
    story = None
    try:
        story = Story(args, folder)
        table = story.play()
        if args.json:
            print(json.dumps({"table": table, "sentence": story.sentence,
                              "troubles": story.troubles}, indent=1))
        else:
            show(table)
        if args.keep:
            print(f"the page: {story.s.url}/ (certificate {story.s.ca}); Enter ends it")
            sys.stdin.readline()
        return 1 if story.troubles else 0
    except Missing as what:
        print(f"fleet: {what} is missing")
        return 3
    except Unexpected as why:
        print(f"fleet: {why}", file=sys.stderr)
        return 1
    finally:
        if story is not None:
            story.end()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
