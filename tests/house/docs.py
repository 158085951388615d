#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Documentation that something executes: README's example is examples/minimal.c, links
lead somewhere, no file names a path of one machine, README stays short.

usage: docs.py ROOT
"""
import re
import sys
from pathlib import Path
from urllib.parse import unquote

from house import Report, project_files, text

README_LINES = 150
TMP_MAY_BE_NAMED_IN = {".c", ".h", ".py", ".sh", ""}  # code that makes its own folder

MACHINE_PATH = re.compile(r"(?<![\w.$}/-])/(?:home|root|Users|work|mnt)/[\w.]")
TMP_PATH = re.compile(r"(?<![\w.$}/-])/(?:var/)?tmp\b")


# ---- README -----------------------------------------------------------------------


def example(root, report):
    readme, minimal = root / "README.md", root / "examples" / "minimal.c"
    if not readme.exists() or not minimal.exists():
        report.skip("README's example", "README.md or examples/minimal.c is missing")
        return
    words = readme.read_bytes()
    block = re.search(rb"^```c\n(.*?)^```$", words, re.S | re.M)
    if not block:
        report.fail("README.md:1", "no C block")
    elif block.group(1) != minimal.read_bytes():
        line = words[:block.start()].count(b"\n") + 1
        report.fail(f"README.md:{line}", "the C block is not examples/minimal.c")
    else:
        report.ok()


def short_readme(root, report):
    if not (root / "README.md").exists():
        report.skip("README's length", "README.md is missing")
        return
    count = len(text(root / "README.md").splitlines())
    if count > README_LINES:
        report.fail(f"README.md:{README_LINES + 1}",
                    f"{count} lines, {README_LINES} at most")
    else:
        report.ok()


# ---- links ------------------------------------------------------------------------


def prose(path):
    """Yields (number, line) for what stands outside fenced code."""
    fence = None
    for number, line in enumerate(text(path).splitlines(), 1):
        mark = re.match(r"\s*(```+|~~~+)", line)
        if mark and fence is None:
            fence = mark.group(1)
        elif mark and mark.group(1).startswith(fence):
            fence = None
        elif fence is None:
            yield number, line


def anchors(path):
    """The names that a heading, or an <a id>, gives to #links, as GitHub makes them."""
    found, seen = set(), {}
    for _, line in prose(path):
        found.update(re.findall(r'<a\s+(?:id|name)="([^"]+)"', line))
        heading = re.match(r"#{1,6}\s+(.*?)\s*#*\s*$", line)
        if not heading:
            continue
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.group(1)).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        again = seen.get(slug, 0)
        seen[slug] = again + 1
        found.add(f"{slug}-{again}" if again else slug)
    return found


def targets(line):
    line = re.sub(r"`[^`]*`", "", line)
    yield from re.findall(r"\]\(<?([^()\s>]+)>?(?:\s+\"[^\"]*\")?\)", line)
    yield from re.findall(r"<(?:a|img)\s[^>]*(?:href|src)=\"([^\"]+)\"", line)
    yield from re.findall(r"^\s*\[[^\]]+\]:\s*<?([^\s>]+)", line)


def dead(root, name, target):
    """None, or why the link leads nowhere."""
    if re.match(r"[a-z][a-z0-9+.-]*:", target, re.I):
        return None
    file, _, anchor = unquote(target).partition("#")
    path = (root / name.parent / file) if file else root / name
    if file.startswith("/") or not path.resolve().is_relative_to(root.resolve()):
        return f"link leaves the repository: {target}"
    if not path.exists():
        return f"link to a missing file: {target}"
    if anchor and path.suffix == ".md" and anchor not in anchors(path):
        return f"link to a missing heading: {target}"
    return None


def links(root, name):
    for number, line in prose(root / name):
        for target in targets(line):
            why = dead(root, name, target)
            if why:
                yield f"{name}:{number}", why


# ---- machine paths ----------------------------------------------------------------


def machine_paths(root, name):
    words = text(root / name)
    if words is None:
        return
    tmp_allowed = name.suffix in TMP_MAY_BE_NAMED_IN
    for number, line in enumerate(words.splitlines(), 1):
        if MACHINE_PATH.search(line) or (not tmp_allowed and TMP_PATH.search(line)):
            yield f"{name}:{number}", f"names a path of one machine: {line.strip()[:60]}"


def main():
    root, report = Path(sys.argv[1]), Report()
    names = project_files(root)
    example(root, report)
    short_readme(root, report)
    for name in names:
        if name.suffix == ".md":
            report.check(links(root, name))
    report.check(f for name in names for f in machine_paths(root, name))
    report.end()


if __name__ == "__main__":
    main()
