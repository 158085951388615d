# SPDX-License-Identifier: Apache-2.0
"""Meson's build folders of this tree: which are usable, and how one comes to be. Does not
know what is built there."""
import json
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def made_here(folder):
    """Was it configured, there, for this tree? Meson's folders cannot be moved."""
    info = folder / "meson-info" / "meson-info.json"
    if not info.is_file():
        return False
    made = json.loads(info.read_text(encoding="utf-8"))["directories"]
    return made["build"] == str(folder) and made["source"] == str(ROOT)


def set_up(folder, *how):
    """The command that configures it, or that sees to it that its options are these: some
    may have come to the project since. What is of no use is cleared away."""
    if (folder / "build.ninja").exists():
        if made_here(folder):
            options = [word for word in how if str(word).startswith("-D")]
            return ["meson", "configure", folder, *options] if options else []
        shutil.rmtree(folder)
    return ["meson", "setup", folder, ROOT, *how]
