#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Phones that lie, over HTTP: forged, replayed, reordered, months-late and wrong-device
statements, and a hundred thousand requests of junk. Nothing counts as life, nothing breaks
the server, and each lands in the stream where it belongs.

usage: hostile_test.py FERRYD FERRY SIGNER [--postgresql]

FERRY_FUZZ=N: so many requests of junk (100000).
"""
import base64
import datetime
import os
import random
import socket
import sys
import threading

from server_kit import ALL, PATIENCE_S, device_id, fleet, main, programs, rollout

MONTHS_H = 24 * 90


def say(*args, **more):
    return programs.signer.say(*args, **more)


def seen(server, statement):
    """When its device last showed life."""
    told = server.good("GET", f"/v1/devices/{device_id(statement)}/history")
    return told["state"] and told["state"]["seen"]


def known_devices(server, count):
    """Each has said one thing: its statements, and when it was seen."""
    said = [say(n, 10, server.nonce()) for n in range(1, count + 1)]
    server.check_in(*said)
    return said, [seen(server, x) for x in said]


def flipped(statement, bit):
    bytes_ = bytearray(base64.b64decode(statement))
    bytes_[bit // 8] ^= 1 << bit % 8
    return base64.b64encode(bytes_).decode()


def every_flipped_bit_is_refused_and_none_is_life(folder):
    with fleet(folder) as s:
        rollout(s, stages=ALL)
        said, before = known_devices(s, 1)
        s.pass_hours(3)
        new = say(1, 11, s.nonce())
        bits = 8 * len(base64.b64decode(new))
        decided = []
        for first in range(0, bits, 64):
            decided += s.check_in(*[flipped(new, b)
                                    for b in range(first, min(first + 64, bits))])
        assert {d["statement"] for d in decided} <= {"forged", "malformed", "unknown_device"}
        assert len(decided) == bits and {d["decision"] for d in decided} == {"none"}
        assert seen(s, said[0]) == before[0]
        s.wait_for_security("forged")
        assert s.check_in(new)[0]["statement"] == "new"
        assert seen(s, said[0]) != before[0]


def truncated(statement):
    bytes_ = base64.b64decode(statement)
    return [base64.b64encode(bytes_[:n]).decode() for n in range(1, len(bytes_))]


def no_part_of_a_statement_is_one(folder):
    with fleet(folder) as s:
        parts = truncated(say(1, 1, s.nonce()))
        for first in range(0, len(parts), 64):
            told = s.check_in(*parts[first:first + 64])
            assert {d["statement"] for d in told} == {"malformed"}
        assert s.good("GET", "/v1/devices")["devices"][0]["seen"] is None
        s.wait_for_security("malformed")


def what_another_device_signed_is_forged(folder):
    with fleet(folder) as s:
        said, before = known_devices(s, 2)
        s.pass_hours(1)
        (told,) = s.check_in(say(1, 11, s.nonce(), by=2))
        assert told["statement"] == "forged" and told["device"] == device_id(said[0])
        (told,) = s.check_in(say(99, 1, s.nonce()))
        assert told["statement"] == "unknown_device"
        (told,) = s.check_in(say(1, 11, s.nonce(), hw_rev=9))
        assert told["statement"] == "other_class"
        (told,) = s.check_in(say(1, 11, s.nonce(), class_id="00" * 16))
        assert told["statement"] == "other_class"
        assert [seen(s, x) for x in said] == before
        for kind, times in (("forged", 1), ("unknown_device", 1), ("other_class", 1)):
            s.wait_for_security(kind, times)


def a_nonce_that_was_never_given_is_no_life(folder):
    with fleet(folder) as s:
        said, before = known_devices(s, 1)
        s.pass_hours(1)
        nonce = s.nonce()
        later = f"{int(nonce[:8], 16) + 5:08x}{nonce[8:]}"
        for wrong in ("00" * 16, "ff" * 16, nonce[:-2] + "00", later, nonce[::-1]):
            (told,) = s.check_in(say(1, 11, wrong))
            assert told["statement"] == "foreign_nonce", wrong
        assert [seen(s, x) for x in said] == before
        s.wait_for_security("foreign_nonce")


def what_was_said_before_tells_nothing_new(folder):
    with fleet(folder) as s:
        said, before = known_devices(s, 4)
        for _ in range(3):
            s.pass_hours(7)
            told = s.check_in(*said)
            assert [d["statement"] for d in told] == ["known"] * 4
        assert [seen(s, x) for x in said] == before
        assert s.security() == {}, "a phone that repeats itself attacks nobody"


def an_old_word_that_arrives_late_does_not_undo_a_newer_one(folder):
    with fleet(folder) as s:
        rollout(s, stages=ALL)
        old = say(1, 10, s.nonce())
        s.pass_hours(5)
        new = say(1, 11, s.nonce(), "2.1.0")
        assert s.check_in(new)[0]["statement"] == "new"
        when = seen(s, new)
        (told,) = s.check_in(old)
        assert told["statement"] == "new"  # it was never heard, and shows life back then
        assert seen(s, new) == when
        history = s.good("GET", f"/v1/devices/{device_id(new)}/history")
        assert history["state"]["version"] == "2.1.0"


def months_late_is_no_life_of_today_and_earns_no_offer(folder):
    with fleet(folder) as s:
        old = say(1, 10, s.nonce())
        when = s.pass_hours(1)["hour"] - 1
        s.pass_hours(MONTHS_H // 2)
        s.pass_hours(MONTHS_H // 2)
        rollout(s, stages=ALL)
        (told,) = s.check_in(old)
        assert told["decision"] == "none", told
        assert seen(s, old) == hour_text(when), (seen(s, old), when)


def hour_text(hour):
    at = datetime.datetime.fromtimestamp(hour * 3600, datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def a_copied_key_is_noticed(folder):
    with fleet(folder) as s:
        said, before = known_devices(s, 1)
        s.check_in(say(1, 10, s.nonce(), resets=1))  # the same counter, other words
        s.wait_for_security("counter_twice")
        assert [seen(s, x) for x in said] == before


def what_looks_like_an_attack_is_counted_not_multiplied(folder):
    with fleet(folder) as s:
        for _ in range(50):
            s.check_in(*["AAAA"] * 64)
        s.wait_for_security("malformed")
        rows = len(s.good("GET", "/v1/security-events")["events"])
        assert rows < 10, f"{rows} rows of 3,200 pieces of junk"
        assert s.stop() == 0  # what was counted, and not written yet, is written now
        s.start()
        assert s.security() == {"malformed": 3200}


# ---- junk ----------------------------------------------------------------------------

PATHS = ["/v1/nonce", "/v1/checkin", "/v1/artifacts/", "/v1/transfer-reports",
         "/v1/rollouts/1/open", "/v1/rollouts", "/v1/devices?id=", "/sign-in", "/",
         "/rollouts/1/freeze", "/metrics", "/v1/devices/0/history"]


def junk_body(r, statement):
    """Something like a check-in, and less and less so."""
    text = f'{{"app": "1", "statements": ["{statement}"]}}'.encode()
    kind = r.randrange(6)
    if kind == 0:
        return text
    if kind == 1:
        return text[:r.randrange(len(text))]
    if kind == 2:
        at = r.randrange(len(text))
        return text[:at] + r.randbytes(r.randrange(1, 9)) + text[at + 1:]
    if kind == 3:
        return b'{"app": "1", "statements": [' + b'"A", ' * r.randrange(80) + b'"B"]}'
    return r.randbytes(r.randrange(300)) if kind == 4 else b"[" * r.randrange(3000)


def junk_request(r, statement):
    """Bytes of a request, which may be none."""
    method = r.choice(["GET", "GET", "POST", "POST", "POST", "HEAD", "PUT",
                       "OPTIONS", "x\0y"])
    path = r.choice(PATHS)
    path += "".join(r.choice("/.%0aZ{}?&=-\\") for _ in range(r.randrange(6)))
    body = junk_body(r, statement)
    length = len(body) if r.random() < 0.97 else r.choice([0, 1, len(body) - 1, -1, 10**18])
    head = f"{method} {path} HTTP/1.{r.choice('1111111110x')}\r\nHost: x\r\n"
    if method in ("POST", "PUT") or r.random() < 0.1:
        head += f"Content-Length: {length}\r\n"
    if r.random() < 0.2:
        name = r.choice(["Range", "Authorization", "Cookie", "X-Forwarded-For",
                         "If-None-Match", "Accept", "Transfer-Encoding"])
        head += f"{name}: {r.choice(['bytes=', 'Bearer ', 'ferryd=', '*', 'chunked'])}" \
                f"{r.randbytes(r.randrange(20)).hex()}\r\n"
    data = head.encode() + b"\r\n" + (body if method in ("POST", "PUT") else b"")
    if r.random() < 0.02:
        at = r.randrange(len(data))
        data = data[:at] + r.randbytes(r.randrange(20)) + data[at:]
    return data


LAST = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def send_junk(server, seed, count, statement):
    """Several in one connection, until it ends: by the last one at the latest. Those count
    that were answered: what stands behind one that breaks the line is never seen."""
    r = random.Random(seed)
    answered = 0
    while answered < count:
        with socket.create_connection((server.url.hostname, server.url.port),
                                      timeout=PATIENCE_S) as connection:
            batch = [junk_request(r, statement) for _ in range(r.randrange(1, 20))]
            try:
                connection.sendall(b"".join(batch) + LAST)
                connection.shutdown(socket.SHUT_WR)
                while got := connection.recv(65536):
                    answered += got.count(b"HTTP/1.1 ")
            except OSError:
                answered += 1  # it hung up on us


def a_hundred_thousand_requests_of_junk_change_nothing(folder):
    """The statement in them is a genuine one that is known; all that may come of them is
    in the security stream."""
    count = int(os.environ.get("FERRY_FUZZ", "100000"))
    with fleet(folder) as s:
        no = rollout(s, stages=ALL)
        said, before = known_devices(s, 8)
        s.pass_hours(30)
        threads = [threading.Thread(target=send_junk, args=(s, seed, count // 4, said[0]))
                   for seed in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert s.process.poll() is None, s.said()[-3000:]
        assert [seen(s, x) for x in said] == before
        assert s.good("GET", f"/v1/rollouts/{no}")["state"] == "open"
        assert len(s.good("GET", "/v1/devices")["devices"]) == 8
        kinds = set(s.security())
        assert kinds <= {"malformed", "forged", "unknown_device", "bad_token"}, kinds
        assert s.good("GET", "/v1/transfer-reports")["reports"] == []
        assert s.verb("check", "--replay").returncode == 0


TESTS = [every_flipped_bit_is_refused_and_none_is_life, no_part_of_a_statement_is_one,
         what_another_device_signed_is_forged, a_nonce_that_was_never_given_is_no_life,
         what_was_said_before_tells_nothing_new,
         an_old_word_that_arrives_late_does_not_undo_a_newer_one,
         months_late_is_no_life_of_today_and_earns_no_offer, a_copied_key_is_noticed,
         what_looks_like_an_attack_is_counted_not_multiplied,
         a_hundred_thousand_requests_of_junk_change_nothing]

if __name__ == "__main__":
    sys.exit(main(TESTS))
