# SPDX-License-Identifier: Apache-2.0
"""One board that is killed again and again while it is updated, and what has to hold
after each kill. Knows what may boot when, and what may be lost."""
import collections
import random
import shutil
import threading
import time

from scene import expect  # which knows where the kit lies
from kit import BANKS, BLOCK, HEADER, PATIENCE_S, Unexpected
from kills_plan import CRASHER, GOOD, LOOK_S, Plan, Twin, Update
from kills_tell import Phase, area_of

TRIAL_FAULTS, TRIAL_POWERS, TRIAL_RETURNS = 3, 10, 2  # ferry/boot.h
AIM_S = 0.0003
SLOW_S = 0.1  # it may take so long until a phone has said that it lost its board
STUCK_S = 2 * PATIENCE_S  # an update that does not end although nothing is killed


class Lane:
    def __init__(self, bench, seed, number, tally):
        self.bench = bench
        self.name = f"{seed}/{number}"
        self.rng = random.Random(f"kills {self.name}")
        self.kinds = random.Random(f"updates {self.name}")
        self.tally = tally
        self.stop = threading.Event()
        self.talkers = collections.deque(maxlen=16)  # the last ones, for their words
        self.number = self.unseen = 0
        self.running = Update(bench, GOOD[0], GOOD[0], 0)  # as the factory has it
        self.folder = bench.make_board(GOOD[0])
        self.twin = bench.copy_board(self.folder, "twin")
        self.board = self.phone = self.update = None
        self.phase = Phase()
        self.met = False      # there is a phone, and it has met the board,
        self.linked = False   # and has not said that it lost it
        self.killed_at = 0
        self.cost = 0         # kills since a phone was told how far it is
        self.next_update()

    # ---- updates -----------------------------------------------------------------

    def next_update(self):
        self.number += 1
        good = self.kinds.random() < 0.7
        self.update = Update(self.bench, GOOD[self.number % len(GOOD)] if good
                             else CRASHER, f"2.0.{self.number}", 1 - self.running.bank)
        self.settled = False  # the new one has been confirmed
        self.returns = 0      # it was rolled back, though it is sound
        self.said = None      # its end, as a statement has it
        self.mark = 0         # so many bytes were acked
        self.since = time.monotonic()
        self.begun()

    def finish_update(self, end):
        self.tally.updated(end)
        shutil.rmtree(self.update.cache)
        if end == "confirmed":
            self.running = self.update
        self.next_update()

    def begun(self):
        """It is offered: nothing has been tried since."""
        self.seen = self.rolled = False
        self.crashes = self.powers = 0

    def holds(self, update):
        want = update.image.read_bytes()
        with open(self.folder / "flash", "rb") as flash:
            flash.seek(BANKS[update.bank] + HEADER)
            return flash.read(len(want)) == want

    def ended(self, said):
        """Does this statement say that the update has come to its end?"""
        new, old = self.update, self.running
        outcome = said["outcome"] if said["of"] == new.version else None
        if said["version"] == new.version and outcome == "confirmed" \
                and said["attempts"] == 0:
            expect(new.good, f"wrong boot: {new.program} crashes, but is confirmed")
            expect(self.holds(new), "the confirmed bank is not the image, byte for byte")
            return "confirmed"
        expect(outcome not in ("damaged", "refused", "crash-loop", "expired"),
               f"the update ended as {outcome}")
        if said["version"] == old.version and outcome == "faults":
            expect(not new.good, f"{new.program} is sound, but was rolled back: faults")
            expect(self.holds(old), "the old bank is not the image, byte for byte")
            return "rolled back"
        return None

    # ---- what the board says -----------------------------------------------------

    def hear_board(self, lines):
        for line in lines:
            self.phase.hear(line)
            if "image up" in line:
                self.judge_up(line)
            elif "image crashes" in line:
                self.crashes += 1
            elif line["event"] in ("begin", "resume"):
                self.begun()
            elif line["event"] == "committed":
                self.mark = 0
            elif "flash refused" in line:
                self.judge_refusal(line)
            elif "board halted" in line or "halt" in line.fields:
                raise Unexpected(f"brick: {line.text}")
            elif "gate" in line.fields or line["unwritten"] == 1 or line["open"] == 1:
                raise Unexpected(f"the bootloader is not sure: {line.text}")

    def judge_refusal(self, line):
        """A word of a journal whose programming had begun when the battery fell out, and
        that reads blank all the same: nobody can see that, but the flash file knows."""
        at = int(line["addr"], 16)
        with open(self.folder / "flash", "rb") as flash:
            flash.seek(at)
            unseen = flash.read(4) == b"\xff" * 4
        expect(unseen and area_of(at).endswith("journal") and "twice" in line.text,
               f"a flash rule was broken: {line.text}")
        self.unseen += 1
        self.tally.unseen_torn()

    def judge_up(self, line):
        """Old or new, genuine, and in an order that the rules allow."""
        new, old = self.update, self.running
        up = [u for u in (new, old)
              if (u.program, u.bank) == (line["version"], line["bank"])]
        expect(up, f"wrong boot: neither old nor new: {line.text}")
        expect(self.holds(up[0]), f"wrong boot: not what was signed: {line.text}")
        if up[0] is new:
            expect(not self.rolled, f"wrong boot: after its rollback: {line.text}")
            expect(new.good or line["trial"] == 1,
                   f"wrong boot: confirmed, though it crashes: {line.text}")
            self.seen = True
            self.settled = self.settled or line["trial"] == 0
        else:
            expect(not self.settled, f"wrong boot: after the confirm: {line.text}")
            expect(not self.seen or self.crashes >= TRIAL_FAULTS
                   or self.powers >= TRIAL_POWERS,
                   f"wrong boot: rolled back too early: {line.text}")
            self.returns += self.seen and not self.rolled
            self.rolled = self.seen

    # ---- phones ------------------------------------------------------------------

    def hear_phone(self, lines):
        """The end of the update: a statement tells of it, and it is not taken again."""
        end = None
        for line in lines:
            if "phone connected" in line:
                self.cost += self.linked  # it was too slow to see the link go
                self.met = self.linked = True
            elif line["state"] == "down":
                self.cost += 1
                self.linked = False
            elif "phone accepted" in line:
                self.judge_acked(line["acked"])
            elif "phone progress" in line and line["sent"] > 0:
                # One that sent nothing tells of an image that runs already.
                self.mark = max(self.mark, line["acked"])
            elif "phone statement" in line:
                expect(line["holds"] == 1, f"a statement does not hold: {line.text}")
                self.said = self.ended(line)
            elif line["err"] == "E_SAME" and self.said == "confirmed":
                end = self.said
            elif line["err"] == "E_TOMBSTONE":
                end = self.buried(line)
        return end

    def buried(self, line):
        """Nothing up to this version comes back."""
        if self.update.good:
            expect(self.returns > TRIAL_RETURNS, f"buried too early: {line.text}")
            return "buried"
        return self.said

    def judge_acked(self, acked):
        """Each kill of the board may have cost two blocks, a kill of the phone nothing.
        A phone tells in its own words, and so in the right order, when it loses a board;
        what no phone can have told is counted when it happens."""
        lost = max(0, self.mark - acked)
        self.tally.lost(lost, self.cost)
        expect(lost <= 2 * BLOCK * self.cost,
               f"lost acks: {self.mark} bytes were acked, but after {self.cost} kills it "
               f"goes on at {acked}")
        self.mark, self.cost = acked, 0

    def serve_phone(self):
        """Keeps a phone near the board. The end of the update, or None."""
        if self.phone is None:
            self.phone = self.bench.phone(self.board, self.update.cache, True)
            self.talkers.append(self.phone)
            self.phone_heard = 0
        over = self.phone.process.poll() is not None
        if over:
            self.phone.end()
        lines = self.phone.lines[self.phone_heard:]
        self.phone_heard += len(lines)
        end = self.hear_phone(lines)
        if over:
            self.phone = None
            self.met = self.linked = False
            self.cost += time.monotonic() - self.killed_at < SLOW_S
        return end

    def kill_phone(self):
        if self.phone is not None:
            self.tally.phone_killed(self.phase.now)
            self.phone.kill()
            self.look_at_phone()

    def nearly_there(self):
        last = self.phone.last() if self.phone else None
        return bool(last and last["of"] and self.phase.now == "transfer"
                    and last["acked"] + BLOCK // 2 >= last["of"])

    # ---- lives -------------------------------------------------------------------

    def power(self, plan):
        """A battery is put in, with what it will be pulled by."""
        twin = Twin(self.bench, self.folder, self.twin)
        self.board = self.bench.power(self.folder)
        self.talkers.extend((twin.board, self.board))
        self.heard = 0
        self.phase = Phase()
        if plan is not None and plan.fused:
            area = f"bank {self.update.bank}" if plan.fuse == "staging" else plan.fuse
            try:
                self.board.fuse(area, plan.moment, plan.operation, wait=False)
            except Unexpected:  # it has fallen out already
                pass
        return twin

    def listen(self):
        lines = self.board.lines[self.heard:]
        self.heard += len(lines)
        self.hear_board(lines)

    def look_at_phone(self):
        end = self.serve_phone()
        if end is not None:
            self.finish_update(end)

    def look(self):
        """One look at everything: what was said, and whether the update has ended."""
        self.listen()
        self.look_at_phone()
        if time.monotonic() - self.since > STUCK_S:
            raise Unexpected("brick: nothing is killed, and the update does not end: "
                             + " | ".join(l.text for l in self.board.lines[-4:]))

    def life(self, plan):
        """From power on to the kill."""
        twin = self.power(plan)
        began = time.monotonic()
        phone_after = plan.phone_after
        while self.board.process.poll() is None \
                and time.monotonic() - began < plan.after:
            time.sleep(AIM_S if plan.aimed else LOOK_S)
            self.look()
            if plan.aimed and self.nearly_there():
                time.sleep(plan.aim)
                break
            twin.step()
            if phone_after is not None and time.monotonic() - began >= phone_after:
                self.kill_phone()
                phone_after = None
        self.bury(twin)

    def bury(self, twin):
        """The board has died, or dies now. What it said last still counts."""
        if self.board.process.poll() is None:
            self.board.kill()
        else:
            expect(self.board.end() == -9, "brick: the board gave up by itself")
        self.listen()
        if self.phone is not None:
            self.look_at_phone()
        fuse = self.board.all("flash fuse")
        self.tally.killed(self.phase.now, fuse[0] if fuse else None)
        self.cost += not self.met
        self.powers += 1
        self.since = self.killed_at = time.monotonic()
        self.compare(self.board, twin.wait())
        self.bench.running = [process for process in self.bench.running
                              if process.process.poll() is None]

    def compare(self, board, starts):
        """The same flash, started by the board and twice by its twin: one decision."""
        def decision(line):
            return {key: line[key] for key in ("bank", "trial", "attempts", "reset")}

        own = [line for line in board.lines if "boot" in line and "bank" in line.fields]
        if own:
            expect(decision(own[0]) == decision(starts[0]),
                   f"wrong boot: {own[0].text}, but its twin: {starts[0].text}")
        if starts[1]["reset"] == "power" and self.powers < TRIAL_POWERS:
            expect(decision(starts[0]) == decision(starts[1]),
                   f"wrong boot: {starts[0].text}, and again: {starts[1].text}")
        self.tally.started_twice()

    def keep_words(self):
        """Of the last lives, in the board's folder."""
        with open(self.folder / "said", "w", encoding="utf-8") as said:
            for talker in self.talkers:
                said.write(f"---- {talker.name} {talker.process.args[-1]}\n")
                said.writelines(line.text + "\n" for line in talker.lines)

    def live(self, more):
        """Lives, until `more()` says that there were enough; then in peace to the end of
        the update."""
        while more() and not self.stop.is_set():
            self.life(Plan(self.rng))
        twin = self.power(None)
        number = self.number
        while self.number == number and not self.stop.is_set():
            expect(self.board.process.poll() is None, "brick: the board gave up")
            time.sleep(LOOK_S)
            self.look()
        if not self.stop.is_set():
            rules = self.board.status()["rules"]
            self.listen()
            expect(rules == self.unseen, f"{rules - self.unseen} flash rules were broken")
        twin.wait()
        self.bench.end()
