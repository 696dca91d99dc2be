# SPDX-License-Identifier: BSD-2-Clause
"""Discs and disks that the stand-in clients of tests/guest/clients boot from,
as the real ones do."""
import os
import struct

import images

MIB = 1 << 20
SECTOR = 512

# Sizes from AIX's boot log: the program in front and the whole boot image.
AIX_PROGRAM = 0xd2c00
AIX_IMAGE = 0x1a6b430

PREP_MIB = 8
DATA_START = (2 + PREP_MIB) * MIB  # ci-scripts/make-disk: partition 2


def words(first, end):
    """Big-endian 32-bit words that hold their byte position divided by 4."""
    return struct.pack(">%dI" % ((end - first) // 4),
                       *range(first // 4, end // 4))


def with_arguments(program, arguments):
    """Fills the room that a test client has for them (guest_arguments)."""
    mark = b"GUEST-ARGUMENTS:"
    at = program.index(mark) + len(mark)
    text = arguments.encode() + b"\0"
    return program[:at] + text + program[at + len(text):]


def aix_image(program):
    """A program as IBM links it: EI_OSABI 7, no sections, and after it a
    compressed kernel, for which words have to do (ELF gABI 4-3, 5-1)."""
    offset, _, _, size = struct.unpack_from(">IIII", program, 52 + 4)
    head = bytearray(program[:offset + size])
    head[7] = 7
    struct.pack_into(">I", head, 32, 0)         # e_shoff
    struct.pack_into(">HHH", head, 46, 0, 0, 0)  # e_shentsize and the like
    head = with_arguments(bytes(head), "program=%d image=%d"
                          % (AIX_PROGRAM, AIX_IMAGE))
    assert len(head) <= AIX_PROGRAM
    return head.ljust(AIX_PROGRAM, b"\0") + words(AIX_PROGRAM, AIX_IMAGE)


def with_note(elf):
    """Adds the note that yaboot's linker script has, for a firmware that is
    to be set to real-base 0xc00000 (PowerPC binding, 8; ELF gABI 5-1)."""
    name = b"PowerPC\0"
    values = struct.pack(">iIIIII", -1, 0xc00000, 0xffffffff, 0xffffffff,
                         0xffffffff, 0x4000)
    note = struct.pack(">III", len(name), len(values), 0x1275) + name + values
    elf = bytearray(elf)
    count, = struct.unpack_from(">H", elf, 44)      # e_phnum
    header = 52 + 32 * count
    where = header + 32
    assert not any(elf[header:where + len(note)])
    struct.pack_into(">H", elf, 44, count + 1)
    struct.pack_into(">IIIIIIII", elf, header, 4, where, 0, 0, len(note), 0,
                     0, 0)
    elf[where:where + len(note)] = note
    return bytes(elf)


def program(name):
    with open(images.guest(name + ".be32"), "rb") as f:
        elf = f.read()
    return with_note(elf) if name == "yaboot" else elf


def write_file(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def made(name, client, make):
    with images.lock():
        return images.made(name, ["tests/system/clients.py",
                                  "ci-scripts/make-disk",
                                  "ci-scripts/make-chrp-iso",
                                  images.guest(client + ".be32")], make)


def disc(name, client, script, files):
    """A CHRP disc; files() gives name -> bytes."""
    def make(to):
        folder = to + ".d"
        for path, data in files().items():
            write_file(os.path.join(folder, path), data)
        images.script("make-chrp-iso", to, "-", folder, script)
        images.shutil.rmtree(folder)
    return made(name, client, make)


def aix_disc(cut=None, script="boot &device;:\\ppc\\chrp\\bootfile.exe"):
    """cut: how many bytes of the boot image there are; 0 leaves it out."""
    def files():
        if cut == 0:
            return {"usr/lib/boot/empty": b""}
        return {"ppc/chrp/bootfile.exe": aix_image(program("aix"))[:cut]}
    return disc("aix-%s-%08x.iso" % (cut, images.zlib.crc32(script.encode())),
                "aix", script, files)


def aix_disk(prep=28, cut=None):
    """The boot logical volume as the PReP partition, and nothing else."""
    def make(to):
        write_file(to + ".boot", aix_image(program("aix"))[:cut])
        images.script("make-disk", "--prep=%d" % prep, "--size=1",
                      "--boot=" + to + ".boot", to)
        os.remove(to + ".boot")
    return made("aix-%d-%s.img" % (prep, cut), "aix", make)


def freebsd_disc():
    """FreeBSD's discs name no partition, but have the comma for it."""
    return disc("freebsd.iso", "freebsd",
                "boot &device;:,\\ppc\\chrp\\loader",
                lambda: {"ppc/chrp/loader": program("freebsd")})


def with_data(name, client, table, pieces):
    """A disk with the client in its PReP partition and, as partition 2, the
    bytes that pieces() gives by their position in it."""
    def make(to):
        write_file(to + ".boot", program(client))
        images.script("make-disk", "--table=" + table, "--size=4",
                      "--prep=%d" % PREP_MIB, "--boot=" + to + ".boot", to)
        os.remove(to + ".boot")
        with open(to, "r+b") as f:
            for at, data in pieces().items():
                f.seek(DATA_START + at)
                f.write(data)
    return made(name, client, make)


def freebsd_disk(table="mbr"):
    """Partition 2: a superblock's magic number, and words for the loader
    (sys/ufs/ffs/fs.h: SBLOCK_UFS2, fs_magic)."""
    def pieces():
        return {65536 + 1372: struct.pack(">I", 0x19540119),
                MIB: words(MIB, MIB + 512 * 1024)}
    return with_data("freebsd-%s.img" % table, "freebsd", table, pieces)


KERNEL_SIZE = 777777


def yaboot_config(at):
    return ("image=linux\nat=%d\nsize=%d\n" % (at, KERNEL_SIZE)).encode() \
        .ljust(512, b"\n")


def yaboot_disc():
    """As Debian's: the files that the client opens have Rock Ridge names."""
    def files():
        return {"install/yaboot": program("yaboot"),
                "etc/yaboot.cnf": yaboot_config(0),
                "etc/linux": words(0, MIB)}
    return disc("yaboot.iso", "yaboot", "boot &device;:\\install\\yaboot",
                files)


def yaboot_disk(table="mbr"):
    """Partition 2: the configuration, and a kernel at an odd position."""
    def pieces():
        return {0x8000: yaboot_config(MIB + 12345),
                MIB: words(MIB, 2 * MIB)}
    return with_data("yaboot-%s.img" % table, "yaboot", table, pieces)
