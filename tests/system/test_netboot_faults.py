# SPDX-License-Identifier: BSD-2-Clause
"""Networks and servers that misbehave, and machines that are reset, migrated or
unplugged in mid-transfer: the boot goes on, or a reason is told."""
import random
import re
import time

import pytest

import frames
import images
import machine
import netpeer
import netservers
import netuser
from frames import ARP, BROADCAST, IPV4, IPV6, VLAN, ip, mac

PROMPT = r"0 > "
STAMP = r"STAMP timebase [0-9a-f]{16}"

OWN = mac("52:54:00:12:34:56")


def client(kib=0):
    """kib: with so many KiB of noise after it."""
    with open(images.guest("stamp.be32"), "rb") as f:
        return f.read() + random.Random(7).randbytes(kib << 10)


def on_ipv6(peer):
    peer.router = netpeer.advertisement
    peer.serve(547, netservers.Dhcp6("tftp://[fd00:1::1]/client"))


@pytest.fixture
def network(ends, request):
    """network(...) starts a peer with DHCP and TFTP."""
    def start(data=None, dhcp=None, tftp=None, change=None, **named):
        name = re.sub(r"[^A-Za-z0-9_.-]+", "-", request.node.name).strip("-")
        peer = ends(netpeer.Peer(name, **named))
        if dhcp != "none":
            peer.dhcp = peer.serve(67, dhcp or netservers.Dhcp4("client"))
        peer.tftp = peer.serve(69, tftp or netservers.Tftp(
            {"client": data or client()}))
        if change:
            change(peer)
        return peer.start()
    return start


def start(boot, peer, card="virtio-net", *options, **named):
    return boot("-boot", "n", *peer.netdev(), *netuser.card(card), *options,
                **named)


FAULTS = {"loss 1 %": dict(loss=0.01), "loss 5 %": dict(loss=0.05),
          "repeat": dict(repeat=0.3), "reorder": dict(reorder=0.2),
          "all": dict(loss=0.02, repeat=0.1, reorder=0.1)}


@pytest.mark.parametrize("faults", FAULTS)
@pytest.mark.parametrize("card", ("virtio-net", "spapr-vlan", "e1000"))
def test_frames_that_are_lost_or_in_disorder_are_made_up_for(boot, network,
                                                             card, faults):
    lossy = netpeer.Faults(1, **FAULTS[faults])
    peer = network(client(600), to_guest=lossy,
                   tftp=netservers.Tftp({"client": client(600)}, timeout=0.1),
                   from_guest=netpeer.Faults(2, **FAULTS[faults]))
    vm = start(boot, peer, card)
    vm.expect(STAMP)
    assert any(lossy.counts.values())
    assert "blksize 1428 x 16" in vm.output()


KNOWN = {"none": {}, "blksize": {"blksize": 65464}, "tsize": {"tsize": None},
         "window": {"windowsize": 8},
         "small": {"blksize": 100, "windowsize": 3, "tsize": None}}


@pytest.mark.parametrize("known", KNOWN)
def test_servers_that_know_few_options_are_understood(boot, network, known):
    peer = network(tftp=netservers.Tftp({"client": client(100)},
                                        known=KNOWN[known]))
    vm = start(boot, peer, "spapr-vlan")
    vm.expect(STAMP)


@pytest.mark.parametrize("code", (0, 4, 8))
def test_server_that_dislikes_options_is_asked_again(boot, network, code):
    class Dislikes(netservers.Tftp):
        def receive(self, peer, packet):
            wants = b"windowsize" in packet.payload
            self.errors = {"client": (code, b"no")} if wants else {}
            super().receive(peer, packet)
    peer = network(tftp=Dislikes({"client": client()}))
    vm = start(boot, peer)
    vm.expect(STAMP)
    assert len(peer.tftp.requests) > 1


@pytest.mark.parametrize("card", netuser.CARDS)
def test_ipv6_boots_from_a_peer(boot, network, card):
    peer = network(dhcp="none", change=on_ipv6)
    vm = start(boot, peer, card)
    vm.expect(r"Using IPv6 address: fd00:1::")
    vm.expect(STAMP)


def test_managed_ipv6_gets_its_address_from_the_server(boot, network):
    def change(peer):
        on_ipv6(peer)
        peer.router = lambda: netpeer.advertisement(managed=True)
        peer.serve(547, netservers.Dhcp6("tftp://[fd00:1::1]/client",
                                         ["first", "return=3"],
                                         ip("fd00:1::77")))
    peer = network(dhcp="none", change=change)
    vm = start(boot, peer)
    vm.expect(r"Using IPv6 address: fd00:1::77\r")
    vm.expect(r"ARGUMENTS first return=3\r")
    assert {p.source for p in peer.packets
            if p.kind == "udp" and p.port == 69} == {ip("fd00:1::77")}


@pytest.mark.parametrize("first", ("router", "server"))
def test_router_that_is_late_is_obeyed(boot, network, first):
    """Its M bit comes just before or after an answer without an address."""
    class Late(netservers.Dhcp6):
        def receive(self, peer, packet):
            router = frames.ethernet(mac("33:33:00:00:00:01"), netpeer.MAC,
                                     IPV6, netpeer.advertisement(managed=True))
            late = not self.requests
            if late and first == "router":
                peer.send(router)
            super().receive(peer, packet)
            if late and first == "server":
                peer.send(router)

    def change(peer):
        peer.dhcp6 = peer.serve(547, Late("tftp://[fd00:1::1]/client",
                                          address=ip("fd00:1::77")))
    peer = network(dhcp="none", change=change)
    vm = start(boot, peer)
    vm.expect(r"Using IPv6 address: fd00:1::77\r")
    vm.expect(STAMP)
    # Information-request, Solicit, Request. [RFC 8415 7.3]
    assert list(dict(peer.dhcp6.requests)) == [11, 1, 3]


def test_server_without_addresses_is_told(boot, network):
    def change(peer):
        on_ipv6(peer)
        peer.router = lambda: netpeer.advertisement(managed=True)
        peer.serve(547, netservers.Dhcp6("tftp://[fd00:1::1]/client"))
    vm = start(boot, network(dhcp="none", change=change), "virtio-net",
               "-prom-env", "boot-command=boot net:ipv6")
    vm.expect(r"E3001: [^\r\n]*none left\\x1b\[31m")
    vm.expect(PROMPT)


DHCP = {
    "bootp": dict(types=False, server_id=False),
    "bootp server": dict(types=False, server_id=False),
    "no server": dict(server_id=False),
    "one NAK": dict(naks=1), "first is lost": dict(ignore=1),
    "overload file": dict(options=[(67, "client"), (17, "/x")], overload=1),
    "overload sname": dict(options=[(67, "client")], overload=2),
    "overload both": dict(options=[(17, "/x"), (67, "client")], overload=3),
    "option 67": dict(options=[(67, b"client\0")]),
    "split 67": dict(options=[(67, "cli"), (67, "ent")]),
    "option 66": dict(options=[(66, "10.1.0.1")], siaddr=bytes(4)),
    "option 150": dict(options=[(150, netpeer.ADDRESS)], siaddr=bytes(4)),
    "option 54": dict(siaddr=bytes(4)),
    "sname": dict(sname=b"10.1.0.1", siaddr=bytes(4)),
    "pads": dict(options=[(0, b"")] * 9),
    "mtu": dict(options=[(26, b"\x02\x40")]),
    "URL": dict(options=[(67, "tftp://10.1.0.1/client")]),
    "https client": dict(options=[(60, "HTTPClient")])}


@pytest.mark.parametrize("kind", DHCP)
def test_dhcp_servers_of_other_manners_are_understood(boot, network, kind):
    changes = dict(DHCP[kind])
    codes = {code for code, _ in changes.get("options", ())}
    file = "" if 67 in codes else "client"
    peer = network(dhcp=netservers.Dhcp4(file, **changes))
    keyword = ["-prom-env", "boot-command=boot net:bootp"] \
        if kind == "bootp server" else []
    vm = start(boot, peer, "virtio-net", *keyword)
    vm.expect(STAMP)


def test_server_is_asked_for_what_is_needed(boot, network):
    """Architecture and options also in DISCOVER. [RFC 4578, RFC 5071]"""
    peer = network()
    vm = start(boot, peer, "virtio-net", "-uuid",
               "01234567-89ab-cdef-0123-456789abcdef")
    vm.expect(STAMP)
    for _, asked in peer.dhcp.requests[:2]:
        assert asked[93] == b"\0\x0c"
        assert asked[97] == b"\0" + bytes.fromhex(
            "0123456789abcdef0123456789abcdef")
        assert {1, 3, 6, 12, 15, 17, 26, 66, 67, 209, 210} <= set(asked[55])
        assert 60 not in asked and 61 not in asked
    name, wanted = peer.tftp.requests[0]
    assert name == "client" and wanted["windowsize"] == "16" and \
        wanted["tsize"] == "0" and wanted["blksize"] == "1428"


def hostile_frames():
    """What nobody may stumble over."""
    m, a, g = netpeer.MAC, netpeer.ADDRESS, netpeer.GUEST
    whole = frames.udp(a, g, 69, 68, b"x" * 50)
    # An empty one would end QEMU's connection. [QEMU net/dgram.c]
    yield from (b"\xff", b"\xff" * 13, BROADCAST + m + b"\x08\x00",
                BROADCAST + m + b"\x08\x06" + bytes(27))
    for size in (1515, 3000, 9000, 65000, 69632):
        yield frames.ethernet(BROADCAST, m, 0x9000, bytes(size - 14))
        yield frames.ethernet(OWN, m, IPV4, frames.ipv4(
            a, g, 17, bytes(min(size, 65000))))
    yield frames.ethernet(OWN, OWN, IPV4, whole)
    yield frames.ethernet(OWN, BROADCAST, IPV4, whole)
    yield frames.ethernet(mac("00:11:22:33:44:55"), m, IPV4, whole)
    yield frames.ethernet(OWN, m, VLAN, b"\0\5\x08\0" + whole)
    yield frames.ethernet(OWN, m, VLAN, b"\x20\0\x08\0" + whole)
    # Header lengths, total lengths, check sums, versions.
    for at, value in ((0, 0x44), (0, 0x4f), (0, 0x65), (2, 0xff), (2, 0),
                      (10, 1), (12, 127), (12, 224)):
        yield frames.ethernet(OWN, m, IPV4,
                              whole[:at] + bytes([value]) + whole[at + 1:])
    for fragment in (0x2000, 1, 0x1fff):
        yield frames.ethernet(OWN, m, IPV4,
                              frames.ipv4(a, g, 17, bytes(100), fragment))
    # UDP lengths.
    for length in (0, 7, 9, 0xffff):
        yield frames.ethernet(OWN, m, IPV4, frames.ipv4(
            a, g, 17, b"\0\x45\0\x44" + length.to_bytes(2, "big") + b"\0\0"))
    # ARP: odd lengths, other types; an answer that nobody has asked for.
    answer = frames.arp(2, m, ip("10.1.0.99"), OWN, g)
    yield frames.ethernet(OWN, m, ARP, answer)
    for at, value in ((4, 0), (5, 16), (0, 9), (6, 7)):
        yield frames.ethernet(OWN, m, ARP,
                              answer[:at] + bytes([value]) + answer[at + 1:])
    # ICMP: a redirect, an error about half a header, a long echo.
    yield frames.ethernet(OWN, m, IPV4, frames.icmp(a, g, 5, 1, bytes(20)))
    yield frames.ethernet(OWN, m, IPV4, frames.icmp(a, g, 3, 3, bytes(9)))
    yield frames.ethernet(OWN, m, IPV4, frames.icmp(a, g, 8, 0, bytes(1400)))
    yield from hostile_ipv6(m)
    # TCP: a SYN and a RST for nobody, odd options.
    for flags in (2, 4, 0x12):
        yield frames.ethernet(OWN, m, IPV4, frames.ipv4(
            a, g, 6, b"\0\x50\x40\0" + bytes(8) + bytes([0x60, flags]) +
            bytes(6) + b"\2\0\3\xff"))


def hostile_ipv6(m):
    link, guest = netpeer.LINK_LOCAL, ip("fe80::5054:ff:fe12:3456")
    to = mac("33:33:00:00:00:01")
    for option in (b"\3\0" + bytes(30), b"\1\0", b"\5\1" + bytes(6),
                   b"\x19\3" + bytes(6), b"\x03\x04\xc8\xc0" + bytes(28),
                   b"\x05\x01\0\0\0\0\0\1", b"\x18\x03" + bytes(22)):
        yield frames.ethernet(to, m, IPV6, netpeer.advertisement(
            lifetime=0, more=option))
    yield frames.ethernet(to, m, IPV6, frames.icmp6(
        ip("fd00:1::1"), netpeer.ALL_NODES, 134, 0, bytes(12)))
    yield frames.ethernet(OWN, m, IPV6, frames.icmp6(
        link, guest, 137, 0, bytes(36) + b"\4\0"))
    # A chain of options headers, the last with padding past its end.
    chain = b"\x3c\0\1\4\0\0\0\0" * 50 + b"\x11\0\1\xff\0\0\0\0"
    yield frames.ethernet(OWN, m, IPV6,
                          frames.ipv6(link, guest, 60, chain))
    yield frames.ethernet(OWN, m, IPV6, frames.ipv6(
        link, guest, 44, b"\x11\0\0\1\0\0\0\1" + bytes(32)))


@pytest.mark.parametrize("card", netuser.CARDS)
def test_hostile_frames_before_every_answer_change_nothing(boot, network,
                                                           card):
    """Also those that are larger than any buffer of a card."""
    hostile, turn = list(hostile_frames()), [0]

    def some(_):
        turn[0] += 1
        at = turn[0] * 8 % len(hostile)
        return hostile[at:at + 8]
    peer = network(client(40))
    peer.before = some
    vm = start(boot, peer, card)
    vm.expect(STAMP)
    assert turn[0] > len(hostile) / 8
    assert "E30" not in vm.output()


def test_strangers_do_not_disturb_a_transfer(boot, network):
    """Data and errors from another port and from another host."""
    peer = network(client(100))

    def strangers(frame):
        packet = frames.Packet(frame)
        # The first answer decides whose transfer it is. [RFC 1350 4]
        if packet.kind != "udp" or packet.source_port == 67 or \
                not peer.tftp.transfers or \
                peer.tftp.transfers[0].acked < 1:
            return []
        return [frames.ethernet(OWN, netpeer.MAC, IPV4, frames.udp(
            source, netpeer.GUEST, port, packet.port, payload))
            for source, port in ((netpeer.ADDRESS, 3),
                                 (ip("10.1.0.66"), packet.source_port))
            for payload in (b"\0\5\0\1gone\0", b"\0\3\0\1bad")]
    peer.before = strangers
    vm = start(boot, peer)
    vm.expect(STAMP)


@pytest.fixture
def endless(network):
    """A peer whose file ends no sooner than the test wants it to: what happens
    in mid-transfer does so however fast the host is."""
    return network(tftp=netservers.Tftp({"client": client()}, endless=True))


@pytest.mark.parametrize("card", netuser.CARDS)
def test_reset_in_mid_transfer_is_survived(boot, endless, card):
    """Nothing that comes late may be written to the new firmware's memory."""
    vm = start(boot, endless, card)
    endless.tftp.reached(40)
    vm.qmp("system_reset")
    vm.expect(r"Initializing NIC")
    endless.tftp.reached(40, transfers=2)
    endless.tftp.enough()
    vm.expect(STAMP)


def stop_awake(vm):
    """Stops a machine that does not sleep: QEMU before 8.2 loses the
    decrementer, which would wake it, in a migration with TCG."""
    end = time.monotonic() + machine.TIMEOUT
    while True:
        vm.qmp("stop")
        left = re.search(r"DECR (\d+)", vm.monitor("info registers"))
        if 1 << 24 < int(left.group(1)) < 1 << 31:
            return
        vm.qmp("cont")
        assert time.monotonic() < end, "the guest always sleeps"


def until(question):
    end = time.monotonic() + machine.TIMEOUT
    while not question():
        assert time.monotonic() < end


@pytest.mark.parametrize("card", netuser.CARDS)
def test_migration_in_mid_transfer_goes_on(boot, endless, card):
    vm = start(boot, endless, card)
    to = start(boot, endless, card, "-incoming", "defer")
    endless.tftp.reached(40)
    stop_awake(vm)
    uri = "unix:" + to.folder.name + "/migration"
    assert to.qmp("migrate-incoming", uri=uri) == {}
    assert vm.qmp("migrate", uri=uri) == {}
    until(lambda: to.qmp("query-status")["status"] == "paused")
    before = endless.tftp.transfers[0].acked
    to.qmp("cont")
    endless.tftp.reached(before + 40)
    endless.tftp.enough()
    to.expect(STAMP)


@pytest.mark.parametrize("card", ("virtio-net", "e1000"))
def test_link_that_goes_down_in_mid_transfer_is_told(boot, endless, card):
    vm = boot("-boot", "n", *endless.netdev(), *netuser.card(card, "id=nic"))
    endless.tftp.reached(40)
    vm.qmp("set_link", name="nic", up=False)
    vm.expect(r"E3015: [^\r\n]*the link went down\r", 10)
    vm.expect(PROMPT)


def test_escape_ends_a_transfer_and_tells_the_server(boot, endless):
    vm = start(boot, endless)
    endless.tftp.reached(40)
    vm.send("\x1b")
    vm.expect(r"aborted by the user")
    vm.expect(PROMPT)
    endless.tftp.wait(lambda: endless.tftp.aborts)
