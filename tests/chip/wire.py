# SPDX-License-Identifier: Apache-2.0
"""The cable between a chip's serial port and whoever comes with an update: a socket
that phones find at a path, whatever becomes of the chip behind it. Knows bytes and
how many went by; does not know frames."""
import select
import socket
import threading

VALUE_MAX = 200  # bytes handed to a phone at once; it takes messages
PATIENCE_S = 30


class Wire:
    """One phone at a time: the next one is served when it has hung up."""

    def __init__(self, folder):
        self.path = folder / "air"
        self.to_chip = self.to_phone = 0  # bytes so far
        self.chip = self.phone = None
        self.held = b""  # from the phone, for the chip
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(str(self.path))
        self.listener.listen(4)
        self.lock = threading.Lock()  # held while bytes are on their way
        self.ear, self.mouth = socket.socketpair()
        self.over = False
        self.thread = threading.Thread(target=self._relay, daemon=True)
        self.thread.start()

    # ---- the chip's end -------------------------------------------------------------

    def plug(self, uart):
        with self.lock:
            self.held = b""
            self.chip = uart
            uart.setblocking(False)
        self._wake()

    def unplug(self, hang_up):
        """The chip goes. What it had said still arrives; the phone hears it hang up, or
        only that nothing comes any more."""
        with self.lock:
            while self.chip and self._from_chip():
                pass
            self.chip = None
            if hang_up:
                self._hang_up()
        self._wake()

    def end(self):
        self.over = True
        self._wake()
        self.thread.join(PATIENCE_S)
        for each in (self.listener, self.ear, self.mouth):
            each.close()

    def _wake(self):
        self.mouth.send(b".")

    # ---- bytes ----------------------------------------------------------------------

    def _relay(self):
        while not self.over:
            with self.lock:
                reads = [self.ear] + ([self.chip] if self.chip else [])
                if not self.phone:
                    reads.append(self.listener)
                elif not self.held and self.chip:
                    reads.append(self.phone)
                writes = [self.chip] if self.held and self.chip else []
            try:
                ready = select.select(reads, writes, [])
            except (OSError, ValueError):  # unplugged meanwhile
                continue
            if self.ear in ready[0]:
                self.ear.recv(4096)
            with self.lock:
                self._step()
        self._hang_up()

    def _step(self):
        """Whatever can be done without waiting."""
        if not self.phone:
            self._answer()
        if self.chip:
            self._from_chip()
            self._from_phone()
            self._to_chip()

    def _answer(self):
        self.listener.setblocking(False)
        try:
            self.phone = self.listener.accept()[0]
            self.phone.setblocking(False)
        except BlockingIOError:
            pass

    def _hang_up(self):
        if self.phone:
            self.phone.close()
        self.phone = None
        self.held = b""

    def _from_chip(self):
        """True: there may be more."""
        try:
            data = self.chip.recv(VALUE_MAX)
        except OSError:
            return False
        if data and self.phone:
            self._to_phone(data)
        return bool(data)

    def _to_phone(self, data):
        try:
            select.select([], [self.phone], [], PATIENCE_S)  # it may be slow
            self.phone.send(data)
            self.to_phone += len(data)
        except OSError:
            self._hang_up()

    def _from_phone(self):
        if not self.phone or self.held:
            return
        try:
            self.held = self.phone.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            self.held = b""
        if not self.held:
            self._hang_up()

    def _to_chip(self):
        if not self.held:
            return
        try:
            done = self.chip.send(self.held)
        except OSError:
            return
        self.to_chip += done
        self.held = self.held[done:]
