# SPDX-License-Identifier: BSD-2-Clause
"""Test clients packed anew, into ELF files of other shapes (ELF gABI)."""
import struct

import images

HEAD = 0x1000           # what is in front of the client, in the segment


class Elf:
    """An executable's header and its segments as one piece of memory."""

    def __init__(self, path):
        with open(path, "rb") as f:
            data = f.read()
        self.ident = data[:16]
        self.wide = data[4] == 2
        self.order = "<" if data[5] == 1 else ">"
        fields = self.unpack("HHIQQQIHHHHHH" if self.wide else
                             "HHIIIIIHHHHHH", data, 16)
        self.kind, self.machine, _, self.entry, phoff = fields[:5]
        self.flags, _, size, count = fields[6:10]
        loads = [self.segment(data, phoff + i * size) for i in range(count)]
        loads = [s[1:] for s in loads if s[0] == 1 and s[5]]
        self.base = min(s[1] for s in loads)
        self.memory = bytearray(max(s[1] + s[4] for s in loads) - self.base)
        for offset, vaddr, _, file_size, _ in loads:
            at = vaddr - self.base
            self.memory[at:at + file_size] = data[offset:offset + file_size]

    def unpack(self, form, data, at):
        return struct.unpack_from(self.order + form, data, at)

    def segment(self, data, at):
        """type, offset, vaddr, paddr, file size, memory size"""
        if self.wide:
            kind, _, *rest = self.unpack("IIQQQQQ", data, at)
            return (kind, *rest)
        return self.unpack("IIIIII", data, at)

    def header(self, entry, segments=1):
        size, phsize = (64, 56) if self.wide else (52, 32)
        form = "HHIQQQIHHHHHH" if self.wide else "HHIIIIIHHHHHH"
        return self.ident + struct.pack(
            self.order + form, self.kind, self.machine, 1, entry, size, 0,
            self.flags, size, phsize, segments, 0, 0, 0)

    def program_header(self, offset, vaddr, paddr, size):
        if self.wide:
            return struct.pack(self.order + "IIQQQQQQ", 1, 7, offset, vaddr,
                               paddr, size, size, 0x10000)
        return struct.pack(self.order + "IIIIIIII", 1, offset, vaddr, paddr,
                           size, size, 7, 0x10000)


def made(name, client, pack):
    """build/images/NAME; pack(Elf of the client) gives its bytes."""
    source = images.guest(client)

    def make(to):
        with open(to, "wb") as f:
            f.write(pack(Elf(source)))
    with images.lock():
        return images.made(name, [source, "tests/system/elfs.py"], make)


def header_in_segment(client, entry=None):
    """The ELF header is in the only segment, in front of the client."""
    def pack(elf):
        head = elf.header(elf.entry if entry is None else entry)
        size = HEAD + len(elf.memory)
        head += elf.program_header(0, elf.base - HEAD, elf.base - HEAD, size)
        return head.ljust(HEAD, b"\0") + elf.memory
    suffix = "" if entry is None else "-%x" % entry
    return made("header-%s%s" % (client, suffix), client, pack)


def gap_behind_header(client, gap):
    """The ELF header has a segment of its own, GAP bytes below the client's."""
    def pack(elf):
        head = elf.header(elf.entry, 2)
        head += elf.program_header(0, elf.base - HEAD, elf.base, HEAD)
        head += elf.program_header(HEAD, elf.base, elf.base + gap,
                                   len(elf.memory))
        return head.ljust(HEAD, b"\0") + elf.memory
    return made("gap-%x-%s" % (gap, client), client, pack)


def at_zero(client):
    """Linked for physical address 0, as Linux's vmlinux."""
    def pack(elf):
        head = elf.header(elf.entry)
        head += elf.program_header(HEAD, elf.base, 0, len(elf.memory))
        return head.ljust(HEAD, b"\0") + elf.memory
    return made("zero-" + client, client, pack)


def at_vectors(client):
    """Linked for address 0, and for no other."""
    def pack(elf):
        head = elf.header(elf.entry - elf.base)
        head += elf.program_header(HEAD, 0, 0, len(elf.memory))
        return head.ljust(HEAD, b"\0") + elf.memory
    return made("vectors-" + client, client, pack)
