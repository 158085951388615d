#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 of a board and its phones at random instants and in random flash operations,
while update follows update, good ones and one that crashes. Boards live side by side, one
for each processor; a seed fixes what each of them is to suffer, and the kernel the rest.
"""
import argparse
import json
import os
import shutil
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

sys.dont_write_bytecode = True

from kills_lane import Lane  # noqa: E402
from kills_tell import Tally  # noqa: E402
from kit import Bench, Unexpected  # noqa: E402

SPEED = 20  # virtual milliseconds in a real one
TELL_S = 2


def arguments():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("build", help="the build folder")
    p.add_argument("--kills", type=int, default=3000, help="of boards (default 3000)")
    p.add_argument("--seconds", type=float, default=float("inf"),
                   help="start no life after so long, even if there were fewer kills")
    p.add_argument("--seed", type=int, default=None, help="of the schedule; else random")
    p.add_argument("--lanes", type=int, default=min(4, os.cpu_count() or 1),
                   help="boards side by side (default: one for each processor, up to 4)")
    p.add_argument("--json", action="store_true", help="end with one JSON object")
    options = p.parse_args()
    if options.seed is None:
        options.seed = int.from_bytes(os.urandom(4), "big")
    return options


# ---- running -------------------------------------------------------------------------


def run_lane(bench, number, options, tally, lanes):
    lane = None
    try:
        lane = Lane(bench, options.seed, number, tally)
        lanes.append(lane)
        lane.live(lambda: tally.kills < options.kills
                  and tally.seconds() < options.seconds)
    except Exception as why:  # of a lane that breaks its folder and words are kept
        said = str(why) if isinstance(why, Unexpected) else traceback.format_exc()
        tally.failures.append((bench.folder, said))
        if lane:
            lane.keep_words()
        for other in lanes:
            other.stop.set()
    finally:
        bench.end()


def tell_progress(tally, options):
    rate = tally.kills / max(tally.seconds(), 0.001)
    left = (options.kills - tally.kills) / max(rate, 0.001)
    left = max(0, min(left, options.seconds - tally.seconds()))
    print(f"{tally.kills} of {options.kills} kills, {rate:.1f} a second, "
          f"{sum(tally.updates.values())} updates, {left / 60:.0f}:{left % 60:02.0f} left",
          file=sys.stderr, flush=True)


def run(options, folder):
    tally, lanes = Tally(), []
    threads = [threading.Thread(target=run_lane, args=(
        Bench(options.build, folder / str(number), SPEED), number, options, tally, lanes))
        for number in range(options.lanes)]
    for thread in threads:
        thread.start()
    told = time.monotonic()
    try:
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.05)
            if time.monotonic() - told >= TELL_S:
                told = time.monotonic()
                tell_progress(tally, options)
    except KeyboardInterrupt:
        for lane in lanes:
            lane.stop.set()
        raise
    if tally.kills == 0:
        tally.failures.append((folder, "nothing was killed"))
    return tally


# ---- the report ----------------------------------------------------------------------


def result(tally, options):
    return {
        "seed": options.seed, "lanes": options.lanes, "seconds": tally.seconds(),
        "kills": tally.kills, "kills_in_flash_operations": tally.fused,
        "phones_killed": tally.phones, "kills_per_second": tally.kills / tally.seconds(),
        "kills_by_phase": dict(tally.phases.most_common()),
        "phone_kills_by_phase": dict(tally.phone_phases.most_common()),
        "kills_by_operation": dict(sorted(tally.operations.items())),
        "updates": dict(tally.updates), "started_twice": tally.twice,
        "torn_words_that_read_blank": tally.unseen,
        "bricks": tally.failed("brick"), "wrong_boots": tally.failed("wrong boot"),
        "lost_acks": tally.failed("lost acks"), "failures": len(tally.failures),
        "why": [why for _, why in tally.failures],
        "most_acked_bytes_lost_by_one_kill": tally.most_lost,
        "brick_rate_below": 3 / max(tally.kills, 1),
    }


def show(said):
    def table(title, counts):
        print(title)
        for name, count in counts.items():
            print(f"  {count:6}  {name}")

    print(f"{said['kills']} kills of boards, {said['phones_killed']} of phones, in "
          f"{said['seconds']:.0f} s: {said['kills_per_second']:.1f} a second")
    table("boards were killed in", said["kills_by_phase"])
    table(f"{said['kills_in_flash_operations']} of them in a flash operation, before its "
          "first byte, halfway or after its last", said["kills_by_operation"])
    table("phones were killed in", said["phone_kills_by_phase"])
    table("updates came to their end", said["updates"])
    print(f"{said['started_twice']} flashes were started thrice, with one decision; "
          f"torn words that read blank: {said['torn_words_that_read_blank']}\n"
          f"bricks {said['bricks']}, wrong boots {said['wrong_boots']}, lost acks "
          f"{said['lost_acks']}, other failures "
          f"{said['failures'] - said['bricks'] - said['wrong_boots'] - said['lost_acks']}"
          f"; one kill cost at most {said['most_acked_bytes_lost_by_one_kill']} acked "
          f"bytes\nbricks in a kill, with 95 % confidence: fewer than 3/n = "
          f"{said['brick_rate_below']:.2g}")


def show_failures(tally, options):
    for folder, why in tally.failures:
        print(f"failed: {why}\n  its folder: {folder}", file=sys.stderr)
    print(f"again: python3 tests/board/kills.py {options.build} --kills {options.kills} "
          f"--seed {options.seed} --lanes {options.lanes}", file=sys.stderr)


def main():
    options = arguments()
    folder = Path(tempfile.mkdtemp(prefix="ferry-kills-"))
    tally = run(options, folder)
    said = result(tally, options)
    if options.json:
        print(json.dumps(said, indent=2))
    else:
        show(said)
    if tally.failures:
        show_failures(tally, options)
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
