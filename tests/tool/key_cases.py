# SPDX-License-Identifier: Apache-2.0
#
# Keys behind passphrases, signatures that are made elsewhere, and the table of the
# eight keys that a product is born with.
import base64
import json
import os
import shutil
import subprocess

from factory_kit import factory, prepare, read_hex, read_identity
from kit import HERE, OPENSSL, Skip, openssl, sign_args, split
from token_kit import Asked

# ---- passphrases -----------------------------------------------------------------

PASS = "correct horse"


def want_locks(w):
    """A locked key, if this ferry can."""
    w.env["FERRY_PASSPHRASE"] = PASS
    done = w.run("keygen", "--lock", "-o", "own")
    if b"built without libcrypto" in done.stderr:
        raise Skip("built without libcrypto")
    assert done.returncode == 0, done.stderr


def a_locked_key_signs_with_its_passphrase(w):
    want_locks(w)
    w.sign(key="own.key")
    w.ok("verify", "app.ferry", "--key", "own.pub")
    assert w.ok("pubkey", "--key", "own.key") == w.read("own.pub")


def openssl_reads_a_locked_key(w):
    want_locks(w)
    public = openssl("pkey", "-in", "own.key", "-passin", f"pass:{PASS}", "-pubout",
                     cwd=w.dir)
    assert public == w.read("own.pub")
    kind = openssl("asn1parse", "-in", "own.key", cwd=w.dir)
    assert b":PBES2" in kind and b":scrypt" in kind and b":aes-256-cbc" in kind


def keys_that_openssl_locked_sign(w):
    want_locks(w)
    for number, how in enumerate((["-v2", "aes-256-cbc"], ["-scrypt"],
                                  ["-v2", "aes128", "-v2prf", "hmacWithSHA512"])):
        openssl("pkcs8", "-topk8", "-in", "test.key", "-out", f"{number}.key", "-passout",
                f"pass:{PASS}", *how, cwd=w.dir)
        w.sign(key=f"{number}.key")
        w.ok("verify", "app.ferry", "--key", "test.pub")


def a_passphrase_comes_out_of_a_file_before_it_comes_out_of_the_environment(w):
    want_locks(w)
    w.write("pass.txt", b"another one\r\n")
    w.ok("keygen", "--passphrase-file", "pass.txt", "-o", "two")
    w.sign(key="two.key", passphrase_file="pass.txt")
    w.refuses(sign_args(key="two.key"), 1, "two.key", "passphrase does not open it")


def a_person_locks_a_key_and_opens_it(w):
    want_locks(w)
    del w.env["FERRY_PASSPHRASE"]
    answer(w, [PASS, PASS], 0, "keygen", "--lock", "-o", "asked")
    shown = answer(w, [PASS], 0, *sign_args(key="asked.key"))
    assert PASS.encode() not in shown
    w.ok("verify", "app.ferry", "--key", "asked.pub")
    answer(w, [PASS, PASS + "!"], 1, "keygen", "--lock", "-o", "slip")
    assert not list(w.dir.glob("slip*"))


def answer(w, texts, code, *args):
    person = Asked(w, *args)
    for number, text in enumerate(texts):
        person.sees(b", again: " if number > 0 else b": ")
        person.types(text.encode() + b"\n")
    ended, said, shown = person.leaves()
    assert ended == code, said
    return shown


def wrong_passphrases_and_damaged_locks_are_refused(w):
    want_locks(w)
    w.env["FERRY_PASSPHRASE"] = "battery staple"
    w.refuses(sign_args(key="own.key"), 1, "own.key", "passphrase does not open it")
    w.env["FERRY_PASSPHRASE"] = ""
    w.refuses(["keygen", "--lock", "-o", "empty"], 1, "empty.key is empty")
    w.env["FERRY_PASSPHRASE"] = PASS
    lines = w.read("own.key").split(b"\n")
    w.write("bad.key", b"\n".join([lines[0], lines[1][4:], *lines[2:]]))
    w.refuses(sign_args(key="bad.key"), 1, "bad.key", "no encrypted PKCS#8")
    openssl("genpkey", "-algorithm", "x25519", "-aes256", "-pass", f"pass:{PASS}",
            "-out", "x.key", cwd=w.dir)
    w.refuses(sign_args(key="x.key"), 1, "x.key", "another kind")
    w.refuses(sign_args(key=None, unsigned=True, passphrase_file="image.bin"), 2,
              "--passphrase-file is about --key")


# ---- signatures made elsewhere ---------------------------------------------------


def unsigned(w, **options):
    """app.unsigned, app.tbs, and app.sig as a KMS would make it."""
    if OPENSSL is None:
        raise Skip("no openssl")
    w.ok("keygen", "-o", "kms")
    w.sign(key=None, unsigned=True, output="app.unsigned", **options)
    w.ok("tbs", "app.unsigned", "-o", "app.tbs")
    w.write("app.sig", openssl("pkeyutl", "-sign", "-rawin", "-inkey", "kms.key", "-in",
                               "app.tbs", cwd=w.dir))


def attach_args(**options):
    want = {"sig": "app.sig", "key": "kms.pub", "output": "app.ferry", **options}
    rest = [word for name, value in want.items() if value is not None
            for word in ([f"--{name}"] if value is True else [f"--{name}", value])]
    return ["attach", "app.unsigned", *rest]


def a_signature_made_elsewhere_makes_the_artifact_that_sign_would_have_made(w):
    unsigned(w)
    w.sign(key="kms.key", output="signed.ferry")
    sig = w.read("app.sig")
    forms = {"raw": sig, "hex": sig.hex().encode() + b"\n",
             "HEX": b"\n".join(sig.hex().upper()[at:at + 32].encode()
                               for at in range(0, 128, 32)),
             "base64": base64.b64encode(sig) + b"\r\n",
             "unpadded": base64.b64encode(sig).rstrip(b"="),
             "url": base64.urlsafe_b64encode(sig).rstrip(b"=") + b"\n"}
    for name, text in forms.items():
        w.write("app.sig", text)
        w.ok(*attach_args())
        assert w.read("app.ferry") == w.read("signed.ferry"), name


def an_unsigned_artifact_is_no_artifact_yet(w):
    unsigned(w)
    w.refuses(["verify", "app.unsigned", "--key", "kms.pub"], 1, "E_SIG")
    assert split(w.read("app.unsigned"))[0][-64:] == bytes(64)


def attach_writes_nothing_that_does_not_verify(w):
    unsigned(w)
    sig = w.read("app.sig")
    rows = [(sig[:-1] + bytes([sig[-1] ^ 64]), "E_SIG"), (sig[:63], "63 bytes"),
            (sig + b"\n", "65 bytes"), (b"", "0 bytes"), (bytes(64), "E_SIG"),
            (sig.hex()[:-2].encode(), "126 bytes"), (b"x" * 128, "128 bytes"),
            (b"s" * 5000, "longer than 4096")]
    for data, fragment in rows:
        w.write("app.sig", data)
        w.refuses(attach_args(), 1, fragment)
    w.write("app.sig", sig)
    w.refuses(attach_args(key="test.pub"), 1, "E_SIG", "does not hold")
    w.refuses(attach_args(sig="absent.sig"), 1, "absent.sig")
    w.refuses(attach_args(key="absent.pub"), 1, "absent.pub")
    w.refuses(attach_args(output="app.sig"), 1, "one of the inputs")
    w.refuses(attach_args(output="absent/o"), 1, "absent/o")
    w.refuses(attach_args(sig=None), 2, "--sig")
    image = w.read("app.unsigned")
    w.write("app.unsigned", image[:-1] + bytes([image[-1] ^ 1]))
    w.refuses(attach_args(), 1, "E_BLOCK")


def attach_for_a_release_refuses_the_published_key(w):
    unsigned(w)
    w.ok(*attach_args(release=True))
    w.refuses(attach_args(release=True, key="test.pub"), 1, "published test key")


# ---- the key table ---------------------------------------------------------------


def four_keys(w):
    for name in ("zero", "one", "six", "rescue"):
        w.ok("keygen", "-o", name)


FOUR = ["--key=0=zero.pub", "--key=1=one.pub", "--key=6=six.pub", "--key=7=rescue.pub"]


def raw_key(w, name):
    return base64.b64decode(w.read(name).split(b"\n")[1])[12:]


def page_of(w, slots):
    return b"".join(b"\x27" + raw_key(w, slots[i]) + bytes(32) if i in slots
                    else bytes(65) for i in range(8))


def a_key_table_is_what_the_identity_block_has(w):
    four_keys(w)
    w.ok("keytable", *FOUR, "-o", "keys.bin")
    want = page_of(w, {0: "zero.pub", 1: "one.pub", 6: "six.pub", 7: "rescue.pub"})
    assert w.read("keys.bin") == want
    seen = json.loads(w.ok("keytable", "--check", "keys.bin", "--json"))
    assert seen["slot6"] == raw_key(w, "six.pub").hex() and seen["slot2"] is None
    assert b"empty: refuses" in w.ok("keytable", "--check", "keys.bin")
    prepare(w)
    factory(w, key=["3=own.pub"])
    memory = read_hex(w.read("out.hex"))
    block = bytes(memory[0x7F000 + i] for i in range(624))
    w.ok("keytable", "--key=3=own.pub", "-o", "one.bin")
    assert b"".join(read_identity(block)["keys"]) == w.read("one.bin")


def the_c_array_compiles_to_the_same_bytes(w):
    cc = shutil.which(os.environ.get("CC", "cc"))
    if cc is None:
        raise Skip("no C compiler")
    four_keys(w)
    w.ok("keytable", *FOUR, "-o", "keys.bin", "--c", "keys.c")
    w.write("main.c", b'#include <stdio.h>\n#include "keys.c"\nint main(void)\n'
            b"{ return fwrite(ferry_slots, 1, sizeof ferry_slots, stdout) != 520; }\n")
    subprocess.run([cc, "-Wall", "-Wextra", "-Werror", f"-I{HERE.parents[1]}/include",
                    "-o", "main", "main.c"], cwd=w.dir, check=True)
    done = subprocess.run([w.dir / "main"], check=True, capture_output=True)
    assert done.stdout == w.read("keys.bin")


def row(change):
    """A table with one thing wrong, as a page."""
    def page(w):
        return change(page_of(w, {0: "zero.pub", 7: "rescue.pub"}))
    return page


SMALL_ORDER = bytes.fromhex(
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
# what is wrong, the page, what the line says
PAGE_ROWS = [
    ("a key in two slots", row(lambda p: p[:65] + p[:65] + p[130:]), "slot 0 has the same"),
    ("a key of small order", row(lambda p: b"\x27" + SMALL_ORDER + p[33:]), "prime order"),
    ("no point at all", row(lambda p: b"\x27\x02" + bytes(31) + p[33:]), "prime order"),
    ("an algorithm that is none", row(lambda p: b"\x26" + p[1:]), "algorithm 26"),
    ("a key without an algorithm", row(lambda p: b"\0" + p[1:]), "algorithm 00"),
    ("a key of 33 bytes", row(lambda p: p[:33] + b"\1" + p[34:]), "more than 32"),
    ("no keys", row(lambda p: bytes(520)), "every slot is empty"),
    ("519 bytes", row(lambda p: p[1:]), "519 bytes"),
    ("521 bytes", row(lambda p: p + b"\0"), "longer than 520"),
    ("the test key", lambda w: page_of(w, {4: "test.pub"}), "slot 4", "published"),
]


def page_row(page, fragments):
    def body(w):
        four_keys(w)
        w.write("bad.bin", page(w))
        w.refuses(["keytable", "--check", "bad.bin"], 1, "bad.bin", *fragments)
    return body


def tables_that_no_device_should_be_born_with_are_not_made(w):
    four_keys(w)
    out = ["-o", "keys.bin"]
    rows = [(1, ["--key=0=zero.pub", "--key=1=zero.pub"], "slot 0 has the same key"),
            (1, ["--key=0=test.pub"], "published test key"),
            (1, ["--key=0=zero.key"], "private key"),
            (1, ["--key=0=absent.pub"], "absent.pub"),
            (2, ["--key=8=zero.pub"], "slot 0..7"),
            (2, ["--key=0=zero.pub", "--key=0=one.pub"], "given twice"),
            (2, [], "--key is missing"),
            (1, ["--key=0=zero.pub", "--c", "keys.bin"], "twice"),
            (1, ["--key=0=zero.pub", "--c", "zero.pub"], "inputs"),
            (2, ["--key=0=zero.pub", "--check", "zero.pub"], "--check")]
    for code, args, fragment in rows:
        w.refuses(["keytable", *args, *out], code, fragment)
    w.refuses(["keytable", *FOUR], 2, "--output or --c")
    w.refuses(["keytable", *FOUR, "-o", "k.bin", "--c", "absent/k.c"], 1, "absent/k.c")
    w.ok("keytable", "--key=0=test.pub", "--insecure-test-key", *out)


HELPERS = (want_locks, answer, unsigned, attach_args, four_keys, raw_key, page_of, row,
           page_row)
TESTS = [f for f in list(globals().values())
         if callable(f) and getattr(f, "__module__", "") == __name__
         and f not in HELPERS]


def add_to(tests):
    for test in TESTS:
        tests.add(test.__name__, test)
    for name, page, *fragments in PAGE_ROWS:
        tests.add(f"keytable refuses {name}", page_row(page, fragments))
