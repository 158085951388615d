# SPDX-License-Identifier: Apache-2.0
"""A device, from docs/PROTOCOL.md: a session, offers, and a staging bank in memory that
is filled chunk by chunk. Does not know links, keys or files; the clock is an argument."""
import hashlib

from cose import BLOCK, ENTRY, table_len
from desk import ACCEPT, ERROR, Desk, later, refuse
from wire import DAMAGED, NO_TAG, TO_DEVICE, Stream, names, on_link, read, session_tag

REASON = names("### Ack reasons", "| reason | value |")
FLAG = names("### INFO flags", "| flag | value |")
SILENCE_MS = 5000


class Bank:
    """What has arrived of one transfer: its blocks (0 is the table) and their chunks."""

    def __init__(self, manifest, chunk):
        self.manifest, self.chunk = manifest, chunk
        self.length, self.table_len = manifest[6], table_len(manifest[6])
        self.blocks = 1 + -(-self.length // BLOCK)
        self.base, self.epoch = 0, 0
        self.parts = {}  # (block, place): bytes
        self.done = []   # the blocks that were verified

    def block_len(self, block):
        if block == 0:
            return self.table_len
        return min(max(self.length - (block - 1) * BLOCK, 0), BLOCK)

    def chunk_len(self, block, place):
        return min(max(self.block_len(block) - place * self.chunk, 0), self.chunk)

    def places(self, block):
        return -(-self.block_len(block) // self.chunk)

    def open_blocks(self):
        """Those of which chunks are taken: base, and the next; base alone while the
        table is not here."""
        return range(self.base, self.base + (2 if self.base else 1))

    def take(self, index, payload):
        block, place = divmod(index, BLOCK // self.chunk)
        if block in self.open_blocks() and len(payload) == self.chunk_len(block, place) > 0:
            self.parts.setdefault((block, place), payload)

    def settle(self):
        """Verifies what is whole. None, or the error that takes a block back."""
        while self.base < self.blocks:
            parts = [self.parts.get((self.base, k)) for k in range(self.places(self.base))]
            if None in parts:
                return None
            data = b"".join(parts)
            if not self.is_right(data):
                self.take_back()
                return "E_BLOCK" if self.base else "E_BLOCKS"
            self.done.append(data)
            self.base += 1
        return None

    def is_right(self, data):
        digest = hashlib.sha256(data).digest()
        if self.base == 0:
            return digest == self.manifest[14]
        at = ENTRY * (self.base - 1)
        return digest[:ENTRY] == self.done[0][at:at + ENTRY]

    def take_back(self):
        """The base block and all behind it are to be filled again."""
        self.parts = {k: v for k, v in self.parts.items() if k[0] < self.base}
        self.epoch = (self.epoch + 1) % 256

    def bits(self, block):
        return sum(1 << k for k in range(self.places(block)) if (block, k) in self.parts)

    def missing(self):
        return sum((b, k) not in self.parts for b in self.open_blocks()
                   for k in range(self.places(b)))

    def image(self):
        return b"".join(self.done[1:])

    def whole(self):
        return self.base == self.blocks

    def reset_by_power(self):
        """As section 7: the last block that matched is filled again."""
        if self.base > 1:
            self.base -= 1
            del self.done[self.base:]
        else:
            self.base, self.done = 0, []
        self.take_back()
        self.epoch = 0


class Device:
    def __init__(self, facts, verify, started=0, seed=0, chunk=128, window=16):
        self.facts, self.chunk, self.window = facts, chunk, window
        self.desk = Desk(facts, verify, started)
        self.stream, self.count, self.tag = Stream(), seed, NO_TAG
        self.nonce = None
        self.bank, self.done, self.installed = None, None, None
        self.echo, self.refills = 0, 0
        self.erases_end, self.stuck, self.broken = True, None, None
        self.touched = False  # was flash erased or written?

    # ---- the link -------------------------------------------------------------------

    def link(self):
        """It came up or went down: nothing received is lost by it."""
        self.stream = Stream()
        self.desk.drop_pieces()

    def take(self, value, now):
        """What the device says to a value, as messages on the link."""
        said = []
        for frame in self.stream.take(value):
            message = read(frame, self.tag, TO_DEVICE)
            said += self.damage() if message is DAMAGED else self.hear(*message, now)
        return said

    def time(self, now):
        """A call of flash or crypto that is silent for 5 s breaks the device."""
        if self.stuck and now - self.stuck[1] >= SILENCE_MS:
            self.broken, self.stuck = self.stuck[0], None
            return self.end(self.broken)
        return []

    def damage(self):
        if self.nonce is None:
            return [self.info(FLAG["LOST"])]
        return [self.ack("CRC")] if self.bank and not self.bank.whole() else []

    def hear(self, name, values, now):
        if name == "HELLO":
            return self.hello(values["nonce"].to_bytes(4, "little"))
        if self.nonce is None:
            return [self.info(FLAG["LOST"])]
        if name == "CHUNK":
            return self.filled(now, **values)
        return getattr(self, name.lower())(now, **values)

    # ---- the session ----------------------------------------------------------------

    def hello(self, nonce):
        if nonce != self.nonce:
            self.nonce, self.done = nonce, None
            self.desk.drop_pieces()
            self.new_tag()
        return [self.info(0)]

    def new_tag(self):
        last = self.tag
        while self.tag in (last, NO_TAG):
            self.count = (self.count + 1) & 0xFFFF
            self.tag = session_tag(self.nonce, self.count)

    def info(self, flags):
        facts, lost = self.facts, flags & FLAG["LOST"]
        known = facts.known
        return on_link(
            "INFO", self.tag, wire_version=1,
            flags=flags if known else flags | FLAG["WITHHELD"],
            nonce=0 if lost else int.from_bytes(self.nonce, "little"),
            tag=NO_TAG if lost else self.tag, hw_rev=facts.hw_rev,
            version=facts.version if known else 0,
            digest=facts.digest[:16] if known else bytes(16),
            floor=facts.floor if known else 0,
            link=facts.link[facts.staging() if known else 1], boot_caps=facts.boot_caps,
            chunk=self.chunk, window=self.window, **{"class": facts.class_id})

    def abort(self, _now):
        self.nonce = None
        self.desk.drop_pieces()
        return []

    def report(self, _now, **_asked):
        return [on_link("STATEMENT", self.tag, total=0, off=0, bytes=b"")]

    # ---- offers ---------------------------------------------------------------------

    def offer(self, now, total, off, bytes):
        if self.broken:
            return self.say(refuse(self.broken))
        if self.installed:
            return self.say(later("COMMITTED", 5))
        before = self.desk.transfer
        verdict = self.desk.piece(total, off, bytes, now)
        if self.desk.pending:
            self.stuck = "E_CRYPTO", now
        if self.desk.transfer is not before:
            self.touched = True
            if not self.erases_end:
                self.stuck, self.desk.transfer = ("E_FLASH", now), None
                return []
            self.bank, self.refills = Bank(self.desk.transfer.manifest, self.chunk), 0
        if verdict == ACCEPT:
            self.done = None
        return self.say(verdict) if verdict else []

    def say(self, verdict):
        return [on_link("VERDICT", self.tag, ack=self.ack_fields(),
                        **verdict._asdict())]

    # ---- the transfer ---------------------------------------------------------------

    def credit(self):
        return min(self.window, self.bank.missing()) if self.bank else 0

    def ack_fields(self, reason=None):
        bank, credit = self.bank, self.credit()
        if reason is None:
            reason = "NONE" if credit else "VERIFYING" if bank else "IDLE"
        return {"epoch": bank.epoch if bank else 0, "base": bank.base if bank else 0,
                "bits_base": bank.bits(bank.base) if bank else 0,
                "bits_next": bank.bits(bank.base + 1) if bank else 0,
                "credit": credit, "reason": REASON[reason], "echo": self.echo,
                "wait": 0 if reason in ("NONE", "CRC") else 10}

    def ack(self, reason=None):
        return on_link("ACK", self.tag, **self.ack_fields(reason))

    def status(self, _now, token):
        self.echo = token
        again = [] if self.done is None else [on_link("DONE", self.tag, code=self.done)]
        return [*again, self.ack()]

    def filled(self, now, index, payload):
        if self.bank is None:
            return []
        self.bank.take(index, payload)
        base = self.bank.base
        wrong = self.bank.settle()
        if self.bank.base > base:
            self.refills, self.desk.transfer.block_at = 0, now
        if wrong:
            self.refills += 1
            if self.refills == 3:
                return self.end(wrong)
        return self.gates() if self.bank.whole() else [self.ack()]

    def gates(self):
        """The whole image is here: its hash, then the commit."""
        image, manifest = self.bank.image(), self.bank.manifest
        if hashlib.sha256(image).digest() != manifest[7]:
            self.desk.mismatches += 1
            return self.end("E_HASH")
        self.installed = self.desk.transfer.whole, self.bank.done[0], image
        self.facts.committed = True
        return self.end(None)

    def end(self, code):
        self.done = ERROR[code] if code else 0
        self.bank = self.desk.transfer = None
        return [on_link("DONE", self.tag, code=self.done)]
