# SPDX-License-Identifier: BSD-2-Clause
"""UEFI signature lists, as GRUB reads them (UEFI 2.10, 32.4.1)."""
import struct
import uuid

from quoin_keys import Failure

LIST = struct.Struct("<16s3I")
GUID = 16
TYPES = {
    "certificate": uuid.UUID("a5c059a1-94e4-4aa7-87b5-ab155c2bf072"),
    "sha256": uuid.UUID("c1c41626-504c-4092-aca9-41f936934328"),
}
NAMES = {value.bytes_le: name for name, value in TYPES.items()}
# quoin-keys, as the owner of entries.
OWNER = uuid.UUID("0b5e3a52-6f2c-4c0b-9a47-1d3f5a8e7c21").bytes_le


class Entry:
    """`kind`: of TYPES, or the bytes of another GUID."""

    def __init__(self, kind, data, owner=OWNER):
        self.kind, self.data, self.owner = kind, data, owner

    def __eq__(self, other):
        return (self.kind, self.data) == (other.kind, other.data)


def pack(entries):
    """One list for each entry: certificates differ in length."""
    out = []
    for entry in entries:
        kind = TYPES[entry.kind].bytes_le if entry.kind in TYPES \
            else entry.kind
        size = GUID + len(entry.data)
        out.append(LIST.pack(kind, LIST.size + size, 0, size) + entry.owner +
                   entry.data)
    return b"".join(out)


def unpack(data):
    entries, at = [], 0
    while at < len(data):
        if len(data) - at < LIST.size:
            raise Failure("a list has a wrong size")
        kind, size, header, entry = LIST.unpack_from(data, at)
        if not LIST.size < size <= len(data) - at:
            raise Failure("a list has a wrong size")
        if header:
            raise Failure("a list has a header")
        if entry <= GUID or (size - LIST.size) % entry:
            raise Failure("a list has a wrong entry size")
        for start in range(at + LIST.size, at + size, entry):
            entries.append(Entry(NAMES.get(kind, kind),
                                 data[start + GUID:start + entry],
                                 data[start:start + GUID]))
        at += size
    return entries
