# SPDX-License-Identifier: Apache-2.0
"""The firmware of the board that the story has in QEMU, from the steps and folders of
`./dev firmware`. Knows when this machine can have it; does not know what becomes of
it."""
import subprocess
import sys
from pathlib import Path

CHIP = Path(__file__).resolve().parents[3] / "tests" / "chip"
sys.path.append(str(CHIP))  # last: its modules' names are as short as the story's

import steps  # noqa: E402
from stage import kit  # noqa: E402


class Without(Exception):
    """Why this machine can have none, in a line."""


def built(builds):
    """The folder of the board's programs. What was built before is not built again."""
    missing = steps.lacking()
    if missing:
        raise Without(f"missing: {', '.join(missing)}")
    folders = steps.Folders(builds.resolve())
    folders.logs.mkdir(parents=True, exist_ok=True)
    if not done(steps.sodium_step(folders), folders.logs / "fleet-sodium.log"):
        raise Without("libsodium's source is not to be had (build-logs/fleet-sodium.log)")
    for step in steps.mps2_steps(folders):
        if not done(step, folders.logs / "fleet-firmware.log"):
            raise kit.Unexpected(f"{step.name} failed (build-logs/fleet-firmware.log)")
    return folders.mps2 / "ports" / "mps2"


def done(step, log):
    """True: it went well, or there was nothing to do."""
    command = [str(word) for word in step.command()]
    with open(log, "w", encoding="utf-8") as out:
        return not command or subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            check=False).returncode == 0
