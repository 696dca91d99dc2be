# SPDX-License-Identifier: BSD-2-Clause
"""What a client reads is what is in the file: a forgotten mapping of memory
would go unnoticed, because QEMU reports success. [QEMU hw/nvme/ctrl.c, DMA]"""
import random
import zlib

import pytest

import devices
import images

SIZE = 24 << 20
IOMMU = "iommu_platform=on,disable-legacy=on"

# name -> QEMU options with the disk d0. NVMe, USB
# and vscsi have no way round the IOMMU.
WAYS = {name: make("d0", "") for name, make in devices.DISK.items()}
WAYS.update({
    "virtio-blk-iommu": devices.blk("d0", "," + IOMMU),
    "virtio-scsi-iommu": ["-device", "virtio-scsi-pci,id=hba," + IOMMU,
                          "-device", "scsi-hd,drive=d0,bus=hba.0"]})


def noise():
    """Random bytes, the same each time: the file and its CRC-32."""
    data = random.Random(1275).randbytes(SIZE)

    def make(to):
        with open(to, "wb") as f:
            f.write(data)
    with images.lock():
        return images.made("noise.img", ["tests/system/test_storage_data.py"],
                           make), zlib.crc32(data)


def check_sum(boot, options):
    image, crc = noise()
    vm = boot(*devices.drive(image), *options, "-kernel",
              images.guest("sum.be32"))
    vm.expect(r"SUM bytes (\d+) crc ([0-9a-f]{8}) changed (\d+)\r")
    assert vm.child.match.groups() == (str(SIZE), "%08x" % crc, "0")
    assert vm.ended() == 0


def with_usb(name, options):
    """With a kernel and without a screen nothing needs USB."""
    return options + (["-device", "VGA"] if "usb" in name else [])


@pytest.mark.parametrize("way", WAYS)
def test_a_client_reads_what_is_in_the_file(boot, way):
    check_sum(boot, with_usb(way, WAYS[way]))


@pytest.mark.parametrize("controller", devices.SIZED_DISK)
def test_a_client_reads_large_sectors(boot, controller):
    check_sum(boot, with_usb(controller, devices.SIZED_DISK[controller](
        "d0", "," + devices.sectors(4096))))
