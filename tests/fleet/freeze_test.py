#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The failure that is green everywhere: a release arrives, boots, checks in, and kills one
hardware revision three days later. ferryd freezes it by itself, names the revision, and
offers it to nobody any more; a sound release it leaves alone.

usage: freeze_test.py FERRYD FERRY SIGNER [--postgresql]
"""
import sys

from server_kit import CLASS, fleet, main, programs, publish, revision, rollout

DEVICES, EVERY_H, DIES_H, HOURS, KNOWN_H = 480, 6, 72, 120, 48
HALVES = [{"percent": 50, "held_back": 50, "dwell_h": 24},
          {"percent": 100, "held_back": 0}]


class Fleet:
    """Each device is heard every six hours; it installs what it is offered until it is
    heard next. `faulty`: the revision that dies of it, 72 hours later."""

    def __init__(self, server, faulty):
        self.server, self.faulty, self.hour = server, faulty, 0
        self.version = {n: "1.0.0" for n in range(1, DEVICES + 1)}
        self.installed = {}
        self.counter = dict.fromkeys(self.version, 0)

    def is_dead(self, n):
        return revision(n) == self.faulty and n in self.installed and \
            self.hour >= self.installed[n] + DIES_H

    def heard(self, devices):
        """Their decisions."""
        nonce, said = self.server.nonce(), []
        for n in devices:
            self.counter[n] += 1
            said.append(programs.signer.say(n, self.counter[n], nonce, self.version[n]))
        told = [d for at in range(0, len(said), 64)
                for d in self.server.check_in(*said[at:at + 64])]
        for n, decision in zip(devices, told):
            if decision["decision"] == "offer":
                self.version[n] = decision["release"]["version"]
                self.installed.setdefault(n, self.hour)
        return told

    def live(self, hours):
        for _ in range(hours):
            self.heard([n for n in self.version
                        if (n + self.hour) % EVERY_H == 0 and not self.is_dead(n)])
            self.server.pass_hours(1)
            self.hour += 1


def opened(s, faulty):
    """A fleet whose habits are known, and a rollout that has just been opened."""
    world = Fleet(s, faulty)
    world.live(KNOWN_H)
    return world, rollout(s, stages=HALVES)


def until_frozen(s, world, no):
    """How many hours after its opening it was seen to be frozen; None: it never was."""
    for hours in range(1, HOURS):
        world.live(1)
        if s.good("GET", f"/v1/rollouts/{no}")["state"] == "frozen":
            return hours
    return None


def what_kills_one_revision_three_days_later_is_frozen_and_named(folder):
    with fleet(folder, DEVICES) as s:
        world, no = opened(s, faulty=3)
        hour = until_frozen(s, world, no)
        assert hour is not None and DIES_H < hour < DIES_H + 36, hour
        told = s.good("GET", f"/v1/rollouts/{no}")
        worst = told["frozen"]["blamed"][0]
        assert (worst["facet"], worst["name"]) == ("hw_rev", "3"), told["frozen"]
        assert worst["tests"] and told["frozen"]["by"] == "ferryd"
        assert f"Rollout {no}" in told["sentence"] and "revision 3" in told["sentence"]
        page = s.get("/", token=False, held=False).body.decode()
        assert "revision 3" in page and page.index("revision 3") < page.index("<table") \
            if "<table" in page else "revision 3" in page
        # nobody is offered it any more, and who was, waits
        decisions = world.heard([n for n in world.version if not world.is_dead(n)])
        assert {d["decision"] for d in decisions} <= {"none", "hold"}
        assert f'ferryd_rollout_state{{rollout="{no}",state="frozen"}} 1' in \
            s.get("/metrics").body.decode()
        the_rest_is_told_too(s, no)
        print(f"frozen in hour {hour}: {told['sentence']}")
        publish(folder, "2.1.1")
        it_is_rolled_back(s, world, no)
        assert s.verb("check", "--replay").returncode == 0


def the_rest_is_told_too(s, no):
    """Every revision's numbers are there, and no other is bad. (It may have none yet: all
    taken together can alarm first.)"""
    rows = {r["value"]: r for r in s.good("GET", f"/v1/rollouts/{no}/health")["values"]}
    assert set(rows) == {None, "1", "2", "3", "4"}
    alarmed = {v for v, r in rows.items() if any(t["alarm"] for t in r["tests"].values())}
    assert alarmed & {"3", None} and not alarmed & {"1", "2", "4"}, alarmed


def it_is_rolled_back(s, world, no):
    """To those of revision 3 who were offered it and live; to nobody else."""
    s.good("POST", "/v1/releases", {"class": CLASS, "version": "2.1.1"})
    s.good("POST", f"/v1/rollouts/{no}/rollback",
           {"version": "2.1.1", "reason": "revision 3 dies"})
    # one of each revision that has the new code; of revision 3 that is a late installer
    alive = [n for n in world.installed if not world.is_dead(n)]
    told = dict(zip(alive, world.heard(alive)))
    offered = {n for n, d in told.items() if d["decision"] == "offer"}
    assert {revision(n) for n in offered} <= {3}, offered


def a_sound_release_is_left_alone_and_advances(folder):
    with fleet(folder, DEVICES) as s:
        world, no = opened(s, faulty=None)
        assert until_frozen(s, world, no) is None
        told = s.good("GET", f"/v1/rollouts/{no}")
        assert told["gate"] in ("ready", "evidence"), told["waits_for"]
        assert told["running"] == len(world.installed)
        values = s.good("GET", f"/v1/rollouts/{no}/health")["values"]
        assert values[0]["rs"] > 0.9, values[0]
        s.good("POST", f"/v1/rollouts/{no}/advance",
               {"reason": "it is sound", "force": told["gate"] != "ready"})
        world.live(EVERY_H)
        assert len(world.installed) > DEVICES * 0.9


TESTS = [what_kills_one_revision_three_days_later_is_frozen_and_named,
         a_sound_release_is_left_alone_and_advances]

if __name__ == "__main__":
    sys.exit(main(TESTS))
