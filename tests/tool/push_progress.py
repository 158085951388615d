# SPDX-License-Identifier: Apache-2.0
#
# What `ferry push` shows while it carries: bytes, rate, time left, and the reason
# whenever it waits. A bar on a terminal, lines anywhere else, objects for scripts.
import json
import re
import signal
import time

from push_cases import SLOW
from push_kit import (BOTH, PUSH, Device, Person, factory_again, factory_fresh,
                      image_half_there, start, until)

WORDS = {"none", "link", "peer", "credit", "erasing", "verifying", "resuming", "power",
         "later", "retry", "parked", "refused"}
FIELDS = {"waits_for", "image_bytes", "acked_bytes", "verified_bytes",
          "bytes_per_second", "milliseconds_left", "again_in_milliseconds", "error",
          "later"}


def objects(text):
    """Standard error of a --json run: an object a line, and nothing else."""
    found = [json.loads(line) for line in text.decode("ascii").splitlines()]
    for one in found:
        assert set(one) == FIELDS, one
        assert one["waits_for"] in WORDS, one
        assert one["verified_bytes"] <= one["acked_bytes"] <= one["image_bytes"], one
    return found


def pushed(w, *args, code=0):
    """Its last object, and those before it."""
    done = w.run(*PUSH, "--yes", "--json", *args)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout), objects(done.stderr)


# ---- how far, how fast -----------------------------------------------------------


def a_terminal_gets_a_bar_with_rate_and_time_left(w):
    factory_fresh(w)
    with Device(w, **SLOW):
        person = Person(w, *PUSH, "--yes", *BOTH)
        person.sees(b"\r1.3.0 [##")
        person.sees(b"kB/s, 0:0")
        assert person.leaves() == 0
        assert b"% of 40000 bytes" in person.shown


def anything_else_gets_a_line_now_and_then(w):
    factory_fresh(w)
    with Device(w, **SLOW):
        done = w.run(*PUSH, "--yes", *BOTH)
    lines = done.stderr.decode("ascii").splitlines()
    assert done.returncode == 0 and 1 <= len(lines) <= 5, lines
    assert all("\r" not in line and "% of 40000 bytes" in line for line in lines)


def scripts_get_objects_with_bytes_rate_and_time_left(w):
    factory_fresh(w)
    with Device(w, **SLOW):
        said, lines = pushed(w, *BOTH)
    assert said["result"] == "installed"
    moving = [one for one in lines if one["image_bytes"] == 40000]
    assert len(moving) >= 3, lines
    acked = [one["acked_bytes"] for one in moving]
    assert acked == sorted(acked) and acked[-1] > acked[0], acked
    timed = [one for one in moving if one["bytes_per_second"]]
    assert timed, lines
    for one in timed:
        left = one["image_bytes"] - one["acked_bytes"]
        assert one["milliseconds_left"] == left * 1000 // one["bytes_per_second"], one
        assert one["bytes_per_second"] < 12000, one  # 6.4 kB/s at most, but for a start


def what_was_there_before_does_not_count_for_the_rate(w):
    factory_fresh(w)
    with Device(w, **SLOW) as device:
        phone = start(w, *BOTH)
        until(lambda: image_half_there(w), device.said)
        phone.terminate()
        phone.communicate()
    with Device(w, **SLOW, later=1, seconds=1):  # 6.4 kB/s at most
        person = Person(w, *PUSH, "--yes", "--wait", *BOTH)
        assert person.leaves() == 0
    rates = [float(rate) for rate in re.findall(rb"([0-9.]+) kB/s", person.shown)]
    assert rates and max(rates) < 12, rates


# ---- why it waits ----------------------------------------------------------------


def the_battery_is_named_to_people_and_to_scripts(w):
    factory_fresh(w)
    low = {"later": 1, "seconds": 2, "why": 17, "detail": 12}
    with Device(w, **low):
        done = w.run(*PUSH, "--yes", "--wait", *BOTH)
    assert done.returncode == 0
    assert b"later: its battery is at 12 percent; again in 0:0" in done.stderr
    factory_again(w)
    with Device(w, **low):
        said, lines = pushed(w, *BOTH, "--wait")
    assert said["result"] == "installed"
    waits = [one for one in lines if one["waits_for"] == "later"]
    assert waits and waits[0]["later"] == {"why": "battery", "seconds": 2, "detail": 12}
    assert 0 < waits[0]["again_in_milliseconds"] <= 2000
    assert waits[0]["bytes_per_second"] is None


def a_lost_link_and_what_follows_is_told(w):
    factory_fresh(w)
    with Device(w, **SLOW) as device:
        phone = start(w, *BOTH)
        until(lambda: image_half_there(w), device.said)
    time.sleep(1)  # nobody listens
    with Device(w, **SLOW):
        out, err = phone.communicate(timeout=60)
    assert json.loads(out)["result"] == "installed"
    words = [one["waits_for"] for one in objects(err)]
    assert "link" in words, words
    assert words.index("link") < len(words) - 1 - words[::-1].index("none"), words


def silence_is_told_before_it_is_given_up(w):
    factory_fresh(w)
    with Device(w, mute=1):
        said, lines = pushed(w, *BOTH, "--patience", "3", code=1)
    assert (said["result"], said["error"]) == ("lost", "E_SILENCE")
    assert {one["waits_for"] for one in lines} == {"peer"}, lines


def an_interrupted_push_leaves_whole_objects(w):
    factory_fresh(w)
    with Device(w, **SLOW) as device:
        phone = start(w, *BOTH)
        until(lambda: image_half_there(w), device.said)
        phone.send_signal(signal.SIGINT)
        out, err = phone.communicate(timeout=60)
    assert json.loads(out)["result"] == "stopped" and objects(err)


TESTS = [f for name, f in list(globals().items())
         if callable(f) and getattr(f, "__module__", "") == __name__
         and name not in ("objects", "pushed", "add_to")]


def add_to(tests):
    for test in TESTS:
        tests.add(f"push: {test.__name__}", test)
