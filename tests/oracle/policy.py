# SPDX-License-Identifier: Apache-2.0
"""What a device is and runs, and its judgement on an envelope: section 5's orders 2, 6,
7 and 8 of docs/PROTOCOL.md, and section 12's block. Does not know sessions, nor time."""
import zlib

from cose import EDDSA, need, table_len
from wire import DOC, table

SLOTS, RECOVERY = 8, 7
TABLE_AT, TABLE_MAX = 512, 4096
CAP_KEY_15, CAP_EDDSA = 0x001, 0x100
LAYOUT = table(DOC, "## 12 The identity block (frozen)", "| offset | size | field |")


class Facts:
    """A device as others have to describe it: the identity block's fields, and what
    boots now."""

    def __init__(self, **facts):
        self.class_id = self.device_id = bytes(16)
        self.hw_rev, self.boot_caps = 0, CAP_KEY_15 | CAP_EDDSA
        self.keys = [(0, bytes(64))] * SLOTS  # algorithm, key
        self.bank = ((0x10000, 0x20000), (0x30000, 0x20000))  # address, length
        self.link = (0x11000, 0x31000)
        self.header_len = 4096
        self.journals = (0x1000, 0x2000, 0x3000, 0x4000)  # the bootloader's, then ours
        # what boots now
        self.known = True
        self.active = self.slot = self.version = self.floor = 0
        self.digest, self.image_hash = bytes(32), bytes(16)
        self.tombstone = None  # slot, version
        self.trial = self.committed = False
        self.begins = 0
        for name, value in facts.items():
            assert hasattr(self, name), name
            setattr(self, name, value)

    def staging(self):
        return 1 - self.active

    def identity_block(self):
        keys = b"".join(bytes([alg]) + key for alg, key in self.keys)
        fields = {"magic": b"FRID", "layout": 1, "length": 624, "class": self.class_id,
                  "device": self.device_id, "hw_rev": self.hw_rev,
                  "boot_caps": self.boot_caps, "header_len": self.header_len,
                  "mark": b"FAMK", "keys": keys, "spare": 0}
        for n in (0, 1):
            fields[f"boot_journal{n}"] = self.journals[n]
            fields[f"app_journal{n}"] = self.journals[2 + n]
            fields[f"bank{n}_addr"], fields[f"bank{n}_len"] = self.bank[n]
            fields[f"link{n}"] = self.link[n]
        block = b""
        for _, size, name, _ in LAYOUT[:-1]:
            value = fields[name]
            block += value if isinstance(value, bytes) else value.to_bytes(int(size), "little")
        return block + zlib.crc32(block).to_bytes(4, "little")


# ---- the envelope's form ------------------------------------------------------------


def empty(alg, key):
    return alg == 0 or not any(key)


def check_slot(facts, envelope):
    """Slot, its algorithm, and S below 2^252."""
    need(envelope.kid < SLOTS and not empty(*facts.keys[envelope.kid]), "E_KID")
    need(envelope.alg == EDDSA == facts.keys[envelope.kid][0], "E_FRAME")
    need(int.from_bytes(envelope.signature[32:], "little") < 1 << 252, "E_SIG")


# ---- policy -------------------------------------------------------------------------


class Running(Exception):
    """This very image runs already."""


def below_floor(floor, slot, counter):
    if slot == RECOVERY:
        return counter < floor & 0xFFFFFF
    return (slot << 24) + counter < floor


def entombed(tombstone, slot, version):
    if tombstone is None:
        return False
    its_slot, its_version = tombstone
    if slot == its_slot:
        return version <= its_version
    return its_slot != RECOVERY and slot < its_slot


def fits(facts, length):
    """An image, and its table in the header."""
    capacity = facts.bank[facts.staging()][1] - facts.header_len
    room = min(facts.header_len - TABLE_AT, TABLE_MAX)
    return 0 < length <= capacity and length % 4 == 0 and table_len(length) <= room


def judge(facts, m, slot, digest):
    """Policy, in the documented order. Refused, Running, or nothing."""
    need(m[1] == facts.class_id, "E_CLASS")
    need(m[2] <= facts.hw_rev <= m[3], "E_HW")
    need(m.get(15, facts.device_id) == facts.device_id, "E_DEVICE")
    if digest == facts.digest:
        raise Running
    need(not below_floor(facts.floor, slot, m[5]), "E_FLOOR")
    need(slot != facts.slot or m[4] > facts.version, "E_VERSION")
    need(facts.version >= m.get(9, 0), "E_MINFROM")
    need(fits(facts, m[6]), "E_SIZE")
    need(m[8] == facts.link[facts.staging()], "E_LINK")
    need(facts.boot_caps & CAP_EDDSA, "E_BOOT")
    need(15 not in m or facts.boot_caps & CAP_KEY_15, "E_BOOT")
    need(m.get(13, facts.image_hash) == facts.image_hash, "E_BASE")
    need(m.get(10, 0) == 0 and not {11, 12, 13} & set(m), "E_ENC")
    need(not entombed(facts.tombstone, slot, m[4]), "E_TOMBSTONE")
