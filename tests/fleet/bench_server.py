#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What one ferryd bears: check-ins at a steady rate and as fast as it can, an hour's look in
the middle, more than it can store; then what the page and the metrics cost once every
device is watched. The fleet is in SQLite; the load generator runs beside the server, on the
same processors. Figures of this machine, as it is loaded now.

usage: bench_server.py FERRYD FERRY SIGNER LOAD [--devices N] [--seconds S] [--rate R]
       [--json] [--postgresql]
"""
import argparse
import json
import os
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import server_kit
from cluster import Cluster
from server_kit import CLASS, CLOCK, Ferryd, Signer, programs, publish, revision, rollout

NEEDED = {"per_second": 2000, "p99_ms": 50, "rss_mb": 300, "tick_s": 1.0, "look_ms": 20}
LOOKED_AT = ("/", "/metrics", "/rollouts/1", "/healthz")
CANARY = [{"percent": 2, "held_back": 10}, {"percent": 100, "held_back": 0}]


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def write_csv(path, devices, signers):
    """The first ones can sign; nobody will ever hear of the others, but they are there."""
    with open(path, "w", encoding="ascii") as out:
        out.write(programs.signer.csv(0, signers))
        noise = os.urandom(16 * (devices - signers))
        key = programs.signer.csv(0, 1).splitlines()[1].split(",")[2]
        for n in range(signers, devices):
            at = 16 * (n - signers)
            out.write(f"{noise[at:at + 16].hex()},{CLASS},{key},{revision(n)}\n")


def cpu_s(pid):
    """Of the threads it has: ferryd's live as long as it does."""
    return sum(int(f.read_text().split()[0])
               for f in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def rss_mb(pid):
    text = Path(f"/proc/{pid}/status").read_text()
    return {name: int(re.search(rf"{name}:\s+(\d+)", text)[1]) / 1024
            for name in ("VmRSS", "VmHWM")}


def metric(server, name):
    text = server.get("/metrics").body.decode()
    return float(re.search(rf"^ferryd_{name} (\S+)$", text, re.M)[1])


class Load:
    """fleet-load, devices in their turn: each checks in once in the whole bench."""

    def __init__(self, program, server):
        self.program, self.server, self.next = program, server, 0

    def run(self, count, rate, connections, *more, meanwhile=None):
        pid = self.server.process.pid
        args = ["--port", self.server.url.port, "--nonce", self.server.nonce(), "--first",
                self.next, "--count", count, "--rate", rate, "--connections", connections,
                *more]
        self.next += count
        load = subprocess.Popen([self.program, *map(str, args)], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert load.stderr.readline() == "signed\n", args
        before = cpu_s(pid)
        if meanwhile:
            time.sleep(count / rate / 2)
            meanwhile()
        out, err = load.communicate()
        assert load.returncode == 0, err
        told = json.loads(out)
        if told["failed"]:
            say(f"{told['failed']} failed, {told['unanswered']} of them without an answer; "
                f"the server says:\n{self.server.said()[-2000:]}")
        told["server_cpu_ms"] = 1000 * (cpu_s(pid) - before) / max(told["accepted"], 1)
        return told


# Every device as if it were heard once a day, and be in the rollout for up to 99 hours:
# they cannot all be made to sign. Nothing here is in the log.
WATCHED = """
UPDATE rollouts SET opened = opened - 200, since = since - 200;
INSERT OR IGNORE INTO states SELECT no, 16777216, NULL, 0, 0, 1, 1, 0,
    :hour - abs(random() % 30), zeroblob(84), 0, 0, 0, 0, 0, 0, 0, NULL, 0, '3.1.0',
    :hour * 3600, 1, 1 FROM devices;
INSERT OR IGNORE INTO exposures SELECT 1, no, no % 2, 1, no % 4, 12 + abs(random() % 325),
    :hour - 1 - no % 99, :hour - 1 - abs(random() % (no % 99 + 1)), :hour - 1, -1, -1, 0, 0,
    0, 16777216 FROM devices;
INSERT OR IGNORE INTO offers SELECT no, 1, 1, :hour * 3600, :hour * 3600,
    :hour * 3600 + 1 + abs(random() % 259200) FROM devices;
"""


def watch_all(server):
    """As of the hour that it is."""
    db = sqlite3.connect(server.where.removeprefix("sqlite:"), isolation_level=None)
    db.execute("BEGIN")
    hour = db.execute("SELECT max(ticked) FROM rollouts").fetchone()[0]
    for statement in WATCHED.strip().split(";")[:-1]:
        db.execute(statement, {"hour": hour} if ":hour" in statement else {})
    db.execute("COMMIT")
    db.close()


def cost_of(server, path, times=20):
    """Of one request: the server's processor, and how much it sends."""
    pid = server.process.pid
    size = len(server.get(path, held=False).body)
    before = cpu_s(pid)
    for _ in range(times):
        server.get(path, held=False)
    return {"cpu_ms": 1000 * (cpu_s(pid) - before) / times, "bytes": size}


def measure_looks(server):
    assert server.stop() == 0
    watch_all(server)
    server.start()
    server.pass_hours(1)
    return {"tick_s": metric(server, "tick_seconds"),
            **{path: cost_of(server, path) for path in LOOKED_AT}}


def measure(o, server, load):
    told = {"devices": o.devices, "load_before": os.getloadavg()[0]}
    say(f"steady: {o.rate}/s for {o.seconds} s")
    told["steady"] = load.run(o.rate * o.seconds, o.rate, 128)
    say("the same, and an hour passes in the middle")
    told["with_tick"] = load.run(o.rate * 10, o.rate, 128,
                                 meanwhile=lambda: server.pass_hours(1))
    told["tick_s"] = metric(server, "tick_seconds")
    say("as fast as it is answered")
    told["fastest"] = load.run(o.rate * 10, 0, 128)
    told["memory_mb"] = rss_mb(server.process.pid)
    say("a thousand at once, a queue of 64")
    assert server.stop() == 0
    server.args += ["--queue", "64"]
    server.start()
    told["overload"] = load.run(o.rate * 5, 0, 1000, "--again")
    if not o.postgresql:
        say("what looking costs, every device watched")
        told["looks"] = measure_looks(server)
    told["load_after"] = os.getloadavg()[0]
    return told


def signers(o):
    """How many devices check in, in all."""
    return o.rate * (o.seconds + 25)


def set_up(o, folder):
    publish(folder, "2.1.0")
    say(f"{o.devices} devices, {signers(o)} of which sign")
    write_csv(folder / "fleet.csv", o.devices, signers(o))
    server = Ferryd(folder, *CLOCK)
    began = time.monotonic()
    done = server.verb("devices", folder / "fleet.csv")
    assert done.returncode == 0, done.stderr
    say(f"imported in {time.monotonic() - began:.1f} s")
    rollout(server, stages=CANARY)
    return server


def verdict(told):
    """What falls short."""
    short = []
    for name in ("steady", "with_tick"):
        run = told[name]
        if run["accepted"] < run["sent"] or run["p99_ms"] > NEEDED["p99_ms"]:
            short.append(f"{name}: {run['accepted']} of {run['sent']}, "
                         f"p99 {run['p99_ms']} ms")
    if told["fastest"]["per_second"] < NEEDED["per_second"]:
        short.append(f"fastest: {told['fastest']['per_second']}/s")
    if told["memory_mb"]["VmHWM"] > NEEDED["rss_mb"]:
        short.append(f"memory: {told['memory_mb']['VmHWM']:.0f} MB")
    if told["tick_s"] > NEEDED["tick_s"]:
        short.append(f"tick: {told['tick_s']:.2f} s")
    over = told["overload"]
    if over["failed"] or over["lost"] or over["retry_after"] != over["busy"] \
            or over["again"] != over["accepted"]:
        short.append(f"overload: {over}")
    looks = told.get("looks", {"tick_s": 0})
    if looks["tick_s"] > NEEDED["tick_s"]:
        short.append(f"tick, all watched: {looks['tick_s']:.2f} s")
    for path in ("/", "/metrics"):
        if path in looks and looks[path]["cpu_ms"] > NEEDED["look_ms"]:
            short.append(f"{path}: {looks[path]['cpu_ms']:.1f} ms of processor")
    return short


def show_looks(looks):
    least = looks["/healthz"]["cpu_ms"]
    print(f"\nevery device watched: hour's look {looks['tick_s']:.3f} s\n"
          f"{'':12} {'CPU ms':>8} {'bytes':>8} {'times /healthz':>15}")
    for path in LOOKED_AT:
        row = looks[path]
        print(f"{path:12} {row['cpu_ms']:8.2f} {row['bytes']:8} "
              f"{row['cpu_ms'] / least:15.1f}")


def show(told):
    print(f"{told['devices']:,} devices; load of the machine {told['load_before']:.1f} "
          f"before, {told['load_after']:.1f} after\n")
    print(f"{'':10} {'sent':>8} {'accepted':>8} {'503':>7} {'per s':>7} {'p50 ms':>8} "
          f"{'p99 ms':>8} {'p99.9':>8} {'max':>8} {'CPU ms each':>12}")
    for name in ("steady", "with_tick", "fastest", "overload"):
        r = told[name]
        print(f"{name:10} {r['sent']:8} {r['accepted']:8} {r['busy']:7} "
              f"{r['per_second']:7.0f} {r['p50_ms']:8.2f} {r['p99_ms']:8.2f} "
              f"{r['p999_ms']:8.2f} {r['max_ms']:8.2f} {r['server_cpu_ms']:12.3f}")
    memory = told["memory_mb"]
    print(f"\nhour's look {told['tick_s']:.3f} s; memory {memory['VmRSS']:.0f} MB, "
          f"{memory['VmHWM']:.0f} MB at most; of {told['overload']['accepted']} accepted "
          f"in the crowd {told['overload']['lost']} were not known afterwards")
    if "looks" in told:
        show_looks(told["looks"])


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", nargs=4, metavar="PROGRAM")
    parser.add_argument("--devices", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--postgresql", action="store_true")
    o = parser.parse_args()
    if signers(o) > o.devices:
        parser.error(f"{o.devices} devices are too few: {signers(o)} check in")
    return o


def main():
    o = options()
    programs.ferryd, programs.ferry, signer, load = \
        (str(Path(p).resolve()) for p in o.programs)
    programs.signer = Signer(signer)
    if o.postgresql:
        programs.cluster = Cluster()
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    server_kit.PATIENCE_S = 600
    try:
        with tempfile.TemporaryDirectory(prefix="ferry-bench-") as folder:
            with set_up(o, Path(folder)) as server:
                told = measure(o, server, Load(load, server))
    finally:
        programs.signer.close()
        if programs.cluster:
            programs.cluster.close()
    told["short"] = verdict(told)
    if o.json:
        print(json.dumps(told))
    else:
        show(told)
        for line in told["short"]:
            print(f"short: {line}")
    return 1 if told["short"] else 0


if __name__ == "__main__":
    sys.exit(main())
