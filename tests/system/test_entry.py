# SPDX-License-Identifier: BSD-2-Clause
"""Ring 3: how clients are entered, and what the console says when they
leave. That they may leave is for the conformance suite to say."""
import os
import re

import pytest

import devices
import elfs
import images
from machine import FIRMWARE

pytestmark = pytest.mark.guest

FLAVOURS = ("be32", "be64", "be64v2", "le64")
STAMP = r"STAMP timebase [0-9a-f]{16}"
PROMPT = r"0 > "
LOW_END = 0x2580    # entry/layout.h: the vectors' data ends there


@pytest.mark.parametrize("memory, window", (
    ("256M", 0xee00000), ("1G", 0x3ee00000), ("4G", 0x7ee00000)))
def test_image_is_copied_whole_to_memory_that_is_not_zero(
        boot, tmp_path, memory, window):
    with open(FIRMWARE, "rb") as f:
        image = f.read()
    with open(os.path.splitext(FIRMWARE)[0] + ".map", encoding="ascii") as f:
        end = int(re.search(r"0x(\w+) +image_relr_end = ", f.read()).group(1),
                  16)
    used = tmp_path / "used"
    used.write_bytes(b"\xa5" * (16 << 20))
    vm = boot("-prom-env", "auto-boot?=false", "-device",
              "loader,file=%s,addr=%#x,force-raw=on" % (used, window),
              memory=memory)
    vm.expect(PROMPT)
    saved = tmp_path / "saved"
    vm.qmp("pmemsave", val=window, size=len(image), filename=str(saved))
    copy = saved.read_bytes()
    assert copy[LOW_END:end] == image[LOW_END:end]
    assert copy[end:] != image[end:], "no pointer has moved"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_kernel_of_every_kind_is_entered(boot, flavour):
    vm = boot("-kernel", images.guest("stamp." + flavour))
    vm.expect(STAMP)
    assert vm.ended() == 0


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_kernel_whose_segment_has_its_header_is_entered_behind_it(boot,
                                                                   flavour):
    vm = boot("-kernel", elfs.header_in_segment("stamp." + flavour),
              "-append", "with words")
    vm.expect(STAMP)
    vm.expect(r"ARGUMENTS with words\r")
    assert vm.ended() == 0


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_kernel_with_a_gap_behind_its_header_is_entered(boot, flavour):
    vm = boot("-kernel", elfs.gap_behind_header("stamp." + flavour, 0x20000))
    vm.expect(STAMP)
    assert vm.ended() == 0


def test_kernel_with_an_initrd_in_its_gap_is_entered(boot, tmp_path):
    initrd = tmp_path / "initrd"
    initrd.write_bytes(b"initrd")
    vm = boot("-kernel", elfs.gap_behind_header("stamp.be32", 0x100000),
              "-initrd", str(initrd), "-append", "return=1")
    vm.expect(STAMP)
    vm.expect(r"E3406: Client application returned an error: 1")
    vm.expect(PROMPT)
    assert "cannot be claimed" not in vm.output()


def test_vmlinux_is_moved_behind_a_waiting_kernel(boot):
    vm = boot("-kernel", elfs.gap_behind_header("stamp.be32", 0x30000),
              "-prom-env", "auto-boot?=false",
              *devices.disk("virtio-blk-modern", images.boot_disk(
                  elfs.at_zero("stamp.be32"))))
    vm.expect(PROMPT)
    vm.line("boot disk return=1")
    vm.expect(STAMP)
    vm.expect(r"E3406: Client application returned an error: 1")
    vm.expect(PROMPT)
    vm.line("boot")
    vm.expect(r"Booting from memory")
    vm.expect(STAMP)
    assert vm.ended() == 0


def test_kernel_whose_segment_lies_on_the_firmware_is_named(boot):
    vm = boot("-m", "256", "-kernel",
              elfs.gap_behind_header("stamp.be32", 0xec00000))
    vm.expect(r"E3408: Failed to claim memory for the executable: -kernel: "
              r"segment at f000000, [0-9a-f]+ bytes: memory in use\r")
    vm.expect(PROMPT)


def test_kernel_whose_header_says_no_entry_is_named(boot):
    vm = boot("-kernel", elfs.header_in_segment("stamp.be64", 0x10))
    vm.expect(r"E3403: Bad executable: -kernel: entry 10 is outside the "
              r"image\r")
    vm.expect(r"E3405: No such device: disk")
    vm.expect(PROMPT)
    assert "exception" not in vm.output()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_loader_enters_every_kind_of_elf(boot, flavour):
    vm = boot(*devices.disk("virtio-blk-modern",
                            images.boot_disk(images.guest("stamp." + flavour))))
    vm.expect(r"Successfully loaded")
    vm.expect(STAMP)
    assert vm.ended() == 0


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_disc_enters_every_kind_of_elf(boot, flavour):
    vm = boot(*devices.cdrom("spapr-vscsi", images.boot_disc(
        images.guest("stamp." + flavour))))
    vm.expect(STAMP)
    assert vm.ended() == 0


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_image_for_address_zero_is_moved(boot, flavour):
    vm = boot(*devices.disk("virtio-blk-modern", images.boot_disk(
        elfs.at_zero("stamp." + flavour))))
    vm.expect(r" \.\.\.   Successfully loaded\r+\n  Moved from 0 to 400000\r")
    vm.expect(STAMP)
    assert vm.ended() == 0


def test_program_that_is_linked_for_the_vectors_is_not_moved(boot):
    vm = boot(*devices.disk("virtio-blk-modern", images.boot_disk(
        elfs.at_vectors("stamp.be32"))))
    vm.expect(r"E3408: Failed to claim memory for the executable: \S+: "
              r"segment at 0, [0-9a-f]+ bytes: memory in use\r")
    vm.expect(PROMPT)
    assert "Successfully loaded" not in vm.output()


def test_boot_at_the_prompt_enters_the_kernel_in_memory(boot):
    vm = boot("-kernel", images.guest("stamp.be32"),
              "-prom-env", "auto-boot?=false")
    vm.expect(PROMPT)
    vm.line("boot")
    vm.expect(r"Booting from memory")
    vm.expect(STAMP)
    assert vm.ended() == 0


@pytest.mark.parametrize("flavour", ("be32", "be64"))
def test_return_of_the_client_is_reported(boot, flavour):
    vm = boot("-kernel", images.guest("stamp." + flavour),
              "-append", "return=1")
    vm.expect(STAMP)
    vm.expect(r"E3406: Client application returned an error: 1")
    vm.expect(PROMPT)


@pytest.mark.parametrize("service", ("exit", "enter"))
def test_client_leaves_for_the_prompt(boot, service):
    vm = boot("-kernel", images.guest("conformance.be32"),
              "-append", "run=" + service)
    vm.expect(r"# leave \d+ %s" % service)
    vm.expect(PROMPT)
    assert not re.search(r"ok \d+", vm.output())


def test_boot_service_names_its_target_and_arguments(boot):
    disk = images.boot_disk(images.guest("conformance.be32"))
    vm = boot(*devices.disk("virtio-scsi", disk), "-prom-env",
              "boot-file=run=boot")
    vm.expect(r"Trying to load: +run=boot from: /\S+ \.\.\. ")
    vm.expect(r"# leave (\d+) boot")
    case = vm.child.match.group(1)
    vm.expect(r"Trying to load: +resumed=%s [^\r]* from: /\S+ \.\.\. " % case)
    vm.expect(r"ok %s - " % case)
    assert vm.ended() == 0


def test_trace_logs_each_call_with_its_results(boot):
    vm = boot("-prom-env", "trace=ci", "-append", "traced",
              "-kernel", images.guest("stamp.be32"))
    vm.expect(r"ARGUMENTS traced")
    assert vm.ended() == 0
    assert re.search(r"finddevice.*/chosen", vm.output())
    assert re.search(r"getprop.*bootargs", vm.output())
