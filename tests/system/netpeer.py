# SPDX-License-Identifier: BSD-2-Clause
"""A network of one host, in a thread of the test: it gets each frame that the
guest sends, and answers as the test wants it to.
[QEMU -netdev dgram: a datagram is a frame]"""
import os
import random
import select
import socket
import tempfile
import threading
import time

import frames
import machine
from frames import Packet, ip, mac

MAC = mac("02:00:00:00:00:01")
ADDRESS, MASK, ROUTER = ip("10.1.0.1"), ip("255.255.255.0"), ip("10.1.0.1")
GUEST = ip("10.1.0.9")
LINK_LOCAL, ADDRESS6 = ip("fe80::1"), ip("fd00:1::1")
PREFIX = ip("fd00:1::")
ALL_NODES = ip("ff02::1")


# Seconds that a guest may take no frame.
PATIENCE = 2


class Faults:
    """What becomes of frames on the wire, the same for the same seed: some
    are lost, come twice, or after the next one. DHCP, ARP and NDP are spared,
    whose repetitions take seconds."""

    def __init__(self, seed, loss=0.0, repeat=0.0, reorder=0.0):
        self.random = random.Random(seed)
        self.loss, self.repeat, self.reorder = loss, repeat, reorder
        self.held = None
        self.counts = {"lost": 0, "repeated": 0, "reordered": 0}

    def spared(self, frame):
        packet = Packet(frame)
        return packet.kind not in ("udp", "tcp") or \
            {packet.port, packet.source_port} & {67, 68, 546, 547}

    def __call__(self, frame):
        """The frames to pass on instead."""
        if self.spared(frame):
            return [frame]
        out = self.choose(frame)
        if self.held and out:
            out.append(self.held)
            self.held = None
        return out

    def choose(self, frame):
        dice = self.random.random()
        if dice < self.loss:
            self.counts["lost"] += 1
            return []
        if dice < self.loss + self.repeat:
            self.counts["repeated"] += 1
            return [frame, frame]
        if dice < self.loss + self.repeat + self.reorder and not self.held:
            self.counts["reordered"] += 1
            self.held = frame
            return []
        return [frame]


class Wire:
    """The other end of the guest's cable. receive(frame) and tick() of a
    subclass are called in the thread."""

    def __init__(self, name="peer", to_guest=None, from_guest=None):
        """to_guest, from_guest: Faults, or a function as it."""
        self.folder = tempfile.TemporaryDirectory(prefix="quoin-net-")
        self.to_guest = to_guest or (lambda frame: [frame])
        self.from_guest = from_guest or (lambda frame: [frame])
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self.patience = PATIENCE
        self.socket.bind(os.path.join(self.folder.name, "peer"))
        self.machines = 0
        self.guest = None
        self.closing = False
        self.error = None
        os.makedirs(machine.LOG_DIR, exist_ok=True)
        self.capture = frames.Capture(
            os.path.join(machine.LOG_DIR, name + ".pcap"))
        self.thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self.thread.start()
        return self

    def netdev(self, ident="n0"):
        """QEMU's option; for another machine at each call."""
        self.machines += 1
        at = self.folder.name
        return ["-netdev", "dgram,id=%s,local.type=unix,local.path=%s/%d,"
                "remote.type=unix,remote.path=%s/peer" %
                (ident, at, self.machines, at)]

    def send(self, *sent):
        """Frames, to the machine that has sent the last one."""
        for frame in sent:
            for changed in self.to_guest(frame):
                self.capture.add(changed, time.time())
                self._send(changed)

    def _send(self, frame):
        """A guest that has been busy for long loses frames, as with a cable."""
        self.socket.settimeout(self.patience)
        try:
            self.socket.sendto(frame, self.guest)
            self.patience = PATIENCE
        except (TimeoutError, BlockingIOError):
            self.patience = 0
        except (OSError, TypeError):
            pass        # QEMU has ended, or has never said a word
        finally:
            self.socket.settimeout(None)

    def sources(self):
        """Other files to wait for: {file: function}."""
        return {}

    def _run(self):
        others = self.sources()
        while not self.closing:
            ready = select.select([self.socket] + list(others), [], [], 0.02)[0]
            try:
                for file in ready:
                    if file is self.socket:
                        self._receive()
                    else:
                        others[file]()
                self.tick()
            except Exception as error:  # shown by close()
                self.error = self.error or error

    def _receive(self):
        frame, self.guest = self.socket.recvfrom(1 << 18)
        for changed in self.from_guest(frame):
            self.capture.add(changed, time.time())
            self.receive(changed)

    def receive(self, frame):
        pass

    def tick(self):
        pass

    def close(self):
        self.closing = True
        if self.thread.ident:
            self.thread.join()
        self.socket.close()
        self.capture.close()
        self.folder.cleanup()
        if self.error:
            raise self.error


class Peer(Wire):
    """A host with servers: udp[port] is a function(peer, packet)."""

    def __init__(self, name="peer", **named):
        super().__init__(name, **named)
        self.udp, self.tickers = {}, []
        self.addresses = {ADDRESS, LINK_LOCAL, ADDRESS6}
        self.answers_arp = True
        self.router = None      # function(): a router advertisement
        self.packets = []       # all that has come
        self.before = None      # function(frame): frames to send before it

    def serve(self, port, server):
        self.udp[port] = server.receive
        if hasattr(server, "tick"):
            self.tickers.append(server.tick)
        return server

    def receive(self, frame):
        packet = Packet(frame)
        self.packets.append(packet)
        if packet.kind == "arp":
            self._arp(packet)
        elif packet.kind == "icmp6":
            self._icmp6(packet)
        elif packet.kind == "icmp" and packet.payload[:1] == b"\x08":
            self.send(frames.ethernet(packet.mac, MAC, frames.IPV4, frames.icmp(
                packet.to, packet.source, 0, 0, packet.payload[4:])))
        elif packet.kind == "udp" and packet.port in self.udp:
            self.udp[packet.port](self, packet)

    def tick(self):
        for tick in self.tickers:
            tick(self)

    def answer(self, packet, port, payload, to=None, mac_to=None):
        """A datagram to the sender of a packet."""
        to = to or packet.source
        own = packet.to if packet.to in self.addresses else (
            ADDRESS if len(to) == 4 else LINK_LOCAL)
        kind = frames.IPV4 if len(to) == 4 else frames.IPV6
        frame = frames.ethernet(mac_to or packet.mac, MAC, kind, frames.udp(
            own, to, port, packet.source_port, payload))
        if self.before:
            self.send(*self.before(frame))
        self.send(frame)

    def _arp(self, packet):
        operation, asked = packet.payload[6:8], packet.payload[24:28]
        if operation == b"\0\1" and asked in self.addresses and \
                self.answers_arp:
            self.send(frames.ethernet(packet.mac, MAC, frames.ARP, frames.arp(
                2, MAC, asked, packet.mac, packet.payload[14:18])))

    def _icmp6(self, packet):
        kind, asked = packet.payload[0], packet.payload[8:24]
        if kind == 133 and self.router:
            self.send(frames.ethernet(mac("33:33:00:00:00:01"), MAC,
                                      frames.IPV6, self.router()))
        elif kind == 135 and asked in self.addresses and self.answers_arp:
            # An advertisement: router, solicited, override. [RFC 4861 4.4]
            self.send(frames.ethernet(
                packet.mac, MAC, frames.IPV6, frames.icmp6(
                    asked, packet.source, 136, 0,
                    b"\xe0\0\0\0" + asked + b"\2\1" + MAC)))
        elif kind == 128:
            self.send(frames.ethernet(
                packet.mac, MAC, frames.IPV6, frames.icmp6(
                    packet.to, packet.source, 129, 0, packet.payload[4:])))


def advertisement(managed=False, other=False, prefix=PREFIX, length=64,
                  lifetime=1800, more=b""):
    """A router advertisement with one prefix. [RFC 4861 4.2, 4.6.2]"""
    flags = (0x80 if managed else 0) | (0x40 if other else 0)
    head = bytes([64, flags]) + lifetime.to_bytes(2, "big") + b"\0" * 8
    about = bytes([3, 4, length, 0xc0]) + b"\0\1\0\0" * 2 + b"\0" * 4 + prefix
    return frames.icmp6(LINK_LOCAL, ALL_NODES, 134, 0,
                        head + b"\1\1" + MAC + about + more)
