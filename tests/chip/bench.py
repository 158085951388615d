# SPDX-License-Identifier: Apache-2.0
"""A bench for emulated chips: keys, releases of the firmware's variants, what the
factory burns, and two kinds of phone, `ferry push` and the example's. Knows how to
make and start them; does not know what should happen."""
import json
import subprocess
import sys
from pathlib import Path

import words
from talk import Unexpected

sys.path.insert(0, str(words.ROOT / "examples" / "board"))
import kit  # noqa: E402

CLASS = "8d0c5f5e-5f0b-5b1c-9f63-2a1f6d0e7b21"
DEVICE = "4b1d9c60-7a35-4e0e-8c3a-91d4f2b6e853"
OTHER = "11111111-2222-4333-8444-555555555555"
HW_REV = 3
PUSH_MAX_S = 600
# The firmware's variants by version; 1.7.0 is 1.1.0 signed as something newer.
VARIANTS = {"1.0.0": "1.0.0", "1.1.0": "1.1.0", "1.2.0": "1.2.0", "1.3.0": "crasher",
            "1.4.0": "hanger", "1.5.0": "deaf", "1.6.0": "late", "1.7.0": "1.1.0"}


def built_as(version):
    """What a chip that runs this version calls it."""
    name = VARIANTS[version]
    return name if name in VARIANTS else version


class Push:
    """One `ferry push`, and what it says in the end."""

    def __init__(self, bench, wire, artifacts, options):
        command = [bench.ferry, "push", "--to", wire.path, "--json", "--yes",
                   "--patience", str(kit.PATIENCE_S * 4), *options, *artifacts]
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)

    def runs(self):
        return self.process.poll() is None

    def verdict(self):
        """Its JSON."""
        try:
            said = self.process.communicate(timeout=PUSH_MAX_S)[0]
        except subprocess.TimeoutExpired:
            self.kill()
            raise Unexpected("ferry push does not end") from None
        try:
            return json.loads(said)
        except ValueError:
            raise Unexpected(f"ferry push says '{said}'") from None

    def kill(self):
        self.process.kill()
        self.process.wait()


class Bench:
    """`host` is a build folder with the tool and the example, `firmware` one of the
    cross build."""

    def __init__(self, host, firmware, folder):
        self.programs = Path(host).resolve() / "examples" / "board"
        self.ferry = Path(host).resolve() / "tools" / "ferry" / "ferry"
        self.firmware = Path(firmware).resolve() / "examples" / "nrf52"
        self.folder = Path(folder).resolve()
        self.numbers = words.areas()[1]
        self.running = []
        self.speed = 1  # of the example's phone: real milliseconds
        for key in ("release", "stranger", "device"):
            self.tool("keygen", "-o", self.folder / key, "--force")

    def end(self):
        for each in self.running:
            if each.process.poll() is None:
                each.kill()

    def tool(self, *words_):
        done = subprocess.run([str(word) for word in (self.ferry, *words_)],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Unexpected(f"ferry {words_[0]}: {done.stderr.strip()}")

    # ---- releases -------------------------------------------------------------------

    def image(self, version, bank):
        """The file with a variant's raw bytes."""
        name = f"model-app-{VARIANTS[version]}-bank{bank}.bin"
        return self.firmware / name

    def content(self, version, bank):
        """What a bank holds that has received it."""
        return self.image(version, bank).read_bytes()

    def sign(self, version, bank, name=None, key="release", hw="2-5", class_id=CLASS,
             image=None, sec_ctr=1, more=()):
        """An artifact of a variant, or of any image under that version."""
        out = self.folder / f"{name or version}-bank{bank}.ferry"
        self.tool("sign", "--key", self.folder / f"{key}.key", "--slot", 0,
                  "--class", class_id, "--hw", hw, "--version", version,
                  "--sec-ctr", sec_ctr, "--link", hex(self.numbers[f"link{bank}"][0]),
                  *more, "--image", image or self.image(version, bank),
                  "--output", out)
        return out

    def release(self, version):
        """Its artifacts for both banks."""
        return [self.sign(version, bank) for bank in (0, 1)]

    def flash(self, version="1.0.0", bootloader="bootloader"):
        """The whole flash of a new device."""
        factory, flash = self.folder / "factory.bin", self.folder / "flash.bin"
        self.tool("factory", "--map", words.MAP, "--class", CLASS, "--device", DEVICE,
                  "--hw", HW_REV, "--key", f"0={self.folder / 'release.pub'}",
                  "--artifact", self.sign(version, 0),
                  "--device-key", self.folder / "device.key", "--bin", factory)
        subprocess.run(
            [sys.executable, words.ROOT / "examples" / "nrf52" / "factory.py", factory,
             self.firmware / f"model-{bootloader}.bin", self.folder / "device.key",
             self.folder / "device.pub", flash], check=True)
        return flash.read_bytes()

    # ---- phones ---------------------------------------------------------------------

    def push(self, chip, *artifacts, report=False):
        """`ferry push`; it runs until its verdict is asked for."""
        options = ["--report", "--device-key", self.folder / "device.pub"] if report \
            else []
        push = Push(self, chip.wire, artifacts, options)
        self.running.append(push)
        return push

    def phone(self, chip, *artifacts):
        """The example's phone, which looks at nothing: it offers what it is given."""
        cache = self.folder / f"cache{len(self.running)}"
        cache.mkdir()
        for number, artifact in enumerate(artifacts):
            (cache / f"{number}.ferry").write_bytes(Path(artifact).read_bytes())
        return kit.Phone(self, chip.machine, "--cache", cache)
