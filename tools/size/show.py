# SPDX-License-Identifier: Apache-2.0
"""Prints the rows for people. Knows columns, and nothing of where figures come from."""
import textwrap

LARGEST = 25

LEGEND = """
Bytes. code: text, rodata and data's initial values as linked with --gc-sections, -Os;
ram: the sessions, data and bss, without the pool. stack: the deepest path from any verb
down, by gcc's frames; it ends where a callback of the port is called (flash, crypto,
consent), and `apart` is how much lies above the deepest such call: the callback's own
stack comes on top of that. painted: the stack a run on the emulated Cortex-M4 touched.
A `bootloader` has no crypto, flash driver or startup in it."""


def libraries(rows):
    return [row for row in rows if "library" not in row]


def files_of(rows, library):
    return [row for row in rows if row.get("library") == library["name"]
            and row["arch"] == library["arch"]]


def budgets(row):
    return " / ".join(str(row[key + "_budget"] or "-") for key in ("code", "ram", "stack"))


def dash(figure):
    return "-" if figure is None else figure


def table(rows):
    print(f"{'name':24} {'arch':4} {'code':>6} {'ram':>5} {'stack':>5} {'apart':>5} "
          f"{'painted':>7}  {'budgets: code / ram / stack':23} ok")
    for row in libraries(rows):
        print(f"{row['name']:24} {row['arch']:4} {row['code']:6} {row['ram']:5} "
              f"{row['stack']:5} {row['stack_apart']:5} {dash(row['painted']):>7}  "
              f"{budgets(row):23} {'yes' if row['ok'] else 'NO'}")
    stretch = [f"{row['code_stretch']} for {row['name']}" for row in libraries(rows)
               if row["code_stretch"]]
    print(LEGEND + ("\nWished for: code " + ", ".join(stretch) + "." if stretch else ""))


def comparison(rows):
    print("\nFor comparison, others built with the same compiler for the same core:")
    for row in libraries(rows):
        if row["against"] and row["arch"] == "m4":
            print(textwrap.fill(row["against"], 87, initial_indent=f"  {row['name']:24} ",
                                subsequent_indent=" " * 27))


def files(rows):
    for library in libraries(rows):
        print(f"\n{library['name'] + ', ' + library['arch']:26} {'code':>6} {'data':>5} "
              f"{'bss':>5} {'frame':>5}  of")
        for row in files_of(rows, library):
            print(f"  {row['name']:24} {row['code']:6} {row['data']:5} {row['bss']:5} "
                  f"{row['stack']:5}  {row['function']}")
        print(f"  {'apart: C library':24} {library['libc']:6}")
        print(f"  {'apart: libgcc':24} {library['libgcc']:6}")


def functions(rows):
    """Where to look for a budget that was passed."""
    for library in libraries(rows):
        found = [(size, name, row["name"]) for row in files_of(rows, library)
                 for name, size in row["functions"].items()]
        print(f"\n{library['name']}, {library['arch']}")
        for what, path in (("deepest", library["path"]), ("apart", library["path_apart"])):
            print(textwrap.fill(path, 87, initial_indent=f"  {what}: ",
                                subsequent_indent="    ", break_long_words=False))
        print(f"  the {min(LARGEST, len(found))} largest of {len(found)} functions")
        for size, name, file in sorted(found, reverse=True)[:LARGEST]:
            print(f"  {size:6}  {name:32} {file}")


def show(rows, with_functions):
    table(rows)
    comparison(rows)
    files(rows)
    if with_functions:
        functions(rows)
