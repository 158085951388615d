# SPDX-License-Identifier: Apache-2.0
#
# The table of bad inputs: what is done, the exit code, and what the one line must say.
# Every row also asserts that no file appeared, vanished or changed.
import hashlib
import os

from kit import (ED25519_ORDER, cbor_map, envelope, openssl, sign_args, signed, split,
                 want_openssl)


def prepare(w):
    """Files that rows point to."""
    w.write("app.ferry", b"an older artifact")
    w.write("garbage.key", bytes(range(256)))
    w.write("text.key", b"no key in here\n")
    w.write("cut.key", w.read("test.key")[:60])
    w.write("base64.key", w.read("test.key").replace(b"MC4C", b"M*4C"))
    w.write("short.key", w.read("test.key").replace(b"MC4CAQAw", b""))
    w.write("locked.key", w.read("test.key").replace(b"PRIVATE", b"ENCRYPTED PRIVATE"))
    w.write("huge.key", b"x" * 20000)
    w.write("empty.bin", b"")
    w.write("large.bin", bytes((1 << 20) + 1))
    (w.dir / "folder").mkdir()
    (w.dir / "link.ferry").symlink_to("elsewhere")
    os.mkfifo(w.dir / "pipe")  # never a real device: a tool that fails would replace it


VERSION_RULE = "X.Y.Z"

# name, options of an otherwise good `ferry sign`, exit code, what the line says
SIGN_ROWS = [
    ("a missing key", {"key": "absent.key"}, 1, ["absent.key", "No such file"]),
    ("a key that is a folder", {"key": "folder"}, 1, ["folder", "directory"]),
    ("a garbage key", {"key": "garbage.key"}, 1, ["garbage.key", "no complete PEM"]),
    ("a text for a key", {"key": "text.key"}, 1, ["text.key", "no complete PEM"]),
    ("a key cut short", {"key": "cut.key"}, 1, ["cut.key", "no complete PEM"]),
    ("a key with damaged base64", {"key": "base64.key"}, 1, ["base64.key", "damaged"]),
    ("a key without its beginning", {"key": "short.key"}, 1, ["short.key", "Ed25519"]),
    ("a locked key and nobody to ask", {"key": "locked.key"}, 1, ["passphrase"]),
    ("a key of 20 KB", {"key": "huge.key"}, 1, ["huge.key", "16384"]),
    ("a public key for signing", {"key": "test.pub"}, 1, ["test.pub", "public key"]),
    ("slot 8", {"slot": 8}, 2, ["--slot", "'8'", "0..7"]),
    ("slot -1", {"slot": -1}, 2, ["--slot", "'-1'"]),
    ("an empty slot", {"slot": ""}, 2, ["--slot"]),
    ("a class of words", {"class": "my thermostat"}, 2, ["--class", "my thermostat"]),
    ("a class too short", {"class": "00" * 15}, 2, ["--class"]),
    ("a class too long", {"class": "00" * 17}, 2, ["--class"]),
    ("a class with dashes astray", {"class": "-" * 4 + "0" * 32}, 2, ["--class"]),
    ("a class with a letter g", {"class": "g" + "0" * 31}, 2, ["--class"]),
    ("a version of two numbers", {"version": "1.2"}, 2, ["--version", VERSION_RULE]),
    ("a version of four", {"version": "1.2.3.4"}, 2, ["--version", VERSION_RULE]),
    ("version 256.0.0", {"version": "256.0.0"}, 2, ["--version", VERSION_RULE]),
    ("version 0.256.0", {"version": "0.256.0"}, 2, ["--version", VERSION_RULE]),
    ("version 0.0.65536", {"version": "0.0.65536"}, 2, ["--version", VERSION_RULE]),
    ("version 1.2.-3", {"version": "1.2.-3"}, 2, ["--version", VERSION_RULE]),
    ("version 01.2.3", {"version": "01.2.3"}, 2, ["--version", VERSION_RULE]),
    ("version ' 1.2.3'", {"version": " 1.2.3"}, 2, ["--version", VERSION_RULE]),
    ("version 1.2.3-rc1", {"version": "1.2.3-rc1"}, 2, ["--version", VERSION_RULE]),
    ("min-from 1", {"min_from": "1"}, 2, ["--min-from", VERSION_RULE]),
    ("hardware 3-1", {"hw": "3-1"}, 2, ["--hw", "3-1", "MIN <= MAX"]),
    ("hardware 3-", {"hw": "3-"}, 2, ["--hw"]),
    ("hardware -3", {"hw": "-3"}, 2, ["--hw"]),
    ("hardware 2^32", {"hw": 1 << 32}, 2, ["--hw"]),
    ("security counter 2^24", {"sec_ctr": 1 << 24}, 2, ["--sec-ctr", "16777215"]),
    ("a link that is no number", {"link": "flash"}, 2, ["--link", "flash"]),
    ("link 2^32", {"link": "0x100000000"}, 2, ["--link"]),
    ("link 2^64 + 4", {"link": (1 << 64) + 4}, 2, ["--link"]),
    ("link 0x0x4", {"link": "0x0x4"}, 2, ["--link"]),
    ("a device that is no id", {"device": "here"}, 2, ["--device", "here"]),
    ("build time now", {"build_time": "now"}, 2, ["--build-time", "now"]),
    ("build time 2^32", {"build_time": 1 << 32}, 2, ["--build-time"]),
    ("a build id of 300 bytes", {"build_id": "b" * 300}, 2, ["--build-id", "255"]),
    ("a build id of 200 bytes", {"build_id": "b" * 200}, 2, ["--build-id", "255"]),
    ("a build id in Latin-1", {"build_id": "\udce9"}, 2, ["--build-id", "UTF-8"]),
    ("a missing image", {"image": "absent.bin"}, 1, ["absent.bin", "No such file"]),
    ("an image that is a folder", {"image": "folder"}, 1, ["folder", "directory"]),
    ("an empty image", {"image": "empty.bin"}, 1, ["empty.bin", "empty"]),
    ("an image over 1 MiB", {"image": "large.bin"}, 1, ["large.bin", "1048576"]),
    ("output into no folder", {"output": "absent/o"}, 1, ["absent/o", "No such"]),
    ("output below a file", {"output": "test.pub/o"}, 1, ["Not a directory"]),
    ("output over a folder", {"output": "folder"}, 1, ["not a regular file"]),
    ("output over a link", {"output": "link.ferry"}, 1, ["not a regular file"]),
    ("output over a pipe", {"output": "pipe"}, 1, ["not a regular file"]),
    ("output over the image", {"output": "image.bin"}, 1, ["image.bin", "inputs"]),
    ("output over the key", {"output": "./test.key"}, 1, ["test.key", "inputs"]),
    ("a name with a line break", {"image": "a\nb"}, 1, ["a?b"]),
]

# name, the whole command line, exit code, what the line says
COMMAND_ROWS = [
    ("no verb", [], 2, ["no verb"]),
    ("an unknown verb", ["sing"], 2, ["sing"]),
    ("an unknown option", ["verify", "--kee", "x", "a"], 2, ["--kee"]),
    ("an unknown letter", ["inspect", "-xj", "a"], 2, ["-x"]),
    ("an option without its value", ["verify", "a", "--key"], 2, ["--key", "value"]),
    ("a flag with a value", ["inspect", "--json=yes", "a"], 2, ["--json=yes"]),
    ("an option given twice", sign_args() + ["--slot", "4"], 2, ["--slot", "twice"]),
    ("an operand too many", ["inspect", "a", "b"], 2, ["'b'"]),
    ("an operand for sign", sign_args() + ["b"], 2, ["'b'"]),
    ("verify without artifact", ["verify", "--key", "test.pub"], 2, ["FILE"]),
    ("verify without key", ["verify", "a"], 2, ["--key"]),
    ("verify slot 8", ["verify", "a", "--key", "k", "--slot", "8"], 2, ["--slot"]),
    ("keygen without a name", ["keygen"], 2, ["--output"]),
    ("keygen into no folder", ["keygen", "-o", "absent/k"], 1, ["absent/k.key"]),
    ("inspect a missing file", ["inspect", "absent"], 1, ["absent", "No such file"]),
    ("inspect a folder", ["inspect", "folder"], 1, ["folder", "directory"]),
    ("inspect an empty file", ["inspect", "empty.bin"], 1, ["byte 0", "E_LEN"]),
    ("inspect a large file", ["inspect", "large.bin"], 1, ["byte 0", "E_FRAME"]),
]


def sign_row(options, code, fragments):
    def body(w):
        prepare(w)
        w.refuses(sign_args(**options), code, *fragments)
    return body


def command_row(args, code, fragments):
    def body(w):
        prepare(w)
        w.refuses(args, code, *fragments)
    return body


# ---- artifacts that are not quite one --------------------------------------------


def verify_refuses(w, data, *fragments):
    w.write("bad.ferry", data)
    return w.refuses(["verify", "bad.ferry", "--key", "test.pub"], 1, "bad.ferry",
                     *fragments)


def flipped(data, at, bit=1):
    return data[:at] + bytes([data[at] ^ bit]) + data[at + 1:]


def keys_of_other_kinds_are_refused(w):
    kinds = {"rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "x25519": ["X25519"],
             "ec": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]}
    for kind, how in kinds.items():
        name = f"{kind}.key"
        openssl("genpkey", "-algorithm", *how, "-out", name, cwd=w.dir)
        w.refuses(sign_args(key=name), 1, name, "another kind", "Ed25519")
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-out", "old.key", cwd=w.dir)
    w.refuses(sign_args(key="old.key"), 1, "old.key", "EC PARAMETERS")


def another_key_is_refused(w):
    w.sign()
    w.ok("keygen", "-o", "other")
    at = w.read("app.ferry")[11] + 14
    w.refuses(["verify", "app.ferry", "--key", "other.pub"], 1, f"byte {at}:", "E_SIG")


def another_slot_than_the_one_asked_for_is_refused(w):
    w.sign(slot=3)
    w.refuses(["verify", "app.ferry", "--key", "test.pub", "--slot", "2"], 1, "byte 8",
              "E_KID", "slot 3")


# Every byte of the head, every seventh of the rest: the engine's tests flip every bit.
def flipped_bytes_of_the_envelope_are_refused(w):
    good = w.artifact()
    for at in [*range(12), *range(12, good[11] + 78, 7), good[11] + 77]:
        said = verify_refuses(w, flipped(good, at, 1 << at % 8))
        head = at < 12 and at not in (5, 8, 11)
        assert not head or f"byte {at}: E_FRAME" in said, said


def a_flipped_byte_of_the_block_table_is_refused(w):
    good = w.artifact()
    env = good[11] + 78
    for at in (0, 20, 47):
        verify_refuses(w, flipped(good, env + at), f"byte {env}", "E_BLOCKS")


def a_flipped_byte_of_the_image_names_its_block(w):
    good = w.artifact()
    start = good[11] + 78 + 48
    for at, block in ((0, 0), (4095, 0), (4096, 1), (8192, 2), (9999, 2)):
        verify_refuses(w, flipped(good, start + at), f"byte {start + block * 4096}",
                       "E_BLOCK:", f"block {block} of 3")


def every_kind_of_truncation_is_refused_with_its_place(w):
    good = w.artifact()
    env = good[11] + 78
    cuts = {0: "head", 1: "head", 11: "head", 12: "envelope", env - 1: "envelope",
            env: "block table", env + 47: "block table", env + 48: "image",
            env + 5000: "image", len(good) - 1: "image"}
    for cut, part in cuts.items():
        verify_refuses(w, good[:cut], f"byte {cut}: E_LEN", part)


def extra_bytes_are_refused_with_their_place(w):
    good = w.artifact()
    verify_refuses(w, good + b"\0", f"byte {len(good)}: E_LEN", "1 more")
    verify_refuses(w, good + good, f"byte {len(good)}: E_LEN")


def foreign_files_are_refused_by_every_verb(w):
    for data in (b"\x7fELF" + bytes(500), b"hello, world\n" * 40,
                 b"\xd2\x84\x43\xa1" * 9):  # another COSE_Sign1
        w.write("foreign", data)
        w.refuses(["inspect", "foreign"], 1, "foreign", "not a Ferry artifact")
        w.refuses(["tbs", "foreign", "-o", "out"], 1, "foreign", "not a Ferry artifact")
        verify_refuses(w, data, "not a Ferry artifact", "E_FRAME")


def a_signature_with_s_plus_the_group_order_is_refused(w):
    good = w.artifact()
    env = good[11] + 78
    s = int.from_bytes(good[env - 32:env], "little") + ED25519_ORDER
    data = good[:env - 32] + s.to_bytes(32, "little") + good[env:]
    verify_refuses(w, data, f"byte {env - 32}", "E_SIG", "order")


def a_payload_length_below_24_is_refused(w):
    verify_refuses(w, w.artifact()[:11] + b"\x17" + bytes(200), "byte 11: E_LEN")


def tbs_does_not_overwrite_its_artifact(w):
    w.sign()
    w.refuses(["tbs", "app.ferry", "-o", "./app.ferry"], 1, "artifact itself")


# ---- signed by a careless signer -------------------------------------------------


def manifest(w, **changes):
    """Pairs of a good manifest for w.image, by key; None removes one."""
    table = split(w.artifact())[1]
    pairs = {0: 1, 1: bytes(16), 2: 0, 3: 1, 4: 1, 5: 1, 6: len(w.image),
             7: hashlib.sha256(w.image).digest(), 8: 0,
             14: hashlib.sha256(table).digest()}
    pairs.update({int(k[1:]): v for k, v in changes.items()})
    rows = [(k, v) for k, v in sorted(pairs.items()) if v is not None]
    return cbor_map(rows), table


# name, changes to a good manifest, what the line says
MANIFEST_ROWS = [
    ("an unknown critical key", {"k16": 1}, ["byte 12", "E_CRIT"]),
    ("an unknown receiver-critical key", {"k23": 1}, ["byte 12", "E_CRIT"]),
    ("a missing key", {"k4": None}, ["E_MISSING"]),
    ("a class of 15 bytes", {"k1": bytes(15)}, ["E_TYPE"]),
    ("another type", {"k0": 2}, ["E_TYPE"]),
    ("an encoding", {"k10": 1}, ["E_ENC"]),
    ("a transfer length without encoding", {"k11": 4}, ["E_ENC"]),
    ("length 0", {"k6": 0}, ["E_SIZE"]),
    ("a length not in fours", {"k6": 9999}, ["E_SIZE"]),
    ("a length of 2^32 - 4", {"k6": 0xFFFFFFFC}, ["E_SIZE"]),
    ("another hash than the image's", {"k7": bytes(32)}, ["E_HASH"]),
    ("another hash than the table's", {"k14": bytes(32)}, ["E_BLOCKS"]),
]


def manifest_row(changes, fragments):
    def body(w):
        want_openssl()
        payload, table = manifest(w, **changes)
        verify_refuses(w, signed(w, payload) + table + w.image, *fragments)
    return body


def an_artifact_signed_by_openssl_is_good(w):
    want_openssl()
    payload, table = manifest(w)
    w.write("good.ferry", signed(w, payload) + table + w.image)
    w.ok("verify", "good.ferry", "--key", "test.pub")


def an_envelope_of_another_algorithm_or_of_a_statement_is_refused(w):
    want_openssl()
    payload, table = manifest(w)
    rest = table + w.image
    verify_refuses(w, signed(w, payload, alg=0x26) + rest, "byte 5", "E_FRAME")
    verify_refuses(w, signed(w, payload, kid=0x80) + rest, "byte 8", "E_KID")
    verify_refuses(w, envelope(payload) + rest, "E_SIG")


TESTS = [
    keys_of_other_kinds_are_refused, another_key_is_refused,
    another_slot_than_the_one_asked_for_is_refused,
    flipped_bytes_of_the_envelope_are_refused,
    a_flipped_byte_of_the_block_table_is_refused,
    a_flipped_byte_of_the_image_names_its_block,
    every_kind_of_truncation_is_refused_with_its_place,
    extra_bytes_are_refused_with_their_place, foreign_files_are_refused_by_every_verb,
    a_signature_with_s_plus_the_group_order_is_refused,
    a_payload_length_below_24_is_refused, tbs_does_not_overwrite_its_artifact,
    an_artifact_signed_by_openssl_is_good,
    an_envelope_of_another_algorithm_or_of_a_statement_is_refused,
]


def add_to(tests):
    for name, options, code, fragments in SIGN_ROWS:
        tests.add(f"sign refuses {name}", sign_row(options, code, fragments))
    for name, args, code, fragments in COMMAND_ROWS:
        tests.add(f"ferry refuses {name}", command_row(args, code, fragments))
    for name, changes, fragments in MANIFEST_ROWS:
        tests.add(f"verify refuses {name}", manifest_row(changes, fragments))
    for test in TESTS:
        tests.add(test.__name__, test)
