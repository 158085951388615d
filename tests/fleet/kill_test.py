#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments of a whole rollout, with phones checking in all the while: what
was answered is there after the restart, nothing is there twice, and the log plays into the
same tables.

usage: kill_test.py FERRYD FERRY SIGNER [--postgresql]

FERRY_KILLS=N: so many times (20).
"""
import os
import random
import sys
import threading
import time

from server_kit import CLASS, device_id, fleet, main, programs, publish, rollout

PHONES, DEVICES_EACH = 6, 4
STAGES = [{"percent": 50, "held_back": 50, "dwell_h": 1}, {"percent": 100, "held_back": 0}]
KILLS = int(os.environ.get("FERRY_KILLS", "20"))


class Phones:
    """Each device says one thing after the other, each again until it is answered."""

    def __init__(self, server):
        self.server, self.over = server, False
        self.said = {n: [] for n in range(1, PHONES * DEVICES_EACH + 1)}
        self.wrong = []
        self.threads = [threading.Thread(target=self._phone, args=(i,))
                        for i in range(PHONES)]
        for t in self.threads:
            t.start()

    def _phone(self, i):
        mine = range(1 + i * DEVICES_EACH, 1 + (i + 1) * DEVICES_EACH)
        while not self.over:
            try:
                for n in mine:
                    self._say(n)
            except Exception as failed:  # told at the end, by the test
                self.wrong.append(repr(failed))
                return

    def _say(self, n):
        nonce = self.server.ask_until_answered("GET", "/v1/nonce", token=False)
        counter = len(self.said[n]) + 1
        said = programs.signer.say(n, counter, nonce.json["nonce"])
        got = self.server.ask_until_answered(
            "POST", "/v1/checkin", {"app": "1", "statements": [said]}, token=False)
        assert got.status == 200, got.body
        assert got.json["devices"][0]["statement"] in ("new", "known"), got.json
        self.said[n].append(said)

    def stop(self):
        self.over = True
        for t in self.threads:
            t.join()
        assert not self.wrong, self.wrong


class Operator:
    """Acts, over and over, each with a reason of its own; remembers those that were
    answered."""

    def __init__(self, server, no):
        self.server, self.no, self.over, self.done = server, no, False, {}
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        turn = 0
        while not self.over:
            act = ("freeze", "resume")[turn % 2]
            reason = f"{act} {turn}"
            got = self.server.ask_until_answered(
                "POST", f"/v1/rollouts/{self.no}/{act}", {"reason": reason})
            self.done[reason] = got.status  # 409: it was done, and the answer lost
            turn += 1
            self.server.ask_until_answered("POST", "/v1/demo/clock", {"hours": 1},
                                           token=False)

    def stop(self):
        self.over = True
        self.thread.join()


def reasons(server):
    """Of all acts in the audit log."""
    found, before = [], 0
    while True:
        page = server.good("GET", f"/v1/audit?before={before}")
        found += [e["what"]["reason"] for e in page["events"] if e["kind"] == "act"]
        before = page["next"]
        if before == 0:
            return found


def counters(server, said):
    """What the device was heard to say."""
    told = server.good("GET", f"/v1/devices/{device_id(said)}/history")
    return [e["says"]["counter"] for e in told["history"] if e["kind"] == "statement"]


def nothing_that_was_answered_is_lost_and_nothing_is_there_twice(folder):
    r = random.Random(7)
    with fleet(folder, PHONES * DEVICES_EACH) as s:
        no = rollout(s, stages=STAGES)
        phones, operator = Phones(s), Operator(s, no)
        for _ in range(KILLS):
            time.sleep(r.uniform(0.02, 0.6))
            s.kill()
            s.start()
        phones.stop()
        operator.stop()
        for n, said in phones.said.items():
            assert said, n
            heard = counters(s, said[0])[:200]
            assert heard == list(range(len(said), 0, -1))[:200], (n, len(said), heard)
            again = s.check_in(*said[-64:])
            assert {d["statement"] for d in again} == {"known"}, n
        found = reasons(s)
        for reason, status in operator.done.items():
            assert found.count(reason) == 1, (reason, status, found)
        check = s.verb("check", "--replay")
        assert check.returncode == 0, check
        print(f"{KILLS} kills; {sum(map(len, phones.said.values()))} statements, "
              f"{len(operator.done)} acts answered, each there once")


def a_rollout_that_was_being_made_is_there_whole_or_not_at_all(folder):
    """Rolling back is two events: killed in between there is neither."""
    publish(folder, "2.1.1")
    with fleet(folder, 4, ("2.1.0",)) as s:
        no = rollout(s)
        s.good("POST", "/v1/releases", {"class": CLASS, "version": "2.1.1"})
        path = f"/v1/rollouts/{no}/rollback"
        body = {"version": "2.1.1", "reason": "as it was"}
        killer = threading.Timer(0.003, s.kill)
        killer.start()
        try:
            s.post(path, body)
        except (OSError, AssertionError):
            pass
        killer.join()
        s.start()
        states = [x["state"] for x in s.good("GET", "/v1/rollouts")["rollouts"]]
        assert states in (["open"], ["open", "superseded"]), states
        assert s.verb("check", "--replay").returncode == 0


TESTS = [nothing_that_was_answered_is_lost_and_nothing_is_there_twice,
         a_rollout_that_was_being_made_is_there_whole_or_not_at_all]

if __name__ == "__main__":
    sys.exit(main(TESTS))
