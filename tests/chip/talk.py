# SPDX-License-Identifier: Apache-2.0
"""The two channels a running QEMU is steered through: QMP (stop, go on, events) and
qtest (memory as the guest's processor sees it, while it runs). Knows their lines; does
not know which machine is behind them, nor what its memory means."""
import base64
import json
import select
import time


class Unexpected(Exception):
    """What should have happened did not."""


class Channel:
    """Lines over a connected socket. `last_words()` tells why QEMU ended, if it did."""

    def __init__(self, name, sock, last_words):
        self.name = name
        self.sock = sock
        self.last_words = last_words
        self.kept = b""

    def say(self, text):
        try:
            self.sock.sendall(text.encode() + b"\n")
        except OSError:
            raise self._gone() from None

    def _gone(self):
        return Unexpected(f"{self.name}: QEMU has gone: {self.last_words()}")

    def hear(self, seconds):
        """The next line; None if there is none in time."""
        until = time.monotonic() + seconds
        while b"\n" not in self.kept:
            left = max(0, until - time.monotonic())
            if not select.select([self.sock], [], [], left)[0]:
                return None
            self.kept += self._more()
        line, self.kept = self.kept.split(b"\n", 1)
        return line

    def _more(self):
        try:
            more = self.sock.recv(1 << 20)
        except ConnectionError:
            more = b""
        if not more:
            raise self._gone()
        return more

    def answer(self, seconds):
        line = self.hear(seconds)
        if line is None:
            raise Unexpected(f"{self.name}: no answer in {seconds} s")
        return line


class Qmp:
    """Commands, and the events that came meanwhile, in their order."""

    def __init__(self, sock, last_words, patience_s):
        self.channel = Channel("qmp", sock, last_words)
        self.patience_s = patience_s
        self.events = []
        self.channel.answer(patience_s)  # its greeting
        self.command("qmp_capabilities")

    def command(self, name, **arguments):
        self.channel.say(json.dumps({"execute": name, "arguments": arguments}))
        while True:
            said = json.loads(self.channel.answer(self.patience_s))
            if "error" in said:
                raise Unexpected(f"qmp: {name}: {said['error']['desc']}")
            if "return" in said:
                return said["return"]
            self.events.append(said)

    def event(self, name, seconds):
        """The next event of this name, taken out of the list; None if there is none in
        time."""
        until = time.monotonic() + seconds
        while True:
            for said in self.events:
                if said["event"] == name:
                    self.events.remove(said)
                    return said
            line = self.channel.hear(max(0, until - time.monotonic()))
            if line is None:
                return None
            self.events.append(json.loads(line))


class Memory:
    """Reads and writes at the processor's addresses, whether it runs or stands. Written
    flash goes through the flash controller, as a store of the guest would."""

    def __init__(self, sock, last_words, patience_s):
        self.channel = Channel("qtest", sock, last_words)
        self.patience_s = patience_s

    def _ask(self, text):
        self.channel.say(text)
        words = self.channel.answer(self.patience_s).split()
        if words[0] != b"OK":
            raise Unexpected(f"qtest: {text[:40]}: {b' '.join(words).decode()}")
        return words[1:]

    def read(self, address, size):
        return base64.b64decode(self._ask(f"b64read {address:#x} {size:#x}")[0])

    def write(self, address, data):
        text = base64.b64encode(data).decode()
        self._ask(f"b64write {address:#x} {len(data):#x} {text}")

    def word(self, address):
        return int(self._ask(f"readl {address:#x}")[0], 16)

    def set_word(self, address, value):
        self._ask(f"writel {address:#x} {value:#x}")
