#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ferryd behind its own TLS, and certificates that are renewed while it runs.

usage: tls_test.py FERRYD FERRY SIGNER [--postgresql]
"""
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time

from server_kit import CLOCK, PATIENCE_S, Ferryd, main, programs

CLIENTS = 8


def certificate(folder, name):
    """NAME.crt, which vouches for itself, and NAME.key."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out",
                    f"{name}.crt", "-subj", f"/CN={name}", "-addext",
                    "subjectAltName=IP:127.0.0.1"],
                   cwd=folder, check=True, capture_output=True)


def show(folder, cert, key=None):
    """From now on these are the server's files."""
    shutil.copy(folder / f"{cert}.crt", folder / "tls.crt")
    shutil.copy(folder / f"{key or cert}.key", folder / "tls.key")


def trusting(folder, *names):
    context = ssl.create_default_context()
    for name in names:
        context.load_verify_locations(folder / f"{name}.crt")
    return context


def encrypted(folder, *trusted):
    return Ferryd(folder, *CLOCK, "--tls-cert", folder / "tls.crt", "--tls-key",
                  folder / "tls.key", tls=trusting(folder, *trusted))


def is_trusted(s, context):
    """By somebody who comes new."""
    was, s.tls, s.local = (s.tls, s.local), context, threading.local()
    try:
        s.nonce()
        return True
    except ssl.SSLError:
        return False
    finally:
        s.tls, s.local = was


def wait_for(said, s, times=1):
    until = time.monotonic() + PATIENCE_S
    while s.said().count(said) < times:
        assert time.monotonic() < until, (said, s.said()[-2000:])
        time.sleep(0.02)


def hang_up(s, said, times=1):
    s.process.send_signal(signal.SIGHUP)
    wait_for(said, s, times)


# ---- without a renewal ---------------------------------------------------------------


def over_tls_everything_is_as_without(folder):
    certificate(folder, "old")
    show(folder, "old")
    with encrypted(folder, "old") as s:
        assert s.url.scheme == "https"
        s.good("POST", "/v1/devices", programs.signer.csv(1, 4))
        said = [programs.signer.say(n, 1, s.nonce()) for n in range(1, 5)]
        assert [d["statement"] for d in s.check_in(*said)] == ["new"] * 4
        assert not is_trusted(s, ssl.create_default_context())
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = trusting(folder, "old")
            context.minimum_version = context.maximum_version = version
            assert is_trusted(s, context), version


# ---- renewals ------------------------------------------------------------------------


def ask_all_the_time(s, stop, answers, wrong):
    """One client: sometimes it stays, sometimes it comes new."""
    while not stop.is_set():
        try:
            assert s.raw("GET", "/v1/nonce").status == 200
            answers.append(s.connection().sock.getpeercert()["serialNumber"])
        except Exception as e:  # whatever it is, a request was lost
            wrong.append(repr(e))
        if len(answers) % 3 == 0:
            s.connection().close()


def a_renewed_certificate_is_shown_and_no_request_is_lost(folder):
    certificate(folder, "old")
    certificate(folder, "new")
    show(folder, "old")
    with encrypted(folder, "old", "new") as s:
        assert is_trusted(s, trusting(folder, "old"))
        stop, answers, wrong = threading.Event(), [], []
        clients = [threading.Thread(target=ask_all_the_time,
                                    args=(s, stop, answers, wrong))
                   for _ in range(CLIENTS)]
        for c in clients:
            c.start()
        for turn, name in enumerate(("new", "old", "new")):
            show(folder, name)
            hang_up(s, "is shown", turn + 2)
            before, until = len(answers), time.monotonic() + PATIENCE_S
            while len(answers) < before + 20 * CLIENTS:
                assert time.monotonic() < until, wrong
                time.sleep(0.02)
        stop.set()
        for c in clients:
            c.join()
        assert not wrong, wrong[:3]
        assert len(set(answers)) == 2
        assert is_trusted(s, trusting(folder, "new"))
        assert not is_trusted(s, trusting(folder, "old"))


def a_connection_that_is_open_stays_open(folder):
    certificate(folder, "old")
    certificate(folder, "new")
    show(folder, "old")
    with encrypted(folder, "old") as s:
        s.nonce()
        socket = s.connection().sock
        show(folder, "new")
        hang_up(s, "is shown", 2)
        s.nonce()
        assert s.connection().sock is socket


def a_pair_that_will_not_do_leaves_the_one_before(folder):
    certificate(folder, "old")
    certificate(folder, "new")
    show(folder, "old")
    with encrypted(folder, "old") as s:
        show(folder, "new", "old")
        hang_up(s, "not the key of the certificate")
        (folder / "tls.crt").write_text("no PEM\n")
        hang_up(s, "no certificate")
        shutil.copy(folder / "new.crt", folder / "tls.crt")
        (folder / "tls.key").write_text((folder / "new.key").read_text()[:60])
        hang_up(s, "no key")
        (folder / "tls.key").unlink()
        hang_up(s, "No such file")
        wait_for("the certificate is still the one from before", s, 4)
        assert is_trusted(s, trusting(folder, "old"))
        show(folder, "new")
        hang_up(s, "is shown", 2)
        assert is_trusted(s, trusting(folder, "new"))


def a_pair_that_will_not_do_is_no_beginning(folder):
    certificate(folder, "old")
    certificate(folder, "new")
    show(folder, "old", "new")
    (folder / "store").mkdir()
    done = subprocess.run(
        [programs.ferryd, "--db", f"sqlite:{folder}/fleet.db", "--store", folder / "store",
         "--listen", "127.0.0.1:0", "--tls-cert", folder / "tls.crt", "--tls-key",
         folder / "tls.key"], capture_output=True, text=True, check=False,
        timeout=PATIENCE_S)
    assert done.returncode == 1 and "not the key" in done.stderr, done


# ---- without TLS ---------------------------------------------------------------------


def without_tls_there_is_nothing_to_read_again(folder):
    with Ferryd(folder) as s:
        hang_up(s, "nothing to read again")
        s.nonce()


def a_demonstration_ends_with_its_terminal(folder):
    s = Ferryd(folder, *CLOCK)
    s.process.send_signal(signal.SIGHUP)
    assert s.process.wait(timeout=PATIENCE_S) == 0
    s.stop()


TESTS = [over_tls_everything_is_as_without,
         a_renewed_certificate_is_shown_and_no_request_is_lost,
         a_connection_that_is_open_stays_open,
         a_pair_that_will_not_do_leaves_the_one_before,
         a_pair_that_will_not_do_is_no_beginning]
PLAIN = [without_tls_there_is_nothing_to_read_again, a_demonstration_ends_with_its_terminal]

if __name__ == "__main__":
    if shutil.which("openssl") is None:
        print(f"skipped: {len(TESTS)} tests: no openssl")
        TESTS = []
    sys.exit(main(TESTS + PLAIN))
