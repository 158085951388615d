# SPDX-License-Identifier: Apache-2.0
"""What the tests of `ferry release` share: artifacts of a release, and running it."""
import hashlib
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tool"))

from kit import CLASS, sign_args  # noqa: E402

BANKS = ("0x10000", "0x80000")
RANGES = ("1-3", "4-9")


def artifacts(w, version="1.2.0", image="image.bin", ranges=RANGES, **options):
    """Signs a release; the names of its files."""
    names = []
    for hw in ranges:
        for link in BANKS:
            name = f"{version}-{image}-{hw}-{link}.ferry"
            w.ok(*sign_args(version=version, image=image, hw=hw, link=link, output=name,
                            **options))
            names.append(name)
    return names


def release(verb, *operands, **options):
    """Arguments; `store` is a folder of that name where nothing else is said."""
    args = ["release", verb]
    for name, value in {"store": "store", **options}.items():
        name = name.replace("_", "-")
        args += [f"--{name}"] if value is True else [f"--{name}={value}"]
    return [*args, *operands]


def publish(*files, **options):
    return release("publish", *files, key="test.pub", **options)


def listed(w, **options):
    """{version: release} as `list --json` tells it."""
    text = w.ok(*release("list", json=True, **options))
    return {each["version"]: each for each in json.loads(text)["releases"]}


def with_store(w):
    (w.dir / "store").mkdir()


def with_release(w):
    with_store(w)
    return artifacts(w)


def in_environment(variables):
    """For World.run: what the shell does first."""
    return " && ".join(f"export {name}='{value}'" for name, value in variables.items())


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def objects(folder):
    """What visibly stands in a store: names without those of parts."""
    found = subprocess.run(["find", ".", "-type", "f", "!", "-name", ".*"], cwd=folder,
                           stdout=subprocess.PIPE, text=True, check=False).stdout
    return {name[2:] for name in found.splitlines()}


def add_cases(tests, names):
    """The functions of a module that are tests: those without an underscore in front that
    the module itself defines."""
    for name, body in list(names.items()):
        if callable(body) and not name.startswith("_") and not isinstance(body, type) \
                and body.__module__ == names["__name__"] and name != "add_to":
            tests.add(name, body)


__all__ = ["BANKS", "CLASS", "RANGES", "add_cases", "artifacts", "in_environment",
           "listed", "objects", "publish", "release", "sha256", "with_release",
           "with_store"]
