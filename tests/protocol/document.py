# SPDX-License-Identifier: Apache-2.0
"""Knows how tables and vectors stand in docs/PROTOCOL.md and golden.md. Does not know
what they are about.
"""
import re


def unhex(text):
    out = b""
    for word in text.split():
        times, star, digits = word.rpartition("*")
        out += bytes.fromhex(digits) * (int(times) if star else 1)
    return out


def vectors(text):
    """{name: {field: int or bytes}}, in order."""
    found = {}
    for fence in re.findall(r"^```vectors\n(.*?)^```", text, re.M | re.S):
        for name, body in re.findall(r"^\[(.+)\]\n((?:(?!\[).*\n)*)", fence, re.M):
            fields = found[name] = {}
            for part in re.split(r"[;\n]\s*", re.sub(r"\n +", " ", body).strip()):
                key, sign, value = re.match(r"(\w+)( =|:) (.*)", part).groups()
                fields[key] = unhex(value) if sign == ":" else int(value, 0)
    return found


def table(text, heading, head):
    """Rows of cells of the first table behind a heading."""
    text = text[text.index(f"\n{heading}\n"):]
    lines = iter(text[text.index(f"\n{head}"):].lstrip("\n").split("\n")[2:])
    rows = []
    for line in lines:
        if not line.startswith("|"):
            return rows
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows
