# SPDX-License-Identifier: BSD-2-Clause
"""DER: lib/der.c, with the same reasons."""
from quoin_keys import Failure

INTEGER, BITS, OCTETS, NULL, OID, SEQUENCE, SET = \
    0x02, 0x03, 0x04, 0x05, 0x06, 0x30, 0x31
PKCS = bytes.fromhex("2a864886f70d01")  # 1.2.840.113549.1
RSA = PKCS + b"\1\1"


def context(number):
    return 0xa0 | number


class Reader:
    """Takes one element after another."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def left(self):
        return len(self.data) - self.at

    def peek(self):
        return self.data[self.at] if self.left() else None

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def length(self):
        """The length of an element; None: no valid one."""
        value = self.byte() if self.left() else 0x80
        if value < 0x80:
            return value
        count = value - 0x80
        if not 0 < count <= min(3, self.left()):
            return None
        value = int.from_bytes(self.data[self.at:self.at + count], "big")
        self.at += count
        return value if value >= 0x80 and value >> 8 * (count - 1) else None

    def take(self, tag, name):
        """The contents of the next element."""
        if not self.left():
            raise Failure("%s: missing" % name)
        found = self.byte()
        if found != tag:
            raise Failure("%s: tag %02x instead of %02x" % (name, found, tag))
        length = self.length()
        if length is None:
            raise Failure("%s: invalid length" % name)
        if length > self.left():
            raise Failure("%s: %d bytes, but only %d are left" % (
                name, length, self.left()))
        self.at += length
        return self.data[self.at - length:self.at]

    def into(self, tag, name):
        return Reader(self.take(tag, name))

    def last(self, tag, name):
        """The next element, which is the last one."""
        inner = self.into(tag, name)
        if self.left():
            raise Failure("%s: followed by %d bytes" % (name, self.left()))
        return inner

    def number(self, name):
        data = self.take(INTEGER, name)
        if not data or data[0] & 0x80 or \
                data[0] == 0 and len(data) > 1 and not data[1] & 0x80:
            raise Failure("%s: negative or not in its shortest form" % name)
        return int.from_bytes(data, "big")


def rsa_key(spki):
    """(n, e) of a SubjectPublicKeyInfo. [RFC 5280 4.1, RFC 8017 A.1.1]"""
    info = Reader(spki).last(SEQUENCE, "its key")
    if info.into(SEQUENCE, "its key's algorithm").take(OID, "kind") != RSA:
        raise Failure("its key is not an RSA key")
    bits = info.take(BITS, "its key")
    if not bits or bits[0]:
        raise Failure("its key is not whole bytes")
    key = Reader(bits[1:]).last(SEQUENCE, "its key")
    n, e = key.number("modulus"), key.number("exponent")
    return n, e
