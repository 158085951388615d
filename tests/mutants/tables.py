# SPDX-License-Identifier: Apache-2.0
"""What people wrote: mutants made by hand (hand/*.txt), and why some mechanical ones may
live (survivors.txt). Both are refused where they no longer fit the sources."""
from collections import namedtuple

Hand = namedtuple("Hand", "name story file place dies_by before after text")
HAND_FIELDS = {"story", "file", "dies by"}


class Stale(Exception):
    """An entry that does not fit: which, and why."""


# ---- mutants made by hand ------------------------------------------------------------

def hand_mutants(root, folder):
    """All of them; or all that is wrong with them."""
    found, wrong = [], []
    for path in sorted(folder.glob("*.txt")):
        for entry in entries(path.read_text(encoding="utf-8")):
            try:
                found.append(hand_mutant(root, path.name, entry))
            except Stale as stale:
                wrong.append(str(stale))
    names = [h.name for h in found]
    wrong += [f"two hand mutants are called {name}" for name in sorted(set(names))
              if names.count(name) > 1]
    if wrong:
        raise Stale("\n".join(wrong))
    return found


def entries(text):
    """The pieces of a file that begin with == NAME. What stands before is for people."""
    return [piece.split("\n") for piece in ("\n" + text).split("\n== ")[1:]]


def hand_mutant(root, where, lines):
    name, fields, edits = lines[0].strip(), {}, []
    block = None  # the one that lines go to
    for line in lines[1:]:
        key, colon, value = line.partition(":")
        if line in ("find:", "put:"):
            block = []
            edits.append((key, block))
        elif block is not None:
            block.append(line)
        elif colon and not line.startswith(" "):
            fields[key] = value.strip()
        elif line.strip():
            fields[key_of_last(fields)] += " " + line.strip()
    wrong = HAND_FIELDS ^ set(fields)
    if wrong or [kind for kind, _ in edits] != ["find", "put"] * (len(edits) // 2):
        raise Stale(f"{where}: {name}: wants story, file, dies by, find, put"
                    f" ({', '.join(sorted(wrong))})")
    return edited(root, name, fields, ["\n".join(block).rstrip() for _, block in edits])


def key_of_last(fields):
    return list(fields)[-1]


def edited(root, name, fields, pieces):
    """`pieces`: what to find, what to put, what to find, what to put..."""
    if not fields["file"].endswith(".c"):
        raise Stale(f"{name}: a header's functions are in other files, too")
    text = (root / fields["file"]).read_text(encoding="utf-8")
    place = None
    for find, put in zip(pieces[::2], pieces[1::2]):
        if not find or text.count(find) != 1:
            raise Stale(f"{name}: found {text.count(find) if find else 0} times in"
                        f" {fields['file']}, not once: {find.strip()}")
        place = place or text.index(find)
        text = text.replace(find, put)
    return Hand(name, fields["story"], fields["file"], place, fields["dies by"].split(),
                flat(pieces[::2]), flat(pieces[1::2]), text)


def flat(pieces):
    return " ... ".join(" ".join(piece.split()) for piece in pieces)


# ---- survivors -----------------------------------------------------------------------

def key(mutant):
    """What a survivor is known by: no line number, so that it outlives other changes."""
    return (mutant.file, mutant.function, mutant.kind, mutant.nth, mutant.before,
            mutant.after)


def survivors(text):
    """By key: why the mutant may live. An entry is `== FILE FUNCTION KIND [NTH]`, pairs
    of `- before` and `+ after`, and `why:`."""
    argued = {}
    for lines in entries(text):
        keys, why = survivor(lines)
        for one in keys:
            if one in argued:
                raise Stale(f"argued twice: {shown(one)}")
            argued[one] = why
    return argued


def survivor(lines):
    head = lines[0].split()
    at = next((n for n, line in enumerate(lines) if line.startswith("why:")), None)
    why = " ".join(" ".join(lines[at:]).split()[1:]) if at else ""
    pairs = [line for line in lines[1:at] if line.strip()]
    if len(head) not in (3, 4) or not why or not pairs or len(pairs) % 2 \
            or any(line[:2] != "-+"[n % 2] + " " for n, line in enumerate(pairs)):
        raise Stale(f"survivors: {lines[0]}: wants FILE FUNCTION KIND, - and +, why:")
    file, function, kind = head[:3]
    nth = int(head[3]) if len(head) == 4 else 1
    return [(file, "" if function == "-" else function, kind, nth, before[2:].strip(),
             after[2:].strip())
            for before, after in zip(pairs[::2], pairs[1::2])], why


def shown(one):
    file, function, kind, nth, before, after = one
    times = f" {nth}" if nth > 1 else ""
    return f"{file} {function or '-'} {kind}{times}\n- {before}\n+ {after}"


def strangers(argued, mutants, files):
    """Entries about these files that no mutant answers to."""
    known = {key(m) for m in mutants}
    return [one for one in argued if one[0] in files and one not in known]
