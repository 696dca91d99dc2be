# SPDX-License-Identifier: BSD-2-Clause
"""Ethernet frames: making, taking apart, reading a capture file."""
import ipaddress
import struct

BROADCAST = b"\xff" * 6
ARP, IPV4, IPV6, VLAN = 0x806, 0x800, 0x86dd, 0x8100
ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58


def ip(text):
    """An address as bytes."""
    return ipaddress.ip_address(text).packed


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def checksum(data):
    """[RFC 1071]"""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def ethernet(to, source, kind, payload):
    return to + source + struct.pack(">H", kind) + payload


def arp(operation, source_mac, source, target_mac, target):
    """The payload of a frame. [RFC 826]"""
    return struct.pack(">HHBBH", 1, IPV4, 6, 4, operation) + \
        source_mac + source + target_mac + target


def ipv4(source, to, protocol, payload, fragment=0):
    """[RFC 791 3.1]"""
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1,
                       fragment, 64, protocol, 0, source, to)
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    return head + payload


def ipv6(source, to, protocol, payload, hops=64):
    """[RFC 8200 3]"""
    return struct.pack(">IHBB", 6 << 28, len(payload), protocol, hops) + \
        source + to + payload


def pseudo(source, to, protocol, length):
    if len(source) == 4:
        return source + to + struct.pack(">BBH", 0, protocol, length)
    return source + to + struct.pack(">II", length, protocol)


def udp(source, to, source_port, port, payload):
    """A packet of either version."""
    head = struct.pack(">HHHH", source_port, port, 8 + len(payload), 0)
    total = checksum(pseudo(source, to, UDP, len(head) + len(payload)) +
                     head + payload) or 0xffff
    body = head[:6] + struct.pack(">H", total) + payload
    return (ipv4 if len(source) == 4 else ipv6)(source, to, UDP, body)


def icmp6(source, to, kind, code, payload, hops=255):
    body = struct.pack(">BBH", kind, code, 0) + payload
    total = checksum(pseudo(source, to, ICMP6, len(body)) + body)
    return ipv6(source, to, ICMP6,
                body[:2] + struct.pack(">H", total) + body[4:], hops)


def icmp(source, to, kind, code, payload):
    body = struct.pack(">BBH", kind, code, 0) + payload
    return ipv4(source, to, ICMP,
                body[:2] + struct.pack(">H", checksum(body)) + body[4:])


class Packet:
    """A frame taken apart as far as it is understood. kind: "arp", "udp",
    "tcp", "icmp", "icmp6" or ""."""

    def __init__(self, frame, time=0.0):
        self.frame, self.time, self.kind = frame, time, ""
        self.mac_to, self.mac = frame[:6], frame[6:12]
        self.source = self.to = None
        self.payload = frame[14:]
        number = int.from_bytes(frame[12:14], "big")
        if number == ARP:
            self.kind = "arp"
        elif number == IPV4 and len(frame) >= 34:
            self._ipv4(self.payload)
        elif number == IPV6 and len(frame) >= 54:
            self._ipv6(self.payload)

    def _ipv4(self, data):
        head, length = (data[0] & 15) * 4, int.from_bytes(data[2:4], "big")
        self.source, self.to = data[12:16], data[16:20]
        self._transport(data[9], data[head:length])

    def _ipv6(self, data):
        length = int.from_bytes(data[4:6], "big")
        self.source, self.to = data[8:24], data[24:40]
        self._transport(data[6], data[40:40 + length])

    def _transport(self, protocol, data):
        self.payload = data
        if protocol in (UDP, TCP):
            self.kind = "udp" if protocol == UDP else "tcp"
            self.source_port, self.port = struct.unpack(">HH", data[:4])
            if protocol == UDP:
                self.payload = data[8:]
            else:
                self.payload = data[(data[12] >> 4) * 4:]
        elif protocol in (ICMP, ICMP6):
            self.kind = "icmp" if protocol == ICMP else "icmp6"


def captured(path):
    """The packets of a file of QEMU's filter-dump.
    [pcap: a header of 24 bytes, of 16 before each frame]"""
    with open(path, "rb") as f:
        data = f.read()
    at, packets = 24, []
    while at + 16 <= len(data):
        seconds, micro, length, _ = struct.unpack("=IIII", data[at:at + 16])
        packets.append(Packet(data[at + 16:at + 16 + length],
                              seconds + micro / 1e6))
        at += 16 + length
    return packets


class Capture:
    """Writes such a file."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self.file.write(struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0,
                                    1 << 18, 1))

    def add(self, frame, now):
        self.file.write(struct.pack("=IIII", int(now), int(now % 1 * 1e6),
                                    len(frame), len(frame)) + frame)

    def close(self):
        self.file.close()


def options(data):
    """DHCPv4 options of a packet from its cookie on: {code: value}; equal
    ones are joined. [RFC 2132, RFC 3396]"""
    found, at = {}, 240
    while at < len(data) and data[at] != 255:
        if data[at] == 0:
            at += 1
            continue
        length = data[at + 1]
        found[data[at]] = found.get(data[at], b"") + data[at + 2:at + 2 + length]
        at += 2 + length
    return found


def options6(data):
    """DHCPv6 options: {code: value}. [RFC 8415 21.1]"""
    found, at = {}, 0
    while at + 4 <= len(data):
        code, length = struct.unpack(">HH", data[at:at + 4])
        found[code] = data[at + 4:at + 4 + length]
        at += 4 + length
    return found


def option(code, value):
    """One of DHCPv4, value: bytes, text or an address."""
    if isinstance(value, str):
        value = value.encode()
    return bytes([code, len(value)]) + value


def option6(code, value):
    return struct.pack(">HH", code, len(value)) + value
