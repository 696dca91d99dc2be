# SPDX-License-Identifier: BSD-2-Clause
"""Servers of netpeer.Peer that can be told to misbehave: DHCP of both versions,
TFTP."""
import math
import random
import struct
import threading
import time

import frames
import machine
import netpeer
from frames import option, option6

DISCOVER, OFFER, REQUEST, ACK, NAK = 1, 2, 3, 5, 6
COOKIE = bytes((99, 130, 83, 99))


class Dhcp4:
    """fields: siaddr, file, sname, yiaddr; options: [(code, value)] besides
    message type and server. [RFC 2131]
    ignore: so many requests get no answer; naks: so many REQUESTs a NAK;
    types: send option 53, else it is BOOTP; server_id: send option 54;
    overload: put the last options into these: 1 file, 2 sname, 3 both."""

    def __init__(self, file="", options=(), ignore=0, naks=0, types=True,
                 server_id=True, overload=0, silent=False, **fields):
        self.file, self.ignore, self.naks = file.encode(), ignore, naks
        given = {code for code, _ in options}
        self.options = [o for o in (
            (1, netpeer.MASK), (3, netpeer.ROUTER),
            (51, struct.pack(">I", 3600))) if o[0] not in given]
        self.options += options
        self.types, self.server_id = types, server_id
        self.overload, self.silent = overload, silent
        self.fields = dict({"siaddr": netpeer.ADDRESS, "sname": b"",
                            "yiaddr": netpeer.GUEST}, **fields)
        self.requests = []

    def receive(self, peer, packet):
        asked = frames.options(packet.payload)
        self.requests.append((packet, asked))
        if self.silent or len(self.requests) <= self.ignore:
            return
        kind = (asked.get(53) or b"\0")[0]
        peer.answer(packet, 67, self.reply(packet.payload, kind),
                    self.to(packet), self.mac_to(packet))

    def to(self, packet):
        """To a broadcast address if the client asks for it."""
        if packet.payload[10] & 0x80:
            return b"\xff" * 4
        return self.fields["yiaddr"]

    def mac_to(self, packet):
        if packet.payload[10] & 0x80:
            return frames.BROADCAST
        return packet.mac

    def reply(self, request, kind):
        answer, given = {DISCOVER: OFFER}.get(kind, ACK), self.fields["yiaddr"]
        if kind == REQUEST and self.naks:
            self.naks -= 1
            answer, given = NAK, b"\0" * 4
        options, file, sname = self.areas(answer)
        head = b"\2" + request[1:4] + request[4:8] + b"\0\0" + request[10:12]
        head += b"\0" * 4 + given + self.fields["siaddr"] + b"\0" * 4
        return head + request[28:44] + sname.ljust(64, b"\0") + \
            file.ljust(128, b"\0") + COOKIE + options

    def areas(self, answer):
        """The options, the fields file and sname."""
        first = option(53, bytes([answer])) if self.types else b""
        if self.server_id:
            first += option(54, netpeer.ADDRESS)
        if answer == NAK:
            return first + b"\xff", b"", b""
        rest = [option(*o) for o in self.options]
        if not self.overload:
            return first + b"".join(rest) + b"\xff", self.file, \
                self.fields["sname"]
        first += option(52, bytes([self.overload]))
        fields = {1: [b"\xff", self.fields["sname"]],
                  2: [self.file, b"\xff"], 3: [b"\xff", b"\xff"]}
        file, sname = fields[self.overload]
        if self.overload & 1:
            file = rest.pop() + b"\xff"
        if self.overload & 2:
            sname = rest.pop() + b"\xff"
        return first + b"".join(rest) + b"\xff", file, sname


class Dhcp6:
    """url: of option 59; address: gives one, if asked for. [RFC 8415, 5970]"""
    SERVER = b"\0\3\0\1" + netpeer.MAC

    def __init__(self, url, params=(), address=None, status=None):
        self.url, self.params = url.encode(), params
        self.address, self.status = address, status
        self.requests = []

    def receive(self, peer, packet):
        kind, asked = packet.payload[0], frames.options6(packet.payload[4:])
        self.requests.append((kind, asked))
        answer = {1: 2, 3: 7, 11: 7}.get(kind)
        if not answer:
            return
        body = bytes([answer]) + packet.payload[1:4]
        body += option6(1, asked[1]) + option6(2, self.SERVER)
        body += option6(59, self.url)
        if self.params:
            body += option6(60, b"".join(
                struct.pack(">H", len(p)) + p.encode() for p in self.params))
        if 3 in asked:
            body += self.association(asked[3])
        peer.answer(packet, 547, body)

    def association(self, asked):
        """IA_NA with an address, or with a reason. [RFC 8415 21.4, 21.13]"""
        if self.address is None:
            return option6(3, asked[:12] + option6(
                13, b"\0\2" + b"none left\x1b[31m"))
        inside = option6(5, self.address + struct.pack(">II", 3600, 7200))
        return option6(3, asked[:12] + inside)


class Transfer:
    """Of one file, to one client. [RFC 1350, 2347, 2348, 2349, 7440]"""

    def __init__(self, server, packet, data, agreed):
        self.server, self.packet, self.data = server, packet, data
        self.port = server.random.randrange(20000, 60000)
        self.size = int(agreed.get("blksize", 512))
        self.window = int(agreed.get("windowsize", 1))
        self.last = math.inf if server.endless else len(data) // self.size + 1
        self.highest = len(data) // self.size
        self.oack = b"\0\6" + b"".join(
            k.encode() + b"\0" + str(v).encode() + b"\0"
            for k, v in agreed.items()) if agreed else None
        self.acked = -1 if self.oack else 0
        self.sent_at, self.tries, self.done = 0.0, 0, False

    def block(self, number):
        at = (number - 1) * self.size
        data = self.data[at:at + self.size]
        if number < self.last:
            data = data.ljust(self.size, b"\0")
        return struct.pack(">HH", 3, number & 0xffff) + data

    def send(self, peer):
        """OACK, or the window after the last block that has arrived."""
        self.sent_at = time.monotonic()
        if self.acked < 0:
            peer.answer(self.packet, self.port, self.oack)
            return
        if not self.server.endless:
            self.last = min(self.last, self.highest + 1)
        end = min(self.acked + self.window, self.last)
        self.highest = max(self.highest, end)
        for number in range(self.acked + 1, end + 1):
            if self.server.stops_after is not None and \
                    number > self.server.stops_after:
                return
            peer.answer(self.packet, self.port, self.block(number))

    def receive(self, peer, packet):
        code, number = struct.unpack(">HH", packet.payload[:4])
        if code == 5:
            self.done = True
            with self.server.news:
                self.server.aborts.append(packet.payload[2:])
                self.server.news.notify_all()
        if code != 4 or self.done:
            return
        # The number's upper half is that of a block near the last one.
        near = max(self.acked, 0)
        full = near + ((number - near + 0x8000) & 0xffff) - 0x8000
        if full < max(self.acked, 0) or (full == self.acked and
                                         full == self.last):
            return
        if full > self.acked:
            self.tries = 0
        elif self.acked == full and not self.server.rewinds:
            return
        with self.server.news:
            self.acked = full
            self.server.news.notify_all()
        if full >= self.last:
            self.done = True
        else:
            self.send(peer)

    def tick(self, peer, now):
        if not self.done and now - self.sent_at > self.server.timeout:
            self.tries += 1
            self.done = self.tries > 20
            if not self.done:
                self.send(peer)


class Tftp:
    """files: {name: bytes}. known: options that it understands, and the most
    of each. errors: {name: (code, text)}. endless: after each file come zeros,
    and nobody knows its size, until enough(). stops_after: the last block that
    it sends, ever. size_lie: added to what it says of a file's size.
    raw: function(packet): instead, payloads to send from a port of their
    own."""

    def __init__(self, files=(), known=None, errors=(), seed=1, timeout=0.5,
                 raw=None, endless=False):
        self.files, self.errors = dict(files), dict(errors)
        self.known = {"tsize": None, "blksize": 65464, "windowsize": 64} \
            if known is None else known
        self.random, self.timeout = random.Random(seed), timeout
        self.stops_after, self.rewinds, self.raw = None, True, raw
        self.transfers, self.requests, self.aborts = [], [], []
        self.size_lie, self.endless = 0, endless
        self.news = threading.Condition()

    def wait(self, question):
        """Until a transfer's news answer it with yes."""
        with self.news:
            assert self.news.wait_for(question, machine.TIMEOUT), \
                "nothing is transferred"

    def reached(self, block, transfers=1):
        """Waits until the client of the last of so many has that block."""
        self.wait(lambda: len(self.transfers) == transfers and
                  self.transfers[-1].acked >= block)

    def enough(self):
        """The next block of each endless transfer is its last."""
        self.endless = False

    def receive(self, peer, packet):
        words = packet.payload[2:].split(b"\0")
        name, wanted = words[0].decode("latin-1"), {}
        for at in range(2, len(words) - 1, 2):
            wanted[words[at].decode().lower()] = words[at + 1].decode()
        self.requests.append((name, wanted))
        if self.raw:
            for payload in self.raw(packet):
                peer.answer(packet, 20069, payload)
        elif name in self.errors or name not in self.files:
            code, text = self.errors.get(name, (1, b"File not found"))
            peer.answer(packet, 20069, struct.pack(">HH", 5, code) + text +
                        b"\0")
        else:
            self.begin(peer, packet, self.files[name], wanted)

    def begin(self, peer, packet, data, wanted):
        agreed = {}
        for name, value in wanted.items():
            if name == "tsize" and self.endless:
                continue
            if name == "tsize" and name in self.known:
                agreed[name] = len(data) + self.size_lie
            elif name in self.known:
                agreed[name] = min(int(value), self.known[name])
        transfer = Transfer(self, packet, data, agreed)
        peer.udp[transfer.port] = transfer.receive
        self.transfers.append(transfer)
        transfer.send(peer)

    def tick(self, peer):
        now = time.monotonic()
        for transfer in self.transfers:
            transfer.tick(peer, now)
