#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""examples/phone between a server that breaks in every way (desk.py) and real boards.

usage: phone_test.py BUILD [SCENARIO...]
"""
import random
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "board"))

from scene import FAST, SLOW, expect, run_scenes  # noqa: E402
from kit import DEVICE, Talker, certificate  # noqa: E402
from desk import Desk  # noqa: E402

OTHER = "99999999-8888-5777-8666-555555555555"
OLD, NEW = 1 << 24, 1 << 24 | 1 << 16
SCENES = []


def scene(body):
    SCENES.append(body)
    return body


def hexed(device):
    return device.replace("-", "")


class Carrier(Talker):
    """ferry-phone, in the bench's folder: a socket's name is short."""

    def __init__(self, home, *options, peers=None):
        program = home.bench.programs.parent / "phone" / "ferry-phone"
        super().__init__("ferry-phone", [
            program, "--server", home.desk.url, "--ca", home.ca, "--state", home.state,
            *(word for peer in peers or home.peers for word in ("--device", peer)),
            "--clock", home.bench.speed, "--every", "1", "--patience", "4", *options],
            cwd=home.bench.folder)
        home.bench.running.append(self)


class Home:
    """A desk, a board with 1.0.0, and a phone's folder."""

    def __init__(self, bench, speed=FAST):
        self.bench = bench
        bench.speed = speed
        self.desk = Desk(bench.folder)
        self.ca = self.desk.ca
        self.state = bench.folder / "phone"
        self.peers = ["board/air"]
        self.boards = [bench.power(bench.make_board("1.0.0"))]
        self.boards[0].runs("1.0.0")

    def offer(self, version="1.1.0", device=DEVICE, rollout=1):
        artifacts = sorted(self.bench.release(version).iterdir())
        self.desk.offers[hexed(device)] = (rollout, version, artifacts)

    def phone(self, *options, **where):
        return Carrier(self, *options, **where)

    def round(self, *options, **where):
        phone = self.phone("--once", *options, **where)
        expect(phone.end() == 0, "a round ends with 0")
        return phone

    def rounds_until(self, what, *options):
        """Rounds, each a process of its own, until one says this."""
        for _ in range(20):
            phone = self.round(*options)
            if phone.all(what):
                return phone
        raise AssertionError(f"no round said '{what}'")

    def sees(self, holds, what):
        """The desk will soon have seen it."""
        until = time.monotonic() + 60
        while not holds():
            expect(time.monotonic() < until, f"the desk never saw {what}")
            time.sleep(0.05)

    def end(self):
        self.desk.close()


@scene
def an_update_goes_from_the_server_to_the_device_and_its_word_back(bench):
    h = Home(bench)
    h.offer()
    phone = h.phone("--yes")
    h.boards[0].runs("1.1.0", trial=1)
    h.sees(lambda: NEW in h.desk.versions(hexed(DEVICE)), "the new version's statement")
    phone.kill()
    expect([r["outcome"] for r in h.desk.reports] == ["done"], f"{h.desk.reports}")
    expect(h.desk.ranges == [0, 0], f"each variant fetched once: {h.desk.ranges}")
    h.end()


@scene
def what_was_cut_off_is_fetched_from_where_it_ended(bench):
    h = Home(bench)
    h.offer()
    h.desk.trouble = [("/v1/artifacts/", "half", 1)]
    h.round("--yes", "--patience", "2")
    state = [p for p in (h.state / "cache").iterdir() if p.suffix == ".part"]
    expect(len(state) == 1 and state[0].stat().st_size > 0, f"a part is kept: {state}")
    have = state[0].stat().st_size
    h.rounds_until("fetched", "--yes")
    expect(have in h.desk.ranges, f"resumed at {have}: {h.desk.ranges}")
    h.end()


@scene
def a_damaged_artifact_is_thrown_away_and_never_carried(bench):
    h = Home(bench)
    h.offer()
    h.desk.trouble = [("/v1/artifacts/", "flip", 1)]
    phone = h.round("--yes")
    expect(phone.all("damaged") and not phone.all("carried"), "damaged, and not carried")
    h.rounds_until("installed", "--yes")
    h.boards[0].runs("1.1.0", trial=1)
    h.end()


@scene
def a_server_that_is_down_loses_nothing(bench):
    h = Home(bench)
    h.round("--yes")
    before = len(h.desk.statements)
    h.desk.close()
    phone = h.round("--yes")
    expect(phone.all("offline"), "it says that nobody answers")
    waiting = list((h.state / "statements").iterdir())
    expect(len(waiting) == 1, f"one statement waits: {waiting}")
    h.desk.open()
    h.round("--yes")
    expect(len(h.desk.statements) >= before + 2, "it was handed over later")
    expect(not list((h.state / "statements").iterdir()), "and waits no more")
    h.end()


@scene
def a_busy_server_is_left_alone_for_as_long_as_it_says(bench):
    h = Home(bench)
    h.desk.trouble = [("/v1/checkin", (503, 3600), 1)]
    phone = h.phone("--yes", "--rounds", "3")
    expect(phone.end() == 0, "three rounds")
    expect(h.desk.asked.count("/v1/checkin") == 1, f"asked once: {h.desk.asked}")
    wait = phone.all("busy")[0]["again_s"]
    expect(3600 <= wait <= 5400, f"an hour, and half of it at random: {wait}")
    expect(len(list((h.state / "statements").iterdir())) >= 1, "what waits is kept")
    h.end()


@scene
def a_stranger_with_another_certificate_is_told_nothing(bench):
    h = Home(bench)
    h.round("--yes")
    h.ca, _ = certificate(bench.folder, "stranger")
    h.desk.asked.clear()
    time.sleep(1.5)  # the nonce has to be asked for again
    phone = h.round("--yes")
    expect(phone.all("untrusted") and not h.desk.asked, f"untrusted: {h.desk.asked}")
    h.end()


@scene
def a_no_is_told_once_and_not_asked_for_again(bench):
    h = Home(bench)
    h.offer()
    h.round("--no")
    phone = h.round("--yes")
    expect(not phone.all("carried"), "a no stays a no")
    expect([r["outcome"] for r in h.desk.reports] == ["declined"], f"{h.desk.reports}")
    h.offer("1.2.2", rollout=2)
    h.rounds_until("installed", "--yes")  # another release is another question
    h.end()


@scene
def without_somebody_to_ask_nothing_is_installed(bench):
    h = Home(bench)
    h.offer()
    phone = h.round()
    expect(phone.all("nobody is here to answer") and not phone.all("carried"), "not asked")
    h.end()


@scene
def what_was_frozen_after_the_fetch_is_not_carried(bench):
    h = Home(bench)
    h.offer()
    phone = h.round()  # fetched, and nobody agreed
    expect(len(phone.all("verified")) == 2, "both variants are here")
    h.desk.holds.add(hexed(DEVICE))
    phone = h.round("--yes")
    expect(phone.all("hold") and not phone.all("carried"), "held")
    h.desk.holds.clear()
    phone = h.rounds_until("installed", "--yes")
    expect(h.desk.ranges == [0, 0], "from what had been fetched before")
    h.end()


@scene
def an_offer_that_expired_wants_a_new_check_in(bench):
    h = Home(bench)
    h.offer()
    h.desk.valid_s = 1
    h.round()
    h.desk.trouble = [("/v1/checkin", "drop", 2)]  # libcurl tries once more by itself
    time.sleep(1.1)
    phone = h.round("--yes")
    expect(phone.all("expired:") and not phone.all("carried"), "expired")
    h.desk.valid_s = 3600
    h.rounds_until("installed", "--yes")
    h.end()


@scene
def an_offer_holds_while_the_server_is_away(bench):
    h = Home(bench)
    h.offer()
    h.round()
    h.desk.close()
    phone = h.round("--yes")
    expect(phone.all("installed"), "carried from the phone's own disk")
    h.boards[0].runs("1.1.0", trial=1)
    h.desk.open()
    h.rounds_until("server check-in", "--yes")
    expect("done" in [r["outcome"] for r in h.desk.reports], f"{h.desk.reports}")
    h.end()


@scene
def a_withdrawn_artifact_is_not_asked_for_in_vain(bench):
    h = Home(bench)
    h.offer()
    h.desk.trouble = [("/v1/artifacts/", "gone", 2)]
    phone = h.round("--yes")
    expect(phone.all("gone") and not phone.all("carried"), "gone, and nothing is carried")
    h.end()


@scene
def two_devices_behind_one_phone_each_get_their_own(bench):
    h = Home(bench)
    h.boards.append(bench.power(bench.make_board("1.0.0", name="other", device=OTHER)))
    h.boards[1].runs("1.0.0")
    h.peers.append("other/air")
    h.offer("1.1.0")
    h.offer("1.2.2", device=OTHER)
    phone = h.phone("--yes")
    h.boards[0].runs("1.1.0", trial=1)
    h.boards[1].runs("1.2.2", trial=1)
    phone.kill()
    h.end()


@scene
def a_device_that_is_away_is_fetched_for_and_visited_later(bench):
    h = Home(bench)
    h.offer()
    h.round()
    bench.release("1.2.2")
    h.boards[0].off()
    h.offer("1.2.2", rollout=2)
    phone = h.round("--yes")
    expect(phone.all("absent"), "nobody there")
    h.boards[0] = bench.power(bench.folder / "board")
    h.boards[0].runs("1.0.0")
    h.rounds_until("installed", "--yes")
    h.boards[0].runs("1.2.2", trial=1)
    h.end()


@scene
def killed_at_any_moment_it_goes_on_from_its_own_disk(bench):
    h = Home(bench, SLOW)
    h.offer()
    dice = random.Random(7)
    h.desk.trouble = [("/v1/artifacts/", "half", 2)]
    for _ in range(40):
        phone = h.phone("--yes")
        time.sleep(dice.uniform(0.05, 2.5))
        phone.kill()
        if NEW in h.desk.versions(hexed(DEVICE)):
            break
    phone = h.phone("--yes")
    h.sees(lambda: NEW in h.desk.versions(hexed(DEVICE)), "the new version's statement")
    phone.kill()
    counters = h.desk.counters(hexed(DEVICE))
    expect(len(set(counters)) >= 2, f"statements arrived: {counters}")
    h.boards[0].runs("1.1.0")
    h.end()


@scene
def the_cache_stays_within_its_bound(bench):
    h = Home(bench)
    h.offer()
    h.round("--no", "--cache-mb", "1")
    old = {p.name for p in (h.state / "cache").iterdir()}
    big = bench.folder / "big"
    big.write_bytes(random.Random(1).randbytes(1_000_000))
    h.desk.offers[hexed(DEVICE)] = (2, "9.9.9", [big])
    h.round("--no", "--cache-mb", "1")
    files = list((h.state / "cache").iterdir())
    expect(sum(p.stat().st_size for p in files) <= 1 << 20, "within a megabyte")
    expect(h.desk.artifact(big)["sha256"] in {p.name for p in files}, "the newest is there")
    expect(old - {p.name for p in files}, "and something old is gone")
    h.end()


if __name__ == "__main__":
    sys.exit(run_scenes(SCENES))
