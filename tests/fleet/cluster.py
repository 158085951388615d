#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server of its own for tests: a new cluster in a temporary folder, reached by
a socket in it alone, thrown away at the end. Knows how to find, start and stop it; not
what is done with it.

usage: cluster.py PROGRAM...   runs each program with FERRY_FLEET_PG set to its string
"""
import contextlib
import glob
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# Where Debian keeps each version's programs; elsewhere they are on the path.
DEBIAN = "/usr/lib/postgresql/*/bin"
NOBODY = ("postgres", "nobody")  # PostgreSQL does not run as root
START_S = 120
QUICK = ("-c", "fsync=off")  # processes are killed in tests; the power never goes
SKIP = 77


class Missing(Exception):
    """What is not installed."""


def _programs():
    """The folder with initdb and postgres in it, of the newest version."""
    folders = sorted(glob.glob(DEBIAN), key=lambda f: float(f.split("/")[-2]))
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(str(Path(on_path).parent))
    for folder in reversed(folders):
        if all((Path(folder) / name).exists() for name in ("initdb", "postgres")):
            return Path(folder)
    raise Missing("PostgreSQL is not installed (package postgresql)")


def _user():
    """Whom the server runs as: None is us."""
    if os.geteuid() != 0:
        return None
    for name in NOBODY:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Missing("no user whom PostgreSQL could run as: it does not run as root")


def _run_as(user):
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


class Cluster:
    """Starts in a new folder; `where` is the connection string. Close it."""

    def __init__(self):
        programs, user = _programs(), _user()
        self.folder = Path(tempfile.mkdtemp(prefix="ferry-pg-"))
        self.log = self.folder / "log"
        if user:
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.server = None
        try:
            self._make(programs, user)
            self._start(programs, user)
        except BaseException:
            self.close()
            raise
        self.where = f"host={self.folder} user=ferry dbname=postgres"

    def _make(self, programs, user):
        subprocess.run(
            [programs / "initdb", "--pgdata", self.folder / "data", "--username=ferry",
             "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **_run_as(user))

    def _start(self, programs, user):
        with open(self.log, "wb") as log:
            self.server = subprocess.Popen(
                [programs / "postgres", "-D", self.folder / "data", "-k", self.folder,
                 "-c", "listen_addresses=", *QUICK],
                stdout=log, stderr=log, cwd=self.folder, **_run_as(user))
        until = time.monotonic() + START_S
        ready = "ready to accept connections"
        while ready not in self.log.read_text(encoding="utf-8", errors="replace"):
            if self.server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start:\n{self.log.read_text()}")
            time.sleep(0.05)

    def database(self, name):
        """The string of a new, empty database."""
        psql = shutil.which("psql") or _programs() / "psql"
        subprocess.run([psql, "-q", "-c", f"CREATE DATABASE {name}", self.where],
                       check=True)
        return self.where.replace("dbname=postgres", f"dbname={name}")

    def close(self):
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGINT)  # at once, whoever is connected
            try:
                self.server.wait(timeout=START_S)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def main(programs):
    try:
        cluster = Cluster()
    except Missing as missing:
        print(f"skipped: {missing}")
        return SKIP
    failed = 0
    with cluster:
        for program in programs:
            ran = subprocess.run([program], check=False,
                                 env=os.environ | {"FERRY_FLEET_PG": cluster.where})
            failed += ran.returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
