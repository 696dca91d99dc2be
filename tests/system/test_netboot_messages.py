# SPDX-License-Identifier: BSD-2-Clause
"""Each message of a network boot that fails, provoked by a peer."""
import re
import struct

import pytest

import frames
import images
import netpeer
import netservers
import netuser

PROMPT = r"0 > "
STAMP = r"STAMP timebase [0-9a-f]{16}"

# With nobody to wait for, the guest's clock runs many times as fast as the host's.
# A peer would be too slow for it.
FASTEST = ["-icount", "shift=10,sleep=off"]
NOBODY = ["-netdev", "hubport,id=n0,hubid=0"]
# A peer that stops to answer is asked again only so many times.
FEW = ["-prom-env", "boot-command=boot net:,,,,2,2"]

HOSTILE = b"no such \x1b[31mred\x9b31m\x07 file\r\nE3403"
SPELT = r"no such \\x1b\[31mred\\x9b31m\\x07 file"
FILE = b"\x7fELF" + bytes(60000)


def client():
    with open(images.guest("stamp.be32"), "rb") as f:
        return f.read()


@pytest.fixture
def fails(boot, ends, request):
    """fails(message, peer's changes) boots, and expects message and prompt;
    returns the machine and the peer."""
    def start(message, dhcp=None, tftp=None, change=None, options=(),
              card="virtio-net"):
        name = re.sub(r"[^A-Za-z0-9_.-]+", "-", request.node.name).strip("-")
        peer = ends(netpeer.Peer(name))
        peer.dhcp = peer.serve(67, dhcp or netservers.Dhcp4("client"))
        peer.tftp = peer.serve(69, tftp or netservers.Tftp({"client": FILE}))
        if change:
            change(peer)
        peer.start()
        vm = boot("-boot", "n", *peer.netdev(), *netuser.card(card), *options)
        vm.expect(r"(E30\d\d: \(net\) [^\r\n]*)\r")
        said = vm.child.match.group(1)
        vm.expect(r"E3407: ")
        vm.expect(PROMPT)
        text = vm.output()
        assert re.fullmatch(message, said), said
        assert text.count(said) == 1, "the message is there twice"
        return vm, peer
    return start


@pytest.mark.parametrize("card", netuser.CARDS)
def test_no_answer_is_told_with_tries_and_frames(boot, card):
    vm = boot("-boot", "n", *NOBODY, *netuser.card(card), *FASTEST)
    vm.expect(r"Requesting information via DHCP: 0123456\d* *\r")
    vm.expect(r"E3001: \(net\) Could not get IP address: no answer to \d "
              r"DHCP requests in \d\d s\b[^\r\n]*\r")
    vm.expect(PROMPT)


def test_number_of_dhcp_tries_is_an_argument(boot):
    vm = boot(*NOBODY, *netuser.card("spapr-vlan"), *FASTEST, "-prom-env",
              "boot-command=boot net:dhcp,,,,,2")
    vm.expect(r"E3001: [^\r\n]*no answer to 2 DHCP requests in \d+ s")
    vm.expect(PROMPT)


def test_refusal_is_told(fails):
    fails(r"E3001: .*10\.1\.0\.1 refused.*NAK.*",
          netservers.Dhcp4("client", naks=99), options=FEW)


def test_no_answer_over_ipv6_is_told(boot):
    vm = boot(*NOBODY, *netuser.card("virtio-net"), *FASTEST, "-prom-env",
              "boot-command=boot net:ipv6,[fd00::1],client")
    vm.expect(r"E3001: [^\r\n]*no answer to \d DHCPv6 requests in \d+ s")
    vm.expect(PROMPT)


def test_no_boot_file_is_told(fails):
    fails(r"E3008: .*the server names no boot file.*", netservers.Dhcp4())


def test_name_without_a_name_server_is_told(fails):
    fails(r"E3008: .*tftp\.lan.*",
          netservers.Dhcp4("client", [(66, "tftp.lan")], siaddr=bytes(4)))


def test_host_that_does_not_answer_arp_is_told(fails):
    fails(r"E3002: .*no ARP answer from 10\.1\.0\.77",
          netservers.Dhcp4("client", siaddr=frames.ip("10.1.0.77")))


def test_router_that_does_not_answer_arp_is_told(fails):
    fails(r"E3002: .*no ARP answer from 10\.1\.0\.88, the router to 10\.9\.9\.9",
          netservers.Dhcp4("client", [(3, frames.ip("10.1.0.88"))],
                           siaddr=frames.ip("10.9.9.9")))


@pytest.mark.parametrize("code,message", (
    (1, "E3009"), (2, "E3010"), (4, "E3011"), (7, "E3013"), (3, "E3003"),
    (77, "E3003")))
def test_errors_of_the_server_have_their_message(fails, code, message):
    tftp = netservers.Tftp(errors={"client": (code, HOSTILE)})
    # An error that may be due to options is asked about again without them.
    vm, _ = fails(message + r": \(net\) .*" + SPELT + ".*", tftp=tftp)
    with open(vm.log_path, "rb") as log:
        text = log.read().split(b"\n", 1)[1]
    assert b"\x1b" not in text and b"\x9b" not in text and b"\x07" not in text
    assert b"\nE3403" not in text


def test_file_name_of_the_server_is_spelt_out(fails):
    vm, _ = fails(r"E3009: .*", netservers.Dhcp4("no\x1b[31mfile"),
                  netservers.Tftp())
    with open(vm.log_path, "rb") as log:
        text = log.read().split(b"\n", 1)[1]
    assert b"\x1b" not in text and rb"no\x1b[31mfile" in text


def test_refused_port_is_told(fails):
    def refuse(peer):
        def receive(_, packet):
            inner = packet.frame[14:42]
            peer.send(frames.ethernet(
                packet.mac, netpeer.MAC, frames.IPV4, frames.icmp(
                    netpeer.ADDRESS, packet.source, 3, 3, bytes(4) + inner)))
        peer.udp[69] = receive
    fails(r"E3005: .*10\.1\.0\.1 says: unreachable \(ICMP type 3, code 3\)",
          change=refuse)


def test_silent_server_is_told(fails):
    fails(r"E3015: .*", tftp=netservers.Tftp(raw=lambda packet: []),
          options=FEW)


def test_last_block_before_silence_is_told(fails):
    tftp = netservers.Tftp({"client": FILE})
    tftp.stops_after = 20
    fails(r"E3015: .* after (block 20\b|27 KB).*", tftp=tftp, options=FEW)


def data(number, payload):
    return struct.pack(">HH", 3, number) + payload


def oack(*pairs):
    return b"\0\6" + b"".join(
        ("%s\0%s\0" % pair).encode() for pair in pairs)


@pytest.mark.parametrize("payloads,message", (
    ([b"\0\3"], "E30(14|15)"), ([b"\0\7xx"], "E30(14|15)"),
    ([b"\0\3\0\1" + bytes(2000)], "E30(14|15|17)"),
    ([oack(("blksize", 9000))], "E3017"), ([oack(("blksize", 0))], "E30(14|17)"),
    ([oack(("blksize", 512), ("windowsize", 0))], "E30(14|17)"),
    ([oack(("blksize", "x"))], "E30(14|17)"),
    ([b"\0\6blksize"], "E30(14|15|17)")))
def test_answers_that_are_wrong_have_their_message(fails, payloads, message):
    _, peer = fails(message + ": .*", tftp=netservers.Tftp(
        raw=lambda packet: payloads), options=FEW)
    assert peer.tftp.requests


@pytest.mark.parametrize("size", (3 << 30, 1 << 62))
def test_file_larger_than_memory_is_told(fails, size):
    tftp = netservers.Tftp({"client": client() + bytes(4 << 20)})
    tftp.size_lie = size
    fails(r"E30(04|18): .*", tftp=tftp)


@pytest.mark.parametrize("more", (-1000, 1000))
def test_file_of_another_size_than_said_is_told(fails, more):
    tftp = netservers.Tftp({"client": FILE})
    tftp.size_lie = more
    fails(r"E30(16|14|04|18): .*", tftp=tftp)


def test_link_that_is_down_is_told_at_once(boot):
    for card in ("virtio-net", "e1000"):
        vm = boot(*NOBODY, *netuser.card(card, "id=nic"), "-prom-env",
                  "auto-boot?=false")
        vm.expect(PROMPT)
        vm.qmp("set_link", name="nic", up=False)
        vm.line("boot net")
        vm.expect(r"E3006: \(net\) Could not initialize network device: "
                  r"link is down\r", 5)
        vm.expect(PROMPT)


def test_key_aborts(boot):
    vm = boot("-boot", "n", *NOBODY, *netuser.card("virtio-net"))
    vm.expect(r"via DHCP: 0")
    vm.send("\x1b")
    vm.expect(r"aborted by the user", 5)
    vm.expect(PROMPT)
