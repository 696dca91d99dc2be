# SPDX-License-Identifier: BSD-2-Clause
"""What boots from where: controller, label, sector size, client. The tests run
the cells on quoin; ci-scripts/storage-matrix runs them on SLOF as well and
writes docs/storage.md."""
import collections
import re

import devices
import grub
import images

SECTORS = (512, 1024, 2048, 4096)
LARGE_SECTORS = (8192, 65536, 2 << 20)
STAMP = r"STAMP timebase [0-9a-f]{16}"

Cell = collections.namedtuple("Cell", "controller label client sector")


def user_space(vm):
    vm.expect(r"QUOIN-TEST: user space reached")
    vm.expect(r"QUOIN-TEST: powering off")
    assert vm.ended() == 0


def no_error(vm):
    """A harness takes any line with the word for a failure (tp-qemu)."""
    bad = [l for l in vm.output().split("\n") if "error" in l.lower()
           and not l.startswith("[")]
    assert not bad


def _linux(vm):
    grub.at_menu(vm)
    vm.send("p")
    user_space(vm)


def _grub(vm):
    grub.at_prompt(vm)
    assert "vmlinux" in grub.run(vm, "ls /boot/")


def _program(vm):
    vm.expect(STAMP)
    assert vm.ended() == 0


# name -> what has to happen after the start of the machine
CLIENTS = {"GRUB and its files": _grub, "GRUB, then Linux": _linux,
           "program on ext4, by its path": _program}
GRUB, LINUX, PATH = CLIENTS


def all_cells():
    """Linux with the usual sectors; GRUB reads sectors of any size."""
    cells = []
    for controller in sorted(devices.DISK):
        for label in ("MBR", "GPT"):
            cells.append(Cell(controller, label, LINUX, 512))
            cells += [Cell(controller, label, client, s)
                      for client in (GRUB, PATH) for s in SECTORS]
    for controller in sorted(devices.CDROM):
        # A disk of virtio has the sectors that it is given.
        sectors = (512, 2048) if "blk" in controller else (2048,)
        cells += [Cell(controller, "CD", LINUX, s) for s in sectors]
    return cells


def name_of(cell):
    return re.sub(r"[ ,]+", "-", "-".join(str(part) for part in cell))


def options(cell):
    """QEMU's options."""
    if cell.label == "CD":
        sized = devices.sectors(cell.sector)
        return devices.cdrom(cell.controller, images.grub_disc(),
                             options=sized if "blk" in cell.controller else "")
    table = cell.label.lower()
    if cell.client == PATH:
        image = images.path_disk(images.guest("stamp.be32"), table,
                                 cell.sector)
        return devices.sized_disk(cell.controller, image, cell.sector) + [
            "-prom-env", "boot-device=disk:2,\\boot\\stamp.be32"]
    image = images.grub_disk(table, cell.sector)
    if cell.client == LINUX:
        return devices.disk(cell.controller, image)
    return devices.sized_disk(cell.controller, image, cell.sector)


def boots(vm, cell):
    """Raises an AssertionError if it does not."""
    assert vm.expect_any([r"Successfully loaded", r"0 > "]) == 0, \
        "the firmware goes to its prompt"
    CLIENTS[cell.client](vm)


# Sectors that are too large need a reason. QEMU tells 0 instead of 64 KiB and
# more. [QEMU hw/scsi/scsi-disk.c, READ_CAPACITY_10]
LARGE = [(c, s) for c in sorted(devices.DISK) for s in LARGE_SECTORS]
REASON = r"E34\d\d: [^\r\n]*(block size|blocks of) \d+ [^\r\n]*\r"


def large_options(controller, sector):
    """QEMU's options."""
    return devices.sized_disk(controller, images.grub_disk(), sector)
