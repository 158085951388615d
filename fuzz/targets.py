# SPDX-License-Identifier: Apache-2.0
"""The fuzz targets as targets.txt lists them. Does not know how they are built or run."""
from collections import namedtuple
from pathlib import Path

FUZZ = Path(__file__).resolve().parent

Target = namedtuple("Target", "name max_len dictionary")


def targets():
    """All of them, in the order of the list; `dictionary`: a path, or None."""
    lines = (FUZZ / "targets.txt").read_text(encoding="utf-8").splitlines()
    return [target(*line.split()) for line in lines if not line.startswith("#")]


def target(name, max_len, dictionary):
    return Target(name, int(max_len), None if dictionary == "-" else FUZZ / dictionary)


def corpus(name):
    """The folder of its inputs that are committed."""
    return FUZZ / "corpus" / name
