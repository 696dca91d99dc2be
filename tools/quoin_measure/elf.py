# SPDX-License-Identifier: BSD-2-Clause
"""ELF files: where one ends in a partition, what QEMU loads of one."""
from quoin_keys import Failure
from quoin_keys.elf import Elf

# QEMU hw/ppc/spapr.c, translate_kernel_address(): the bits that it keeps.
QEMU_BITS = 0x0fffffff

# More than any kernel needs.
MEMORY_MAX = 2 << 30


def read(data):
    try:
        return Elf(data)
    except Failure as why:
        raise ValueError(str(why)) from None


def extent(data):
    """The ELF file at the start of a partition."""
    return data[:read(data).extent()]


def loaded(data):
    """What QEMU's -kernel puts into memory, and is measured of it."""
    if data[:4] != b"\x7fELF":
        return data
    parts = sorted((part.paddr & QEMU_BITS, part.offset, part.size, part.memsz)
                   for part in read(data).segments())
    if not parts:
        raise ValueError("no PT_LOAD segment")
    total = sum(memsz for _at, _offset, _size, memsz in parts)
    base = parts[0][0]
    end = max(at - base + memsz for at, _offset, _size, memsz in parts)
    if end > MEMORY_MAX:
        raise ValueError("its segments need %d bytes of memory" % end)
    memory = bytearray(end)
    for at, offset, size, _memsz in parts:
        memory[at - base:at - base + size] = data[offset:offset + size]
    if memory[:4] != b"\x7fELF":
        return bytes(memory[:total].ljust(total, b"\0"))
    # The header gives each segment's place: gaps are not measured.
    return b"".join(bytes(memory[at - base:at - base + memsz])
                    for at, _offset, _size, memsz in parts)
