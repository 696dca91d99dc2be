# SPDX-License-Identifier: BSD-2-Clause
"""What the conformance client is started from: a file with the run's
arguments in it, the data disk, a disc."""
import array
import os
import shutil
import struct
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), ".."))

MARK = b"GUEST-ARGUMENTS:"  # tests/guest/lib/guest.c, guest_arguments
ROOM = 256

# The data disk: tests/guest/conformance/conformance.h.
SECTOR = 512
WORDS = (8 << 20, 10 << 20)
AT_4G = 1 << 32
SIZE = 5 << 30
EDGE = 64 * SECTOR
PREP_FIRST, PREP_SECTORS = 2048, (4 << 20) // SECTOR
PREP = 0x41                 # PowerPC PReP boot, a type of MBR partition

INITRD = 10000              # bytes of a file that nobody reads


class Unusable(Exception):
    """A file that cannot be used, and why: one line for the user."""


def patched(data, words, name):
    """The file's bytes with arguments for the client written into them."""
    at = data.find(MARK)
    text = words.encode()
    if at < 0 or data.find(MARK, at + 1) >= 0:
        raise Unusable("%s is not a test client: it has no single mark %s"
                       % (name, MARK.decode()))
    if len(text) > ROOM - len(MARK) - 1:
        raise Unusable("arguments for the client are too long: " + words)
    return (data[:at] + (MARK + text).ljust(ROOM, b"\0") + data[at + ROOM:])


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError as error:
        raise Unusable("%s: %s" % (path, error.strerror)) from None


def words_of(start, end):
    """Big-endian words, each its byte position divided by 4."""
    words = array.array("I", range(start // 4, end // 4))
    if sys.byteorder == "little":
        words.byteswap()
    return words.tobytes()


def make_disk(path):
    """The data disk, without a client: sparse, 2 MiB are written."""
    with open(path, "wb") as f:
        f.truncate(SIZE)
        for start, end in (WORDS, (AT_4G - EDGE, AT_4G + EDGE),
                           (SIZE - EDGE, SIZE)):
            f.seek(start)
            f.write(words_of(start, end))
        f.seek(446)
        f.write(struct.pack("<B3sB3sII", 0x80, b"\xfe\xff\xff", PREP,
                            b"\xfe\xff\xff", PREP_FIRST, PREP_SECTORS))
        f.seek(510)
        f.write(b"\x55\xaa")


class Media:
    """Files in a folder of their own, made anew for each start."""

    def __init__(self, setup, folder):
        self.setup, self.folder = setup, folder
        self.client = read(setup.client)
        self.disk = os.path.join(folder, "disk.img")
        self.disc = os.path.join(folder, "disc.iso")
        if len(self.client) > PREP_SECTORS * SECTOR:
            raise Unusable("%s is larger than the disk's PReP partition"
                           % setup.client)
        make_disk(self.disk)
        self.initrd = os.path.join(folder, "initrd")
        with open(self.initrd, "wb") as f:
            f.write(words_of(0, INITRD))

    def prepare(self, words, from_disk=False):
        """Puts a client with these arguments in its place; returns the files
        for Setup.command(): kernel, initrd, disk, disc."""
        words = ("%s %s" % (words, self.setup.words)).strip()
        client = patched(self.client, words, self.setup.client)
        with open(self.disk, "r+b") as f:
            f.seek(PREP_FIRST * SECTOR)
            f.write(client)
        if from_disk or self.setup.medium == "disk":
            return None, None, self.disk, None
        kernel = os.path.join(self.folder, "client")
        with open(kernel, "wb") as f:
            f.write(client)
        if self.setup.medium == "cd":
            self.make_disc(kernel)
            return None, None, self.disk, self.disc
        return kernel, self.initrd, self.disk, None

    def make_disc(self, client):
        empty = os.path.join(self.folder, "empty")
        os.makedirs(empty, exist_ok=True)
        if not shutil.which("xorriso"):
            raise Unusable("a disc needs xorriso, which is not installed")
        subprocess.run([os.path.join(ROOT, "ci-scripts/make-chrp-iso"),
                        self.disc, client, empty], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
