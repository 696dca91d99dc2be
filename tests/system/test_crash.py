# SPDX-License-Identifier: BSD-2-Clause
"""Exceptions: the report, and a prompt that boots afterwards."""
import re

import pytest

import broken
import devices
import grub
import images

ILLEGAL = b"\0\0\0\0"


def test_crashed_client_can_be_booted_again(boot):
    """Its memory, its instances and the vectors are the firmware's again."""
    disk = broken.prep_with("illegal",
                            broken.elf32(0x400000, 4, data=ILLEGAL))
    vm = boot(*devices.disk("virtio-blk-modern", disk))
    for _ in range(3):
        vm.expect(r"Program exception at 400000, ")
        vm.expect(r"0 > ")
        vm.line("boot disk")
    vm.expect(r"Program exception at 400000, ")
    assert "E34" not in vm.output()


def test_nmi_stops_grub_and_the_prompt_boots_it_again(boot):
    vm = boot(*devices.disk("virtio-blk-legacy", images.grub_disk()))
    grub.at_prompt(vm)
    vm.monitor("nmi")
    vm.expect(r"System Reset \(NMI\) exception at ")
    vm.expect(r"0 > ")
    vm.line("boot disk")
    grub.at_prompt(vm)


def test_nmi_is_reported_once_whatever_the_number_of_processors(boot):
    """QEMU's monitor sends it to all, also to those not started yet."""
    vm = boot("-smp", "8")
    vm.expect(r"0 > ")
    for _ in range(10):
        vm.monitor("nmi")
        vm.expect(r"0 > ")
    vm.line("no-such-command")
    vm.expect(r"no-such-command.*\s+0 > ")
    assert vm.output().count("exception at") == 10
    vm.line("reset-all")
    vm.expect(r"SLOF\S+\s+\*+")
    vm.expect(r"0 > ")


def test_arguments_are_in_r6_and_r7(boot):
    """PowerPC binding 8.2; FreeBSD's boot1 takes them from there."""
    disk = broken.prep_with("illegal",
                            broken.elf32(0x400000, 4, data=ILLEGAL))
    vm = boot("-prom-env", "auto-boot?=false",
              *devices.disk("virtio-blk-modern", disk))
    vm.expect(r"0 > ")
    vm.line("boot disk some words")
    text, size = vm.expect(r"R04 \S+ \S+ (\S+) (\S+)\s").groups()
    assert int(size, 16) == len("some words")
    dump = vm.monitor("xp /11cb 0x%s" % text)
    assert "".join(re.findall(r"'(.*?)'", dump)) == r"some words\x00"


@pytest.mark.parametrize("controller", sorted(devices.DISK))
def test_nmi_within_a_read_leaves_a_disk_that_works(boot, controller):
    """The requests of whoever was cut off are forgotten, and nobody has the
    disk open any more: the kernel's own driver could have it."""
    vm = boot("-prom-env", "auto-boot?=false",
              *devices.disk(controller, images.grub_disk(),
                            extra="throttling.bps-total=1000"),
              *images.linux("quoin.test=poweroff"))
    vm.expect(r"0 > ")
    vm.line("ls disk")
    # The disk is read as soon as the line has been echoed.
    vm.expect(r"ls disk\r")
    vm.monitor("nmi")
    vm.expect(r"System Reset \(NMI\) exception at ")
    vm.expect(r"0 > ")
    vm.qmp("block_set_io_throttle", device="d0", bps=0, bps_rd=0, bps_wr=0,
           iops=0, iops_rd=0, iops_wr=0)
    vm.line("ls disk")
    vm.expect(r"MBR type 41")
    vm.expect(r"0 > ")
    assert "E34" not in vm.output() and "no response" not in vm.output()
