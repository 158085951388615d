# SPDX-License-Identifier: Apache-2.0
"""Bluetooth controllers without a radio: BlueZ's btvirt as a process of ours, in a
folder of ours. Knows how it is started and ended; not what it is asked to do."""
import os
import shutil
import subprocess
import time

PATIENCE_S = 60
SOCKET = "bt-server-le"


class Controllers:
    def __init__(self, folder, preloaded):
        """`preloaded`: btvirt_here, built. `server` is where each who connects finds a
        controller of his own."""
        self.server = folder / SOCKET
        self.log = open(folder / "btvirt.log", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            [shutil.which("btvirt"), "-s"], cwd=folder, stdout=self.log,
            stderr=self.log, stdin=subprocess.DEVNULL,
            env={**os.environ, "LD_PRELOAD": str(preloaded)})
        self._wait()

    def _wait(self):
        until = time.monotonic() + PATIENCE_S
        while not self.server.exists():
            if self.process.poll() is not None or time.monotonic() > until:
                self.end()
                raise OSError("btvirt does not start; see btvirt.log")
            time.sleep(0.02)

    def end(self):
        self.process.kill()
        self.process.wait()
        self.log.close()
