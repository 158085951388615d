#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whole journeys of emulated chips, and the account of them. Knows which there are;
does not build what they run.

usage: journeys.py HOST FIRMWARE [--seed N] [--only NAME] [--all] [--json]

HOST is a build folder for this machine, FIRMWARE one made with -Dchip=nrf52. A seed
repeats what is cut and damaged, but for the host's clock. --all: more cuts.
"""
import argparse
import json
import random
import sys

sys.dont_write_bytecode = True

import journey  # noqa: E402
import journey_cuts  # noqa: E402, F401
import journey_recovery  # noqa: E402, F401
import journey_refusals  # noqa: E402, F401
import journey_rollback  # noqa: E402, F401
import journey_updates  # noqa: E402, F401
from machine import end_when_told  # noqa: E402


def arguments():
    p = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].splitlines()[0])
    p.add_argument("host")
    p.add_argument("firmware")
    p.add_argument("--seed", type=int)
    p.add_argument("--only", default="")
    p.add_argument("--all", action="store_true")
    p.add_argument("--json", action="store_true")
    return p.parse_args()


def line_of(result):
    """One line of what went well, all that is known of what did not."""
    said = f": {result.said}" if result.said else ""
    return f"{result.verdict:7} {result.seconds:6.1f} s  {result.name}{said}"


def main():
    a = arguments()
    end_when_told()
    seed = random.randrange(1 << 32) if a.seed is None else a.seed
    out = sys.stderr if a.json else sys.stdout

    def tell(result):
        print(line_of(result), file=out, flush=True)
    print(f"seed {seed}", file=out, flush=True)
    results = journey.run(a.host, a.firmware, seed, a.all, a.only, tell)
    count = {verdict: sum(r.verdict == verdict for r in results)
             for verdict in ("passed", "failed", "skipped")}
    if a.json:
        print(json.dumps({"seed": seed, "journeys": [r._asdict() for r in results],
                          **count}, indent=2))
    else:
        print("{passed} passed, {failed} failed, {skipped} skipped".format(**count))
    return 1 if count["failed"] or not results else 0


if __name__ == "__main__":
    sys.exit(main())
