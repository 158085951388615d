# SPDX-License-Identifier: Apache-2.0
#
# `ferry verify` for a device that is described, and with a whole key table; `ferry
# inspect --against` another artifact. The verdicts are those of docs/PROTOCOL.md.
import hashlib
import json

from factory_kit import LINK, map_text
from kit import CLASS, split, to_be_signed
from push_kit import Device, factory_fresh, push

DEVICE_ID = "00112233-4455-6677-8899-aabbccddeeff"
DEVICE = {"class": CLASS, "device": DEVICE_ID, "hw": 4, "map": "map.txt",
          "version": "1.2.2", "slot": 3, "floor": "0x03000007", "bank": 1,
          "boot-caps": "0x101"}


def describe(w, **changes):
    w.write("map.txt", map_text().encode())
    pairs = {**DEVICE, **{k.replace("_", "-"): v for k, v in changes.items()}}
    w.write("device.txt", "".join(f"{k} = {v}\n" for k, v in pairs.items()
                                  if v is not None).encode())


def offer(w, **options):
    w.sign(**{"link": hex(LINK[0]), **options})


VERIFY = ["verify", "app.ferry", "--key", "test.pub", "--device", "device.txt"]


def digest_of(w):
    return hashlib.sha256(to_be_signed(split(w.read("app.ferry"))[0])).hexdigest()


def an_artifact_that_the_device_would_take_is_good(w):
    describe(w)
    offer(w)
    assert b"device.txt takes it into bank 0" in w.ok(*VERIFY)
    describe(w, bank=0)
    offer(w, link=hex(LINK[1]), device=DEVICE_ID, min_from="1.2.2")
    assert b"takes it into bank 1" in w.ok(*VERIFY)
    describe(w, device=None, boot_caps=None, tombstone="3:1.2.2", digest="00" * 32)
    offer(w)
    w.ok(*VERIFY)


# name, changes to the device, changes to the artifact, what the line says
VERDICT_ROWS = [
    ("another class", {"class": "00" * 16}, {}, ["E_CLASS", CLASS]),
    ("a lower revision", {"hw": 1}, {}, ["E_HW", "2 to 5", "is 1"]),
    ("a higher revision", {"hw": 6}, {}, ["E_HW", "2 to 5", "is 6"]),
    ("another device", {"device": "00" * 16}, {"device": DEVICE_ID},
     ["E_DEVICE", DEVICE_ID]),
    ("a floor above", {"floor": "0x03000008"}, {}, ["E_FLOOR", "0x03000007", "0x03000008"]),
    ("a revoked slot", {"floor": "0x04000000", "slot": 4}, {}, ["E_FLOOR", "slot 3"]),
    ("a counter too low for the recovery slot", {"floor": "0x04000008", "slot": 4},
     {"slot": 7}, ["E_FLOOR", "0x04000007"]),
    ("the same version", {"version": "1.2.3"}, {}, ["E_VERSION", "1.2.3 is not newer"]),
    ("a newer one running", {"version": "1.3.0"}, {}, ["E_VERSION", "1.3.0"]),
    ("one that runs too old", {}, {"min_from": "1.2.3"}, ["E_MINFROM", "1.2.3", "1.2.2"]),
    ("an image for the other bank", {"bank": 0}, {},
     ["E_LINK", "0x00041000", "this is the one for bank0"]),
    ("an image for no bank", {}, {"link": "4"}, ["E_LINK", "0x00000004"]),
    ("a bootloader that knows no binding", {"boot-caps": "0x100"}, {"device": DEVICE_ID},
     ["E_BOOT", "0x00000100"]),
    ("a bootloader without Ed25519", {"boot-caps": "1"}, {}, ["E_BOOT"]),
    ("a tombstone", {"tombstone": "3:1.2.3"}, {}, ["E_TOMBSTONE", "1.2.3 is not newer"]),
    ("another key slot", {}, {"slot": 2}, ["E_FLOOR"]),
]


def verdict_row(device, artifact, fragments):
    def body(w):
        describe(w, **device)
        offer(w, **artifact)
        w.refuses(VERIFY, 1, "app.ferry", *fragments)
    return body


def the_running_image_itself_is_told_from_an_older_one(w):
    offer(w)
    describe(w, version="1.2.3", digest=digest_of(w))
    w.refuses(VERIFY, 1, "E_SAME")


def an_image_too_large_for_the_bank_is_refused(w):
    describe(w)
    w.write("large.bin", bytes(0x30000))
    offer(w, image="large.bin")
    w.refuses(VERIFY, 1, "E_SIZE", "196608", "192512")


def another_version_under_another_slot_is_the_floors_affair(w):
    describe(w, version="255.0.0", slot=2, floor="0x02000009")
    offer(w)
    w.ok(*VERIFY)


def a_damaged_artifact_is_refused_before_the_device_is_asked(w):
    describe(w, hw=9)
    offer(w)
    data = w.read("app.ferry")
    w.write("app.ferry", data[:-1] + bytes([data[-1] ^ 1]))
    w.refuses(VERIFY, 1, "E_BLOCK")


# What a device in its own process, fresh from the factory, refuses a signed offer for.
REAL_ROWS = [
    ({"version": "1.2.2"}, "E_VERSION"), ({"sec-ctr": 6}, "E_FLOOR"),
    ({"min-from": "1.2.4"}, "E_MINFROM"), ({"device": "00" * 16}, "E_DEVICE"),
]


def the_verdict_is_the_one_that_a_real_device_gives(w):
    factory_fresh(w)
    describe(w, hw=2, bank=0, version="1.2.3")
    table = ["verify", "new.ferry", "--key", "own.pub", "--device", "device.txt"]
    with Device(w):
        for options, error in REAL_ROWS:
            w.sign(**{"key": "own.key", "version": "1.3.0", "link": hex(LINK[1]),
                      "output": "new.ferry", **options})
            assert push(w, "new.ferry", code=1)["error"] == error
            assert error in w.run(*table).stderr.decode()
        w.sign(key="own.key", version="1.3.0", link=hex(LINK[1]), output="new.ferry")
        assert b"takes it into bank 1" in w.ok(*table)
        assert push(w, "new.ferry")["result"] == "installed"


# name, changes to the description, what the line says
DESCRIPTION_ROWS = [
    *((f"no {key}", {key: None}, [f"{key} is missing"])
      for key in DEVICE if key not in ("device", "boot-caps")),
    ("an unknown key", {"colour": "red"}, ["line 10", "no such key", "colour"]),
    ("a section", {"bank": "1\n[x]"}, ["line 9", "no such key", "x"]),
    ("a class of words", {"class": "thermostat"}, ["line 1", "UUID"]),
    ("a device of words", {"device": "here"}, ["line 2", "UUID"]),
    ("hardware of words", {"hw": "new"}, ["line 3", "'new'"]),
    ("a version of two", {"version": "1.2"}, ["line 5", "X.Y.Z"]),
    ("slot 8", {"slot": 8}, ["line 6", "0..7"]),
    ("a floor of 33 bits", {"floor": 1 << 32}, ["line 7", "32-bit"]),
    ("bank 2", {"bank": 2}, ["line 8", "0 or 1"]),
    ("capabilities of words", {"boot-caps": "all"}, ["line 9", "32-bit"]),
    ("a short digest", {"digest": "00" * 31}, ["line 10", "64 hex"]),
    ("a digest of words", {"digest": "x" * 64}, ["line 10", "64 hex"]),
    ("a tombstone without a slot", {"tombstone": "1.2.3"}, ["line 10", "SLOT:"]),
    ("a tombstone in slot 8", {"tombstone": "8:1.2.3"}, ["line 10", "SLOT:"]),
    ("a key twice", {"bank": "1\nbank = 1"}, ["line 9", "bank is given twice"]),
    ("no map where it says", {"map": "absent.txt"}, ["absent.txt", "No such"]),
]


def description_row(changes, fragments):
    def body(w):
        describe(w, **changes)
        offer(w)
        w.refuses(VERIFY, 1, *fragments)
    return body


def a_description_in_another_folder_has_its_map_there(w):
    (w.dir / "units").mkdir()
    describe(w)
    for name in ("map.txt", "device.txt"):
        (w.dir / name).rename(w.dir / "units" / name)
    offer(w)
    w.ok("verify", "app.ferry", "--key", "test.pub", "--device", "units/device.txt")


# ---- a whole key table -----------------------------------------------------------


def verify_takes_the_devices_key_table(w):
    for name in ("zero", "one"):
        w.ok("keygen", "-o", name)
    w.ok("keytable", "--key=0=zero.pub", "--key=1=one.pub", "-o", "keys.bin")
    table = ["verify", "app.ferry", "--keys", "keys.bin"]
    w.sign(key="one.key", slot=1)
    assert b"holds under keys.bin" in w.ok(*table)
    w.ok(*table, "--slot", "1")
    w.refuses([*table, "--slot", "0"], 1, "E_KID", "slot 1")
    w.sign(key="one.key", slot=0)
    w.refuses(table, 1, "E_SIG")
    w.sign(key="one.key", slot=2)
    w.refuses(table, 1, "E_KID", "slot 2")
    w.refuses([*table, "--key", "one.pub"], 2, "one of --key and --keys")
    w.refuses(["verify", "app.ferry", "--keys", "image.bin"], 1, "longer than 520")
    w.ok("keytable", "--key=2=test.pub", "--insecure-test-key", "-o", "keys.bin")
    w.sign(slot=2)
    w.refuses(table, 1, "published")
    w.ok(*table, "--insecure-test-key")


# ---- what changed ----------------------------------------------------------------


def against(w, *more):
    return json.loads(w.ok("inspect", "app.ferry", "--against", "old.ferry", "--json",
                           *more))


def inspect_shows_what_changed_since_another_artifact(w):
    w.sign(output="old.ferry")
    w.write("image.bin", w.image[:5000] + b"x" + w.image[5001:] + bytes(4096))
    w.sign(version="1.3.0", sec_ctr=8, min_from="1.2.0", slot=4, hw="2-6")
    seen = against(w)["changes"]
    new_hash = hashlib.sha256(w.read("image.bin")).hexdigest()
    assert seen["sha256"]["is"] == new_hash
    del seen["sha256"]
    assert seen == {
        "version": {"was": "1.2.3", "is": "1.3.0"}, "sec_ctr": {"was": "7", "is": "8"},
        "min_from": {"was": "none", "is": "1.2.0"}, "slot": {"was": "3", "is": "4"},
        "hw_max": {"was": "5", "is": "6"}, "length": {"was": "10000", "is": "14096"},
        "changed_blocks": 3, "blocks": 4}
    said = w.ok("inspect", "app.ferry", "--against", "old.ferry")
    assert b"1.2.3 -> 1.3.0" in said and b"not checked" in said


def inspect_against_itself_shows_no_change(w):
    w.sign()
    w.sign(output="old.ferry")
    assert against(w)["changes"] == {"changed_blocks": 0, "blocks": 3}


def inspect_against_what_is_no_artifact_is_refused(w):
    w.sign()
    good = w.read("app.ferry")
    w.write("cut.ferry", good[:-1])
    rows = [("absent", "absent"), ("image.bin", "not a Ferry artifact"),
            ("cut.ferry", "E_LEN")]
    for name, fragment in rows:
        w.refuses(["inspect", "app.ferry", "--against", name], 1, name, fragment)
    w.refuses(["inspect", "cut.ferry", "--against", "app.ferry"], 1, "cut.ferry", "E_LEN")


TESTS = [the_verdict_is_the_one_that_a_real_device_gives,
         an_artifact_that_the_device_would_take_is_good,
         the_running_image_itself_is_told_from_an_older_one,
         an_image_too_large_for_the_bank_is_refused,
         another_version_under_another_slot_is_the_floors_affair,
         a_damaged_artifact_is_refused_before_the_device_is_asked,
         a_description_in_another_folder_has_its_map_there,
         verify_takes_the_devices_key_table,
         inspect_shows_what_changed_since_another_artifact,
         inspect_against_itself_shows_no_change,
         inspect_against_what_is_no_artifact_is_refused]


def add_to(tests):
    for test in TESTS:
        tests.add(test.__name__, test)
    for name, device, artifact, fragments in VERDICT_ROWS:
        tests.add(f"verify --device refuses {name}",
                  verdict_row(device, artifact, fragments))
    for name, changes, fragments in DESCRIPTION_ROWS:
        tests.add(f"verify refuses a description with {name}",
                  description_row(changes, fragments))
