# SPDX-License-Identifier: Apache-2.0
"""What a program's symbols say: where the engine's functions are, and what stands at an
address. Knows `nm`; does not know what is counted."""
import bisect
import re
import subprocess

NM = "arm-none-eabi-nm"
VERB = re.compile(r"ferry_(device|courier)_(init|input|output|tick|deadline|done|link)$"
                  r"|ferry_boot$|ferry_app_journal_open$")
NO_VERB = "-"


class Symbols:
    """Of one program linked with ports/mps2's script."""

    def __init__(self, program):
        said = subprocess.run([NM, "-n", "--defined-only", str(program)],
                              stdout=subprocess.PIPE, text=True, check=True).stdout
        found = re.findall(r"^(\w+) (\w) (\S+)$", said, re.M)
        self.at = {name: int(addr, 16) for addr, kind, name in found if kind in "Tt"}
        self.code = [(int(addr, 16), name) for addr, kind, name in found
                     if kind in "Tt" and not name.startswith("mps2_engine")
                     and not name.startswith("mps2_libc")]
        self.starts = [addr for addr, _ in self.code]

    def range(self, what):
        return self.at[f"mps2_{what}_start"], self.at[f"mps2_{what}_end"]

    def function(self, addr):
        """The name of the function that this address lies in."""
        return self.code[bisect.bisect_right(self.starts, addr) - 1][1]

    def engine(self):
        """(address, name) of the engine's functions."""
        low, high = self.range("engine")
        return [(addr, name) for addr, name in self.code if low <= addr < high]

    def verbs(self):
        return [(addr, name) for addr, name in self.engine() if VERB.match(name)]

    def marked(self, prefix):
        return [(addr, name[len(prefix):]) for addr, name in self.code
                if name.startswith(prefix)]
