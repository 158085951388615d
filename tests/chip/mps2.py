# SPDX-License-Identifier: Apache-2.0
"""An MPS2 board in QEMU: a program that says lines by semihosting and ends with a code,
over a flash that is a file. Knows how QEMU is started and killed; does not know what the
program is."""
import os
import re
import shutil
import signal
import subprocess

QEMU = "qemu-system-arm"
PATIENCE_S = 300  # a loaded machine is slow
FLASH_SIZE = 16 << 20
FLASH = "memory-backend-file,id=flash,share=on,mem-path="
# Instructions take 256 ns of the board's time each, and its clock does not wait for ours:
# all that it does is the same in each run.
ICOUNT = "shift=8,sleep=off"


def missing():
    """What keeps us from running a board, or None."""
    return None if shutil.which(QEMU) else f"{QEMU} is not installed"


def blank_flash(path):
    path.write_bytes(b"\xff" * FLASH_SIZE)
    return path


def command(program, flash, *more, icount=ICOUNT, uart="null", life_max_s=PATIENCE_S):
    """Without `icount` the board's clocks run as they like; nothing but they can tell."""
    return ["timeout", "-s", "KILL", str(life_max_s), QEMU,
            "-M", "mps2-an386,memory-backend=flash",
            "-object", f"{FLASH}{flash},size={FLASH_SIZE}",
            "-display", "none", "-nodefaults", "-serial", uart,
            "-semihosting-config", "enable=on,target=native",
            *(["-icount", icount] if icount else []), "-kernel", str(program), *more]


def start(program, flash, *more, **how):
    """A process: its standard output has the lines the program says."""
    return subprocess.Popen(command(program, flash, *more, **how),
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            stdin=subprocess.DEVNULL, text=True, start_new_session=True)


def kill(process):
    """As the power does it: QEMU, and the timeout around it."""
    os.killpg(process.pid, signal.SIGKILL)


def run(program, flash, *more, icount=ICOUNT):
    """(code, lines) of a run to its end."""
    with start(program, flash, *more, icount=icount) as process:
        said = process.communicate()[0]
    return process.returncode, [line for line in said.splitlines()
                                if not re.match(r"qemu-system-arm: warning: nic ", line)]
