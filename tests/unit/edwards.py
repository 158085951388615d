# SPDX-License-Identifier: Apache-2.0
"""The curve of RFC 8032, 5.1, slowly and plainly: points, their spellings, and four ways
to verify a signature that implementations really have. Does not know what is tested with
it, and must never sign for anybody: nothing here takes the same time twice."""
import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1
SIGN = 1 << 255
NEUTRAL = (0, 1)

# ---- points, as (x, y); in between as fractions (x z, y z, z) ------------------------


def joined(a, b):
    """The sum of two fractions. The formulas are complete: no case is special."""
    (x1, y1, z1), (x2, y2, z2) = a, b
    z, x, y = z1 * z2 % P, x1 * x2 % P, y1 * y2 % P
    cross = D * x * y % P
    less, more = (z * z - cross) % P, (z * z + cross) % P
    return (z * less * ((x1 + y1) * (x2 + y2) - x - y) % P, z * more * (x + y) % P,
            less * more % P)


def reduced(fraction):
    x, y, z = fraction
    inverse = pow(z, -1, P)
    return x * inverse % P, y * inverse % P


def add(a, b):
    return reduced(joined((*a, 1), (*b, 1)))


def times(n, point):
    result = (0, 1, 1)
    for bit in bin(n)[2:]:
        result = joined(result, result)
        if bit == "1":
            result = joined(result, (*point, 1))
    return reduced(result)


def minus(point):
    return -point[0] % P, point[1]


def x_of(y, odd):
    """None: no point has this y."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT % P
    if x * x % P != square:
        return None
    return x if x % 2 == odd else -x % P


BASE = (x_of(4 * pow(5, -1, P) % P, 0), 4 * pow(5, -1, P) % P)


def torsion():
    """The eight points of small order; [1] generates them, so [k] is k times it."""
    y = 2
    while True:
        x = x_of(y, 0)
        small = times(L, (x, y)) if x is not None else NEUTRAL
        if times(4, small) != NEUTRAL:
            return [times(k, small) for k in range(8)]
        y += 1


SMALL = torsion()

# ---- spellings ----------------------------------------------------------------------


def encode(point):
    x, y = point
    return (y | (SIGN if x % 2 else 0)).to_bytes(32, "little")


def decode(data):
    """As the reference code does: y is taken modulo p, and 0 may have a sign."""
    number = int.from_bytes(data, "little")
    y = (number & ~SIGN) % P
    x = x_of(y, number >> 255)
    return None if x is None else (x, y)


def canonical(data):
    return int.from_bytes(data, "little") & ~SIGN < P


def small(data):
    point = decode(data)
    return point is not None and times(8, point) == NEUTRAL


# ---- signatures ---------------------------------------------------------------------


def challenge(r, key, msg):
    return int.from_bytes(hashlib.sha512(r + key + msg).digest(), "little") % L


def secret_of(seed):
    """(scalar, prefix) of a private key."""
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
    return scalar, digest[32:]


def sign(seed, msg):
    """(public key, signature), as RFC 8032, 5.1.6 has it."""
    scalar, prefix = secret_of(seed)
    key = encode(times(scalar, BASE))
    nonce = int.from_bytes(hashlib.sha512(prefix + msg).digest(), "little") % L
    r = encode(times(nonce, BASE))
    s = (nonce + challenge(r, key, msg) * scalar) % L
    return key, r + s.to_bytes(32, "little")


def parts(key, msg, sig, limit=L):
    """(key's point, S, challenge); None where no rule goes on."""
    point, s = decode(key), int.from_bytes(sig[32:], "little")
    if point is None or s >= limit:
        return None
    return point, s, challenge(sig[:32], key, msg)


def rest(point, s, h):
    """S B - h A: what R must be."""
    return add(times(s, BASE), times(h, minus(point)))


def loose(key, msg, sig):
    """As the first reference code: of S three bits are looked at; R is compared as bytes,
    keys are taken as they come."""
    found = parts(key, msg, sig, 1 << 253)
    return found is not None and encode(rest(*found)) == sig[:32]


def plain(key, msg, sig):
    """And S is below L. OpenSSL does this."""
    return parts(key, msg, sig) is not None and loose(key, msg, sig)


def strict(key, msg, sig):
    """And neither key nor R is of small order, nor the key spelt in another way. libsodium
    does this."""
    return (canonical(key) and not small(key) and not small(sig[:32])
            and plain(key, msg, sig))


def cofactored(key, msg, sig):
    """S is below L, R is a point, and the equation holds times eight, as RFC 8032 has it;
    other spellings are taken."""
    found, r = parts(key, msg, sig), decode(sig[:32])
    return (found is not None and r is not None
            and times(8, add(rest(*found), minus(r))) == NEUTRAL)
