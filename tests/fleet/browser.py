# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium for tests, driven by the DevTools protocol over a pair of pipes.
Knows how to find, start, steer and end it; not what is looked at."""
import base64
import fcntl
import json
import os
import select
import shutil
import signal
import time

NAMES = ("chromium", "chromium-browser", "google-chrome")
WAIT_S = 120  # a loaded machine starts a browser slowly
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-extensions", "--no-first-run",
         "--no-default-browser-check", "--hide-scrollbars", "--remote-debugging-pipe")


def find():
    """The program's path, or None."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """One page of one browser. `folder` is for its profile."""

    def __init__(self, folder):
        self._buffer = b""
        self._events = []
        self._last = 0
        self._session = None
        self._pid = self._start(folder)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target,
                                  flatten=True)["sessionId"]
        self.call("Page.enable")

    def _start(self, folder):
        theirs_in, self._to = (_high(fd) for fd in os.pipe())
        self._from, theirs_out = (_high(fd) for fd in os.pipe())
        silent = os.open(os.devnull, os.O_RDWR)
        program = find()
        pid = os.posix_spawn(
            program, [program, *FLAGS, f"--user-data-dir={folder}/profile"],
            {**os.environ, "HOME": str(folder)},
            file_actions=[(os.POSIX_SPAWN_DUP2, theirs_in, 3),
                          (os.POSIX_SPAWN_DUP2, theirs_out, 4),
                          (os.POSIX_SPAWN_DUP2, silent, 1),
                          (os.POSIX_SPAWN_DUP2, silent, 2)],
            setpgroup=0)
        for fd in (theirs_in, theirs_out, silent):
            os.close(fd)
        return pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._to)
        os.close(self._from)

    # ---- the protocol

    def _message(self, until):
        """The next one, of either kind."""
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._from], [], [], max(0, until - time.time()))
            assert ready, "the browser does not answer"
            got = os.read(self._from, 1 << 16)
            assert got, "the browser ended"
            self._buffer += got
        text, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **params):
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        until = time.time() + WAIT_S
        while True:
            got = self._message(until)
            if got.get("id") == self._last:
                assert "error" not in got, f"{method}: {got.get('error')}"
                return got["result"]
            self._events.append(got)

    def wait_for(self, event):
        """Until it happened, since the last time that somebody waited for it."""
        until = time.time() + WAIT_S
        while True:
            for i, got in enumerate(self._events):
                if got.get("method") == event:
                    del self._events[:i + 1]
                    return got["params"]
            self._events.append(self._message(until))

    # ---- what a test wants

    def open(self, url):
        self._events.clear()
        self.call("Page.navigate", url=url)
        self.wait_for("Page.loadEventFired")

    def evaluate(self, expression):
        got = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in got, got["exceptionDetails"]
        return got["result"].get("value")

    def look(self, width=1200, dark=False, media=""):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=800,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def without_scripts(self):
        self.call("Emulation.setScriptExecutionDisabled", value=True)

    def type_into(self, selector, text):
        self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", text=text)

    def click(self, selector):
        """A click that leads to another page."""
        self._events.clear()
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")
        self.wait_for("Page.loadEventFired")

    def shot(self, path):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        got = self.call("Page.captureScreenshot", captureBeyondViewport=True,
                        clip={"x": 0, "y": 0, "width": size["width"],
                              "height": size["height"], "scale": 1})
        path.write_bytes(base64.b64decode(got["data"]))

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF")["data"])


def _high(fd):
    """The same, out of the way of what the browser is given."""
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(fd)
    return moved
