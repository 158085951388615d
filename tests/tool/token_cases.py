# SPDX-License-Identifier: Apache-2.0
#
# Keys on tokens: made in SoftHSM, never out of it, used by `ferry sign` and `ferry
# pubkey`, and believed by others. And each way in which a token does not sign.
import signal

from factory_kit import LINK, factory, map_text
from kit import openssl, split
from push_kit import BOTH, Device, factory_again, installed, push
from token_kit import (MODULE, PIN, Asked, call, faulty, new_key, new_token, token_args,
                       tokens, uri)

# ---- signing ---------------------------------------------------------------------


def sign(w, name=None, **options):
    w.ok(*token_args(name, **options))


def public(w, name=None):
    w.ok("pubkey", "--pkcs11", name or uri(), "-o", "token.pub")
    return w.read("token.pub")


def a_key_that_never_leaves_its_token_signs_and_all_agree(w):
    tokens(w)
    listed = call(w, "pkcs11-tool", "--module", MODULE, "--token-label", "release",
                  "--login", "--pin", PIN, "--list-objects", "--type", "privkey")
    assert listed.count("never extractable") == 2, listed
    public(w)
    sign(w)
    w.ok("verify", "app.ferry", "--key", "token.pub")
    env = split(w.read("app.ferry"))[0]
    w.write("sig.bin", env[-64:])
    w.ok("tbs", "app.ferry", "-o", "tbs.bin")
    openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "token.pub", "-in",
            "tbs.bin", "-sigfile", "sig.bin", cwd=w.dir)


def a_device_installs_what_a_token_signed(w):
    tokens(w)
    w.write("own.pub", public(w))
    w.write("map.txt", map_text().encode())
    sign(w, link=LINK[0])
    factory(w)
    factory_again(w)
    w.write("new.bin", w.image * 2)
    for name, link in zip(BOTH, LINK):
        sign(w, image="new.bin", version="1.3.0", link=link, output=name)
    with Device(w):
        assert push(w, *BOTH)["result"] == "installed"
        assert installed(w)


def the_same_key_and_inputs_give_the_same_bytes(w):
    tokens(w)
    sign(w)
    sign(w, output="again.ferry")
    assert w.read("app.ferry") == w.read("again.ferry")


def pubkey_needs_no_pin_and_names_the_key_that_signs(w):
    tokens(w)
    del w.env["FERRY_PIN"]
    shown = w.ok("pubkey", "--pkcs11", uri())
    assert shown == public(w) != public(w, uri("object=slot1"))
    openssl("pkey", "-pubin", "-in", "token.pub", "-noout", cwd=w.dir)


def pubkey_of_a_file_is_its_public_half(w):
    assert w.ok("pubkey", "--key", "test.key") == w.read("test.pub")
    assert w.ok("pubkey", "--key", "test.pub") == w.read("test.pub")
    w.ok("pubkey", "--key", "test.key", "-o", "again.pub")
    assert w.read("again.pub") == w.read("test.pub")


def a_key_is_named_by_its_id_by_its_label_and_by_percent_signs(w):
    tokens(w)
    first = public(w)
    for path in ("id=%01", "token=release;id=%01", "object=%73lot0", "token=%72elease;"
                 "type=private;object=slot0;id=%01"):
        assert public(w, uri(path)) == first, path


def a_point_without_an_octet_string_around_it_is_the_same_key(w):
    tokens(w)
    want = public(w)
    assert public(w, faulty(w, "bare point")) == want
    sign(w, faulty(w, "bare point"))
    w.ok("verify", "app.ferry", "--key", "token.pub")


def a_key_that_wants_its_pin_each_time_signs(w):
    tokens(w)
    new_key(w, "careful", "03", "--always-auth")
    sign(w, uri("object=careful"))
    public(w, uri("object=careful"))
    w.ok("verify", "app.ferry", "--key", "token.pub")


# ---- the PIN ---------------------------------------------------------------------


def the_pin_may_be_in_a_file(w):
    tokens(w)
    del w.env["FERRY_PIN"]
    w.write("pin.txt", PIN.encode() + b"\n")
    for form in (f"file:{w.dir}/pin.txt", f"file://{w.dir}/pin.txt", f"{w.dir}/pin.txt"):
        sign(w, uri(query=f"&pin-source={form}"))


def a_person_types_the_pin_and_the_terminal_does_not_show_it(w):
    tokens(w)
    del w.env["FERRY_PIN"]
    person = Asked(w, *token_args())
    person.sees(b"PIN of token release: ")
    person.types(PIN.encode() + b"\n")
    code, said, shown = person.leaves()
    assert code == 0, said
    assert PIN.encode() not in shown
    public(w)
    w.ok("verify", "app.ferry", "--key", "token.pub")


def an_interrupted_question_ends_ferry_and_leaves_nothing(w):
    tokens(w)
    del w.env["FERRY_PIN"]
    before = w.snapshot()
    person = Asked(w, *token_args())
    person.sees(b"PIN of token release: ")
    person.types(b"\x03")
    assert person.leaves()[0] == -signal.SIGINT
    assert w.snapshot() == before


# ---- what does not sign ----------------------------------------------------------


def refuses(w, code, name, *fragments, **options):
    return w.refuses(token_args(name, **options), code, *fragments)


def a_wrong_pin_is_refused(w):
    tokens(w)
    w.env["FERRY_PIN"] = "0000"
    refuses(w, 1, None, "C_Login", "CKR_PIN_INCORRECT")


def an_empty_pin_a_long_one_and_none_are_refused(w):
    tokens(w)
    w.env["FERRY_PIN"] = ""
    refuses(w, 1, None, "PIN of token release is empty")
    w.env["FERRY_PIN"] = "1" * 256
    refuses(w, 1, None, "longer than 255")
    del w.env["FERRY_PIN"]
    refuses(w, 1, None, "no PIN of token release", "FERRY_PIN", "no terminal")
    absent = uri(query="&pin-source=file:absent.txt")
    refuses(w, 1, absent, "absent.txt", "No such file")


def a_pin_on_the_command_line_is_refused_and_not_repeated(w):
    said = refuses(w, 2, uri(query=f"&pin-value={PIN}"), "pin-source", "FERRY_PIN")
    assert PIN not in said


def a_token_that_is_pulled_out_while_it_signs_leaves_nothing(w):
    tokens(w)
    refuses(w, 1, faulty(w, "gone"), "C_Sign", "CKR_DEVICE_REMOVED")


def a_signature_that_does_not_hold_is_not_written(w):
    tokens(w)
    refuses(w, 1, faulty(w, "wrong"), "E_SIG", "does not hold")
    refuses(w, 1, faulty(w, "short"), "63 bytes")


def a_public_half_of_another_kind_is_refused(w):
    tokens(w)
    refuses(w, 1, faulty(w, "cut point"), "public half", "32")


def modules_that_are_none_are_refused(w):
    tokens(w)
    refuses(w, 2, "pkcs11:token=release", "module-path")
    refuses(w, 1, uri(module="absent.so"), "absent.so")
    refuses(w, 1, uri(module="image.bin"), "image.bin")
    refuses(w, 1, uri(module="libdl.so.2"), "libdl.so.2", "C_GetFunctionList")
    refuses(w, 1, faulty(w, "start"), "C_Initialize", "CKR_DEVICE_REMOVED")
    refuses(w, 1, faulty(w, "version"), "version 2")


def two_matching_keys_are_refused_and_listed(w):
    tokens(w)
    refuses(w, 1, uri("token=release"), "names 2 private", "object=slot0 id=01",
            "object=slot1 id=02")
    new_key(w, "slot0", "04")
    refuses(w, 1, uri("object=slot0"), "names 2 private", "id=01", "id=04")
    sign(w, uri("object=slot0;id=%04"))


def no_matching_key_is_refused_and_the_others_listed(w):
    tokens(w)
    new_key(w, "p256", "07", kind="EC:prime256v1")
    said = refuses(w, 1, uri("object=p256"), "no such private Ed25519 key",
                   "object=slot0 id=01", "object=slot1 id=02")
    assert "id=07" not in said
    new_token(w, "bare")
    refuses(w, 1, uri("token=bare"), "token bare has none")


def two_matching_tokens_are_refused_before_either_sees_a_pin(w):
    tokens(w)
    new_token(w, "release")
    w.env["FERRY_PIN"] = "0000"
    said = refuses(w, 1, None, "names 2 tokens", "token=release;serial=")
    assert "PIN" not in said
    refuses(w, 1, uri("token=absent"), "no such token", "token=release")


def a_key_without_its_public_half_is_refused(w):
    tokens(w)
    call(w, "pkcs11-tool", "--module", MODULE, "--token-label", "release", "--login",
         "--pin", PIN, "--delete-object", "--type", "pubkey", "--label", "slot0")
    refuses(w, 1, None, "public half is not there")
    w.refuses(["pubkey", "--pkcs11", uri()], 1, "no such public", "object=slot1 id=02")


# the part of a URI that is wrong, what the line says
URI_ROWS = [
    ("file:x.key", "pkcs11:"),
    ("pkcs11:tokn=release", "tokn"),
    ("pkcs11:release", "NAME=VALUE"),
    ("pkcs11:token=a;token=b", "twice"),
    ("pkcs11:token=%4", "two hexadecimal digits"),
    ("pkcs11:token=%zz", "two hexadecimal digits"),
    ("pkcs11:token=" + "t" * 256, "longer than 255"),
    ("pkcs11:token=a%00b", "0 byte"),
    ("pkcs11:slot-id=first", "slot-id 'first'"),
    ("pkcs11:type=cert", "type 'cert'"),
    ("pkcs11:token=a?pin-source=%7Ccat%20pin", "file:PATH"),
    ("pkcs11:token=a?token=b", "behind '?'"),
    ("pkcs11:module-path=m.so", "before '?'"),
]


def uri_row(name, fragment):
    def body(w):
        refuses(w, 2, name, fragment)
    return body


def pubkey_wants_one_key(w):
    w.refuses(["pubkey"], 2, "--key", "--pkcs11")
    w.refuses(["pubkey", "--key", "test.key", "--pkcs11", uri()], 2, "one of")
    w.refuses(["pubkey", "--key", "test.key", "-o", "./test.key"], 1, "key itself")


def sign_wants_one_key(w):
    refuses(w, 2, None, "only one of --key", key="test.key")
    refuses(w, 2, None, "only one of --key", unsigned=True)


TESTS = [f for f in list(globals().values())
         if callable(f) and getattr(f, "__module__", "") == __name__
         and f not in (sign, public, refuses, uri_row)]


def add_to(tests):
    for test in TESTS:
        tests.add(test.__name__, test)
    for name, fragment in URI_ROWS:
        tests.add(f"sign refuses the URI {name[:40]}", uri_row(name, fragment))
