# SPDX-License-Identifier: BSD-2-Clause
"""Disks with any partition table, written byte by byte (UEFI 2.10, 5)."""
import struct
import uuid
import zlib

import images

SECTOR = 512
FIRST = 2048            # the first partition's first sector
SIZE = 2048             # sectors of a partition

PREP = "9e1a2d38-c612-4316-aa26-8b49521e5a8b"
LINUX = "0fc63daf-8483-4772-8e79-3d69d8477de4"
EFI = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"


# Those who call mbr() and gpt(), each with names of its own.
USERS = ["tests/system/test_%s.py" % name
         for name in ("partitions", "labels", "ext4")]


def boot_record(entries):
    """entries: (active, type, first sector, sectors)."""
    table = b"".join(struct.pack("<B3sB3sII", 0x80 if active else 0,
                                 b"\xfe\xff\xff", kind, b"\xfe\xff\xff",
                                 first, count)
                     for active, kind, first, count in entries)
    return b"\0" * 446 + table.ljust(64, b"\0") + b"\x55\xaa"


def place(number):
    return FIRST + (number - 1) * SIZE


def made(name, count, head, contents, tail=b""):
    """An image of `count` partitions; contents: number -> bytes."""
    def make(to):
        with open(to, "wb") as f:
            f.truncate(place(count + 2) * SECTOR)
            f.write(head)
            for number, data in contents.items():
                f.seek(place(number) * SECTOR)
                f.write(data)
            if tail:
                f.seek(-len(tail), 2)
                f.write(tail)
    with images.lock():
        return images.made("table-%s.img" % name,
                           ["tests/system/tables.py", images.GUEST, *USERS],
                           make)


def mbr(name, kinds, contents):
    """kinds: (active, type) of partitions 1, 2..."""
    return made(name, len(kinds), boot_record(
        [(active, kind, place(i), SIZE)
         for i, (active, kind) in enumerate(kinds, 1)]), contents)


def gpt(name, types, contents):
    """types: GUIDs of partitions 1, 2..."""
    last = place(len(types) + 2) - 1
    entries = b"".join(
        uuid.UUID(kind).bytes_le + uuid.UUID(int=i).bytes_le +
        struct.pack("<QQQ72x", place(i), place(i) + SIZE - 1, 0)
        for i, kind in enumerate(types, 1)).ljust(128 * 128, b"\0")

    def header(own, other, table):
        def pack(crc):
            return struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92,
                               crc, 0, own, other, 34, last - 33,
                               uuid.UUID(int=0).bytes_le, table, 128, 128,
                               zlib.crc32(entries))
        return pack(zlib.crc32(pack(0))).ljust(SECTOR, b"\0")
    return made(name, len(types),
                boot_record([(False, 0xee, 1, last)]) + header(1, last, 2) +
                entries, contents, entries + header(last, 1, last - 32))
