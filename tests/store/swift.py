# SPDX-License-Identifier: Apache-2.0
"""A real S3 server for tests: OpenStack Swift of the distribution, with its S3 interface,
in a folder of its own and on ports of its own. Knows how to start it and to stop it.
"""
import getpass
import os
import shutil
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

PROGRAMS = ["swift-proxy-server", "swift-account-server", "swift-container-server",
            "swift-object-server", "swift-ring-builder", "memcached"]
ACCESS, SECRET = "test:publisher", "a-secret-of-the-test"
READY_S = 120  # the machine may be busy

LOWER = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
user = {user}
swift_dir = {folder}
devices = {folder}
mount_check = false
workers = 0
log_name = {kind}
fallocate_reserve = 0
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""

PROXY = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
user = {user}
swift_dir = {folder}
workers = 0
{tls}
[pipeline:main]
pipeline = catch_errors cache s3api tempauth proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:{memcached}
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_publisher = {secret} .admin
"""


def missing():
    """The programs that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name, path=path()) is None]


def path():
    return os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Swift:
    """Started in `folder`; with `tls`, a pair of certificate and key files, over HTTPS."""

    def __init__(self, folder, tls=None):
        self.folder = folder
        self.scheme = "https" if tls else "http"
        self.ports = {kind: free_port()
                      for kind in ("account", "container", "object", "proxy", "memcached")}
        self.endpoint = f"{self.scheme}://127.0.0.1:{self.ports['proxy']}"
        self.children = []
        tls_lines = f"cert_file = {tls[0]}\nkey_file = {tls[1]}" if tls else ""
        self._configure(tls_lines)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _configure(self, tls_lines):
        (self.folder / "disk").mkdir()
        common = {"user": getpass.getuser(), "folder": self.folder,
                  "memcached": self.ports["memcached"], "secret": SECRET, "tls": tls_lines}
        for kind in ("account", "container", "object"):
            self._write(kind, LOWER.format(kind=kind, port=self.ports[kind], **common))
            builder = str(self.folder / f"{kind}.builder")
            self._ring(builder, "create", "4", "1", "0")
            self._ring(builder, "add",
                       f"r1z1-127.0.0.1:{self.ports[kind]}/disk", "1")
            self._ring(builder, "rebalance")
        self._write("proxy", PROXY.format(port=self.ports["proxy"], **common))

    def _write(self, kind, text):
        (self.folder / f"{kind}.conf").write_text(text)

    def _ring(self, builder, *args):
        # 1 is "done, with a warning"
        done = subprocess.run(["swift-ring-builder", builder, *args], env=environment(),
                              capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stdout + done.stderr

    def _start(self):
        self._child("memcached", "-u", getpass.getuser(), "-l", "127.0.0.1", "-p",
                    str(self.ports["memcached"]))
        for kind in ("account", "container", "object", "proxy"):
            self._child(f"swift-{kind}-server", str(self.folder / f"{kind}.conf"))
        for port in self.ports.values():
            wait_for(port)

    def _child(self, *command):
        log = open(self.folder / "servers.log", "ab")
        self.children.append(subprocess.Popen(
            command, env=environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        log.close()

    def environment(self):
        """What a client needs."""
        return {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET,
                "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": self.endpoint}

    def make_bucket(self, name):
        """Through Swift's own interface, so that nothing of ours is in it."""
        token = self._ask("/auth/v1.0", {"X-Auth-User": ACCESS, "X-Auth-Key": SECRET})
        self._ask(f"/v1/AUTH_test/{name}",
                  {"X-Auth-Token": token.headers["X-Auth-Token"]}, "PUT")

    def _ask(self, where, headers, method="GET"):
        end = time.monotonic() + READY_S
        while True:
            request = urllib.request.Request(self.endpoint + where, headers=headers,
                                             method=method)
            try:
                return urllib.request.urlopen(request, timeout=30, context=untrusting())
            except urllib.error.HTTPError as error:
                if error.code < 500 or time.monotonic() > end:
                    raise
                time.sleep(0.5)

    def stop(self):
        for child in self.children:
            child.kill()
        for child in self.children:
            child.wait()


def untrusting():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def environment():
    return dict(os.environ, PATH=path())


def wait_for(port):
    end = time.monotonic() + READY_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
