#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ferryd over HTTP: what phones and operators ask, and what they are answered. Every
answer is held against openapi.json; at the end every operation must have been seen to
succeed, and route.c and the document must name the same ones.

usage: server_test.py FERRYD FERRY SIGNER [--postgresql]
"""
import hashlib
import re
import sys
import time
from pathlib import Path

import schema
from server_kit import (ALL, CLASS, CLOCK, Ferryd, device_id, fleet, main, programs,
                        rollout)

ROOT = Path(__file__).resolve().parents[2]


def say(*args, **more):
    return programs.signer.say(*args, **more)


# ---- phones --------------------------------------------------------------------------


def a_nonce_is_the_same_for_all_until_its_hour_is_over(folder):
    with Ferryd(folder, *CLOCK) as s:
        first = s.nonce()
        assert s.nonce() == first
        s.pass_hours(1)
        assert s.nonce() != first


def a_nonce_may_be_cached_until_its_hour_is_over(folder):
    with Ferryd(folder) as s:
        got = s.get("/v1/nonce", token=False)
        age = int(re.fullmatch(r"public, max-age=(\d+)", got.headers["Cache-Control"])[1])
        assert 0 <= age <= 3600 and abs(age - got.json["again_s"]) <= 1


def a_device_is_offered_what_its_rollout_has_for_it(folder):
    with fleet(folder) as s:
        no = rollout(s, stages=ALL)
        said = say(1, 1, s.nonce())
        (told,) = s.check_in(said)
        assert (told["decision"], told["statement"]) == ("offer", "new"), told
        assert told["rollout"] == no and told["release"]["version"] == "2.1.0"
        assert told["device"] == device_id(said)
        assert len(told["artifacts"]) == 2  # one for each bank


def a_statement_that_comes_again_is_told_the_same(folder):
    with fleet(folder) as s:
        rollout(s, stages=ALL)
        said = say(1, 1, s.nonce())
        (first,), (again,) = s.check_in(said), s.check_in(said)
        assert again == {**first, "statement": "known"}
        both = s.check_in(say(2, 1, s.nonce()), said)
        assert [d["statement"] for d in both] == ["new", "known"]


def each_statement_is_answered_in_its_place(folder):
    with fleet(folder) as s:
        nonce = s.nonce()
        said = [say(n, 1, nonce) for n in range(1, 9)]
        said.insert(3, "AAAA")
        told = s.check_in(*said)
        assert [d["statement"] for d in told] == ["new"] * 3 + ["malformed"] + ["new"] * 5
        assert [d.get("device") for d in told] == \
            [device_id(x) if x != "AAAA" else None for x in said]


def an_artifact_is_what_its_name_says(folder):
    with fleet(folder) as s:
        url, size = offered(s)
        whole = s.get(url, token=False)
        assert whole.status == 200 and len(whole.body) == size
        assert hashlib.sha256(whole.body).hexdigest() == url.rpartition("/")[2]
        assert "immutable" in whole.headers["Cache-Control"]
        same = s.get(url, token=False, headers={"If-None-Match": whole.headers["ETag"]})
        assert same.status == 304 and same.body == b""
        head = s.ask("HEAD", url, token=False)
        assert head.status == 200 and head.headers["Content-Length"] == str(size)


def offered(s):
    rollout(s, stages=ALL)
    (told,) = s.check_in(say(1, 1, s.nonce()))
    return told["artifacts"][0]["url"], told["artifacts"][0]["size"]


# What is asked for, of N bytes: the status, and which bytes.
RANGES = [("bytes=0-0", 206, slice(0, 1)), ("bytes=5-", 206, slice(5, None)),
          ("bytes=7-11", 206, slice(7, 12)), ("bytes=-4", 206, slice(-4, None)),
          ("bytes=0-99999999", 206, slice(None)), ("bytes=-99999999", 206, slice(None)),
          ("bytes=99999999-", 416, None), ("bytes=-0", 416, None),
          ("bytes=5-4", 200, slice(None)), ("bytes=0-0,2-3", 200, slice(None)),
          ("lines=1-2", 200, slice(None)), ("bytes=x-", 200, slice(None)),
          ("bytes=1", 200, slice(None)), ("bytes=", 200, slice(None)),
          ("bytes=18446744073709551616-", 200, slice(None))]


def an_artifact_is_had_in_parts(folder):
    with fleet(folder) as s:
        url, size = offered(s)
        whole = s.get(url, token=False)
        for range_, status, part in RANGES:
            got = s.get(url, token=False, headers={"Range": range_})
            assert got.status == status, (range_, got.status)
            if status == 416:
                assert got.headers["Content-Range"] == f"bytes */{size}"
                continue
            assert got.body == whole.body[part], range_
            if status == 206:
                first = list(range(size))[part][0]
                assert got.headers["Content-Range"] == \
                    f"bytes {first}-{first + len(got.body) - 1}/{size}"
        for tag, status in ((whole.headers["ETag"], 206), ('"another"', 200)):
            got = s.get(url, token=False, headers={"Range": "bytes=1-2", "If-Range": tag})
            assert got.status == status, tag


def an_artifact_of_nobody_is_not_there_and_a_withdrawn_one_is_gone(folder):
    with fleet(folder) as s:
        url, _ = offered(s)
        for path in ("0" * 64, "zz", "0" * 63, "0" * 65, "..%2f..%2fkey.key"):
            assert s.get(f"/v1/artifacts/{path}", token=False).status == 404, path
        (release,) = s.good("GET", "/v1/releases")["releases"]
        path = f"/v1/releases/{release['no']}/withdraw"
        s.good("POST", path, {"reason": "it is bad"})
        assert s.get(url, token=False).status == 410
        assert s.post(path, {"reason": "again"}).status == 409
        (told,) = s.check_in(say(1, 2, s.nonce()))
        assert told["decision"] == "none", told


REPORT = {"app": "3.1.0", "device": None, "rollout": 0, "outcome": "done", "code": 0,
          "bytes": 10000, "resumes": 2, "seconds": 40}


def a_transfer_report_is_kept_and_decides_nothing(folder):
    with fleet(folder) as s:
        no = rollout(s, stages=ALL)
        said = say(1, 1, s.nonce())
        (before,) = s.check_in(said)
        report = {**REPORT, "device": device_id(said), "rollout": no, "outcome": "refused"}
        s.good("POST", "/v1/transfer-reports", report, token=False)
        (after,) = s.check_in(said)
        assert after == {**before, "statement": "known"}
        told = s.good("GET", "/v1/transfer-reports")
        assert told["counts"] == {"refused": 1} and told["reports"][0]["bytes"] == 10000
        assert s.security() == {}
        for wrong in ({"outcome": "great"}, {"bytes": -1}, {"device": "00"}, {"app": 3}):
            got = s.post("/v1/transfer-reports", {**report, **wrong}, token=False)
            assert got.status == 422 and got.json["where"] == f"/{list(wrong)[0]}"


# ---- operators -----------------------------------------------------------------------


def a_rollout_is_made_opened_frozen_resumed_and_finished(folder):
    with fleet(folder) as s:
        no = rollout(s, opened=False, stages=ALL)
        acts = [("open", "open"), ("freeze", "frozen"), ("resume", "open"),
                ("finish", "done")]
        for act, state in acts:
            s.good("POST", f"/v1/rollouts/{no}/{act}", {"reason": f"to {act} it"})
            assert s.good("GET", f"/v1/rollouts/{no}")["state"] == state
        for act in ("advance", "cancel", "freeze"):
            got = s.post(f"/v1/rollouts/{no}/{act}", {"reason": "too late"})
            assert got.status == 409 and "done" in got.json["detail"], got.body
        audit = s.good("GET", "/v1/audit")["events"]
        assert [e["what"]["act"] for e in reversed(audit) if e["kind"] == "act"] == \
            [act for act, _ in acts]
        assert {e["who"] for e in audit if e["kind"] == "act"} == {"tester"}


def a_stage_waits_and_may_be_forced_and_looked_away_from(folder):
    with fleet(folder) as s:
        # Everybody is in one of its arms, wherever the salt puts whom.
        no = rollout(s, stages=[{"percent": 50, "held_back": 50},
                                {"percent": 100, "held_back": 0}])
        path = f"/v1/rollouts/{no}"
        assert s.post(path + "/advance", {"reason": "hurry"}).status == 409
        assert s.good("GET", path)["gate"] == "dwell"
        s.check_in(*[say(n, 1, s.nonce()) for n in range(1, 9)])
        s.good("POST", path + "/waive", {"hw_rev": 2, "reason": "only two of them"})
        assert s.good("GET", path)["waivers"][0]["who"] == "tester"
        s.good("POST", path + "/advance", {"reason": "hurry", "force": True})
        assert s.good("GET", path)["stage"] == 2
        s.good("POST", path + "/cancel", {"reason": "enough"})
        assert s.good("GET", path)["state"] == "cancelled"


def rolling_back_is_a_rollout_of_the_old_code_for_those_who_have_the_new(folder):
    with fleet(folder, 8, ("2.1.0", "2.1.1")) as s:
        no = rollout(s, stages=ALL)
        s.post("/v1/releases", {"class": CLASS, "version": "2.1.1"})
        s.check_in(*[say(n, 1, s.nonce()) for n in range(1, 5)])
        s.good("POST", f"/v1/rollouts/{no}/freeze", {"reason": "it smells"})
        back = s.good("POST", f"/v1/rollouts/{no}/rollback",
                      {"version": "2.1.1", "reason": "as it was"})["no"]
        assert s.good("GET", f"/v1/rollouts/{no}")["state"] == "superseded"
        assert s.good("GET", f"/v1/rollouts/{back}")["state"] == "open"
        told = s.check_in(*[say(n, 2, s.nonce(), "2.1.0") for n in range(1, 6)])
        assert [d["decision"] for d in told] == ["offer"] * 4 + ["none"], told


def rolling_back_to_what_is_not_there_leaves_nothing_behind(folder):
    with fleet(folder) as s:
        no = rollout(s, stages=ALL)
        path = f"/v1/rollouts/{no}/rollback"
        got = s.post(path, {"version": "2.1.1", "reason": "as it was"})
        assert got.status == 422 and got.json["where"] == "/version", got.body
        assert s.post(path, {"version": "x", "reason": "y"}).status == 422
        assert s.post(path, {"version": "2.1.1"}).status == 422
        assert s.post("/v1/rollouts/77/rollback",
                      {"version": "2.1.1", "reason": "x"}).status == 404
        assert len(s.good("GET", "/v1/rollouts")["rollouts"]) == 1


def health_is_told_as_json_as_csv_and_as_a_picture(folder):
    with fleet(folder) as s:
        no = rollout(s)
        s.check_in(*[say(n, 1, s.nonce()) for n in range(1, 9)])
        s.pass_hours(2)
        path = f"/v1/rollouts/{no}/health"
        assert s.good("GET", path)["facet"] == "hw_rev"
        for facet in ("region", "from", "phone"):
            assert s.good("GET", f"{path}?facet={facet}&h=24")["h"] == 24
        csv = s.get(path, headers={"Accept": "text/csv"})
        lines = csv.body.decode().splitlines()
        assert lines[0] == "hw_rev,n_t,n_c,p_t,p_c,rs,low,high,alarm"
        assert lines[1].startswith('"all",'), lines
        assert s.get(path + "?format=csv").body == csv.body
        svg = s.get(path + "?format=svg")
        assert svg.headers["Content-Type"] == "image/svg+xml" and b"<svg" in svg.body
        for wrong in ("facet=size", "h=0", "h=x", "h=673", "format=pdf"):
            assert s.get(f"{path}?{wrong}").status == 400, wrong
        assert s.get("/v1/rollouts/99/health").status == 404


def devices_are_found_by_the_beginning_of_their_ids(folder):
    with fleet(folder) as s:
        said = say(3, 1, s.nonce())
        s.check_in(said)
        id_ = device_id(said)
        assert len(s.good("GET", "/v1/devices")["devices"]) == 8
        (found,) = s.good("GET", f"/v1/devices?id={id_[:9].upper()}")["devices"]
        assert found["id"] == id_ and found["version"] == "1.0.0"
        told = s.good("GET", f"/v1/devices/{id_}/history")
        assert told["history"][0]["says"]["counter"] == 1
        assert s.get("/v1/devices?id=xyz").status == 400
        assert s.get(f"/v1/devices/{'0' * 32}/history").status == 404
        assert s.get("/v1/devices/xyz/history").status == 400


def a_factory_file_that_is_wrong_imports_nothing(folder):
    with Ferryd(folder, *CLOCK) as s:
        good = programs.signer.csv(1, 3)
        for wrong in (good + "what,is,this\n", good.replace("id,", "name,"), "", "\0"):
            got = s.post("/v1/devices", wrong)
            assert got.status in (400, 422), (wrong, got.body)
        assert s.good("GET", "/v1/devices")["devices"] == []
        s.good("POST", "/v1/devices", good)
        other = programs.signer.csv(7, 1).splitlines()[1].split(",")
        same_id = good.splitlines()[1].split(",")
        swapped = ",".join([same_id[0], other[1], other[2], same_id[3]])
        got = s.post("/v1/devices", f"id,class,key,hw_rev\n{swapped}\n")
        assert got.status == 422 and "key" in got.json["detail"], got.body


# ---- the server ----------------------------------------------------------------------


def it_says_that_it_is_well_and_what_it_can_be_asked(folder):
    with Ferryd(folder, *CLOCK) as s:
        assert s.good("GET", "/healthz", token=False) == {"status": "ok"}
        assert s.good("GET", "/openapi.json", token=False) == schema.DOCUMENT


def metrics_count_what_happened(folder):
    with fleet(folder) as s:
        no = rollout(s, stages=[{"percent": 50, "held_back": 50}])
        s.check_in(*[say(n, 1, s.nonce()) for n in range(1, 9)], "AAAA")
        s.pass_hours(1)
        text = s.get("/metrics").body.decode()
        for line in ('ferryd_statements_total{was="new"} 8',
                     'ferryd_statements_total{was="bad"} 1', "ferryd_ticks_total 1",
                     'ferryd_requests_total{method="POST",path="/v1/checkin",'
                     'status="2xx"} 1',
                     f'ferryd_rollout_state{{rollout="{no}",state="open"}} 1'):
            assert line in text, (line, text)
        for line in text.splitlines():
            assert line.startswith("# ") or re.fullmatch(
                r'ferryd_\w+(\{(\w+="[^"]*",?)+\})? [-+0-9.eE]+(inf|nan)?', line), line


def a_restart_goes_on_where_it_was(folder):
    s = fleet(folder)
    no = rollout(s, stages=ALL)
    before = s.pass_hours(5)
    said = say(1, 1, s.nonce())
    (told,) = s.check_in(said)
    assert s.stop() == 0
    s.start()
    with s:
        assert s.check_in(said) == [{**told, "statement": "known"}]
        assert s.pass_hours(1)["hour"] == before["hour"] + 1
        assert s.good("GET", f"/v1/rollouts/{no}")["state"] == "open"
        done = s.verb("check", "--replay")
        assert done.returncode == 0, done


def hours_that_passed_while_it_was_down_are_looked_at(folder):
    s = fleet(folder, args=("--demo", "--hour-seconds", "1", "--relay-rate", "0"))
    no = rollout(s, stages=ALL)
    s.check_in(say(1, 1, s.nonce()))
    assert s.stop() == 0
    time.sleep(3)
    s.start()
    with s:
        s.check_in(say(1, 2, s.nonce()))
        assert "catching up" in s.said(), s.said()
        done = s.verb("check", "--replay")
        assert done.returncode == 0, done
        assert s.good("GET", f"/v1/rollouts/{no}")["state"] == "open"


def the_document_and_the_table_name_the_same_routes(_folder):
    text = (ROOT / "examples/fleet/server/route.c").read_text()
    table = set(re.findall(r'\{"(GET|POST)", "(/[^"*]*)",', text))
    assert table == schema.operations(), table ^ schema.operations()


def every_operation_was_seen_to_succeed(_folder):
    seen = {(method, path) for method, path, status in schema.held if status < 300}
    missing = schema.operations() - seen
    assert not missing, missing


TESTS = [a_nonce_is_the_same_for_all_until_its_hour_is_over,
         a_nonce_may_be_cached_until_its_hour_is_over,
         a_device_is_offered_what_its_rollout_has_for_it,
         a_statement_that_comes_again_is_told_the_same,
         each_statement_is_answered_in_its_place, an_artifact_is_what_its_name_says,
         an_artifact_is_had_in_parts,
         an_artifact_of_nobody_is_not_there_and_a_withdrawn_one_is_gone,
         a_transfer_report_is_kept_and_decides_nothing,
         a_rollout_is_made_opened_frozen_resumed_and_finished,
         a_stage_waits_and_may_be_forced_and_looked_away_from,
         rolling_back_is_a_rollout_of_the_old_code_for_those_who_have_the_new,
         rolling_back_to_what_is_not_there_leaves_nothing_behind,
         health_is_told_as_json_as_csv_and_as_a_picture,
         devices_are_found_by_the_beginning_of_their_ids,
         a_factory_file_that_is_wrong_imports_nothing, it_says_that_it_is_well_and_what_it_can_be_asked, metrics_count_what_happened,
         a_restart_goes_on_where_it_was, hours_that_passed_while_it_was_down_are_looked_at,
         the_document_and_the_table_name_the_same_routes,
         every_operation_was_seen_to_succeed]


if __name__ == "__main__":
    sys.exit(main(TESTS))
