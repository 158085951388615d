# SPDX-License-Identifier: Apache-2.0
#
# docs/SIGNING.md does what it says: its sh blocks run in their order, with its toml
# blocks as the files that they name, SoftHSM as the HSM, and small images.
import os
import pathlib
import re
import subprocess

from factory_kit import LINK, map_text
from image_cases import elf
from kit import HERE, Skip, want_openssl
from token_kit import MODULE, PIN, use_tokens, want_softhsm

DOC = HERE.parents[1] / "docs" / "SIGNING.md"
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.S | re.M)


def blocks():
    return FENCED.findall(DOC.read_text(encoding="utf-8"))


def prepare(w):
    want_openssl()
    want_softhsm()
    (w.dir / "tokens").mkdir()
    use_tokens(w)
    folder = pathlib.Path(w.ferry).parent
    w.env.update(FERRY_PIN=PIN, FERRY_PASSPHRASE="of the test", MODULE=MODULE,
                 PATH=f"{folder}{os.pathsep}{w.env['PATH']}")
    w.write("board.map", map_text().encode())
    for bank, link in enumerate(LINK):
        w.write(f"app-bank{bank}.elf", elf([(link, w.image)]))


def run_blocks(w):
    """Each block in a shell of its own; the output of all."""
    said = b""
    for kind, text in blocks():
        if kind == "toml":
            w.write(re.match(r"# (\S+)\n", text).group(1), text.encode())
        elif kind == "sh":
            done = subprocess.run(["sh", "-e"], input=text.encode(), cwd=w.dir, env=w.env,
                                  capture_output=True, start_new_session=True)
            if b"built without libcrypto" in done.stderr:
                raise Skip("built without libcrypto")
            assert done.returncode == 0, text + done.stderr.decode()
            said += done.stdout
    return said


def the_signing_document_does_what_it_says(w):
    prepare(w)
    said = run_blocks(w)
    for words in (b"slot0", b"out/bank0.ferry: good", b"device.txt takes it into bank 0",
                  b"bank0.ferry: the signature of bank0.sig holds under kms.pub"):
        assert words in said, words
    assert b"crash-loop net" not in said


def add_to(tests):
    tests.add(the_signing_document_does_what_it_says.__name__,
              the_signing_document_does_what_it_says)
