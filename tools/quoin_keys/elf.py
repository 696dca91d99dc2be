# SPDX-License-Identifier: BSD-2-Clause
"""Parts of ELF files: packages/elf.c, elf_segments.c, elf_extent.c and
elf_parts.c, with the same reasons."""
import collections
import struct

from quoin_keys import Failure

LOAD, NOTE, NULL, NOBITS = 1, 4, 0, 8
AIX = 7
ADDRESS_END = 1 << 32
TABLE_MAX = 4 << 20  # of elf_extent.c

# end: in the file.
Part = collections.namedtuple("Part", "type offset vaddr paddr size memsz end")
# at, size: of the descriptor; rest: of the part after the name.
Note = collections.namedtuple("Note", "at size rest")


def up(value, align):
    return -(-value // align) * align


class Elf:
    """The program headers, and where the headers end."""

    def __init__(self, data):
        self.data = data
        if data[:4] != b"\x7fELF" or len(data) < 52:
            raise Failure("not an ELF file")
        kind, order, self.osabi = data[4], data[5], data[7]
        if kind not in (1, 2) or order not in (1, 2):
            raise Failure("ELF with unknown class %d or data encoding %d" % (
                kind, order))
        self.wide = kind == 2
        self.order = "<" if order == 1 else ">"
        self.check_kind()
        fields = self.get("3Q" if self.wide else "3I", 24)[1:]
        sizes = self.get("4H", 54 if self.wide else 42)
        self.tables = tuple(zip(fields, sizes[::2], sizes[1::2]))
        self.end = max([64 if self.wide else 52] + [
            where + size * count for where, size, count in self.tables
            if size * count])
        self.parts = self.read_parts(*self.tables[0])

    def get(self, form, at):
        return struct.unpack_from(self.order + form, self.data, at)

    def check_kind(self):
        kind, machine = self.get("2H", 16)
        wanted = 21 if self.wide else 20
        if machine != wanted:
            raise Failure("ELF%s for machine %d, not PowerPC (%d)" % (
                "64" if self.wide else "32", machine, wanted))
        if kind not in (2, 3):
            raise Failure("ELF type %d is not an executable" % kind)
        if self.wide and len(self.data) < 64:
            raise Failure("ELF header truncated at %d bytes" % len(self.data))

    def read_parts(self, where, size, count):
        if count == 0xffff:
            raise Failure("too many ELF program headers")
        if count and size < (56 if self.wide else 32):
            raise Failure("ELF program headers of %d bytes" % size)
        if where + size * count > len(self.data):
            raise Failure("ELF program headers outside the file")
        return [self.part(where + i * size) for i in range(count)]

    def part(self, at):
        if self.wide:
            kind, _, offset, vaddr, paddr, size, memsz = self.get("2I5Q", at)
        else:
            kind, offset, vaddr, paddr, size, memsz = self.get("6I", at)
        return Part(kind, offset, vaddr, paddr, size, memsz, offset + size)

    def segments(self):
        """What is loaded, by address."""
        return sorted((part for part in self.parts
                       if part.type == LOAD and part.memsz),
                      key=lambda part: part.paddr)

    def check(self):
        """Raises the reason why elf_probe() refuses it."""
        found = self.segments()
        for part in found:
            if part.size > part.memsz:
                raise Failure("segment at %x: %d bytes in the file, %d in "
                              "memory" % (part.paddr, part.size, part.memsz))
            if part.vaddr + part.memsz >= 1 << 64:
                raise Failure("segment at %x: addresses wrap around" %
                              part.paddr)
            if part.paddr + part.memsz > ADDRESS_END:
                raise Failure("segment at %x, %x bytes: ends beyond 4 GiB" % (
                    part.paddr, part.memsz))
            if part.end > len(self.data):
                raise Failure("truncated: segment at %x is bytes %d to %d of "
                              "a file of %d bytes" % (
                                  part.paddr, part.offset, part.end,
                                  len(self.data)))
        for low, high in zip(found, found[1:]):
            if low.paddr + low.memsz > high.paddr:
                raise Failure("segments at %x and %x overlap" % (
                    low.paddr, high.paddr))
        if not found:
            raise Failure("no PT_LOAD segment")

    def note(self, part, name, kind):
        """The note that begins a part; None: another one, or not a note."""
        length = 12 + up(len(name), 4)
        if part.type != NOTE or part.size < length or \
                part.offset + length > len(self.data):
            return None
        namesz, descsz, found = self.get("3I", part.offset)
        start = part.offset + 12
        if namesz != len(name) or found != kind or \
                self.data[start:start + len(name)] != name:
            return None
        return Note(part.offset + length, descsz, part.size - length)

    def sections(self):
        """(offset, size) of what sections have in the file."""
        where, step, count = self.tables[1]
        for i in range(count):
            kind, _, _, offset, size = self.get(
                "I4Q" if self.wide else "5I", where + i * step + 4)
            if kind not in (NULL, NOBITS):
                yield offset, size

    def extent(self):
        """Bytes of the file at the start of a partition."""
        smallest = (56, 64) if self.wide else (32, 40)
        size = len(self.data)
        if self.osabi == AIX or self.end > size or any(
                count and (step < least or step * count > TABLE_MAX)
                for (_, step, count), least in zip(self.tables, smallest)):
            return size
        ends = [(part.offset, part.size) for part in self.parts]
        ends += self.sections()
        ends = [offset + length for offset, length in ends if length]
        return min(up(max(ends + [self.end]), 4), size)
