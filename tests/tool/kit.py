# SPDX-License-Identifier: Apache-2.0
#
# What the tests of the ferry tool stand on: a scratch folder with keys and an image,
# running the tool, artifacts made by hand, and counting. Knows the envelope's bytes on
# its own, so that the tool is not measured by itself. Asserts nothing about the tool.
import collections
import concurrent.futures
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import threading
import traceback

ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
CLASS = "6f0d9f1e-3f7c-5b0a-9c55-2b1d7c6e0a01"
OPENSSL = shutil.which("openssl")
HERE = pathlib.Path(__file__).resolve().parent
FIRMWARE = pathlib.Path(
    os.environ.get("FERRY_FIRMWARE_DIR", HERE.parents[2] / "shared" / "firmware"))


# The published key pair of RFC 8032, 7.1, test 1, as OpenSSL writes it.
TEST_KEY = b"""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
"""
TEST_PUB = b"""-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----
"""


class Skip(Exception):
    pass


def want_openssl():
    if OPENSSL is None:
        raise Skip("no openssl")


def openssl(*args, cwd):
    want_openssl()
    done = subprocess.run([OPENSSL, *args], cwd=cwd, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


# ---- a scratch folder ------------------------------------------------------------

TEMPLATES = {}  # what makes a folder: such a folder
TEMPLATES_LOCK = threading.Lock()


class World:
    """A folder of its own for one test, with a key and an image, where ferry runs."""

    def __init__(self, ferry, device):
        self.ferry = ferry
        self.device = device
        self.children = []  # processes that must not outlive the test
        self.env = dict(os.environ)
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="ferry-tool-"))
        self.image = bytes((i * i + i // 251) & 0xFF for i in range(10000))
        self.write("image.bin", self.image)
        self.write("test.key", TEST_KEY)
        self.write("test.pub", TEST_PUB)

    def remove(self):
        for child in self.children:
            child.kill()
            child.wait()
        shutil.rmtree(self.dir)

    def write(self, name, data):
        (self.dir / name).write_bytes(data)

    def read(self, name):
        return (self.dir / name).read_bytes()

    def run(self, *args, after="true", stdout=subprocess.PIPE):
        """`after`: what the shell does first, such as setting a limit. Without a
        terminal: nobody is there to be asked."""
        return subprocess.run(
            ["sh", "-c", after + ' && exec "$0" "$@"', self.ferry,
             *map(os.fspath, args)], cwd=self.dir, stdout=stdout,
            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, restore_signals=False,
            env=self.env, start_new_session=True)

    def ok(self, *args):
        done = self.run(*args)
        assert done.returncode == 0, done.stderr.decode()
        assert done.stderr == b"", done.stderr
        return done.stdout

    def ok_but_says(self, *args):
        """The same of what tells on standard error how far it is."""
        done = self.run(*args)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def sign(self, **options):
        return self.ok(*sign_args(**options))

    def artifact(self, **options):
        self.sign(**options)
        return self.read(options.get("output", "app.ferry"))

    def like(self, make):
        """The folder as make(self) leaves it; what that is, is made only once."""
        with TEMPLATES_LOCK:
            if make not in TEMPLATES:
                make(self)
                TEMPLATES[make] = tempfile.TemporaryDirectory(prefix="ferry-tool-")
                shutil.copytree(self.dir, TEMPLATES[make].name, dirs_exist_ok=True)
                return
        shutil.copytree(TEMPLATES[make].name, self.dir, dirs_exist_ok=True)

    def snapshot(self):
        """What a SoftHSM token writes down about itself in "tokens" is its affair."""
        names = (p.relative_to(self.dir) for p in self.dir.rglob("*"))
        return {name: (self.dir / name).read_bytes() if (self.dir / name).is_file()
                else None for name in names if name.parts[0] != "tokens"}

    def refuses(self, args, code, *fragments, **how):
        """Exit code, exactly one line that says so, and nothing left behind."""
        before = self.snapshot()
        done = self.run(*args, **how)
        said = done.stderr.decode(errors="replace")
        assert done.returncode == code, f"exit {done.returncode}: {said}"
        assert said.count("\n") == 1 and said.endswith("\n"), said
        for fragment in fragments:
            assert fragment in said, f"{fragment!r} is not in {said!r}"
        assert self.snapshot() == before, "files changed"
        return said


def arguments(verb, options):
    """`min_from` stands for --min-from; True for a flag, None for left out, a list for
    an option that is repeated."""
    args = [verb]
    for name, value in options.items():
        name = name.replace("_", "-")
        if value is True:
            args.append(f"--{name}")
        elif isinstance(value, list):
            args += [f"--{name}={each}" for each in value]
        elif value is not None:
            args += [f"--{name}", str(value)]
    return args


SIGN = {"key": "test.key", "slot": 3, "class": CLASS, "hw": "2-5", "version": "1.2.3",
        "sec-ctr": 7, "link": "0x1c000", "image": "image.bin", "output": "app.ferry"}


def sign_args(**options):
    return arguments("sign", {**SIGN, **{k.replace("_", "-"): v
                                         for k, v in options.items()}})


# ---- artifacts by hand -----------------------------------------------------------


def cbor(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for more, size, kind in ((24, 1, "B"), (25, 2, "H"), (26, 4, "I")):
        if n < 1 << 8 * size:
            return bytes([major << 5 | more]) + struct.pack(">" + kind, n)
    raise ValueError(n)


def item(value):
    if isinstance(value, int):
        return cbor(0, value)
    if isinstance(value, str):
        value = value.encode()
        return cbor(3, len(value)) + value
    if isinstance(value, tuple):  # (major, bytes): a string of any bytes
        return cbor(value[0], len(value[1])) + value[1]
    return cbor(2, len(value)) + value


def cbor_map(pairs):
    out = cbor(5, len(pairs))
    for key, value in pairs:
        out += (cbor(0, key) if key >= 0 else cbor(1, -1 - key)) + item(value)
    return out


def split(artifact):
    """Envelope, block table, image."""
    env = artifact[11] + 78
    image_len = read_u32_key(artifact[12:12 + artifact[11]], 6)
    table = (image_len + 4095) // 4096 * 16
    return artifact[:env], artifact[env:env + table], artifact[env + table:]


def read_u32_key(payload, wanted):
    """Walks a map of numbers and strings with heads of at most five bytes."""
    at = 1 if payload[0] < 0xB8 else 2

    def head():
        nonlocal at
        major, low = payload[at] >> 5, payload[at] & 31
        size = {24: 1, 25: 2, 26: 4}.get(low, 0)
        n = int.from_bytes(payload[at + 1:at + 1 + size], "big") if size else low
        at += 1 + size
        return major, n

    while at < len(payload):
        key_major, key = head()
        major, n = head()
        if key_major == 0 and key == wanted:
            return n
        at += n if major >= 2 else 0
    raise KeyError(wanted)


def to_be_signed(envelope):
    """RFC 9052, 4.4, with Python's own slices instead of the engine's trick."""
    payload = envelope[10:-66]
    return b"\x84\x6aSignature1" + envelope[2:9] + b"\x40" + payload


def envelope(payload, kid=3, alg=0x27, signature=bytes(64)):
    head = bytes([0xD2, 0x84, 0x46, 0xA2, 1, alg, 4, 0x41, kid, 0xA0, 0x58,
                  len(payload)])
    return head + payload + b"\x58\x40" + signature


def signed(world, payload, **how):
    """An envelope signed by OpenSSL with the test key."""
    unsigned = envelope(payload, **how)
    world.write("tbs.tmp", to_be_signed(unsigned))
    signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey", "test.key", "-in",
                        "tbs.tmp", cwd=world.dir)
    (world.dir / "tbs.tmp").unlink()
    return envelope(payload, signature=signature, **how)


# ---- counting --------------------------------------------------------------------


class Tests:
    """Each runs in its own folder, so they run side by side."""

    def __init__(self, ferry, device):
        self.ferry = ferry
        self.device = device
        self.tests = []

    def add(self, name, body):
        self.tests.append((name, body))

    def run_one(self, test):
        """The name of what happened, and what there is to say about it."""
        name, body = test
        world = World(self.ferry, self.device)
        try:
            body(world)
            return "passed", ""
        except Skip as why:
            return "skipped", f"skipped: {name}: {why}\n"
        except Exception:  # a test that breaks has failed; the others still run
            return "failed", f"failed: {name}\n{traceback.format_exc()}"
        finally:
            world.remove()

    def run(self, word):
        """The exit code."""
        wanted = [test for test in self.tests if word in test[0]]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(self.run_one, wanted))
        print("".join(said for _, said in results), end="")
        count = collections.Counter(result for result, _ in results)
        print(", ".join(f"{count[r]} {r}" for r in ("passed", "failed", "skipped")))
        return 1 if count["failed"] else 0
