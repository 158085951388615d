# SPDX-License-Identifier: Apache-2.0
#
# What the tests of keys on tokens stand on: a SoftHSM token with keys made by
# pkcs11-tool, and a person at a terminal of their own. Asserts nothing about the tool.
import os
import pathlib
import pty
import select
import shutil
import subprocess
import time

from kit import SIGN, Skip, arguments

PIN = "8421"
MODULES = [os.environ.get("SOFTHSM2_MODULE", ""),
           *(f"/usr/{lib}/softhsm/libsofthsm2.so"
             for lib in ("lib", "lib64", "local/lib"))]
MODULE = next((path for path in MODULES if path and os.path.exists(path)), None)
PATIENCE = 60  # seconds; how long anything here may take on a busy machine


def want_softhsm():
    for program in ("softhsm2-util", "pkcs11-tool"):
        if shutil.which(program) is None:
            raise Skip(f"no {program}")
    if MODULE is None:
        raise Skip("no module of SoftHSM; set SOFTHSM2_MODULE")


def call(w, *args):
    done = subprocess.run(args, cwd=w.dir, env=w.env, capture_output=True)
    assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()
    return done.stdout.decode()


def use_tokens(w):
    """SoftHSM keeps its tokens in a folder of the test's."""
    w.write("softhsm.conf", f"directories.tokendir = {w.dir / 'tokens'}\n".encode())
    w.env["SOFTHSM2_CONF"] = os.fspath(w.dir / "softhsm.conf")
    # SoftHSM loses a few bytes of OpenSSL's with each signature; ferry has none of its
    # own where tokens are used.
    w.write("leaks.txt", b"leak:libcrypto.so\n")
    w.env["LSAN_OPTIONS"] = f"suppressions={w.dir / 'leaks.txt'}:print_suppressions=0"


def new_token(w, label):
    call(w, "softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin",
         "1234", "--pin", PIN)


def new_key(w, label, number, *more, token="release", kind="EC:edwards25519"):
    call(w, "pkcs11-tool", "--module", MODULE, "--token-label", token, "--login",
         "--pin", PIN, "--keypairgen", "--key-type", kind, "--label", label, "--id",
         number, *more)


def make_tokens(w):
    (w.dir / "tokens").mkdir()
    use_tokens(w)
    new_token(w, "release")
    new_key(w, "slot0", "01")
    new_key(w, "slot1", "02")


def tokens(w):
    """A token "release" with the keys slot0 (id 01) and slot1 (id 02)."""
    want_softhsm()
    w.like(make_tokens)
    use_tokens(w)
    w.env["FERRY_PIN"] = PIN


def uri(path="token=release;object=slot0", query="", module=None):
    return f"pkcs11:{path}?module-path={module or MODULE}{query}"


def token_args(name=None, **options):
    return arguments("sign", {**SIGN, "key": None, "pkcs11": name or uri(), **options})


def faulty(w, fault):
    """The URI of the module that has this fault."""
    w.env.update(FERRY_TEST_MODULE=MODULE, FERRY_TEST_FAULT=fault)
    return uri(module=pathlib.Path(w.device).with_name("p11-proxy.so"))


class Asked:
    """ferry, with a terminal that it can ask at, and a person who answers."""

    def __init__(self, w, *args):
        self.master, slave = pty.openpty()
        # The first terminal that the leader of a session opens becomes its own.
        self.process = subprocess.Popen(
            ["sh", "-c", 'exec "$0" "$@" <"$TERMINAL"', w.ferry, *args], cwd=w.dir,
            env={**w.env, "TERMINAL": os.ttyname(slave)}, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.slave, self.shown = slave, b""
        w.children.append(self.process)

    def sees(self, text):
        end = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert time.monotonic() < end, self.shown
            if select.select([self.master], [], [], 0.05)[0]:
                self.shown += os.read(self.master, 4096)

    def types(self, text):
        os.write(self.master, text)

    def leaves(self):
        """Exit code, what it said, and all that the terminal showed."""
        _, err = self.process.communicate(timeout=PATIENCE)
        while select.select([self.master], [], [], 0)[0]:
            self.shown += os.read(self.master, 4096)
        os.close(self.master)
        os.close(self.slave)
        return self.process.returncode, err.decode(), self.shown
