# SPDX-License-Identifier: BSD-2-Clause
"""Disk images that nothing can boot from, and ELF files that nothing can
load."""
import struct

import images

SECTOR = 512
PREP_FIRST = 4096       # ci-scripts/make-disk: 2 MiB
PREP_BYTES = 8 << 20


def made(name, write):
    """An image kept under build/images; write(file) fills it."""
    def make(to):
        with open(to, "wb") as f:
            f.truncate(12 << 20)
            write(f)
    with images.lock():
        return images.made("broken-%s.img" % name,
                           ["tests/system/broken.py",
                            images.guest("stamp.be32")], make)


def copy_of(source, change):
    """A copy of a disk image with change(bytearray) applied."""
    def write(f):
        with open(source, "rb") as s:
            data = bytearray(s.read())
        change(data)
        f.seek(0)
        f.write(data)
        f.truncate(len(data))
    return write


def elf32(paddr, size, file_size=None, data=b"\x48\x00\x00\x00"):
    """A one-segment ELF32 big-endian executable (ELF gABI)."""
    if file_size is None:
        file_size = len(data)
    head = b"\x7fELF\x01\x02\x01".ljust(16, b"\0")
    head += struct.pack(">HHIIIIIHHHHHH", 2, 20, 1, paddr, 52, 0, 0, 52, 32,
                        1, 0, 0, 0)
    segment = struct.pack(">IIIIIIII", 1, 84, paddr, paddr, file_size,
                          size, 7, 4)
    return head + segment + data


def prep_with(name, boot):
    """A disk whose PReP partition begins with the bytes boot."""
    def change(data):
        start = PREP_FIRST * SECTOR
        data[start:start + PREP_BYTES] = boot.ljust(PREP_BYTES, b"\0")
    good = images.boot_disk(images.guest("stamp.be32"))
    return made(name, copy_of(good, change))


def empty():
    return made("empty", lambda f: None)


def tiny():
    """One kilobyte: SLOF once never ended on it."""
    return made("tiny", lambda f: f.truncate(1024))


def garbage_mbr():
    def write(f):
        table = b"".join(struct.pack("<BBBBBBBBII", 0x5a, 1, 2, 3, 0x41 + i,
                                     4, 5, 6, 0xfffffff0 - i, 0xffffffff)
                         for i in range(4))
        f.write(bytes(range(256))[:223] * 2 + table + b"\x55\xaa")
    return made("garbage-mbr", write)


def endless_logical():
    """An extended partition whose chain of logical ones is a loop."""
    def write(f):
        entry = struct.pack("<8xII", 100, 1000)
        entry = entry[:4] + b"\x05" + entry[5:]
        f.write(b"\0" * 446 + entry + b"\0" * 48 + b"\x55\xaa")
        link = struct.pack("<8xII", 0, 1000)
        link = link[:4] + b"\x05" + link[5:]
        f.seek(100 * SECTOR)
        f.write(b"\0" * 446 + entry[:4] + b"\x83" + entry[5:] + link +
                b"\0" * 32 + b"\x55\xaa")
    return made("endless-logical", write)


def no_prep():
    def change(data):
        data[446 + 4] = 0x82
    return made("no-prep", copy_of(
        images.boot_disk(images.guest("stamp.be32")), change))


def gpt(name, primary, backup):
    """A GPT whose chosen headers have a broken CRC."""
    def change(data):
        if primary:
            data[SECTOR + 16] ^= 1
        if backup:
            data[-SECTOR + 16] ^= 1
    good = images.boot_disk(images.guest("stamp.be32"), "--table=gpt")
    return made(name, copy_of(good, change))


def gpt_both_headers_broken():
    return gpt("gpt-both", True, True)


def gpt_primary_broken():
    return gpt("gpt-primary", True, False)


def prep_without_elf():
    return prep_with("no-elf", b"this is no executable")


def prep_of_zeros():
    return prep_with("zeros", b"")


def truncated_elf():
    """The segment's bytes go on after the partition's end."""
    return prep_with("truncated", elf32(0x400000, 64 << 20, 64 << 20))


def elf_of_another_cpu():
    return prep_with("x86", elf32(0x400000, 4)[:18] + b"\0\x03" +
                     elf32(0x400000, 4)[20:])


def elf_beyond_ram():
    return prep_with("beyond-ram", elf32(0x7ff00000, 4096))


def elf_that_wraps():
    return prep_with("wraps", elf32(0xfffff000, 0x2000))


def elf_over_the_firmware():
    # With 1 GiB QEMU's tree is at 0x3fe00000, the firmware just below it.
    return prep_with("over-firmware", elf32(0x3fd00000, 0x100000))


def elf_without_segments():
    return prep_with("no-segments", elf32(0x400000, 4)[:44] + b"\0\0" +
                     elf32(0x400000, 4)[46:])
