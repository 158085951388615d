# SPDX-License-Identifier: Apache-2.0
#
# How `ferry push` says no: for the device, for the release, for the command line; and
# what it does with a device's statement, which may be a no, too.
import json
import time

from factory_kit import LINK, flipped
from kit import CLASS, openssl, to_be_signed
from push_kit import (BOTH, PUSH, Device, Person, ended, factory_again, factory_fresh,
                      installed, leave_socket, push, release, start)

# ---- no --------------------------------------------------------------------------


def refused(w, error, *fragments, args=BOTH):
    """In both voices."""
    with Device(w) as device:
        said = push(w, *args, code=1)
        assert said["result"] == "refused" and said["error"] == error, said
        done = w.run(*PUSH, "--yes", *args)
        assert done.returncode == 1 and done.stderr.count(b"\n") == 1, done.stderr
        for fragment in fragments:
            assert fragment in done.stderr.decode(), done.stderr
        assert "begin" not in device.said()
        return device.said()


def an_older_version_is_refused_by_the_device_with_its_reason(w):
    factory_fresh(w)
    release(w, version="1.2.2")
    log = refused(w, "E_VERSION", "E_VERSION", "not newer than the running one")
    assert "refused E_VERSION" in log


def a_forgery_is_refused_by_the_device(w):
    factory_fresh(w)
    w.ok("keygen", "-o", "thief")
    release(w, key="thief.key")
    refused(w, "E_SIG", "signature does not hold")


def a_release_for_another_product_is_not_even_offered(w):
    factory_fresh(w)
    release(w, **{"class": "0" * 32})
    log = refused(w, "E_CLASS", "no artifact is for class", CLASS)
    assert "refused" not in log


def a_release_for_other_hardware_is_not_even_offered(w):
    factory_fresh(w)
    release(w, hw="3-4")
    refused(w, "E_HW", "hardware revision 2")


def a_release_without_the_right_bank_is_not_even_offered(w):
    factory_fresh(w)
    refused(w, "E_LINK", "0x00041000", args=["a.ferry"])


def the_reason_is_that_of_the_artifact_that_comes_closest(w):
    factory_fresh(w)
    w.sign(key="own.key", hw="3-4", link=LINK[1], output="hw.ferry")
    w.sign(**{"key": "own.key", "class": "0" * 32, "output": "class.ferry"})
    refused(w, "E_HW", "hardware revision 2", args=["hw.ferry", "class.ferry"])
    refused(w, "E_LINK", "0x00041000", args=["class.ferry", "a.ferry", "hw.ferry"])


def later_is_said_with_its_reason_and_its_time(w):
    factory_fresh(w)
    reasons = ((16, 0, "in use"), (17, 12, "battery is at 12 percent"),
               (40, 3, "reason 40, detail 3"))
    for why, detail, words in reasons:
        with Device(w, later=2, seconds=90, why=why, detail=detail):
            said = push(w, *BOTH, code=1)
            assert said["result"] == "later"
            assert said["later"] == {"seconds": 90, "why": why, "detail": detail}
            done = w.run(*PUSH, "--yes", *BOTH)
            assert done.returncode == 1
            for word in ("later: ", words, "again in 1:30", "--wait"):
                assert word in done.stderr.decode(), done.stderr


def wait_waits_as_long_as_the_device_says(w):
    factory_fresh(w)
    with Device(w, later=2, seconds=90, clock=30) as device:
        person = Person(w, *PUSH, "--yes", "--wait", "--clock", "30", *BOTH)
        person.sees(b"later: it is in use; again in 1:")
        assert person.leaves() == 0 and device.said().count("later") == 2
    factory_again(w)
    with Device(w, later=2, seconds=90, clock=100):
        said = push(w, *BOTH, "--wait", "--clock", "100")
        assert said["result"] == "installed" and installed(w)
    assert said["milliseconds"] >= 180000


def a_device_that_said_later_may_be_away_until_then(w):
    factory_fresh(w)
    wait = ("--wait", "--clock", "30", "--patience", "9")  # 0.3 s
    with Device(w, later=1, seconds=90, clock=30) as device:
        phone = start(w, *BOTH, *wait)
        device.waits_for("later")
        time.sleep(0.2)
    time.sleep(1)
    with Device(w, clock=30):
        assert ended(phone)[0]["result"] == "installed"


def damaged_artifacts_are_refused_before_the_device_is_called(w):
    factory_fresh(w)
    good = w.read("b.ferry")
    with Device(w) as device:
        for data, word in ((flipped(good, len(good) - 1), "E_BLOCK:"),
                           (good[:-1], "E_LEN"), (flipped(good, 3), "E_FRAME"),
                           (flipped(good, good[11] + 80), "E_BLOCKS")):
            w.write("bad.ferry", data)
            w.refuses([*PUSH, "--yes", "a.ferry", "bad.ferry"], 1, "bad.ferry", word)
        assert "connected" not in device.said()


# ---- statements ------------------------------------------------------------------

NONCE = "00112233445566778899aabbccddeeff"


def a_statement_is_fetched_kept_and_checked_by_openssl_too(w):
    factory_fresh(w)
    with Device(w) as device:
        said = push(w, "--nonce", NONCE, "--statement", "said.bin", "--device-key",
                    "dev.key.pub")
        assert "begin" not in device.said()
    assert said["result"] == "reported"
    env = w.read("said.bin")
    w.write("tbs.bin", to_be_signed(env))
    w.write("sig.bin", env[-64:])
    openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "dev.key.pub", "-in",
            "tbs.bin", "-sigfile", "sig.bin", cwd=w.dir)
    w.ok("verify", "said.bin", "--key", "dev.key.pub")
    seen = json.loads(w.ok("inspect", "--json", "said.bin"))
    seen.pop("file")
    assert said["statement"] == {**seen, "signature_checked": True}
    assert seen["nonce"] == NONCE and seen["version"] == "1.2.3"
    assert seen["device"] == "00112233-4455-6677-8899-aabbccddeeff"
    assert seen["confirmed"] is True and seen["floor"] == 3 << 24 | 7


def each_report_asks_with_a_nonce_of_its_own(w):
    factory_fresh(w)
    with Device(w, clock=100):
        nonces = {push(w, "--report", "--wait", "--clock", "100")["statement"]["nonce"]
                  for _ in range(2)}
    assert len(nonces) == 2


def people_see_the_statement_and_whether_it_was_checked(w):
    factory_fresh(w)
    with Device(w):
        said = w.ok(*PUSH, "--report").decode("ascii")
    for word in ("statement", "not checked", "counter", "floor"):
        assert word in said, word


def a_report_comes_before_the_update(w):
    factory_fresh(w)
    with Device(w):
        said = push(w, "--device-key", "dev.key.pub", *BOTH)
    assert said["result"] == "installed" and said["statement"]["version"] == "1.2.3"


def another_device_than_expected_gets_nothing(w):
    factory_fresh(w)
    w.ok("keygen", "-o", "other")
    with Device(w) as device:
        done = w.run(*PUSH, "--yes", "--device-key", "other.pub", *BOTH)
        assert done.returncode == 1 and b"E_SIG" in done.stderr
        assert b"not to be trusted" in done.stderr and "begin" not in device.said()


def a_statement_that_answers_another_question_is_not_trusted(w):
    factory_fresh(w)
    with Device(w, replay=1) as device:
        args = ["--device-key", "dev.key.pub", "--statement", "said.bin"]
        done = w.run(*PUSH, "--yes", *args, *BOTH)
        assert done.returncode == 1 and b"another nonce" in done.stderr
        assert "begin" not in device.said() and not (w.dir / "said.bin").exists()


def a_device_without_a_key_of_its_own_makes_no_statement(w):
    factory_fresh(w)
    with Device(w, own_key=None):
        assert push(w, "--report", code=1)["reason"] == "the device makes no statements"
        said = push(w, "--device-key", "dev.key.pub", *BOTH, code=1)
        assert said["result"] == "refused" and "no statement" in said["reason"]
        said = push(w, "--report", *BOTH)
        assert said["result"] == "installed" and said["statement"] is None


# ---- the command line ------------------------------------------------------------

# name, arguments behind `push --to sock --yes`, exit code, what the line says
ROWS = [
    ("without artifact and report", [], 2, ["ARTIFACT"]),
    ("with an MTU of 22", ["--mtu", "22", *BOTH], 2, ["--mtu", "23..515"]),
    ("with an MTU of 516", ["--mtu", "516", *BOTH], 2, ["--mtu", "23..515"]),
    ("with no patience", ["--patience", "0", *BOTH], 2, ["--patience"]),
    ("with a clock at rest", ["--clock", "0", *BOTH], 2, ["--clock", "1..1000"]),
    ("with a clock 1001 times as fast", ["--clock", "1001", *BOTH], 2, ["--clock"]),
    ("with a nonce of 15 bytes", ["--nonce", "00" * 15], 2, ["--nonce", "32"]),
    ("with a nonce of 17 bytes", ["--nonce", "00" * 17], 2, ["--nonce", "32"]),
    ("with a nonce of letters", ["--nonce", "xy" * 16], 2, ["--nonce"]),
    ("with 17 artifacts", ["a.ferry"] * 17, 2, ["too many"]),
    ("with a device key that is none", ["--device-key", "image.bin"], 1, ["image.bin"]),
    ("with a missing device key", ["--device-key", "absent"], 1, ["absent", "No such"]),
    ("with a missing artifact", ["absent.ferry"], 1, ["absent.ferry", "No such"]),
    ("with an image for an artifact", ["new.bin"], 1, ["new.bin", "not a Ferry"]),
    ("to nowhere", BOTH, 1, ["cannot reach sock", "No such file"]),
]


def row(args, code, fragments):
    def body(w):
        factory_fresh(w)
        w.refuses([*PUSH, "--yes", *args], code, *fragments)
    return body


def what_is_no_link_is_said(w):
    factory_fresh(w)
    for path in ("new.bin", ".", "/dev/null"):
        w.refuses(["push", "--to", path, "--report"], 1, f"cannot reach {path}",
                  "neither a socket nor a terminal")


def a_socket_nobody_comes_to_is_given_up_and_said(w):
    factory_fresh(w)
    leave_socket(w)
    w.refuses([*PUSH, "--report", "--patience", "1"], 1, "E_SILENCE",
              "cannot reach sock", "refused")


def push_wants_to_know_where_to(w):
    w.refuses(["push", "--report"], 2, "--to", "missing")


def help_describes_every_option_of_push(w):
    said = w.ok("push", "--help").decode()
    for name in ("to", "yes", "wait", "patience", "mtu", "report", "nonce", "statement",
                 "device-key", "clock", "json"):
        assert f"--{name} " in said, name


TESTS = [f for name, f in list(globals().items())
         if callable(f) and getattr(f, "__module__", "") == __name__
         and name not in ("refused", "row", "add_to")]


def add_to(tests):
    for test in TESTS:
        tests.add(f"push: {test.__name__}", test)
    for name, args, code, fragments in ROWS:
        tests.add(f"push refuses to run {name}", row(args, code, fragments))
