# SPDX-License-Identifier: BSD-2-Clause
"""The bytes that are hashed, from files: one function for each kind."""
import os
import struct

from quoin_keys import Failure
from quoin_keys.firmware import Firmware, read_file

from . import elf, policy

GPT_HEADER, GPT_ENTRY, GPT_MAX = 92, 128, 128
GPT_ARRAY_MAX = 4 << 20     # bytes; packages/partition_gpt.c
FDT_MAGIC = b"\xd0\x0d\xfe\xed"
FDT_BEGIN, FDT_END_NODE, FDT_PROP, FDT_NOP, FDT_END = 1, 2, 3, 4, 9


def firmware(path):
    return Firmware(path).image


def core(path):
    return elf.extent(read_file(path))


def kernel(path):
    return elf.loaded(read_file(path))


def text(value):
    return os.fsencode(value)


def mbr(path):
    with open(path, "rb") as disk:
        block = disk.read(512)
    if block[510:] != b"\x55\xaa":
        raise ValueError("no MBR")
    return block[440:]


def gpt(path):
    """UEFI_GPT_DATA of a disk's primary table, in blocks of 512 bytes."""
    with open(path, "rb") as disk:
        disk.seek(512)
        header = disk.read(GPT_HEADER)
        if header[:8] != b"EFI PART":
            raise ValueError("no GPT")
        lba, count, size = struct.unpack_from("<Q2I", header, 72)
        if count * size > GPT_ARRAY_MAX:
            raise ValueError("%d entries of %d bytes" % (count, size))
        disk.seek(lba * 512)
        entries = [disk.read(size)[:GPT_ENTRY] for _ in range(count)]
    used = []
    for entry in entries:
        first, last = struct.unpack_from("<2Q", entry, 32)
        if any(entry[:16]) and last >= first and len(used) < GPT_MAX:
            used.append(entry)
    return header + struct.pack("<Q", len(used)) + b"".join(used)


def tree(path):
    """A blob of QEMU's -machine dumpdtb=; seed and padding are zeroed."""
    blob = bytearray(read_file(path))
    if blob[:4] != FDT_MAGIC:
        raise ValueError("not a device tree")
    start, strings = struct.unpack_from(">2I", blob, 8)
    at, depth, names = start, 0, []
    while True:
        tag, = struct.unpack_from(">I", blob, at)
        at += 4
        if tag == FDT_BEGIN:
            end = blob.index(0, at)
            names.append(bytes(blob[at:end]))
            at = (end + 4) & ~3
        elif tag == FDT_END_NODE:
            names.pop()
        elif tag == FDT_PROP:
            length, offset = struct.unpack_from(">2I", blob, at)
            name = blob[strings + offset:blob.index(0, strings + offset)]
            at += 8
            end = (at + length + 3) & ~3
            seed = names == [b"", b"chosen"] and name == b"rng-seed"
            keep = 0 if seed else length
            blob[at + keep:end] = bytes(end - at - keep)
            at = end
        elif tag == FDT_END:
            return bytes(blob)
        elif tag != FDT_NOP:
            raise ValueError("damaged device tree")


# Name: function, what it is given, PCR, where it is measured.
KINDS = {
    "firmware": (firmware, "quoin.bin", 0, "EV_S_CRTM_CONTENTS"),
    "tree": (tree, "file of -machine dumpdtb=", 1, "FDT"),
    "policy": (policy.events, "quoin.bin and its keys", 7, "variables"),
    "core": (core, "core.elf or a PReP partition", 4, "BOOTLOADER"),
    "file": (read_file, "a program on a disc or server", 4, "its name"),
    "kernel": (kernel, "file given to -kernel", 4, "kernel"),
    "gpt": (gpt, "a disk with a GPT", 5, "EV_EFI_GPT_EVENT"),
    "mbr": (mbr, "a disk with an MBR", 5, "MBR PARTITION TABLE"),
    "text": (read_file, "bootinfo.txt, pxelinux.cfg/…", 5, "its name"),
    "args": (text, "a boot loader's arguments", 5, "bootargs"),
    "cmdline": (text, "a kernel's arguments", 8, "kernel_cmdline: …"),
    "initrd": (read_file, "file given to -initrd", 9, "initrd"),
}


def contents(kind, what):
    """{name: what is hashed} of a file or text, or Failure."""
    try:
        found = KINDS[kind][0](what)
        return found if isinstance(found, dict) else {what: found}
    except OSError as why:
        raise Failure("%s: %s" % (what, why.strerror)) from None
    except (IndexError, struct.error):
        raise Failure("%s: damaged or cut off" % what) from None
    except (MemoryError, OverflowError):
        raise Failure("%s: too large for the memory" % what) from None
    except ValueError as why:
        raise Failure("%s: %s" % (what, why)) from None
