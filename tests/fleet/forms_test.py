#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page's forms in a browser without scripts, against a running ferryd: signing in and
out, searching, and acts that want a reason and a token typed each time.

usage: forms_test.py FERRYD FERRY SIGNER
"""
import sys
from urllib.parse import urlencode

import browser
from cluster import SKIP
from server_kit import CLASS, CLOCK, fleet, main, programs, rollout

GUARDED = ("--relay-rate", "0")  # no demonstration: reading wants a token
STAGES = [{"percent": 50, "held_back": 50, "dwell_h": 120},
          {"percent": 100, "held_back": 0, "dwell_h": 1}]


class World:
    """A server with an open rollout, and a browser without scripts."""

    def __init__(self, folder, args=CLOCK):
        self.server = fleet(folder, 12, ("2.1.0", "2.1.1"), args)
        self.no = rollout(self.server, stages=STAGES)
        self.path = f"/rollouts/{self.no}"
        self.browser = browser.Browser(folder)
        self.browser.without_scripts()
        self.reader = self.server.new_token("reader", "read")

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.browser.__exit__(*why)
        self.server.__exit__(*why)

    def open(self, path):
        self.browser.open(self.server.url.geturl().rstrip("/") + path)

    def at(self):
        return self.browser.evaluate("location.pathname")

    def text(self):
        return self.browser.evaluate("document.querySelector('main').innerText")

    def state(self):
        return self.server.good("GET", f"/v1{self.path}")["state"]

    def act(self, name, token, reason="support calls", **more):
        """From the rollout's page, through its confirmation."""
        self.open(self.path)
        self.browser.click(f"a.act.{name}")
        assert self.at() == f"{self.path}/{name}", self.at()
        self.browser.type_into("#reason", reason)
        self.browser.type_into("#token", token)
        for field, text in more.items():
            self.browser.type_into(f"#{field}", text)
        self.browser.click("form.confirm button")


def a_rollout_is_frozen_and_resumed_from_the_page(folder):
    with World(folder) as w:
        w.act("freeze", w.server.token)
        assert w.at() == w.path and w.state() == "frozen"
        assert "was frozen by tester in hour 0: support calls." in w.text(), w.text()
        w.open("/")
        first = w.text().split("\n")[0]
        assert first.startswith(f"Rollout {w.no} (2.1.0) was frozen by tester"), first
        w.act("resume", w.server.token)
        assert w.at() == w.path and w.state() == "open"


def a_token_that_may_only_read_changes_nothing(folder):
    with World(folder) as w:
        for token in (w.reader, "ferry_nonsense", "x"):
            w.act("freeze", token)
            assert w.at() == f"{w.path}/freeze" and w.state() == "open"
            assert w.browser.evaluate("document.querySelector('[role=alert]') != null")
        w.act("freeze", w.server.token)
        assert w.state() == "frozen"


def an_act_whose_time_has_passed_says_so(folder):
    with World(folder) as w:
        w.open(f"{w.path}/advance")
        w.browser.type_into("#reason", "in a hurry")
        w.browser.type_into("#token", w.server.token)
        w.browser.click("form.confirm button")
        alert = w.browser.evaluate("document.querySelector('[role=alert]').textContent")
        assert w.at() == f"{w.path}/advance" and len(alert) > 20, alert
        w.act("freeze", w.server.token)
        w.open(f"{w.path}/freeze")
        assert "frozen; that cannot be done to it now" in w.text()


def a_rollout_is_rolled_back_from_the_page(folder):
    with World(folder) as w:
        w.server.good("POST", "/v1/releases", {"class": CLASS, "version": "2.1.1"})
        nonce = w.server.nonce()
        w.server.check_in(*[programs.signer.say(n, 1, nonce) for n in range(1, 13)])
        w.act("freeze", w.server.token)
        w.act("rollback", w.server.token, version="2.1.1")
        assert w.state() == "superseded", (w.at(), w.text())
        w.open(w.path)
        assert f"Its place was taken by rollout {w.no + 1}" in w.text(), w.text()


def a_device_is_searched_and_found(folder):
    with World(folder) as w:
        w.server.check_in(programs.signer.say(3, 1, w.server.nonce()))
        w.open("/devices")
        ids = w.browser.evaluate("[...document.querySelectorAll('th .id')].map("
                                 "a => a.textContent)")
        w.browser.type_into("#id", ids[2])
        w.browser.click(".search button")
        assert w.browser.evaluate("document.querySelectorAll('th .id').length") == 1
        w.browser.click("th .id")
        assert w.at() == f"/devices/{ids[2]}" and ids[2] in w.text()


def reading_wants_a_token_and_a_cookie_keeps_it(folder):
    with World(folder, GUARDED) as w:
        w.open("/security")
        assert w.at() == "/sign-in"
        w.browser.type_into("#token", "ferry_nonsense")
        w.browser.click("form.confirm button")
        assert w.at() == "/sign-in"
        w.browser.type_into("#token", w.reader)
        w.browser.click("form.confirm button")
        assert w.at() == "/"
        w.open("/security")
        assert w.at() == "/security" and "bad_token" in w.text(), w.text()
        w.browser.click(".who button")
        w.open("/security")
        assert w.at() == "/sign-in"


def a_cookie_is_not_enough_to_act(folder):
    """What another site could make a browser send: a form, and the cookie with it."""
    with World(folder, GUARDED) as w:
        form = {"Content-Type": "application/x-www-form-urlencoded",
                "Cookie": f"ferryd={w.server.token}"}
        for body in ({"reason": "forged"}, {"reason": "forged", "token": ""}):
            got = w.server.ask("POST", f"{w.path}/freeze", urlencode(body), token=False,
                               headers=form, held=False)
            assert got.status in (400, 401, 403, 422), got.status
        assert w.state() == "open"


def no_page_may_run_a_script_or_stand_in_a_frame(folder):
    with World(folder) as w:
        for path in ("/", w.path, f"{w.path}/freeze", "/sign-in", "/rollouts/99"):
            got = w.server.get(path, held=False)
            policy = got.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "script" not in policy
            assert "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
            assert got.headers["Cache-Control"] == "no-store"


TESTS = [a_rollout_is_frozen_and_resumed_from_the_page,
         a_token_that_may_only_read_changes_nothing,
         an_act_whose_time_has_passed_says_so,
         a_rollout_is_rolled_back_from_the_page,
         a_device_is_searched_and_found,
         reading_wants_a_token_and_a_cookie_keeps_it,
         a_cookie_is_not_enough_to_act,
         no_page_may_run_a_script_or_stand_in_a_frame]


if __name__ == "__main__":
    if browser.find():
        sys.exit(main(TESTS))
    print("skipped: no browser is installed (package chromium)")
    print("0 passed, 0 failed, 1 skipped")
    sys.exit(SKIP)
