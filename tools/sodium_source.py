#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fetches libsodium's source with the system's own apt, for builds that compile it for
a target. Needs no root: lists, cache and result stay in FOLDER. Prints the folder it was
unpacked into; what is there already is not fetched again.

usage: sodium_source.py FOLDER
"""
import re
import shutil
import subprocess
import sys
from pathlib import Path

LISTS = Path("/etc/apt")
PACKAGE = "libsodium"
BINARY = "libsodium23"  # who has this has its source
PROOF = Path("src") / "libsodium" / "include" / "sodium" / "version.h.in"


class Missing(Exception):
    """Why there is no source, in one line."""


def unpacked(folder):
    """The folder with libsodium's source, or None."""
    for each in sorted(folder.glob(f"{PACKAGE}-*/")):
        if (each / PROOF).is_file():
            return each
    return None


# ---- a private list of sources -----------------------------------------------------


def stanzas(text):
    """The stanzas of a .sources file, for sources instead of binaries."""
    for stanza in re.split(r"\n\s*\n", text):
        if re.search(r"^Types:", stanza, re.M):
            yield re.sub(r"^Types:.*$", "Types: deb-src", stanza, flags=re.M).strip()


def lines(text):
    """The same for a .list file."""
    for line in text.splitlines():
        if re.match(r"\s*deb(-src)?\s", line):
            yield re.sub(r"^\s*deb(-src)?\s", "deb-src ", line).strip()


def serving(entries, places):
    """Of these, those that name one of the places; all, if none does."""
    return [e for e in entries if any(place in e[1] for place in places)] or entries


def places():
    """Where apt knows the package from."""
    done = subprocess.run(["apt-cache", "madison", BINARY], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=False)
    found = (re.search(r"\|\s*(\w+:\S+)\s", line) for line in done.stdout.splitlines())
    return {match.group(1).rstrip("/") for match in found if match}


def system_files(suffix):
    files = sorted((LISTS / "sources.list.d").glob(f"*{suffix}"))
    if suffix == ".list":
        files.insert(0, LISTS / "sources.list")
    return [f for f in files if f.is_file()]


def write_sources(folder):
    """A folder of sources for apt."""
    parts = folder / "sources.list.d"
    parts.mkdir(exist_ok=True)
    found = [(suffix, entry)
             for suffix, entries in ((".list", lines), (".sources", stanzas))
             for file in system_files(suffix)
             for entry in entries(file.read_text(encoding="utf-8"))]
    if not found:
        raise Missing("apt has no package sources")
    for old in parts.iterdir():
        old.unlink()
    for number, (suffix, entry) in enumerate(serving(found, places())):
        (parts / f"ferry{number}{suffix}").write_text(entry + "\n", encoding="utf-8")
    return parts


# ---- apt ---------------------------------------------------------------------------


def options(folder, parts):
    """What keeps apt inside the folder."""
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    settings = {"Dir::Etc::sourcelist": "/dev/null", "Dir::Etc::sourceparts": parts,
                "Dir::State": folder / "state", "Dir::Cache": folder / "cache",
                "Dir::State::status": "/var/lib/dpkg/status",
                "APT::Sandbox::User": "root", "Acquire::Languages": "none"}
    pairs = [f"{name}={value}" for name, value in settings.items()]
    return [word for pair in pairs for word in ("-o", pair)]


def apt(folder, log, *words):
    with open(log, "ab") as out:
        return subprocess.run(["apt-get", "-q", *words], cwd=folder, stdout=out,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                              check=False).returncode


def fetch_source(folder, package, *how):
    """`apt-get source` of a package, into this folder; Missing if it fails."""
    log = folder / "apt.log"
    log.write_bytes(b"")
    inside = options(folder, write_sources(folder))
    apt(folder, log, *inside, "update")  # what it lacks, the next step tells
    if apt(folder, log, *inside, "source", *how, package) != 0:
        said = log.read_text(errors="replace").split("\n")
        last = next((line for line in reversed(said) if line.strip()), "silently")
        raise Missing(f"apt-get source {package} failed: {last}")


def fetch(folder):
    for tool, package in (("apt-get", "apt"), ("dpkg-source", "dpkg-dev")):
        if not shutil.which(tool):
            raise Missing(f"{tool} is missing (package {package})")
    folder.mkdir(parents=True, exist_ok=True)
    fetch_source(folder, PACKAGE)
    if unpacked(folder) is None:
        raise Missing(f"apt-get source {PACKAGE} left no {PROOF}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip().splitlines()[-1])
    folder = Path(sys.argv[1]).resolve()
    try:
        if unpacked(folder) is None:
            fetch(folder)
    except (Missing, OSError) as why:
        sys.exit(f"sodium_source: no source of libsodium: {why}")
    print(unpacked(folder))


if __name__ == "__main__":
    main()
