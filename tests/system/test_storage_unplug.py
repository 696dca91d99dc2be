# SPDX-License-Identifier: BSD-2-Clause
"""Disks that are unplugged: what is read from them fails with a reason, at
once, and the other disks go on. SCSI units and USB devices leave at any time,
PCI functions when the machine is reset. [QEMU hw/ppc/spapr_drc.c]"""
import time

import pytest

import devices
import grub
import images
from machine import TIMEOUT

PROMPT = r"0 > "
STAMP = r"STAMP timebase [0-9a-f]{16}"

# Seconds: less than any time-out of the firmware.
QUICK = 4

PCI = "/pci@800000020000000/"

# Two disks, bad and good, with the drives of those names: what they hang from,
# the options of each, the path of the good one.
UNITS = {
    "virtio-scsi": (["-device", "virtio-scsi-pci,id=hba"],
                    "scsi-hd,bus=hba.0,lun=%d",
                    "scsi@0/disk@100000100000000"),
    "virtio-scsi-targets": (["-device", "virtio-scsi-pci,id=hba"],
                            "scsi-hd,bus=hba.0,scsi-id=%d",
                            "scsi@0/disk@101000000000000"),
    "usb-storage": (devices.usb(), "usb-storage,bus=usb.0",
                    "usb-xhci@0/storage@2/disk@102000000000000"),
}


def options(kind, image):
    first, disk, _ = UNITS[kind]
    args = list(first)
    for n, name in enumerate(("bad", "good")):
        args += devices.drive(image, name)
        args += ["-device", "%s,id=%s,drive=%s" % (
            disk % n if "%" in disk else disk, "disk-" + name, name)]
    return args


def unplug(vm):
    assert vm.qmp("device_del", id="disk-bad") == {}


def bytes_read(vm, drive):
    return sum(d["stats"]["rd_bytes"] for d in vm.qmp("query-blockstats")
               if d["device"] == drive)


def is_being_read(vm, drive="bad"):
    """Waits until another MiB has been read."""
    end = time.monotonic() + TIMEOUT
    start = bytes_read(vm, drive)
    while bytes_read(vm, drive) < start + (1 << 20):
        assert time.monotonic() < end, "the disk is not read"


def throttle(vm, bps):
    vm.qmp("block_set_io_throttle", device="bad", bps=bps, bps_rd=0, bps_wr=0,
           iops=0, iops_rd=0, iops_wr=0)


WHY = r"(aborted|unplugged|the (device|unit) is gone)"


def says_why(vm, what=""):
    """quoin does, then GRUB, at once."""
    vm.expect(r"scsi-disk \S+: %s[^\r\n]*%s\)?\r" % (what, WHY), QUICK)
    vm.expect(r"error: [^\r\n]+\r", QUICK)
    vm.expect(grub.PROMPT, QUICK)


def goes_on(vm, kind):
    """GRUB reads the other disk."""
    start = time.monotonic()
    text = grub.run(vm, "ls (ieee1275/%s%s,msdos2)/boot/" % (
        PCI, UNITS[kind][2]))
    assert "vmlinux" in text
    assert time.monotonic() - start < QUICK


@pytest.mark.parametrize("kind", UNITS)
def test_disk_that_leaves_at_grubs_prompt_is_an_error(boot, kind):
    vm = boot(*options(kind, images.grub_disk()))
    grub.at_prompt(vm)
    unplug(vm)
    vm.line("linux /boot/vmlinux")
    says_why(vm)
    goes_on(vm, kind)


@pytest.mark.parametrize("kind", UNITS)
def test_disk_that_leaves_while_grub_reads_is_an_error(boot, kind):
    vm = boot(*options(kind, images.grub_disk()))
    grub.at_prompt(vm)
    throttle(vm, 2000000)
    vm.line("linux /boot/vmlinux")
    is_being_read(vm)
    unplug(vm)
    says_why(vm, r"read of block \d+ failed: ")
    goes_on(vm, kind)


@pytest.mark.parametrize("kind", UNITS)
def test_disk_that_leaves_at_the_prompt_is_told(boot, kind):
    """One that was read, and one that was not."""
    image = images.boot_disk(images.guest("stamp.be32"))
    for before in ([], ["ls disk"]):
        vm = boot(*options(kind, image), "-prom-env", "auto-boot?=false")
        vm.expect(PROMPT)
        for command in before:
            vm.line(command)
            vm.expect(r" ok\s+" + PROMPT)
        unplug(vm)
        vm.line("boot disk")
        vm.expect(r"E34\d\d: [^\r\n]*scsi-disk \S+: [^\r\n]*%s\)?\r" % WHY,
                  QUICK)
        vm.expect(PROMPT, QUICK)
        vm.line("boot disk1")
        vm.expect(STAMP, QUICK)


@pytest.mark.parametrize("disk", ("virtio-blk-pci", "nvme,serial=1"))
def test_pci_disk_that_leaves_works_until_the_reset(boot, disk):
    image = images.boot_disk(images.guest("stamp.be32"))
    vm = boot(*devices.drive(image, "bad"), "-device",
              disk + ",id=disk-bad,drive=bad,addr=2,bootindex=1",
              *devices.disk("virtio-blk-modern", image, "good",
                            "addr=3,bootindex=2"),
              "-prom-env", "auto-boot?=false")
    vm.expect(PROMPT)
    unplug(vm)
    vm.line("ls disk")
    vm.expect(r"PReP")
    vm.expect(r" ok\s+" + PROMPT, QUICK)
    assert "DEVICE_DELETED" not in vm.events
    vm.line("setenv auto-boot? true")
    vm.expect(r" ok\s+" + PROMPT)
    vm.line("reset-all")
    vm.expect(r"Trying to load:  from: \S+@3 \.\.\.   Successfully loaded")
    vm.expect(STAMP, QUICK)
    assert vm.output().count("Trying to load") == 1
