# SPDX-License-Identifier: BSD-2-Clause
"""Disks that never answer, or are busy for ever: each is given up with a
reason, in its time, and the next disk boots. All wait side by side."""
import errno

import devices
import images
from machine import TIMEOUT

STAMP = r"STAMP timebase [0-9a-f]{16}"

# Seconds. A reset of most devices ends when their disk has answered: it does
# so a second after it has been given up. [QEMU block/io.c, bdrv_drain]
GIVEN_UP, ANSWER, BOUND = 15, 16, 17

# Without a geometry QEMU reads the disk to guess it, before the start.
CHS = ",cyls=2,heads=16,secs=63"

DISK = {
    "virtio-blk": ["-device", "virtio-blk-pci,drive=bad,bootindex=1" + CHS],
    "nvme": ["-device", "nvme,serial=1,drive=bad,bootindex=1"],
    "virtio-scsi": ["-device", "virtio-scsi-pci,id=hba", "-device",
                    "scsi-hd,bus=hba.0,drive=bad,bootindex=1" + CHS],
    "spapr-vscsi": ["-device", "spapr-vscsi,id=hba", "-device",
                    "scsi-hd,bus=hba.0,drive=bad,bootindex=1" + CHS],
    "usb": devices.usb_bot("bad", "scsi-hd", ",bootindex=1" + CHS),
}


def silent(controller):
    return ["-blockdev", "null-co,node-name=bad,size=16777216,read-zeroes=on,"
            "latency-ns=%d" % (ANSWER * 10 ** 9), *DISK[controller]]


def busy(controller):
    """EDOM: TASK SET FULL. [QEMU scsi/utils.c, scsi_sense_from_errno]"""
    return devices.faulty_drive(stamp_disk(), [(errno.EDOM, 0)], "bad") + \
        DISK[controller]


def stamp_disk():
    return images.boot_disk(images.guest("stamp.be32"))


def test_silent_and_busy_disks_are_given_up_in_time(boot):
    expected = [(silent(c), r"no response in 15 s; device reset")
                for c in DISK]
    expected += [(busy(c), r"SCSI status 0x28 \(task set full\)")
                 for c in ("virtio-scsi", "spapr-vscsi")]
    good = devices.disk("virtio-blk-modern", stamp_disk(), "good",
                        "bootindex=2")
    machines = [(boot(*bad, *good), why) for bad, why in expected]
    for vm, why in machines:
        vm.expect(r"E3404: [^\r\n]*read of block \d+ failed: %s\r" % why,
                  TIMEOUT)
        vm.expect(r"Trying to load:  from: \S+ \.\.\.   Successfully loaded")
        vm.expect(r"Waited (\d+\.\d) s for \S+ \S+\r")
        assert GIVEN_UP <= float(vm.child.match.group(1)) <= BOUND, why
        vm.expect(STAMP)
        assert vm.output().count("E3") == 1
