#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A thousand updates in one process of the courier for a JVM, each with a session of its
own, carried to a device that boots all of them: memory does not grow. Takes two minutes,
most of them waiting.

usage: jvm_memory.py BUILD JAVA [WORD], only tests with this word in their name
"""
import functools
import sys

sys.dont_write_bytecode = True

import cases  # noqa: E402
from factory_kit import LINK, factory, prepare  # noqa: E402
from jvm import Jvm, clean  # noqa: E402
from push_kit import Device, factory_again, want_message_sockets  # noqa: E402
from radio import fields  # noqa: E402

# Heap and code caches that do not grow, so that what grows is what leaks.
SMALL = ["-Xms48m", "-Xmx48m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC",
         "-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=16m"]
UPDATES = 1000
FEWER = 400
EVERY = 100
IMAGE = 6000  # bytes
HURRY = 200  # the device's clock
GROWTH_KB = 1024  # a session's struct alone, not given back 800 times, takes twice that


def many_releases(w, count):
    """One for each update, for the banks in turn."""
    want_message_sockets()
    prepare(w)
    factory(w, device_key="dev.key")
    factory_again(w)
    w.write("new.bin", bytes(i * 13 + i // 256 & 0xFF for i in range(IMAGE)))
    for n in range(count):
        w.sign(key="own.key", image="new.bin", version=f"1.3.{n}", link=LINK[~n & 1],
               output=f"{n:04}.ferry")
    return [f"{n:04}.ferry" for n in range(count)]


def memory(jvm, w, count, *more):
    """KB that are resident after every so many updates."""
    names = many_releases(w, count)
    with Device(w, clock=HURRY) as device:
        app = jvm.start(w, "--each", EVERY, *more, *names, flags=SMALL)
        line = app.wait("done", "refused", "broken")
        assert line == f"done sessions={count}", (line, app.said())
        device.waits_for(f"version {0x01030000 + count - 1:08x}")
    assert app.end() == 0, app.said()
    clean(app.said())
    rows = [fields(line) for line in app.lines if line.startswith("memory")]
    print("resident KB:", " ".join(str(row["rss_kb"]) for row in rows))
    return [row["rss_kb"] for row in rows], [row["native"] for row in rows]


def a_thousand_updates_leave_nothing_behind(jvm, w):
    resident, native = memory(jvm, w, UPDATES)
    assert native == [0] * len(native), native
    assert resident[-1] - resident[1] < GROWTH_KB, resident


def sessions_that_are_not_closed_are_seen(jvm, w):
    """The test above could fail."""
    resident, native = memory(jvm, w, FEWER, "--leak")
    assert native[0] > EVERY * IMAGE, native
    assert resident[-1] - resident[1] > GROWTH_KB, resident


def main():
    build, java, *word = sys.argv[1:]
    jvm, tests = Jvm(build, java), cases.tests_of(build)
    for case in (a_thousand_updates_leave_nothing_behind,
                 sessions_that_are_not_closed_are_seen):
        tests.add(case.__name__, functools.partial(case, jvm))
    return tests.run(*word or [""])


if __name__ == "__main__":
    sys.exit(main())
