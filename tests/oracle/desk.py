# SPDX-License-Identifier: Apache-2.0
"""How a device answers offers: section 5 of docs/PROTOCOL.md. Collects pieces, paces the
signature checks, and judges. Does not know frames, sessions or flash."""
from collections import namedtuple

from cose import ENVELOPE_MAX, Envelope, Refused
from payload import MANIFEST, parse
from policy import Running, check_slot, judge
from wire import errors, names

KIND = names("### Verdict kinds", "| kind | value |")
LATER = names("### Later reasons", "| reason | value |")
ERROR = errors()
PACE_MS, DAY_MS, PAUSE_MOST = 1000, 24 * 3600 * 1000, 6
BEGINS_MOST, MISMATCHES_MOST = 16, 2

Verdict = namedtuple("Verdict", "kind code detail number")


def refuse(code):
    return Verdict(KIND["REFUSE"], ERROR[code], 0, 0)


def later(reason, seconds):
    return Verdict(KIND["LATER"], LATER[reason], 0, seconds)


def more(have):
    return Verdict(KIND["MORE"], 0, 0, have)


ACCEPT, RUNNING = Verdict(KIND["ACCEPT"], 0, 0, 0), Verdict(KIND["RUNNING"], 0, 0, 0)


class Transfer:
    """What was accepted and is under way."""

    def __init__(self, whole, envelope, manifest, now):
        self.whole, self.digest = whole, envelope.digest()
        self.slot, self.manifest, self.block_at = envelope.kid, manifest, now

    def gives_way(self, slot, version, now):
        newer = version > self.manifest[4] if slot == self.slot else slot > self.slot
        return newer or now - self.block_at >= DAY_MS


class Desk:
    """`verify(slot, message, signature)` is the signature's verdict: True, False, or
    None for none yet."""

    def __init__(self, facts, verify, started):
        self.facts, self.verify = facts, verify
        self.begun_at = started
        self.have, self.total = b"", None
        self.checked_at, self.bad = None, 0
        self.transfer, self.last_digest, self.mismatches = None, None, 0
        self.pending = False  # the signature's verdict never came

    def drop_pieces(self):
        self.have = b""

    def piece(self, total, off, data, now):
        """The verdict, or None: none is due yet."""
        if off == 0:
            self.have, self.total = b"", total
        if total > ENVELOPE_MAX or off + len(data) > total:
            self.drop_pieces()
            return refuse("E_LEN")
        if total != self.total or off != len(self.have):
            return more(len(self.have))
        self.have += data
        if len(self.have) < total:
            return None
        whole = self.have
        self.drop_pieces()
        return self.check(whole, now)

    def check(self, whole, now):
        try:
            return self._check(whole, now)
        except Refused as refused:
            return refuse(str(refused))
        except Running:
            return RUNNING

    def _check(self, whole, now):
        envelope = Envelope(whole)
        check_slot(self.facts, envelope)
        digest = envelope.digest()
        if self.transfer and self.transfer.digest == digest:
            return ACCEPT
        wait = self.pause(now)
        if wait > 0:
            return later("RATE", wait)
        self.checked_at = now
        good = self.verify(envelope.kid, envelope.to_be_signed(), envelope.signature)
        if good is None:
            self.pending = True
            return None
        if not good:
            self.bad += 1
            raise Refused("E_SIG")
        self.bad = 0
        return self.decide(whole, envelope, digest, now)

    def decide(self, whole, envelope, digest, now):
        """The signature holds."""
        manifest = parse(MANIFEST, envelope.payload)
        if not self.facts.known:
            raise Refused("E_COMMIT")
        judge(self.facts, manifest, envelope.kid, digest)
        if self.mismatched(digest) >= MISMATCHES_MOST:
            raise Refused("E_HASH")
        wait = self.wait(envelope.kid, manifest[4], now)
        if wait:
            return wait
        if self.mismatched(digest) == 0:
            self.mismatches = 0
        self.transfer = Transfer(whole, envelope, manifest, now)
        self.last_digest = digest
        return ACCEPT

    def mismatched(self, digest):
        return self.mismatches if self.last_digest == digest else 0

    def pause(self, now):
        """Seconds until the next signature may be checked."""
        if self.checked_at is None:
            return 0
        pause = PACE_MS << min(max(self.bad - 2, 0), PAUSE_MOST)
        return -(-max(self.checked_at + pause - now, 0) // 1000)

    def wait(self, slot, version, now):
        """Acceptable, but not now: the verdict that says so, or None."""
        if self.facts.trial:
            return later("TRIAL", 60)
        if self.facts.committed:
            return later("COMMITTED", 60)
        t = self.transfer
        if t and not t.gives_way(slot, version, now):
            return later("PENDING", -(-(t.block_at + DAY_MS - now) // 1000))
        if self.facts.begins >= BEGINS_MOST and now - self.begun_at < DAY_MS:
            return later("WEAR", -(-(self.begun_at + DAY_MS - now) // 1000))
        return None
