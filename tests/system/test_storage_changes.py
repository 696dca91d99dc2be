# SPDX-License-Identifier: BSD-2-Clause
"""What is read is what is in the file, or nothing: disks that are slow, that
fail once, that grow, and discs that are changed."""
import errno
import re
import zlib

import pytest

import devices
import images
from test_storage_data import SIZE, WAYS, noise, with_usb
from test_storage_unplug import is_being_read

# Seconds: less than any time-out of the firmware.
QUICK = 4

PROMPT = r"0 > "
SUM = r"SUM bytes (\d+) crc ([0-9a-f]{8}) changed (\d+)\r"

# Each with an IOMMU.
FAULTY = ("virtio-blk-iommu", "virtio-scsi-iommu", "spapr-vscsi", "nvme",
          "usb-storage")


def sum_of(vm):
    """Bytes read, their CRC-32; none was written beside the buffers."""
    vm.expect(SUM, 30)
    size, crc, changed = vm.child.match.groups()
    assert changed == "0"
    return int(size), int(crc, 16)


def read_all(boot, way, drive):
    vm = boot(*drive, *with_usb(way, WAYS[way]), "-kernel",
              images.guest("sum.be32"))
    return vm, sum_of(vm)


@pytest.mark.parametrize("way", FAULTY)
def test_a_throttled_disk_is_read_right(boot, way):
    image, crc = noise()
    _, got = read_all(boot, way, [
        "-object", "throttle-group,id=slow,x-iops-total=300",
        "-blockdev", "driver=raw,node-name=file,read-only=on,file.driver=file,"
        "file.filename=" + image,
        "-blockdev", "driver=throttle,throttle-group=slow,node-name=d0,"
        "read-only=on,file=file"])
    assert got == (SIZE, crc)


@pytest.mark.parametrize("way", FAULTY)
def test_errors_that_pass_are_retried_or_end_the_read(boot, way):
    """SCSI says which are worth another try."""
    image, crc = noise()
    middle = SIZE // 2 // 512 + 7
    vm, (size, got) = read_all(boot, way, devices.faulty_drive(
        image, [(errno.EIO, 2), (errno.EDOM, 2)], sector=middle))
    said = vm.output().count("read of block ")
    if "scsi" in way:
        assert (size, got, said) == (SIZE, crc, 0)
        return
    with open(image, "rb") as f:
        assert zlib.crc32(f.read(size)) == got
    assert size == SIZE and said == 0 or \
        size <= middle * 512 < size + (1 << 20) and said == 1


SMALL, LARGE = 4 << 20, 5 << 20
READER = "/pci@800000020000000/scsi@1f"


def run(vm, command):
    vm.line(command)
    vm.expect(PROMPT, QUICK)
    return vm.before()



def small_noise(tmp_path):
    with open(noise()[0], "rb") as f:
        data = f.read(SMALL)
    path = tmp_path / "small.img"
    path.write_bytes(data)
    return str(path), zlib.crc32(data.ljust(LARGE, b"\0"))


# QEMU's nvme does not tell that its disk has grown.
@pytest.mark.parametrize("controller", sorted(set(devices.DISK) - {"nvme"}))
def test_a_disk_that_grows_is_read_to_its_new_end(boot, controller, tmp_path):
    image, crc = small_noise(tmp_path)
    vm = boot(*devices.disk(controller, image), *devices.disk(
                  "virtio-blk-modern",
                  images.boot_disk(images.guest("sum.be32")), "d1",
                  "addr=1f"), "-prom-env", "auto-boot?=false")
    vm.expect(PROMPT)
    aliases = run(vm, "devalias")
    path, = set(re.findall(r"^disk1? +(\S+)$", aliases, re.M)) - {READER}
    run(vm, "ls " + path)
    assert vm.qmp("block_resize", device="d0", size=LARGE) == {}
    vm.line("boot %s disk=%s:0" % (READER, path))
    assert sum_of(vm) == (LARGE, crc)


@pytest.mark.parametrize("controller", ("virtio-scsi", "spapr-vscsi"))
def test_a_disc_that_is_changed_is_not_read_on(boot, controller):
    """The client has it open: it gets an error, and no byte of the next. The
    machine is stopped, so that no request is in flight: in QEMU 7.2 its end
    clears the unit attention, and nobody hears of the change. On USB one may
    be all the same. [hw/scsi/scsi-bus.c, scsi_clear_unit_attention]"""
    image, _ = noise()
    vm = boot(*devices.drive(image, "cd0", "cdrom",
                             "throttling.bps-total=8000000"),
              *devices.CDROM[controller]("cd0", ""),
              "-kernel", images.guest("sum.be32"), "-append", "disk=cdrom:0")
    is_being_read(vm, "cd0")
    vm.qmp("stop")
    vm.monitor("change cd0 %s raw read-only" % images.grub_disc())
    vm.qmp("cont")
    vm.expect(r"read of block \d+ failed: (the medium was changed or removed|"
              r"no medium)\r")
    size, crc = sum_of(vm)
    with open(image, "rb") as f:
        assert zlib.crc32(f.read(size)) == crc
    assert 0 < size < SIZE
