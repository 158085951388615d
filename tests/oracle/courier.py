# SPDX-License-Identifier: Apache-2.0
"""A courier, from docs/PROTOCOL.md: asks for a statement, offers an artifact, sends its
chunks, and goes on where a link ended. Does not know links or files; the clock is an
argument, in milliseconds."""
from cose import BLOCK, Envelope, take_artifact
from desk import ERROR, KIND
from device import FLAG, REASON
from payload import MANIFEST, parse
from wire import DAMAGED, NO_TAG, TO_COURIER, Stream, on_link, read

FIRST_WAIT_MS, WAIT_MOST_MS = 1000, 8000
AGAIN = {*range(20, 30), *(ERROR[code] for code in ("E_BLOCKS", "E_BLOCK", "E_HASH"))}


class Artifact:
    def __init__(self, data):
        self.envelope, self.table, self.image = take_artifact(data)
        self.manifest = parse(MANIFEST, Envelope(self.envelope).payload)
        self.blocks = [self.table, *(self.image[at:at + BLOCK]
                                     for at in range(0, len(self.image), BLOCK))]

    def fits(self, info):
        m = self.manifest
        return m[1] == info["class"] and m[2] <= info["hw_rev"] <= m[3] \
            and m[8] == info["link"]

    def chunk(self, block, place, size):
        return self.blocks[block][place * size:(place + 1) * size]

    def places(self, block, size):
        return -(-len(self.blocks[block]) // size) if block < len(self.blocks) else 0


class Flights:
    """What was sent and not heard of, oldest first: {(block, place): number}."""

    def __init__(self):
        self.out, self.count, self.sent = {}, 0, 0

    def leaves(self, chunk):
        self.count += 1
        self.sent += 1
        self.out.pop(chunk, None)
        self.out[chunk] = self.count

    def landed(self, acked):
        """A later one has arrived: those sent before it and not acked are lost."""
        last = max((self.out[chunk] for chunk in self.out if chunk in acked), default=0)
        before = len(self.out)
        lost = {chunk for chunk, n in self.out.items() if n < last and chunk not in acked}
        self.out = {c: n for c, n in self.out.items() if c not in acked and c not in lost}
        return before > len(self.out) and bool(lost)

    def settled_up_to(self, number):
        self.out = {chunk: n for chunk, n in self.out.items() if n > number}

    def oldest_is_lost(self):
        if self.out:
            del self.out[min(self.out, key=self.out.get)]


class Courier:
    def __init__(self, artifacts, nonce, report_nonce=None, value_max=244):
        self.artifacts = [Artifact(data) for data in artifacts]
        self.nonce, self.report_nonce, self.value_max = nonce, report_nonce, value_max
        self.state, self.outcome = "DOWN", None
        self.tag, self.info, self.artifact, self.ack = NO_TAG, None, None, None
        self.statement, self.reported = b"", report_nonce is None
        self.flights, self.token, self.asked_at = Flights(), 0, 0
        self.stream, self.began_at = Stream(), []  # chunks acked at each ACCEPT
        self.due, self.wait = 0, FIRST_WAIT_MS

    # ---- the five verbs -------------------------------------------------------------

    def link(self, now):
        """It is up, for the first time or again. Everything returns what to send."""
        self.stream, self.flights.out = Stream(), {}
        return self.hello(now)

    def hello(self, now):
        self.state = "HELLO"
        self.heard(now)
        return [on_link("HELLO", NO_TAG, wire_version=1, value_max=self.value_max,
                        nonce=int.from_bytes(self.nonce, "little"))]

    def take(self, value, now):
        said = []
        for whole in self.stream.take(value):
            message = read(whole, self.tag, TO_COURIER)
            if message is not DAMAGED:
                name, values = message
                said += getattr(self, f"on_{name.lower()}")(now, values)
        return said

    def tick(self, now):
        if now < self.due or self.state == "DOWN" or self.ended():
            return []
        wait = min(2 * self.wait, WAIT_MOST_MS)
        said = self.ask_again(now)
        self.due, self.wait = now + wait, wait
        return said

    def ask_again(self, now):
        if self.state in ("HELLO", "LATER"):
            return self.hello(now)
        if self.state == "REPORT":
            return self.report()
        return self.offer(now) if self.state == "OFFER" else self.status()

    def ended(self):
        return self.state in ("DONE", "REFUSED")

    def heard(self, now):
        self.wait = FIRST_WAIT_MS
        self.due = now + self.wait + (100 * self.ack["wait"] if self.ack else 0)

    # ---- before the transfer --------------------------------------------------------

    def on_info(self, now, info):
        lost = info["flags"] & FLAG["LOST"]
        if lost or info["nonce"] != int.from_bytes(self.nonce, "little"):
            return [] if self.state == "HELLO" else self.hello(now)
        if info["flags"] & FLAG["BUSY"] or \
                (self.state != "HELLO" and info["tag"] == self.tag):
            return []
        self.info, self.tag, self.flights.out = info, info["tag"], {}
        self.heard(now)
        if not self.reported:
            self.state = "REPORT"
            return self.report()
        return self.offer(now)

    def report(self):
        return [on_link("REPORT", self.tag, nonce=self.report_nonce,
                        off=len(self.statement))]

    def on_statement(self, now, piece):
        if self.state != "REPORT":
            return []
        self.heard(now)
        if piece["total"] and piece["off"] == len(self.statement):
            self.statement += piece["bytes"]
        if piece["total"] and len(self.statement) < piece["total"]:
            return []
        self.reported = True
        return self.offer(now)

    def offer(self, now, first=0):
        self.state = "OFFER"
        if not self.artifacts:
            self.state, self.outcome = "DONE", 0
            return []
        fitting = [a for a in self.artifacts if a.fits(self.info)]
        self.artifact = (fitting or self.artifacts)[0]
        whole = self.artifact.envelope
        self.heard(now)
        return [on_link("OFFER", self.tag, total=len(whole), off=at,
                        bytes=whole[at:at + 48]) for at in range(first, len(whole), 48)]

    def on_verdict(self, now, verdict):
        if self.state != "OFFER":
            return []
        kind = verdict["kind"]
        self.heard(now)
        if kind == KIND["MORE"]:
            return self.offer(now, verdict["number"])
        if kind == KIND["LATER"]:
            self.state = "LATER"
            self.due = now + 1000 * min(max(verdict["number"], 1), 86400)
        elif kind == KIND["ACCEPT"]:
            self.state, self.ack = "SEND", verdict["ack"]
            self.began_at.append(len(self.acked()))
            return self.fill()
        else:
            running = kind == KIND["RUNNING"] or self.runs_there(verdict["code"])
            self.state = "DONE" if running else "REFUSED"
            self.outcome = "RUNNING" if running else verdict["code"]
        return []

    def runs_there(self, code):
        """Refused because the release's other artifact is what runs."""
        return code == ERROR["E_VERSION"] and len(self.artifacts) > 1 \
            and self.artifact.manifest[4] == self.info["version"]

    # ---- the transfer ---------------------------------------------------------------

    def acked(self):
        """All chunks that the newest ack tells of."""
        ack, size = self.ack, self.info["chunk"]
        known = {(block, place) for block in range(ack["base"])
                 for place in range(self.artifact.places(block, size))}
        for block, bits in ((ack["base"], ack["bits_base"]),
                            (ack["base"] + 1, ack["bits_next"])):
            known |= {(block, place) for place in range(32) if bits >> place & 1}
        return known

    def fill(self):
        said, size, acked = [], self.info["chunk"], self.acked()
        for block in (self.ack["base"], self.ack["base"] + 1):
            if block > 0 and self.ack["base"] == 0:
                break
            for place in range(self.artifact.places(block, size)):
                if len(self.flights.out) >= self.ack["credit"]:
                    return said
                if (block, place) not in acked and (block, place) not in self.flights.out:
                    self.flights.leaves((block, place))
                    said.append(on_link(
                        "CHUNK", self.tag, index=block * (BLOCK // size) + place,
                        payload=self.artifact.chunk(block, place, size)))
        return said

    def on_ack(self, now, ack):
        if self.state != "SEND":
            return []
        self.heard(now)
        if ack["reason"] == REASON["IDLE"]:
            return self.offer(now)
        if ack["reason"] == REASON["CHECKING"] or \
                (self.ack["epoch"] - ack["epoch"]) % 256 in range(1, 129):
            return []
        if ack["epoch"] != self.ack["epoch"]:
            self.flights.out = {}
        self.ack = ack
        assert ack["base"] <= len(self.artifact.blocks), "E_PROTO"
        shown = self.flights.landed(self.acked())
        if ack["echo"] == self.token and self.asked_at:
            self.flights.settled_up_to(self.asked_at)
            self.asked_at = 0
        elif ack["reason"] == REASON["CRC"] and not shown:
            self.flights.oldest_is_lost()
        return self.fill()

    def status(self):
        self.token = self.token % 255 + 1
        self.asked_at = self.flights.count
        return [on_link("STATUS", self.tag, token=self.token)]

    def on_done(self, now, done):
        if self.state not in ("OFFER", "SEND"):
            return []
        if done["code"] in AGAIN:
            return self.hello(now)
        self.state = "REFUSED" if done["code"] else "DONE"
        self.outcome = done["code"]
        return []
