#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ferryd's verbs that serve nobody: what they print, what they refuse, and that killing
them or running them beside each other loses nothing.

usage: offline_test.py FERRYD FERRY SIGNER
"""
import contextlib
import hashlib
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from cluster import Cluster, Missing
from server_kit import CLASS, PATIENCE_S, main, programs, publish
from server_kit import fleet as fleet_server

NAMES = "id,class,key,hw_rev,region,tags,household"


class Fleet:
    """A database in a folder, and ferryd's verbs upon it."""

    def __init__(self, folder, where=None):
        self.folder = folder
        self.path = folder / "fleet.db"
        self.where = where or f"sqlite:{self.path}"

    def line(self, *words):
        return [programs.ferryd, *map(str, words), "--db", self.where]

    def run(self, *words):
        return subprocess.run(self.line(*words), cwd=self.folder, capture_output=True,
                              text=True, timeout=PATIENCE_S, check=False)

    def good(self, *words):
        """What it printed."""
        done = self.run(*words)
        assert done.returncode == 0, (words, done)
        return done.stdout

    def refused(self, *words, code=1):
        """What it said."""
        done = self.run(*words)
        assert done.returncode == code and done.stderr.startswith("ferryd: "), (words, done)
        return done.stderr

    def sql(self, text):
        with contextlib.closing(sqlite3.connect(self.path)) as db, db:
            return db.execute(text).fetchall()

    def head(self):
        """Events, and the newest one's hash."""
        return self.good("check").split(", ")


def csv(folder, count, name="devices.csv", region=""):
    path = folder / name
    lines = [NAMES]
    for n in range(count):
        key = hashlib.sha256(b"key %d" % n).hexdigest()
        lines.append(f"{n + 1:032x},{CLASS},{key},{n % 4 + 1},{region},,")
    path.write_text("\n".join(lines) + "\n")
    return path


# ---- devices ---------------------------------------------------------------------------

def devices_are_imported_and_importing_them_again_does_no_harm(folder):
    fleet = Fleet(folder)
    path = csv(folder, 12345)
    assert fleet.good("devices", path) == \
        "12345 devices: 12345 new, 0 changed, 0 as they were\n"
    assert fleet.good("devices", path).endswith("0 new, 0 changed, 12345 as they were\n")
    moved = csv(folder, 7, "moved.csv", region=3)
    assert fleet.good("devices", moved) == "7 devices: 0 new, 7 changed, 0 as they were\n"
    assert fleet.sql("SELECT COUNT(*) FROM devices WHERE region = 3") == [(7,)]


def a_wrong_line_is_named_and_nothing_is_imported(folder):
    fleet = Fleet(folder)
    path = csv(folder, 12000)
    text = path.read_text().splitlines()
    text[11500] = text[11500].replace(CLASS, "nonsense")
    path.write_text("\n".join(text) + "\n")
    assert "devices.csv: line 11501: class \"nonsense\"" in fleet.refused("devices", path)
    assert fleet.sql("SELECT COUNT(*) FROM devices") == [(0,)]
    assert "No such file" in fleet.refused("devices", folder / "nothing.csv")


def a_device_of_another_class_is_no_news_but_a_mistake(folder):
    fleet = Fleet(folder)
    fleet.good("devices", csv(folder, 3))
    path = folder / "devices.csv"
    path.write_text(path.read_text().replace(CLASS, CLASS[::-1]))
    said = fleet.refused("devices", path)
    assert f"device {1:032x} is known with another class" in said, said
    assert "0 of 3 devices were imported" in said, said


def a_killed_import_goes_on_when_it_is_run_again(folder):
    fleet = Fleet(folder)
    path = csv(folder, 60000)
    with subprocess.Popen(fleet.line("devices", path), stderr=subprocess.DEVNULL) \
            as running:
        until = time.monotonic() + PATIENCE_S
        rows = 0
        while not 0 < rows < 60000 and running.poll() is None:
            assert time.monotonic() < until
            with contextlib.suppress(sqlite3.Error):
                rows = fleet.sql("SELECT COUNT(*) FROM devices")[0][0]
        running.kill()
    assert rows > 0
    before = int(fleet.head()[0].split()[0])
    said = fleet.good("devices", path)
    assert re.match(r"60000 devices: \d+ new", said), said
    assert fleet.sql("SELECT COUNT(*), MAX(no) FROM devices") == [(60000, 60000)]
    assert int(fleet.head()[0].split()[0]) == before + 6


# ---- tokens ----------------------------------------------------------------------------

def a_token_is_printed_once_and_kept_nowhere(folder):
    fleet = Fleet(folder)
    token = fleet.good("token", "add", "anna", "read,operate").strip()
    assert re.fullmatch(r"ferry_[A-Za-z0-9_-]{43}", token)
    listed = fleet.good("token", "list")
    assert "anna" in listed and "read,operate" in listed and token not in listed
    for path in folder.iterdir():
        assert token[6:].encode() not in path.read_bytes(), path
    fleet.good("token", "revoke", "anna")
    assert "revoked 20" in fleet.good("token", "list")
    assert "no token \"anna\" that is good" in fleet.refused("token", "revoke", "anna")
    assert "take another name" in fleet.refused("token", "add", "anna", "read")
    assert "read, operate and admin" in fleet.refused("token", "add", "bob", "all", code=2)


# ---- releases --------------------------------------------------------------------------

def a_release_is_taken_over_from_the_store_once(folder):
    fleet = Fleet(folder)
    publish(folder, "2.0.0", "2.1.0")
    assert "release 2.0.0 is there: number 1" in fleet.good("releases", CLASS, "2.0.0")
    fleet.good("releases", CLASS, "2.1.0", "--pass", "--store", "store")
    assert fleet.sql("SELECT version, pass FROM releases ORDER BY no") == \
        [(2 << 24, 0), (2 << 24 | 1 << 16, 1)]
    assert "is there already" in fleet.refused("releases", CLASS, "2.0.0")
    assert "no release 3.0.0" in fleet.refused("releases", CLASS, "3.0.0")
    for path in (folder / "store/artifacts").iterdir():
        path.chmod(0o644)
        path.write_bytes(path.read_bytes()[:-1])
    fresh = Fleet(folder, f"sqlite:{folder}/fresh.db")
    assert "damaged" in fresh.refused("releases", CLASS, "2.0.0")


# ---- the log ---------------------------------------------------------------------------

def lived(folder, where=None):
    """A fleet with some events of every kind that needs no server."""
    fleet = Fleet(folder, where)
    publish(folder, "2.0.0")
    fleet.good("devices", csv(folder, 500))
    fleet.good("releases", CLASS, "2.0.0")
    fleet.good("token", "add", "anna", "admin")
    fleet.good("devices", csv(folder, 90, region=7))
    return fleet


def checking_says_how_many_events_there_are_and_the_newest_hash(folder):
    fleet = lived(folder)
    events, head = fleet.head()
    assert events == "4 events" and re.fullmatch(r"[0-9a-f]{64}\n", head)
    assert "4 events made the same tables" in fleet.good("check", "--replay")


def whoever_alters_the_log_or_what_follows_from_it_is_found_out(folder):
    fleet = lived(folder)
    fleet.sql("UPDATE devices SET region = 1 WHERE no = 77")
    fleet.good("check")
    assert "devices, row 77: column 6 differs" in fleet.refused("check", "--replay")
    fleet.sql("UPDATE log SET actor = 'nobody' WHERE seq = 3")
    assert "event 3 was altered" in fleet.refused("check")


def a_replayed_log_has_the_same_head(folder):
    fleet = lived(folder)
    other = Fleet(folder, f"sqlite:{folder}/other.db")
    assert "made the same tables" in fleet.good("replay", "--into", other.where)
    assert other.head() == fleet.head()
    assert "anna" in other.good("token", "list")
    assert "not empty" in fleet.refused("replay", "--into", other.where)


def a_log_goes_to_postgresql_and_back(folder):
    try:
        cluster = Cluster()
    except Missing as missing:
        print(f"skipped: {missing}")
        return
    with cluster:
        fleet = lived(folder)
        server = Fleet(folder, cluster.where)
        fleet.good("replay", "--into", cluster.where)
        server.good("check", "--replay")
        back = Fleet(folder, f"sqlite:{folder}/back.db")
        server.good("replay", "--into", back.where)
        assert fleet.head() == server.head() == back.head()
        server.good("devices", csv(folder, 20, region=2))
        assert server.head() != fleet.head()
        assert "pg_dump" in server.refused("backup", folder / "copy.db")


def a_check_beside_a_busy_server_is_of_one_moment(folder):
    with fleet_server(folder, 16) as server, ThreadPoolExecutor(8) as pool:
        fleet = Fleet(folder, server.where)
        checking = [True]

        def phone(device):
            said = 0
            while checking[0]:
                said += 1
                server.check_in(programs.signer.say(device, said, server.nonce()))
            return said

        phones = [pool.submit(phone, device) for device in range(1, 9)]
        try:
            for _ in range(6):
                fleet.good("check")
            fleet.good("check", "--replay")
        finally:
            checking[0] = False
        assert all(p.result() > 0 for p in phones)
        fleet.good("check", "--replay")


# ---- backups ---------------------------------------------------------------------------

def a_backup_is_whole_private_and_never_over_another_file(folder):
    fleet = lived(folder)
    said = fleet.good("backup", folder / "copy.db")
    copy = Fleet(folder, f"sqlite:{folder}/copy.db")
    assert said.split(", ") == copy.head() == fleet.head()
    assert stat.S_IMODE((folder / "copy.db").stat().st_mode) == 0o600
    assert "File exists" in fleet.refused("backup", folder / "copy.db")
    assert "No such file" in fleet.refused("backup", folder / "nowhere/copy.db")
    assert {p.name for p in folder.glob("copy*")} == {"copy.db"}


def a_backup_is_made_while_others_write(folder):
    fleet = Fleet(folder)
    path = csv(folder, 60000)
    with subprocess.Popen(fleet.line("devices", path), stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as running:
        heads, n = [], 0
        while running.poll() is None:
            if fleet.path.exists() and fleet.run("check").returncode == 0:
                n += 1
                heads.append(fleet.good("backup", folder / f"copy{n}.db"))
    assert running.returncode == 0 and heads
    for i, head in enumerate(heads, 1):
        copy = Fleet(folder, f"sqlite:{folder}/copy{i}.db")
        assert copy.good("check") == head
    copy.good("check", "--replay")


# ---- command lines ---------------------------------------------------------------------

MISUSES = (("devices",), ("devices", "a.csv", "b.csv"), ("releases", CLASS),
           ("releases", "x", "1.0.0"), ("releases", CLASS, "1.0"), ("token",),
           ("token", "add", "anna"), ("token", "revoke"), ("check", "x"), ("replay",),
           ("replay", "--into"), ("backup",), ("check", "--nonsense"))


def a_wrong_command_line_is_told_how_it_goes(folder):
    fleet = Fleet(folder)
    for words in MISUSES:
        done = subprocess.run([programs.ferryd, *words], cwd=folder, capture_output=True,
                              text=True, check=False)
        assert done.returncode == 2, (words, done)
        assert f"usage: ferryd {words[0]}" in done.stderr, (words, done)
    for verb in ("devices", "releases", "token", "check", "replay", "backup"):
        assert fleet.good(verb, "--help").startswith(f"usage: ferryd {verb}")
    assert not list(folder.iterdir())


def a_database_that_is_none_is_not_taken_for_one(folder):
    for name, text in (("notes.db", b"Dear diary, " * 999), ("empty.db", b"")):
        (folder / name).write_bytes(text)
        Fleet(folder, f"sqlite:{folder / name}").refused("check")
        assert (folder / name).read_bytes() == text
    fleet = lived(folder)
    fleet.sql("UPDATE meta SET value = '99' WHERE name = 'schema'")
    assert "version 99" in fleet.refused("check")
    shutil.copy(fleet.path, folder / "cut.db")
    with open(folder / "cut.db", "r+b") as cut:
        cut.truncate(fleet.path.stat().st_size // 2)
    Fleet(folder, f"sqlite:{folder}/cut.db").refused("check")


TESTS = [devices_are_imported_and_importing_them_again_does_no_harm,
         a_wrong_line_is_named_and_nothing_is_imported,
         a_device_of_another_class_is_no_news_but_a_mistake,
         a_killed_import_goes_on_when_it_is_run_again,
         a_token_is_printed_once_and_kept_nowhere,
         a_release_is_taken_over_from_the_store_once,
         checking_says_how_many_events_there_are_and_the_newest_hash,
         whoever_alters_the_log_or_what_follows_from_it_is_found_out,
         a_replayed_log_has_the_same_head, a_check_beside_a_busy_server_is_of_one_moment,
         a_log_goes_to_postgresql_and_back,
         a_backup_is_whole_private_and_never_over_another_file,
         a_backup_is_made_while_others_write, a_wrong_command_line_is_told_how_it_goes,
         a_database_that_is_none_is_not_taken_for_one]


if __name__ == "__main__":
    sys.exit(main(TESTS))
