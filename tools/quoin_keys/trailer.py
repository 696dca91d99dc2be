# SPDX-License-Identifier: BSD-2-Clause
"""The trailer of quoin.bin: packages/secure/trailer.h."""
import re
import struct

from quoin_keys import Failure, esl

MAGIC, VERSION, LIMIT = b"QUOINKEY", 1, 1 << 20
HEAD = struct.Struct(">8s6I")
RECORD = struct.Struct(">2I")
KEY = struct.Struct(">4I16s")
KEY_TYPE, DENY, DB, DBX, SBAT = range(1, 6)
NAMES = {KEY_TYPE: "grubdb", DENY: "grubdbx", DB: "db", DBX: "dbx",
         SBAT: "sbat"}
MODES = ("off", "audit", "enforce")
REFUSE_KERNEL = 1
KEYS_MAX, NAME_MAX, SBAT_MAX = 32, 127, 4096
SBAT_LINE = re.compile(r"([A-Za-z0-9._+-]+),([0-9]{1,9})\n")


def number(value):
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


class Key:
    """A key for boot loaders."""

    def __init__(self, name, n, e, der, owner=esl.OWNER):
        self.name, self.n, self.e, self.der = name, n, e, der
        self.owner = owner

    def fault(self):
        """Why the firmware would refuse it, or None."""
        if not 2048 <= self.n.bit_length() <= 4096:
            return "RSA with %d bits; 2048 to 4096 are possible" % \
                self.n.bit_length()
        if self.n % 2 == 0:
            return "its modulus is even"
        if self.e < 3 or self.e % 2 == 0 or self.e.bit_length() > 64:
            return "its exponent %d is even, too small or too large" % self.e
        if not re.fullmatch("[ -~]{1,%d}" % NAME_MAX, self.name):
            return "its name is not 1 to %d characters of ASCII" % NAME_MAX
        return None

    def pack(self):
        n, e = number(self.n), number(self.e)
        name = self.name.encode("ascii") + b"\0"
        return KEY.pack(len(n), len(e), len(self.der), len(name),
                        self.owner) + n + e + self.der + name

    @classmethod
    def unpack(cls, data):
        if len(data) < KEY.size:
            raise Failure("its parts are not as long as it is")
        *lengths, owner = KEY.unpack_from(data)
        if KEY.size + sum(lengths) != len(data):
            raise Failure("its parts are not as long as it is")
        parts, at = [], KEY.size
        for length in lengths:
            parts.append(data[at:at + length])
            at += length
        n, e, der, name = parts
        if any(not part or part[0] == 0 for part in (n, e)):
            raise Failure("a number is empty or starts with zero")
        if name[-1:] != b"\0" or not der:
            raise Failure("it has no name or no certificate")
        key = cls(name[:-1].decode("latin-1"), int.from_bytes(n, "big"),
                  int.from_bytes(e, "big"), der, owner)
        if key.fault():
            raise Failure(key.fault())
        return key


class Trailer:
    """What the trailer says; db, dbx: lists of esl.Entry, or None."""

    def __init__(self):
        self.mode, self.refuse_kernel = 0, False
        self.keys, self.denied = [], []
        self.db = self.dbx = None
        self.sbat = {}

    def levels(self):
        return "".join("%s,%d\n" % level for level in
                       sorted(self.sbat.items())).encode("ascii")

    def pack(self):
        records = [(KEY_TYPE, key.pack()) for key in self.keys]
        records += [(DENY, value) for value in self.denied]
        if self.db is not None:
            records.append((DB, esl.pack(self.db)))
        if self.dbx is not None:
            records.append((DBX, esl.pack(self.dbx)))
        if self.sbat:
            records.append((SBAT, self.levels()))
        body = b"".join(RECORD.pack(kind, len(data)) + data +
                        bytes(-len(data) % 8) for kind, data in records)
        total = HEAD.size + len(body)
        if total > LIMIT:
            raise Failure("%d bytes of keys; the limit is %d" % (total, LIMIT))
        packed = HEAD.pack(MAGIC, VERSION, total, self.mode,
                           REFUSE_KERNEL * self.refuse_kernel, len(records),
                           0) + body
        self.unpack(packed)
        return packed

    def take(self, kind, data, seen):
        """Takes one record."""
        if kind > DENY and kind in seen:
            raise Failure("there is another one")
        seen.add(kind)
        if kind == KEY_TYPE:
            self.keys.append(Key.unpack(data))
            if len(self.keys) > KEYS_MAX:
                raise Failure("more than %d keys" % KEYS_MAX)
        elif kind == DENY:
            if len(data) != 32:
                raise Failure("not a SHA-256")
            self.denied.append(data)
        elif kind == DB:
            self.db = esl.unpack(data)
        elif kind == DBX:
            self.dbx = esl.unpack(data)
        else:
            self.sbat = parse_sbat(data)

    @classmethod
    def unpack(cls, data):
        """Checks as strictly as the firmware."""
        trailer, seen, count, at = cls(), set(), 0, HEAD.size
        if not HEAD.size <= len(data) <= LIMIT:
            raise Failure("keys: %d bytes" % len(data))
        magic, version, total, mode, flags, records, zero = \
            HEAD.unpack_from(data)
        if magic != MAGIC or version != VERSION or total != len(data) or \
                mode >= len(MODES) or flags & ~REFUSE_KERNEL or zero:
            raise Failure("keys: magic, version, length, mode or flags are "
                          "unknown")
        trailer.mode = mode
        trailer.refuse_kernel = bool(flags & REFUSE_KERNEL)
        while at < len(data):
            count += 1
            kind, at, body = next_record(data, at, count)
            try:
                trailer.take(kind, body, seen)
            except Failure as why:
                raise Failure("keys: record %d (%s): %s" % (
                    count, NAMES[kind], why)) from None
        if count != records:
            raise Failure("keys: %d records instead of %d" % (count, records))
        if mode == MODES.index("enforce") and not trailer.keys:
            raise Failure("keys: mode enforce, but no key for boot loaders")
        return trailer


def next_record(data, at, count):
    """The type of the record at `at`, the offset of the next one, its data."""
    if len(data) - at < RECORD.size:
        raise Failure("keys: record %d (unknown): too short" % count)
    kind, length = RECORD.unpack_from(data, at)
    if kind not in NAMES:
        raise Failure("keys: record %d (unknown): its type is not known" % count)
    start, padding = at + RECORD.size, -length % 8
    end = start + length
    if end + padding > len(data):
        raise Failure("keys: record %d (%s): longer than the keys" % (
            count, NAMES[kind]))
    if any(data[end:end + padding]):
        raise Failure("keys: record %d (%s): its padding is not zero" % (
            count, NAMES[kind]))
    return kind, end + padding, data[start:end]


def parse_sbat(data):
    text, levels = data.decode("latin-1"), {}
    if not 0 < len(data) <= SBAT_MAX:
        raise Failure("empty, or more than %d bytes" % SBAT_MAX)
    for line in text.splitlines(True):
        match = SBAT_LINE.fullmatch(line)
        if not match:
            raise Failure("a line is not \"component,generation\"")
        if match[1] in levels:
            raise Failure("component %s is there twice" % match[1])
        levels[match[1]] = int(match[2])
    return levels
