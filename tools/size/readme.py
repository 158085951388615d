# SPDX-License-Identifier: Apache-2.0
"""Keeps README's table of sizes what was measured. Knows where it stands, and no more."""
import re
import sys

HEAD = "| library | code | static RAM | stack | for comparison |\n|---|---|---|---|---|\n"


def table(libraries):
    lines = [f"| {row['name']} | {row['code']} B | {row['ram']} B | {row['stack']} B | "
             f"{row['against'] or ''} |\n" for row in libraries]
    return HEAD + "".join(re.sub(r"  \|$", " |", line) for line in lines)


def with_table(words, libraries):
    """README with these figures in the table of its section Size."""
    start = words.index("\n| library |", words.index("\n## Size\n")) + 1
    end = words.index("\n\n", start) + 1
    return words[:start] + table(libraries) + words[end:]


def keep(path, libraries, write):
    """Writes the table; or says that another one stands there."""
    words = path.read_text()
    anew = with_table(words, libraries)
    if anew == words:
        return
    if write:
        path.write_text(anew)
        print("README.md: the table is written anew")
    else:
        print("size: README's table is of another compiler, or old: ./dev size --readme",
              file=sys.stderr)
