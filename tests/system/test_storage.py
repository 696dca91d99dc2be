# SPDX-License-Identifier: BSD-2-Clause
"""Disks after other programs, and disks that do not behave."""
import errno
import re
import socket
import subprocess

import pytest

import devices
import grub
import images
import machine

PROMPT = r"0 > "
STAMP = r"STAMP timebase [0-9a-f]{16}"

DRIVES = ("virtio-scsi", "spapr-vscsi", "usb-bot")


def stamp_disk():
    return images.boot_disk(images.guest("stamp.be32"))


@pytest.fixture
def vhost_user_blk(tmp_path):
    """vhost_user_blk(image) has qemu-storage-daemon serve an image; returns
    QEMU's options. The daemon gets a socket that listens, so nobody waits."""
    running = []

    def start(image):
        path = str(tmp_path / "disk")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(1)
            running.append(subprocess.Popen(
                ["qemu-storage-daemon", "--blockdev",
                 "driver=file,node-name=d0,read-only=on,filename=" + image,
                 "--export", "type=vhost-user-blk,id=e0,node-name=d0,"
                 "addr.type=fd,addr.str=%d" % listener.fileno()],
                pass_fds=[listener.fileno()]))
        return ["-object", "memory-backend-memfd,id=ram,size=1G,share=on",
                "-chardev", "socket,id=c0,path=" + path,
                "-device", "vhost-user-blk-pci,chardev=c0"]

    yield start
    for daemon in running:
        daemon.terminate()
        daemon.wait()


def test_a_disk_of_qemu_storage_daemon_boots(boot, vhost_user_blk):
    vm = boot(*vhost_user_blk(images.grub_disk()),
              machine=machine.PSERIES + ",memory-backend=ram")
    grub.at_prompt(vm)
    assert "vmlinux" in grub.run(vm, "ls /boot/")


def test_a_slow_disk_that_goes_on_is_waited_for(boot):
    """1 MB/s: what is in flight together takes longer than the 15 s that a
    disk may be silent."""
    image = images.boot_disk(images.padded_guest("stamp.be32", 20),
                             "--prep=32")
    vm = boot(*devices.disk("virtio-blk-modern", image,
                            extra="throttling.bps-total=1000000"))
    vm.expect(STAMP)
    assert "E3" not in vm.output()
    assert re.search(r"^Waited \d\d\.\d s for virtio-blk \S+$", vm.output(),
                     re.M)


@pytest.mark.parametrize("controller", ("virtio-scsi", "spapr-vscsi"))
def test_a_busy_unit_is_waited_for(boot, controller):
    """EDOM: TASK SET FULL. [QEMU scsi/utils.c, scsi_sense_from_errno]"""
    vm = boot(*devices.faulty_drive(stamp_disk(), [(errno.EDOM, 12)]),
              *devices.DISK[controller]("d0", ""))
    vm.expect(STAMP)
    assert "E3" not in vm.output()


@pytest.mark.parametrize("error,reason", (
    (errno.EBADE, r"SCSI status 0x18 \(reservation conflict: [a-z ]+\)"),
    (errno.ENODATA, r"sense key 3 \(medium error\), code 11/00 "
     r"\(unrecovered read error\)"),
    (errno.EREMOTEIO, r"sense key 4 \(hardware error\), code 44/00 "
     r"\(target failure\)"),
    (errno.EINVAL, r"sense key 5 \(illegal request\), code 24/00 "
     r"\((invalid field|the unit is gone, or refuses the command)\)"),
    (errno.EIO, r"sense key b \(aborted command\), code 00/06 "
     r"\(I/O error on the host\)")))
@pytest.mark.parametrize("controller", ("virtio-scsi", "spapr-vscsi",
                                        "usb-storage"))
def test_what_the_unit_says_is_told(boot, controller, error, reason):
    if controller == "usb-storage" and error == errno.EBADE:
        # Bulk-only transport tells no SCSI status but "failed".
        reason = "check condition without sense data"
    vm = boot(*devices.faulty_drive(stamp_disk(), [(error, 0)]),
              *devices.DISK[controller]("d0", ""))
    vm.expect(r"E3404: [^\r\n]*read of block 0 failed: %s\r" % reason)
    vm.expect(PROMPT)


def change(vm, image):
    assert "error" not in vm.monitor("change cd0 %s raw read-only" %
                                     image).lower()


def boot_disc(vm):
    """Boots GRUB from the disc: none of its files is in the first one."""
    vm.line("boot cdrom")
    grub.at_prompt(vm)
    assert "vmlinux" in grub.run(vm, "ls /boot/")


@pytest.mark.parametrize("controller", DRIVES)
def test_a_changed_disc_is_booted(boot, controller):
    vm = boot(*devices.cdrom(controller, images.plain_disc()))
    vm.expect(r"E3404: [^\r\n]*bootinfo")
    vm.expect(PROMPT)
    change(vm, images.grub_disc())
    boot_disc(vm)


@pytest.mark.parametrize("controller", DRIVES)
def test_a_disc_in_an_empty_drive_is_booted(boot, controller):
    vm = boot("-drive", "if=none,id=cd0,media=cdrom",
              *devices.CDROM[controller]("cd0", ""))
    vm.expect(r"E3404: [^\r\n]*: no medium\r")
    vm.expect(PROMPT)
    change(vm, images.grub_disc())
    boot_disc(vm)


@pytest.mark.parametrize("controller", DRIVES)
def test_a_drive_whose_disc_was_ejected_is_empty(boot, controller):
    vm = boot("-prom-env", "auto-boot?=false",
              *devices.cdrom(controller, images.grub_disc()))
    vm.expect(PROMPT)
    vm.line("ls cdrom")
    vm.expect(r"boot\\")
    vm.expect(PROMPT)
    vm.monitor("eject cd0")
    vm.line("boot cdrom")
    vm.expect(r"E3404: [^\r\n]*: no medium\r")
    vm.expect(PROMPT)
    change(vm, images.grub_disc())
    boot_disc(vm)
