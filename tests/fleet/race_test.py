#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""64 phones ask while the rollout is frozen: what was offered was offered before that. An
offer's place in time is its event's in the log, and so is the freeze's.

usage: race_test.py FERRYD FERRY SIGNER [--postgresql]
"""
import random
import sys
import threading
import time

from server_kit import ALL, device_id, fleet, main, programs, rollout

PHONES, EACH, ROUNDS = 64, 12, 3


class Phones:
    """Each thread checks in its devices, one after the other, and notes what it is told
    and when it asked."""

    def __init__(self, server, first):
        nonce = server.nonce()
        self.said = [programs.signer.say(n, 1, nonce)
                     for n in range(first, first + PHONES * EACH)]
        self.server, self.told, self.lock = server, [], threading.Lock()
        self.threads = [threading.Thread(target=self._phone, args=(i,))
                        for i in range(PHONES)]

    def _phone(self, i):
        for said in self.said[i * EACH:(i + 1) * EACH]:
            asked = time.monotonic()
            (told,) = self.server.check_in(said)
            with self.lock:
                self.told.append((asked, said, told))

    def start(self):
        for t in self.threads:
            t.start()

    def wait_until_some_were_told(self, count):
        while len(self.told) < count:
            time.sleep(0.001)

    def join(self):
        for t in self.threads:
            t.join()
        assert len(self.told) == PHONES * EACH


def freeze(server, no, reason):
    """When it was answered, and its number in the log."""
    server.good("POST", f"/v1/rollouts/{no}/freeze", {"reason": reason})
    frozen = time.monotonic()
    (seq,) = [e["seq"] for e in server.good("GET", "/v1/audit")["events"]
              if e["kind"] == "act" and e["what"]["reason"] == reason]
    return frozen, seq


def offers_behind(server, phones, seq):
    """Devices whose only statement came behind that event, and that have an offer."""
    found = []
    for said in phones.said:
        told = server.good("GET", f"/v1/devices/{device_id(said)}/history")
        (heard,) = [e["seq"] for e in told["history"] if e["kind"] == "statement"]
        if heard > seq and told["offer"]:
            found.append((heard, told["offer"]))
    return found


def nobody_is_offered_anything_behind_a_freeze(folder):
    r = random.Random(1)
    with fleet(folder, ROUNDS * PHONES * EACH) as s:
        no = rollout(s, stages=ALL)
        for turn in range(ROUNDS):
            phones = Phones(s, 1 + turn * PHONES * EACH)
            phones.start()
            phones.wait_until_some_were_told(r.randrange(50, 500))
            frozen, seq = freeze(s, no, f"race {turn}")
            phones.join()
            offered = [t for t in phones.told if t[2]["decision"] == "offer"]
            late = [t for t in offered if t[0] > frozen]
            assert offered and not late, (len(offered), late[:3])
            assert not offers_behind(s, phones, seq), seq
            print(f"round {turn}: {len(offered)} offers of {PHONES * EACH}, "
                  f"{sum(t[0] > frozen for t in phones.told)} asked behind the freeze")
            s.good("POST", f"/v1/rollouts/{no}/resume", {"reason": f"again {turn}"})
        assert s.verb("check", "--replay").returncode == 0


def who_had_an_offer_is_told_to_hold(folder):
    with fleet(folder) as s:
        no = rollout(s, stages=ALL)
        said = programs.signer.say(1, 1, s.nonce())
        assert s.check_in(said)[0]["decision"] == "offer"
        freeze(s, no, "wait")
        assert s.check_in(said)[0]["decision"] == "hold"
        assert s.check_in(programs.signer.say(1, 2, s.nonce()))[0]["decision"] == "hold"
        assert s.check_in(programs.signer.say(2, 1, s.nonce()))[0]["decision"] == "none"
        s.good("POST", f"/v1/rollouts/{no}/resume", {"reason": "go on"})
        assert s.check_in(said)[0]["decision"] == "offer"


TESTS = [nobody_is_offered_anything_behind_a_freeze, who_had_an_offer_is_told_to_hold]

if __name__ == "__main__":
    sys.exit(main(TESTS))
