# SPDX-License-Identifier: Apache-2.0
"""How the demo tells its story: lines, a bar for what takes long, expectations, and the
counts of the closing table. Drives board and phone a scene at a time; decides nothing
about what should happen."""
import sys
import time

from kit import Unexpected

BAR = 40
WAITS = {"peer": "waiting for the device", "erasing": "erasing", "link": "no link",
         "verifying": "verifying", "resuming": "the device looks at what it has",
         "later": "the device says later", "retry": "will try again"}


class Tale:
    def __init__(self, quiet=False):
        self.quiet = quiet
        self.live = sys.stdout.isatty() and not quiet
        self.failed = []
        self.copies = {}
        self.told = []  # (who, lines) of everybody who ever ran
        self.began = time.monotonic()
        self.running = None
        self.bank = 0
        self.shown = -1
        self.tally = dict.fromkeys((
            "sessions", "links lost", "phones killed", "batteries pulled",
            "starts of the chip", "crashes", "watchdog bites", "updates confirmed",
            "rollbacks", "offers refused", "bytes sent", "bytes sent again",
            "statements verified", "banks edited", "flash erases", "flash writes",
            "flash rules broken"), 0)

    def begin(self, bench):
        self.bench = bench
        self.folder = bench.make_board("1.0.0")

    # ---- telling ---------------------------------------------------------------------

    def print(self, text):
        if not self.quiet:
            print(("\r\033[K" if self.live else "") + text, flush=True)

    def chapter(self, title):
        self.mark = len(self.board.lines) if self.running else 0
        self.print(f"\n{title}")

    def say(self, text):
        self.print(f"  {time.monotonic() - self.began:5.1f} s  {text}")

    def fail(self, what):
        self.failed.append(what)
        self.print(f"  FAILED: {what}")

    def expect(self, holds, what):
        if not holds:
            self.fail(what)

    def bar(self, line, doing=""):
        """One line that stays in place on a terminal; every quarter elsewhere."""
        if self.quiet or not line["of"]:
            return
        percent = line["acked"] * 100 // line["of"]
        step = percent if self.live else percent // 25
        if step == self.shown and not doing:
            return
        self.shown = step
        text = f"[{'#' * (percent * BAR // 100):{BAR}}] {percent:3} %  {doing}"
        if self.live:
            print(f"\r\033[K           {text}", end="", flush=True)
        elif not doing:
            print(f"           {text}", flush=True)

    # ---- the board -------------------------------------------------------------------

    def slower(self):
        self.bench.speed = max(1, self.bench.speed // 4)

    def faster(self):
        self.bench.speed *= 4

    def power(self, version):
        self.board = self.bench.power(self.folder)
        self.told.append(("board", self.board.lines))
        self.mark = 0
        self.board.runs(version)
        self.up(version)

    def up(self, version):
        """This version, and no other, came up last."""
        line = self.board.all("image up")[-1]
        self.expect(line["version"] == version, f"{line['version']} runs, not {version}")
        self.running, self.bank = version, line["bank"]
        self.say(f"{version} runs in bank {line['bank']}")

    def count(self, what):
        """How often the board said so in this chapter."""
        with self.board.more:
            return sum(what in line for line in self.board.lines[self.mark:])

    def keep_copy(self, name):
        """The board as it is now, for a scene that this one shall not play."""
        self.board.off()
        copy = self.bench.copy_board(self.folder, name)
        self.copies[name] = copy
        self.copies[copy] = self.bank
        self.power(self.running)

    def board_off(self):
        status = self.board.status()
        self.board.off()
        for name, field in (("starts of the chip", "starts"), ("flash erases", "erases"),
                            ("flash writes", "writes"), ("flash rules broken", "rules")):
            self.tally[name] = status[field]
        boards = [line for who, lines in self.told if who == "board" for line in lines]
        for name, words in (("crashes", "image crashes"),
                            ("watchdog bites", "watchdog bites")):
            self.tally[name] = sum(words in line for line in boards)
        self.expect(self.tally["flash rules broken"] == 0,
                    f"{self.tally['flash rules broken']} flash rules were broken")

    # ---- phones ----------------------------------------------------------------------

    def cache(self, version):
        return self.bench.release(version)

    def new_phone(self, board, cache, report=False, **options):
        phone = self.bench.phone(board, cache, report, **options)
        self.told.append(("phone", phone.lines))
        self.shown = -1
        return phone

    def phone(self, version, **options):
        return self.new_phone(self.board, self.cache(version), **options)

    def gone(self, phone):
        """A phone's share of the counts; the last it knew."""
        last = phone.last()
        if last:
            for name, field in (("sessions", "hellos"), ("bytes sent", "sent"),
                                ("bytes sent again", "repeated")):
                self.tally[name] += last[field]
        return last

    def ended(self, phone):
        verdict = phone.verdict()
        self.gone(phone)
        return verdict

    def carry(self, phone, until=None, percent=None):
        """Watch it carry: until it says so, is so far, or (neither) is done."""
        def watch(line):
            if "progress" in line.words:
                self.bar(line)
            elif "phone waits" in line and phone.last():
                self.bar(phone.last(), WAITS.get(line["for"], ""))
            elif "phone later" in line:
                self.say(f"the device says: later, in {line['seconds']} s")

        def wanted(line):
            if percent is not None:
                return bool(line["of"]) and line["acked"] * 100 >= percent * line["of"]
            return f"phone {until or 'done'}" in line

        return phone.wait(until or "done", wanted, watch=watch)

    def arrives(self, phone, version, trial):
        code, why = self.ended(phone)
        self.expect(code == 0, f"{version} was not carried: {why}")
        line = self.board.runs(version, trial=trial)
        self.running, self.bank = version, line["bank"]
        self.say(f"{version} verified, committed, and started in bank {line['bank']}")

    def refused(self, cache, err, what):
        code, why = self.ended(self.new_phone(self.board, cache))
        self.tally["offers refused"] += 1
        self.say(f"{what}: {why}")
        self.expect((code, why) == (1, err), f"{what}: {why}, not {err}")

    def statement(self, version, board=None, **wanted):
        """Ask the device, and believe it only with its own key."""
        saved = self.bench.folder / "statement"
        phone = self.new_phone(board or self.board, None, True, save=saved)
        code, why = self.ended(phone)
        said = phone.all("phone statement")
        if code != 0 or not said:
            raise Unexpected(f"no statement of {version}: {why}")
        line = said[-1]
        self.bench.tool("verify", "--key", self.bench.folder / "device.pub", saved)
        self.tally["statements verified"] += 1
        for field, value in {"version": version, **wanted}.items():
            self.expect(line[field] == value,
                        f"the statement says {field} {line[field]}, not {value}")
        more = "".join(f", {field.replace('_', ' ')} {line[field]}" for field in
                       ("rollbacks", "bad_signatures") if line[field])
        self.say(f"statement, verified: runs {line['version']}, last update: "
                 f"{line['outcome']} ({line['of']}){more}")
        if board is None:
            self.tally["rollbacks"] = line["rollbacks"]
            self.tally["updates confirmed"] = line["updates"]

    # ---- the end ---------------------------------------------------------------------

    def table(self):
        print()
        for name, value in self.tally.items():
            print(f"  {name:22} {value}")
        for what in self.failed:
            print(f"  FAILED: {what}")
        print("\nEverything is as it should be." if not self.failed
              else "\nThis is not as it should be.")

    def write_down(self, folder):
        """What everybody said, in the order they began."""
        with open(folder / "said.log", "w", encoding="utf-8") as log:
            for who, lines in self.told:
                for line in lines:
                    log.write(f"{who}: {line.text}\n")
