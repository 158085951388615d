#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `./dev ble` stands on, without any stack: how HCI packets are told apart, what a
cut of the air lets through, and that no update passes that cost more than it may.

usage: test_run.py
"""
import os
import select
import socket
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "examples" / "board"), str(HERE.parent / "house")]

import judge  # noqa: E402
from air import Air, Packets  # noqa: E402
from house import Report  # noqa: E402
from kit import Line  # noqa: E402

PATIENCE_S = 60
RESET = bytes.fromhex("01030c00")
DATA = bytes.fromhex("022a00" "0500" "0102030405")
CONNECTED = bytes.fromhex("043e13" "01" "00" "2a00" "01" "00") + bytes(13)
FAILED = bytes.fromhex("043e13" "01" "3e" "2a00" "01" "00") + bytes(13)
DISCONNECT = bytes.fromhex("01060403" "2a00" "08")
STATUS = bytes.fromhex("040f04" "0001" "0604")
DISCONNECTED = bytes.fromhex("040504" "00" "2a00" "08")


# ---- packets -------------------------------------------------------------------------


def packets_come_out_whole_wherever_the_stream_is_cut(check):
    stream = RESET + DATA + DISCONNECTED + CONNECTED
    wanted = [RESET, DATA, DISCONNECTED, CONNECTED]
    for cut in range(len(stream) + 1):
        packets = Packets()
        check(packets.feed(stream[:cut]) + packets.feed(stream[cut:]), wanted,
              f"cut at {cut}")


def what_is_no_packet_is_an_error(check):
    try:
        Packets().feed(b"\x07")
        check("taken", "refused", "a packet of kind 7")
    except ValueError:
        pass


# ---- the air -------------------------------------------------------------------------


def receive(end, length):
    return end.recv(length, socket.MSG_WAITALL)


def wait_until(holds):
    until = time.monotonic() + PATIENCE_S
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)


class Controllers:
    """Sockets instead of controllers, and what the air gave to each."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="ferry-air-")
        path = Path(self.folder.name) / "server"
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.server.bind(str(path))
        self.server.listen()
        self.air = Air(path)
        self.ports, self.ends = [], []
        for _ in range(2):
            self.ports.append(self.air.port())
            self.ends.append(self.server.accept()[0])
            self.ends[-1].settimeout(PATIENCE_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.air.end()
        for end in (*self.ends, self.server):
            end.close()
        self.folder.cleanup()

    def host_says(self, which, packet):
        os.write(self.ports[which].far_end, packet)

    def host_hears(self, which, length):
        heard = b""
        far_end = self.ports[which].far_end
        while len(heard) < length and select.select([far_end], [], [], PATIENCE_S)[0]:
            heard += os.read(far_end, length - len(heard))
        return heard

    def connect(self):
        for which, end in enumerate(self.ends):
            end.sendall(CONNECTED)
            self.host_hears(which, len(CONNECTED))

    def disconnected(self):
        """Both controllers say so, and both hosts hear it."""
        self.ends[0].sendall(STATUS + DISCONNECTED)
        self.ends[1].sendall(DISCONNECTED)
        return [self.host_hears(which, len(DISCONNECTED)) for which in range(2)]


def the_air_carries_both_ways(check):
    with Controllers() as c:
        c.host_says(0, RESET + DATA)
        check(receive(c.ends[0], len(RESET + DATA)), RESET + DATA, "to a controller")
        c.ends[1].sendall(CONNECTED)
        check(c.host_hears(1, len(CONNECTED)), CONNECTED, "to a host")


def a_cut_loses_what_is_on_its_way_and_both_hosts_are_told(check):
    with Controllers() as c:
        c.connect()
        c.air.cut()
        check(receive(c.ends[0], len(DISCONNECT)), DISCONNECT, "in the host's name")
        c.ends[0].sendall(DATA)  # it was in the air
        c.host_says(1, DATA)
        wait_until(lambda: c.ports[1].acl_sent == 1)
        check(c.disconnected(), [DISCONNECTED] * 2, "what both hear")
        c.connect()
        c.host_says(1, RESET)
        check(receive(c.ends[1], len(RESET)), RESET, "after it, and nothing before")


def a_fuse_blows_at_the_packet_it_was_laid_for(check):
    with Controllers() as c:
        c.connect()
        c.ports[1].blown, c.ports[1].fuse = c.air.cut, 3
        c.host_says(1, DATA * 5)
        check(receive(c.ends[0], len(DISCONNECT)), DISCONNECT, "the cut")
        check(receive(c.ends[1], 2 * len(DATA)), DATA * 2, "what came before")
        c.host_says(1, RESET)
        check(receive(c.ends[1], len(RESET)), RESET, "and nothing more of it")


def a_connection_that_failed_is_none(check):
    with Controllers() as c:
        c.ends[0].sendall(FAILED)
        c.host_hears(0, len(FAILED))
        check(c.ports[0].handle, None, "its handle")


def controllers_that_end_are_noticed(check):
    with Controllers() as c:
        c.ends[0].close()
        wait_until(lambda: c.air.why is not None)
        check(str(c.air.why), "the controllers have ended", "why the air ended")


# ---- judging -------------------------------------------------------------------------


def said(*texts):
    return [Line(f"phone {text} of=100000") for text in texts]


def goes_on(lines):
    try:
        return judge.progress(lines)
    except judge.Unfair as why:
        return str(why)


def what_was_acked_may_not_be_asked_for_again(check):
    before = said("accepted acked=0", "progress acked=9000")
    check(goes_on(before + said("accepted acked=9000")), 2, "it goes on where it was")
    check(goes_on(before + said("accepted acked=8999")),
          "9000 bytes were acked, and it goes on at 8999", "one byte again")


def a_battery_may_cost_blocks_once(check):
    out = [Line(judge.BATTERY_OUT)]
    before = said("accepted acked=0", "progress acked=40000")
    less = said(f"accepted acked={40000 - judge.BATTERY}")
    check(goes_on(before + out + less), 2, "as much as it may")
    check(goes_on(before + out + said("accepted acked=27000")),
          "40000 bytes were acked, and it goes on at 27000", "more than that")
    check(goes_on(before + out + less + said("progress acked=40000") + less),
          f"40000 bytes were acked, and it goes on at {40000 - judge.BATTERY}",
          "again, without a battery")


def bytes_sent_twice_are_held_to_what_came_in_between(check):
    check(judge.sent_again(100, 100, 0, 0), 0, "undisturbed")
    check(judge.sent_again(100 + judge.WINDOW, 100, 1, 0), judge.WINDOW, "a window")
    for cut, battery, fair in ((0, 0, judge.WINDOW), (2, 0, 3 * judge.WINDOW),
                               (1, 1, 2 * judge.WINDOW + judge.BATTERY)):
        try:
            judge.sent_again(101 + fair, 100, cut, battery)
            check("passes", "unfair", f"{cut} cuts, {battery} batteries")
        except judge.Unfair:
            pass


def an_undisturbed_update_has_no_damaged_frame(check):
    counts = "device counts frames_bad={} ignored=0 dropped={} foreign=0 lost=0"
    judge.undamaged(Line(counts.format(0, 0)))
    for bad, dropped in ((1, 0), (0, 1)):
        try:
            judge.undamaged(Line(counts.format(bad, dropped)))
            check("passes", "unfair", f"{bad} bad, {dropped} dropped")
        except judge.Unfair:
            pass


TESTS = (packets_come_out_whole_wherever_the_stream_is_cut,
         what_is_no_packet_is_an_error,
         the_air_carries_both_ways,
         a_cut_loses_what_is_on_its_way_and_both_hosts_are_told,
         a_fuse_blows_at_the_packet_it_was_laid_for,
         a_connection_that_failed_is_none,
         controllers_that_end_are_noticed,
         what_was_acked_may_not_be_asked_for_again,
         a_battery_may_cost_blocks_once,
         bytes_sent_twice_are_held_to_what_came_in_between,
         an_undisturbed_update_has_no_damaged_frame)


def main():
    report = Report()

    def check(got, wanted, what):
        report.check([] if got == wanted else [(what, f"{got}, not {wanted}")])
    for test in TESTS:
        test(check)
    report.end()


if __name__ == "__main__":
    main()
