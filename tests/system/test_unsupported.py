# SPDX-License-Identifier: BSD-2-Clause
"""Disks on controllers without a driver: whoever boots from one learns what to
use instead, everybody else nothing."""
import pytest

import devices
import images

PROMPT = r"0 > "
STAMP = r"STAMP timebase [0-9a-f]{16}"
INSTEAD = r"use virtio-blk, virtio-scsi, spapr-vscsi, NVMe or USB\r"

# QEMU's device -> a disk on it, what it is called
CONTROLLERS = {
    "ich9-ahci": ("ide-hd,drive=x,bus=c.0", "AHCI"),
    "megasas": ("scsi-hd,drive=x,bus=c.0", "megasas"),
    "megasas-gen2": ("scsi-hd,drive=x,bus=c.0", "megasas-gen2"),
    "mptsas1068": ("scsi-hd,drive=x,bus=c.0", "mptsas1068"),
    "lsi53c895a": ("scsi-hd,drive=x,bus=c.0", "lsi53c895a"),
    "lsi53c810": ("scsi-hd,drive=x,bus=c.0", "lsi53c810"),
    "am53c974": ("scsi-hd,drive=x,bus=c.0", "am53c974 or dc390"),
    "dc390": ("scsi-hd,drive=x,bus=c.0", "am53c974 or dc390"),
    "pvscsi": ("scsi-hd,drive=x,bus=c.0", "pvscsi"),
    "sii3112": ("ide-hd,drive=x,bus=c.0", "sii3112"),
    "sdhci-pci": ("sd-card,drive=x", "SD cards"),
}
# QEMU has no bootindex for its disks.
WITHOUT_BOOTINDEX = {"sdhci-pci"}


def attached(name, index=""):
    return [*devices.drive(images.made_empty(), "x"),
            "-device", name + ",id=c",
            "-device", CONTROLLERS[name][0] + index]


def good_disk(index):
    return devices.disk("virtio-blk-modern",
                        images.boot_disk(images.guest("stamp.be32")), "good",
                        index)


@pytest.mark.parametrize("name", sorted(set(CONTROLLERS) - WITHOUT_BOOTINDEX))
def test_disk_that_bootindex_names_gets_a_reason(boot, name):
    vm = boot(*attached(name, ",bootindex=1"), *good_disk("bootindex=2"))
    vm.expect(r"E3405: No such device: /pci@\S+: no driver for \w+@\d \(%s\); "
              % CONTROLLERS[name][1] + INSTEAD)
    vm.expect(STAMP)


@pytest.mark.parametrize("name", sorted(CONTROLLERS))
def test_controller_is_named_when_nothing_boots(boot, name):
    vm = boot(*attached(name))
    vm.expect(r"storage /pci@\S+: no driver for [-\w]+@\d \(%s\); "
              % CONTROLLERS[name][1] + INSTEAD)
    vm.expect(PROMPT)


def test_controllers_that_nobody_boots_from_are_not_mentioned(boot):
    options = []
    for n, name in enumerate(sorted(CONTROLLERS)):
        options += ["-device", "%s,id=c%d" % (name, n)]
    vm = boot(*options, *good_disk(""))
    vm.expect(STAMP)
    text = vm.output()
    assert "no driver" not in text and "E34" not in text


def test_usb_attached_scsi_gets_a_reason_too(boot):
    vm = boot(*devices.usb(), *devices.on_usb("usb-uas,id=uas"),
              *devices.drive(images.made_empty(), "x"),
              "-device", "scsi-hd,drive=x,bus=uas.0,bootindex=1",
              *good_disk("bootindex=2"))
    vm.expect(r"E3405: No such device: /pci@\S+: UAS is not supported; use "
              r"usb-storage or usb-bot\r")
    vm.expect(STAMP)
