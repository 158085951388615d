#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/FLEET.md does what it says: its sh blocks run in their order, with its ini block as
the file that it names, devices that are keys alone, and a port that is free. What it says
of kinds, metrics and settings is there.

usage: fleet_doc.py FERRYD FERRY SIGNER
"""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from cluster import Cluster, Missing
from server_kit import PATIENCE_S, main, programs

ROOT = Path(__file__).resolve().parents[2]
DOC = (ROOT / "docs" / "FLEET.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^```(\w*)(?: (\w+))?\n(.*?)^```$", re.S | re.M)
DEVICES = 40


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Reader:
    """Who sits before the document and types it."""

    def __init__(self, folder):
        self.folder = folder
        self.port = str(free_port())
        self.said = ""
        folders = [Path(p).parent for p in (programs.ferryd, programs.ferry)]
        self.env = {**os.environ, "PATH": os.pathsep.join(
            [*map(str, folders), os.environ["PATH"]])}
        (folder / "devices.csv").write_text(programs.signer.csv(1, DEVICES))
        (folder / "app.bin").write_bytes(bytes(range(256)) * 32)
        (folder / "old.bin").write_bytes(bytes(range(255, -1, -1)) * 32)

    def text(self, block):
        return block.replace("8470", self.port)

    def type_file(self, block):
        name = re.match(r"# (\S+)\n", block)[1]
        (self.folder / name).write_text(self.text(block), encoding="utf-8")

    def type_commands(self, block):
        done = subprocess.run(["sh", "-e"], input=self.text(block), cwd=self.folder,
                              env=self.env, capture_output=True, text=True,
                              timeout=PATIENCE_S, check=False)
        assert done.returncode == 0, block + done.stdout + done.stderr + self.log()
        self.said += done.stdout + done.stderr

    def log(self):
        path = self.folder / "ferryd.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def ask(self, path, body=None):
        header = (self.folder / "alice.header").read_text(encoding="utf-8").strip()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=json.dumps(body).encode() if body else None,
            headers=dict([header.split(": ", 1)]))
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as got:
            return got.read().decode()

    def devices_check_in(self, counter):
        nonce = json.loads(self.ask("/v1/nonce"))["nonce"]
        told = json.loads(self.ask("/v1/checkin", {"app": "3.1.0", "statements": [
            programs.signer.say(n, counter, nonce) for n in range(1, DEVICES + 1)]}))
        return [d["decision"] for d in told["devices"]]

    def stop(self):
        path = self.folder / "ferryd.pid"
        if path.exists():
            try:
                os.kill(int(path.read_text()), signal.SIGKILL)
            except ProcessLookupError:
                pass  # the document stopped it


def cluster_of(reader):
    """PostgreSQL for the block that wants it, or None."""
    try:
        cluster = Cluster()
    except Missing as missing:
        print(f"skipped: the block with PostgreSQL: {missing}")
        return None
    reader.env["DATABASE_URL"] = cluster.database("moved")
    return cluster


def type_all(reader, with_postgresql):
    for kind, what, block in FENCED.findall(DOC):
        if kind == "ini":
            reader.type_file(block)
        elif kind == "sh" and (with_postgresql or what != "postgresql"):
            if "/freeze" in block:  # by then devices have been heard
                reader.decisions = reader.devices_check_in(1)
            reader.type_commands(block)
            if "/rollback" in block:
                reader.metrics = reader.ask("/metrics")
                reader.rollouts = json.loads(reader.ask("/v1/rollouts"))["rollouts"]


def the_fleet_document_does_what_it_says(folder):
    reader = Reader(folder)
    cluster = cluster_of(reader)
    try:
        type_all(reader, cluster is not None)
    finally:
        reader.stop()
        if cluster:
            time.sleep(0.1)
            cluster.close()
    assert set(reader.decisions) == {"offer", "none"}, reader.decisions
    assert [r["state"] for r in reader.rollouts] == ["open", "superseded"]
    for words in (f"{DEVICES} devices: {DEVICES} new", '"waits_for"', "hw_rev,n_t"):
        assert words in reader.said, words
    metrics_are_there(reader.metrics)


def metrics_are_there(metrics):
    named = set(re.findall(r"`(ferryd_\w+)`", DOC))
    there = set(re.findall(r"^# TYPE (ferryd_\w+)", metrics, re.M))
    assert len(named) > 8 and named <= there, named - there


def every_kind_of_security_event_is_told_of(_folder):
    source = (ROOT / "examples/fleet/model/security.c").read_text(encoding="utf-8")
    names = re.search(r"const char \*security_name.*?^}", source, re.S | re.M)[0]
    kinds = set(re.findall(r'return "(\w+)"', names)) - {"nothing"}
    table = DOC[DOC.index("## Security events"):DOC.index("## What to alert on")]
    assert set(re.findall(r"^\| `(\w+)`", table, re.M)) == kinds


def every_setting_that_it_names_is_one(_folder):
    done = subprocess.run([programs.ferryd, "serve", "--help"], capture_output=True,
                          text=True, check=True)
    settings = set(re.findall(r"^  --([\w-]+)", done.stdout, re.M))
    named = set(re.findall(r"^(\w[\w-]*) += ", DOC, re.M)) | {"tls-cert", "tls-key",
                                                              "forwarded"}
    assert named and named <= settings, named - settings


TESTS = [the_fleet_document_does_what_it_says, every_kind_of_security_event_is_told_of,
         every_setting_that_it_names_is_one]


if __name__ == "__main__":
    sys.exit(main(TESTS))
