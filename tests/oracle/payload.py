# SPDX-License-Identifier: Apache-2.0
"""The payloads of manifests and statements: which keys there are comes from the tables
of docs/PROTOCOL.md, the order in which a pair is judged from its words. Does not judge
whether a manifest is acceptable: policy.py does."""
from cose import BSTR, MAP, NINT, UINT, need, read_item
from wire import DOC, table

PAIRS_MAX = 23
BOOT_KEYS, DEVICE_KEYS = range(20, 24), range(0)  # unknown ones that are skipped


class Rules:
    """name and length of each key (0: a number), and which are required."""

    def __init__(self, heading, kind):
        self.type, self.name, self.length, self.required = kind, {}, {}, set()
        for key, name, value, required, *_ in table(DOC, heading, "| key | name |"):
            if required != "unknown":
                size = int(value[5:]) if value.startswith("bstr") else 0
                self.name[int(key)], self.length[int(key)] = name, size
                if required == "yes":
                    self.required.add(int(key))


MANIFEST = Rules("### The manifest (keys 0..19 frozen)", 1)
STATEMENT = Rules("## 11 The statement (frozen)", 2)


def known(rules, key, major, arg, string):
    """The value of a known key, if it has the right type and length."""
    want = rules.length[key]
    need(major == (BSTR if want else UINT), "E_TYPE")
    need(not want or arg == want, "E_TYPE")
    return string if want else arg


def pair(rules, data, at, last, skipped):
    """One pair, judged in the documented order: (key, value or None, end)."""
    major, key, _, at = read_item(data, at)
    need(major in (UINT, NINT), "E_TYPE")
    order = (major, key)
    need(order > last, "E_ORDER")
    kind, arg, string, at = read_item(data, at)
    need(kind != MAP, "E_CBOR")
    if major == UINT and key in rules.name:
        return order, known(rules, key, kind, arg, string), at
    need(key < 24 if major == NINT else key in skipped, "E_CRIT")
    need(major == UINT or kind != NINT, "E_TYPE")
    return order, None, at


def parse(rules, data, skipped=DEVICE_KEYS):
    """{key: value} of the keys that are known; or Refused."""
    major, count, _, at = read_item(data, 0)
    need(major == MAP and count <= PAIRS_MAX, "E_CBOR")
    found, last = {}, (-1, -1)
    for _ in range(count):
        last, value, at = pair(rules, data, at, last, skipped)
        if value is not None:
            found[last[1]] = value
    need(rules.required <= set(found), "E_MISSING")
    need(found[0] == rules.type, "E_TYPE")
    if rules is MANIFEST:
        need(found[2] <= found[3] and found[5] < 1 << 24, "E_TYPE")
    need(at == len(data), "E_TRAIL")
    return found
