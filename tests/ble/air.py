# SPDX-License-Identifier: Apache-2.0
"""The air between two Bluetooth controllers, and the serial line of each to its host:
carries HCI packets (H4) and can cut the connection at any of them, with what is on its
way. Knows packets and handles; does not know ATT, nor who the hosts are."""
import os
import selectors
import socket
import struct
import threading
import time
import tty

COMMAND, ACL, EVENT = 1, 2, 4
DISCONNECT = 0x0406
CONNECTION_TIMEOUT = 0x08  # the reason that both ends are told
DISCONNECTED, COMMAND_STATUS, LE_META = 0x05, 0x0F, 0x3E
LE_CONNECTED, LE_CONNECTED_ENHANCED = 0x01, 0x0A
HEADS = {COMMAND: struct.Struct("<xxxB"), ACL: struct.Struct("<xxxH"),
         EVENT: struct.Struct("<xxB")}  # only the length is looked at
PATIENCE_S = 60


class Packets:
    """Cuts a stream of bytes into whole packets."""

    def __init__(self):
        self.pending = b""

    def feed(self, some):
        self.pending += some
        found = []
        while self.pending:
            head = HEADS.get(self.pending[0])
            if head is None:
                raise ValueError(f"no H4 packet begins with {self.pending[0]}")
            if len(self.pending) < head.size:
                break
            size = head.size + head.unpack_from(self.pending)[0]
            if len(self.pending) < size:
                break
            found.append(self.pending[:size])
            self.pending = self.pending[size:]
        return found


def connected_handle(packet):
    """The handle of a connection that this event says was made, or None."""
    if packet[:2] != bytes([EVENT, LE_META]) or packet[4] != 0:
        return None
    if packet[3] not in (LE_CONNECTED, LE_CONNECTED_ENHANCED):
        return None
    return struct.unpack_from("<H", packet, 5)[0]


def is_disconnected(packet):
    return packet[:2] == bytes([EVENT, DISCONNECTED]) and packet[3] == 0


def is_status_of(packet, opcode):
    return (packet[:2] == bytes([EVENT, COMMAND_STATUS])
            and struct.unpack_from("<H", packet, 5)[0] == opcode)


class Port:
    """One controller, and the serial port at which its host finds it."""

    def __init__(self, server):
        self.controller = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.controller.connect(str(server))
        self.line, self.far_end = os.openpty()  # the far end stays open: hosts may die
        tty.setraw(self.far_end)
        os.set_blocking(self.line, False)
        self.path = os.ttyname(self.far_end)
        self.from_host, self.from_controller = Packets(), Packets()
        self.to_host = bytearray()
        self.handle = None   # of its connection
        self.ours = 0        # commands that its host has not given
        self.acl_sent = 0    # data packets from its host, in all
        self.fuse = None     # so many more, then `blown` is called
        self.blown = None
        self.dark = False    # the connection is being lost: nothing passes

    def heard_from_host(self, packet):
        """What the controller shall get."""
        if packet[0] != ACL:
            return packet
        self.acl_sent += 1
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse <= 0:
                self.fuse = None
                self.blown()
        return b"" if self.dark else packet

    def heard_from_controller(self, packet):
        """What the host shall get."""
        handle = connected_handle(packet)
        if handle is not None:
            self.handle, self.dark = handle, False
        elif is_disconnected(packet):
            self.handle, self.dark = None, False
        elif self.ours and is_status_of(packet, DISCONNECT):
            self.ours -= 1
            return b""
        elif self.dark and packet[0] == ACL:
            return b""
        return packet

    def disconnect(self):
        """In its host's name, who does not know."""
        if self.handle is not None:
            self.ours += 1
            self.controller.sendall(struct.pack("<BHBHB", COMMAND, DISCONNECT, 3,
                                                self.handle, CONNECTION_TIMEOUT))


class Air:
    """All ports, served by a thread of its own."""

    def __init__(self, server):
        self.server = server
        self.ports = []
        self.lock = threading.RLock()
        self.ready = selectors.DefaultSelector()
        self.ended = False
        self.why = None  # it came to its end before its time
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def port(self):
        port = Port(self.server)
        with self.lock:
            self.ports.append(port)
            self.ready.register(port.line, selectors.EVENT_READ, (port, self._host))
            self.ready.register(port.controller, selectors.EVENT_READ,
                                (port, self._controller))
        return port

    def close(self, port):
        """Its host is no more. Who was connected to it shall notice."""
        self.cut()
        until = time.monotonic() + PATIENCE_S
        while self._connected() and time.monotonic() < until:
            time.sleep(0.01)
        with self.lock:
            self.ports.remove(port)
            for end in (port.line, port.controller):
                self.ready.unregister(end)
            port.controller.close()
            os.close(port.line)
            os.close(port.far_end)

    def _connected(self):
        return [port for port in self.ports if port.handle is not None]

    def cut(self):
        """The connection is lost, and with it what is on its way."""
        with self.lock:
            connected = self._connected()
            for port in connected:
                port.dark = True
            if connected:
                connected[0].disconnect()

    def end(self):
        self.ended = True
        self.thread.join(PATIENCE_S)
        for port in list(self.ports):
            port.controller.close()
            os.close(port.line)
            os.close(port.far_end)

    # ---- the thread ------------------------------------------------------------------

    def _serve(self):
        try:
            while not self.ended:
                for key, events in self.ready.select(0.2):
                    port, serve = key.data
                    with self.lock:
                        if port in self.ports:
                            serve(port, events)
        except (OSError, ValueError) as why:
            self.why = why

    def _host(self, port, events):
        if events & selectors.EVENT_WRITE:
            self._flush(port)
        if events & selectors.EVENT_READ:
            for packet in port.from_host.feed(os.read(port.line, 4096)):
                port.controller.sendall(port.heard_from_host(packet))

    def _controller(self, port, events):
        some = port.controller.recv(65536)
        if not some:
            raise OSError("the controllers have ended")
        for packet in port.from_controller.feed(some):
            port.to_host += port.heard_from_controller(packet)
        self._flush(port)

    def _flush(self, port):
        try:
            while port.to_host:
                del port.to_host[:os.write(port.line, port.to_host)]
        except BlockingIOError:
            pass
        more = selectors.EVENT_WRITE if port.to_host else 0
        self.ready.modify(port.line, selectors.EVENT_READ | more, (port, self._host))
