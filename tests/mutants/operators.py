# SPDX-License-Identifier: Apache-2.0
"""The mechanical mistakes: a negated condition, one more or one less, a statement left
out. Each is a replacement of a piece of a Source's text."""
import re
from collections import Counter, namedtuple

# `nth` tells apart what is otherwise alike in one function, 1 = the first.
Mutant = namedtuple("Mutant", "file line function kind before after nth start end text")

NEGATE, ONE_OFF, DROP = "negate", "one-off", "drop"
EDGES = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
NUMBER = re.compile(r"(0[xX])?([0-9A-Fa-f]+?)([uUlL]*)$")

# What a condition before a question mark begins after.
BEFORE_CONDITION = {"(", "[", "{", ",", ";", "=", "+=", "-=", "*=", "/=", "%=", "&=", "|=",
                    "^=", "<<=", ">>=", "?", ":", "return", "case"}
CONTROL = {"if", "for", "while", "do", "else", "switch", "case", "default"}
DECLARES = {"struct", "enum", "union", "const", "static", "typedef", "extern", "volatile"}


def mutants(source):
    """All of a source's mutants, in the order of the text."""
    edits = sorted({*negations(source), *ones_off(source), *drops(source)})
    seen, found = Counter(), []
    for start, end, text, kind, (show_from, show_to) in edits:
        before = one_line(source.text[show_from:show_to])
        after = one_line(source.text[show_from:start] + text + source.text[end:show_to])
        function = source.function_at(start)
        key = (function, kind, before, after)
        seen[key] += 1
        found.append(Mutant(source.name, source.line_at(start), function, kind, before,
                            after, seen[key], start, end, text))
    return found


def one_line(text):
    """Without comments, whole or cut, and on one line."""
    return " ".join(re.sub(r"/\*.*?(?:\*/|$)", " ", text, flags=re.S).split())


def applied(source, mutant):
    return source.text[:mutant.start] + mutant.text + source.text[mutant.end:]


# ---- negated conditions --------------------------------------------------------------

def negations(source):
    for f in source.functions:
        for at in range(f.first, f.last):
            for first, last, shown in conditions(source, f, at):
                start, end = source.code[first].start, source.code[last].end
                yield (start, end, f"!({source.text[start:end]})", NEGATE,
                       (source.code[shown[0]].start, source.code[shown[1]].end))


def conditions(source, f, at):
    """Conditions that the token introduces: first and last token, and what to show."""
    code, word = source.code, source.code[at].text
    if word in ("if", "while"):
        closing = source.partner[at + 1]
        yield at + 2, closing - 1, (at, closing)
    elif word == "for":
        semicolons = [n for n in range(at, source.partner[at + 1]) if code[n].text == ";"]
        first, last = semicolons[0] + 1, semicolons[1] - 1
        if first <= last:
            yield first, last, (at, source.partner[at + 1])
    elif word == "?":
        first = condition_start(source, at)
        yield first, at - 1, (first, at)
    elif word == "return" and f.is_bool:
        end = statement_end(source, at)
        yield at + 1, end - 1, (at, end)


def condition_start(source, at):
    """The first token of the condition that ends before the question mark at `at`."""
    while source.code[at - 1].text not in BEFORE_CONDITION:
        at = source.partner.get(at - 1, at - 1)
    return at


# ---- one more, one less --------------------------------------------------------------

def ones_off(source):
    asserted = set(static_asserts(source))
    for token in source.macros + [t for n, t in enumerate(source.code)
                                  if n not in asserted]:
        if token.kind == "number":
            texts = neighbours(token.text)
        else:
            texts = [EDGES[token.text]] if token.text in EDGES else []
        for text in texts:
            yield token.start, token.end, text, ONE_OFF, line_around(source.text, token)


def static_asserts(source):
    """Numbers of the tokens that only the compiler reads."""
    for at, token in enumerate(source.code):
        if token.text == "_Static_assert":
            yield from range(at, source.partner[at + 1])


def neighbours(number):
    """The two integers beside this one, in its own notation."""
    match = NUMBER.match(number)
    if not match:
        return []
    prefix, digits, suffix = match.groups()
    value = int(digits, 16 if prefix else 10)
    return [notation(n, prefix) + suffix for n in (value - 1, value + 1)]


def notation(value, prefix):
    return f"{prefix}{value:X}" if prefix and value >= 0 else str(value)


def line_around(text, token):
    start = text.rfind("\n", 0, token.start) + 1
    end = text.find("\n", token.end)
    return start, len(text) if end < 0 else end


# ---- statements left out -------------------------------------------------------------

def drops(source):
    for f in source.functions:
        for first, last in statements(source, f):
            if droppable(source, f, first, last):
                start, end = source.code[first].start, source.code[last].end
                yield start, end, ";", DROP, (start, end)


def statements(source, f):
    """First and last token of every statement that ends with a semicolon."""
    at = f.first + 1
    while at < f.last:
        word = source.code[at].text
        if word in ("if", "for", "while", "switch"):
            at = source.partner[at + 1] + 1
        elif word in ("{", "}", ";", "else", "do"):
            at += 1
        elif word in ("case", "default"):
            at = next(n for n in range(at, f.last) if source.code[n].text == ":") + 1
        else:
            end = statement_end(source, at)
            yield at, end
            at = end + 1


def statement_end(source, at):
    """The number of the semicolon that ends the statement."""
    while source.code[at].text != ";":
        at = source.partner.get(at, at) + 1
    return at


def droppable(source, f, first, last):
    """Not declarations, nor a function's last return: without them nothing compiles, or
    nothing is left to judge."""
    if source.code[first].text == "return":
        return last + 1 < f.last
    return not declares(source, first)


def declares(source, first):
    """A type's name (or two), stars, a name."""
    words = source.code[first:]
    if words[0].text in DECLARES:
        return True
    at = 1
    while words[at].text == "*":
        at += 1
    return words[0].kind == "name" and words[at].kind == "name"
