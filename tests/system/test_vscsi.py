# SPDX-License-Identifier: BSD-2-Clause
"""spapr-vscsi's queue under load, and what it does about lost commands."""
import time

import pytest

import devices
import grub
import images

# The firmware gives a command up after 15 s: a load takes well below 1 s.
LOAD_SECONDS = 10


@pytest.mark.parametrize("run", range(4))
def test_no_answer_is_lost_in_many_loads(boot, run):
    """Each load goes several times round the queue of 256 elements."""
    vm = boot(*devices.disk("spapr-vscsi", images.grub_disk("mbr")))
    grub.at_prompt(vm)
    for _ in range(15):
        start = time.monotonic()
        text = grub.run(vm, "linux /boot/vmlinux") + \
            grub.run(vm, "initrd /boot/initrd.gz")
        assert time.monotonic() - start < LOAD_SECONDS
        assert "error" not in text
    assert "no response" not in vm.output()
    assert "unknown command" not in vm.output()


def test_data_that_comes_too_late_goes_nowhere(boot):
    """The disk answers 2 s after the firmware has given up."""
    slow = ["-blockdev", "null-co,node-name=slow,size=1048576,read-zeroes=on,"
            "latency-ns=17000000000",
            # Without a geometry QEMU reads the disk to guess it.
            "-device", "scsi-hd,drive=slow,bus=hba.0,scsi-id=1,"
            "cyls=2,heads=16,secs=63"]
    vm = boot(*devices.disk("spapr-vscsi", images.made_empty(),
                            options="scsi-id=0"), *slow,
              "-kernel", images.guest("late.be32"), "-append", "late=19000")
    vm.expect(r"no response in 15 s")
    # QEMU says itself where the late data did not get to.
    vm.expect(r"f{8} other 00001000(?s:.*) buffer (\w+)\r")
    assert vm.child.match.group(1) == "kept"


def test_a_disk_that_hangs_stops_neither_the_boot_nor_the_machine(boot):
    """The next disk, on the same host, boots as soon as the first is given
    up; an abort would stop QEMU until the first has answered."""
    slow = ["-blockdev", "null-co,node-name=slow,size=1048576,read-zeroes=on,"
            "latency-ns=60000000000",
            "-device", "scsi-hd,drive=slow,bus=hba.0,scsi-id=1,bootindex=1,"
            "cyls=2,heads=16,secs=63"]
    vm = boot(*devices.disk("spapr-vscsi",
                            images.boot_disk(images.guest("stamp.be32")),
                            options="scsi-id=0,bootindex=2"), *slow)
    vm.expect(r"Trying to load")
    start = time.monotonic()
    vm.expect(r"no response in 15 s")
    vm.expect(r"STAMP timebase")
    assert 14 < time.monotonic() - start < 25
