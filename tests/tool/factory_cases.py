# SPDX-License-Identifier: Apache-2.0
#
# What `ferry factory` promises: the documented bytes at the mapped places and nothing
# else, and that what was burned can be read back, or is refused.
import re

from factory_kit import (DEVICE, LINK, MAP, check, factory, factory_args, flipped,
                         map_text, prepare, read_hex, read_identity)
from kit import CLASS, openssl, split
from push_kit import Device

# ---- what is made ----------------------------------------------------------------


def public_of(w, name):
    """The 32 bytes of a PEM public key, as OpenSSL reads it."""
    return openssl("pkey", "-pubin", "-in", name, "-outform", "DER", cwd=w.dir)[-32:]


def the_identity_block_has_exactly_the_documented_bytes(w):
    prepare(w, link0="0x11000", link1="0x99000", header_len="4096")
    w.ok("keygen", "-o", "next")
    factory(w, key=["3=own.pub", "7=next.pub"])
    seen = read_identity(w.read("out.bin")[0x7F000:0x7F000 + 624])
    keys = seen.pop("keys")
    assert keys[3] == b"\x27" + public_of(w, "own.pub") + bytes(32)
    assert keys[7] == b"\x27" + public_of(w, "next.pub") + bytes(32)
    assert all(keys[i] == bytes(65) for i in (0, 1, 2, 4, 5, 6))
    assert seen == {"class": CLASS.replace("-", ""), "device": DEVICE.replace("-", ""),
                    "hw": 2, "caps": 0x101, "bank0": [0x10000, 0x30000],
                    "bank1": [0x40000, 0x30000], "link": [0x11000, 0x99000],
                    "header_len": 4096, "boot_journal": [0x70000, 0x71000],
                    "app_journal": [0x72000, 0x73000]}


def all_eight_slots_can_be_filled(w):
    prepare(w)
    for slot in (0, 1, 2, 4, 5, 6, 7):
        w.ok("keygen", "-o", f"k{slot}")
    names = [f"k{slot}.pub" if slot != 3 else "own.pub" for slot in range(8)]
    factory(w, key=[f"{slot}={name}" for slot, name in enumerate(names)])
    keys = read_identity(w.read("out.bin")[0x7F000:0x7F000 + 624])["keys"]
    assert [key[1:33] for key in keys] == [public_of(w, name) for name in names]


def bank_0_has_envelope_table_and_image_in_their_places_and_the_rest_is_erased(w):
    w.like(prepare)
    factory(w)
    env, table, image = split(w.read("app.ferry"))
    flash = bytearray(w.read("out.bin"))
    assert len(flash) == 0x80000
    for at, part in ((0x10000, env), (0x10200, table), (0x11000, image)):
        assert flash[at:at + len(part)] == part, hex(at)
        flash[at:at + len(part)] = b"\xff" * len(part)
    flash[0x7F000:0x7F000 + 624] = b"\xff" * 624
    assert flash == b"\xff" * len(flash)


def hex_agrees_with_the_flat_image(w):
    w.like(prepare)
    factory(w)
    memory, flash = read_hex(w.read("out.hex")), w.read("out.bin")
    assert all(flash[at] == byte for at, byte in memory.items())
    env, table, image = split(w.read("app.ferry"))
    parts = (bytes(624), env, table, image)
    assert len(memory) == sum((len(part) + 3) // 4 * 4 for part in parts)
    assert all(flash[at] == 0xFF for at in range(len(flash)) if at not in memory)


def hex_has_whole_write_units(w):
    prepare(w, write_unit="32")
    factory(w)
    memory, flash = read_hex(w.read("out.hex")), w.read("out.bin")
    for at in range(0, len(flash), 32):
        assert len({at + i in memory for i in range(32)}) == 1, hex(at)
    assert all(flash[at] == byte for at, byte in memory.items())


def the_first_64_kib_are_named_too(w):
    w.like(prepare)
    w.write("map.txt", map_text(identity="0x8000", reserved="0+0x8000").encode())
    factory(w)
    memory, flash = read_hex(w.read("out.hex")), w.read("out.bin")
    assert bytes(memory[0x8000 + i] for i in range(624)) == flash[0x8000:0x8000 + 624]


# Bank 0 begins just below a 64 KiB border of a flash at a high address, the identity
# block below it, and images are linked for the places where the bank really is.
HIGH = {"flash": "0x08000000+0x60000", "identity": "0x08000000",
        "bank0": "0x0801E000+0x20000", "bank1": "0x0803E000+0x20000",
        "boot_journal": "0x08001000, 0x08002000",
        "app_journal": "0x08003000, 0x08004000", "reserved": None}


def flash_at_a_high_address_crosses_64_kib_borders(w):
    prepare(w, **HIGH)
    w.sign(key="own.key", link="0x0801F000")
    factory(w)
    memory, flash = read_hex(w.read("out.hex")), w.read("out.bin")
    assert min(memory) == 0x08000000
    assert bytes(memory[0x0801F000 + i] for i in range(10000)) == w.image
    assert flash[0x1F000:0x1F000 + 10000] == w.image and len(flash) == 0x60000


def flash_that_erases_to_0_is_filled_with_0(w):
    prepare(w, erased="0")
    factory(w)
    flash = w.read("out.bin")
    assert flash[:0x10000] == bytes(0x10000) and flash[0x11000:0x11004] == w.image[:4]
    assert check(w)["image"]["version"] == "1.2.3"


# 128 KiB erase units: header_len is one of them by default.
LARGE = {"flash": "0+0x180000", "erase_unit": "0x20000", "identity": "0x20000",
         "bank0": "0x40000+0x60000", "bank1": "0xA0000+0x60000",
         "boot_journal": "0x100000, 0x120000", "app_journal": "0x140000, 0x160000",
         "reserved": "0+0x20000"}


def large_erase_units_make_a_large_header(w):
    prepare(w, **LARGE)
    w.sign(key="own.key", link="0x60000")
    factory(w)
    flash = w.read("out.bin")
    assert read_identity(flash[0x20000:0x20000 + 624])["header_len"] == 0x20000
    assert flash[0x60000:0x60000 + 10000] == w.image


# Those of docs/PORTING.md: flash, identity, banks, journals, what is reserved.
PORTING = [
    (0x100000, 0xF5000, (0x27000, 0x65000), (0x8C000, 0x65000), 0xF1000, 0xF3000,
     ["0+0x27000", "0xF6000+0x8000", "0xFE000+0x2000"]),
    (0x80000, 0x75000, (0x26000, 0x25000), (0x4B000, 0x25000), 0x71000, 0x73000,
     ["0+0x26000", "0x76000+0x8000"]),
    (0x80000, 0x75000, (0x19000, 0x2C000), (0x45000, 0x2C000), 0x71000, 0x73000,
     ["0+0x19000", "0x76000+0x8000"]),
    (0x80000, 0x8000, (0xD000, 0x39000), (0x46000, 0x39000), 0x9000, 0xB000,
     ["0+0x8000"]),
]


def the_maps_of_the_porting_guide_can_work(w):
    for flash, identity, bank0, bank1, boot, app, reserved in PORTING:
        prepare(w, flash=f"0+{flash}", identity=identity, reserved=reserved,
                bank0="{}+{}".format(*bank0), bank1="{}+{}".format(*bank1),
                boot_journal=f"{boot},{boot + 4096}", app_journal=f"{app},{app + 4096}")
        w.sign(key="own.key", link=bank0[0] + 4096)
        factory(w)
        for name in ("own.key", "own.pub"):
            (w.dir / name).unlink()


def several_reserved_areas_are_allowed(w):
    prepare(w, reserved=["0+0x8000", "0x8000 + 0x8000"])
    factory(w)


def an_artifact_is_optional(w):
    w.like(prepare)
    said = factory(w, artifact=None)
    assert said["image"] is None and said["floor"] is None
    assert w.read("out.bin")[0x10000:0x40000] == b"\xff" * 0x30000
    assert len(read_hex(w.read("out.hex"))) == 624
    assert check(w)["image"] is None
    plain = w.ok(*factory_args(artifact=None)).decode()
    assert "bank0 is empty" in plain


def one_of_the_two_outputs_is_enough(w):
    w.like(prepare)
    factory(w, bin=None)
    assert not (w.dir / "out.bin").exists()
    factory(w, output=None, bin="two.bin")
    assert len(w.read("two.bin")) == 0x80000


def the_summary_says_who_it_is_which_keys_it_has_and_its_floor(w):
    w.like(prepare)
    w.ok("keygen", "-o", "old")
    said = factory(w, key=["1=old.pub", "3=own.pub"], device_key="dev.key")
    assert said["class"] == CLASS and said["device"] == DEVICE
    assert said["hw_rev"] == 2 and said["boot_caps"] == 0x101
    assert said["floor"] == 3 << 24 | 7 and said["image"]["version"] == "1.2.3"
    assert [(s["slot"], s["public"], s["revoked"]) for s in said["slots"]] == [
        (1, public_of(w, "old.pub").hex(), True),
        (3, public_of(w, "own.pub").hex(), False)]
    assert said["device_key"] == public_of(w, "dev.key.pub").hex()
    assert said["device_key_made"] is True
    plain = w.ok(*factory_args(key=["1=old.pub", "3=own.pub"])).decode("ascii")
    for word in (DEVICE, CLASS, "0x03000007", "revoked", "1.2.3", "no device key"):
        assert word in plain, word


def the_recovery_slot_adds_only_its_counter_to_the_floor(w):
    w.like(prepare)
    w.sign(key="own.key", link=LINK[0], slot=7)
    said = factory(w, key=["7=own.pub"])
    assert said["floor"] == 7 and not said["slots"][0]["revoked"]


def a_floor_that_the_artifact_reaches_is_accepted(w):
    w.like(prepare)
    factory(w, floor="0x03000007")


def boot_caps_can_be_fewer(w):
    w.like(prepare)
    assert factory(w, boot_caps="0x100")["boot_caps"] == 0x100


def a_real_bootloader_boots_it(w):
    w.like(prepare)
    factory(w)
    with Device(w, "out.bin") as device:
        device.waits_for("runs ok, version 01020003")
        assert "boot 0 ok" in device.said()


# ---- keys ------------------------------------------------------------------------


def the_published_key_needs_the_flag_and_is_marked(w):
    w.like(prepare)
    w.sign(link=LINK[0])
    args = factory_args(key=["3=test.pub"])
    w.refuses(args, 1, "test.pub", "published", "--insecure-test-key")
    said = factory(w, key=["3=test.pub"], insecure_test_key=True)
    assert said["slots"][0]["published_test_key"] is True
    plain = w.ok("factory", "--map", "map.txt", "--check", "out.bin").decode()
    assert "never for a product" in plain


def a_device_key_is_made_once_for_its_owner_only(w):
    w.like(prepare)
    first = factory(w, device_key="dev.key")
    assert (w.dir / "dev.key").stat().st_mode & 0o777 == 0o600
    pair = w.read("dev.key"), w.read("dev.key.pub")
    again = factory(w, device_key="dev.key")
    assert (w.read("dev.key"), w.read("dev.key.pub")) == pair
    assert first["device_key_made"] and not again["device_key_made"]
    assert again["device_key"] == first["device_key"]
    assert openssl("pkey", "-in", "dev.key", "-pubout", cwd=w.dir) == pair[1]


def two_devices_get_two_keys(w):
    w.like(prepare)
    keys = {factory(w, device_key=name)["device_key"] for name in ("a.key", "b.key")}
    assert len(keys) == 2


def a_device_key_that_exists_gets_its_public_half(w):
    w.like(prepare)
    w.ok("keygen", "-o", "dev")
    factory(w, device_key="dev.key")
    assert w.read("dev.key.pub") == w.read("dev.pub")


def nothing_private_is_in_the_flash(w):
    w.like(prepare)
    factory(w, device_key="dev.key")
    seed = openssl("pkey", "-in", "dev.key", "-outform", "DER", cwd=w.dir)[-32:]
    assert seed not in w.read("out.bin")


# ---- reading back ----------------------------------------------------------------


def check_says_what_was_made(w):
    w.like(prepare)
    made, found = factory(w), check(w)
    blank = [found.pop(k) for k in ("boot_journal_blank", "app_journal_blank",
                                    "bank1_blank")]
    assert blank == [True, True, True]
    for only in ("file", "bin", "device_key"):
        made.pop(only)
    found.pop("file")
    assert found == made


def check_says_which_journal_or_bank_is_not_blank(w):
    w.like(prepare)
    factory(w)
    good = w.read("out.bin")
    for name, at in (("boot_journal_blank", 0x71FFF), ("app_journal_blank", 0x72000),
                     ("bank1_blank", 0x6FFFF)):
        w.write("used.bin", good[:at] + b"\0" + good[at + 1:])
        assert check(w, "used.bin")[name] is False


def check_refuses(w, flash, *fragments):
    w.write("bad.bin", flash)
    args = ["factory", "--map", "map.txt", "--check", "bad.bin"]
    return w.refuses(args, 1, "bad.bin", *fragments)


def check_refuses_every_flipped_byte_that_was_burned(w):
    w.like(prepare)
    factory(w)
    good = w.read("out.bin")
    for at in range(0, 624, 13):
        check_refuses(w, flipped(good, 0x7F000 + at), "no identity block at 0x0007f000")
    env, table, image = split(w.read("app.ferry"))
    for at in [*range(0, 12), *range(12, len(env), 17)]:
        check_refuses(w, flipped(good, 0x10000 + at), "bad.bin: bank0: byte")
    check_refuses(w, flipped(good, 0x10200), "bank0", "E_BLOCKS")
    check_refuses(w, flipped(good, 0x11000 + 5000), "bank0", "E_BLOCK:", "block 1 of 3")


def check_refuses_an_erased_flash_and_one_of_another_size(w):
    w.like(prepare)
    check_refuses(w, b"\xff" * 0x80000, "no identity block", "erased")
    check_refuses(w, b"\xff" * 0x7F000, "520192 bytes", "524288")


def check_refuses_a_block_made_with_another_map(w):
    w.like(prepare)
    factory(w)
    for change, word in (({"bank1": "0x40000+0x20000"}, "bank1's length"),
                         ({"link1": "0x50000"}, "link1"),
                         ({"app_journal": "0x73000, 0x72000"}, "app_journal")):
        w.write("other.txt", map_text(**change).encode())
        w.refuses(["factory", "--map", "other.txt", "--check", "out.bin"], 1, word,
                  "identity block", "other.txt")


def check_refuses_an_image_this_device_would_not_boot(w):
    w.like(prepare)
    factory(w)
    good = w.read("out.bin")
    w.sign(key="own.key", link=LINK[1])
    env = split(w.read("app.ferry"))[0]
    check_refuses(w, good[:0x10000] + env + good[0x10000 + len(env):], "E_LINK",
                  "the one for bank1")


def a_full_disk_leaves_no_file_of_four(w):
    w.like(prepare)
    w.refuses(factory_args(device_key="new.key"), 1, "File too large",
              after="ulimit -f 100")


def help_describes_every_option_and_every_key_of_the_map(w):
    said = w.ok("factory", "--help").decode()
    for name in ("map", "class", "device", "hw", "key", "output", "bin", "artifact",
                 "floor", "device-key", "boot-caps", "insecure-test-key", "check",
                 "json"):
        assert f"--{name} " in said, name
    for key in (*MAP, "erased", "link0", "link1", "header_len"):
        assert re.search(rf"\b{key}\b", said), key


TESTS = [
    the_identity_block_has_exactly_the_documented_bytes,
    all_eight_slots_can_be_filled,
    bank_0_has_envelope_table_and_image_in_their_places_and_the_rest_is_erased,
    the_first_64_kib_are_named_too, hex_has_whole_write_units,
    hex_agrees_with_the_flat_image,
    flash_at_a_high_address_crosses_64_kib_borders,
    flash_that_erases_to_0_is_filled_with_0, large_erase_units_make_a_large_header,
    the_maps_of_the_porting_guide_can_work, several_reserved_areas_are_allowed,
    an_artifact_is_optional,
    one_of_the_two_outputs_is_enough,
    the_summary_says_who_it_is_which_keys_it_has_and_its_floor,
    the_recovery_slot_adds_only_its_counter_to_the_floor,
    a_floor_that_the_artifact_reaches_is_accepted, boot_caps_can_be_fewer,
    a_real_bootloader_boots_it, the_published_key_needs_the_flag_and_is_marked,
    a_device_key_is_made_once_for_its_owner_only, two_devices_get_two_keys,
    a_device_key_that_exists_gets_its_public_half, nothing_private_is_in_the_flash,
    check_says_what_was_made, check_says_which_journal_or_bank_is_not_blank,
    check_refuses_every_flipped_byte_that_was_burned,
    check_refuses_an_erased_flash_and_one_of_another_size,
    check_refuses_a_block_made_with_another_map,
    check_refuses_an_image_this_device_would_not_boot,
    a_full_disk_leaves_no_file_of_four,
    help_describes_every_option_and_every_key_of_the_map,
]


def add_to(tests):
    for test in TESTS:
        tests.add(f"factory: {test.__name__}", test)
