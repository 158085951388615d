#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A file as a C array that ends with a 0.

usage: embed.py NAME FILE OUT.c
"""
import json
import sys
from pathlib import Path


def main():
    name, source, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    text = source.read_bytes()
    if source.suffix == ".json":  # as short as it can be said
        text = json.dumps(json.loads(text), separators=(",", ":")).encode()
    rows = [",".join(map(str, text[i:i + 20])) for i in range(0, len(text), 20)]
    out.write_text(f"extern const char {name}[];\nextern const unsigned {name}_len;\n"
                   f"const char {name}[] = {{\n" + ",\n".join(rows) + ",\n0};\n"
                   f"const unsigned {name}_len = {len(text)};\n", encoding="utf-8")


if __name__ == "__main__":
    main()
