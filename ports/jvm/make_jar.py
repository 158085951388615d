#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles Java sources together and puts their classes into one jar: javac wants to see
them all at once. Knows nothing of what they are.

usage: make_jar.py JAVAC JAR OUT CLASSPATH SOURCE...
"""
import subprocess
import sys
import tempfile

FLAGS = ["--release", "11", "-Xlint:all", "-Werror", "-encoding", "UTF-8"]


def main():
    javac, jar, out, path, *sources = sys.argv[1:]
    with tempfile.TemporaryDirectory() as classes:
        subprocess.run([javac, *FLAGS, "-classpath", path or classes, "-d", classes,
                        *sources], check=True)
        subprocess.run([jar, "--create", "--file", out, "-C", classes, "."], check=True)


if __name__ == "__main__":
    main()
