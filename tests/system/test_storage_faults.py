# SPDX-License-Identifier: BSD-2-Clause
"""Disks whose reads fail on the host: each gets its reason in words, and the
next disk is tried at once."""
import collections
import errno
import time

import pytest

import broken
import devices
import images
from machine import TIMEOUT

STAMP = r"STAMP timebase [0-9a-f]{16}"

# Seconds between two lines: less than any time-out of the firmware.
QUICK = 4

BUSY = r"SCSI status 0x28 \(task set full\)"

# errno on the host -> what a SCSI disk says. [QEMU scsi/utils.c,
# scsi_sense_from_errno]
TARGET_FAILURE = r"sense key 4 \(hardware error\), code 44/00 " \
    r"\(target failure\)"
IO_ERROR = r"sense key b \(aborted command\), code 00/06 " \
    r"\(I/O error on the host\)"
SCSI = {
    errno.EIO: IO_ERROR,
    errno.EBADE: r"SCSI status 0x18 \(reservation conflict: another host has "
                 r"reserved the disk\)",
    errno.ENODATA: r"sense key 3 \(medium error\), code 11/00 "
                   r"\(unrecovered read error\)",
    errno.EREMOTEIO: TARGET_FAILURE,
    errno.ENOMEM: TARGET_FAILURE,
    errno.ENOMEDIUM: r"no medium",
    errno.EINVAL: r"sense key 5 \(illegal request\), code 24/00 "
                  r"\(invalid field\)",
    errno.ENOSPC: r"sense key 7 \(data protect\), code 27/07 "
                  r"\(the host's storage is full\)",
    errno.EDOM: BUSY,
    errno.ETIMEDOUT: IO_ERROR,
}
# spapr-vscsi says the same of a unit that is not there.
VSCSI = dict(SCSI)
VSCSI[errno.EINVAL] = r"sense key 5 \(illegal request\), code 24/00 " \
    r"\(the unit is gone, or refuses the command\)"
# USB has no place for a SCSI status, only for "failed".
USB = dict(SCSI)
USB[errno.EBADE] = USB[errno.EDOM] = "check condition without sense data"
VIRTIO_BLK = dict.fromkeys(SCSI, r"device status 1 \(I/O error\)")
NVME = dict.fromkeys(SCSI, r"status 2/81 \(unrecovered read error\)")

# The first options, those of a disk, what it says of each errno.
Kind = collections.namedtuple("Kind", "first disk says")
KINDS = {
    "virtio-scsi": Kind(["-device", "virtio-scsi-pci,id=hba"],
                        "scsi-hd,bus=hba.0", SCSI),
    "spapr-vscsi": Kind(["-device", "spapr-vscsi,id=hba"],
                        "scsi-hd,bus=hba.0", VSCSI),
    "usb-storage": Kind(devices.usb(options="p2=15,p3=15"),
                        "usb-storage,bus=usb.0", USB),
    "virtio-blk": Kind([], "virtio-blk-pci", VIRTIO_BLK),
    "nvme": Kind([], "nvme,serial=1", NVME),
}

# Sectors: what is read there, and the code of the line.
FIRST, PREP, MIDDLE = 0, broken.PREP_FIRST, broken.PREP_FIRST + 1024
CODES = {FIRST: "E3404", PREP: "E3407", MIDDLE: "E3407"}


def returning():
    """Boots a program of 1 MiB that returns: the next disk is tried. [Power
    ISA, blr]"""
    return broken.prep_with("returning", broken.elf32(
        0x400000, 1 << 20, 1 << 20, b"\x4e\x80\x00\x20"))


def start(boot, kind, errors, sector, count):
    """A disk that fails `count` times, 0: for ever, for each errno, and after
    them one that boots."""
    options = list(kind.first)
    for n, error in enumerate(errors, 1):
        options += devices.faulty_drive(returning(), [(error, count)],
                                        "bad%d" % n, sector)
        options += ["-device", "%s,drive=bad%d,bootindex=%d" % (
            kind.disk, n, n)]
    return boot(*options, *devices.disk(
        "virtio-blk-modern", images.boot_disk(images.guest("stamp.be32")),
        "good", "bootindex=%d" % (len(errors) + 1)))


def expect_failure(vm, sector, says):
    """The reason, for the read that the sector is in."""
    vm.expect(r"%s: [^\r\n]*read of block (\d+) failed: %s\r" %
              (CODES[sector], says), QUICK)
    assert sector - 2048 < int(vm.child.match.group(1)) <= sector


def is_retried(kind, error, sector):
    """What may pass is; what is refused is in smaller pieces, if it can be."""
    says = kind.says[error]
    return says in (IO_ERROR, BUSY) or (
        sector == MIDDLE and "illegal request" in says)


def trying(vm, seconds=QUICK):
    vm.expect(r"Trying to load:  from: \S+ \.\.\. ", seconds)


def at_end(vm):
    """Nobody has waited for a device."""
    trying(vm)
    vm.expect(STAMP, QUICK)
    assert "Waited" not in vm.output()


@pytest.mark.parametrize("sector", CODES)
@pytest.mark.parametrize("controller", KINDS)
def test_each_error_for_ever_is_told_and_the_next_is_tried(boot, controller,
                                                           sector):
    kind = KINDS[controller]
    errors = [e for e in SCSI if kind.says[e] != BUSY]
    vm = start(boot, kind, errors, sector, 0)
    for n, error in enumerate(errors):
        trying(vm, QUICK if n else TIMEOUT)
        expect_failure(vm, sector, kind.says[error])
    at_end(vm)


@pytest.mark.parametrize("sector", (PREP, MIDDLE))
@pytest.mark.parametrize("controller", KINDS)
def test_an_error_that_passes_is_retried_or_told(boot, controller, sector):
    kind = KINDS[controller]
    vm = start(boot, kind, list(SCSI), sector, 1)
    for n, error in enumerate(SCSI):
        trying(vm, QUICK if n else TIMEOUT)
        if is_retried(kind, error, sector):
            vm.expect(r"^ *Successfully loaded\r", QUICK)
        else:
            expect_failure(vm, sector, kind.says[error])
    at_end(vm)
