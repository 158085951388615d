# SPDX-License-Identifier: Apache-2.0
"""Cross compiles the libraries with Meson and links a user of each. Knows the tools and
the build folders; what comes of it, others read.
"""
import re
import shutil
import subprocess
from pathlib import Path

import builds

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PREFIX = "arm-none-eabi-"
LIBC = "libc_nano.a"

# Called by a product's tests, not by its firmware.
NOT_IN_FIRMWARE = {"ferry_device_config_check"}


class Trouble(Exception):
    """Something that cannot be measured, with the reason."""


def run(*command):
    """Standard output of a command; Trouble with everything it said if it fails."""
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise Trouble(" ".join(map(str, command)) + "\n" + done.stdout.strip())
    return done.stdout


def cpu_flags(arch):
    return [f"-mcpu=cortex-{arch}", "-mthumb"]


def missing_toolchain(arch):
    """What keeps us from cross compiling, or None."""
    for tool in ("gcc", "ar", "nm", "objdump"):
        if not shutil.which(PREFIX + tool):
            return f"{PREFIX}{tool} is not installed"
    libc = run(PREFIX + "gcc", *cpu_flags(arch), "-print-file-name=" + LIBC).strip()
    if not Path(libc).is_absolute():
        return f"newlib for arm-none-eabi ({LIBC}) is not installed"
    return None


def compiler_version():
    return run(PREFIX + "gcc", "-dumpfullversion").strip()


def configure(arch, build):
    command = builds.set_up(build, "--cross-file",
                            ROOT / "tools" / "cross" / f"cortex-{arch}.ini")
    if command:
        run(*command)


def compile_libraries(build, libraries):
    archives = {archive for library in libraries for archive in library["archives"]}
    run("ninja", "-C", build, *(f"src/lib{name}.a" for name in sorted(archives)))


def verbs(library):
    """The functions its headers declare for its structs, and those it needs beside."""
    names = set(library["also"])
    for header, struct in library["headers"].items():
        text = (ROOT / "include" / "ferry" / header).read_text()
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        if struct:
            names |= set(re.findall(r"\b(" + struct + r"_\w+)\(", text))
    return sorted(names - NOT_IN_FIRMWARE)


def user_source(library):
    """A user of every verb, and the sum of the structs it keeps as a symbol's size."""
    lines = [f'#include "ferry/{header}"' for header in library["headers"]]
    if "with" in library:
        lines += [f"void {name}(void);" for name in library["also"]]
    lines += ["typedef void (*verb)(void);", "extern const verb user[];",
              "const verb user[] = {"]
    lines += [f"    (verb){name}," for name in verbs(library)]
    sizes = [f"sizeof(struct {struct})" for struct in library["keeps"]]
    lines += ["};", "extern char kept[];", f"char kept[1 + {' + '.join(sizes) or '0'}];",
              ""]
    return "\n".join(lines)


def compile_user(library, arch, build, stem):
    """Objects of the generated user and of the stub that stands beside it, if any."""
    source = stem.with_suffix(".c")
    source.write_text(user_source(library))
    cc = [PREFIX + "gcc", *cpu_flags(arch), "-Os", "-std=c11", "-ffunction-sections",
          "-fdata-sections", "-fstack-usage", "-I", ROOT / "include", "-c"]
    run(*cc, source, "-o", stem.with_suffix(".o"))
    objects = [stem.with_suffix(".o")]
    if "with" in library:
        objects.append((build / library["with"]).with_suffix(".o"))
        run(*cc, HERE / library["with"], "-o", objects[-1])
    return objects


def link(library, arch, build):
    """Links one library's user; returns (path of the elf, map text, bytes kept)."""
    stem = build / ("user-" + re.sub(r"\W+", "-", library["name"]))
    objects = compile_user(library, arch, build, stem)
    elf, out = stem.with_suffix(".elf"), stem.with_suffix(".map")
    archives = [build / "src" / f"lib{name}.a" for name in library["archives"]]
    try:
        run(PREFIX + "gcc", *cpu_flags(arch), "-nostdlib", "-Wl,--gc-sections",
            "-Wl,-e,user", f"-Wl,-Map,{out}", *objects, *archives, "-l:" + LIBC,
            "-lgcc", "-o", elf)
    except Trouble as trouble:
        lacking = sorted(set(re.findall(r"undefined reference to `(\w+)'", str(trouble))))
        raise Trouble("undefined: " + " ".join(lacking) if lacking else trouble) from None
    kept = re.search(r"^\w+ (\w+) \w kept$", run(PREFIX + "nm", "-S", objects[0]), re.M)
    return elf, out.read_text(), int(kept.group(1), 16) - 1
