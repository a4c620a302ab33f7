"""Deterministic pseudo-random values.

Everything the sandbox makes up is drawn from a hash of the seed and of what
the value belongs to, never from a stateful generator: a value does not change
because something else was asked for before, nor between Python versions.
"""

import hashlib
import struct

_WORDS = struct.Struct("<16I")


def words(key, data):
    """Sixteen 32-bit numbers from a key and data (both bytes)."""
    return _WORDS.unpack(hashlib.blake2b(data, key=key).digest())


def key_of(*parts):
    """A key for words() from anything printable."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=32).digest()


def number(*parts):
    """One 64-bit number that belongs to the parts."""
    return int.from_bytes(key_of(*parts)[:8], "little")


def chance(percent, *parts):
    """True for about so many percent of all parts."""
    return number(*parts) % 10000 < percent * 100


def pick(choices, *parts):
    """One of the choices."""
    return choices[number(*parts) % len(choices)]


def digits(length, *parts):
    """A number of exactly so many decimal digits, as text."""
    low = 10 ** (length - 1)
    return str(low + number(*parts) % (9 * low))


def octets(key, data):
    """Sixty-four numbers below 256 from a key and data (both bytes)."""
    return hashlib.blake2b(data, key=key).digest()


def maybe(percent, value, *parts):
    """The value for about so many percent of all parts, else None."""
    return value if chance(percent, *parts) else None


def entity_id(*parts):
    """An entity's id; two in three are too long for a double."""
    return digits(12 if chance(33, "short", *parts) else 18, "id", *parts)
