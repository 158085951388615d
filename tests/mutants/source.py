# SPDX-License-Identifier: Apache-2.0
"""Reads our C, as far as mutating it needs: tokens with their places, matching brackets,
and functions. Knows nothing of types or macros; it relies on the house's format."""
import re
from collections import namedtuple

Token = namedtuple("Token", "kind text start end line macro")
Function = namedtuple("Function", "name first last is_bool")  # token numbers of { and }

PATTERN = re.compile(r"""
    (?P<comment> /\*.*?\*/ | //[^\n]*)
  | (?P<define> ^[ \t]*\#[ \t]*define[ \t]+\w+(?:\([^)\n]*\))?)
  | (?P<directive> ^[ \t]*\#(?:\\\n|[^\n])*)
  | (?P<string> "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*')
  | (?P<number> \.?\d(?:[eEpP][+-]|[\w.])*)
  | (?P<name> [A-Za-z_]\w*)
  | (?P<sign> <<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=
            | [^\s\\])
""", re.X | re.M | re.S)

CLOSES = {")": "(", "]": "[", "}": "{"}


def tokens(text):
    """The tokens of a C file without comments, #include and #if. `macro`: it is part of
    what a #define says."""
    found, macro_end = [], 0
    for match in PATTERN.finditer(text):
        if match.lastgroup == "define":
            macro_end = logical_line_end(text, match.end())
        elif match.lastgroup not in ("comment", "directive"):
            found.append(Token(match.lastgroup, match.group(), match.start(), match.end(),
                               text.count("\n", 0, match.start()) + 1,
                               match.start() < macro_end))
    return found


def logical_line_end(text, at):
    """Where the line ends, those that a backslash continues counted as one."""
    return re.compile(r"(?:\\\n|[^\n])*").match(text, at).end()


class Source:
    """A file's text, its tokens (`code`: outside of macros), and what belongs together."""

    def __init__(self, name, text):
        self.name, self.text = name, text
        every = tokens(text)
        self.macros = [t for t in every if t.macro]
        self.code = [t for t in every if not t.macro]
        self.partner = partners(self.code)
        self.functions = list(self.find_functions())

    def find_functions(self):
        at = 0
        begin = 0  # of what stands outside of functions
        while at < len(self.code):
            token = self.code[at].text
            if token == "{" and at > 0 and self.code[at - 1].text == ")":
                yield self.function_from(begin, at)
            if token in "([{":
                at = self.partner[at]
            if self.code[at].text in ";}":
                begin = at + 1
            at += 1

    def function_from(self, begin, brace):
        opening = self.partner[brace - 1]
        head = [t.text for t in self.code[begin:opening - 1]]
        return Function(self.code[opening - 1].text, brace, self.partner[brace],
                        "bool" in head and "*" not in head)

    def function_at(self, place):
        """The name of the function whose body is there, or '' outside of all."""
        for f in self.functions:
            if self.code[f.first].start <= place < self.code[f.last].end:
                return f.name
        return ""

    def line_at(self, place):
        return self.text.count("\n", 0, place) + 1


def partners(code):
    """For each bracket the number of the one that it belongs to."""
    partner, open_ones = {}, []
    for at, token in enumerate(code):
        if token.text in ("(", "[", "{"):
            open_ones.append(at)
        elif token.text in CLOSES:
            opening = open_ones.pop()
            if code[opening].text != CLOSES[token.text]:
                raise ValueError(f"line {token.line}: {token.text} closes nothing")
            partner[at], partner[opening] = opening, at
    if open_ones:
        raise ValueError(f"line {code[open_ones[-1]].line}: stays open")
    return partner
