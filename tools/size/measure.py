# SPDX-License-Identifier: Apache-2.0
"""Makes one library's row, and a row for each of its files, from map, disassembly and
.su files; holds the library to its budgets. Knows no table on paper.
"""
import re

from . import build, calls, maps

FIGURES = (("code", "code"), ("ram", "static RAM"), ("stack", "stack"))


def measure(library, arch, folder):
    """The library's row, and then one for each of its files."""
    elf, map_text, kept = build.link(library, arch, folder)
    sections = [s for s in maps.sections(map_text) if s.size and maps.kind(s.name)]
    files, apart = by_file(sections)
    program = calls.functions(build.run(build.PREFIX + "objdump", "-d",
                                        "--no-show-raw-insn", elf))
    try:
        stacks = Stacks(program, sections, folder)
        walk = calls.Walk(program, stacks.of, stacks.calls_the_seam)
        roots = [a for a, f in program.items() if f.name in build.verbs(library)]
        paths = walk.deepest(roots), walk.deepest(roots, apart=True)
    except calls.Endless as endless:
        raise build.Trouble(str(endless)) from None
    rows = [file_row(library, arch, source, files[source], stacks.deepest(source))
            for source in sorted(files)]
    return [library_row(library, arch, kept, rows, apart, paths)] + rows


def by_file(sections):
    """({(archive, source): its sections}, bytes of code of the C library and libgcc)"""
    files, apart = {}, {"libc": 0, "libgcc": 0}
    for section in sections:
        archive, source = maps.member(section.owner)
        if archive == "gcc" or archive.startswith("c_"):
            if maps.kind(section.name) == "code":
                apart["lib" + archive.split("_")[0]] += section.size
        elif archive or source and not source.startswith("user-"):
            files.setdefault((archive, source), []).append(section)
    return files, apart


class Stacks:
    """Frames of a linked program's functions: gcc's word where there is a .su file, and
    what the instructions take where there is none (C library, libgcc)."""

    def __init__(self, program, sections, folder):
        self.program, self.folder = program, folder
        self.source = {s.address: maps.member(s.owner) for s in sections
                       if maps.kind(s.name) == "code"}
        self.read = {}

    def told(self, archive, source):
        """gcc's frames of one source."""
        if (archive, source) not in self.read:
            name = f"src/lib{archive}.a.p/{source}.su" if archive else source[:-2] + ".su"
            path = self.folder / name
            self.read[archive, source] = \
                calls.frames(path.read_text()) if path.exists() else {}
        return self.read[archive, source]

    def of(self, f):
        """Clones ("scan.part.0") are known to gcc by their own name or by the first
        one's."""
        told = self.told(*self.source.get(f.address, ("", "none.c")))
        name = f.name
        while name not in told and "." in name:
            name = name.rsplit(".", 1)[0]
        return told.get(name, f.counted)

    def calls_the_seam(self, f):
        """Only the session calls struct ferry_commit."""
        return self.source.get(f.address, ("", ""))[1].startswith("device")

    def deepest(self, where):
        """(bytes, name) of the largest frame of one source."""
        return max(((self.of(f), f.name) for a, f in self.program.items()
                    if self.source.get(a) == where), default=(0, ""))


def file_row(library, arch, where, sections, deepest):
    archive, source = where
    sums = {kind: sum(s.size for s in sections if maps.kind(s.name) == kind)
            for kind in ("code", "data", "bss")}
    functions = {re.sub(r"^\.text\.(unlikely\.)?", "", s.name): s.size
                 for s in sections if s.name.startswith(".text.")}
    return {"library": library["name"], "arch": arch, **sums,
            "name": ("src/" if archive else "tools/size/") + source,
            "ram": sums["data"] + sums["bss"], "stack": deepest[0],
            "function": deepest[1], "functions": functions}


def library_row(library, arch, kept, files, apart, paths):
    """The sums. The budgets are stated for Cortex-M4."""
    sums = {k: sum(row[k] for row in files) for k in ("code", "data", "bss")}
    deepest, leaving = paths
    row = {"name": library["name"], "arch": arch,
           # initial values of data lie in flash, too
           "code": sums["code"] + sums["data"], "data": sums["data"], "bss": sums["bss"],
           "ram": kept + sums["data"] + sums["bss"],
           "stack": deepest.bytes, "path": path_text(deepest),
           "stack_apart": leaving.bytes if leaving else 0,
           "path_apart": path_text(leaving) if leaving else "",
           "painted": None, **apart, "against": library.get("against")}
    held = library if arch == "m4" else {}
    for key in ("code_budget", "code_stretch", "ram_budget", "stack_budget"):
        row[key] = held.get(key)
    row["past"], row["over"] = judged(row, held)
    row["ok"] = not row["past"]
    return row


def path_text(path):
    return " > ".join(name if name == calls.APART else f"{name} {size}"
                      for name, size in path.steps)


def judged(row, held):
    """Sentences: past a budget; and past what is held for as long as it is not met."""
    past, over = [], []
    for key, what in FIGURES:
        budget, have = held.get(key + "_budget"), row[key]
        limit = held.get(key + "_held") or budget
        if budget is not None and have > budget:
            past.append(f"{row['name']}: {what} is {have} bytes, {have - budget} past "
                        f"its budget of {budget}")
        if budget is not None and have > limit:
            over.append(f"{row['name']}: {what} is {have} bytes, {limit} at most")
    return past, over
