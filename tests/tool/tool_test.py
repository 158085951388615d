# SPDX-License-Identifier: Apache-2.0
#
# What the ferry tool promises: artifacts that a device takes and others can check, and
# for every bad input one line, the right exit code, and nothing left behind.
# Usage: tool_test.py FERRY DEVICE [WORD], only tests with this word in their name
import base64
import hashlib
import json
import os
import sys

import bad_inputs
import factory_cases
import factory_mistakes
import image_cases
import key_cases
import place_cases
import push_cases
import push_noes
import push_progress
import release_cases
import signing_doc
import statement_cases
import token_cases
import verdict_cases
from kit import (CLASS, FIRMWARE, SIGN, Skip, Tests, cbor_map, envelope, openssl,
                 sign_args, split, to_be_signed)


def table_of(image):
    return b"".join(hashlib.sha256(image[at:at + 4096]).digest()[:16]
                    for at in range(0, len(image), 4096))


def verify(w, name="app.ferry", key="test.pub", *more):
    return w.ok("verify", name, "--key", key, *more)


def inspect(w, name="app.ferry"):
    return json.loads(w.ok("inspect", "--json", name).decode("ascii"))


# ---- making and checking ---------------------------------------------------------


def an_artifact_is_envelope_table_and_image_end_to_end(w):
    env, table, image = split(w.artifact())
    assert image == w.image
    assert table == table_of(image)
    assert env[:11] == bytes.fromhex("d2 84 46 a2 01 27 04 41 03 a0 58")
    assert env[11] == len(env) - 78
    verify(w)


def the_manifest_has_exactly_the_documented_bytes(w):
    env, table, image = split(w.artifact(
        min_from="1.0.9", device="00112233445566778899aabbccddeeff",
        build_id="abc", build_time=1700000000))
    assert env[12:-66] == cbor_map([
        (0, 1), (1, bytes.fromhex(CLASS.replace("-", ""))), (2, 2), (3, 5),
        (4, 0x01020003), (5, 7), (6, 10000), (7, hashlib.sha256(image).digest()),
        (8, 0x1C000), (9, 0x01000009), (14, hashlib.sha256(table).digest()),
        (15, bytes.fromhex("00112233445566778899aabbccddeeff")),
        (-1, "1.2.3"), (-2, "abc"), (-3, 1700000000)])
    verify(w)


def verify_says_what_it_checked(w):
    w.artifact()
    said = verify(w, "app.ferry", "test.pub", "--slot", "3").decode()
    for word in ("envelope", "slot", "signature", "manifest", "block table", "image",
                 "3 blocks", "1.2.3", "test.pub"):
        assert word in said, word


def verify_takes_a_private_key_file_for_its_public_half(w):
    w.artifact()
    verify(w, key="test.key")


def the_same_inputs_give_the_same_bytes(w):
    first = w.artifact(build_id="x", build_time=5)
    assert w.artifact(output="again.ferry", build_id="x", build_time=5) == first


def every_limit_of_every_number_is_accepted(w):
    w.sign(slot=7, hw="0-4294967295", version="255.255.65535", sec_ctr=0xFFFFFF,
           link="0xFFFFFFFF", min_from="0.0.0", build_time=0xFFFFFFFF)
    seen = inspect(w)
    assert (seen["slot"], seen["hw_min"], seen["hw_max"]) == (7, 0, 0xFFFFFFFF)
    assert seen["version"] == "255.255.65535" and seen["min_from"] == "0.0.0"
    assert seen["sec_ctr"] == 0xFFFFFF and seen["link"] == 0xFFFFFFFF
    verify(w)


def a_single_hardware_revision_is_a_range_of_one(w):
    w.sign(hw=4)
    assert (inspect(w)["hw_min"], inspect(w)["hw_max"]) == (4, 4)


def an_image_is_padded_to_a_multiple_of_4_and_ferry_says_so(w):
    for extra in (1, 2, 3):
        w.write("odd.bin", w.image + b"x" * extra)
        assert b"padded" in w.sign(image="odd.bin")
        image = split(w.read("app.ferry"))[2]
        assert image == w.image + b"x" * extra + b"\xff" * (4 - extra)
        verify(w)
    assert b"padded" not in w.sign()


def images_around_block_borders_and_at_the_limit_round_trip(w):
    for size in (4, 4092, 4096, 4100, 8192, 1 << 20):
        w.write("sized.bin", os.urandom(size))
        image = split(w.artifact(image="sized.bin"))[2]
        assert image == w.read("sized.bin"), size
        verify(w)


def an_existing_artifact_is_replaced_whole(w):
    w.write("app.ferry", b"x" * 100000)
    w.sign()
    verify(w)


def an_artifact_is_readable_by_others_as_far_as_umask_allows(w):
    assert w.run(*sign_args(), after="umask 027").returncode == 0
    assert (w.dir / "app.ferry").stat().st_mode & 0o777 == 0o640


def the_longest_build_id_fills_the_manifest_to_255_bytes(w):
    room = 255 - (w.artifact(build_id="")[11] + 2)  # a longer text has a longer head
    for size in range(room - 2, room + 3):
        if w.run(*sign_args(build_id="b" * size)).returncode != 0:
            break
        longest = size
    assert w.artifact(build_id="b" * longest)[11] == 255
    assert inspect(w)["informational"][1]["value"] == "b" * longest


# ---- others agree ----------------------------------------------------------------


def openssl_verifies_the_to_be_signed_bytes(w):
    env = split(w.artifact())[0]
    w.ok("tbs", "app.ferry", "-o", "tbs.bin")
    assert w.read("tbs.bin") == to_be_signed(env) == w.ok("tbs", "app.ferry")
    w.write("sig.bin", env[-64:])
    openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "test.pub", "-in",
            "tbs.bin", "-sigfile", "sig.bin", cwd=w.dir)


def a_key_made_by_openssl_signs(w):
    openssl("genpkey", "-algorithm", "ed25519", "-out", "o.key", cwd=w.dir)
    openssl("pkey", "-in", "o.key", "-pubout", "-out", "o.pub", cwd=w.dir)
    w.sign(key="o.key")
    verify(w, key="o.pub")


def a_key_with_text_around_it_and_foreign_line_ends_signs(w):
    text = openssl("pkey", "-in", "test.key", "-text", cwd=w.dir)
    w.write("dos.key", b"a note\r\n" + text.replace(b"\n", b"\r\n"))
    assert w.artifact(key="dos.key") == w.artifact(output="plain.ferry")


def openssl_reads_both_files_of_a_new_key_pair(w):
    w.ok("keygen", "-o", "new")
    public = openssl("pkey", "-in", "new.key", "-pubout", cwd=w.dir)
    assert public == w.read("new.pub")
    openssl("pkey", "-pubin", "-in", "new.pub", "-noout", cwd=w.dir)


def firmware_round_trips(name):
    def real_firmware_round_trips(w):
        real = (FIRMWARE / name).read_bytes()
        padded = real + b"\xff" * (-len(real) % 4)
        env, table, image = split(w.artifact(image=FIRMWARE / name))
        assert image == padded and table == table_of(padded)
        verify(w)
        seen = inspect(w)
        assert seen["image_matches"] and seen["length"] == len(padded)
    return real_firmware_round_trips


def no_firmware(w):
    raise Skip(f"no images in {FIRMWARE}; set FERRY_FIRMWARE_DIR")


# ---- keys -------------------------------------------------------------------------


def a_private_key_file_is_for_its_owner_only(w):
    w.ok("keygen", "-o", "new")
    assert (w.dir / "new.key").stat().st_mode & 0o777 == 0o600


def two_key_pairs_differ(w):
    w.ok("keygen", "-o", "a")
    w.ok("keygen", "-o", "b")
    assert w.read("a.key") != w.read("b.key") and w.read("a.pub") != w.read("b.pub")


def keygen_replaces_a_pair_only_with_force(w):
    w.refuses(["keygen", "-o", "test"], 1, "test.key", "--force")
    (w.dir / "test.key").unlink()
    w.refuses(["keygen", "-o", "test"], 1, "test.pub", "--force")
    before = w.read("test.pub")
    w.ok("keygen", "-o", "test", "--force")
    assert w.read("test.pub") != before


def the_test_key_is_the_published_one(w):
    w.ok("keygen", "--test-key", "-o", "again")
    assert w.read("again.key") == w.read("test.key")
    assert w.read("again.pub") == w.read("test.pub")
    public = base64.b64decode(w.read("again.pub").split(b"\n")[1])[12:]
    assert public.hex() == (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def release_refuses_the_published_key_and_takes_another(w):
    release = {"release": True, "build_id": "v1.2.3-0-gabc", "previous": "none"}
    w.refuses(sign_args(**release), 1, "test.key", "published")
    w.ok("keygen", "-o", "own")
    w.sign(key="own.key", **release)
    verify(w, key="own.pub")


# ---- inspect ---------------------------------------------------------------------


def inspect_shows_everything_in_both_views(w):
    artifact = w.artifact(min_from="1.0.0", build_id="abc", build_time=1700000000,
                          device="00112233-4455-6677-8899-aabbccddeeff")
    env, table, image = split(artifact)
    seen = inspect(w)
    digest = hashlib.sha256(to_be_signed(env)).hexdigest()
    want = {"file": "app.ferry", "alg": "Ed25519", "slot": 3, "class": CLASS,
            "hw_min": 2, "hw_max": 5, "version": "1.2.3", "sec_ctr": 7,
            "length": 10000, "sha256": hashlib.sha256(image).hexdigest(),
            "link": 0x1C000, "min_from": "1.0.0",
            "blocks": hashlib.sha256(table).hexdigest(),
            "device": "00112233-4455-6677-8899-aabbccddeeff", "digest": digest,
            "signature": env[-64:].hex(), "signature_checked": False,
            "envelope_bytes": len(env), "table_bytes": 48, "image_bytes": 10000,
            "file_bytes": len(artifact), "length_matches": True, "table_matches": True,
            "blocks_match": True, "image_matches": True,
            "informational": [
                {"key": -1, "name": "version text", "value": "1.2.3"},
                {"key": -2, "name": "build id", "value": "abc"},
                {"key": -3, "name": "build time", "value": 1700000000}]}
    assert seen == want
    said = w.ok("inspect", "app.ferry").decode("ascii")
    for value in ("not checked", CLASS, digest, "0x0001c000", '"abc"', "1700000000"):
        assert value in said, value


def inspect_says_null_for_what_the_manifest_does_not_have(w):
    w.sign()
    seen = inspect(w)
    assert seen["min_from"] is None and seen["device"] is None


def inspect_says_which_part_does_not_match(w):
    good = w.artifact()
    env, table, image = split(good)
    parts = {"table_matches": len(env), "blocks_match": len(env + table) + 4096}
    for field, at in parts.items():
        w.write("bad.ferry", good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
        assert inspect(w, "bad.ferry")[field] is False
        assert inspect(w, "bad.ferry")["length_matches"] is True
    w.write("cut.ferry", good[:-1])
    seen = inspect(w, "cut.ferry")
    assert not seen["length_matches"] and not seen["image_matches"]
    assert seen["table_matches"]


# Line breaks, quotes, terminal controls, NUL, C1 controls, an astral character, a
# right-to-left override; and what no UTF-8 decoder may take: stray, surrogate,
# overlong, too high, cut short.
STRANGE = '\n"\\\x1b[31m\0\x7f\x9bé\U0001F600\u202e'
BROKEN = bytes.fromhex("ff eda080 c0af f4908080 e282")
HOSTILE = STRANGE.encode() + BROKEN


def hostile_informational_text_makes_valid_json_and_no_terminal_codes(w):
    w.write("app.ferry", envelope(cbor_map([
        (0, 1), (1, bytes(16)), (2, 0), (3, 0), (4, 1), (5, 0), (6, 4), (7, bytes(32)),
        (8, 0), (14, bytes(32)), (-1, (3, HOSTILE)), (-7, (2, HOSTILE)), (-24, 9)])))
    texts = inspect(w)["informational"]
    assert texts[0]["value"] == STRANGE + "\ufffd" * len(BROKEN)
    assert texts[1] == {"key": -7, "name": None, "hex": HOSTILE.hex()}
    assert texts[2] == {"key": -24, "name": None, "value": 9}
    said = w.ok("inspect", "app.ferry").replace(b"\n", b"")
    assert all(0x20 <= byte < 0x7F for byte in said)


# ---- the command line ------------------------------------------------------------


def help_describes_every_verb_and_every_option(w):
    said = w.ok("--help").decode()
    for verb in ("keygen", "pubkey", "keytable", "sign", "tbs", "attach", "verify", "inspect",
                 "factory", "push"):
        assert verb in said
        assert f"ferry {verb}" in w.ok(verb, "--help").decode()
    said = w.ok("sign", "--help").decode()
    for name in [*SIGN, "min-from", "device", "build-id", "build-time", "release"]:
        assert f"--{name}" in said, name


def each_required_option_is_named_when_it_is_missing(w):
    for name in SIGN:
        w.refuses(sign_args(**{name: None}), 2, f"--{name}", "missing")


def a_full_disk_leaves_neither_artifact_nor_temporary_file(w):
    w.write("app.ferry", b"old")
    w.refuses(sign_args(), 1, "app.ferry", "File too large", after="ulimit -f 8")


def a_full_standard_output_is_an_error(w):
    if not os.path.exists("/dev/full"):
        raise Skip("no /dev/full")
    w.sign()
    for args in (["tbs", "app.ferry"], ["inspect", "app.ferry"], ["--help"]):
        with open("/dev/full", "wb") as full:
            w.refuses(args, 1, "standard output", stdout=full)


TESTS = [f for name, f in list(globals().items())
         if callable(f) and getattr(f, "__module__", "") == "__main__"
         and name not in ("table_of", "verify", "inspect", "firmware_round_trips",
                          "no_firmware")]


def main():
    tests = Tests(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
    for test in TESTS:
        tests.add(test.__name__, test)
    images = sorted(p.name for p in FIRMWARE.glob("*.bin"))
    for name in images:
        tests.add(f"real_firmware_round_trips: {name}", firmware_round_trips(name))
    if not images:
        tests.add("real_firmware_round_trips", no_firmware)
    for cases in (bad_inputs, factory_cases, factory_mistakes, statement_cases,
                  push_cases, push_noes, push_progress, key_cases, token_cases,
                  image_cases, release_cases, verdict_cases, place_cases,
                  signing_doc):
        cases.add_to(tests)
    return tests.run(sys.argv[3] if len(sys.argv) > 3 else "")


if __name__ == "__main__":
    sys.exit(main())
