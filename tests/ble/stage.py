# SPDX-License-Identifier: Apache-2.0
"""Two host stacks on their controllers, and one update after the other: phones are
started, connections cut, phones and the device killed, where the dice say. Knows how;
what may come of it is judged at the end of each update, and who plays is run.py's."""
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples" / "board"))

from air import Air  # noqa: E402
from goods import version  # noqa: E402
from judge import BATTERY_OUT, highest, progress, sent_again, undamaged  # noqa: E402
from node import EXAMPLE  # noqa: E402
from kit import Line, Talker, Unexpected  # noqa: E402

PATIENCE_S = 120  # a phone's, without progress; a loaded machine is slow
UPDATE_S = 900    # and the longest that one update may take
LOOK_S = 0.05
SETTING_UP = 20   # packets of a phone before its first chunk: discovery, subscription
FRAGMENT = 192    # bytes of a packet between these hosts and their controllers
KINDS = ("air", "air", "phone", "device")


class Host(Talker):
    """A stack and the native program behind it: they die together, at the latest with
    this process, whose end their standard input is."""

    def __init__(self, name, script, port, modules, *words):
        self.port = port
        super().__init__(name, ["node", EXAMPLE / script, port.path, *words],
                         stdin=subprocess.PIPE, start_new_session=True,
                         env={**os.environ, "NODE_PATH": str(modules)})

    def strike(self):
        """kill -9, of both."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE_S)
        except ProcessLookupError:
            pass

    def kill(self):
        self.strike()
        return self.end()


class Update:
    """What happened in one, for the table."""

    def __init__(self, image):
        self.image_len = len(image)
        self.lines = []  # of all its phones, in order
        self.struck = {"air": 0, "phone": 0, "device": 0}
        self.totals = {"sent": 0, "written": 0, "heard": 0}
        self.rate = 0  # bytes a second, where nothing came in between
        self.again = 0  # bytes sent twice
        self.resumed = 0

    def take(self, lines):
        self.lines += lines
        for field in self.totals:
            self.totals[field] += highest(lines, field)

    def times(self, what):
        return sum(what in line for line in self.lines)

    def judge(self, device_counts):
        """The counts are of the device's life that received the end of the image."""
        self.resumed = progress(self.lines) - 1
        self.again = sent_again(self.totals["sent"], self.image_len,
                                sum(self.struck.values()), self.struck["device"])
        if not any(self.struck.values()):
            undamaged(device_counts)
            took_ms = self._ms("phone committed") - self._ms("phone accepted")
            self.rate = self.image_len * 1000 // max(1, took_ms)

    def _ms(self, what):
        return next(line["ms"] for line in self.lines if what in line)


class Stage:
    def __init__(self, goods, controllers, modules, mtu, dice):
        self.goods = goods
        self.modules = modules
        self.mtu = mtu
        self.dice = dice
        self.air = Air(controllers.server)
        self.struck = threading.Event()
        self.hosts = []  # all there ever were
        self.device = self.start_device()
        self.phone = None

    def start(self, name, script, *words):
        host = Host(name, script, self.air.port(), self.modules, *words)
        self.hosts.append(host)
        return host

    def start_device(self):
        return self.start("device", "device.mjs", *self.goods.device_command())

    def start_phone(self, artifacts):
        return self.start("phone", "phone.mjs", str(self.mtu),
                          *self.goods.phone_command(artifacts, PATIENCE_S))

    # ---- interruptions ---------------------------------------------------------------

    def lay_fuse(self, update, kind, packets):
        """It comes when the phone has sent so many more packets."""
        def blow():
            update.struck[kind] += 1
            if kind == "air":
                self.air.cut()
            else:
                getattr(self, kind).strike()
            self.struck.set()

        self.phone.port.blown = blow
        self.phone.port.fuse = packets

    def lay_next(self, update, plan):
        """Anywhere from the first packet on; one in four before there is a session."""
        if plan:
            value = self.mtu - 3
            packets = update.image_len // value * (1 + value // FRAGMENT) + SETTING_UP
            share = 2 * packets // (len(plan) + 1)
            most = SETTING_UP if self.dice.random() < 0.25 else share
            self.lay_fuse(update, plan.pop(), self.dice.randint(1, most))

    def replace_dead(self, update, artifacts):
        """Whoever was killed is followed by another."""
        if self.device.process.poll() is not None:
            self.device.end()
            with self.phone.more:
                self.phone.lines.append(Line(BATTERY_OUT))
            self.air.close(self.device.port)
            self.device = self.start_device()
        if self.phone.process.poll() == -signal.SIGKILL:
            self.retire_phone(update)
            self.phone = self.start_phone(artifacts)

    def retire_phone(self, update):
        code = self.phone.end()
        update.take(self.phone.lines)
        self.air.close(self.phone.port)
        return code

    # ---- an update -------------------------------------------------------------------

    def update(self, number, image, plan):
        """Version 1.NUMBER.0 arrives although all that happens. An Update; raises
        Unexpected or Unfair."""
        artifacts = self.goods.made(number, image)
        update = Update(image)
        self.phone = self.start_phone(artifacts)
        self.lay_next(update, plan)
        self.watch(update, plan, artifacts)
        code = self.retire_phone(update)
        if code != 0:
            raise Unexpected(f"a phone ended with {code}")
        self.look_at_device(number, update)
        update.judge(self.device.all("device counts")[-1])
        return update

    def watch(self, update, plan, artifacts):
        """Until a phone has ended by itself."""
        until = time.monotonic() + UPDATE_S
        while True:
            if self.struck.wait(LOOK_S):
                self.struck.clear()
                self.replace_dead(update, artifacts)
                self.lay_next(update, plan)
            elif self.phone.process.poll() not in (None, -signal.SIGKILL):
                return
            if self.air.why is not None:
                raise Unexpected(f"the air: {self.air.why}")
            if time.monotonic() > until:
                raise Unexpected(f"not there after {UPDATE_S} s")

    def look_at_device(self, number, update):
        holds = [line for line in update.lines if "phone statement" in line][-1]
        if holds["version"] != version(number):
            raise Unexpected(f"its statement says {holds['version']}")
        runs = self.device.all("device up")[-1]
        if runs["version"] != version(number):
            raise Unexpected(f"{runs['version']} runs")
        if not self.goods.bank_holds(runs["bank"], number):
            raise Unexpected("its bank holds something else")
        for host in self.hosts:
            if host.all("flash=refused"):
                raise Unexpected("a flash rule was broken")

    def last_words(self):
        return "\n".join(f"    {host.name}: {line.text}" for host in self.hosts[-3:]
                         for line in host.lines[-12:])

    def end(self):
        for number, host in enumerate(self.hosts):
            if host.process.poll() is None:
                host.kill()
            said = "".join(f"{line.text}\n" for line in host.lines)
            (self.goods.folder / f"{number:02}-{host.name}.log").write_text(
                said, encoding="utf-8")
        self.air.end()
