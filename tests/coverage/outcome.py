# SPDX-License-Identifier: Apache-2.0
"""Judges the counts: everything is reached, or is argued, and little is argued. Knows no
compiler."""

EXCLUDED_MAX = 10  # branches


def without_number(place):
    return (place.file, place.text, place.way, place.what)


def share(open_ones, total):
    """Percent; never rounded up to all."""
    return 100.0 if open_ones == 0 else min(99.9, 100 * (total - open_ones) / total)


class Outcome:
    def __init__(self, counts, entries):
        self.counts, self.entries = counts, entries
        self.unseen = counts.unseen()
        argued = {entry.place for entry in entries}
        self.open = [p for p in self.unseen if without_number(p) not in argued]
        self.wrong = list(self.find_wrong())
        self.good = not self.open and not self.wrong

    def find_wrong(self):
        places = [without_number(place) for place in self.unseen]
        for entry in self.entries:
            file, text, way, what = entry.place
            if places.count(entry.place) != 1:
                yield (f"excluded.txt argues for {places.count(entry.place)} places, not"
                       f" one: {file}: {text}: never {way}: {what}")
        if self.argued_branches() > EXCLUDED_MAX:
            yield (f"excluded.txt argues for {self.argued_branches()} branches, more than"
                   f" {EXCLUDED_MAX}")
        if not self.counts.files():
            yield "nothing was counted"

    def argued_branches(self, file=None):
        return sum(entry.place[2] != "run" and file in (None, entry.place[0])
                   for entry in self.entries)

    def row(self, file):
        lines, branches = self.counts.of(file)
        missed = [place.way == "run" for place in self.open if place.file == file]
        return {"file": file, "lines": lines, "lines_open": sum(missed),
                "branches": branches, "branches_open": len(missed) - sum(missed),
                "excluded": self.argued_branches(file)}

    def rows(self):
        rows = [self.row(file) for file in self.counts.files()]
        total = {key: sum(row[key] for row in rows)
                 for key in (rows[0] if rows else {}) if key != "file"}
        return [*rows, {"file": "all", **total}] if rows else []

    def as_json(self):
        return {"files": self.rows(),
                "open": [place._asdict() for place in self.open],
                "excluded": [{**dict(zip(("file", "text", "way", "what"), entry.place)),
                              "why": entry.why} for entry in self.entries],
                "wrong": self.wrong}

    # ---- text ------------------------------------------------------------------------

    def as_text(self):
        yield f"{'':28}{'lines':>7}{'':>8}{'branches':>10}{'':>8}{'excluded':>10}"
        for row in self.rows():
            yield (f"{row['file']:28}{row['lines']:7}"
                   f"{share(row['lines_open'], row['lines']):7.1f}%{row['branches']:10}"
                   f"{share(row['branches_open'], row['branches']):7.1f}%"
                   f"{row['excluded'] or '':>10}")
        for place in self.open:
            never = place.way if place.way == "run" else f"{place.way}: {place.what}"
            yield f"{place.file}:{place.number}: never {never}\n    {place.text}"
        for entry in self.entries:
            file, text, way, what = entry.place
            yield f"excluded: {file}: never {way}: {what}\n    {entry.why}"
        yield from (f"WRONG: {wrong}" for wrong in self.wrong)
