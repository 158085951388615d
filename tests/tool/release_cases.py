# SPDX-License-Identifier: Apache-2.0
#
# Whole releases: all artifacts of one in one call, out of a release file; and what
# `ferry sign --release` does not let out of the house.
from factory_kit import LINK, map_text
from image_cases import elf
from kit import CLASS, SIGN, arguments, sign_args

HEAD = {"slot": 3, "class": CLASS, "version": "1.3.0", "sec-ctr": 7, "map": "map.txt",
        "build-id": "v1.3.0-0-gabc", "build-time": 1700000000}
SECTIONS = {"b0-old.ferry": {"hw": "2-3", "image": "b0.elf"},
            "b1-old.ferry": {"hw": "2-3", "image": "b1.elf"},
            "b0-new.ferry": {"hw": 4, "image": "b0n.elf"},
            "b1-new.ferry": {"hw": 4, "image": "b1n.elf", "min-from": "1.2.0"}}


def release_text(head=None, sections=None, more=""):
    """`head` and `sections` change those above; None leaves a key out."""
    lines = ["# a release, for tests"]
    for key, value in {**HEAD, **(head or {})}.items():
        lines += [f'{key} = "{value}"  # {key}'] if value is not None else []
    for name, keys in (SECTIONS if sections is None else sections).items():
        lines += ["", f"[{name}]", *(f"{key} = {value}" for key, value in keys.items())]
    return ("\n".join(lines) + "\n" + more).encode()


def prepare(w, *args, **options):
    """A release file in a folder of its own, with its images."""
    (w.dir / "src").mkdir()
    (w.dir / "out").mkdir()
    w.write("src/map.txt", map_text().encode())
    for name, link in (("b0", LINK[0]), ("b1", LINK[1])):
        w.write(f"src/{name}.elf", elf([(link, w.image)]))
        w.write(f"src/{name}n.elf", elf([(link, w.image[::-1])]))
    w.write("src/release.txt", release_text(*args, **options))


RELEASE = {"key": "test.key", "file": "src/release.txt", "output": "out"}


def release_args(**options):
    return arguments("sign", {**RELEASE, **options})


# ---- a release file --------------------------------------------------------------


def a_release_file_makes_what_single_calls_make(w):
    prepare(w)
    w.ok(*release_args())
    assert sorted(p.name for p in (w.dir / "out").iterdir()) == sorted(SECTIONS)
    for name, keys in SECTIONS.items():
        alone = {**HEAD, **keys, "image": f"src/{keys['image']}", "map": "src/map.txt",
                 "key": "test.key", "output": "alone.ferry"}
        w.ok(*arguments("sign", alone))
        assert w.read("alone.ferry") == w.read(f"out/{name}"), name
        w.ok("verify", f"out/{name}", "--key", "test.pub", "--slot", "3")


def a_release_is_the_same_bytes_again(w):
    prepare(w)
    (w.dir / "again").mkdir()
    w.ok(*release_args())
    w.ok(*release_args(output="again"))
    for name in SECTIONS:
        assert w.read(f"out/{name}") == w.read(f"again/{name}")


def the_command_line_says_what_the_release_file_does_not(w):
    prepare(w, {"version": None, "build-id": None})
    w.ok(*release_args(version="1.3.0", **{"build-id": HEAD["build-id"]}))
    first = w.read("out/b0-old.ferry")
    w.write("src/release.txt", release_text())
    w.ok(*release_args())
    assert w.read("out/b0-old.ferry") == first


def nothing_of_a_release_is_written_if_one_artifact_is_bad(w):
    prepare(w)
    w.write("src/b1n.elf", w.read("src/b1n.elf")[:-1])
    w.refuses(release_args(), 1, "src/b1n.elf", "ends at byte")
    w.write("src/b1n.elf", elf([(LINK[1], w.image)]))
    (w.dir / "out" / "b1-new.ferry").mkdir()
    w.refuses(release_args(), 1, "out/b1-new.ferry", "not a regular file")


# name, changes above the sections, the sections, what follows, what the line says
FILE_ROWS = [
    ("an unknown key", {"colour": "red"}, None, "", ["line 9", "no such key", "colour"]),
    ("a key twice", {}, None, "hw = 5\n", ["line 26", "hw is given twice"]),
    ("a key of the whole in a section", {}, None, "version = 1.0.0\n",
     ["line 26", "version", "above the first section"]),
    ("a missing key", {"class": None}, None, "", ["[b0-old.ferry]", "class is missing"]),
    ("a bad value", {"version": "1.2"}, None, "", ["line 4", "version '1.2'", "X.Y.Z"]),
    ("a bad value in a section", {}, {"a.ferry": {"hw": "9-1", "image": "b0.elf"}}, "",
     ["line 11", "hw '9-1'"]),
    ("no sections", {}, {}, "", ["no [section]"]),
    ("a section twice", {}, None, "[b0-old.ferry]\n", ["line 26", "twice"]),
    ("a section in another folder", {}, None, "[../a.ferry]\n", ["[../a.ferry]"]),
    ("a hidden section", {}, None, "[.a]\n", ["[.a]"]),
    ("a section without a name", {}, None, "[]\n", ["[]"]),
    ("a line of words", {}, None, "hello\n", ["line 26", "hello"]),
    ("an open quote", {}, None, 'hw = "2\n', ["line 26", "quotes"]),
    ("quotes inside", {}, None, 'hw = 2"3"\n', ["line 26", "quotes"]),
    ("two for the same devices", {}, None, "[x.ferry]\nhw = 3-9\nimage = b0.elf\n",
     ["[b0-old.ferry] and [x.ferry]", "same bank and hardware"]),
    ("33 artifacts", {}, {f"{i}.ferry": {} for i in range(33)}, "", ["more than 32"]),
    ("a NUL", {}, None, "\0", ["not a text file"]),
    ("a missing image", {}, {"a.ferry": {"hw": 1, "image": "none.elf"}}, "",
     ["src/none.elf", "No such file"]),
]


def file_row(head, sections, more, fragments):
    def body(w):
        prepare(w, head, sections, more)
        w.refuses(release_args(), 1, *fragments)
    return body


def what_is_in_the_release_file_and_on_the_command_line_is_refused(w):
    prepare(w)
    w.refuses(release_args(version="1.3.1"), 2, "--version", "line 4", "src/release.txt")
    w.refuses(release_args(file="absent.txt"), 1, "absent.txt")
    w.refuses(release_args(output="absent"), 1, "absent/b0-old.ferry")
    w.refuses(release_args(output="src/release.txt"), 1, "Not a directory")


def a_number_sign_in_quotes_is_no_comment(w):
    prepare(w, {"build-id": "build #7"})
    w.ok(*release_args())
    assert b'"build #7"' in w.ok("inspect", "out/b0-old.ferry")


# ---- --release -------------------------------------------------------------------


def before(w, **options):
    """own.key, and old.ferry: what devices run now."""
    w.ok("keygen", "-o", "own")
    w.sign(key="own.key", output="old.ferry", **{"version": "1.2.3", **options})


NEW = {"key": "own.key", "version": "1.3.0", "release": True, "previous": "old.ferry",
       "build-id": "v1.3.0-0-gabc"}


def new_args(**options):
    return arguments("sign", {**SIGN, **NEW, **options})


def a_release_that_follows_the_rules_is_signed(w):
    before(w)
    said = w.ok(*new_args())
    assert b"net" not in said
    w.ok("verify", "app.ferry", "--key", "own.pub")
    w.ok(*new_args(previous="none", version="9.0.0"))
    w.ok(*new_args(version="2.0.0"))
    w.ok(*new_args(version="3.0.0", force=True))


# name, changes to a good `ferry sign --release`, code, what the line says
RULE_ROWS = [
    ("no build id", {"build-id": None}, 1, ["build-id"]),
    ("a dirty build", {"build-id": "v1.3.0-2-gabc-dirty"}, 1, ["dirty", "no commit"]),
    ("no previous artifact", {"previous": None}, 1, ["previous"]),
    ("the same version", {"version": "1.2.3"}, 1, ["1.2.3 is not newer", "old.ferry"]),
    ("an older version", {"version": "1.2.2"}, 1, ["1.2.2 is not newer than 1.2.3"]),
    ("a jump of two majors", {"version": "3.0.0"}, 1, ["3.0.0 jumps", "--force"]),
    ("a lower counter", {"sec-ctr": 6}, 1, ["below the floor 0x03000007"]),
    ("a lower slot", {"slot": 2, "sec-ctr": 99}, 1, ["slot 2", "below the floor"]),
    ("another class", {"class": "00" * 16}, 1, ["old.ferry", "another class"]),
    ("a previous artifact that is none", {"previous": "image.bin"}, 1, ["image.bin"]),
    ("a previous artifact that is missing", {"previous": "gone"}, 1, ["gone"]),
    ("a jump that is forced without a release", {"release": None, "force": True}, 2,
     ["--force is about --release"]),
]


def rule_row(options, code, fragments):
    def body(w):
        before(w)
        w.refuses(new_args(**options), code, *fragments)
    return body


def sign_says_when_a_release_removes_the_crash_loop_net(w):
    before(w)
    rows = [({"sec-ctr": 7}, False), ({"sec-ctr": 8}, True),
            ({"slot": 4, "sec-ctr": 0}, True), ({"slot": 7, "sec-ctr": 7}, False),
            ({"slot": 7, "sec-ctr": 8}, True)]
    for options, removes in rows:
        for release in (True, None):
            said = w.ok(*new_args(**{**options, "release": release}))
            assert (b"removes the crash-loop net" in said) == removes, options
    assert b"1.2.3 (slot 3, security counter 7) is below the floor" in w.ok(
        *new_args(**{"sec-ctr": 8}))


def a_whole_release_follows_the_rules(w):
    before(w, link=hex(LINK[0]))
    prepare(w, {"previous": "../old.ferry"})
    w.ok(*release_args(release=True, key="own.key"))
    w.write("src/release.txt", release_text({"previous": "../old.ferry",
                                             "version": "1.2.0"}))
    w.refuses(release_args(release=True, key="own.key"), 1, "not newer")


def nothing_is_asked_for_before_everything_is_read(w):
    w.env["FERRY_PIN"] = "0"
    w.refuses(sign_args(key=None, pkcs11="pkcs11:token=x?module-path=none.so",
                        image="absent.bin"), 1, "absent.bin")


TESTS = [a_release_file_makes_what_single_calls_make, a_release_is_the_same_bytes_again,
         the_command_line_says_what_the_release_file_does_not,
         nothing_of_a_release_is_written_if_one_artifact_is_bad,
         what_is_in_the_release_file_and_on_the_command_line_is_refused,
         a_number_sign_in_quotes_is_no_comment,
         a_release_that_follows_the_rules_is_signed,
         sign_says_when_a_release_removes_the_crash_loop_net,
         a_whole_release_follows_the_rules,
         nothing_is_asked_for_before_everything_is_read]


def add_to(tests):
    for test in TESTS:
        tests.add(test.__name__, test)
    for name, head, sections, more, fragments in FILE_ROWS:
        tests.add(f"sign refuses a release file with {name}",
                  file_row(head, sections, more, fragments))
    for name, options, code, fragments in RULE_ROWS:
        tests.add(f"sign --release refuses {name}", rule_row(options, code, fragments))
