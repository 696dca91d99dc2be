#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A SCSI controller that takes its time: the back-end of QEMU's device
vhost-user-scsi-pci, with one disk, which is target 0, LUN 0.

    slow_scsi.py LISTENER IMAGE SECONDS

LISTENER is the descriptor of a socket that QEMU connects to. The disk answers
REPORT LUNS and INQUIRY after SECONDS, and everything else at once; so do the
targets without a disk. Commands that are in flight together wait together.
With SECONDS below 0, those two are answered at once, and nothing else ever is.

It knows what the firmware uses: five commands on the request queue of a modern
device, without interrupts. It ends with QEMU, and by an exception at what it
does not know.

[QEMU docs/interop/vhost-user.rst; virtio 1.2, 2.7 and 5.6; SPC-4; SBC-3]"""
import heapq
import mmap
import os
import selectors
import socket
import struct
import sys
import time

# vhost-user's requests; they are in the host's byte order.
GET_FEATURES, SET_FEATURES, SET_OWNER, SET_MEM_TABLE = 1, 2, 3, 5
SET_VRING_NUM, SET_VRING_ADDR, SET_VRING_BASE, GET_VRING_BASE = 8, 9, 10, 11
SET_VRING_KICK, SET_VRING_CALL, SET_VRING_ERR = 12, 13, 14
GET_PROTOCOL_FEATURES, SET_PROTOCOL_FEATURES, SET_VRING_ENABLE = 15, 16, 18
# Nothing to do: QEMU enables what it starts, and nobody wants interrupts.
IGNORED = (SET_FEATURES, SET_OWNER, SET_PROTOCOL_FEATURES, SET_VRING_ENABLE,
           SET_VRING_CALL, SET_VRING_ERR)
HEADER = struct.Struct("=III")          # request, flags, size
REPLY = 1 | 4                           # version 1
REGION = struct.Struct("=4Q")           # guest's, size, QEMU's, offset in file
REGIONS_MAX = 8

# VERSION_1 and VHOST_USER_F_PROTOCOL_FEATURES. Without the second, QEMU 7.2
# has no slots for its memory. [hw/virtio/vhost-user.c]
FEATURES, PROTOCOL_FEATURES = 1 << 32 | 1 << 30, 0

REQUEST_QUEUE = 2                       # [virtio 1.2, 5.6.2]
DESC = struct.Struct("<QIHH")           # address, size, flags, next
DESC_NEXT, DESC_WRITE = 1, 2

# virtio_scsi_req_cmd [virtio 1.2, 5.6.6.1]: LUN, CDB; length of the sense
# data (none here), residual, status, response, sense data.
REQUEST = struct.Struct("<8s11x32s")
RESPONSE = struct.Struct("<II2xBB96s")
OK, BAD_TARGET, GOOD = 0, 3, 0

UNIT = bytes((1, 0, 0, 0, 0, 0, 0, 0))  # target 0, LUN 0
BLOCK = 512
TEST_UNIT_READY, INQUIRY, READ_CAPACITY_10, READ_10, REPORT_LUNS = \
    0x00, 0x12, 0x25, 0x28, 0xa0
SLOW = (REPORT_LUNS, INQUIRY)
NEVER = 1e6                             # seconds


class Disk:
    def __init__(self, image, delay):
        self.file = open(image, "rb")
        self.delay = delay
        blocks = os.fstat(self.file.fileno()).st_size // BLOCK
        self.data = {
            TEST_UNIT_READY: b"",
            INQUIRY: struct.pack(">8B8s16s4s", 0, 0, 6, 2, 31, 0, 0, 2,
                                 b"QUOIN   ", b"SLOW DISK       ", b"1   "),
            REPORT_LUNS: struct.pack(">IIQ", 8, 0, 0),
            READ_CAPACITY_10: struct.pack(">II", blocks - 1, BLOCK),
        }

    def _read(self, cdb):
        lba, count = struct.unpack_from(">2xIxH", cdb)
        self.file.seek(lba * BLOCK)
        return self.file.read(count * BLOCK)

    def answer(self, lun, cdb, room):
        """Seconds that a command takes, and all that the device writes for it;
        `room`: bytes for its data."""
        if lun != UNIT:
            return 0, RESPONSE.pack(0, room, GOOD, BAD_TARGET, b"")
        op = cdb[0]
        data = self._read(cdb) if op == READ_10 else self.data[op][:room]
        if self.delay < 0:
            delay = 0 if op in SLOW else NEVER
        else:
            delay = self.delay if op in SLOW else 0
        return delay, RESPONSE.pack(0, room - len(data), GOOD, OK, b"") + data


class Memory:
    """The guest's memory, which QEMU shares."""

    def __init__(self, table, files):
        self.regions = []
        for n, fd in enumerate(files):
            guest, size, qemu, offset = REGION.unpack_from(
                table, 8 + n * REGION.size)
            whole = memoryview(mmap.mmap(fd, offset + size))
            self.regions.append(({"guest": guest, "qemu": qemu},
                                 whole[offset:]))

    def at(self, whose, address, size):
        """Memory at an address of the guest's or of QEMU's."""
        for start, memory in self.regions:
            at = address - start[whose]
            if 0 <= at <= len(memory) - size:
                return memory[at:at + size]
        raise IndexError("no memory at 0x%x+0x%x" % (address, size))


class Queue:
    """A split virtqueue; it is little-endian, and so is the host."""

    def __init__(self):
        self.size = self.seen = 0
        self.memory = self.desc = self.avail = self.used = None
        self.avail_index = self.used_index = None

    def place(self, memory, desc, used, avail):
        self.memory = memory
        self.desc = memory.at("qemu", desc, DESC.size * self.size)
        self.used = memory.at("qemu", used, 4 + 8 * self.size)
        self.avail = memory.at("qemu", avail, 4 + 2 * self.size)
        # The other side looks on; struct would move single bytes.
        self.avail_index = self.avail[2:4].cast("H")
        self.used_index = self.used[2:4].cast("H")

    def _chain(self, index):
        readable, writable, flags = b"", [], DESC_NEXT
        while flags & DESC_NEXT:
            address, size, flags, following = DESC.unpack_from(
                self.desc, DESC.size * index)
            buffer = self.memory.at("guest", address, size)
            if flags & DESC_WRITE:
                writable.append(buffer)
            else:
                readable += buffer
            index = following
        return readable, writable

    def take(self):
        """What is new: head of the chain, bytes to read, buffers to fill."""
        while self.seen != self.avail_index[0]:
            head, = struct.unpack_from("<H", self.avail,
                                       4 + 2 * (self.seen % self.size))
            self.seen = (self.seen + 1) & 0xffff
            yield (head, *self._chain(head))

    def give(self, head, writable, data):
        """Gives a chain back with data in its buffers."""
        at = 0
        for buffer in writable:
            part = data[at:at + len(buffer)]
            buffer[:len(part)] = part
            at += len(part)
        index = self.used_index[0]
        struct.pack_into("<II", self.used, 4 + 8 * (index % self.size),
                         head, at)
        self.used_index[0] = (index + 1) & 0xffff


class Controller:
    def __init__(self, connection, disk):
        self.connection, self.disk = connection, disk
        self.memory, self.queue, self.kick = None, Queue(), None
        self.waiting = []       # heap: (when, head, writable, answer)
        self.events = selectors.DefaultSelector()
        self.events.register(connection, selectors.EVENT_READ)

    def run(self):
        """Serves QEMU until it closes the connection."""
        while True:
            pause = None
            if self.waiting:
                pause = max(0, self.waiting[0][0] - time.monotonic())
            for key, _ in self.events.select(pause):
                if key.fileobj == self.kick:
                    self._commands()
                elif key.fileobj == self.connection and not self._message():
                    return
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                self.queue.give(*heapq.heappop(self.waiting)[1:])

    def _commands(self):
        os.read(self.kick, 8)
        for head, readable, writable in self.queue.take():
            room = sum(map(len, writable)) - RESPONSE.size
            delay, answer = self.disk.answer(*REQUEST.unpack(readable), room)
            heapq.heappush(self.waiting, (time.monotonic() + delay, head,
                                          writable, answer))

    def _message(self):
        """Takes one of QEMU's; returns False when QEMU has gone."""
        header, files, _, _ = socket.recv_fds(self.connection, HEADER.size,
                                              REGIONS_MAX)
        if not header:
            return False
        request, _, size = HEADER.unpack(header)
        data = self.connection.recv(size, socket.MSG_WAITALL) if size else b""
        answer = self._obey(request, data, files)
        if answer:
            self.connection.sendall(HEADER.pack(request, REPLY, len(answer)) +
                                    answer)
        for fd in files:
            if fd != self.kick:
                os.close(fd)
        return True

    def _obey(self, request, data, files):
        if request == GET_FEATURES:
            return struct.pack("=Q", FEATURES)
        if request == GET_PROTOCOL_FEATURES:
            return struct.pack("=Q", PROTOCOL_FEATURES)
        if request == SET_MEM_TABLE:
            self.memory = Memory(data, files)
        elif request not in IGNORED:
            return self._obey_queue(request, data, files)
        return None

    def _obey_queue(self, request, data, files):
        index, number = struct.unpack_from("=II", data)
        assert index == REQUEST_QUEUE, "queue %d, request %d" % (index,
                                                                 request)
        if request == SET_VRING_NUM:
            self.queue.size = number
        elif request == SET_VRING_BASE:
            self.queue.seen = number
        elif request == SET_VRING_ADDR:
            self.queue.place(self.memory, *struct.unpack_from("=8x3Q", data))
        elif request == SET_VRING_KICK:
            self.kick, = files
            self.events.register(self.kick, selectors.EVENT_READ)
        else:
            assert request == GET_VRING_BASE, "request %d" % request
            return struct.pack("=II", index, self._stop())
        return None

    def _stop(self):
        """What is in flight is lost."""
        self.waiting.clear()
        self.events.unregister(self.kick)
        os.close(self.kick)
        self.kick = None
        return self.queue.seen


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as listener:
        qemu, _ = listener.accept()
    Controller(qemu, Disk(sys.argv[2], float(sys.argv[3]))).run()
