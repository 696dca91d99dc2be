# SPDX-License-Identifier: BSD-2-Clause
"""Booting from Debian's servers in a network namespace: dnsmasq, atftpd,
tftpd-hpa, radvd, lighttpd. Skipped, with the reason, where there is none."""
import glob
import os
import re
import time

import pytest

import images
import netpeer
import netspace
import netuser

STAMP = r"STAMP timebase [0-9a-f]{16}"
BOOT_FILE = "boot/grub2/powerpc-ieee1275/core.elf"


def client():
    return images.guest("stamp.be32")


@pytest.fixture
def space(request, ends):
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", request.node.name).strip("-")
    return ends(netspace.Space(name))


@pytest.fixture
def folder(tmp_path):
    return netuser.folder(tmp_path, {BOOT_FILE: client()})


def server(name):
    return os.path.join(netspace.ROOT, "usr/sbin", name)


def dnsmasq(space, *options):
    """Without its own configuration, and without a daemon."""
    space.serve(server("dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null",
                "--user=root", "--log-facility=-", "--log-dhcp", "--no-resolv",
                "--no-hosts", "--dhcp-leasefile=/dev/null",
                "--interface=tap0", "--bind-interfaces",
                "--dhcp-range=10.2.0.100,10.2.0.120,255.255.255.0,1h",
                *options, ready=[netspace.says(": started, version")])


def start(boot, space, *options, card="virtio-net"):
    return boot("-boot", "n", *space.netdev(), *netuser.card(card), *options)


def test_dnsmasq_gives_address_and_file(boot, space, folder):
    dnsmasq(space, "--enable-tftp", "--tftp-root=" + folder,
            "--dhcp-boot=" + BOOT_FILE)
    vm = start(boot, space)
    vm.expect(STAMP)


def atftpd(space, folder):
    space.serve(server("atftpd"), "--daemon", "--no-fork", "--user", "root",
                "--group", "root", "--logfile", "/dev/stderr", "--bind-address",
                netspace.ADDRESS, folder, ready=[netspace.port(69)])


def tftpd_hpa(space, folder):
    space.serve(server("in.tftpd"), "--foreground", "--user", "root",
                "--secure", "--address", netspace.ADDRESS + ":69", folder,
                ready=[netspace.port(69)])


@pytest.mark.parametrize("server", (atftpd, tftpd_hpa))
def test_tftp(boot, space, folder, server):
    dnsmasq(space, "--dhcp-boot=%s,,%s" % (BOOT_FILE, netspace.ADDRESS))
    server(space, folder)
    vm = start(boot, space)
    vm.expect(STAMP)


def received(vm):
    """The window and what the transfer has agreed on."""
    vm.expect(r"  TFTP: Received [^\r\n]*, blksize (\d+) x (\d+)\r")
    return int(vm.child.match.group(1)), int(vm.child.match.group(2))


@pytest.mark.parametrize("card", netuser.CARDS)
def test_windows_of_atftpd_are_used(boot, space, tmp_path, card):
    """Several windows of sixteen blocks."""
    folder = netuser.folder(tmp_path, {
        BOOT_FILE: images.padded_guest("stamp.be32", 2)})
    dnsmasq(space, "--dhcp-boot=" + BOOT_FILE)
    atftpd(space, folder)
    vm = start(boot, space, card=card)
    assert received(vm) == (1428, 16)
    vm.expect(STAMP)


def test_server_without_windows_is_understood(boot, space, folder):
    dnsmasq(space, "--dhcp-boot=" + BOOT_FILE)
    tftpd_hpa(space, folder)
    vm = start(boot, space, card="spapr-vlan")
    assert received(vm) == (1428, 1)
    vm.expect(STAMP)


def lighttpd(space, folder, tmp_path):
    """On port 80 of both versions."""
    config = tmp_path / "lighttpd.conf"
    config.write_text(
        'server.document-root = "%s"\nserver.port = 80\n'
        '$SERVER["socket"] == "[::]:80" { }\n'
        'server.modules = ( "mod_redirect" )\n'
        'url.redirect = ( "^/old/(.*)" => "/$1" )\n' % folder)
    modules = glob.glob(os.path.join(netspace.ROOT, "usr/lib/lighttpd"))[0]
    space.serve(server("lighttpd"), "-D", "-f", str(config), "-m", modules,
                ready=[netspace.port(80, "tcp"), netspace.port(80, "tcp6")])


@pytest.mark.parametrize("card", netuser.CARDS)
def test_web_server_gives_the_file(boot, space, folder, tmp_path, card):
    """By name, which dnsmasq resolves, and after a redirect."""
    dnsmasq(space, "--address=/boot.test/" + netspace.ADDRESS,
            "--dhcp-boot=http://boot.test/old/" + BOOT_FILE)
    lighttpd(space, folder, tmp_path)
    vm = start(boot, space, card=card)
    vm.expect(r"HTTP: Received /" + BOOT_FILE)
    vm.expect(STAMP)


@pytest.mark.parametrize("card", ("virtio-net", "spapr-vlan", "e1000"))
def test_tcp_bears_loss_and_disorder(boot, ends, tmp_path, request, card):
    """Between lighttpd in a real kernel and the guest."""
    lossy = netpeer.Faults(3, loss=0.02, repeat=0.02, reorder=0.05)
    space = ends(netspace.Space("tcp-" + card, to_guest=lossy,
                                from_guest=netpeer.Faults(4, loss=0.02)))
    folder = netuser.folder(tmp_path, {
        "big": images.padded_guest("stamp.be32", 2)})
    dnsmasq(space, "--dhcp-boot=http://%s/big" % netspace.ADDRESS)
    lighttpd(space, folder, tmp_path)
    vm = start(boot, space, card=card)
    vm.expect(STAMP)
    assert min(lossy.counts.values()) > 0


def radvd(space, tmp_path, *lines):
    config = tmp_path / "radvd.conf"
    config.write_text("interface tap0 { AdvSendAdvert on; "
                      "MinRtrAdvInterval 3; MaxRtrAdvInterval 4; "
                      "UnicastOnly on; %s };\n"
                      % " ".join(lines))
    os.chmod(config, 0o600)
    space.write("net/ipv6/conf/all/forwarding", "1")
    space.serve(server("radvd"), "--nodaemon", "--config", str(config),
                "--logmethod", "stderr", "--username", "root",
                "--pidfile", str(tmp_path / "radvd.pid"),
                ready=[netspace.members("ff02::2", 2)])


PREFIX = "prefix %s { };" % netspace.PREFIX6
RDNSS = "RDNSS %s { };" % netspace.ADDRESS6

# Of the router advertisement; what the prefix makes of the card's MAC.
OWN6 = r"fd00:2::5054:ff:fe12:3456"


def configured(vm, requests, address):
    """By the first solicitation and by requests that are not repeated: the
    second solicitation is sent 4 s later. [RFC 4861 10]"""
    vm.expect(r"Initializing NIC\r")
    begun = time.monotonic()
    vm.expect(r"via DHCPv6: (\d*) done\r")
    assert vm.child.match.group(1) == requests
    vm.expect(r"Using IPv6 address: %s\r" % address)
    assert time.monotonic() - begun < 4


@pytest.mark.parametrize("flags,requests,address", (
    ("", "0", OWN6), ("AdvOtherConfigFlag on;", "0", OWN6),
    ("AdvManagedFlag on;", "01", r"fd00:2::5\w\w")))
def test_ipv6_by_radvd_and_dnsmasq(boot, space, folder, tmp_path, flags,
                                   requests, address):
    """Stateless and stateful, whatever the router says."""
    dnsmasq(space, "--dhcp-range=fd00:2::500,fd00:2::5ff,64,1h",
            "--dhcp-option=option6:59,tftp://[%s]/%s" %
            (netspace.ADDRESS6, BOOT_FILE), "--enable-tftp",
            "--tftp-root=" + folder)
    radvd(space, tmp_path, flags, PREFIX)
    vm = start(boot, space, "-prom-env", "boot-command=boot net:ipv6")
    configured(vm, requests, address)
    vm.expect(STAMP)


def test_ipv6_name_is_resolved_by_the_router_s_name_server(boot, space, folder,
                                                           tmp_path):
    dnsmasq(space, "--address=/boot.test/" + netspace.ADDRESS6)
    lighttpd(space, folder, tmp_path)
    radvd(space, tmp_path, PREFIX, RDNSS)
    vm = start(boot, space, "-prom-env",
               "boot-command=boot net:ipv6,http://boot.test/" + BOOT_FILE)
    vm.expect(STAMP)


@pytest.mark.parametrize("line", (
    "AdvLinkMTU 1280;", "AdvDefaultLifetime 0;",
    "prefix fd00:9::/96 { };", "prefix fd00:8::/64 { AdvAutonomous off; };"))
def test_odd_router_advertisements_do_not_matter(boot, space, folder, tmp_path,
                                                 line):
    dnsmasq(space, "--dhcp-boot=" + BOOT_FILE, "--enable-tftp",
            "--tftp-root=" + folder)
    radvd(space, tmp_path, PREFIX, line)
    vm = start(boot, space)
    vm.expect(STAMP)


def test_bootp_of_dnsmasq(boot, space, folder):
    """As AIX's NIM is asked."""
    dnsmasq(space, "--bootp-dynamic", "--dhcp-boot=" + BOOT_FILE,
            "--enable-tftp", "--tftp-root=" + folder)
    vm = start(boot, space, "-prom-env", "boot-command=boot net:bootp")
    vm.expect(r"Requesting information via BOOTP")
    vm.expect(STAMP)


def test_architecture_chooses_the_file(boot, space, folder):
    """As MAAS and xCAT tell POWER guests from others."""
    dnsmasq(space, "--dhcp-match=set:ppc,option:client-arch,12",
            "--dhcp-boot=nothing", "--dhcp-boot=tag:ppc," + BOOT_FILE,
            "--enable-tftp", "--tftp-root=" + folder)
    vm = start(boot, space)
    vm.expect(STAMP)


def test_options_that_are_too_long_for_their_field(boot, space, tmp_path):
    """dnsmasq puts a long name into option 67, overloads the fields."""
    name = "a" * 100 + "/" + "b" * 100
    dnsmasq(space, "--dhcp-boot=" + name, "--enable-tftp", "--tftp-root=" +
            netuser.folder(tmp_path, {name: client()}),
            *["--dhcp-option-force=%d,%s" % (n, "x" * 200)
              for n in range(224, 227)])
    vm = start(boot, space)
    vm.expect(STAMP)
