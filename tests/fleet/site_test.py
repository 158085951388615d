#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page over HTTP: who may read it, how acts are confirmed, and that nothing which a
browser sends by itself changes anything. What it looks like is page_test.py's.

usage: site_test.py FERRYD FERRY SIGNER [--postgresql]
"""
import sys
from urllib.parse import urlencode

from server_kit import ALL, CLOCK, Ferryd, fleet, main, programs, publish, rollout

PLAIN = ("--relay-rate", "0")  # no demonstration: reading wants a token


def page(s, path, cookie=None):
    headers = {"Cookie": f"ferryd={cookie}"} if cookie else {}
    return s.get(path, token=False, headers=headers, held=False)


def form(s, path, cookie=None, **fields):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if cookie:
        headers["Cookie"] = f"ferryd={cookie}"
    return s.post(path, urlencode(fields), token=False, headers=headers, held=False)


def signed_in(s, token):
    got = form(s, "/sign-in", token=token)
    assert got.status == 303 and got.headers["Location"] == "/", (got.status, got.body)
    return got.headers["Set-Cookie"].split(";")[0].removeprefix("ferryd=")


def reading_wants_a_token_that_reads(folder):
    with Ferryd(folder, *PLAIN) as s:
        got = page(s, "/")
        assert got.status == 303 and got.headers["Location"] == "/sign-in"
        assert page(s, "/sign-in").status == 200
        assert page(s, "/", "nonsense").status == 303
        assert page(s, "/", s.new_token("admin", "admin")).status == 303
        for wrong in ("nonsense", "a b; c", s.new_token("operate", "operate")):
            got = form(s, "/sign-in", token=wrong)
            assert got.status == 403 and "Set-Cookie" not in got.headers, wrong
        cookie = signed_in(s, s.new_token("read", "read"))
        for path in ("/", "/devices", "/security"):
            assert page(s, path, cookie).status == 200, path
        assert s.verb("token", "revoke", "read").returncode == 0
        assert page(s, "/", cookie).status == 303
        s.wait_for_security("bad_token")


def the_cookie_is_the_browser_s_alone(folder):
    with Ferryd(folder, *PLAIN) as s:
        got = form(s, "/sign-in", token=s.token)
        for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
            assert word in got.headers["Set-Cookie"], got.headers["Set-Cookie"]
        got = form(s, "/sign-in", token="")
        assert got.status == 303 and "Max-Age=0" in got.headers["Set-Cookie"]


def every_page_forbids_scripts_and_frames(folder):
    with Ferryd(folder, *CLOCK) as s:
        for path in ("/", "/devices", "/sign-in", "/nothing"):
            got = page(s, path)
            if got.status == 200:
                policy = got.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
                assert b"<script" not in got.body
                assert got.headers["Cache-Control"] == "no-store"


def an_act_wants_its_own_token_and_a_reason(folder):
    publish(folder, "2.1.0")
    with Ferryd(folder, *PLAIN) as s:
        no = rollout(s, stages=ALL)
        path, cookie = f"/rollouts/{no}/freeze", signed_in(s, s.token)
        operate, read = s.new_token("anna", "operate"), s.new_token("read", "read")
        assert page(s, path, cookie).status == 200
        for status, fields in ((422, {"reason": "x"}), (422, {"token": operate}),
                               (403, {"reason": "x", "token": read}),
                               (403, {"reason": "x", "token": "nonsense"})):
            got = form(s, path, cookie, **fields)
            assert got.status == status and b"<form" in got.body, (fields, got.status)
        assert state(s, no) == "open"
        got = form(s, path, reason="it smells", token=operate)
        assert got.status == 303 and got.headers["Location"] == f"/rollouts/{no}"
        assert state(s, no) == "frozen"
        got = form(s, path, cookie, reason="once more", token=operate)
        assert got.status == 409 and b"<form" in got.body
        (act,) = [e for e in s.good("GET", "/v1/audit")["events"]
                  if e["kind"] == "act" and e["what"]["act"] == "freeze"]
        assert act["who"] == "anna" and act["what"]["reason"] == "it smells"


def state(s, no):
    return s.good("GET", f"/v1/rollouts/{no}")["state"]


def all_acts_of_the_page_do_what_the_routes_do(folder):
    publish(folder, "2.1.1")
    with fleet(folder, 8, ("2.1.0",)) as s:
        s.post("/v1/releases", {"class": "7cd12f5a0b5e5a779e3b504c16e10f42",
                                "version": "2.1.1"})
        no = rollout(s, stages=[{"percent": 50, "held_back": 50}, {"percent": 100,
                                                                   "held_back": 0}],
                     opened=False)

        def act(name, **more):
            return form(s, f"/rollouts/{no}/{name}", token=s.token, reason="why", **more)
        assert act("open").status == 303 and state(s, no) == "open"
        s.check_in(*[programs.signer.say(n, 1, s.nonce()) for n in range(1, 9)])
        assert act("waive", hw_rev=2).status == 303
        assert act("advance").status == 409
        assert act("freeze").status == 303 and act("resume").status == 303
        assert act("rollback", version="9.9.9").status == 422
        assert act("rollback", version="2.1.1").status == 303
        assert state(s, no) == "superseded"
        assert act("cancel").status == 409
        assert form(s, "/rollouts/99/freeze", token=s.token, reason="x").status == 404


TESTS = [reading_wants_a_token_that_reads, the_cookie_is_the_browser_s_alone,
         every_page_forbids_scripts_and_frames, an_act_wants_its_own_token_and_a_reason,
         all_acts_of_the_page_do_what_the_routes_do]

if __name__ == "__main__":
    sys.exit(main(TESTS))
