# SPDX-License-Identifier: BSD-2-Clause
"""Booting from QEMU's user network: every card, TFTP and HTTP, IPv4 and IPv6."""
import re
import time

import pytest

import frames
import images
import netuser
import webserver

PROMPT = r"0 > "
STAMP = r"STAMP timebase [0-9a-f]{16}"
TRYING = r"Trying to load: +from: (/\S+) \.\.\. "


def client():
    """A program that tells when it runs."""
    return images.guest("stamp.be32")


def pxe_test(folder, card, version, bootfile="client"):
    """The options of QEMU's own test. [QEMU tests/qtest/pxe-test.c]"""
    on = {4: "ipv4=on,ipv6=off", 6: "ipv4=off,ipv6=on"}[version]
    return ["-boot", "order=n", "-device", "%s,bootindex=1,netdev=net0" %
            netuser.CARDS[card], "-netdev", "user,id=net0,tftp=%s,"
            "bootfile=%s,%s" % (folder, bootfile, on)]


@pytest.fixture
def folder(tmp_path):
    return netuser.folder(tmp_path, {"client": client()})


@pytest.mark.parametrize("version", (4, 6))
@pytest.mark.parametrize("card", netuser.CARDS)
def test_tftp_boots_as_in_pxe_test(boot, folder, card, version):
    vm = boot(*pxe_test(folder, card, version))
    vm.expect(TRYING)
    vm.expect(STAMP)
    assert "E3" not in vm.output()
    assert vm.ended() == 0


def test_text_of_a_good_boot(boot, folder):
    """The lines that people know from SLOF, and the one of result."""
    vm = boot("-boot", "n", *netuser.card("spapr-vlan"),
              *netuser.user(folder, "client"))
    vm.expect(STAMP)
    text = vm.output()
    size = len(open(client(), "rb").read()) // 1024
    assert re.search(
        r"Trying to load:  from: /vdevice/l-lan@71000002 \.\.\. \n"
        r" Initializing NIC\n"
        r"  Reading MAC address from device: 52:54:00:12:34:56\n"
        r"  Requesting information via DHCP: 01 done\n"
        r"  Using IPv4 address: 10\.0\.2\.15\n"
        r"  Requesting file \"client\" via TFTP from 10\.0\.2\.2\n"
        r"(?:  Receiving data: +\d+ KBytes)+\n"
        r"  TFTP: Received client \(%d KBytes\), \d+\.\d s, \d+ KB/s, "
        r"blksize 1428 x \d+\n  Successfully loaded\n" % size, text), text
    assert "rror" not in text


def test_blocks_are_counted_past_65535(boot, tmp_path):
    """33 MiB in small blocks: the number wraps to 0."""
    netuser.folder(tmp_path, {"big": images.padded_guest("stamp.be32", 33)})
    vm = boot(*netuser.card("spapr-vlan"), *netuser.user(str(tmp_path)),
              "-prom-env", "boot-command=boot net:,big,,,,,,512")
    vm.expect(r"blksize 512 x")
    vm.expect(STAMP)


@pytest.fixture
def web(ends):
    """web({path: page}, address) starts a server on the host."""
    return lambda pages, *address: ends(webserver.WebServer(pages, *address))


@pytest.mark.parametrize("card", netuser.CARDS)
def test_http_boots_from_the_boot_file(boot, web, card):
    server = web({"/dir/client": webserver.Page(client())})
    vm = boot("-boot", "n", *netuser.card(card),
              *netuser.user(bootfile=server.url("/dir/client")))
    vm.expect(r"  HTTP: Received /dir/client \(\d+ KBytes\)")
    vm.expect(STAMP)
    method, _, fields = server.requests[0]
    assert method == "GET" and "Host: 10.0.2.2:%d" % server.port in fields


@pytest.mark.parametrize("card", netuser.CARDS)
def test_http_boots_over_ipv6(boot, web, card):
    server = web({"/client": webserver.Page(client())}, "::1")
    vm = boot(*netuser.card(card), *netuser.user(options="ipv4=off"),
              "-prom-env", "boot-command=boot net:" +
              server.url("/client", netuser.HOST6))
    vm.expect(r"Using IPv6 address: fec0:")
    vm.expect(STAMP)
    assert "Host: [fec0::2]:%d" % server.port in server.requests[0][2]


PAGES = {
    "chunked": (dict(chunk=1000), 1), "small chunks": (dict(chunk=7), 1),
    "cut": (dict(cut=30000), 2), "cut thrice": (dict(cut=20000, cuts=3), 4),
    "cut, no ranges": (dict(cut=30000, ranges=False), 2)}


@pytest.mark.parametrize("kind", PAGES)
def test_http_servers_of_other_manners_are_understood(boot, web, kind):
    page, requests = PAGES[kind]
    server = web({"/client": webserver.Page(client(), **page)})
    vm = boot("-boot", "n", *netuser.card("virtio-net"),
              *netuser.user(bootfile=server.url("/client")))
    vm.expect(STAMP)
    assert len(server.requests) == requests


@pytest.mark.parametrize("location", ("/other/client", "../other/client",
                                      "//10.0.2.2:%d/other/client",
                                      "http://10.0.2.2:%d/other/client"))
def test_http_redirects_are_followed(boot, web, location):
    server = web({"/other/client": webserver.Page(client())})
    if "%d" in location:
        location %= server.port
    server.pages["/dir/client"] = webserver.Page(status=302, location=location)
    vm = boot("-boot", "n", *netuser.card("spapr-vlan"),
              *netuser.user(bootfile=server.url("/dir/client")))
    vm.expect(STAMP)


WRONG = {
    "missing": (None, r"E3009: .*404 Not Found"),
    "forbidden": (dict(status=403), r"E3010: .*403 Forbidden"),
    "broken": (dict(status=500), r"E3003: .*500 Internal Server Error"),
    "loop": (dict(status=301, location="/x"), r"E3003: .*redirect.*"),
    "https": (dict(status=301, location="https://10.0.2.2/x"),
              r"E3003: .*https is not supported.*"),
    "odd": (dict(raw=b"SSH-2.0-x\r\n"), r"E3003: .*"),
    "empty": (dict(raw=b""), r"E30\d\d: .*"),
    "cut for ever": (dict(body=bytes(99999), cut=100, cuts=99),
                     r"E30\d\d: .*"),
    "hostile": (dict(raw=b"HTTP/1.1 404 \x1b[31mred\r\n\r\n"),
                r"E3003: .*control character.*")}


@pytest.mark.parametrize("kind", WRONG)
def test_http_failures_are_told(boot, web, kind):
    page, message = WRONG[kind]
    server = web({"/x": webserver.Page(**page)} if page else {})
    vm = boot("-boot", "n", *netuser.card("virtio-net"),
              *netuser.user(bootfile=server.url("/x")))
    vm.expect(r"(E30\d\d: \(net\) [^\r\n]*)\r")
    said = vm.child.match.group(1)
    vm.expect(PROMPT)
    assert re.fullmatch(message, said), said
    assert "\x1b[31m" not in open(vm.log_path, encoding="latin-1").read()


def test_endless_answer_is_given_up(boot, web):
    """Free memory bounds a file whose size nobody says."""
    page = webserver.Page(bytes(300 << 20), chunk=1 << 20)
    server = web({"/x": page})
    vm = boot("-boot", "n", *netuser.card("spapr-vlan"),
              *netuser.user(bootfile=server.url("/x")), memory="256M")
    vm.expect(r"E30(04|18): [^\r\n]*\r")
    vm.expect(PROMPT)


def test_refused_connection_is_told(boot, web):
    server = web({})
    url = server.url("/x")
    server.server.server_close()
    vm = boot("-boot", "n", *netuser.card("virtio-net"),
              *netuser.user(bootfile=url))
    vm.expect(r"E3005: [^\r\n]*\r")
    vm.expect(PROMPT)


# What bootlist, LoPAR, NIM and people write; %s: a web server's address.
ARGUMENTS = (
    "", "dhcp", "10.0.2.2,client", ",client", "dhcp,10.0.2.2,client",
    "bootp,10.0.2.2,client", "10.0.2.2,client,10.0.2.99",
    "10.0.2.2,client,10.0.2.99,10.0.2.2,5,5,255.255.255.0,512",
    "speed=auto,duplex=auto,0.0.0.0,,0.0.0.0,0.0.0.0",
    "speed=auto,duplex=auto,010.000.002.002,client,000.000.000.000,"
    "000.000.000.000,5,5,000.000.000.000,512",
    "promiscuous,speed=auto,10.0.2.2,dir\\client",
    "ipv6,fec0::2,client", "ipv6,[fec0::2],client", "tftp://10.0.2.2/client",
    "http://%s/client", "10.0.2.2,http://%s/client")


def test_arguments_are_understood_at_the_prompt(boot, web, tmp_path):
    netuser.folder(tmp_path, {"client": client(), "dir/client": client()})
    server = web({"/client": webserver.Page(client())})
    vm = boot("-prom-env", "auto-boot?=false", *netuser.card("spapr-vlan"),
              *netuser.user(str(tmp_path), "client"))
    vm.expect(PROMPT)
    for arguments in ARGUMENTS:
        if "%s" in arguments:
            arguments %= "10.0.2.2:%d" % server.port
        vm.line("boot net%s return=7 x y" % (arguments and ":" + arguments))
        vm.expect(STAMP)
        vm.expect(r"ARGUMENTS return=7 x y\r")
        vm.expect(PROMPT)


@pytest.mark.parametrize("arguments,reason", (
    ("rarp,10.0.2.2,x", "rarp"), ("https://10.0.2.2/x", "https"),
    ("http://[fec0::2/x", ""), ("10.0.2.2,x,1.2.3", "")))
def test_arguments_that_are_wrong_are_refused(boot, folder, arguments, reason):
    vm = boot("-prom-env", "auto-boot?=false", *netuser.card("spapr-vlan"),
              *netuser.user(folder, "client"))
    vm.expect(PROMPT)
    vm.line("boot net:" + arguments)
    vm.expect(r"(E\d{4}: [^\r\n]*%s[^\r\n]*)\r" % reason)
    vm.expect(PROMPT)
    assert "STAMP" not in vm.output()


def test_ping_answers_or_tells(boot):
    vm = boot("-prom-env", "auto-boot?=false", *netuser.card("virtio-net"),
              *netuser.user())
    vm.expect(PROMPT)
    vm.line("ping net:10.0.2.2")
    vm.expect(r"Ping 10\.0\.2\.2: success, \d+ ms\r")
    vm.expect(PROMPT)
    vm.line("ping net:10.0.2.77,10.0.2.15,,2")
    vm.expect(r"no ARP answer from 10\.0\.2\.77")
    vm.expect(PROMPT)
    vm.line("ping net")
    vm.expect(r"which host\?")
    vm.expect(PROMPT)


def test_second_card_is_tried_when_the_first_fails(boot, folder, web):
    vm = boot("-boot", "n", *netuser.user(folder, "nothing"),
              *netuser.card("virtio-net"),
              *netuser.user(folder, "client", ident="n1"),
              *netuser.card("e1000", ident="n1"))
    vm.expect(TRYING)
    first = vm.child.match.group(1)
    vm.expect(r"E3009: \(net\) file not found")
    vm.expect(TRYING)
    assert vm.child.match.group(1) != first
    vm.expect(STAMP)


def test_nothing_of_the_first_card_is_left_for_the_second(boot, folder):
    """The first has IPv6 only, the second IPv4 only."""
    vm = boot("-boot", "n",
              *netuser.user(folder, "nothing", "ipv4=off"),
              *netuser.card("virtio-net"),
              *netuser.user(folder, "client", "ipv6=off", ident="n1"),
              *netuser.card("virtio-net", ident="n1"))
    vm.expect(r"Using IPv6 address")
    vm.expect(r"E3009")
    vm.expect(r"Using IPv4 address: 10\.0\.2\.15\r")
    vm.expect(STAMP)


@pytest.mark.parametrize("card", ("virtio-net", "e1000", "e1000e", "rtl8139"))
def test_link_that_comes_back_is_used(boot, folder, card):
    vm = boot("-prom-env", "auto-boot?=false", *netuser.card(card, "id=nic"),
              *netuser.user(folder, "client"))
    vm.expect(PROMPT)
    vm.qmp("set_link", name="nic", up=False)
    vm.line("boot net")
    vm.expect(r"E3006: [^\r\n]*link is down\r", 5)
    vm.expect(PROMPT)
    vm.qmp("set_link", name="nic", up=True)
    # Intel's cards say so half a second later. [QEMU hw/net/e1000x_common.c]
    end = time.monotonic() + 20
    vm.line("boot net")
    while vm.expect_any([STAMP, PROMPT]):
        assert time.monotonic() < end, "the link stays down"
        vm.line("boot net")


CARD_PLACES = {
    "modern": ("virtio-net", "disable-legacy=on"),
    "legacy": ("virtio-net", "disable-modern=on"),
    "iommu": ("virtio-net", "disable-legacy=on,iommu_platform=on"),
    "bridge": ("virtio-net", "bus=b0,addr=3"),
    "e1000 behind bridge": ("e1000", "bus=b0,addr=3"),
    "second host bridge": ("virtio-net", "bus=phb1.0"),
    "small queue": ("virtio-net", "rx_queue_size=1024,tx_queue_size=256"),
    "mtu": ("virtio-net", "host_mtu=1000")}


@pytest.mark.parametrize("place", CARD_PLACES)
def test_cards_of_other_shapes_boot(boot, folder, place):
    card, options = CARD_PLACES[place]
    vm = boot("-device", "pci-bridge,id=b0,chassis_nr=1",
              "-device", "spapr-pci-host-bridge,index=1,id=phb1",
              "-boot", "n", *netuser.user(folder, "client"),
              *netuser.card(card, options))
    vm.expect(STAMP)


@pytest.mark.parametrize("card", ("vmxnet3", "pcnet", "ne2k_pci", "i82551",
                                  "tulip", "sungem", "usb-net"))
def test_card_without_a_driver_is_named(boot, card):
    bus = ["-device", "qemu-xhci"] if card == "usb-net" else []
    vm = boot("-boot", "n", *bus, *netuser.user(), "-device",
              card + ",netdev=n0")
    vm.expect(r"virtio-net")
    vm.expect(PROMPT)
    lines = [l for l in vm.output().split("\n") if "virtio-net" in l]
    assert len(lines) == 1, lines


def test_numbers_differ_from_boot_to_boot(boot, folder):
    """Transaction id and ports, with the same MAC. [CVE-2023-45236]"""
    seen = []
    for n in range(4):
        options, path = netuser.capture("numbers-%d" % n)
        vm = boot("-boot", "n", *netuser.card("virtio-net"),
                  *netuser.user(folder, "client"), *options)
        vm.expect(STAMP)
        vm.ended()
        packets = [p for p in frames.captured(path) if p.kind == "udp"]
        dhcp = next(p for p in packets if p.port == 67)
        tftp = next(p for p in packets if p.port == 69)
        seen.append((dhcp.payload[4:8], tftp.source_port))
    assert len({xid for xid, _ in seen}) == len(seen)
    assert len({port for _, port in seen}) > 1
