# SPDX-License-Identifier: Apache-2.0
"""Stack along the call graph. Knows a Thumb disassembly and gcc's .su files: who calls
whom, and how much stack each one takes. Knows no library.

A call through a pointer leaves the engine (a callback of the HAL): the walk ends there,
"apart". The exception are functions whose address the code itself hands out, as the
application's journal does for its seam: whoever calls through the seam may call each of
them, once a path.
"""
import re
from collections import namedtuple

APART = "apart"  # what a path ends with that leaves through a pointer

# calls, jumps: addresses; a jump has left its frame behind. pointers: {"call", "jump"}.
# words: literals, among them addresses. counted: stack bytes, of its instructions.
Function = namedtuple("Function", "name address calls jumps pointers words counted")
Path = namedtuple("Path", "bytes steps")  # steps: (name, bytes) from the verb down


class Endless(Exception):
    """Stack that has no bound: recursion, or a frame of variable size."""


# ---- what the tools wrote -----------------------------------------------------------


def frames(su_text):
    """{function: bytes} of a .su file; of two of one name, the larger."""
    found = {}
    for line in su_text.splitlines():
        where, size, how = line.split("\t")
        name = where.rsplit(":", 1)[1]
        if how != "static":
            raise Endless(f"{name}: a frame of variable size ({how})")
        found[name] = max(found.get(name, 0), int(size))
    return found


def registers(operands):
    """Bytes of a register list: "{r3, r4-r7, lr}"."""
    count = 0
    for item in re.search(r"\{(.*)\}", operands).group(1).split(","):
        ends = re.findall(r"\d+", item)
        count += int(ends[1]) - int(ends[0]) + 1 if len(ends) == 2 else 1
    return 4 * count


def pushed(mnemonic, operands):
    """Stack bytes that one instruction takes."""
    if mnemonic.startswith("push") or (
            mnemonic.startswith("stmdb") and operands.startswith("sp!")):
        return registers(operands)
    taken = re.match(r"(?:sp, )?sp, #(\d+)", operands)
    if mnemonic.startswith("sub") and taken:
        return int(taken.group(1))
    stored = re.search(r"\[sp, #-(\d+)\]!", operands)
    return int(stored.group(1)) if stored else 0


def bodies(text):
    """Yields (name, address, [(mnemonic, operands)]) of each function. Labels of
    assembler files (".skip") belong to the function they stand in."""
    name = address = None
    body = []
    for line in text.splitlines():
        head = re.match(r"([0-9a-f]+) <([^.$][^>]*)>:$", line)
        if head:
            if name:
                yield name, address, body
            name, address, body = head.group(2), int(head.group(1), 16), []
        elif name:
            found = re.match(r" +[0-9a-f]+:\t(\S+)\t?([^@;]*)", line)
            if found:
                body.append((found.group(1), found.group(2).strip()))
    if name:
        yield name, address, body


def functions(disassembly):
    """{address: Function} of `objdump -d --no-show-raw-insn`."""
    found, all_bodies = {}, list(bodies(disassembly))
    starts = {address for _, address, _ in all_bodies}
    for name, address, body in all_bodies:
        f = Function(name, address, set(), set(), set(), set(), 0)
        counted = 0
        for mnemonic, operands in body:
            counted += pushed(mnemonic, operands)
            note(f, mnemonic, operands, starts)
        found[address] = f._replace(counted=counted)
    return found


def note(f, mnemonic, operands, starts):
    """What one instruction of `f` says about whom it calls."""
    target = re.search(r"\b([0-9a-f]+) <", operands)
    if mnemonic == ".word":
        f.words.add(int(operands, 16))
    elif mnemonic in ("bl", "blx"):
        if target:
            f.calls.add(int(target.group(1), 16))
        else:
            f.pointers.add("call")
    elif re.match(r"b", mnemonic) and target:
        to = int(target.group(1), 16)
        if to in starts and to != f.address:
            f.jumps.add(to)
    elif mnemonic == "bx" and operands != "lr":
        f.pointers.add("jump")


# ---- the walk -----------------------------------------------------------------------


class Walk:
    """The deepest paths of one linked program. `frame`: bytes of a Function; `through`:
    do its pointers include the seam's?"""

    def __init__(self, found, frame, through=lambda f: True):
        self.found, self.frame, self.through = found, frame, through
        self.seam = {word - 1 for f in found.values() for word in f.words
                     if word - 1 in found}
        self.known = {}

    def deepest(self, roots, apart=False):
        """The deepest Path from any of `roots`; with `apart`, of those that leave
        through a pointer (None if none does)."""
        paths = [self.below(root, apart, False, ()) for root in roots]
        return max((p for p in paths if p), key=lambda p: p.bytes, default=None)

    def below(self, address, apart, inside, above):
        """The deepest Path from this function down. `inside`: the seam was entered."""
        f = self.found[address]
        if address in above:
            names = [self.found[a].name for a in above[above.index(address):]]
            raise Endless("recursion: " + " -> ".join(names + [f.name]))
        key = address, apart, inside
        if key not in self.known:
            self.known[key] = self.worst(f, apart, inside, above + (address,))
        return self.known[key]

    def worst(self, f, apart, inside, above):
        own = self.frame(f)
        paths = [] if apart else [Path(own, [(f.name, own)])]
        for depth, callees in ((own, f.calls), (0, f.jumps)):
            for callee in sorted(callees):
                paths.append(under(f, depth, self.below(callee, apart, inside, above)))
        for how in sorted(f.pointers):
            depth = own if how == "call" else 0
            if apart:
                paths.append(Path(depth, [(f.name, depth), (APART, 0)]))
            for callee in () if inside or not self.through(f) else sorted(self.seam):
                paths.append(under(f, depth, self.below(callee, apart, True, above)))
        return max((p for p in paths if p), key=lambda p: p.bytes, default=None)


def under(f, depth, path):
    """`path` with the function above it; one whose frame is gone takes no bytes."""
    if path is None:
        return None
    return Path(path.bytes + depth, [(f.name, depth)] + path.steps)
