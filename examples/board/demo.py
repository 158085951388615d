#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole story, with real processes: a board that is killed, phones that are killed,
images that crash, hang, go deaf or fall ill after three days, and people who mean harm.
Every step says what it expects; the exit code is 1 if anything was otherwise."""
import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True

from kit import BANKS, BLOCK, HEADER, Bench, Unexpected, flip  # noqa: E402
from tale import Tale  # noqa: E402

THREE_DAYS = "skip 72"
TWO_BLOCKS = 2 * BLOCK  # what a device's reset may cost again (docs/PROTOCOL.md, Resume)
WINDOW = TWO_BLOCKS     # what may be on its way, or unheard of, when a session ends


# ---- the first update: everything that can happen to a link and a battery -----------


def first_day(t):
    t.chapter("A new device: version 1.0.0, signed, from the factory")
    t.slower()  # so that there is time to pull things out in the middle
    t.power("1.0.0")
    t.statement("1.0.0", outcome="none")


def resumed(t, line, before, why, may_cost):
    """A session goes on. How far was it, where does the device say it goes on?"""
    t.say(f"goes on at cursor {line['cursor']}, was at {before['cursor']} ({why})")
    t.expect(line["acked"] >= before["acked"] - may_cost,
             f"after {why} {before['acked'] - line['acked']} acked bytes are asked for "
             f"again, more than {may_cost}")


def the_hard_way(t):
    t.chapter("1.1.0 over a bad radio: MTU 23, one value in a hundred lost each way")
    t.board.order("loss 10000")
    phone = t.phone("1.1.0", mtu=23, loss=10000, away="20:30")
    before = t.carry(phone, until="away")
    t.tally["links lost"] += 1
    t.say("out of range for 30 s")
    resumed(t, t.carry(phone, until="accepted"), before, "range", 0)

    t.carry(phone, percent=45)
    phone.kill()
    before = t.gone(phone)
    t.tally["phones killed"] += 1
    t.say("kill -9 of the phone")
    phone = t.phone("1.1.0", mtu=23, loss=10000)
    resumed(t, t.carry(phone, until="accepted"), before, "another phone", 0)

    t.carry(phone, percent=70)
    t.board.kill()
    t.tally["batteries pulled"] += 1
    t.say("kill -9 of the board, in the middle of it: the battery fell out")
    t.power("1.0.0")
    line = t.carry(phone, until="accepted")
    resumed(t, line, phone.told_before(line), "battery", TWO_BLOCKS)

    t.carry(phone)
    t.arrives(phone, "1.1.0", trial=1)
    t.statement("1.1.0", outcome="confirmed", attempts=0)
    length = phone.last()["of"]
    anew = t.tally["bytes sent"] - t.tally["bytes sent again"]
    t.say(f"{anew} different bytes carried for an image of {length}")
    t.expect(anew <= length + 2 * WINDOW + TWO_BLOCKS + WINDOW,
             "more was sent anew than interruptions explain")


# ---- images that should not have been released --------------------------------------


def falls_back(t, version, sign, to, why):
    """The trial of an image that dies at its start: three times, then the old one."""
    phone = t.phone(version)
    t.carry(phone)
    t.arrives(phone, version, trial=1)
    t.board.runs(to)
    t.up(to)
    died = t.count(sign)
    t.say(f"{version}: '{sign}' {died} times, and {to} is back by itself")
    t.expect(died == 3, f"{version} had {died} attempts, not 3")
    t.statement(to, outcome=why, of=version)
    t.refused(t.cache(version), "E_TOMBSTONE", f"{version} offered again")


def crash_and_hang(t):
    t.chapter("1.2.0 crashes at its start")
    falls_back(t, "1.2.0", "image crashes", "1.1.0", "faults")
    t.chapter("1.2.1 hangs at its start, feeding nothing")
    falls_back(t, "1.2.1", "watchdog bites", "1.1.0", "faults")
    t.chapter("1.2.2 is well")
    phone = t.phone("1.2.2")
    t.carry(phone)
    t.arrives(phone, "1.2.2", trial=1)
    t.statement("1.2.2", outcome="confirmed", attempts=0)


def deaf(t):
    t.chapter("1.3.0 never opens its radio: nobody could ever update it again")
    phone = t.phone("1.3.0")
    t.carry(phone)
    t.arrives(phone, "1.3.0", trial=1)
    for _ in range(3):
        t.board.order(THREE_DAYS)
        t.board.wait("image reset", lambda line: line["why"] == "expired")
        t.say("three days pass, and no phone gets in: it resets itself")
        t.board.wait("image up")
    t.up("1.2.2")
    t.statement("1.2.2", outcome="expired", of="1.3.0")
    phone = t.phone("1.3.0", tap=True)
    t.carry(phone, until="accepted")
    t.expect(t.ended(phone)[0] == 0, "1.3.0 was not accepted again")
    t.say("offered again it is accepted: that nobody came is no proof against it")


def three_days(t):
    t.chapter("1.4.0 is confirmed, and falls ill three days later, again and again")
    phone = t.phone("1.4.0")
    t.carry(phone)
    t.arrives(phone, "1.4.0", trial=1)
    t.statement("1.4.0", outcome="confirmed", attempts=0)
    for faults in range(1, 6):
        t.board.order(THREE_DAYS)
        t.board.wait("image crashes")
        line = t.board.wait("image up")
        t.say(f"three days pass; crash {faults}, then {line['version']} runs")
        t.expect(line["version"] == ("1.4.0" if faults < 5 else "1.2.2"),
                 f"after fault {faults} of 1.4.0 {line['version']} runs")
    t.up("1.2.2")
    t.statement("1.2.2", outcome="crash-loop", of="1.4.0")
    t.refused(t.cache("1.4.0"), "E_TOMBSTONE", "1.4.0 offered again")


# ---- people who mean harm -----------------------------------------------------------


def hostile(t):
    t.chapter("A hostile phone. Nothing it says may touch the flash")
    b = t.bench
    bent = b.release("1.4.0", "bent", as_version="1.5.0")
    for artifact in bent.glob("*.ferry"):
        data = bytearray(artifact.read_bytes())
        data[40] ^= 1
        artifact.write_bytes(data)
    for cache, err, what in (
            (bent, "E_SIG", "an envelope with one bit changed"),
            (b.release("1.4.0", "stranger", as_version="1.5.0", key="stranger"),
             "E_SIG", "1.5.0 signed with another key"),
            (b.release("0.9.0"), "E_VERSION", "0.9.0, genuine and old"),
            (b.release("1.4.0", "other-hardware", as_version="1.5.0", hw="9"),
             "E_HW", "1.5.0 for hardware revision 9")):
        before = t.board.status()
        t.refused(cache, err, what)
        after = t.board.status()
        for count in ("erases", "writes"):
            t.expect(before[count] == after[count],
                     f"{what}: {after[count] - before[count]} {count}")
    t.say("not one flash operation; but the device tells of it, signed:")
    t.statement("1.2.2", bad_signatures=2)


def edited_offline(t):
    t.chapter("Somebody with a soldering iron: one byte of the running image is changed")
    for folder, runs in ((t.copies["fallback"], "1.0.0"), (t.copies["none"], None)):
        bank = t.copies[folder]
        for edited in (bank,) if runs else (0, 1):
            flip(folder, BANKS[edited] + HEADER + 5000)
            t.tally["banks edited"] += 1
        board = t.bench.power(folder)
        if runs:
            board.runs(runs, bank=bank ^ 1)
            t.say(f"with another image to fall back on: {runs} runs instead")
            t.statement(runs, board=board, outcome="damaged")
        else:
            line = board.wait("boot halt=E_HASH")
            board.wait("board halted")
            t.say(f"with both changed: it halts, and says {line['halt']}")
            t.expect(not board.all("image up"), "an edited image ran")
        board.off()


# ---- the whole ----------------------------------------------------------------------


def story(t):
    first_day(t)
    the_hard_way(t)
    t.faster()
    t.keep_copy("fallback")
    crash_and_hang(t)
    deaf(t)
    three_days(t)
    hostile(t)
    t.keep_copy("none")
    edited_offline(t)
    t.board_off()


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", help="Meson's build folder")
    parser.add_argument("--speed", type=int, default=20, metavar="N",
                        help="virtual milliseconds in a real one (default 20; a quarter "
                             "of it in the first update)")
    parser.add_argument("--keep", metavar="DIR", type=Path,
                        help="leave keys, releases, boards and what was said in DIR")
    parser.add_argument("--json", action="store_true",
                        help="nothing but the result, as JSON")
    return parser.parse_args()


def main():
    args = parse()
    folder = args.keep or Path(tempfile.mkdtemp(prefix="ferry-board-"))
    began = time.monotonic()
    bench = None
    tale = Tale(quiet=args.json)
    try:
        bench = Bench(args.build, folder, args.speed)
        tale.begin(bench)
        story(tale)
    except Unexpected as why:
        tale.fail(str(why))
    except KeyboardInterrupt:
        tale.fail("interrupted")
    finally:
        if bench:
            bench.end()
            tale.write_down(folder) if args.keep else None
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    tale.tally["seconds"] = round(time.monotonic() - began, 1)
    if args.json:
        print(json.dumps({"tally": tale.tally, "failed": tale.failed}, indent=2))
    else:
        tale.table()
    return 1 if tale.failed else 0


sys.exit(main())
