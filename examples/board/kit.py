# SPDX-License-Identifier: Apache-2.0
"""What the demo and tests/board stand on: a bench with keys and releases, a board and
phones as processes, and the lines they say. Knows how to start, wait for, and kill them;
does not know what should happen."""
import base64
import re
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
CLASS = "6f0d9f1e-3f7c-5b0a-9c55-2b1d7c6e0a01"
DEVICE = "2c7a8d52-90b4-4a1c-8f0e-5d3b6e9a7c11"
HW_REV = 3
LINKS = {0: 0x10010000, 1: 0x10030000}  # as board.map has them, and what follows
BANKS = {0: 0x0F000, 1: 0x2F000}
HEADER = 4096
AREAS = {"boot journal": (0x01000, 0x03000), "app journal": (0x03000, 0x05000),
         "bank 0": (0x0F000, 0x20000), "bank 1": (0x2F000, 0x40000)}
IMAGE_MAX = 65536
BLOCK = 4096
PATIENCE_S = 60  # real; a loaded machine is slow, and nothing here waits for less


class Unexpected(Exception):
    """What should have happened did not."""


class Line:
    """One line of a process: who said it, its words, its key=value pairs."""

    def __init__(self, text):
        self.text = text
        self.words = text.split()
        self.fields = dict(re.findall(r'(\w+)=("[^"]*"|\S+)', text))

    def __getitem__(self, key):
        value = self.fields.get(key)
        return int(value) if value is not None and value.isdigit() else value

    def __contains__(self, words):
        return f" {words} " in f" {self.text} "


class Talker:
    """A process that says lines. `seen` is where the next wait begins."""

    def __init__(self, name, command, **how):
        self.name = name
        self.lines = []
        self.seen = 0
        self.more = threading.Condition()
        self.ended = False
        self.process = subprocess.Popen(
            list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", bufsize=1, **how)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for text in self.process.stdout:
            with self.more:
                self.lines.append(Line(text.rstrip("\n")))
                self.more.notify_all()
        with self.more:
            self.ended = True
            self.more.notify_all()

    def wait(self, what, wanted=None, watch=None, patience_s=PATIENCE_S):
        """The next line for which `wanted` holds, or which contains `what`."""
        wanted = wanted or (lambda line: what in line)
        line, self.seen = self._find(self.seen, what, wanted, watch, patience_s)
        return line

    def _find(self, at, what, wanted, watch=None, patience_s=PATIENCE_S):
        until = time.monotonic() + patience_s
        with self.more:
            while True:
                while at < len(self.lines):
                    line = self.lines[at]
                    at += 1
                    if watch:
                        watch(line)
                    if wanted(line):
                        return line, at
                left = until - time.monotonic()
                if self.ended or left <= 0:
                    raise Unexpected(f"{self.name} never said '{what}', its last words: "
                                     + " | ".join(l.text for l in self.lines[-4:]))
                self.more.wait(left)

    def all(self, what):
        with self.more:
            return [line for line in self.lines if what in line]

    def end(self):
        """Waits for its own end, and for its last line. The exit code."""
        try:
            code = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Unexpected(f"{self.name} does not end") from None
        self.reader.join(PATIENCE_S)
        return code

    def kill(self):
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        return self.end()


class Board(Talker):
    """The board in a folder, with its battery in."""

    def __init__(self, bench, folder, *options):
        self.bench = bench
        self.folder = folder
        super().__init__("board", [bench.programs / "board", "--speed", bench.speed,
                                   *options, folder], stdin=subprocess.PIPE)
        bench.running.append(self)

    def tell(self, text):
        """An order, whose answer nobody waits for."""
        try:
            self.process.stdin.write(text + "\n")
            self.process.stdin.flush()
        except OSError as why:
            raise Unexpected(f"the board takes no orders: {why}") from None

    def order(self, text):
        """Returns the status that answers it; skips no line that is waited for."""
        with self.more:
            already = len(self.lines)
        self.tell(text)
        return self._find(already, "board status", lambda line: "board status" in line)[0]

    def status(self):
        return self.order("status")

    def fuse(self, area, moment, operation, wait=True):
        """The battery falls out in that operation on that part of the flash."""
        first, end = AREAS[area]
        (self.order if wait else self.tell)(
            f"fuse {first:x} {end:x} {moment} {operation}")

    def runs(self, version, **where):
        """Waits until this version is up."""
        line = self.wait(f"image up version={version}")
        for key, value in where.items():
            if line[key] != value:
                raise Unexpected(f"{version} is up with {key}={line[key]}, not {value}")
        return line

    def off(self):
        self.process.stdin.close()
        return self.end()


class Phone(Talker):
    def __init__(self, bench, board, *options):
        self.bench = bench
        # In the board's folder: a socket's name is short.
        super().__init__("phone", [bench.programs / "phone", "--air", "air",
                                   "--speed", bench.speed, "--patience", PATIENCE_S,
                                   *options], cwd=board.folder)
        bench.running.append(self)

    def last(self):
        """The last line that told how far it was."""
        with self.more:
            told = [line for line in self.lines if "acked" in line.fields]
        return told[-1] if told else None

    def told_before(self, line):
        """The same, before it said this."""
        with self.more:
            told = self.lines[:self.lines.index(line)]
        return [each for each in told if "acked" in each.fields][-1]

    def verdict(self):
        """Its exit code, and why."""
        code = self.end()
        told = [line for line in self.lines if "err" in line.fields]
        return code, told[-1]["err"] if told else "nothing"


def certificate(folder, name):
    """A self-signed one for this machine: (certificate, key)."""
    made = folder / f"{name}.pem", folder / f"{name}-key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", made[1], "-out", made[0]],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return made


def flip(folder, address):
    """Somebody changes one bit of a board's flash while it is off."""
    with open(folder / "flash", "r+b") as flash:
        flash.seek(address)
        byte = flash.read(1)[0]
        flash.seek(address)
        flash.write(bytes([byte ^ 1]))


def bank_holds(folder, bank, image):
    """Does a board's bank hold exactly this image?"""
    want = image.read_bytes()
    with open(folder / "flash", "rb") as flash:
        flash.seek(BANKS[bank] + HEADER)
        return flash.read(len(want)) == want


class Bench:
    """A folder with keys, releases and boards; the programs come from a build."""

    def __init__(self, build, folder, speed=20):
        self.programs = Path(build).resolve() / "examples" / "board"
        self.ferry = Path(build).resolve() / "tools" / "ferry" / "ferry"
        self.folder = Path(folder).resolve()
        self.speed = speed
        self.running = []
        self.folder.mkdir(parents=True, exist_ok=True)
        for key in ("release", "stranger", "device"):
            self.tool("keygen", "-o", self.folder / key, "--force")

    def tool(self, *words):
        done = subprocess.run([self.ferry, *map(str, words)], capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            raise Unexpected(f"ferry {words[0]}: {done.stderr.strip()}")

    def image(self, version, bank):
        return self.programs / f"image-{version}-bank{bank}"

    def sign(self, version, bank, out, key="release", hw="2-5", as_version=None,
             image=None, slot=0, sec_ctr=1, device=None):
        self.tool("sign", "--key", self.folder / f"{key}.key", "--slot", slot,
                  "--class", CLASS, "--hw", hw, "--version", as_version or version,
                  "--sec-ctr", sec_ctr, "--link", hex(LINKS[bank]),
                  *(["--device", device] if device else []),
                  "--image", image or self.image(version, bank), "--output", out)

    def release(self, version, name=None, **how):
        """A folder with both of its artifacts, as a phone's cache has them."""
        folder = self.folder / "releases" / (name or version)
        if not folder.is_dir():
            folder.mkdir(parents=True)
            for bank in LINKS:
                self.sign(version, bank, folder / f"bank{bank}.ferry", **how)
        return folder

    def make_board(self, version, name="board", keys=None, device=DEVICE,
                   layout=HERE / "board.map", size=None, hw=HW_REV):
        """What the factory does, with these keys by slot. The board's folder. Another
        part has a layout of its own, and so many bytes of flash."""
        folder = self.folder / name
        folder.mkdir()
        self.tool("factory", "--map", layout, "--class", CLASS,
                  "--device", device, "--hw", hw,
                  *(word for slot, key in (keys or {0: "release"}).items()
                    for word in ("--key", f"{slot}={self.folder / key}.pub")),
                  "--artifact", self.release(version) / "bank0.ferry",
                  "--device-key", self.folder / "device.key",
                  "--bin", folder / "factory.bin")
        subprocess.run([self.programs / "burn", folder / "factory.bin",
                        folder / "flash", *([str(size)] if size else [])], check=True)
        (folder / "device.seed").write_bytes(self.key("device.key"))
        (folder / "device.seed").chmod(0o600)
        return folder

    def copy_board(self, folder, name):
        """Another board with the same flash: for what must not happen to this one."""
        copy = self.folder / name
        copy.mkdir()
        for file in ("flash", "device.seed"):
            shutil.copy(folder / file, copy / file)
        return copy

    def key(self, name):
        """The 32 bytes at the end of a PEM file of `ferry keygen`."""
        text = (self.folder / name).read_text(encoding="ascii")
        body = "".join(line for line in text.splitlines() if "-" not in line)
        return base64.b64decode(body)[-32:]

    def power(self, folder, *options):
        return Board(self, folder, *options)

    def phone(self, board, cache=None, report=False, *options, **named):
        """An option `--mtu 23` is mtu=23, a flag is tap=True."""
        words = list(options)
        if cache is not None:
            words += ["--cache", cache]
        if report:
            words += ["--report", "--device-key", self.key("device.pub").hex()]
        for name, value in named.items():
            words += [f"--{name}"] if value is True else [f"--{name}", value]
        return Phone(self, board, *words)

    def end(self):
        """Nothing that was started here outlives this."""
        for process in self.running:
            if process.process.poll() is None:
                process.kill()
