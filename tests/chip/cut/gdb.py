# SPDX-License-Identifier: Apache-2.0
"""The debugger's channel of a QEMU: breakpoints, single steps, registers. Knows the
lines of gdb's remote protocol that this needs; does not know what is debugged."""
import select
import socket
import struct
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from talk import Unexpected  # noqa: E402 (a neighbour's)

PC = 15


def packet(text):
    """QEMU takes the next packet for the acknowledgement of its last."""
    return f"${text}#{sum(text.encode()) % 256:02x}".encode()


class Gdb:
    """Connecting stops the processor."""

    def __init__(self, path, patience_s):
        self.patience_s = patience_s
        self.kept = b""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(path))

    def close(self):
        self.sock.close()

    # ---- lines ----------------------------------------------------------------------

    def say(self, text):
        self.sock.sendall(packet(text))

    def hear(self, seconds):
        """The next answer; None if there is none in time."""
        until = time.monotonic() + seconds
        while True:
            begin = self.kept.find(b"$")
            end = self.kept.find(b"#", begin)
            if 0 <= begin < end and len(self.kept) >= end + 3:
                said = self.kept[begin + 1:end].decode()
                self.kept = self.kept[end + 3:]
                return said
            left = max(0, until - time.monotonic())
            if not select.select([self.sock], [], [], left)[0]:
                return None
            more = self.sock.recv(1 << 16)
            if not more:
                raise Unexpected("gdb: QEMU has gone")
            self.kept += more

    def ask(self, text):
        self.say(text)
        said = self.hear(self.patience_s)
        if said is None:
            raise Unexpected(f"gdb: no answer to {text[:20]}")
        return said

    def expect(self, text, answer):
        said = self.ask(text)
        if said != answer:
            raise Unexpected(f"gdb: {text[:20]}: {said[:40]}")

    # ---- the processor --------------------------------------------------------------

    def break_at(self, address):
        self.expect(f"Z1,{address:x},2", "OK")

    def go(self):
        """Runs; `stopped` says when it no longer does."""
        self.say("c")

    def stopped(self, seconds):
        """Has it come to a breakpoint? Waits for that at most so long."""
        return self.hear(seconds) is not None

    def interrupt(self):
        self.sock.sendall(b"\x03")
        if not self.stopped(self.patience_s):
            raise Unexpected("gdb: does not stop")

    def step(self):
        """One instruction."""
        self.ask("s")

    def registers(self):
        """r0 to r15."""
        return struct.unpack_from("<16I", bytes.fromhex(self.ask("g")))
