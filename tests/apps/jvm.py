# SPDX-License-Identifier: Apache-2.0
"""Apps on a JVM that looks at every native call (-Xcheck:jni). Knows how they are started
and what it looks like when a JVM found something; does not know what they should do."""
import os
import re
from pathlib import Path

from radio import App


class Jvm:
    def __init__(self, build, java):
        self.java, self.build = java, Path(build).resolve()

    def command(self, name, *flags, library=None):
        jars = [self.build / "ports/jvm/ferry-courier.jar", self.build / "tests/apps/apps.jar"]
        return [self.java, "-Xcheck:jni", "-XX:+DisplayVMOutputToStderr", *flags,
                f"-Djava.library.path={library or self.build / 'ports/jvm'}",
                "-cp", os.pathsep.join(map(str, jars)), name]

    def start(self, w, *words, device=None, cuts=(), flags=()):
        app = App([*self.command("Carry", *flags), *words], device or w.dir / "sock",
                  w.dir, cuts)
        w.children.append(app.process)
        return app


def clean(said):
    """-Xcheck:jni had nothing to say, and nothing was thrown that nobody caught."""
    found = re.search(r"WARNING in native|FATAL ERROR in native|Exception|local refs", said)
    assert not found, said
