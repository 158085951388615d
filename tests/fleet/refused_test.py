#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What ferryd refuses, and how it says so: settings that are wrong, networks in the clear,
tokens, bodies, too much from one address, more than can be stored.

usage: refused_test.py FERRYD FERRY SIGNER [--postgresql]
"""
import http.client
import json
import resource
import socket
import subprocess
import sys
import threading
import time

from server_kit import (ALL, CLASS, CLOCK, PATIENCE_S, Ferryd, fleet, main, programs,
                        rollout)

# ---- settings ------------------------------------------------------------------------


def run(*args, cwd=None):
    return subprocess.run([programs.ferryd, *map(str, args)], capture_output=True,
                          text=True, check=False, cwd=cwd, timeout=PATIENCE_S)


# Arguments, and what the one line must say.
SETTINGS = [(("--colour", "red"), ["--colour"]), (("--listen",), ["--listen", "value"]),
            (("--threads", "0"), ["--threads 0", "1 to 64"]),
            (("--threads", "2x"), ["2x"]), (("--queue", "-1"), ["-1"]),
            (("--hour-seconds", "0"), ["demo"]), (("--hour-seconds", "4000"), ["3600"]),
            (("--tls-cert", "x.pem"), ["tls-key"]), (("--log", "loudly"), ["events"]),
            (("--config", "missing.conf"), ["missing.conf"]), (("dance",), ["dance"])]


def settings_that_are_wrong_are_named(folder):
    for args, says in SETTINGS:
        done = run(*args, cwd=folder)
        assert done.returncode == 2, (args, done)
        for fragment in says:
            assert fragment in done.stderr, (args, done.stderr)


# Lines of a file; what is said of the wrong one.
LINES = [("threads = 4\ncolour = red\n", ["line 2", "colour"]),
         ("# all is well\n\nqueue 7\n", ["line 3", "name = value"]),
         ("demo = perhaps\n", ["line 1", "yes or no"]),
         ("listen =\n", ["line 1", "listen"])]


def a_file_s_mistakes_are_named_with_their_lines(folder):
    file = folder / "ferryd.conf"
    for text, says in LINES:
        file.write_text(text)
        done = run("--config", file)
        assert done.returncode == 2, (text, done)
        for fragment in ["ferryd.conf", *says]:
            assert fragment in done.stderr, (text, done.stderr)


def a_file_sets_what_flags_do_and_flags_win(folder):
    (folder / "ferryd.conf").write_text(
        "# a comment\n  hour-seconds = 0\ndemo = yes\nrelay-rate=0\nqueue = 7\n")
    with Ferryd(folder, "--config", folder / "ferryd.conf", "--queue", "9") as s:
        s.pass_hours(1)
        assert "ferryd_queue_room 9\n" in s.get("/metrics").body.decode()


def it_stays_on_this_machine_without_tls(folder):
    (folder / "store").mkdir()
    for listen in ("0.0.0.0:0", "[::]:0", "192.0.2.1:0"):
        done = run("--db", f"sqlite:{folder}/fleet.db", "--store", folder / "store",
                   "--listen", listen)
        assert done.returncode == 1 and "loopback" in done.stderr, done
    for listen in ("nowhere", "127.0.0.1", "127.0.0.1:x", "localhost:1", "127.0.0.1:70000"):
        done = run("--db", f"sqlite:{folder}/fleet.db", "--store", folder / "store",
                   "--listen", listen)
        assert done.returncode == 1 and listen in done.stderr, done


def what_cannot_be_opened_is_named(folder):
    (folder / "store").mkdir()
    done = run("--db", f"sqlite:{folder}/no/fleet.db", "--store", folder / "store")
    assert done.returncode == 1 and "no/fleet.db" in done.stderr, done
    done = run("--db", "fleet.db", "--store", folder / "store")
    assert done.returncode == 1 and "sqlite:" in done.stderr, done
    done = run("--db", f"sqlite:{folder}/fleet.db", "--store", folder / "elsewhere")
    assert done.returncode == 1 and "elsewhere" in done.stderr, done
    (folder / "junk").write_text("no PEM\n")
    done = run("--db", f"sqlite:{folder}/fleet.db", "--store", folder / "store",
               "--tls-cert", folder / "junk", "--tls-key", folder / "junk")
    assert done.returncode == 1 and "no certificate" in done.stderr, done


def a_second_server_does_not_share_the_port(folder):
    with Ferryd(folder) as s:
        (folder / "other").mkdir()
        done = run("--db", f"sqlite:{folder}/other/fleet.db", "--store", folder / "store",
                   "--listen", f"127.0.0.1:{s.url.port}")
        assert done.returncode == 1 and str(s.url.port) in done.stderr, done


# ---- tokens --------------------------------------------------------------------------


def each_scope_opens_its_routes_and_no_others(folder):
    with Ferryd(folder, *CLOCK) as s:
        read, operate, admin = (s.new_token(n, n) for n in ("read", "operate", "admin"))
        rows = [("GET", "/v1/rollouts", None, read),
                ("POST", "/v1/rollouts", {"class": CLASS, "version": "9.9.9"}, operate),
                ("POST", "/v1/devices", programs.signer.csv(1, 1), admin)]
        for method, path, body, right in rows:
            for token in (read, operate, admin):
                status = s.ask(method, path, body, token=token).status
                assert (status != 403) == (token == right), (path, status)
            for wrong in (None, "ferry_nonsense", read[:-1], read + "x", ""):
                got = s.ask(method, path, body, token=wrong)
                assert got.status == 401 and got.headers["WWW-Authenticate"], path
        s.wait_for_security("bad_token")
        assert s.verb("token", "revoke", "read").returncode == 0
        assert s.get("/v1/rollouts", token=read).status == 401


def guessing_tokens_gets_slow(folder):
    with Ferryd(folder, "--relay-rate", "1", "--relay-burst", "50") as s:
        got = [s.get("/v1/rollouts", token=f"ferry_guess{i}").status for i in range(20)]
        assert got[0] == 401 and got[-1] == 429, got
    (folder / "page").mkdir()
    with Ferryd(folder / "page", "--relay-rate", "1", "--relay-burst", "50") as s:
        got = [s.post("/sign-in", f"token=ferry_guess{i}", token=False, held=False).status
               for i in range(20)]
        assert got[0] == 403 and got[-1] == 429, got


# ---- bodies --------------------------------------------------------------------------

# Of POST /v1/checkin: what is sent, the status, and what must be said.
BODIES = [("", 400, "empty"), ("{", 400, "line 1"), ("[]", 422, "object"),
          ('{"app": "1", "app": "2", "statements": ["AA=="]}', 400, "line 1"),
          (b"\xff\xfe", 400, ""), ("{}", 422, "/app"), ("[" * 100000, 400, ""),
          ({"app": "1"}, 422, "/statements"), ({"app": 1, "statements": ["A"]}, 422, "/app"),
          ({"app": "x" * 33, "statements": ["A"]}, 422, "/app"),
          ({"app": "1\n", "statements": ["A"]}, 422, "/app"),
          ({"app": "1", "statements": []}, 422, "/statements"),
          ({"app": "1", "statements": ["A"] * 65}, 422, "/statements"),
          ({"app": "1", "statements": ["A", 3]}, 422, "/statements/1"),
          ({"app": "1", "statements": ["A"], "x": 1}, 422, '\\"x\\"')]


def a_check_in_that_is_none_is_told_why(folder):
    with Ferryd(folder, *CLOCK) as s:
        for body, status, says in BODIES:
            got = s.post("/v1/checkin", body, token=False)
            assert got.status == status and says in got.body.decode(), (body, got.body)
            assert got.json["instance"] == "/v1/checkin"


def a_body_that_is_too_long_is_not_read(folder):
    with Ferryd(folder, *CLOCK) as s:
        got = s.post("/v1/checkin", "x" * (256 * 1024 + 1), token=False)
        assert got.status == 413, got.status
        pieces = (b"x" * 1000 for _ in range(300))
        got = s.raw("POST", "/v1/checkin", pieces)
        assert got.status == 413
        try:  # without an end: the connection ends
            s.raw("POST", "/v1/checkin", (b"x" * 100000 for _ in range(1000)))
            raise AssertionError("somebody read 100 MB")
        except (OSError, http.client.HTTPException):
            pass
        assert s.good("GET", "/healthz", token=False)


def a_body_without_an_end_is_not_begun(folder):
    with Ferryd(folder, *CLOCK) as s:
        got = s.raw("POST", "/v1/checkin", None, {"Transfer-Encoding": "gzip"})
        assert got.status == 501, got.body


def what_is_not_there_and_what_is_not_for_it_are_told_apart(folder):
    with Ferryd(folder, *CLOCK) as s:
        for path in ("/v1", "/v1/rollouts/1/dance", "/v1/nonce/", "//", "/v2/nonce"):
            got = s.get(path, held=False)
            assert got.status == 404 and got.json["status"] == 404, path
        got = s.ask("DELETE", "/v1/rollouts", held=False)
        assert got.status == 405 and got.headers["Allow"] == "GET, POST"
        got = s.ask("PUT", "/v1/rollouts/1/open", held=False)
        assert got.status == 405 and got.headers["Allow"] == "POST"
        for no in ("0", "x", "-1", "99999999999999999999"):
            assert s.get(f"/v1/rollouts/{no}").status == 404, no


def only_a_demonstration_s_clock_is_moved(folder):
    with Ferryd(folder) as s:
        got = s.post("/v1/demo/clock", {"hours": 1}, token=False)
        assert got.status == 404
    (folder / "demo").mkdir()
    with Ferryd(folder / "demo", *CLOCK) as s:
        for hours in (0, -1, 2001, "1", 1.5, None):
            got = s.post("/v1/demo/clock", {"hours": hours}, token=False)
            assert got.status == 422, hours


# ---- too much ------------------------------------------------------------------------


def one_address_gets_its_share_and_others_theirs(folder):
    with Ferryd(folder, "--relay-rate", "2", "--relay-burst", "20", "--forwarded") as s:
        def ask(address):
            return s.get("/v1/nonce", token=False, headers={"X-Forwarded-For": address})
        got = [ask("192.0.2.1") for _ in range(25)]
        assert [g.status for g in got[:20]] == [200] * 20 and got[-1].status == 429
        assert int(got[-1].headers["Retry-After"]) >= 1
        # what a client says of itself stands before what the proxy says
        assert ask("198.51.100.1, 192.0.2.1").status == 429
        assert ask("192.0.2.1, 192.0.2.2").status == 200
        assert [ask(f"2001:db8::{i:x}").status for i in range(30)][-1] == 429  # one /64
        assert ask("2001:db8:0:1::1").status == 200
        time.sleep(1.1)
        assert ask("192.0.2.1").status == 200


def a_check_in_costs_as_much_as_it_has_statements(folder):
    with Ferryd(folder, "--relay-rate", "1", "--relay-burst", "100") as s:
        body = {"app": "1", "statements": ["AAAA"] * 64}
        got = [s.post("/v1/checkin", body, token=False).status for _ in range(2)]
        assert got == [200, 429], got


def more_than_can_be_stored_is_sent_away_and_what_was_taken_is_there(folder):
    """64 at once, a queue of two: some are told to come again, and those alone are not
    there."""
    with fleet(folder, 640, args=(*CLOCK, "--queue", "2")) as s:
        nonce, told = s.nonce(), {}

        def phone(first):
            for n in range(first, first + 10):
                said = programs.signer.say(n, 1, nonce)
                told[said] = s.post("/v1/checkin", {"app": "1", "statements": [said]},
                                    token=False)
        threads = [threading.Thread(target=phone, args=(f,)) for f in range(1, 641, 10)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        away = [x for x, got in told.items() if got.status == 503]
        assert {got.status for got in told.values()} <= {200, 503} and len(told) == 640
        assert all(int(told[x].headers["Retry-After"]) > 0 for x in away)
        print(f"{len(away)} of 640 were sent away")
        for x, got in told.items():
            (again,) = s.check_in(x)
            assert again["statement"] == ("new" if got.status == 503 else "known")


def a_slow_body_keeps_nobody_waiting(folder):
    with Ferryd(folder, *CLOCK) as s:
        slow = [socket.create_connection((s.url.hostname, s.url.port)) for _ in range(200)]
        for one in slow:
            one.sendall(b"POST /v1/checkin HTTP/1.1\r\nHost: x\r\n"
                        b"Content-Length: 200000\r\n\r\n{")
        began = time.monotonic()
        s.nonce()
        assert time.monotonic() - began < PATIENCE_S / 4
        for one in slow:
            one.close()


def stored(s, n):
    got = s.post("/v1/checkin",
                 {"app": "1", "statements": [programs.signer.say(n, 1, s.nonce())]},
                 token=False)
    return got.status


def a_full_disk_is_told_and_got_over(folder):
    if programs.cluster:
        print("skipped: a_full_disk_is_told_and_got_over: PostgreSQL's disk is its own")
        return
    with fleet(folder, 64) as s:
        pid, none = s.process.pid, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        assert stored(s, 1) == 200
        full = (folder / "fleet.db-wal").stat().st_size
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY))
        n = 2
        while stored(s, n) == 200 and n < 60:  # what was written over may have room
            n += 1
        assert n < 60 and stored(s, n) == 503
        assert s.get("/healthz", token=False).status == 503
        resource.prlimit(pid, resource.RLIMIT_FSIZE, none)
        assert stored(s, n) == 200 and s.good("GET", "/healthz", token=False)
        for known in range(1, n):
            (told,) = s.check_in(programs.signer.say(known, 1, s.nonce()))
            assert told["statement"] == "known", known
        assert s.verb("check", "--replay").returncode == 0


def a_database_that_hangs_up_is_called_again(folder):
    if not programs.cluster:
        print("skipped: a_database_that_hangs_up_is_called_again: it is a file")
        return
    with fleet(folder) as s:
        assert stored(s, 1) == 200
        subprocess.run(["psql", "-q", "-o", "/dev/null", programs.cluster.where, "-c",
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE pid <> pg_backend_pid()"], check=True)
        said = programs.signer.say(2, 1, s.nonce())
        got = s.ask_until_answered("POST", "/v1/checkin",
                                   {"app": "1", "statements": [said]}, token=False)
        assert got.status == 200
        assert s.good("GET", "/v1/devices")["devices"]


def what_was_accepted_is_finished_before_it_goes(folder):
    with fleet(folder, 64) as s:
        rollout(s, stages=ALL)
        nonce, told = s.nonce(), []
        said = [programs.signer.say(n, 1, nonce) for n in range(1, 65)]

        def phone(x):
            body = json.dumps({"app": "1", "statements": [x]})
            try:
                got = s.raw("POST", "/v1/checkin", body)
            except (OSError, http.client.HTTPException):
                return
            if got.status == 200:
                told.append(x)
        threads = [threading.Thread(target=phone, args=(x,)) for x in said]
        for t in threads:
            t.start()
        assert s.stop() == 0
        for t in threads:
            t.join()
        s.start()
        assert all(s.check_in(x)[0]["statement"] == "known" for x in told)


TESTS = [settings_that_are_wrong_are_named, a_file_s_mistakes_are_named_with_their_lines,
         a_file_sets_what_flags_do_and_flags_win, it_stays_on_this_machine_without_tls,
         what_cannot_be_opened_is_named, a_second_server_does_not_share_the_port,
         each_scope_opens_its_routes_and_no_others,
         guessing_tokens_gets_slow, a_check_in_that_is_none_is_told_why,
         a_body_that_is_too_long_is_not_read, a_body_without_an_end_is_not_begun,
         what_is_not_there_and_what_is_not_for_it_are_told_apart,
         only_a_demonstration_s_clock_is_moved,
         one_address_gets_its_share_and_others_theirs,
         a_check_in_costs_as_much_as_it_has_statements,
         more_than_can_be_stored_is_sent_away_and_what_was_taken_is_there,
         a_slow_body_keeps_nobody_waiting, a_full_disk_is_told_and_got_over,
         a_database_that_hangs_up_is_called_again, what_was_accepted_is_finished_before_it_goes]

if __name__ == "__main__":
    sys.exit(main(TESTS))
