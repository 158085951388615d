#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The courier as WebAssembly (ports/web), in Node: what all couriers must do, over a plain
link and over Web Bluetooth's, and what the page's modules promise. No browser is asked.

usage: web_test.py BUILD NODE [WORD], only tests with this word in their name
"""
import functools
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import cases  # noqa: E402
from radio import App  # noqa: E402

HERE = Path(__file__).resolve().parent


class Node:
    def __init__(self, build, node):
        self.node, self.web = node, Path(build).resolve() / "ports" / "web"

    def start(self, *more, program="carry.mjs"):
        """Makes apps with these options."""
        def start(w, *words, device=None, cuts=()):
            app = App([self.node, HERE / program, self.web, *more, *words],
                      device or w.dir / "sock", w.dir, cuts)
            w.children.append(app.process)
            return app
        return start


def modules_keep_their_promises(node, w):
    command = [node.node, "--test", "--test-reporter=tap", HERE / "web_modules.mjs"]
    done = subprocess.run(command, cwd=w.dir, env={"FERRY_WEB": str(node.web)},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=300, check=False)
    assert done.returncode == 0, done.stdout
    assert "# fail 0" in done.stdout and "# pass 0" not in done.stdout, done.stdout


def the_page_leaves_a_device_that_says_later_and_comes_back(node, w):
    cases.factory_fresh(w)
    with cases.Device(w, clock=cases.CLOCK, later=1, seconds=1) as device:
        app = node.start(program="page_app.mjs")(w, "a.ferry", "b.ferry", cuts=(60,))
        ended = app.wait("ended")
        device.waits_for("runs ok, version 01030000")
    assert ended == "ended bar=100 mistakes=0", app.lines
    assert app.end() == 0, app.said()
    said = [line.removeprefix("says ") for line in app.lines]
    for words in ("Looking for the device",
                  "The device asks for 1 second, because it is in use.",
                  "Sending version 1.3.0.", "Version 1.3.0 is on the device."):
        assert any(line.startswith(words) for line in said), (words, said)
    at = next(i for i, line in enumerate(said) if line.startswith("The device asks"))
    assert not said[at + 1].startswith("Looking"), said
    assert device.said().count("connected") >= 2 and cases.installed(w)


def main():
    build, program, *word = sys.argv[1:]
    node, tests = Node(build, program), cases.tests_of(build)
    for name, case in cases.of(build):
        tests.add(name, functools.partial(case, node.start()))
        tests.add(f"over Web Bluetooth {name}",
                  functools.partial(case, node.start("--bluetooth")))
    for case in (modules_keep_their_promises,
                 the_page_leaves_a_device_that_says_later_and_comes_back):
        tests.add(case.__name__, functools.partial(case, node))
    return tests.run(*word or [""])


if __name__ == "__main__":
    sys.exit(main())
