#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long `ferry sign` takes for an image of 1 MiB, and what of that is the disk's: the
same bytes written and synced by nothing else. Ends 1 if signing needs 100 ms or more of a
processor.

usage: bench_sign.py FERRY [RUNS]
"""
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kit import TEST_KEY, sign_args

SIZE = 1 << 20
LIMIT_MS = 100


def children_ms():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (used.ru_utime + used.ru_stime)


def sign(ferry, folder):
    """Milliseconds: by the clock, and of a processor."""
    begin, used = time.monotonic(), children_ms()
    subprocess.run([ferry, *sign_args(image="1m.bin")], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    return 1000 * (time.monotonic() - begin), children_ms() - used


def only_write(folder, data):
    begin = time.monotonic()
    with open(folder / "written", "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return 1000 * (time.monotonic() - begin)


def main():
    ferry = os.path.abspath(sys.argv[1])
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 21
    with tempfile.TemporaryDirectory() as name:
        folder, data = Path(name), os.urandom(SIZE)
        (folder / "1m.bin").write_bytes(data)
        (folder / "test.key").write_bytes(TEST_KEY)
        clock, cpu, disk = zip(*((*sign(ferry, folder), only_write(folder, data))
                                 for _ in range(runs)))
    clock, cpu, disk = map(statistics.median, (clock, cpu, disk))
    print(f"ferry sign, 1 MiB, median of {runs}")
    print(f"  by the clock             {clock:7.1f} ms, {clock / disk:.2f} times the next")
    print(f"  write and sync alone     {disk:7.1f} ms")
    print(f"  of a processor           {cpu:7.1f} ms, {LIMIT_MS / cpu:.1f} times within "
          f"{LIMIT_MS}")
    return 0 if cpu < LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
