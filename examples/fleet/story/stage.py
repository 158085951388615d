# SPDX-License-Identifier: Apache-2.0
"""What the story stands on: keys in an HSM, an artifact store, ferryd, a crowd, boards and
their phones as processes. Knows how to make, start and stop them; not what should
happen."""
import contextlib
import json
import os
import random
import shutil
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "board"))

import kit  # noqa: E402

CLASS = kit.CLASS
CROWD_LINKS = {0: 0x1000, 1: 0x81000}  # of the simulated devices' banks
CROWD_HW, BOARD_HW = "1-4", "5-5"
CROWD_IMAGE = 16384
PIN = "8421"
MODULES = [os.environ.get("SOFTHSM2_MODULE", ""),
           *(f"/usr/{lib}/softhsm/libsofthsm2.so" for lib in ("lib", "lib64", "local/lib"))]
PATIENCE_S = 60


class Missing(Exception):
    """A program that this machine does not have."""


def hexed(text):
    return text.replace("-", "")


def run(*words, env=None):
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True,
                          check=False, env=env)
    if done.returncode != 0:
        raise kit.Unexpected(f"{Path(str(words[0])).name} {words[1]}: "
                             f"{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


class Stage(kit.Bench):
    """Everything in one folder. The release key is in the HSM and nowhere else."""

    def __init__(self, build, folder, hour_s):
        super().__init__(build, folder)
        self.build = Path(build).resolve()
        self.hour_s = hour_s
        self.server = self.crowd = None
        self.ended = False
        self.env = dict(os.environ)
        self.dice = random.Random(1)
        self.make_hsm()
        # Hundreds of phones have a disk each; here they would share one, and wait for it.
        shared = Path("/dev/shm")
        self.phones_at = Path(tempfile.mkdtemp(
            prefix="ferry-phones-", dir=shared if os.access(shared, os.W_OK) else None))
        self.store = self.folder / "store"
        self.store.mkdir()
        self.prepare_server()

    # ---- signing --------------------------------------------------------------------

    def make_hsm(self):
        module = next((p for p in MODULES if p and os.path.exists(p)), None)
        if module is None or not shutil.which("softhsm2-util") \
                or not shutil.which("pkcs11-tool"):
            raise Missing("SoftHSM2 (softhsm2, opensc)")
        (self.folder / "tokens").mkdir()
        conf = self.folder / "softhsm.conf"
        conf.write_text(f"directories.tokendir = {self.folder / 'tokens'}\n")
        self.env.update(SOFTHSM2_CONF=str(conf), FERRY_PIN=PIN)
        run("softhsm2-util", "--init-token", "--free", "--label", "release", "--so-pin",
            "1234", "--pin", PIN, env=self.env)
        run("pkcs11-tool", "--module", module, "--token-label", "release", "--login",
            "--pin", PIN, "--keypairgen", "--key-type", "EC:edwards25519", "--label",
            "slot0", "--id", "01", env=self.env)
        self.hsm = f"pkcs11:token=release;object=slot0?module-path={module}"
        run(self.ferry, "pubkey", "--pkcs11", self.hsm, "-o", self.folder / "release.pub",
            env=self.env)
        (self.folder / "release.key").unlink()  # the bench's own: not of this story

    @property
    def public(self):
        return self.key("release.pub").hex()

    def sign(self, version, bank, out, hw=BOARD_HW, links=kit.LINKS, image=None,
             sec_ctr=1, class_id=CLASS, **_):
        run(self.ferry, "sign", "--pkcs11", self.hsm, "--slot", 0, "--class", class_id,
            "--hw", hw, "--version", version, "--sec-ctr", sec_ctr, "--link",
            hex(links[bank]), "--image", image or self.image(version, bank), "--output",
            out, env=self.env)

    def crowd_image(self, version):
        path = self.folder / f"crowd-{version}.bin"
        path.write_bytes(random.Random(version).randbytes(CROWD_IMAGE))
        return path

    def sign_release(self, version, program):
        """For all of the class: `program` is the image that the boards get."""
        folder = self.folder / "releases" / version
        folder.mkdir(parents=True, exist_ok=True)
        artifacts = []
        for bank in (0, 1):
            artifacts += [folder / f"crowd{bank}.ferry", folder / f"bank{bank}.ferry"]
            self.sign(version, bank, artifacts[-2], CROWD_HW, CROWD_LINKS,
                      self.crowd_image(version))
            self.sign(version, bank, artifacts[-1], image=self.image(program, bank))
        return artifacts

    def publish(self, version, artifacts, class_id=CLASS):
        """In the store, and taken over by the server."""
        run(self.ferry, "release", "publish", "--store", self.store, "--key",
            self.folder / "release.pub", *artifacts)
        self.ask("POST", "/v1/releases", {"class": hexed(class_id), "version": version})

    def open(self, version, reason, class_id=CLASS, **plan):
        """A rollout of it, open: its number."""
        made = self.ask("POST", "/v1/rollouts", {"class": hexed(class_id),
                                                 "version": version, **plan})
        self.ask("POST", f"/v1/rollouts/{made['no']}/open", {"reason": reason})
        return made["no"]

    # ---- the server -----------------------------------------------------------------

    def prepare_server(self):
        self.ca, key = kit.certificate(self.folder, "server")
        self.tls = ssl.create_default_context(cafile=str(self.ca))
        self.ferryd = self.build / "examples" / "fleet" / "server" / "ferryd"
        self.db = f"sqlite:{self.folder / 'fleet.db'}"
        self.serve = ["--db", self.db, "--store", self.store, "--tls-cert", self.ca,
                      "--tls-key", key, "--relay-rate", 0, "--hour-seconds", self.hour_s]
        self.port = 0

    def start_server(self):
        """And again on the same port, after a kill."""
        listen = f"127.0.0.1:{self.port}"
        self.server = kit.Talker("ferryd", [self.ferryd, "serve", "--listen", listen,
                                            *self.serve])
        self.running.append(self.server)
        line = self.server.wait("listening")
        self.url = line.words[1]
        self.port = int(self.url.rpartition(":")[2])
        if not hasattr(self, "token"):
            self.token = run(self.ferryd, "token", "add", "operator",
                             "read,operate,admin", "--db", self.db).split()[0]

    def restart_server(self):
        """By SIGTERM: what it has in hand is written first."""
        self.server.process.terminate()
        self.server.end()
        self.start_server()

    def ask(self, method, path, body=None):
        """JSON of an operator's request; waits for a server that is just starting."""
        request = urllib.request.Request(
            self.url + path, method=method,
            data=None if body is None else
            (body if isinstance(body, bytes) else json.dumps(body).encode()),
            headers={"Authorization": f"Bearer {self.token}",
                     "Content-Type": "text/csv" if isinstance(body, bytes)
                     else "application/json"})
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                with urllib.request.urlopen(request, context=self.tls, timeout=30) as got:
                    text = got.read()
                return json.loads(text) if text[:1] in b"{[" else text.decode()
            except urllib.error.HTTPError as why:
                raise kit.Unexpected(f"{method} {path}: {why.code} "
                                     f"{why.read().decode(errors='replace')}") from None
            except OSError as why:
                if self.ended or time.monotonic() > until:
                    raise kit.Unexpected(f"{method} {path}: {why}") from None
                time.sleep(0.1)

    def page(self, path="/"):
        """What an operator's browser shows."""
        browser = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=self.tls),
            urllib.request.HTTPCookieProcessor())
        form = urllib.parse.urlencode({"token": self.token}).encode()
        browser.open(self.url + "/sign-in", form, timeout=PATIENCE_S).read()
        return browser.open(self.url + path, timeout=PATIENCE_S).read().decode()

    def server_check(self):
        """None, or what is wrong with the log."""
        try:
            run(self.ferryd, "check", "--db", self.db)
        except kit.Unexpected as why:
            return str(why)
        return None

    def look_up(self, question, *values):
        with contextlib.closing(sqlite3.connect(
                f"file:{self.folder / 'fleet.db'}?mode=ro", uri=True)) as db:
            return db.execute(question, values).fetchall()

    def counted(self):
        """Statements in the log, and how many different ones: of each there is one."""
        return self.look_up("SELECT COUNT(*), COUNT(DISTINCT body) FROM log"
                            " WHERE kind = 7")[0]

    def crowd_says(self, column, hw_rev=None):
        """What each simulated device last said, by its number; of a revision, or all."""
        return dict(self.look_up(
            f"SELECT d.no, s.{column} FROM devices d JOIN states s ON s.device = d.no"
            " WHERE d.class = ? AND d.hw_rev BETWEEN ? AND ?",
            bytes.fromhex(hexed(CLASS)), hw_rev or 1, hw_rev or 4))

    def known(self):
        """Of how many it is known how often they come by: from three gaps on."""
        return sum(bin(int.from_bytes(hours, "little")).count("1") > 3
                   for hours in self.crowd_says("hours").values())

    def who_say(self, column, version, hw_rev=None):
        """Those whose "version" (what they run) is this, or whose "grave" (what they
        fled from)."""
        major, minor, patch = map(int, version.split("."))
        number = major << 24 | minor << 16 | patch
        return {device for device, said in self.crowd_says(column, hw_rev).items()
                if said == number}

    # ---- the crowd, the boards ------------------------------------------------------

    def program(self, name):
        return self.build / "examples" / name

    def crowd_csv(self, devices, seed):
        path = self.folder / "crowd.csv"
        run(self.program("fleet/crowd/ferry-crowd"), "--class", CLASS, "--devices",
            devices, "--seed", seed, "--csv", path)
        return path.read_bytes()

    def start_crowd(self, factory, **options):
        words = [w for name, value in options.items()
                 for w in (f"--{name.replace('_', '-')}", value)]
        self.crowd = subprocess.Popen(
            list(map(str, [
                self.program("fleet/crowd/ferry-crowd"), "--class", CLASS, "--server",
                self.url, "--ca", self.ca, "--state", self.phones_at, "--factory",
                factory, "--key", self.public, "--hour-seconds", self.hour_s, "--json",
                *words])),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def crowd_result(self):
        said, wrong = self.crowd.communicate(timeout=1200)
        if self.crowd.returncode != 0:
            raise kit.Unexpected(f"ferry-crowd: {wrong.strip()}")
        return json.loads(said)

    def add_board(self, number):
        """A board, and its line of the factory's CSV."""
        name, device = f"b{number}", f"{number:032x}"
        self.make_board("1.0.0", name=name, device=device, hw=5)
        line = f"{device},{hexed(CLASS)},{self.key('device.pub').hex()},5\n"
        return self.folder / name, line

    def start_phone(self, board, clock=None):
        """One that stays near the board in this folder, whose clock is so fast."""
        phone = kit.Talker("ferry-phone", [
            self.program("phone/ferry-phone"), "--server", self.url, "--ca", self.ca,
            "--state", self.folder / f"phone-{board.name}", "--device",
            f"{board.name}/air", "--clock", clock or self.speed, "--every", 2,
            "--patience", 6, "--yes"], cwd=self.folder)
        self.running.append(phone)
        return phone

    def end(self):
        self.ended = True
        if self.crowd is not None and self.crowd.poll() is None:
            self.crowd.kill()
            self.crowd.wait()
        super().end()
        shutil.rmtree(self.phones_at, ignore_errors=True)

