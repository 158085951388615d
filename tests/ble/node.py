# SPDX-License-Identifier: Apache-2.0
"""The JavaScript stacks of examples/ble, at the versions of its package-lock.json, put
into a build folder by npm. Knows where they come from and when they are stale; does not
know what they do."""
import hashlib
import shutil
import subprocess
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "ble"
LISTS = ("package.json", "package-lock.json")
LIMIT_S = 600


class Missing(Exception):
    """Something that has to be installed is not."""


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            raise Missing(f"{program} is not installed")


def stamp():
    text = b"".join((EXAMPLE / name).read_bytes() for name in LISTS)
    return hashlib.sha256(text).hexdigest()


def modules(folder):
    """The folder of installed packages. Raises Missing where npm cannot get them."""
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "installed"
    if not done.exists() or done.read_text(encoding="ascii") != stamp():
        install(folder)
        done.write_text(stamp(), encoding="ascii")
    return folder / "node_modules"


# Nothing is compiled: what the stacks have in machine code comes with them.
def install(folder):
    for name in LISTS:
        shutil.copy(EXAMPLE / name, folder / name)
    log = folder / "npm.log"
    with open(log, "w", encoding="utf-8") as out:
        try:
            code = subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit",
                 "--no-fund"], cwd=folder,
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=LIMIT_S,
                check=False).returncode
        except subprocess.TimeoutExpired:
            code = "nothing in time"
    if code != 0:
        said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise Missing(f"npm ci: {code}: " + " | ".join(said[:3]))
