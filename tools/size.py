#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints what a library costs on a Cortex-M, and holds it to its budget.

The figure is what a user links: the archive, linked with --gc-sections against the
verbs its header declares. Crypto, flash and C library are the user's and stand apart.
Ends 0 = within budget, 1 = past a budget or not buildable, 3 = no cross compiler.
"""
import argparse
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "arm-none-eabi-"
LIBC = "libc_nano.a"
LARGEST = 25

# Budgets in bytes, for Cortex-M4 at -Os (docs/DESIGN.md). `headers` and the struct whose
# verbs they declare; `also` are functions that a port needs beside them. `code_held`: the
# budget is not met yet (the table says NO); what fails is more than this.
LIBRARIES = [
    {"name": "ferry-device", "archive": "ferry-device",
     "headers": {"device.h": "ferry_device"}, "also": ["ferry_ticket_holds"],
     "code_budget": 9216, "code_stretch": 8192, "ram_budget": 512,
     "code_held": 10240},
    {"name": "  with app journal", "archive": "ferry-device",
     "headers": {"device.h": "ferry_device", "app_journal.h": "ferry_app_journal"},
     "also": ["ferry_handoff_planned", "ferry_handoff_expired"]},
    {"name": "ferry-boot", "archive": "ferry-boot", "headers": {"boot.h": None},
     "also": ["ferry_boot", "ferry_identity_open"],
     "code_budget": 5120, "code_stretch": 4096, "ram_budget": 128},
    {"name": "ferry-courier", "archive": "ferry-courier",
     "headers": {"courier.h": "ferry_courier"}, "also": []},
]


class Trouble(Exception):
    """Something that cannot be measured, with the reason."""


def run(*command):
    """Standard output of a command; Trouble with everything it said if it fails."""
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise Trouble(" ".join(map(str, command)) + "\n" + done.stdout.strip())
    return done.stdout


def missing_toolchain(flags):
    """What keeps us from cross compiling, or None."""
    for tool in ("gcc", "ar", "nm"):
        if not shutil.which(PREFIX + tool):
            return f"{PREFIX}{tool} is not installed"
    libc = run(PREFIX + "gcc", *flags, "-print-file-name=" + LIBC).strip()
    if not Path(libc).is_absolute():
        return f"newlib for arm-none-eabi ({LIBC}) is not installed"
    return None


# ---- build and link ---------------------------------------------------------------


def made_here(build):
    """Meson's build folders are of no use once they, or the tree, were moved."""
    made = json.loads((build / "meson-info" / "meson-info.json").read_text())
    return made["directories"]["build"] == str(build) \
        and made["directories"]["source"] == str(ROOT)


def configure(arch, build):
    if (build / "build.ninja").exists() and not made_here(build):
        shutil.rmtree(build)
    if not (build / "build.ninja").exists():
        run("meson", "setup", build, ROOT, "--cross-file",
            ROOT / "tools" / "cross" / f"cortex-{arch}.ini")


# Called by a product's tests, not by its firmware.
NOT_IN_FIRMWARE = {"ferry_device_config_check"}


def verbs(library):
    """The functions its headers declare for its structs, and those it needs beside."""
    names = set(library["also"])
    for header, struct in library["headers"].items():
        text = (ROOT / "include" / "ferry" / header).read_text()
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        if struct:
            names |= set(re.findall(r"\b(" + struct + r"_\w+)\(", text))
    return sorted(names - NOT_IN_FIRMWARE)


def write_user(library, path):
    """A user of every verb, and the structs' sizes as the size of a symbol."""
    lines = [f'#include "ferry/{header}"' for header in library["headers"]]
    lines += ["typedef void (*verb)(void);", "extern const verb user[];",
              "const verb user[] = {"]
    lines += [f"    (verb){name}," for name in verbs(library)]
    sizes = [f"sizeof(struct {struct})" for struct in library["headers"].values()
             if struct]
    lines += ["};", "extern char session[];",
              f"char session[{' + '.join(sizes) or '1'}];", ""]
    path.write_text("\n".join(lines))


def link(library, flags, build):
    """Builds and links one library; returns (map text, sizeof its session)."""
    name = library["archive"]
    run("meson", "compile", "-C", build, name)
    user, obj = build / f"user-{name}.c", build / f"user-{name}.o"
    write_user(library, user)
    cc = [PREFIX + "gcc", *flags, "-Os", "-std=c11", "-ffunction-sections",
          "-fdata-sections"]
    run(*cc, "-I", ROOT / "include", "-c", user, "-o", obj)
    out = build / f"user-{name}.map"
    try:
        run(*cc, "-nostdlib", "-Wl,--gc-sections", "-Wl,-e,user", f"-Wl,-Map,{out}", obj,
            build / "src" / f"lib{name}.a", "-l:" + LIBC, "-lgcc",
            "-o", build / f"user-{name}.elf")
    except Trouble as trouble:
        lacking = sorted(set(re.findall(r"undefined reference to `(\w+)'", str(trouble))))
        raise Trouble("undefined: " + " ".join(lacking) if lacking else trouble) from None
    sizes = re.search(r"^\w+ (\w+) \w session$", run(PREFIX + "nm", "-S", obj), re.M)
    session = int(sizes.group(1), 16)
    return out.read_text(), session if session > 1 else 0


# ---- read what the tools wrote ----------------------------------------------------


def sections(map_text):
    """Yields (input section, bytes, object) for all that was linked."""
    text = map_text.split("Linker script and memory map", 1)[1]
    text = re.sub(r"(?m)^( [.*\w$-]+)\n +0x", r"\1 0x", text)
    owner = None
    for match in re.finditer(
            r"(?m)^ ([.*\w$-]+) +0x[0-9a-f]+ +0x([0-9a-f]+)(?: (\S.*))?$", text):
        name, size, obj = match.group(1), int(match.group(2), 16), match.group(3)
        owner = obj or owner  # *fill* names none: it belongs to the one before
        yield name, size, owner


def kind(section):
    """Where an input section ends up, or None if not in the device."""
    if section.startswith((".text", ".rodata", ".glue", ".vfp11", ".v4_bx", ".ARM.ex",
                           "*fill*")):
        return "code"
    if section.startswith(".data"):
        return "data"
    if section.startswith((".bss", "COMMON")):
        return "bss"
    return None


def stack(build, name, source, linked):
    """(bytes, function) of the deepest linked function of one source file."""
    worst = (0, "")
    path = build / "src" / f"lib{name}.a.p" / f"{source}.su"
    for line in path.read_text().splitlines():
        where, size, _ = line.split("\t")
        function = where.rsplit(":", 1)[1]
        if any(s == function or s.startswith(function + ".") for s in linked):
            worst = max(worst, (int(size), function))
    return worst


def measure(library, arch, flags, build):
    """The row of one library."""
    archive = library["archive"]
    map_text, session = link(library, flags, build)
    files, apart = {}, {"libc": 0, "libgcc": 0}
    for section, size, obj in sections(map_text):
        where = kind(section)
        member = re.search(r"([^/]+)\.a\((.+)\.o\)$", obj or "")
        if not member or where is None or size == 0:
            continue
        where_from, source = member.groups()
        if where_from == "lib" + archive:
            row = files.setdefault(source, {"code": 0, "data": 0, "bss": 0, "fns": []})
            row[where] += size
            if section.startswith(".text."):
                row["fns"].append((re.sub(r"^\.text\.(unlikely\.)?", "", section), size))
        elif where == "code":
            apart["libgcc" if where_from == "libgcc" else "libc"] += size
    return total(library, arch, session, files, apart, build)


def total(library, arch, session, files, apart, build):
    name = library["name"]
    rows = []
    for source, row in sorted(files.items()):
        depth, function = stack(build, library["archive"], source, [fn for fn, _ in row["fns"]])
        rows.append({"file": "src/" + source, "code": row["code"], "data": row["data"],
                     "bss": row["bss"], "stack": depth, "function": function,
                     "functions": dict(row["fns"])})
    sums = {k: sum(row[k] for row in rows) for k in ("code", "data", "bss")}
    ram = session + sums["data"] + sums["bss"]
    code = sums["code"] + sums["data"]  # initial values of data lie in flash, too
    held = library if arch == "m4" else {}  # the budgets are stated for Cortex-M4
    figures = (("code", code, held.get("code_budget"), held.get("code_held")),
               ("static RAM", ram, held.get("ram_budget"), None))
    past = [f"{name}: {what} is {have} bytes, {have - budget} past its budget of {budget}"
            for what, have, budget, _ in figures if budget is not None and have > budget]
    over = [f"{name}: {what} is {have} bytes, {limit or budget} at most"
            for what, have, budget, limit in figures
            if budget is not None and have > (limit or budget)]
    return {"name": name, "arch": arch, "code": code, "data": sums["data"],
            "bss": sums["bss"], "ram": ram,
            "stack": max((row["stack"] for row in rows), default=0), **apart,
            "code_budget": held.get("code_budget"),
            "code_stretch": held.get("code_stretch"),
            "ram_budget": held.get("ram_budget"), "over": over, "past": past, "ok": not past,
            "files": rows}


# ---- show -------------------------------------------------------------------------


def budget_text(row):
    if row["code_budget"] is None:
        return "-"
    return f"{row['code_budget']} ({row['code_stretch']}) / {row['ram_budget']}"


def show(rows):
    print(f"{'name':18} {'arch':4} {'code':>6} {'ram':>5} {'stack':>5}  "
          f"{'budget code (stretch) / ram':28} ok")
    for row in rows:
        print(f"{row['name']:18} {row['arch']:4} {row['code']:6} {row['ram']:5} "
              f"{row['stack']:5}  {budget_text(row):28} {'yes' if row['ok'] else 'NO'}")
    print("\nBytes. code: text, rodata and data's initial values as linked with "
          "--gc-sections, -Os;\nram: the session, data and bss, without the pool; "
          "stack: the deepest single function.")
    for row in rows:
        print(f"\n{row['name'].strip() + ', ' + row['arch']:22} {'code':>6} {'data':>5} "
              f"{'bss':>5} {'stack':>5}  deepest function")
        for file in row["files"]:
            print(f"  {file['file']:20} {file['code']:6} {file['data']:5} "
                  f"{file['bss']:5} {file['stack']:5}  {file['function']}")
        print(f"  {'apart: C library':20} {row['libc']:6}")
        print(f"  {'apart: libgcc':20} {row['libgcc']:6}")


def show_functions(row):
    """The library's largest functions: where to look for a budget that was passed."""
    found = [(size, fn, file["file"]) for file in row["files"]
             for fn, size in file["functions"].items()]
    print(f"\n{row['name']}, {row['arch']}: the {LARGEST} largest of {len(found)} "
          "functions")
    for size, function, file in sorted(found, reverse=True)[:LARGEST]:
        print(f"  {size:6}  {function:32} {file}")


# ---- README -----------------------------------------------------------------------

TABLE_HEAD = "| library | code | static RAM | deepest function |\n|---|---|---|---|\n"


def readme_table(rows):
    """README's table, from what was measured."""
    lines = [f"| {row['name'].strip()} | {row['code']} B | {row['ram']} B | "
             f"{row['stack']} B |\n" for row in rows]
    return TABLE_HEAD + "".join(lines)


def keep_readme(rows, write):
    """Writes the table into README; or says that another one stands there."""
    path = ROOT / "README.md"
    words = path.read_text()
    start = words.index(TABLE_HEAD)
    end = words.index("\n\n", start) + 1
    if words[start:end] == readme_table(rows):
        return
    if write:
        path.write_text(words[:start] + readme_table(rows) + words[end:])
        print("README.md: the table is written anew")
    else:
        print("size: README's table is of another compiler, or old: ./dev size --readme",
              file=sys.stderr)


def arguments():
    parser = argparse.ArgumentParser(prog="./dev size", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="the same, for a program")
    parser.add_argument("--functions", action="store_true",
                        help="the largest functions, too")
    parser.add_argument("--readme", action="store_true",
                        help="write the figures into README's table")
    parser.add_argument("--arch", choices=("m4", "m0"), default="m4")
    parser.add_argument("--build", type=Path, metavar="DIR",
                        help="build folder (default: build-size-ARCH)")
    return parser.parse_args()


def main():
    args = arguments()
    build = (args.build or ROOT / f"build-size-{args.arch}").resolve()
    flags = [f"-mcpu=cortex-{args.arch}", "-mthumb"]
    missing = missing_toolchain(flags)
    if missing:
        print(f"size: {missing}: nothing measured", file=sys.stderr)
        return 3
    rows, troubles = [], []
    try:
        configure(args.arch, build)
        for library in LIBRARIES:
            try:
                rows.append(measure(library, args.arch, flags, build))
            except Trouble as trouble:
                troubles.append(f"{library['name']}: not measured: {trouble}")
    except Trouble as trouble:
        troubles.append(str(trouble))
    if args.json:
        print(json.dumps(rows, indent=1), flush=True)
    elif rows:
        show(rows)
        for row in rows if args.functions else ():
            show_functions(row)
        sys.stdout.flush()
    for line in (line for row in rows for line in row["past"]):
        print(f"size: {line}", file=sys.stderr)
    if args.arch == "m4" and len(rows) == len(LIBRARIES):
        keep_readme(rows, args.readme)
    troubles += [line for row in rows for line in row["over"]]
    for line in troubles:
        print(f"size: {line}", file=sys.stderr)
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
