# SPDX-License-Identifier: Apache-2.0
"""A board in QEMU (ports/mps2): bootloader and application are compiled for its
processor, its flash is a file, its UART a terminal that a phone finds at a path. Knows
how it is made, switched on and killed; does not know what should happen."""
import base64
import subprocess

from firmware import CHIP
from stage import hexed, kit, run

import mps2
import words

CLASS = "d2b0a1c4-6e0f-5d57-8a34-91c7e5f0b6d8"  # of this chip alone
DEVICE = "51000000000040008000000000000001"
HW_REV = 1
MAP = CHIP.parents[1] / "ports" / "mps2" / "mps2.map"
LINKS = {bank: words.areas(MAP)[1][f"link{bank}"][0] for bank in (0, 1)}
# The port signs statements with a key that everybody can read (ports/mps2/sign.c).
SEED = b"MPS2".ljust(32, b"\0")
PKCS8_ED25519 = bytes.fromhex("302e020100300506032b657004220420")  # and then the seed
LIFE_MAX_S = 1800  # no QEMU outlives this, whatever became of the story


class Qemu(kit.Talker):
    """What its program says by semihosting are its lines."""

    def __init__(self, program, flash):
        command = mps2.command(program, flash, icount=None, uart="pty",
                               life_max_s=LIFE_MAX_S)
        super().__init__("the board in QEMU", command, stdin=subprocess.DEVNULL,
                         start_new_session=True)

    def terminal(self):
        said = self.wait("redirected to").words
        return said[said.index("to") + 1]

    def kill(self):
        mps2.kill(self.process)
        return self.end()


class QemuBoard:
    """`stage` has the HSM, the tool, and what is ended with it."""

    def __init__(self, stage, programs):
        self.stage, self.programs = stage, programs
        self.folder = stage.folder / "q1"
        self.folder.mkdir()
        self.flash, self.air = self.folder / "flash", self.folder / "air"
        self.qemu = None

    # ---- what the factory and the release engineer do --------------------------------

    def image(self, bank):
        return self.programs / f"mps2-application-bank{bank}.bin"

    def sign(self, version):
        """Artifacts for both banks, by the HSM's key: one program under any number."""
        made = [self.folder / f"{version}-bank{bank}.ferry" for bank in LINKS]
        for bank, artifact in zip(LINKS, made):
            self.stage.sign(version, bank, artifact, class_id=CLASS, hw=HW_REV,
                            links=LINKS, image=self.image(bank))
        return made

    def burn(self, version):
        """Its whole flash. Its line of the factory's CSV."""
        run(self.stage.ferry, "factory", "--map", MAP, "--class", CLASS,
            "--device", DEVICE, "--hw", HW_REV,
            "--key", f"0={self.stage.folder / 'release.pub'}",
            "--artifact", self.sign(version)[0], "--bin", self.flash)
        return f"{DEVICE},{hexed(CLASS)},{self.public_key()},{HW_REV}\n"

    def public_key(self):
        secret, public = self.folder / "device.key", self.folder / "device.pub"
        text = base64.b64encode(PKCS8_ED25519 + SEED).decode()
        secret.write_text(f"-----BEGIN PRIVATE KEY-----\n{text}\n"
                          "-----END PRIVATE KEY-----\n", encoding="ascii")
        run(self.stage.ferry, "pubkey", "--key", secret, "--output", public)
        return self.stage.key(public).hex()

    # ---- its power -------------------------------------------------------------------

    def on(self):
        self.qemu = Qemu(self.programs / "mps2-bootloader.elf", self.flash)
        self.stage.running.append(self.qemu)
        fresh = self.folder / "air.new"
        fresh.symlink_to(self.qemu.terminal())
        fresh.replace(self.air)

    def kill(self):
        """kill -9: what is in its flash by then stays."""
        self.air.unlink()  # first: its terminal may be somebody else's in a moment
        self.qemu.kill()
