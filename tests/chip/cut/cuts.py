# SPDX-License-Identifier: Apache-2.0
"""The whole tour: a chip of some age, two updates recorded and walked, each state and
its torn relatives judged, some of them cut again while the bootloader puts them right,
some updates finished. Knows the order of it, and what is counted; does not know how any
of it is done."""
import collections
import random
import sys
from pathlib import Path

import flash
import judge
import record
import walk
from chips import Chips

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from talk import Unexpected  # noqa: E402

# Variants of each word, rounds of those of each erase, states that are cut a second
# time, updates that are brought to their end.
Effort = collections.namedtuple("Effort", "words erases again finished")

# Crashes and visits of a phone before the updates: then both journals turn their pages
# in the middle of the first one, and erase pages that hold old records.
AGE = 16
RELEASES = (1, 2)
JOURNALS = ("boot_journal", "app_journal")
CONFIRM = bytes.fromhex("21594f4b")  # the word that ends a journal record


class Tour:
    """`go`, then `numbers` and `findings`. With `until_found` the first finding ends
    it: a bug was planted."""

    def __init__(self, made, effort, seed, jobs, say, until_found=False):
        self.made, self.effort, self.say = made, effort, say
        self.seed = seed
        self.journal = made.boot_journal()
        self.recordings, self.cuts = [], []  # of each power-on
        self.states, self.verdicts = {}, {}  # by region
        self.torn, self.doubtful = [], []
        self.findings = []
        self.instructions = self.again = self.finished = 0
        self.chips = Chips(made, seed, jobs, say,
                           lambda: until_found and bool(self.findings))

    def go(self):
        self.say(f"seed {self.seed}")
        with self.chips:
            self._record()
            self._walk()
            for step in (self._judge_states, self._judge_torn, self._cut_again,
                         self._finish, self._walk_instructions):
                if not self.chips.over():
                    step()
                    self.say(f"{step.__name__[1:].replace('_', ' ')}: "
                             f"{len(self.findings)} findings so far")

    # ---- where it can be cut --------------------------------------------------------

    def _record(self):
        first = record.journey(self.made, [record.ALONE], self.made.factory)
        chip = self.chips.mine_now()
        chip.put(first[0].after[0])
        chip.start()
        chip.age(0, AGE)
        chip.start()
        legs = [leg for release in RELEASES for leg in record.update(release)]
        self.recordings = first + record.journey(self.made, legs, chip.region, first=1)
        self.say(f"recorded {len(self.recordings)} power-ons, "
                 f"{sum(r.total for r in self.recordings)} instructions")

    def _walk(self):
        self.cuts = [list(walk.walk(self.made, each)) for each in self.recordings]
        self.say(f"stopped at {sum(map(len, self.cuts))} stores")
        if set(self._erased()) != {"banks", *JOURNALS}:
            raise Unexpected(f"only this is erased: {dict(self._erased())}; the chip is "
                             "of the wrong AGE")

    def _erased(self):
        """How many erases there were that changed something, by area."""
        changes = (cut.change for cuts in self.cuts for cut in cuts)
        return collections.Counter(self._area(change) for change in changes
                                   if change and change.kind == "erase")

    def _walk_instructions(self):
        first, last = self._last_record(self.cuts[1])
        self.instructions = walk.every_instruction(self.made, self.recordings[1],
                                                   self.cuts[1], first, last)

    def _last_record(self, cuts):
        """First and last cut of the last record in the application's journal."""
        at = [i for i, cut in enumerate(cuts)
              if cut.change and self._area(cut.change) == "app_journal"]
        ends = [i for i in at if cuts[i].change.after == CONFIRM]
        return next(i for i in at if i > ends[-2]), ends[-1]

    def _area(self, change):
        layout, address = self.made.layout, change.at + self.made.base
        for name in JOURNALS:
            if 0 <= address - layout[name] < 2 * layout["erase_unit"]:
                return name
        return "banks"

    # ---- what boots -----------------------------------------------------------------

    def _judge(self, what, cases):
        """Yields the verdicts; keeps what was found, and what was put right."""
        cases = list(cases)
        verdicts = self.chips.each(
            what, lambda chip, case: judge.judge(chip, case, self.journal), cases)
        for verdict, case in zip(verdicts, cases):
            if verdict.finding:
                self.findings.append(verdict.finding)
            elif verdict.wrote:
                self.doubtful.append(case)
            yield verdict

    @staticmethod
    def _allowed(leg):
        """The update that this power-on belongs to leads from one release to the
        next."""
        update = (leg - 1) // 3
        return {0} if leg == 0 else {update, update + 1}

    def _judge_states(self):
        for leg, (recording, cuts) in enumerate(zip(self.recordings, self.cuts)):
            regions = [(0, recording.region), *((c.icount, c.region) for c in cuts)]
            allowed = self._allowed(leg)
            for icount, region in regions:
                self.states.setdefault(region, judge.Case(
                    leg, icount, "between two stores", region, None, None, allowed))
        verdicts = list(self._judge("states", self.states.values()))
        self.verdicts = dict(zip(self.states, verdicts))
        if not self.findings:
            self._check_order([verdict.release for verdict in verdicts])

    def _check_order(self, releases):
        """No cut leads back, and what a phone was told is so."""
        if not judge.one_way(releases):
            raise Unexpected("what boots goes back and forth")
        for recording in self.recordings:
            boots = self.verdicts[recording.after[0]].release
            told = recording.leg.brings or 0
            if boots != told:
                raise Unexpected(f"a phone was told of {told}, and {boots} boots")

    def _cases(self, rng, cut, leg, name, allowed, words, erases):
        for v in flash.variants(rng, cut.change, words, erases):
            at = cut.change.at
            second = None if v.first == v.second else (at, v.second)
            yield judge.Case(leg, cut.icount, name + v.name, cut.region, (at, v.first),
                             second, allowed)

    def _judge_torn(self):
        """Every change again, cut in its middle: what boots before it or after it may
        boot."""
        rng = random.Random(self.seed)
        for leg, (recording, cuts) in enumerate(zip(self.recordings, self.cuts)):
            before = recording.region
            for cut in cuts:
                ends = {self.verdicts[each].release for each in (before, cut.region)}
                if cut.change and None not in ends:
                    self.torn += self._cases(rng, cut, leg, "", ends, self.effort.words,
                                             self.effort.erases)
                before = cut.region
        collections.deque(self._judge("torn", self.torn), maxlen=0)

    # ---- and after that -------------------------------------------------------------

    def _cut_again(self):
        """The power-on that follows a cut is itself cut everywhere."""
        rng = random.Random(self.seed)
        count = min(self.effort.again, len(self.doubtful))
        for first in rng.sample(self.doubtful, count):
            recording = record.record(self.made, record.ALONE, judge.region_of(first),
                                      None, self.made.folder / "again.rr")
            name, cases = f"after {first.name}, cut again, ", []
            for cut in walk.walk(self.made, recording):
                cases.append(judge.Case(first.leg, cut.icount, name, cut.region, None,
                                        None, first.allowed))
                if cut.change:
                    cases += self._cases(rng, cut, first.leg, name, first.allowed, 1, 1)
            cases = list({case[3:6]: case for case in cases}.values())
            self.again += len(cases)
            collections.deque(self._judge("cut again", cases), maxlen=0)

    def _finish_one(self, chip, case):
        """None, or a Finding."""
        chip.put(judge.region_of(case))
        why = chip.update(max(case.allowed | {1}))
        return why and judge.Finding("brick", why, case)

    def _finish(self):
        rng = random.Random(self.seed)
        pool = [*self.states.values(), *self.torn]
        cases = rng.sample(pool, min(self.effort.finished, len(pool)))
        for found in self.chips.each("updates", self._finish_one, cases):
            self.finished += 1
            self.findings += [found] if found else []

    def numbers(self):
        changes = [cut.change for cuts in self.cuts for cut in cuts if cut.change]
        return {
            "cut_points": sum(map(len, self.cuts)),
            "states": len(self.states),
            "variants": len(self.torn),
            "bricks": sum(f.kind == "brick" for f in self.findings),
            "wrong_boots": sum(f.kind == "wrong" for f in self.findings),
            "power_ons": len(self.recordings),
            "words": sum(change.kind == "word" for change in changes),
            "erases": dict(sorted(self._erased().items())),
            "instructions_walked": self.instructions,
            "cut_again": self.again,
            "updates_finished": self.finished,
        }
