# SPDX-License-Identifier: Apache-2.0
"""Makes what is said to a device: offers whole and in disorder, sessions in which time
passes and hardware falls silent, and streams of messages, good ones and damaged ones.
Does not know what the right answer is."""
import copy
import hashlib

from cose import EDDSA, Envelope, block_table, envelope, write_map
from inputs import any_manifest, bend_bytes, bent, fitting, in_order, off_policy
from wire import FORMS, NO_TAG, frame, on_link, seal, session_tag, stuff


# ---- envelopes and sessions ---------------------------------------------------------


def wrapped(dice, payload):
    """The payload in an envelope; a signature of nobody's, its S small enough mostly."""
    signature = bytearray(dice.randbytes(64))
    if dice.random() < 0.97:
        signature[63] &= 0x0F
    kid = dice.choice((0, 0, 0, 1, 7, 7)) if dice.random() < 0.9 else \
        dice.choice((2, 3, 8, 0x80, 255))
    alg = EDDSA if dice.random() < 0.98 else dice.choice((0x26, 0x28, 0))
    return envelope(payload, bytes(signature), kid, alg)


def payload_for(dice, facts):
    m = fitting(dice, facts)
    how = dice.random()
    if how < 0.65:
        return write_map(in_order(off_policy(dice, facts, m), dice))
    if how < 0.72:
        return write_map(in_order(m, dice))
    return bent(dice, in_order(m, dice), write_map(any_manifest(dice)))


def offered(dice, facts):
    """An envelope, as hostile as it comes."""
    whole = b""
    while not 12 < len(whole) <= 400:
        payload = payload_for(dice, facts)
        if len(payload) <= 255:
            whole = wrapped(dice, payload)
    if dice.random() < 0.06:
        whole = bend_bytes(dice, whole)
    return whole


def pieces(tag, whole):
    return [on_link("OFFER", tag, total=len(whole), off=at, bytes=whole[at:at + 48])
            for at in range(0, len(whole), 48)]


def bend_pieces(dice, tag, whole, values):
    """One piece repeated, left out, swapped, of another offer, or past the end."""
    how, at = dice.randrange(5), dice.randrange(len(values))
    if how == 0:
        values.insert(at, values[at])
    elif how == 1:
        del values[at]
    elif how == 2:
        values[at], values[-1] = values[-1], values[at]
    elif how == 3:
        off = dice.choice((0, 48, len(whole), 330))
        values.insert(at, on_link("OFFER", tag, off=off, bytes=b"\0" * dice.choice((1, 48)),
                                  total=dice.choice((len(whole), 333, 334, 65535))))
    else:
        values[at:at] = pieces(tag, whole)[:1]
    return values


class Session:
    """What `session` is asked with: how signatures go, whether erases end, the script."""

    def __init__(self, facts, seed, signature=1, flash=1):
        self.facts, self.seed, self.signature, self.flash = facts, seed, signature, flash
        self.script = []

    def hello(self, dice):
        nonce = dice.getrandbits(31) + 1
        self.tag = first_tag(nonce.to_bytes(4, "little"), self.seed)
        self.script.append(on_link("HELLO", 0, wire_version=1, value_max=244, nonce=nonce))


def first_tag(nonce, seed):
    tag = NO_TAG
    while tag == NO_TAG:  # there is no last one
        seed += 1
        tag = session_tag(nonce, seed)
    return tag


def that_runs(facts, whole):
    """The same device, had it been updated with this."""
    twin = copy.copy(facts)
    twin.digest = Envelope(whole).digest()
    return twin


def offer_once(dice, facts, seed):
    if dice.random() < 0.02:
        whole = wrapped(dice, write_map(sorted(fitting(dice, facts).items())))
        facts = that_runs(facts, whole)
    else:
        whole = offered(dice, facts)
    s = Session(facts, seed, dice.choice((1,) * 30 + (0,)))
    s.hello(dice)
    values = pieces(s.tag, whole)
    s.script += values if dice.random() < 0.93 else bend_pieces(dice, s.tag, whole, values)
    return s


def offer_often(dice, facts, seed):
    """Offers in a row, and time between: the pace, the transfer under way."""
    s = Session(facts, seed, dice.choice((0, 0, 1)))
    s.hello(dice)
    wholes = [offered(dice, facts) for _ in (1, 2)]
    for _ in range(dice.choice((2, 3, 8))):
        s.script += pieces(s.tag, dice.choice(wholes))
        if dice.random() < 0.8:
            s.script.append(dice.choice((500, 999, 1000, 2500, 4000, 20000, 29000)))
    return s


def silence(dice, facts, seed):
    """The signature's check, or an erase, never ends."""
    which = dice.randrange(2)
    s = Session(facts, seed, signature=1 + which, flash=which)
    s.hello(dice)
    whole = wrapped(dice, write_map(sorted(fitting(dice, facts).items())))
    s.script += pieces(s.tag, whole) + [5001] + pieces(s.tag, whole)
    return s


def wrong_image(dice, facts, seed):
    """Its blocks are right, the whole is not; offered three times."""
    s = Session(facts, seed)
    s.hello(dice)
    image = dice.randbytes(4 * dice.randrange(1, 60))
    table = block_table(image)
    m = {**fitting(dice, facts), 6: len(image), 14: hashlib.sha256(table).digest()}
    if dice.random() < 0.2:
        m[7] = hashlib.sha256(image).digest()
    whole = wrapped(dice, write_map(sorted(m.items())))
    for _ in (1, 2, 3):
        s.script += pieces(s.tag, whole)
        s.script.append(on_link("CHUNK", s.tag, index=0, payload=table))
        s.script += [on_link("CHUNK", s.tag, index=32 + k, payload=image[at:at + 128])
                     for k, at in enumerate(range(0, len(image), 128))]
        s.script.append(dice.choice((1000, 1500)))
    return s


# ---- streams ------------------------------------------------------------------------


def any_message(dice, tag):
    form = dice.choice(list(FORMS.values()))
    values = {"type": form.type}
    for field in form.fields:
        size = dice.choice((field.least, field.most, dice.randint(field.least, field.most)))
        if field.name == "index":
            values["index"] = dice.choice((0, 32, (1 << 24) - 1, dice.getrandbits(24)))
        else:
            values[field.name] = dice.getrandbits(8 * field.least) if field.number \
                else dice.choice((bytes(size), dice.randbytes(size)))
    return frame(form.name, tag, **values)


def bend_frame(dice, whole, tag):
    how = dice.randrange(4)
    if how == 0:
        return bend_bytes(dice, whole)
    body = bend_bytes(dice, whole[:-2]) if how == 1 else whole[:-2] + dice.randbytes(how)
    return seal(body, dice.choice((tag, 0xFFFF)))


def a_stream(dice):
    """(direction, tag, values)"""
    tag, link = dice.getrandbits(16), b""
    for _ in range(dice.choice((1, 1, 2, 4))):
        whole = any_message(dice, tag)
        if dice.random() < 0.3:
            whole = bend_frame(dice, whole, tag)
        link += dice.choice((b"", b"", b"\0", b"\0\0")) + stuff(whole)
    if dice.random() < 0.2:
        link = bend_bytes(dice, link)
    cuts = sorted(dice.randrange(len(link) + 1) for _ in range(dice.choice((0, 1, 3, 9))))
    values = [link[a:b] for a, b in zip([0, *cuts], [*cuts, len(link)])]
    return dice.randrange(2), tag, [value for value in values if value]
