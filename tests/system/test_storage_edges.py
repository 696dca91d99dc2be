# SPDX-License-Identifier: BSD-2-Clause
"""As many disks as a controller can have, and disks as far away as possible."""
import re
import time

import pytest

import cells
import devices
import grub
import images

PROMPT = r"0 > "
STAMP = cells.STAMP
# Seconds to the prompt, and for a boot: less than one command's time-out.
FAST = 14


def stamp_disk():
    return images.boot_disk(images.guest("stamp.be32"))


def zeros(ident):
    """A disk of zeros that costs the host nothing."""
    return ["-blockdev", "null-co,size=1048576,read-zeroes=on,node-name=" +
            ident]


def scsi_disks(controller, places):
    """A disk at each of these (channel, id, LUN); the last one boots, and is
    called d0."""
    options = ["-device", controller + ",id=hba", *devices.drive(stamp_disk())]
    for n, place in enumerate(places):
        drive = "d0" if n == len(places) - 1 else "z%d" % n
        if drive != "d0":
            options += zeros(drive)
        # Without a geometry QEMU reads the disk to guess it.
        options += ["-device", "scsi-hd,bus=hba.0,channel=%d,scsi-id=%d,lun=%d,"
                    "cyls=2,heads=16,secs=63,drive=%s" % (*place, drive)]
    return options


def at_prompt(boot, options):
    vm = boot(*options, "-prom-env", "auto-boot?=false")
    vm.expect(r'Press "s" to enter Open Firmware\.')
    start = time.monotonic()
    vm.expect(PROMPT)
    assert time.monotonic() - start < FAST
    return vm


def disks(vm):
    """The paths of the aliases disk, disk1, disk2…, by their numbers."""
    vm.line("devalias")
    vm.expect(r" ok\s+" + PROMPT)
    found = re.findall(r"^disk(\d*) +(\S+)$", vm.before(), re.M)
    return [path for _, path in sorted((int(n or 0), p) for n, p in found)]


def boots_last(vm, count):
    """The last of so many disks."""
    found = disks(vm)
    assert len(found) == count
    vm.line("boot " + found[-1])
    start = time.monotonic()
    vm.expect(STAMP)
    assert time.monotonic() - start < FAST
    return found


def test_256_targets_of_virtio_scsi_with_the_last_lun(boot):
    vm = at_prompt(boot, scsi_disks("virtio-scsi-pci", [
        (0, target, 16383) for target in range(256)]))
    found = boots_last(vm, 256)
    assert [p.rsplit("@")[-1] for p in found] == [
        "1%02x7fff00000000" % target for target in range(256)]


def test_255_luns_of_a_target_that_has_no_lun_0(boot):
    vm = at_prompt(boot, scsi_disks("virtio-scsi-pci", [
        (0, 3, lun) for lun in range(1, 256)]))
    found = boots_last(vm, 255)
    assert [p.rsplit("@")[-1] for p in found] == [
        "103%04x00000000" % lun for lun in range(1, 256)]


def test_every_id_and_channel_of_vscsi(boot):
    """A disk on each of 64 ids of 8 channels, on all of the 32 LUNs."""
    vm = at_prompt(boot, scsi_disks("spapr-vscsi", [
        (channel, target, (target + channel * 4 + 4) % 32)
        for channel in range(8) for target in range(64)]))
    boots_last(vm, 512)


def test_64_disks_are_tried_in_the_order_of_their_bootindexes(boot):
    """The first slot comes last, and only it holds a program."""
    options = devices.drive(stamp_disk())
    for n in range(64):
        if n:
            options += zeros("z%d" % n)
        options += ["-device", "virtio-blk-pci,addr=%x.%d,multifunction=on,"
                    "bootindex=%d,drive=%s" % (n // 8 + 1, n % 8, 64 - n,
                                               "z%d" % n if n else "d0")]
    vm = boot(*options)
    vm.expect(r"Trying to load")
    start = time.monotonic()
    vm.expect(STAMP)
    assert time.monotonic() - start < FAST
    tried = re.findall(r"Trying to load:  from: \S+/scsi@(\S+) ", vm.output())
    assert tried == [("%x,%d" % (n // 8 + 1, n % 8)).replace(",0", "")
                     for n in reversed(range(64))]


def two_paths(first, second):
    """kola's multipath disk: two controllers, one image, one WWN."""
    disk = "scsi-hd,vendor=NVME,product=VirtualMultipath,wwn=0xa5a5a5a5,"
    return [*first, *second,
            "-device", "virtio-scsi-pci,id=scsi_0",
            "-device", disk + "bus=scsi_0.0,drive=path0,bootindex=1",
            "-device", "virtio-scsi-pci,id=scsi_1",
            "-device", disk + "bus=scsi_1.0,drive=path1,bootindex=2"]


def path(number, image):
    return ["-drive", "if=none,id=path%d,format=raw,file=%s,read-only=on,"
            "file.locking=off" % (number, image)]


def test_the_first_of_two_paths_to_a_disk_boots(boot):
    image = images.grub_disk("gpt")
    vm = boot(*two_paths(path(0, image), path(1, image)))
    vm.expect(r"Trying to load:  from: \S+scsi@0/disk@\S+ \.\.\.   Succ")
    grub.at_prompt(vm)
    assert "vmlinux" in grub.run(vm, "ls /boot/")


def test_the_second_path_boots_when_the_first_fails(boot):
    image = images.grub_disk("gpt")
    vm = boot(*two_paths(devices.faulty_drive(image, [(5, 0)], "path0"),
                         path(1, image)))
    vm.expect(r"Trying to load:  from: (\S+)scsi@0/disk@\S+ \.\.\. ")
    start = time.monotonic()
    vm.expect(r"E34\d\d: [^\r\n]*scsi@0/disk@[^\r\n]*read of block 0 failed")
    vm.expect(r"Trying to load:  from: \S+scsi@1/disk@\S+ \.\.\.   Succ")
    assert time.monotonic() - start < FAST
    grub.at_prompt(vm)
    assert "vmlinux" in grub.run(vm, "ls /boot/")


@pytest.mark.parametrize("sector", (512, 4096))
@pytest.mark.parametrize("controller", devices.SIZED_DISK)
def test_prep_partition_beyond_2_tib_boots(boot, controller, sector):
    """Sectors that 32 bits cannot number, with sectors of 512 bytes."""
    image = images.huge_disk(images.guest("stamp.be32"), sector)
    vm = boot("-drive", "if=none,id=d0,format=qcow2,snapshot=on,file=" + image,
              *devices.SIZED_DISK[controller](
                  "d0", "," + devices.sectors(sector)))
    vm.expect(STAMP)
    assert vm.ended() == 0
