#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A disk that changes its mind: the back-end of QEMU's device
vhost-user-scsi-pci, with one disk, whose blocks are those of IMAGE when they are
read for the first COUNT times, and then those of OTHER.

    fickle_scsi.py LISTENER IMAGE OTHER COUNT

LISTENER is the descriptor of a socket that QEMU connects to."""
import collections
import socket
import struct
import sys

import slow_scsi


class Disk(slow_scsi.Disk):
    def __init__(self, image, other, count):
        super().__init__(image, 0)
        self.other = open(other, "rb")
        self.count = count
        self.reads = collections.Counter()

    def _block(self, lba):
        self.reads[lba] += 1
        file = self.file if self.reads[lba] <= self.count else self.other
        file.seek(lba * slow_scsi.BLOCK)
        return file.read(slow_scsi.BLOCK)

    def _read(self, cdb):
        lba, count = struct.unpack_from(">2xIxH", cdb)
        return b"".join(self._block(lba + i) for i in range(count))


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as listener:
        qemu, _ = listener.accept()
    slow_scsi.Controller(qemu, Disk(sys.argv[2], sys.argv[3],
                                    int(sys.argv[4]))).run()
