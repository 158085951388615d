# SPDX-License-Identifier: Apache-2.0
"""libsodium compiled from its source in other ways than the system's, and the hostile
signatures put to it: another compiler, another width of its arithmetic. Knows how it is
built; which verdicts are right is tests/unit's business."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests" / "portable"), str(ROOT / "tests" / "unit"),
             str(ROOT / "tools")]
import hostile_table  # noqa: E402
from run import RUN_SECONDS, demand, run  # noqa: E402
from sodium_source import unpacked  # noqa: E402

AS_ON_A_CHIP = ["-DSODIUM_STATIC=1", "-DCONFIGURED=1", "-DNATIVE_LITTLE_ENDIAN=1",
                "-DHAVE_WEAK_SYMBOLS=1"]
OURS = ["ports/sodium/lacking.c", "ports/posix/crypto_sodium.c", "tests/unit/hostile.c",
        "tests/dynamic/signatures.c", "src/verify.c", "src/manifest.c", "src/cbor.c",
        "src/bytes.c"]


def sources(sodium):
    """Those that a chip's build takes."""
    listed = (ROOT / "ports" / "sodium" / "meson.build").read_text(encoding="utf-8")
    names = re.findall(r"'((?:crypto_\w+|sodium)/[\w/]+)'", listed)
    return [sodium / f"{name}.c" for name in names]


def fetch(folder):
    """libsodium's own src/libsodium."""
    demand([sys.executable, ROOT / "tools" / "sodium_source.py", folder])
    return unpacked(folder) / "src" / "libsodium"


def includes(sodium, folder):
    """With the header that libsodium's configure script would have made."""
    made = folder / "include" / "sodium"
    made.mkdir(parents=True, exist_ok=True)
    template = (sodium / "include" / "sodium" / "version.h.in").read_text(encoding="utf-8")
    (made / "version.h").write_text(re.sub(r"@SODIUM_LIBRARY_MINIMAL_DEF@", "",
                                           re.sub(r"@\w+_M\w+OR@", "0", template)),
                                    encoding="utf-8")
    inside = [made.parent, made, sodium / "include", sodium / "include" / "sodium"]
    return [word for place in inside for word in ("-isystem", place)] + [
        f"-I{place}" for place in ("include", "src", "ports/posix", "tests/unit")]


def try_target(pool, target, folder, sodium):
    """(verdicts, complaints) of a target of tests/portable's kind."""
    folder.mkdir(parents=True, exist_ok=True)
    inside = includes(sodium, folder)

    def compiled(source):
        out = folder / (re.sub(r"\W+", "_", str(source))[-80:] + ".o")
        demand([*target["cc"], "-O2", "-g", "-w", *AS_ON_A_CHIP, *inside, "-c", source,
                "-o", out])
        return out
    objects = list(pool.map(compiled, [*sources(sodium), *OURS]))
    program = folder / "signatures"
    demand([*target["cc"], *objects, "-o", program])
    code, said = run([*target["runs"], program], RUN_SECONDS)
    return hostile_table.heard(code, said.splitlines())
