# SPDX-License-Identifier: Apache-2.0
#
# What `ferry push` promises, against a real device in another process: it installs what
# fits, asks first, shows how far it is, goes on after every kind of interruption, and
# says in one line why it did not.
import hashlib
import signal
import time

from factory_kit import LINK
from kit import CLASS, split, to_be_signed
from push_kit import (BOTH, PUSH, Device, Middle, Person, ended, factory_again,
                      factory_fresh, image_half_there, installed, leave_socket, push,
                      release, start, until)

# ---- installing ------------------------------------------------------------------


def it_installs_the_artifact_that_fits_and_the_device_boots_it(w):
    factory_fresh(w)
    with Device(w) as device:
        said = push(w, *BOTH)
        assert said["result"] == "installed" and said["artifact"] == "b.ferry"
        assert said["device"]["class"] == CLASS and said["device"]["hw_rev"] == 2
        assert said["device"]["version"] == "1.2.3"
        assert said["device"]["link"] == LINK[1]
        tbs = to_be_signed(split(w.read("app.ferry"))[0])
        assert said["device"]["digest"] == hashlib.sha256(tbs).hexdigest()[:32]
        assert said["image_bytes"] == said["image_bytes_sent"] == 40000
        assert installed(w)
        device.waits_for("runs ok, version 01030000")
        assert "boot 1 ok" in device.said()
        again = push(w, *BOTH)
        assert again["result"] == "running" and again["error"] == "E_SAME"
        assert again["artifact"] is None  # nothing was offered


def people_are_told_what_the_device_is_and_what_was_installed(w):
    factory_fresh(w)
    with Device(w):
        said = w.ok(*PUSH, "--yes", *BOTH).decode("ascii")
    for word in (CLASS, "1.2.3", "b.ferry", "1.3.0", "installed 1.3.0", "40000 bytes"):
        assert word in said, word
    assert "a.ferry" not in said


def a_terminal_is_a_link_too(w):
    factory_fresh(w)
    with Device(w, socket=None, pty="tty.name"):
        until(lambda: w.read("tty.name"), "no pty")
        done = w.run("push", "--to", w.read("tty.name").decode(), "--yes", *BOTH)
        assert done.returncode == 0, done.stderr
    assert installed(w)


def the_newest_artifact_that_fits_is_carried(w):
    factory_fresh(w)
    release(w, version="1.4.0")
    w.sign(key="own.key", link=LINK[1], version="1.3.9", output="older.ferry")
    w.sign(key="own.key", link=LINK[1], hw=3, version="9.0.0", output="other.ferry")
    with Device(w):
        said = push(w, "older.ferry", "other.ferry", *BOTH)
    assert said["artifact"] == "b.ferry" and said["artifact_version"] == "1.4.0"


def no_value_is_larger_than_the_mtu_allows(w):
    factory_fresh(w)
    release(w, size=8000)
    for mtu, most in ((23, 20), (185, 182), (247, 244), (515, 512)):
        with Device(w, image="flash.bin"):
            middle = Middle(w)
            w.run("push", "--to", "middle", "--yes", "--mtu", str(mtu), *BOTH)
            (w.dir / "middle").unlink()
        sizes = {len(value) for value in middle.to_device}
        assert max(sizes) == most, (mtu, sizes)
        factory_again(w)


def a_device_that_tells_nobody_what_it_runs_is_served_too(w):
    factory_fresh(w)
    with Device(w, withhold=1):
        said = push(w, *BOTH)
    assert said["result"] == "installed"
    assert said["device"]["version"] is None and said["device"]["digest"] is None


# ---- asking ----------------------------------------------------------------------


def nothing_is_offered_before_the_user_agreed_however_long_that_takes(w):
    factory_fresh(w)
    with Device(w) as device:
        person = Person(w, *PUSH, "--patience", "1", *BOTH)
        person.sees(b"install 1.3.0 over 1.2.3? [y/N] ")
        time.sleep(1.2)
        assert "begin" not in device.said()
        person.types(b"y\n")
        assert person.leaves() == 0, person.shown
        assert b"installed 1.3.0" in person.shown and installed(w)


def everything_but_yes_is_no(w):
    factory_fresh(w)
    with Device(w) as device:
        for answer in (b"n\n", b"\n", b"yup\n", b"\x04"):
            person = Person(w, *PUSH, *BOTH)
            person.sees(b"[y/N] ")
            person.types(answer)
            assert person.leaves() == 1, person.shown
            assert b"you said no" in person.shown
        assert "begin" not in device.said()


def without_a_terminal_nobody_can_be_asked(w):
    factory_fresh(w)
    with Device(w) as device:
        done = w.run(*PUSH, *BOTH)
        assert done.returncode == 2 and b"--yes" in done.stderr
        assert b"no terminal" in done.stderr and "connected" not in device.said()


# ---- interruptions ---------------------------------------------------------------

SLOW = {"slow": 20000}  # 40000 bytes in some 6 s


def an_interrupt_says_abort_and_the_same_command_goes_on(w):
    factory_fresh(w)
    with Device(w, **SLOW) as device:
        middle = Middle(w)
        phone = start(w, *BOTH, to="middle")
        until(lambda: image_half_there(w), device.said)
        phone.send_signal(signal.SIGINT)
        said, code = ended(phone)
        assert code == 1 and said["result"] == "stopped"
        assert middle.frames()[-1][0] == 5, "no ABORT"
        said = push(w, *BOTH)
        assert said["result"] == "installed" and installed(w)
        assert said["image_bytes_sent"] < 25000, said


def an_interrupt_at_the_question_is_a_no(w):
    factory_fresh(w)
    with Device(w) as device:
        person = Person(w, *PUSH, *BOTH)
        person.sees(b"[y/N] ")
        person.process.send_signal(signal.SIGINT)
        assert person.leaves() == 1 and b"stopped" in person.shown
        assert "begin" not in device.said()


def people_who_interrupt_are_told_that_nothing_is_lost(w):
    factory_fresh(w)
    with Device(w, **SLOW):
        person = Person(w, *PUSH, "--yes", *BOTH)
        person.sees(b"[##")
        person.process.send_signal(signal.SIGTERM)
        assert person.leaves() == 1
    assert b"stopped; what the device has it keeps" in person.shown


def a_link_that_drops_is_taken_up_again(w):
    factory_fresh(w)
    with Device(w, hangup=150) as device:
        said = push(w, *BOTH)
        assert "hung up" in device.said() and device.said().count("connected") == 2
    assert said["result"] == "installed" and installed(w)
    assert said["image_bytes_sent"] < 60000, said


def a_device_that_loses_its_supply_is_waited_for(w):
    factory_fresh(w)
    with Device(w, **SLOW) as device:
        phone = start(w, *BOTH)
        until(lambda: image_half_there(w), device.said)
    with Device(w) as device:
        said, code = ended(phone)
        assert code == 0, (said, device.said())
        assert "resume" in device.said()
    assert said["result"] == "installed" and installed(w)


def a_device_that_is_just_restarting_is_waited_for(w):
    factory_fresh(w)
    leave_socket(w)
    person = Person(w, *PUSH, "--yes", *BOTH)
    person.sees(b"the link is down, connecting")
    with Device(w):
        assert person.leaves() == 0, person.shown
    assert installed(w)


def a_device_that_never_answers_is_given_up(w):
    factory_fresh(w)
    with Device(w, mute=1):
        said = push(w, *BOTH, "--patience", "1", code=1)
    assert said["result"] == "lost" and said["device"] is None
    assert said["error"] == "E_SILENCE"


def a_device_that_is_gone_is_given_up(w):
    factory_fresh(w)
    with Device(w, **SLOW) as device:
        phone = start(w, *BOTH, "--patience", "1")
        until(lambda: image_half_there(w), device.said)
    said, code = ended(phone)
    assert code == 1 and said["result"] == "lost"


# The device believes for a minute that the first phone is still there.
def after_a_killed_phone(w, *args):
    factory_fresh(w)
    clock = ("--clock", "20")
    with Device(w, clock=20, slow=1000) as device:
        Middle(w, one_link=True)
        first = start(w, *BOTH, *clock, to="middle")
        until(lambda: image_half_there(w), device.said)
        first.kill()
        first.wait()
        return ended(start(w, *BOTH, *clock, *args, to="middle"))[0]


def a_device_that_waits_for_another_phone_is_waited_for(w):
    said = after_a_killed_phone(w, "--patience", "120")
    assert said["result"] == "installed", said


def patience_with_another_phone_has_an_end(w):
    said = after_a_killed_phone(w, "--patience", "20")
    assert (said["result"], said["error"]) == ("lost", "E_BUSY"), said


TESTS = [f for name, f in list(globals().items())
         if callable(f) and getattr(f, "__module__", "") == __name__
         and name not in ("after_a_killed_phone", "add_to")]


def add_to(tests):
    for test in TESTS:
        tests.add(f"push: {test.__name__}", test)
