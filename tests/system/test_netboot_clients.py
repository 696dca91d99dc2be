# SPDX-License-Identifier: BSD-2-Clause
"""Real clients from a network: GRUB 2.14, which loads Linux itself; Linux by
pxelinux.cfg; CoreOS's command line; Debian's installer."""
import os
import re

import pytest

import images
import netuser
import webserver

POWEROFF = "quoin.test=poweroff"
USER_SPACE = r"QUOIN-TEST: user space"
CORE = "boot/grub2/powerpc-ieee1275/core.elf"

GRUB_CFG = """\
set timeout=0
menuentry Linux {
	echo "NET-GRUB prefix=$prefix root=$root ip=$net_default_ip"
	linux %(from)s/boot/vmlinux """ + POWEROFF + """ from=grub
	initrd %(from)s/boot/initrd.gz
}
"""


def grub_core():
    with images.lock():
        return images.made(
            "core-net.elf", ["ci-scripts/make-grub-core", images.KERNEL],
            lambda to: images.script("make-grub-core", "--net", to,
                                     "/boot/grub2"))


def link(top, files):
    """A folder with links to large files."""
    for name, source in files.items():
        to = os.path.join(str(top), name)
        os.makedirs(os.path.dirname(to), exist_ok=True)
        os.symlink(source, to)
    return str(top)


def grub_folder(tmp_path, kernel_from=""):
    """As grub-mknetdir makes it, with the modules in the core."""
    link(tmp_path, {"boot/vmlinux": images.KERNEL,
                    "boot/initrd.gz": images.INITRD, CORE: grub_core()})
    return netuser.folder(tmp_path, {
        "boot/grub2/grub.cfg": (GRUB_CFG % {"from": kernel_from}).encode()})


def runs_linux(vm, words):
    """To user space, with these words on its command line."""
    vm.expect(r"\ncommand line: ([^\r\n]*)\r")
    line = vm.child.match.group(1)
    vm.expect(USER_SPACE)
    assert vm.ended() == 0
    for word in words:
        assert word in line.split(), line
    return line


@pytest.mark.parametrize("kind", ("tftp", "http"))
@pytest.mark.parametrize("card", netuser.CARDS)
def test_grub_loads_linux(boot, ends, tmp_path, card, kind):
    server = ends(webserver.WebServer({
        "/boot/vmlinux": webserver.Page(images.KERNEL),
        "/boot/initrd.gz": webserver.Page(images.INITRD)}))
    place = "(http,10.0.2.2:%d)" % server.port if kind == "http" else ""
    vm = boot("-boot", "n", *netuser.card(card),
              *netuser.user(grub_folder(tmp_path, place), CORE))
    vm.expect(r"NET-GRUB prefix=\(tftp,10\.0\.2\.2\)/boot/grub2 "
              r"root=tftp,10\.0\.2\.2 ip=10\.0\.2\.15")
    runs_linux(vm, ["from=grub"])
    assert "E30" not in vm.output()


def test_coreos_boots_with_its_command_line(boot, tmp_path):
    """Once from the network, without a bootindex; then from the disk.
    [coreos-assembler mantle/platform/metal.go]"""
    vm = boot("-boot", "once=n", "-device", "virtio-net-pci,netdev=mynet0,"
              "mac=52:54:00:12:34:56", "-netdev",
              "user,id=mynet0,net=192.168.76.0/24,dhcpstart=192.168.76.9,"
              "tftp=%s,bootfile=/%s" % (grub_folder(tmp_path), CORE))
    vm.expect(r"Using IPv4 address: 192\.168\.76\.9\r")
    vm.expect(r"NET-GRUB prefix=\(tftp,192\.168\.76\.2\)/boot/grub2")
    runs_linux(vm, ["from=grub"])


PXE = """\
# a comment
DEFAULT menu
PROMPT 0
TIMEOUT 10
LABEL menu
  MENU LABEL Linux
  KERNEL vmlinux
  INITRD initrd.gz
  APPEND quoin.test=poweroff from=pxelinux
  IPAPPEND 2
LABEL other
  KERNEL nothing
"""


def pxe_folder(tmp_path, config, name, kernel=None, initrd=None):
    link(tmp_path, {"pxe/vmlinux": kernel or images.KERNEL,
                    "pxe/initrd.gz": initrd or images.INITRD})
    return netuser.folder(tmp_path, {"pxe/pxelinux.cfg/" + name:
                                     config.encode()})


@pytest.mark.parametrize("name", ("01-52-54-00-12-34-56", "0A00020F", "0A00",
                                  "default"))
def test_linux_boots_by_pxelinux_cfg(boot, tmp_path, name):
    card = "spapr-vlan" if name == "0A00" else "virtio-net"
    vm = boot("-boot", "n", *netuser.card(card),
              *netuser.user(pxe_folder(tmp_path, PXE, name), "pxe/"))
    line = runs_linux(vm, ["from=pxelinux", "BOOTIF=01-52-54-00-12-34-56"])
    assert "initrd=" not in line
    assert "E30" not in vm.output()


def test_configuration_is_found_by_the_uuid(boot, tmp_path):
    uuid = "01234567-89ab-cdef-0123-456789abcdef"
    vm = boot("-boot", "n", "-uuid", uuid, *netuser.card("virtio-net"),
              *netuser.user(pxe_folder(tmp_path, PXE, uuid), "pxe/"))
    runs_linux(vm, ["from=pxelinux"])


def test_installer_starts_by_pxelinux_cfg(boot, tmp_path):
    config = ("default install\nlabel install\n kernel vmlinux\n"
              " append initrd=initrd.gz priority=low --- quiet\n")
    folder = pxe_folder(tmp_path, config, "default",
                        os.path.join(images.CLIENTS, "vmlinux"),
                        os.path.join(images.CLIENTS, "initrd.gz"))
    vm = boot("-boot", "n", *netuser.card("virtio-net"),
              *netuser.user(folder, "pxe/"), memory="2G")
    vm.expect(r"Linux version \d")
    vm.expect(r"Starting system log daemon")
