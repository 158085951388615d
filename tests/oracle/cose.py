# SPDX-License-Identifier: Apache-2.0
"""Section 9 of docs/PROTOCOL.md: the envelope, the block table, and the heads of the
CBOR that may stand in a payload. Does not know what keys mean. Signatures are put to
openssl."""
import base64
import hashlib
import subprocess
import tempfile
from pathlib import Path

UINT, NINT, BSTR, TSTR, MAP = 0, 1, 2, 3, 5
EDDSA, ES256 = 0x27, 0x26
STATEMENT_KID = 0x80
BLOCK, ENTRY = 4096, 16
ENVELOPE_MAX, OVER, PAYLOAD_MIN, PAYLOAD_AT = 333, 78, 24, 12


class Refused(Exception):
    """With the code."""


def need(fact, code):
    if not fact:
        raise Refused(code)


# ---- items --------------------------------------------------------------------------


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    size = 1 if n < 1 << 8 else 2 if n < 1 << 16 else 4
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26}[size]]) + n.to_bytes(size, "big")


def item(value):
    if isinstance(value, int):
        return head(UINT, value) if value >= 0 else head(NINT, -1 - value)
    if isinstance(value, str):
        return head(TSTR, len(value.encode())) + value.encode()
    return head(BSTR, len(value)) + value


def write_map(pairs):
    return head(MAP, len(pairs)) + b"".join(item(k) + item(v) for k, v in pairs)


def read_item(data, at):
    """(major, argument, string, end): an item without what is in it, if it is a map."""
    need(at < len(data), "E_CBOR")
    major, arg = data[at] >> 5, data[at] & 31
    need(major in (UINT, NINT, BSTR, TSTR, MAP) and arg <= 26, "E_CBOR")
    at += 1
    if arg >= 24:
        size = 1 << arg - 24
        need(at + size <= len(data), "E_CBOR")
        arg, at = int.from_bytes(data[at:at + size], "big"), at + size
        need(arg >= (24 if size == 1 else 1 << 4 * size), "E_CBOR")
    string = None
    if major in (BSTR, TSTR):
        need(arg <= len(data) - at, "E_CBOR")
        string, at = data[at:at + arg], at + arg
    return major, arg, string, at


# ---- the envelope -------------------------------------------------------------------


def protected(alg, kid):
    return bytes([0x46, 0xA2, 0x01, alg, 0x04, 0x41, kid])


def envelope(payload, signature, kid=0, alg=EDDSA):
    return (b"\xd2\x84" + protected(alg, kid) + b"\xa0\x58" + bytes([len(payload)])
            + payload + b"\x58\x40" + signature)


class Envelope:
    """Its parts, once its lengths and constant bytes are right."""

    def __init__(self, whole):
        need(PAYLOAD_AT <= len(whole) <= ENVELOPE_MAX, "E_LEN")
        ll = whole[11]
        need(ll >= PAYLOAD_MIN and len(whole) == ll + OVER, "E_LEN")
        self.alg, self.kid = whole[5], whole[8]
        self.payload, self.signature = whole[12:12 + ll], whole[14 + ll:]
        need(whole == envelope(self.payload, self.signature, self.kid, self.alg),
             "E_FRAME")

    def to_be_signed(self):
        return (b"\x84\x6aSignature1" + protected(self.alg, self.kid) + b"\x40\x58"
                + bytes([len(self.payload)]) + self.payload)

    def digest(self):
        return hashlib.sha256(self.to_be_signed()).digest()


# ---- the block table ----------------------------------------------------------------


def block_table(image):
    return b"".join(hashlib.sha256(image[at:at + BLOCK]).digest()[:ENTRY]
                    for at in range(0, len(image), BLOCK))


def table_len(length):
    return ENTRY * -(-length // BLOCK)


def take_artifact(data):
    """(envelope, table, image) of an artifact, whose length its manifest has."""
    end = data[11] + OVER
    rest = data[end:]
    # n image bytes and their table are n + 16 ceil(n / 4096) bytes: only one n fits.
    blocks = -(-len(rest) // (BLOCK + ENTRY))
    return data[:end], rest[:ENTRY * blocks], rest[ENTRY * blocks:]


# ---- signatures ---------------------------------------------------------------------


class Key:
    """An Ed25519 key pair from its seed, used by openssl."""

    def __init__(self, scratch, seed):
        self.at = Path(scratch)
        self.file = self.at / f"{seed[:4].hex()}.der"
        self.file.write_bytes(PKCS8 + seed)
        self.public = openssl("pkey", "-inform", "DER", "-in", self.file, "-pubout",
                              "-outform", "DER")[-32:]

    def sign(self, message):
        with tempfile.NamedTemporaryFile(dir=self.at) as said:
            said.write(message)
            said.flush()
            return openssl("pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey",
                           self.file, "-in", said.name)


# RFC 8410: an Ed25519 key up to its 32 bytes, private and public.
PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
SPKI = bytes.fromhex("302a300506032b6570032100")


def holds(public, message, signature):
    """Does openssl take it?"""
    with tempfile.TemporaryDirectory() as scratch:
        at = Path(scratch)
        (at / "key").write_bytes(SPKI + public)
        (at / "sig").write_bytes(signature)
        (at / "tbs").write_bytes(message)
        done = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER",
             "-inkey", "key", "-in", "tbs", "-sigfile", "sig"],
            cwd=at, capture_output=True, check=False)
    return done.returncode == 0


def openssl(*words):
    return subprocess.run(["openssl", *map(str, words)], check=True,
                          capture_output=True).stdout


def public_of(pem):
    """The 32 bytes at the end of a PEM file's DER."""
    body = "".join(line for line in pem.splitlines() if "-" not in line)
    return base64.b64decode(body)[-32:]
