#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The port that was written from the template, as a device: `ferry factory` burns it, its
bootloader starts it, `ferry push` updates it over its UART, QEMU is killed, and what runs
afterwards is the update, confirmed.

usage: mps2_journey.py BUILD FERRY      BUILD made with -Dchip=mps2; the host's ferry tool
Ends 0: all as it should be, 1: not, 3: no QEMU.
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import mps2

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "house"))
from house import Report  # noqa: E402

CLASS = "7cd12f5a-0b5e-5a77-9e3b-504c16e10f42"
DEVICE = "00112233-4455-4677-8899-aabbccddeeff"
LINK = ("0x21001000", "0x21081000")
FLASH_MAP = HERE.parent.parent / "ports" / "mps2" / "mps2.map"
PATIENCE_S = 240


class Desk:
    """A folder with a release engineer's things, and the board's flash."""

    def __init__(self, build, ferry, folder):
        self.programs, self.tool = build / "ports" / "mps2", ferry
        self.folder, self.flash = folder, folder / "flash"
        self.said = self.uart = ""
        self.ferry("keygen", "-o", folder / "release")

    def ferry(self, *words):
        done = subprocess.run([str(self.tool), *map(str, words)], timeout=PATIENCE_S,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              check=False)
        self.said = done.stdout
        if done.returncode != 0:
            print(done.stdout + done.stderr)
        return done.returncode

    def sign(self, version, bank):
        out = self.folder / f"{version}-{bank}.ferry"
        self.ferry("sign", "-k", self.folder / "release.key", "-s", 0, "--class", CLASS,
                   "--hw", 1, "--version", version, "--sec-ctr", 1, "--link", LINK[bank],
                   "-i", self.programs / f"mps2-application-bank{bank}.bin", "-o", out)
        return out

    def burn(self, artifact):
        return self.ferry("factory", "-m", FLASH_MAP, "--class", CLASS, "--device", DEVICE,
                          "--hw", 1, "-k", f"0={self.folder / 'release.pub'}", "-b",
                          self.flash, "-a", artifact)

    def switch_on(self):
        """The board with its bootloader; what is on its UART is a terminal of ours."""
        board = mps2.start(self.programs / "mps2-bootloader.elf", self.flash, icount=None,
                           uart="pty")
        for line in board.stdout:
            found = re.search(r"redirected to (\S+)", line)
            if found:
                self.uart = found.group(1)
                return board
        raise RuntimeError("QEMU gave the board no UART")

    def push(self, *artifacts):
        """The exit code, and what the tool says about it."""
        code = self.ferry("push", "-t", self.uart, "-y", "-w", "-r", "-j", *artifacts)
        return code, json.loads(self.said)


def until(board, words):
    """The board says this line."""
    for line in board.stdout:
        if line.strip() == words:
            return


def switch_off(board):
    mps2.kill(board)
    board.communicate()


def expect(report, what, got, want):
    print(f"mps2, {what}: {got}")
    report.check([] if got == want else [(what, f"{got}, {want} expected")])


def runs(said):
    statement = said["statement"]
    return statement["version"], statement["confirmed"], statement["outcome"]


def journey(report, desk):
    releases = [desk.sign("1.1.0", bank) for bank in (0, 1)]
    expect(report, "burned", desk.burn(desk.sign("1.0.0", 0)), 0)
    board = desk.switch_on()
    code, said = desk.push(*releases)
    expect(report, "pushed", (code, said["result"], *runs(said)),
           (0, "installed", "1.0.0", True, "none"))
    until(board, "event reboot")
    # The courier that meets the new image first finds it on trial, and so confirms it.
    desk.push(*releases)
    code, said = desk.push(*releases)
    expect(report, "met again", (code, said["result"], *runs(said)),
           (0, "running", "1.1.0", True, "confirmed"))
    switch_off(board)
    board = desk.switch_on()
    code, said = desk.push(*releases)
    expect(report, "killed, and switched on", (code, said["result"], *runs(said)),
           (0, "running", "1.1.0", True, "confirmed"))
    switch_off(board)


def main():
    report = Report()
    if mps2.missing():
        print(f"mps2_journey: {mps2.missing()}", file=sys.stderr)
        sys.exit(3)
    build, ferry = map(Path, sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="ferry-mps2-") as folder:
        journey(report, Desk(build, ferry, Path(folder)))
    report.end()


if __name__ == "__main__":
    main()
