# SPDX-License-Identifier: Apache-2.0
"""Runs journeys, each on its own desk, two at a time. Knows how one ends: passed,
failed with what was otherwise than expected, skipped by name; not what it is about."""
import collections
import concurrent.futures
import shutil
import tempfile
import time
import traceback

from desk import Desk, Skipped
from talk import Unexpected

AT_ONCE = 2
Result = collections.namedtuple("Result", "name verdict seconds said")

JOURNEYS = []


def journey(body):
    """Its name is the sentence that must hold. It may return a line of what it saw."""
    JOURNEYS.append(body)
    return body


def run_one(body, host, firmware, seed, every):
    began = time.monotonic()
    folder = tempfile.mkdtemp(prefix="ferry-desk-")
    verdict, said = "passed", ""
    try:
        desk = Desk(host, firmware, folder, f"{seed} {body.__name__}", every)
        try:
            said = body(desk) or ""
        finally:
            desk.end()
    except Skipped as why:
        verdict, said = "skipped", str(why)
    except Unexpected as why:
        verdict, said = "failed", str(why)
    except Exception:  # one that breaks has failed; the others still run
        verdict, said = "failed", traceback.format_exc()
    shutil.rmtree(folder, ignore_errors=True)
    return Result(body.__name__, verdict, time.monotonic() - began, said)


def run(host, firmware, seed, every=False, only="", tell=lambda result: None):
    """Runs those whose name has `only` in it; tells of each as it ends."""
    wanted = [body for body in JOURNEYS if only in body.__name__]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        running = [pool.submit(run_one, body, host, firmware, seed, every)
                   for body in wanted]
        for each in concurrent.futures.as_completed(running):
            tell(each.result())
    return [each.result() for each in running]
