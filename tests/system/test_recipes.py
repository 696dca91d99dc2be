# SPDX-License-Identifier: BSD-2-Clause
"""The server recipes of docs/network.md: Debian's servers accept them, and a guest
boots from them."""
import os
import re
import subprocess
import textwrap

import pytest

import images
import machine
import netspace
import netuser

PAGE = os.path.join(machine.ROOT, "docs/network.md")
SERVERS = {"dnsmasq": "dnsmasq-base", "dhcpd": "isc-dhcp-server",
           "kea-dhcp4": "kea-dhcp4-server", "bootpd": "bootp"}


def recipe(title):
    """The first indented block below a heading."""
    with open(PAGE, encoding="utf-8") as page:
        text = page.read().split("\n### %s\n" % title)
    assert len(text) == 2, "%s: no heading \"%s\"" % (PAGE, title)
    block = re.search(r"(?:^    .*\n|^\n(?=    ))+", text[1], re.M)
    return textwrap.dedent(block[0])


def server(name):
    return os.path.join(netspace.ROOT, "usr/sbin", name)


@pytest.fixture(scope="module")
def servers():
    with images.lock():
        images.script("fetch-peers", *SERVERS.values())


@pytest.fixture
def run(servers, tmp_path):
    """run(server, option..., text): its output; the text is in a file."""
    def start(name, *options, text):
        config = tmp_path / "config"
        config.write_text(text)
        return subprocess.run(
            [server(name), *options, str(config)],
            env=dict(os.environ, LD_LIBRARY_PATH=netspace.LIBRARIES,
                     KEA_LOCKFILE_DIR="none", KEA_PIDFILE_DIR=str(tmp_path)),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=machine.TIMEOUT)
    return start


# Kea looks for the interface even when it only checks.
CHECKS = (("dnsmasq", "dnsmasq", ("--test", "-C")),
          ("dnsmasq, IPv6", "dnsmasq", ("--test", "-C")),
          ("ISC dhcpd", "dhcpd", ("-t", "-cf")),
          ("Kea", "kea-dhcp4", ("-t",)))


def checked(title):
    return recipe(title).replace('"tap0"', '"lo"')


@pytest.mark.parametrize("title,name,options", CHECKS)
def test_a_server_accepts_its_recipe(run, title, name, options):
    done = run(name, *options, text=checked(title))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("title,name,options", CHECKS)
def test_a_server_refuses_a_broken_recipe(run, title, name, options):
    text = checked(title)
    broken = re.sub(r"10\.2\.0\.100|::100", "10.2.0.300", text)
    assert broken != text
    done = run(name, *options, text=broken)
    assert done.returncode != 0, done.stdout


STAMP = r"STAMP timebase [0-9a-f]{16}"


def tftp(space, folder):
    space.serve(server("atftpd"), "--daemon", "--no-fork", "--user", "root",
                "--group", "root", "--logfile", "/dev/stderr", "--bind-address",
                netspace.ADDRESS, str(folder), ready=[netspace.port(69)])


def dnsmasq(space, config, folder):
    space.serve(server("dnsmasq"), "-k", "--user=root", "--log-facility=-",
                "--dhcp-leasefile=" + str(folder / "leases"), "-C", config,
                ready=[netspace.says(": started, version")])


def dhcpd(space, config, folder):
    leases = folder / "leases"
    leases.write_text("")
    space.serve(server("dhcpd"), "-f", "-q", "-cf", config, "-lf", str(leases),
                "-pf", str(folder / "pid"), "tap0", ready=[netspace.port(67)])
    tftp(space, folder)


def kea(space, config, folder):
    space.serve("/usr/bin/env", "KEA_LOCKFILE_DIR=none",
                "KEA_PIDFILE_DIR=" + str(folder), server("kea-dhcp4"), "-c",
                config, ready=[netspace.port(67)])
    tftp(space, folder)


def bootpd(space, config, folder):
    space.serve(server("bootpd"), "-s", "-d4", config, ready=[
        netspace.port(67), netspace.says("read 1 entries (1 hosts) from")])
    tftp(space, folder)


GUESTS = (("dnsmasq", dnsmasq, "net", r"10\.2\.0\.1\d\d"),
          ("dnsmasq, IPv6", dnsmasq, "net", "fd00:2::"),
          ("ISC dhcpd", dhcpd, "net", r"10\.2\.0\.1\d\d"),
          ("Kea", kea, "net", r"10\.2\.0\.1\d\d"),
          ("BOOTP", bootpd, "net", r"10\.2\.0\.50"),
          ("BOOTP", bootpd, "net:bootp", r"10\.2\.0\.50"))


@pytest.mark.parametrize("title,serve,device,address", GUESTS)
def test_a_guest_boots_from_a_recipe(boot, ends, servers, tmp_path, title,
                                     serve, device, address):
    space = ends(netspace.Space("recipe-%s" % serve.__name__))
    client = images.guest("stamp.be32")
    netuser.folder(tmp_path, {
        "core.elf": client, "boot/grub2/powerpc-ieee1275/core.elf": client})
    config = tmp_path / "config"
    config.write_text(recipe(title).replace("/srv/tftp", str(tmp_path)))
    serve(space, str(config), tmp_path)
    vm = boot("-prom-env", "boot-command=boot " + device, *space.netdev(),
              *netuser.card("virtio-net", "mac=" + netuser.MAC))
    vm.expect(r"Using IPv[46] address: " + address)
    vm.expect(STAMP)
