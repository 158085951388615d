#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Updates over GATT between two real Bluetooth host stacks, noble as the phone and
bleno as the device, on BlueZ's user-space controllers: the first of each MTU
undisturbed, then with connections cut and phones and the device killed at random
packets. Ends 1 if one did not arrive as it should, 3 where something is not installed.
"""
import argparse
import json
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True

from controllers import Controllers  # noqa: E402
from goods import Goods, real_images  # noqa: E402
from judge import Unfair  # noqa: E402
from node import Missing, modules, need  # noqa: E402
from stage import KINDS, Stage  # noqa: E402
from kit import Unexpected  # noqa: E402

MTUS = (247, 23)
SMALL = 64 * 1024  # at MTU 23 a whole image takes a minute, and shows nothing more
EXIT_FAILED, EXIT_MISSING = 1, 3


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path, help="Meson's build folder")
    parser.add_argument("--builds", type=Path, metavar="DIR",
                        help="npm's packages go into DIR/build-ble (else beside BUILD)")
    parser.add_argument("--updates", type=int, default=3, metavar="N",
                        help="for each MTU (default 3)")
    parser.add_argument("--cuts", type=int, default=3, metavar="N",
                        help="interruptions in each but the first (default 3)")
    parser.add_argument("--mtu", type=int, action="append", metavar="N",
                        help="23..247; may be repeated (default 247 and 23)")
    parser.add_argument("--seed", type=int, help="of images and interruptions")
    parser.add_argument("--keep", type=Path, metavar="DIR",
                        help="leave all that was made and said in DIR")
    parser.add_argument("--json", action="store_true", help="the result alone, as JSON")
    args = parser.parse_args()
    if any(not 23 <= mtu <= 247 for mtu in args.mtu or ()):
        parser.error("an MTU is 23..247")
    return args


# ---- a row for each MTU --------------------------------------------------------------


def image_for(mtu, number, dice):
    """Real firmware, if there is some; of it a piece where values are small."""
    found = real_images()
    image = found[number % len(found)].read_bytes() if found else dice.randbytes(300000)
    return image if mtu > 100 else image[-SMALL:]


def add_up(mtu, updates):
    return {
        "mtu": mtu,
        "updates": len(updates),
        "image_bytes": sum(u.image_len for u in updates),
        "connections": sum(u.times("phone link=up") for u in updates),
        "cut": sum(u.struck["air"] for u in updates),
        "phones_killed": sum(u.struck["phone"] for u in updates),
        "devices_killed": sum(u.struck["device"] for u in updates),
        "resumed": sum(u.resumed for u in updates),
        "sent_again": sum(u.again for u in updates),
        "gatt_writes": sum(u.totals["written"] for u in updates),
        "notifications": sum(u.totals["heard"] for u in updates),
        "bytes_per_s": max((u.rate for u in updates), default=0),
        "failed": None,
    }


def play(args, mtu, seed, build, packages, folder, say):
    """All updates of one MTU. Its row."""
    dice = random.Random(f"{seed}/{mtu}")
    goods = Goods(build, folder / f"mtu-{mtu}")
    here = build / "tests" / "ble" / "libbtvirt-here.so"
    controllers = Controllers(goods.folder, here)
    stage, updates, failed = None, [], None
    try:
        stage = Stage(goods, controllers, packages, mtu, dice)
        for number in range(1, args.updates + 1):
            plan = dice.choices(KINDS, k=args.cuts) if number > 1 else []
            say(f"MTU {mtu}, update {number}: " + (", ".join(plan) or "undisturbed"))
            updates.append(stage.update(number, image_for(mtu, number, dice), plan))
    except (Unexpected, Unfair, OSError) as why:
        failed = f"MTU {mtu}, update {len(updates) + 1}: {why}"
        say(f"{failed}\n{stage.last_words() if stage else ''}")
    finally:
        if stage:
            stage.end()
        controllers.end()
    return {**add_up(mtu, updates), "failed": failed}


# ---- the whole -----------------------------------------------------------------------

COLUMNS = (("MTU", "mtu"), ("updates", "updates"), ("bytes", "image_bytes"),
           ("connections", "connections"), ("cut", "cut"), ("phones", "phones_killed"),
           ("devices", "devices_killed"), ("resumed", "resumed"),
           ("again, B", "sent_again"), ("writes", "gatt_writes"),
           ("notified", "notifications"), ("B/s", "bytes_per_s"))


def show(rows, seed, seconds):
    print(" ".join(f"{head:>{max(len(head), 7)}}" for head, _ in COLUMNS) + "  result")
    for row in rows:
        print(" ".join(f"{row[key]:>{max(len(head), 7)}}" for head, key in COLUMNS)
              + ("  FAILED" if row["failed"] else "  ok"))
    print("phones, devices: killed. B/s: of the undisturbed update, host stacks alone.")
    print(f"seed {seed}, {seconds:.0f} s")


def run(args):
    need("node", "npm", "btvirt")
    build = args.build.resolve()
    packages = modules((args.builds or build.parent).resolve() / "build-ble")
    seed = random.randrange(10**6) if args.seed is None else args.seed
    folder = args.keep or Path(tempfile.mkdtemp(prefix="ferry-ble-"))
    began = time.monotonic()

    def say(text):
        print(text, file=sys.stderr, flush=True)

    try:
        rows = [play(args, mtu, seed, build, packages, folder, say)
                for mtu in args.mtu or MTUS]
    finally:
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    seconds = time.monotonic() - began
    if args.json:
        print(json.dumps({"seed": seed, "seconds": round(seconds, 1), "rows": rows},
                         indent=2))
    else:
        show(rows, seed, seconds)
    return EXIT_FAILED if any(row["failed"] for row in rows) else 0


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(EXIT_FAILED))  # clears away, too
    try:
        return run(parse())
    except Missing as why:
        print(f"ble: {why}", file=sys.stderr)
        return EXIT_MISSING


if __name__ == "__main__":
    sys.exit(main())
