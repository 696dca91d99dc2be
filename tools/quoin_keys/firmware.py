# SPDX-License-Identifier: BSD-2-Clause
"""A copy of quoin.bin: its header (packages/secure/keys.h) and trailer."""
import hashlib
import os
import struct
import tempfile

from quoin_keys import Failure
from quoin_keys.trailer import LIMIT, Trailer

MAGIC, VERSION = b"QUOINIMG", 1
HEADER = struct.Struct(">8s4I32s")
OFFSET = 0x40
FILE_MAX = 4 << 20  # QEMU's FW_MAX_SIZE


def read_file(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as why:
        raise Failure("%s: %s" % (path, why.strerror)) from None


def write_file(path, data, like=None):
    """Replaces a file at once; a failure leaves the old one. A link stays."""
    name, path = None, os.path.realpath(path)
    try:
        mode = os.stat(like or path).st_mode & 0o777
        fd, name = tempfile.mkstemp(dir=os.path.dirname(path))
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(fd)
        os.chmod(name, mode)
        os.replace(name, path)
    except OSError as why:
        if name and os.path.exists(name):
            os.unlink(name)
        raise Failure("%s: %s" % (path, why.strerror)) from None


class Firmware:
    """`image`: as it was built. `trailer`: None if there is none."""

    def __init__(self, path):
        self.path = path
        data = read_file(path)
        if len(data) < OFFSET + HEADER.size:
            raise Failure("%s: not quoin.bin: too short" % path)
        magic, version, length, size, zero, digest = \
            HEADER.unpack_from(data, OFFSET)
        if magic != MAGIC:
            raise Failure("%s: not quoin.bin: no \"%s\" at 0x%x" % (
                path, MAGIC.decode(), OFFSET))
        if version != VERSION or zero:
            raise Failure("%s: its header has an unknown version" % path)
        if length + size != len(data):
            raise Failure("%s: %d bytes instead of %d: damaged" % (
                path, len(data), length + size))
        self.image = data[:OFFSET] + HEADER.pack(
            MAGIC, VERSION, length, 0, 0, bytes(32)) + \
            data[OFFSET + HEADER.size:length]
        self.trailer = None
        if size:
            self.trailer = self.read_trailer(data[length:], digest)
        elif any(digest):
            raise Failure("%s: its header has a hash, but no keys" % path)

    def read_trailer(self, data, digest):
        if hashlib.sha256(data).digest() != digest:
            raise Failure("%s: its keys are damaged" % self.path)
        try:
            return Trailer.unpack(data)
        except Failure as why:
            raise Failure("%s: %s" % (self.path, why)) from None

    def need_trailer(self):
        if not self.trailer:
            raise Failure("%s: has no keys; make such a file with "
                          "\"quoin-keys new\"" % self.path)
        return self.trailer

    def pack(self):
        data = self.trailer.pack()
        length = len(self.image)
        if len(data) > LIMIT or length + len(data) > FILE_MAX:
            raise Failure("%s: would have %d bytes; QEMU takes %d" % (
                self.path, length + len(data), FILE_MAX))
        return self.image[:OFFSET] + HEADER.pack(
            MAGIC, VERSION, length, len(data), 0,
            hashlib.sha256(data).digest()) + \
            self.image[OFFSET + HEADER.size:] + data

    def save(self, path=None):
        try:
            data = self.pack()
        except Failure as why:
            raise Failure("%s: %s" % (path or self.path, why)) from None
        write_file(path or self.path, data, like=self.path)
