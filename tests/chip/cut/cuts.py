# SPDX-License-Identifier: Apache-2.0
"""The whole tour: a chip of some age, two updates recorded and walked, each state and its
torn relatives judged, some updates finished. Knows the order of it, and what is counted;
does not know how any of it is done."""
import collections
import concurrent.futures
import random
import tempfile
import threading

import flash
import judge
import record
import walk
from starts import Starts
from talk import Unexpected

# Of each word, of each erase; updates brought to their end.
Effort = collections.namedtuple("Effort", "words erases finished")

# Crashes and visits of a phone before the updates: then both journals turn their pages in
# the middle of the first one, and erase pages that hold old records.
AGE = 16
RELEASES = (1, 2)
CONFIRM = bytes.fromhex("21594f4b")  # the word that ends a journal record


class Tour:
    """`go`, then `numbers` and `findings`."""

    def __init__(self, made, effort, seed, jobs, say):
        self.made, self.effort, self.say = made, effort, say
        self.seed, self.jobs = seed, jobs
        self.recordings, self.cuts = [], []  # of each power-on
        self.findings = []
        self.instructions = self.started = self.variants = self.finished = 0
        self.states = {}  # region: its first Case
        self.chips, self.mine = [], threading.local()

    def go(self):
        self.say(f"seed {self.seed}")
        with tempfile.TemporaryDirectory(prefix="ferry-chips-") as self.folder:
            try:
                self._record()
                self._walk()
                self._judge_states()
                self._judge_variants()
                self._finish()
            finally:
                for chip in self.chips:
                    chip.__exit__()

    # ---- chips, one a thread --------------------------------------------------------

    def _chip(self):
        if not hasattr(self.mine, "chip"):
            folder = tempfile.mkdtemp(dir=self.folder)
            self.mine.chip = Starts(self.made, folder, self.seed)
            self.chips.append(self.mine.chip)
        return self.mine.chip

    def _each(self, what, work, items):
        """The results, in order; tells how far it is."""
        items, done = list(items), 0
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            try:
                for result in pool.map(work, items):
                    done += 1
                    if done % 1000 == 0:
                        self.say(f"{what}: {done} of {len(items)}, "
                                 f"{len(self.findings)} findings")
                    yield result
            except Unexpected:
                pool.shutdown(cancel_futures=True)
                raise

    # ---- where it can be cut --------------------------------------------------------

    def _record(self):
        first = record.journey(self.made, [record.FIRST], self.made.factory)
        chip = self._chip()
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
        for cuts, recording in zip(self.cuts, self.recordings):
            if not cuts or cuts[-1].region != recording.after[0]:
                raise Unexpected("a replay does not end as what was recorded")
        first, last = self._record_of(self.cuts[1])
        self.instructions = walk.every_instruction(self.made, self.recordings[1],
                                                   self.cuts[1], first, last)
        self.say(f"walked {sum(map(len, self.cuts))} stores, and all {self.instructions} "
                 "instructions of the commit record")

    def _record_of(self, cuts):
        """First and last cut of the last record in the application's journal."""
        at = [i for i, cut in enumerate(cuts) if cut.change and self._area(cut.change)
              == "app_journal"]
        ends = [i for i in at if cuts[i].change.after == CONFIRM]
        return next(i for i in at if i > ends[-2]), ends[-1]

    def _area(self, change):
        layout, address = self.made.layout, change.at + self.made.base
        for name in ("boot_journal", "app_journal"):
            if 0 <= address - layout[name] < 2 * layout["erase_unit"]:
                return name
        return "banks"

    # ---- what boots -----------------------------------------------------------------

    def _judge(self, case):
        found = judge.judge(self._chip(), case, self.made.boot_journal())
        if isinstance(found, judge.Finding):
            self.findings.append(found)
            return None
        return found

    def _allowed(self, leg):
        """The update that this power-on belongs to leads from one release to the next."""
        update = max(leg - 1, 0) // 3
        return {0} if leg == 0 else {update, update + 1}

    def _judge_states(self):
        for leg, (recording, cuts) in enumerate(zip(self.recordings, self.cuts)):
            regions = [(0, recording.region), *((c.icount, c.region) for c in cuts)]
            for icount, region in regions:
                self.states.setdefault(region, judge.Case(
                    leg, icount, "between two stores", region, None, self._allowed(leg)))
        answers = list(self._each("states", self._judge, self.states.values()))
        self.answers = dict(zip(self.states, answers))
        releases = [answer.release for answer in answers if answer]
        if not self.findings and not judge.one_way(releases):
            raise Unexpected(f"what boots goes back and forth: {releases}")
        self.say(f"{len(self.states)} states, {len(self.findings)} findings")

    def _torn(self):
        """Every change again, cut in its middle: what boots before it or after it may
        boot."""
        rng = random.Random(self.seed)
        for leg, (recording, cuts) in enumerate(zip(self.recordings, self.cuts)):
            before = recording.region
            for cut in cuts:
                ends = [self.answers[region] for region in (before, cut.region)]
                if cut.change and all(ends):
                    yield from self._cases(rng, leg, cut, {end.release for end in ends})
                before = cut.region

    def _cases(self, rng, leg, cut, allowed):
        at = cut.change.at
        for v in flash.variants(rng, cut.change, self.effort.words, self.effort.erases):
            region = flash.with_bytes(cut.region, at, v.first)
            second = None if v.first == v.second else (at, v.second)
            yield judge.Case(leg, cut.icount, v.name, region, second, allowed)

    def _judge_variants(self):
        cases = list(self._torn())
        self.variants = len(cases)
        self.torn = cases
        for _ in self._each("variants", self._judge, cases):
            pass
        self.say(f"{len(cases)} variants, {len(self.findings)} findings")

    # ---- bringing it to its end -----------------------------------------------------

    def _finish_one(self, case):
        chip = self._chip()
        chip.put(case.region)
        why = chip.update(max(case.allowed | {1}))
        if why or not chip.whole():
            self.findings.append(judge.Finding("brick", why or "flash was written where "
                                               "nothing may write", case))

    def _finish(self):
        rng = random.Random(self.seed)
        pool = [*self.states.values(), *self.torn]
        cases = rng.sample(pool, min(self.effort.finished, len(pool)))
        for _ in self._each("updates", self._finish_one, cases):
            self.finished += 1

    def numbers(self):
        changes = [cut.change for cuts in self.cuts for cut in cuts if cut.change]
        erased = [self._area(change) for change in changes if change.kind == "erase"]
        return {
            "cut_points": sum(map(len, self.cuts)),
            "states": len(self.states),
            "variants": self.variants,
            "bricks": sum(f.kind == "brick" for f in self.findings),
            "wrong_boots": sum(f.kind == "wrong" for f in self.findings),
            "power_ons": len(self.recordings),
            "words": sum(change.kind == "word" for change in changes),
            "erases": {area: erased.count(area) for area in sorted(set(erased))},
            "instructions": self.instructions,
            "finished": self.finished,
        }
