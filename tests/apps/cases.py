# SPDX-License-Identifier: Apache-2.0
"""What a courier in any language must do with a whole device at the other end. Knows the
devices and the releases; which language it is, only `start` knows: it makes an App of
artifacts and options."""
import functools
import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "tool")]

from factory_kit import LINK, factory, prepare  # noqa: E402
from kit import CLASS, FIRMWARE, Skip, Tests  # noqa: E402
from push_kit import (Device, factory_again, factory_fresh, installed,  # noqa: E402
                      want_message_sockets)
from radio import fields  # noqa: E402

CLOCK = 20  # the device's reboot, a second after the commit, comes as much sooner
REAL_LEN = 300000  # bytes; what the firmware images at hand have, and more
QUESTION = bytes(range(16)).hex()
IN_FLIGHT = 64 * 128  # bytes; two blocks of chunks

# A chip with banks of 320 KB, for real firmware.
LARGE = {"flash": "0+0x100000", "identity": "0xFF000", "bank0": "0x10000+0x50000",
         "bank1": "0x60000+0x50000", "boot_journal": "0xB0000, 0xB1000",
         "app_journal": "0xB2000, 0xB3000"}
LARGE_LINK = (0x11000, 0x61000)


# ---- devices and releases -----------------------------------------------------------


def real_images():
    """Two real firmware images, from the tests' shared folder."""
    images = [path for path in sorted(FIRMWARE.glob("*.bin"))
              if path.stat().st_size >= REAL_LEN] if FIRMWARE.is_dir() else []
    if len(images) < 2:
        raise Skip(f"no two firmware images of {REAL_LEN} bytes in FERRY_FIRMWARE_DIR")
    return images[0], images[-1]


def sign_both(w, image, version, link):
    """a.ferry and b.ferry, one for each bank; new.bin is what should arrive."""
    data = image.read_bytes()
    w.write("new.bin", data + b"\xff" * (-len(data) % 4))
    for name, at in zip(("a.ferry", "b.ferry"), link):
        w.sign(key="own.key", image="new.bin", version=version, link=at, output=name)


def real_device(w):
    """Runs the first image; a.ferry and b.ferry hold the other."""
    want_message_sockets()
    old, new = real_images()
    prepare(w, **LARGE)
    w.write("old.bin", old.read_bytes() + b"\xff" * (-old.stat().st_size % 4))
    w.sign(key="own.key", image="old.bin", link=LARGE_LINK[0])
    factory(w, device_key="dev.key")
    factory_again(w)
    sign_both(w, new, "2.0.0", LARGE_LINK)


def large_device(w, **options):
    return Device(w, identity="0xFF000", **{"clock": CLOCK, **options})


def last_word(app):
    """Once it was said, the app ends, and ends well."""
    line = app.wait("done", "refused", "broken")
    assert app.end() == 0, app.said()
    return line


def done(app):
    """What it says of its success."""
    line = last_word(app)
    assert line.startswith("done"), f"{line}: {app.lines[-5:]}"
    return fields(line)


# ---- updates ------------------------------------------------------------------------


def a_release_is_installed_and_the_device_boots_it(start, w):
    factory_fresh(w)
    with Device(w, clock=CLOCK) as device:
        app = start(w, "a.ferry", "b.ferry")
        told = done(app)
        device.waits_for("runs ok, version 01030000")
    assert installed(w)
    size = len(w.read("new.bin"))
    wanted = {"state": "DONE", "acked": size, "verified": size, "of": size, "sent": size,
              "repeated": 0, "version": "1.3.0", "artifact": 1, "already": "false",
              "peer": "1.2.3", "hw": 2, "class": CLASS, "percent": 100,
              "statement": "none", "hellos": 1}
    assert {key: told[key] for key in wanted} == wanted, told


def the_version_that_runs_is_not_carried_again(start, w):
    factory_fresh(w)
    with Device(w, clock=CLOCK) as device:
        done(start(w, "a.ferry", "b.ferry"))
        device.waits_for("runs ok, version 01030000")
        told = done(start(w, "a.ferry", "b.ferry"))
    assert told["already"] == "true" and told["sent"] == 0, told


def progress_only_grows_and_tells_each_hundredth(start, w):
    factory_fresh(w)
    with Device(w, clock=CLOCK):
        app = start(w, "a.ferry", "b.ferry")
        done(app)
    steps = [fields(line) for line in app.lines if line.startswith("progress")]
    acked = [step["acked"] for step in steps if step["state"] in ("SEND", "DONE")]
    assert acked == sorted(acked) and len(set(acked)) > 10, acked
    assert steps[0]["state"] == "HELLO" and steps[-1]["state"] == "DONE", steps


def a_link_that_breaks_costs_nothing_that_was_acked(start, w):
    factory_fresh(w)
    with Device(w, clock=CLOCK):
        app = start(w, "a.ferry", "b.ferry", cuts=(30, 1, 40, 50))
        told = done(app)
    assert installed(w)
    assert app.cuts == [] and app.links >= 5 and told["hellos"] >= 3, told
    assert told["sent"] - told["of"] <= 4 * IN_FLIGHT, told
    never_back(app)


def never_back(app):
    """What was acked stays acked, over all breaks."""
    acked = [fields(line)["acked"] for line in app.lines if line.startswith("progress")]
    assert acked == sorted(acked), acked


def another_phone_goes_on_where_the_first_was_lost(start, w):
    factory_fresh(w)
    with Device(w, clock=CLOCK):
        first = start(w, "a.ferry", "b.ferry", cuts=(100,))
        first.until(lambda: first.cuts == [])
        first.kill()
        carried = max(fields(line)["acked"] for line in first.lines)
        assert carried > 0, first.lines
        told = done(start(w, "a.ferry", "b.ferry"))
    assert installed(w)
    assert told["sent"] <= told["of"] - carried, (told, carried)


def a_device_that_says_later_is_asked_again(start, w):
    factory_fresh(w)
    with Device(w, clock=CLOCK, later=1, seconds=1) as device:
        app = start(w, "a.ferry", "b.ferry")
        done(app)
        device.waits_for("later")
    assert any("state=LATER wait=later" in line for line in app.lines), app.lines


def a_statement_is_brought_back_and_is_the_devices(start, w):
    factory_fresh(w)
    with Device(w, clock=CLOCK):
        told = done(start(w, "--question", QUESTION))
    w.write("said.bin", bytes.fromhex(told["statement"]))
    assert b"good" in w.ok("verify", "said.bin", "--key", "dev.key.pub")
    assert QUESTION.encode() in w.ok("inspect", "--json", "said.bin")


def what_the_device_refuses_ends_with_its_reason(start, w):
    factory_fresh(w)
    w.ok("keygen", "-o", "stranger")
    w.sign(key="stranger.key", image="new.bin", version="9.0.0", link=LINK[1],
           output="forged.ferry")
    with Device(w, clock=CLOCK):
        line = last_word(start(w, "forged.ferry"))
    assert line.startswith("refused E_SIG: "), line


def what_is_no_artifact_ends_with_a_reason(start, w):
    factory_fresh(w)
    w.write("none.ferry", bytes(500))
    with Device(w, clock=CLOCK):
        line = last_word(start(w, "none.ferry"))
    assert line.startswith("refused E_FRAME: "), line


def real_firmware_arrives_through_breaks(start, w):
    real_device(w)
    with large_device(w) as device:
        app = start(w, "a.ferry", "b.ferry", cuts=(100, 400, 700))
        told = done(app)
        device.waits_for("runs ok, version 02000000")
    assert installed(w, bank_at=0x60000)
    assert told["of"] >= REAL_LEN and app.cuts == [], told
    assert told["sent"] - told["of"] <= 3 * IN_FLIGHT, told
    never_back(app)


# ---- a program that really runs -----------------------------------------------------


def board_kit():
    """examples/board/kit.py; tests/tool has a kit, too."""
    spec = importlib.util.spec_from_file_location(
        "board_kit", ROOT / "examples" / "board" / "kit.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def a_board_that_runs_what_it_is_sent_runs_it(build, start, w):
    want_message_sockets()
    kit = board_kit()
    if not (Path(build) / "examples" / "board" / "board").exists():
        raise Skip("examples/board is for Linux")
    bench = kit.Bench(build, w.dir / "bench")
    try:
        board = bench.power(bench.make_board("1.0.0"))
        board.runs("1.0.0", bank=0)
        done(start(w, *sorted(bench.release("1.1.0").iterdir()),
                   device=board.folder / "air"))
        board.runs("1.1.0", bank=1)
    finally:
        bench.end()
    assert kit.bank_holds(board.folder, 1, bench.image("1.1.0", 1))


ALL = (a_release_is_installed_and_the_device_boots_it,
       the_version_that_runs_is_not_carried_again,
       progress_only_grows_and_tells_each_hundredth,
       a_link_that_breaks_costs_nothing_that_was_acked,
       another_phone_goes_on_where_the_first_was_lost,
       a_device_that_says_later_is_asked_again,
       a_statement_is_brought_back_and_is_the_devices,
       what_the_device_refuses_ends_with_its_reason,
       what_is_no_artifact_ends_with_a_reason,
       real_firmware_arrives_through_breaks)


def tests_of(build):
    build = Path(build).resolve()
    return Tests(build / "tools/ferry/ferry", build / "tests/tool/tool-device")


def of(build):
    """(name, case) of all: a case takes `start` and a folder."""
    for case in ALL:
        yield case.__name__, case
    yield a_board_that_runs_what_it_is_sent_runs_it.__name__, functools.partial(
        a_board_that_runs_what_it_is_sent_runs_it, build)
