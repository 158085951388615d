# SPDX-License-Identifier: Apache-2.0
#
# What the tests of `ferry push` stand on: a device in a process of its own, a person at
# a terminal, and somebody in the middle of the link who takes notes.
import base64
import json
import os
import pathlib
import pty
import select
import shutil
import socket
import subprocess
import threading
import time

from factory_kit import LINK, factory, prepare
from kit import Skip

PATIENCE = 30  # seconds; how long anything here may take on a busy machine


def until(what, why):
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, why() if callable(why) else why
        time.sleep(0.01)


def want_message_sockets():
    try:
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).close()
    except (AttributeError, OSError) as why:
        raise Skip("no message sockets here") from why


class Device:
    """A device process; `with` ends it. Its log is in device.log."""

    def __init__(self, w, image="flash.bin", own_key="dev.key", **options):
        self.w = w
        options = {"image": image, "identity": "0x7F000", "socket": "sock", **options}
        if own_key is not None and (w.dir / own_key).exists():
            pem = w.read(own_key).split(b"\n")[1]
            options["seed"] = base64.b64decode(pem)[-32:].hex()
        self.args = [f"{k}={v}" for k, v in options.items() if v is not None]
        self.ready = w.dir / (options["socket"] or options["pty"])

    def __enter__(self):
        want_message_sockets()
        self.ready.unlink(missing_ok=True)
        before = len(self.said())
        with open(self.w.dir / "device.log", "ab") as log:
            self.process = subprocess.Popen([self.w.device, *self.args], cwd=self.w.dir,
                                            stdout=log, stderr=log)
        until(lambda: "\nruns " in self.said()[before:] and self.ready.exists()
              or self.process.poll() is not None, self.said)
        assert self.process.poll() is None, self.said()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def said(self):
        path = self.w.dir / "device.log"
        return path.read_text() if path.exists() else ""

    def waits_for(self, text):
        until(lambda: text in self.said(), lambda: f"no {text!r} in {self.said()!r}")


def leave_socket(w):
    """As a device leaves it that is restarting."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.bind(os.fspath(w.dir / "sock"))


def release(w, size=40000, version="1.3.0", **options):
    """a.ferry and b.ferry: one release, an artifact for each bank."""
    w.write("new.bin", bytes(i * 7 + i // 256 & 0xFF for i in range(size)))
    for name, link in zip(("a.ferry", "b.ferry"), LINK):
        w.sign(**{"key": "own.key", "image": "new.bin", "version": version,
                  "link": link, "output": name, **options})


def factory_fresh(w):
    """A device that runs 1.2.3 from bank 0, and a release for it."""
    want_message_sockets()
    w.like(make_fresh)


def make_fresh(w):
    prepare(w)
    factory(w, device_key="dev.key")
    factory_again(w)
    release(w)


PUSH = ("push", "--to", "sock")
BOTH = ("a.ferry", "b.ferry")


def push(w, *args, code=0):
    """The JSON object, the only thing on standard output."""
    done = w.run(*PUSH, "--yes", "--json", *args)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return json.loads(done.stdout)


def installed(w, bank_at=0x40000):
    """Does bank 1 hold the release's artifact for it, byte for byte?"""
    flash, new = w.read("flash.bin"), w.read("new.bin")
    return flash[bank_at + 4096:bank_at + 4096 + len(new)] == new


def start(w, *args, to="sock"):
    """In the background."""
    child = subprocess.Popen([w.ferry, "push", "--to", to, "--yes", "--json", *args],
                             cwd=w.dir, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    w.children.append(child)
    return child


def ended(child):
    """Its JSON object, and its exit code."""
    out, err = child.communicate(timeout=2 * PATIENCE)
    assert out, err
    return json.loads(out), child.returncode


def image_half_there(w):
    flash, new = w.read("flash.bin"), w.read("new.bin")
    return flash[0x41000 + 20000:0x41000 + 20100] == new[20000:20100]


def factory_again(w):
    """The device is as it left the factory."""
    shutil.copy(w.dir / "out.bin", w.dir / "flash.bin")


class Person:
    """ferry at a terminal: what it shows, and what is typed."""

    def __init__(self, w, *args):
        master, slave = pty.openpty()
        self.master, self.shown = master, b""
        self.process = subprocess.Popen([w.ferry, *args], cwd=w.dir, stdin=slave,
                                        stdout=slave, stderr=slave)
        os.close(slave)
        w.children.append(self.process)

    def read(self):
        """What came within a moment; False: nothing will any more. What it says last it
        says before it ends, so whether it has is asked first."""
        runs = self.process.poll() is None
        if not select.select([self.master], [], [], 0.05)[0]:
            return runs
        try:
            self.shown += os.read(self.master, 65536)
            return True
        except OSError:  # the last one closed the terminal
            return False

    def sees(self, text):
        end = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert self.read() and time.monotonic() < end, self.shown

    def types(self, text):
        os.write(self.master, text)

    def leaves(self):
        """The exit code."""
        end = time.monotonic() + 2 * PATIENCE
        while self.read():
            assert time.monotonic() < end, self.shown
        os.close(self.master)
        return self.process.wait(PATIENCE)


class Middle:
    """Stands between push and device at the socket "middle", passes values on, and
    keeps them. With `one_link` the device is not told when the phone goes away."""

    def __init__(self, w, one_link=False):
        self.to_device, self.to_phone, self.one_link = [], [], one_link
        self.path = pathlib.Path(w.dir)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(os.fspath(w.dir / "middle"))
        self.listener.listen(4)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        device = None
        while True:
            phone, _ = self.listener.accept()
            if device is None:
                device = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                device.connect(os.fspath(self.path / "sock"))
            self.relay(phone, device)
            phone.close()
            if not self.one_link:
                device.close()
                device = None

    def relay(self, phone, device):
        while True:
            for end in select.select([phone, device], [], [])[0]:
                try:
                    value = end.recv(1024)
                    if not value:
                        return
                    (self.to_device if end is phone else self.to_phone).append(value)
                    (device if end is phone else phone).send(value)
                except OSError:
                    return

    def frames(self):
        """What the phone said, as whole frames without COBS."""
        return [uncobs(f) for f in b"".join(self.to_device).split(b"\0") if f]


def uncobs(frame):
    out, at = b"", 0
    while at < len(frame):
        n = frame[at]
        out += frame[at + 1:at + n] + (b"\0" if n < 255 else b"")
        at += n
    return out[:-1]
