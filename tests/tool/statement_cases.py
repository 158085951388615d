# SPDX-License-Identifier: Apache-2.0
#
# What the tool promises about a device's statement: every field is shown, the signature
# is what OpenSSL says it is, and it never passes for a manifest, nor a manifest for it.
import hashlib
import json

from kit import (ED25519_ORDER, cbor_map, envelope, openssl, signed, to_be_signed,
                 want_openssl)

FIELDS = {0: 2, 1: bytes(range(16)), 2: bytes(range(16, 32)), 3: 4, 4: 0x01020003,
          5: 70000, 6: bytes(range(32, 48)), 7: bytes(range(48, 64)), 8: 0x41000, 9: 2,
          10: 5, 11: 1, 12: 6, 13: 0x02000001, 14: b"\xaa" * 8, 15: 12, 16: 3, 17: 1,
          18: 2, 19: 9, 20: b"\x03" + b"\xbb" * 8,
          21: bytes([0, 1, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 2]), 22: 0x03000007}
SHOWN = {"type": "statement", "class": "00010203-0405-0607-0809-0a0b0c0d0e0f",
         "device": "10111213-1415-1617-1819-1a1b1c1d1e1f", "hw_rev": 4,
         "counter": 70000, "nonce": bytes(range(32, 48)).hex(), "version": "1.2.3",
         "running_digest": bytes(range(48, 64)).hex(), "link": 0x41000,
         "confirmed": False, "attempts": 2, "starts": 5, "resets": 1,
         "outcome": "rolled back: crash loop", "outcome_version": "2.0.1",
         "outcome_digest": "aa" * 8, "updates": 12, "rollbacks": 3, "hash_errors": 1,
         "block_errors": 2, "bad_signatures": 9, "offender_slot": 3,
         "offender_digest": "bb" * 8, "floor": 0x03000007,
         "refusals": {"E_CLASS": 0, "E_HW": 1, "E_DEVICE": 0, "E_FLOOR": 0, "E_SAME": 0,
                      "E_VERSION": 255, "E_MINFROM": 0, "E_SIZE": 0, "E_LINK": 0,
                      "E_BOOT": 0, "E_ENC": 0, "E_BASE": 0, "E_TOMBSTONE": 2}}


def payload(**changes):
    pairs = {**FIELDS, **{int(k[1:]): v for k, v in changes.items()}}
    return cbor_map([(k, v) for k, v in sorted(pairs.items()) if v is not None])


def statement(w, kid=0x80, **changes):
    """Signed by OpenSSL with the test key, which is a device's own here."""
    return signed(w, payload(**changes), kid=kid)


def inspect_shows_all_of_a_statement_in_both_views(w):
    env = statement(w)
    w.write("said.bin", env)
    seen = json.loads(w.ok("inspect", "--json", "said.bin").decode("ascii"))
    assert seen == {**SHOWN, "file": "said.bin", "alg": "Ed25519",
                    "digest": hashlib.sha256(to_be_signed(env)).hexdigest(),
                    "signature": env[-64:].hex(), "signature_checked": False}
    plain = w.ok("inspect", "said.bin").decode("ascii")
    for word in ("not checked", "crash loop", "E_HW 1, E_VERSION 255, E_TOMBSTONE 2",
                 "0x03000007", "2.0.1", "70000", env[-64:].hex()):
        assert word in plain, word


def inspect_says_null_for_no_nonce_and_names_every_outcome(w):
    names = set()
    for outcome in range(9):
        w.write("said.bin", envelope(payload(k6=None, k9=0, k12=outcome), kid=0x80))
        seen = json.loads(w.ok("inspect", "--json", "said.bin"))
        assert seen["nonce"] is None and seen["confirmed"] is True
        names.add(seen["outcome"])
    assert len(names) == 9
    w.write("said.bin", envelope(payload(k12=9), kid=0x80))
    assert b"unknown (9)" in w.ok("inspect", "said.bin")


def verify_checks_a_statement_against_the_devices_key(w):
    w.write("said.bin", statement(w))
    said = w.ok("verify", "said.bin", "--key", "test.pub").decode("ascii")
    for word in ("statement", "good", "test.pub", SHOWN["device"], "1.2.3"):
        assert word in said, word


def openssl_verifies_the_to_be_signed_bytes_of_a_statement(w):
    env = statement(w)
    w.write("said.bin", env)
    w.write("tbs.bin", w.ok("tbs", "said.bin"))
    assert w.read("tbs.bin") == to_be_signed(env)
    w.write("sig.bin", env[-64:])
    openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "test.pub", "-in",
            "tbs.bin", "-sigfile", "sig.bin", cwd=w.dir)


def another_devices_key_is_refused(w):
    w.write("said.bin", statement(w))
    w.ok("keygen", "-o", "other")
    at = len(w.read("said.bin")) - 64
    w.refuses(["verify", "said.bin", "--key", "other.pub"], 1, f"byte {at}", "E_SIG",
              "statement")


def every_seventh_flipped_byte_is_refused(w):
    good = statement(w)
    for at in [*range(12), *range(12, len(good), 7), len(good) - 1]:
        w.write("bad.bin", good[:at] + bytes([good[at] ^ 1 << at % 8]) + good[at + 1:])
        w.refuses(["verify", "bad.bin", "--key", "test.pub"], 1, "bad.bin")


def s_plus_the_group_order_is_refused(w):
    good = statement(w)
    s = int.from_bytes(good[-32:], "little") + ED25519_ORDER
    w.write("bad.bin", good[:-32] + s.to_bytes(32, "little"))
    w.refuses(["verify", "bad.bin", "--key", "test.pub"], 1, "E_SIG")


def truncated_and_longer_statements_are_refused(w):
    good = statement(w)
    for data, word in ((good[:-1], "ends here"), (good + b"\0", "1 more bytes follow"),
                       (good + good, "more bytes follow")):
        w.write("bad.bin", data)
        for verb in (["verify", "--key", "test.pub"], ["inspect"]):
            w.refuses([*verb, "bad.bin"], 1, "bad.bin", "E_LEN", word)


# name, changes to a good statement's fields, what the line says
ROWS = [
    ("without its version", {"k4": None}, ["byte 12", "E_MISSING"]),
    ("without its floor", {"k22": None}, ["E_MISSING"]),
    ("of another type", {"k0": 3}, ["E_TYPE"]),
    ("with a class of 15 bytes", {"k1": bytes(15)}, ["E_TYPE"]),
    ("with a key nobody knows", {"k22": None, "k23": 1}, ["E_CRIT"]),
]


def row(changes, fragments):
    def body(w):
        w.write("bad.bin", statement(w, **changes))
        for verb in (["verify", "--key", "test.pub"], ["inspect"]):
            w.refuses([*verb, "bad.bin"], 1, "bad.bin", *fragments)
    return body


# ---- neither passes for the other ------------------------------------------------


def a_statement_in_a_slots_envelope_is_refused_by_name(w):
    w.write("bad.ferry", statement(w, kid=3))
    for verb in (["verify", "--key", "test.pub"], ["inspect"]):
        w.refuses([*verb, "bad.ferry"], 1, "byte 12", "E_TYPE", "device's statement",
                  "key slot 3")


def a_manifest_in_a_statements_envelope_is_refused_by_name(w):
    want_openssl()
    env = w.artifact()[:w.read("app.ferry")[11] + 78]
    w.write("bad.bin", signed(w, env[12:-66], kid=0x80))
    for verb in (["verify", "--key", "test.pub"], ["inspect"]):
        w.refuses([*verb, "bad.bin"], 1, "byte 8", "E_KID", "manifest")


def a_statement_with_another_key_id_does_not_verify(w):
    good = statement(w)
    w.write("bad.ferry", good[:8] + b"\x03" + good[9:])
    w.refuses(["verify", "bad.ferry", "--key", "test.pub"], 1, "E_SIG")


def an_artifact_with_a_statements_key_id_does_not_verify(w):
    good = w.artifact()
    w.write("bad.bin", good[:8] + b"\x80" + good[9:good[11] + 78])
    w.refuses(["verify", "bad.bin", "--key", "test.pub"], 1, "manifest")


def a_statement_of_another_algorithm_is_refused(w):
    w.write("bad.bin", signed(w, payload(), kid=0x80, alg=0x26))
    for verb in (["verify", "--key", "test.pub"], ["inspect"]):
        w.refuses([*verb, "bad.bin"], 1, "byte 5", "E_FRAME", "26")


def a_statement_has_no_slot(w):
    w.write("said.bin", statement(w))
    w.refuses(["verify", "said.bin", "--key", "test.pub", "--slot", "0"], 1, "said.bin",
              "--slot")


TESTS = [
    inspect_shows_all_of_a_statement_in_both_views,
    inspect_says_null_for_no_nonce_and_names_every_outcome,
    verify_checks_a_statement_against_the_devices_key,
    openssl_verifies_the_to_be_signed_bytes_of_a_statement,
    another_devices_key_is_refused,
    every_seventh_flipped_byte_is_refused, s_plus_the_group_order_is_refused,
    truncated_and_longer_statements_are_refused,
    a_statement_in_a_slots_envelope_is_refused_by_name,
    a_manifest_in_a_statements_envelope_is_refused_by_name,
    a_statement_with_another_key_id_does_not_verify,
    an_artifact_with_a_statements_key_id_does_not_verify,
    a_statement_of_another_algorithm_is_refused, a_statement_has_no_slot,
]


def add_to(tests):
    for test in TESTS:
        tests.add(f"statement: {test.__name__}", test)
    for name, changes, fragments in ROWS:
        tests.add(f"ferry refuses a statement {name}", row(changes, fragments))
