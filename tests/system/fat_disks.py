# SPDX-License-Identifier: BSD-2-Clause
"""Disks with FAT partitions, made by mkfs.fat and mtools."""
import os
import subprocess

import images
import tables

SECTOR = 512
FIRST = 2048            # the first partition's first sector
SCRIPT = ("<chrp-boot>\n<description>x</description>\n"
          "<boot-script>%s</boot-script>\n</chrp-boot>\n")


def put(image, name, data):
    """A file in the image; its folders are made first."""
    folder = ""
    for part in name.split("/")[:-1]:
        folder += "/" + part
        subprocess.run(["mmd", "-D", "s", "-i", image, "::" + folder],
                       check=False, stderr=subprocess.DEVNULL,
                       stdin=subprocess.DEVNULL)
    images.tool("mcopy", "-i", image, "-", "::" + name, input=data)


def filesystem(to, bits, kib, files, options=()):
    """files: path -> bytes."""
    images.tool("mkfs.fat", "-C", "-F", str(bits), "-n", "QUOIN DISK", *options, to,
        str(kib))
    for name, data in files.items():
        put(to, name, data)


def disk(name, bits, kib, files, last=None, options=()):
    """Partition 1 is FAT, with files; 2 is empty; 3 begins with `last`."""
    def make(to):
        fat = to + ".fat"
        filesystem(fat, bits, kib, files, options)
        with open(fat, "rb") as f:
            data = f.read()
        os.remove(fat)
        place, count = FIRST, len(data) // SECTOR
        entries = [(True, 0x0c if bits == 32 else 0x06, place, count)]
        for kind in (0x83, 0xa9):
            place += count
            count = FIRST
            entries.append((False, kind, place, count))
        with open(to, "wb") as f:
            f.truncate((place + count) * SECTOR)
            f.write(tables.boot_record(entries))
            f.seek(FIRST * SECTOR)
            f.write(data)
            f.seek(place * SECTOR)
            f.write(last or b"")
    with images.lock():
        return images.made("fat-%s.img" % name,
                           [images.GUEST, "tests/system/fat_disks.py",
                            "tests/system/test_fat.py"], make)
