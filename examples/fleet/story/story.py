#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole of it at once: an HSM signs, the store publishes, ferryd opens a canary, phones
fetch over HTTPS and carry to devices, some walk away, die and lie; statements come back;
one hardware revision begins to crash three days later; the rollout freezes itself and the
page says why; a corrected release heals those who had it. A fleet hour is a second."""
import argparse
import html
import json
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True

from stage import CLASS, Missing, Stage  # noqa: E402
from kit import Unexpected  # noqa: E402

BAD_REVISION = 4
CRASH_AFTER_H, CRASH_EVERY_H = 72, 6
CANARY = {"stages": [{"percent": 45, "held_back": 45, "dwell_h": 120,
                      "smallest_loss": 0.2},
                     {"percent": 100, "held_back": 0, "dwell_h": 120,
                      "smallest_loss": 0.2}]}
QUIET_H = 48      # before anything is offered: how often each comes by is learned
HEALING_H = 96    # after the correction is out


class Story:
    def __init__(self, args, folder):
        self.args = args
        self.began = time.monotonic()
        self.troubles = []
        self.s = Stage(args.build, folder, args.hour_seconds)
        self.boards, self.phones = [], []
        self.kills = {"ferryd": 0, "phones": 0, "boards": 0}
        self.over = threading.Event()

    # ---- saying ---------------------------------------------------------------------

    def say(self, text):
        if not self.args.json:
            print(f"{time.monotonic() - self.began:6.1f} s  {text}", flush=True)

    def expect(self, holds, what):
        if not holds:
            self.troubles.append(what)
            self.say(f"NOT AS IT SHOULD BE: {what}")

    def wait(self, what, holds, hours):
        """Until it holds; shows how far it is. Returns what `holds` gave."""
        until = time.monotonic() + hours * self.args.hour_seconds + 30
        shown = 0
        while True:
            got = holds()
            if got:
                return got
            left = until - time.monotonic()
            if left <= 0:
                raise Unexpected(f"{what}: not within {hours} hours")
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
                      seed=a.seed, threads=4, hours=100000, walk=0.15, liars=0.03,
                      die=0.01, crash=f"1.1.0:{BAD_REVISION}:{CRASH_AFTER_H}:"
                                      f"{CRASH_EVERY_H}")
        time.sleep(QUIET_H * a.hour_seconds)
        self.say(f"{QUIET_H} hours: {self.s.counted()[0]} statements came in")

    def publish(self, version, program):
        """Signed, published, and taken over by the server."""
        self.s.publish(version, program)
        self.s.ask("POST", "/v1/releases", {"class": hexed(CLASS), "version": version})

    def open(self, version, reason, **plan):
        """A rollout of it, open: its number."""
        made = self.s.ask("POST", "/v1/rollouts", {"class": hexed(CLASS),
                                                   "version": version, **plan})
        self.s.ask("POST", f"/v1/rollouts/{made['no']}/open", {"reason": reason})
        return made["no"]

    def rollout(self, number):
        return self.s.ask("GET", f"/v1/rollouts/{number}")

    def canary(self):
        self.publish("1.1.0", "1.1.0")
        self.bad = self.open("1.1.0", "it is ready", predicate={"hw_rev": [1, 4]}, **CANARY)
        boards = self.open("1.1.0", "the boards have no fleet to be compared with",
                           predicate={"hw_rev": [5, 5]}, urgent=True,
                           stages=[{"percent": 100, "held_back": 0, "dwell_h": 1,
                                    "smallest_loss": 1}])
        self.say(f"rollout {self.bad}: 1.1.0 to a canary of 45 %, 45 % held back;"
                 f" rollout {boards}: to all boards")
        if self.args.kills:
            threading.Thread(target=self.kill_around, daemon=True).start()

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
        frozen = self.wait("the freeze", lambda: self.frozen_one(), 260)
        self.sentence = frozen["sentence"]
        self.say(f"frozen by itself: {self.sentence}")
        self.expect(f"hardware revision {BAD_REVISION}:" in self.sentence,
                    "another revision is blamed")
        page = self.s.page()
        self.expect(html.escape(self.sentence.partition(":")[0]) in page,
                    "the page does not say it")
        return frozen

    def frozen_one(self):
        rollout = self.rollout(self.bad)
        return rollout if rollout["state"] == "frozen" else None

    def heal(self):
        self.publish("1.2.2", "1.2.2")
        good = self.open("1.2.2", "it does not crash", predicate={"hw_rev": [1, 4]},
                         supersedes=self.bad, **CANARY)
        self.say(f"rollout {good}: 1.2.2 supersedes it, to the same canaries first")
        time.sleep(HEALING_H * self.args.hour_seconds)
        self.over.set()

    # ---- the balance ----------------------------------------------------------------

    def balance(self):
        s = self.s
        s.crowd.terminate()
        crowd = s.crowd_result()
        for phone in self.phones:
            phone.kill()
        s.restart_server()
        table = {
            "devices": crowd["devices"] + len(self.boards), "updated": crowd["updated"],
            "rolled back": crowd["back_by_trial"], "back by the net": crowd["back_by_net"],
            "back by the corrected release": crowd["healed"],
            "refused": crowd["refused"], "bricked": crowd["bricked"],
            "died of old age": crowd["dead"], "image bytes carried": crowd["image_bytes"],
            "links lost in a transfer": crowd["walks"], "statements made":
            crowd["statements"], "statements counted": s.counted()[0],
            "security events": s.ask("GET", "/v1/security-events")["counts"],
            "kill -9": self.kills, "runs": crowd["runs"]}
        self.check(crowd, table)
        return table

    def check(self, crowd, table):
        events = table["security events"]
        self.expect(table["bricked"] == 0, f"{table['bricked']} bricks")
        self.expect(crowd["healed"] > 0, "nobody was healed")
        self.expect(crowd["updated"] > 0.4 * self.args.devices, "few were updated")
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
        self.canary()
        self.freeze()
        self.heal()
        return self.balance()


def hexed(text):
    return text.replace("-", "")


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
    parser.add_argument("--no-kills", dest="kills", action="store_false",
                        help="nothing is killed on the way")
    parser.add_argument("--keep", action="store_true",
                        help="leave the server and its page open in the end")
    parser.add_argument("--json", action="store_true", help="the balance for a program")
    return parser.parse_args()


def main():
    args = arguments()
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
            story.over.set()
            story.s.end()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
