#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fetches Nordic's SoftDevice headers, as far as packages carry them: S130 1.0 from
Debian's source of firmware-microbit-micropython, S132 3.0 from the npm package
pc-ble-driver-js. For tests/port/headers, which compiles the SoftDevice ports against
them; nothing else wants them, and none of it is Ferry's to pass on.

usage: nordic_headers.py FOLDER
"""
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from sodium_source import Missing, fetch_source

DEBIAN = "firmware-microbit-micropython"
MODULES = "*.orig-yotta-modules.tar.xz"
SDK = "yotta_modules/nrf51-sdk/source/nordic_sdk/components/"
CMSIS = "yotta_modules/mbed-classic/targets/cmsis/"
S130 = {  # where in the archive: which folder here
    SDK + "softdevice/s130/headers/": "s130/softdevice",
    SDK + "device/": "s130/device",
    CMSIS: "s130/cmsis",
    CMSIS + "TARGET_NORDIC/TARGET_MCU_NRF51822/": "s130/system",
}

NPM = "pc-ble-driver-js@2.5.1"
DRIVER = "package/pc-ble-driver/"
S132 = {
    DRIVER + "src/sd_api_v3/sdk/components/softdevice/s132/headers/": "s132/softdevice",
    DRIVER + "include/common/": "s132/common",
    DRIVER + "include/common/config/": "s132/common/config",
    DRIVER + "include/common/sdk_compat/": "s132/compat",
}


def unpack(archive, places, folder):
    """The headers that lie in these places, not below them."""
    with tarfile.open(archive) as tar:
        for member in tar:
            place, _, name = member.name.rpartition("/")
            to = places.get(place + "/")
            if to and name.endswith(".h") and member.isfile():
                target = folder / to / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(tar.extractfile(member).read())


def newest(folder, pattern):
    found = sorted(folder.glob(pattern))
    if not found:
        raise Missing(f"no {pattern} came")
    return found[-1]


def fetch_s130(folder):
    fetch_source(folder, DEBIAN, "--download-only")
    unpack(newest(folder, MODULES), S130, folder)


def fetch_s132(folder):
    if not shutil.which("npm"):
        raise Missing("npm is missing (package npm)")
    done = subprocess.run(["npm", "pack", "--ignore-scripts", "--silent", NPM], cwd=folder,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode != 0:
        raise Missing(f"npm pack {NPM} failed: {done.stderr.strip()[-200:]}")
    unpack(newest(folder, "pc-ble-driver-js-*.tgz"), S132, folder)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip().splitlines()[-1])
    folder, missing = Path(sys.argv[1]).resolve(), []
    folder.mkdir(parents=True, exist_ok=True)
    for name, proof, fetch in (("S130", "s130/softdevice/nrf_soc.h", fetch_s130),
                               ("S132", "s132/softdevice/ble_gatts.h", fetch_s132)):
        try:
            if not (folder / proof).is_file():
                fetch(folder)
        except (Missing, OSError) as why:
            missing.append(f"nordic_headers: no headers of {name}: {why}")
    sys.exit("\n".join(missing) or None)


if __name__ == "__main__":
    main()
