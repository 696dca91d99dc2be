# SPDX-License-Identifier: BSD-2-Clause
"""Measured boot of real clients: GRUB goes on with the log, Linux has all of
it, and it leads to Linux's PCRs."""
import hashlib
import os

import pytest

import devices
import eventlog
import grub
import images
import measured
import netuser
from test_netboot_clients import CORE, grub_core, link

GRUB_CFG = b"""\
insmod tpm
set timeout=0
menuentry Linux {
	linux /boot/vmlinux quoin.test=tpm,poweroff
	initrd /boot/initrd.gz
}
"""
WORDS = "quoin.test=tpm,poweroff"


def of_linux(vm, tmp_path):
    vm.expect(r"QUOIN-TEST: end tpm")
    assert vm.ended() == 0
    assert "instantiating sml at 0x" in vm.output()
    log = eventlog.Measured.of_linux(vm.output()).check()
    eventlog.decoded(log, tmp_path)
    return log


def covers(event, data):
    for bank, digest in event.digests.items():
        assert digest == hashlib.new(bank, data).digest(), bank


def test_linux_has_the_log_after_grub_2_06(boot, tpm, tmp_path):
    """That GRUB measures nothing: PCR 8 and 9 are the OS's."""
    vm = boot(*tpm().options, *devices.disk("virtio-scsi", images.grub_disk()))
    grub.at_prompt(vm)
    grub.run(vm, "linux /boot/vmlinux " + WORDS)
    grub.run(vm, "initrd /boot/initrd.gz")
    vm.line("boot")
    log = of_linux(vm, tmp_path)
    assert log.lines()[-1] == "4 COMPACT_HASH BOOTLOADER"
    core = os.path.join(images.IMAGES, "core-mbr.elf")
    covers(log.find(4, "COMPACT_HASH"), measured.read(core))


@pytest.mark.parametrize("kind", ("kernel", "pxelinux"))
def test_linux_has_the_log_without_grub(boot, tpm, tmp_path, kind):
    options = images.linux(WORDS)
    if kind == "pxelinux":
        link(tmp_path, {"pxe/vmlinux": images.KERNEL,
                        "pxe/initrd.gz": images.INITRD})
        netuser.folder(tmp_path, {"pxe/pxelinux.cfg/default": (
            "default a\nlabel a\n kernel vmlinux\n initrd initrd.gz\n"
            " append %s\n" % WORDS).encode()})
        options = ["-boot", "n", *netuser.card("virtio-net"),
                   *netuser.user(str(tmp_path), "pxe/")]
    log = of_linux(boot(*tpm("sha256").options, *options), tmp_path)
    assert log.lines(8, 9) == ["8 IPL kernel_cmdline: " + WORDS, "9 IPL initrd"]
    covers(log.find(8, "IPL"), WORDS.encode())
    covers(log.find(9, "IPL"), measured.read(images.INITRD))
    if kind == "pxelinux":
        covers(log.find(4, "COMPACT_HASH"), measured.read(images.KERNEL))


def test_grub_with_its_module_tpm_goes_on_with_the_log(boot, tpm, tmp_path):
    modules = os.path.join(images.CLIENTS, "grub-net/powerpc-ieee1275")
    link(tmp_path, {
        "boot/vmlinux": images.KERNEL, "boot/initrd.gz": images.INITRD,
        CORE: grub_core(), **{
            os.path.join(os.path.dirname(CORE), name):
            os.path.join(modules, name) for name in os.listdir(modules)}})
    netuser.folder(tmp_path, {"boot/grub2/grub.cfg": GRUB_CFG})
    vm = boot(*tpm("sha256").options, "-boot", "n", *netuser.card("virtio-net"),
              *netuser.user(str(tmp_path), CORE))
    log = of_linux(vm, tmp_path)
    assert "2HASH-EXT-LOG failed" not in vm.output()
    covers(log.find(4, "COMPACT_HASH"), measured.read(grub_core()))
    cmdline = "8 IPL kernel_cmdline: /boot/vmlinux " + WORDS
    assert cmdline in log.lines(8)
    files = {eventlog.text(e).split("/", 1)[-1]: e for e in log.events
             if e.pcr == 9}
    covers(files["boot/vmlinux"], measured.read(images.KERNEL))
    covers(files["boot/initrd.gz"], measured.read(images.INITRD))
