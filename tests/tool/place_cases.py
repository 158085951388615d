# SPDX-License-Identifier: Apache-2.0
#
# Every verb that writes files, where it cannot: a full disk, a folder that takes no
# files, one that is not there. One line, exit code 1, and no file, whole or in part.
import os

from kit import Skip, sign_args

TAKES_NONE = "/sys"  # the kernel's own: not even the superuser makes files there
RELEASE = b"""slot = 3
class = "6f0d9f1e-3f7c-5b0a-9c55-2b1d7c6e0a01"
version = 1.3.0
sec-ctr = 7
image = image.bin
[first.ferry]
hw = 1
link = 0x1000
image = small.bin
[second.ferry]
hw = 2
link = 0x2000
"""


def prepare(w):
    w.write("small.bin", b"1234")
    w.write("release.txt", RELEASE)
    w.ok("keygen", "-o", "own")
    w.sign()
    w.write("app.sig", w.read("app.ferry")[12 + w.read("app.ferry")[11] + 2:][:64])
    (w.dir / "out").mkdir()


# what is written, the command line before the place, what is added to the place
WRITERS = [
    ("a key pair", ["keygen", "-o"], "/new"),
    ("a public key", ["pubkey", "--key", "own.key", "-o"], "/new.pub"),
    ("a key table", ["keytable", "--key=0=own.pub", "-o"], "/keys.bin"),
    ("a key table in C", ["keytable", "--key=0=own.pub", "--c"], "/keys.c"),
    ("an artifact", [*sign_args(output=None), "-o"], "/new.ferry"),
    ("a release", ["sign", "--key", "test.key", "--file", "release.txt", "-o"], ""),
    ("to-be-signed bytes", ["tbs", "app.ferry", "-o"], "/new.tbs"),
    ("an attached signature", ["attach", "app.ferry", "--sig", "app.sig", "--key",
                               "test.pub", "-o"], "/new.ferry"),
]


def full_disk_row(args, name):
    def body(w):
        prepare(w)
        w.refuses([*args, f"out{name}"], 1, "cannot write out/", "File too large",
                  after="ulimit -f 0")
    return body


def a_disk_that_is_full_after_the_first_artifact_leaves_none_of_the_release(w):
    prepare(w)
    w.refuses(["sign", "--key", "test.key", "--file", "release.txt", "-o", "out"], 1,
              "out/second.ferry", "File too large", after="ulimit -f 8")


def unwritable_row(args, name):
    def body(w):
        prepare(w)
        if not os.path.isdir(TAKES_NONE):
            raise Skip(f"no {TAKES_NONE}")
        w.refuses([*args, TAKES_NONE + name], 1, "cannot write", TAKES_NONE)
    return body


def no_folder_row(args, name):
    def body(w):
        prepare(w)
        w.refuses([*args, f"absent{name}"], 1, "cannot write absent/", "No such file")
    return body


def add_to(tests):
    row = a_disk_that_is_full_after_the_first_artifact_leaves_none_of_the_release
    tests.add(row.__name__, row)
    for what, args, name in WRITERS:
        tests.add(f"a full disk for {what}", full_disk_row(args, name))
        tests.add(f"an unwritable folder for {what}", unwritable_row(args, name))
        tests.add(f"no folder for {what}", no_folder_row(args, name))
