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


def compiler_of(words):
    """The version that README's figures are of."""
    return re.search(r"gcc ([0-9.]+)", words[words.index("\n## Size\n"):])[1]


def keep(path, libraries, version, write):
    """Writes the table, or says that another one stands there. Trouble only if that one is
    of the same compiler; None: there is none."""
    words = path.read_text(encoding="utf-8")
    named = compiler_of(words)
    anew = with_table(words, libraries)
    if anew == words:
        return None
    if write:
        path.write_text(anew.replace(f"gcc {named}", f"gcc {version}"), encoding="utf-8")
        print("README.md: the table is written anew")
    elif named == version:
        return "README's table is old: ./dev size --readme"
    else:
        print(f"size: README's table is of gcc {named}, this is {version}", file=sys.stderr)
    return None
