# SPDX-License-Identifier: Apache-2.0
"""The radio between an app and a device: the app is a process of any language that holds
a courier, the device one of tests/tool or examples/board. Passes values on, and can break
the connection. Does not know what values mean, nor what should happen.

An app reads messages on standard input and writes them on standard output: a letter, a
length of two bytes (big-endian), and so many bytes. To the app: U the link is up, D it is
down, V a value. From the app: V a value, S a line of text, D hang up.
"""
import os
import select
import socket
import struct
import subprocess
import threading
import time

PATIENCE = 300  # seconds; how long anything here may take on a busy machine
RESTART = 0.04  # seconds; then the radio looks for the device again
HEAD = struct.Struct(">cH")


class Gone(Exception):
    """The app has ended."""


class App:
    """The app and its radio, in a thread of its own. `cuts`: after so many values of the
    app's, counted from the last cut, the connection breaks, once for each."""

    def __init__(self, command, device, cwd, cuts=(), env=None):
        self.device, self.cuts = os.fspath(device), list(cuts)
        self.lines, self.values, self.links = [], 0, 0
        self.radio, self.inbox, self.more = None, b"", threading.Condition()
        self.again, self.ending = 0, False
        # A file, and not a pipe: nobody has to read it while the app runs.
        self.errors = open(os.path.join(cwd, "app.err"), "w+b")
        self.process = subprocess.Popen(
            [str(word) for word in command], cwd=cwd, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.errors, env=env)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    # ---- the radio -------------------------------------------------------------------

    def serve(self):
        try:
            while not self.ending:
                if self.radio is None and time.monotonic() >= self.again:
                    self.reach()
                self.turn()
        except (Gone, BrokenPipeError):
            pass
        self.drop()
        with self.more:
            self.more.notify_all()

    def turn(self):
        app = self.process.stdout
        ends = [app] + ([self.radio] if self.radio else [])
        for end in select.select(ends, [], [], 0.01)[0]:
            if end is app:
                self.from_app(os.read(app.fileno(), 65536))
            elif end is self.radio:
                self.from_device()

    def reach(self):
        """Connect, if somebody is there."""
        radio = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            radio.connect(self.device)
        except OSError:  # it restarts
            radio.close()
            return
        self.radio, self.links = radio, self.links + 1
        self.tell(b"U")

    def drop(self):
        if self.radio is not None:
            self.radio.close()
            self.radio = None

    def lose(self):
        self.drop()
        self.tell(b"D")

    def hang_up(self):
        """The app has no more to say to this device, which now restarts."""
        if self.radio is not None:
            self.lose()
            self.again = time.monotonic() + RESTART

    def from_device(self):
        try:
            value = self.radio.recv(1024)
        except OSError:
            value = b""
        if value:
            self.tell(b"V", value)
        else:
            self.lose()

    def tell(self, kind, body=b""):
        self.process.stdin.write(HEAD.pack(kind, len(body)) + body)
        self.process.stdin.flush()

    def from_app(self, data):
        if not data:
            raise Gone
        self.inbox += data
        while len(self.inbox) >= HEAD.size:
            kind, length = HEAD.unpack_from(self.inbox)
            end = HEAD.size + length
            if len(self.inbox) < end:
                return
            body, self.inbox = self.inbox[HEAD.size:end], self.inbox[end:]
            if kind == b"V":
                self.to_device(body)
            elif kind == b"D":
                self.hang_up()
            else:
                with self.more:
                    self.lines.append(body.decode())
                    self.more.notify_all()

    def to_device(self, value):
        if self.radio is None:
            return  # said before it heard that the link is down
        self.values += 1
        try:
            self.radio.send(value)
        except OSError:
            self.lose()
        if self.cuts and self.values >= self.cuts[0]:
            self.values = 0
            self.cuts.pop(0)
            self.lose()

    # ---- what a test asks ------------------------------------------------------------

    def until(self, holds):
        """Waits as long as there is news. An app that ended before has failed."""
        told, end = 0, 0
        with self.more:
            while not holds():
                if len(self.lines) > told or not end:
                    told, end = len(self.lines), time.monotonic() + PATIENCE
                assert self.thread.is_alive() and time.monotonic() < end, \
                    f"never came to it: {self.lines[-3:]}, {self.said()}"
                self.more.wait(0.1)

    def wait(self, *words):
        """The first line that begins with one of these words."""
        self.until(lambda: self.found(words))
        return self.found(words)

    def found(self, words):
        return next((line for line in self.lines if line.split(" ")[0] in words), None)

    def said(self):
        """What it said on standard error."""
        with open(self.errors.name, "rb") as file:
            return file.read().decode(errors="replace")

    def end(self):
        """Closes its standard input: an app ends then. The exit code."""
        self.ending = True
        self.thread.join(PATIENCE)
        self.process.stdin.close()
        return self.process.wait(PATIENCE)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.thread.join(PATIENCE)
        self.errors.close()


def fields(line):
    """The key=value pairs of a line; numbers as numbers."""
    pairs = (word.split("=", 1) for word in line.split(" ") if "=" in word)
    return {key: int(value) if value.lstrip("-").isdigit() else value
            for key, value in pairs}
