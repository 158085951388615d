# SPDX-License-Identifier: Apache-2.0
"""What the house checks share: the report and its last line, and the list of files."""
import shutil
import subprocess
import sys
from pathlib import Path


class Report:
    """Counts checks; each failure says where, each skip why."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def ok(self, count=1):
        self.passed += count

    def fail(self, where, what):
        self.failed += 1
        print(f"{where}: {what}")

    def skip(self, what, why):
        self.skipped += 1
        print(f"skipped: {what}: {why}")

    def check(self, failures):
        """One check: passes if `failures`, pairs of where and what, is empty."""
        failures = list(failures)
        for where, what in failures:
            self.fail(where, what)
        if not failures:
            self.ok()

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        sys.exit(1 if self.failed else 0)


def project_files(root):
    """Paths of the project's files relative to root: what git tracks or would track,
    or, in a tree without git, all but hidden folders and build folders."""
    git = subprocess.run(["git", "-C", str(root), "ls-files", "-z", "-co",
                          "--exclude-standard", "--", "."],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False) \
        if (root / ".git").exists() and shutil.which("git") else None
    if git and git.returncode == 0:
        names = {Path(name) for name in git.stdout.decode().split("\0") if name}
    else:
        names = {p.relative_to(root) for p in root.rglob("*")}
        names = {n for n in names if not built(n)}
    return sorted(n for n in names if (root / n).is_file())


def built(name):
    top = name.parts[0]
    return top.startswith("build") or top in (".git", ".cache") \
        or "__pycache__" in name.parts


def text(path):
    """The file's text, or None if it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
