#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The fleet server's pages in a browser: by day, by night, on a phone and on paper. Its
pages are written by FLEET-WRITE-PAGES, of a fleet with names as hostile as can be.

usage: page_test.py FLEET-WRITE-PAGES [--shots DIR]
"""
import json
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

import browser
from cluster import SKIP

PHONE = 360  # CSS pixels
VOID = {"meta", "link", "input", "br", "hr", "img"}

# Each text that can be seen, with its contrast against what is behind it, worst first.
CONTRAST = """(() => {
  const parse = c => (c.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const lum = c => {
    const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= .03928
      ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.data.trim(), e = walk.currentNode.parentElement;
    if (!text || !e.getClientRects().length || e.closest('title, style')) continue;
    const style = getComputedStyle(e), svg = e.closest('svg');
    const a = lum(parse(svg ? style.fill : style.color)), b = lum(ground(e));
    found.push([(Math.max(a, b) + .05) / (Math.min(a, b) + .05), text.slice(0, 40)]);
  }
  return found.sort((x, y) => x[0] - y[0]);
})()"""

# Texts of pictures that reach out of them.
OUTSIDE = """[...document.querySelectorAll('svg')].flatMap(svg => {
  const all = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter(t => {
    const r = t.getBoundingClientRect();
    return r.left < all.left - .5 || r.right > all.right + .5 || r.top < all.top - .5
      || r.bottom > all.bottom + .5;
  }).map(t => t.textContent);
})"""

UNLABELLED = """[...document.querySelectorAll('input:not([type=hidden]), textarea, select')]
  .filter(i => !i.labels.length).map(i => i.name)"""


class Balance(HTMLParser):
    """Are all elements closed, in order?"""

    def __init__(self):
        super().__init__()
        self.open, self.wrong = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"{tag} at {self.getpos()}")


class Pages:
    def __init__(self, folder, shots):
        self.folder, self.shots = folder, shots
        self.failed = self.passed = 0
        done = subprocess.run([sys.argv[1], folder], capture_output=True, text=True,
                              check=True)
        self.names = [line.split()[0] for line in done.stdout.splitlines()]

    def check(self, where, good, what):
        self.passed += bool(good)
        if not good:
            self.failed += 1
            print(f"failed: {where}: {what}")

    def open(self, b, name):
        b.open((self.folder / f"{name}.html").as_uri())

    def shoot(self, b, name):
        if self.shots:
            b.shot(self.shots / f"{name}.png")


def markup_is_whole(p):
    for name in p.names:
        text = (p.folder / f"{name}.html").read_text(encoding="utf-8")
        parser = Balance()
        parser.feed(text)
        parser.close()
        p.check(name, not parser.wrong and not parser.open, parser.wrong or parser.open)


def hostile_names_are_texts(p, b, name):
    p.check(name, b.evaluate("document.title") not in ("", "owned"), "a name ran")
    p.check(name, b.evaluate("document.querySelectorAll('script,img,iframe').length") == 0,
            "a name became an element")


def a_page_can_be_read_by_those_who_do_not_see_it(p, b, name):
    p.check(name, b.evaluate("document.querySelectorAll('h1').length") == 1,
            "not one h1 alone")
    p.check(name, b.evaluate("document.documentElement.lang") == "en", "no language")
    p.check(name, b.evaluate("[...document.querySelectorAll('svg')].every("
                             "s => s.getAttribute('role') == 'img' && s.querySelector("
                             "'title').textContent.length > 10)"), "a nameless picture")
    unlabelled = b.evaluate(UNLABELLED)
    p.check(name, unlabelled == [], f"inputs without labels: {unlabelled}")


def text_stands_out(p, b, name, when):
    found = b.evaluate(CONTRAST)
    p.check(name, len(found) >= 2, f"{when}: nothing to see")
    p.check(name, found[0][0] >= 4.5, f"{when}: contrast {found[0]}")


def nothing_reaches_out(p, b, name, when):
    outside = b.evaluate(OUTSIDE)
    p.check(name, outside == [], f"{when}: outside of their pictures: {outside}")


def by_day_and_night(p, b, name):
    for dark in (False, True):
        b.look(dark=dark)
        text_stands_out(p, b, name, "dark" if dark else "light")
        nothing_reaches_out(p, b, name, "dark" if dark else "light")
        p.shoot(b, name + ("-dark" if dark else ""))


def on_a_phone(p, b, name):
    b.look(width=PHONE)
    wide = b.evaluate("document.documentElement.scrollWidth")
    p.check(name, wide <= PHONE, f"on a phone it is {wide} wide")
    nothing_reaches_out(p, b, name, "phone")
    small = b.evaluate("Math.min(...[...document.querySelectorAll('a.act, button.act')]"
                       ".map(a => a.getBoundingClientRect().height), 99)")
    p.check(name, small >= 24, f"a button is {small} high")
    p.shoot(b, name + "-phone")


def on_paper(p, b, name):
    b.look(media="print")
    text_stands_out(p, b, name, "paper")
    p.check(name, b.evaluate("getComputedStyle(document.querySelector('header')).display")
            == "none", "the menu is printed")
    p.shoot(b, name + "-paper")
    b.look()
    pdf = b.pdf()
    p.check(name, pdf.startswith(b"%PDF") and len(pdf) > 3000, "no PDF")


def first_sentence_is_the_frozen_rollout(p, b):
    p.open(b, "home")
    first = b.evaluate("document.querySelector('main').innerText.split('\\n')[0]")
    words = ("Rollout 2 (2.1.0)", "hardware revision 4", "in hour ", "survived 72 h",
             "held back")
    p.check("home", all(w in first for w in words), first)
    p.check("home", b.evaluate("document.querySelector('main > *').getBoundingClientRect()"
                               ".bottom") < 400, "the sentence is not on the first screen")


def panels_share_their_axes(p, b):
    p.open(b, "frozen")
    axes = b.evaluate("[...document.querySelectorAll('.panel svg')].map(s => "
                      "[...s.querySelectorAll('text')].map(t => t.textContent).join())")
    p.check("frozen", len(axes) == 5 and len(set(axes)) == 1, json.dumps(axes))
    alarms = b.evaluate("[...document.querySelectorAll('.panel')].filter(p => "
                        "p.innerText.includes('alarms')).map(p => p.querySelector('h3')"
                        ".textContent)")
    p.check("frozen", alarms == ["Revision 4"], f"alarms: {alarms}")


def the_measures_notice_what_is_wrong(p, b):
    """Each of them, on a page that is spoilt on purpose."""
    spoil = "document.head.insertAdjacentHTML('beforeend', '<style>%s</style>')"
    b.look(width=PHONE)
    p.open(b, "frozen")
    b.evaluate(spoil % ".rs { color: #bbb } .panel { width: 500px }"
                       " .survival text { transform: translate(90px) }")
    b.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend',"
               " '<input name=nobody>')")
    p.check("spoilt", b.evaluate(CONTRAST)[0][0] < 2, "pale text was not noticed")
    p.check("spoilt", b.evaluate("document.documentElement.scrollWidth") > PHONE,
            "a wide page was not noticed")
    p.check("spoilt", len(b.evaluate(OUTSIDE)) > 0, "a cut text was not noticed")
    p.check("spoilt", b.evaluate(UNLABELLED) == ["nobody"], "an input was not noticed")


def see(p):
    with tempfile.TemporaryDirectory(prefix="ferry-browser-") as profile, \
            browser.Browser(Path(profile)) as b:
        for name in p.names:
            p.open(b, name)
            hostile_names_are_texts(p, b, name)
            a_page_can_be_read_by_those_who_do_not_see_it(p, b, name)
            by_day_and_night(p, b, name)
            on_a_phone(p, b, name)
            on_paper(p, b, name)
        b.look()
        first_sentence_is_the_frozen_rollout(p, b)
        panels_share_their_axes(p, b)
        the_measures_notice_what_is_wrong(p, b)


def main():
    shots = None
    if "--shots" in sys.argv:
        shots = Path(sys.argv[sys.argv.index("--shots") + 1])
        shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ferry-pages-") as folder:
        p = Pages(Path(folder), shots)
        markup_is_whole(p)
        skipped = 0 if browser.find() else 1
        if skipped:
            print("skipped: no browser is installed (package chromium)")
        else:
            see(p)
    print(f"{p.passed} passed, {p.failed} failed, {skipped} skipped")
    return 1 if p.failed else SKIP if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
