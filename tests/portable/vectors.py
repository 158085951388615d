# SPDX-License-Identifier: Apache-2.0
"""Writes the vectors of docs/PROTOCOL.md and tests/golden as C tables behind
tests/protocol/doc.h, for processors without files. Knows how they are stored; what they
mean is the tests' business.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
sys.path.insert(0, str(ROOT / "tests" / "protocol"))

import document  # noqa: E402

HEAD = '#include "doc.h"\n'

TAIL = """
const struct doc_vector *doc_vector_at(unsigned i)
{
    return i < sizeof vector / sizeof vector[0] ? &vector[i] : NULL;
}

int doc_open(void **state)
{
    (void)state;
    return 0;
}
"""


def protocol():
    """What frames, messages and the envelope are held to."""
    found = document.vectors((ROOT / "docs" / "PROTOCOL.md").read_text())
    return {name: fields for name, fields in found.items()
            if name.startswith(("crc-", "cobs-")) or name in ("tag", "envelope",
                                                              "block-table")
            or re.match("[A-Z]+$", name)}


def golden():
    return document.vectors((GOLDEN / "golden.md").read_text())


def files():
    """The golden files that can be read without their image, each with its bytes."""
    found = golden()
    cut = {"factory.ferry": "envelope_len", "update.ferry": "envelope_len",
           "next.ferry": "envelope_len", "statement.bin": None, "identity.bin": None}
    return {name: {**found[name],
                   "file": (GOLDEN / name).read_bytes()[:found[name].get(length)]}
            for name, length in cut.items()}


def states():
    """One group of vectors for each state of the journals, with its pages."""
    found = golden()
    for name, fields in found.items():
        if "erase_unit" in fields:
            pages = (GOLDEN / f"journals-{name}.bin").read_bytes()
            yield {"identity.bin": found["identity.bin"],
                   name: {**fields, "pages": pages},
                   **{f"{name}.{part}": found[f"{name}.{part}"]
                      for part in ("boot", "app", "asks")}}


def state_tables(most):
    """The states in as many groups as it takes for none to have more than `most` bytes;
    a state that has more stands alone."""
    tables = [{}]
    for state in states():
        if tables[-1] and weight({**tables[-1], **state}) > most:
            tables.append({})
        tables[-1].update(state)
    return tables


def weight(vectors):
    """About how much memory a table takes on an 8-bit processor."""
    fields = [(key, value) for one in vectors.values() for key, value in one.items()]
    names = {key for key, _ in fields} | set(vectors)
    return sum(11 + (len(value) if isinstance(value, bytes) else 0)
               for _, value in fields) + sum(len(name) + 1 for name in names)


def table(vectors):
    """C, to be compiled in the place of doc.c."""
    lines, rows = [HEAD], []
    for n, (name, fields) in enumerate(vectors.items()):
        cells = []
        for k, (key, value) in enumerate(fields.items()):
            if isinstance(value, bytes):
                lines.append(f"static const uint8_t b{n}_{k}[] = "
                             f"{{{', '.join(map(str, value))}}};")
                cells.append(f'{{"{key}", false, 0, b{n}_{k}, {len(value)}}}')
            else:
                cells.append(f'{{"{key}", true, UINT32_C({value}), NULL, 0}}')
        lines.append(f"static const struct doc_field f{n}[] = {{{', '.join(cells)}}};")
        rows.append(f'    {{"{name}", {len(fields)}, f{n}}},')
    return "\n".join(lines + ["static const struct doc_vector vector[] = {", *rows, "};"]) \
        + TAIL
