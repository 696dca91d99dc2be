# SPDX-License-Identifier: BSD-2-Clause
"""Which partition of a disk boots, and what is said of the others."""
import json
import shutil

import pytest

import broken
import devices
import images
import tables

PROMPT = r"0 > "
DISK = "/pci@800000020000000/scsi@0"


def start(boot, disk, *options):
    return boot(*devices.disk("virtio-blk-modern", disk), *options)


def test_types_of_a_gpt_without_prep_are_told(boot):
    vm = start(boot, tables.gpt(
        "gpt-types", (tables.EFI, tables.LINUX,
                      "12345678-9abc-def0-1234-56789abcdef0"), {}))
    vm.expect(r"E3404: [^\r\n]*scsi@0: no PReP partition \(GPT has types EFI "
              r"system, Linux data, 12345678-9abc-def0-1234-56789abcdef0\)\r")
    vm.expect(PROMPT)


def test_types_without_room_are_counted(boot):
    vm = start(boot, tables.gpt(
        "gpt-many", ("12345678-9abc-def0-1234-56789abcdef0",) * 128, {}))
    vm.expect(r"no PReP partition \(GPT has types [-0-9a-f, ]{50,200}, \.\.\. "
              r"and 12\d more\)\r")
    vm.expect(PROMPT)


GARBAGE = b"GARBAGE!" * 4096
STAMP = r"STAMP timebase [0-9a-f]{16}"


def program(name="stamp.be32"):
    with open(images.guest(name), "rb") as f:
        return f.read()


def empty_then_good():
    """The active one is empty."""
    return tables.mbr("empty-good", ((True, 0x41), (False, 0x41)),
                      {2: program()})


def garbage_then_good():
    return tables.mbr("garbage-good", ((True, 0x41), (True, 0x41)),
                      {1: GARBAGE, 2: program()})


def good_is_first_but_not_active():
    return tables.mbr("good-garbage", ((False, 0x41), (False, 0x83),
                                       (True, 0x41)),
                      {1: program(), 3: GARBAGE})


def gpt_empty_then_good():
    return tables.gpt("gpt-empty-good", (tables.PREP, tables.PREP,
                                         tables.LINUX), {2: program()})


@pytest.mark.parametrize("disk,first,second,begins", (
    (empty_then_good, 1, 2, None),
    (garbage_then_good, 1, 2, "47415242"),
    (good_is_first_but_not_active, 3, 1, "47415242"),
    (gpt_empty_then_good, 1, 2, None)))
def test_next_prep_partition_is_tried(boot, disk, first, second, begins):
    vm = start(boot, disk())
    vm.expect(r"Trying to load:  from: %s \.\.\. " % DISK)
    vm.expect(r"E3403: Bad executable: %s:%d: %snot an ELF file "
              r"\(begins with %s\)\r"
              % (DISK, first, "" if begins else "empty, ",
                 begins or "00000000"))
    vm.expect(r"Trying to load:  from: %s:%d \.\.\.   Successfully loaded\r"
              % (DISK, second))
    vm.expect(STAMP)
    assert vm.ended() == 0


def test_disk_of_empty_prep_partitions_names_each_once(boot):
    vm = start(boot, tables.mbr("all-empty", ((True, 0x41), (False, 0x41),
                                              (False, 0x41)), {}))
    for number in (1, 2, 3):
        vm.expect(r"E34\d\d: [^\r\n]*scsi@0:%d: empty, not an ELF" % number)
    vm.expect(PROMPT)
    assert vm.output().count("empty, not an ELF file") == 3
    assert "no PReP" not in vm.output()


def test_unreadable_prep_partition_is_told_and_the_next_tried(boot, tmp_path):
    bad = str(shutil.copy(garbage_then_good(), tmp_path / "bad.img"))
    fault = {"driver": "blkdebug", "node-name": "bad", "image": "file0",
             "inject-error": [{"event": "none", "iotype": "read", "errno": 5,
                               "sector": tables.place(1)}]}
    vm = boot("-blockdev", "driver=file,node-name=file0,filename=" + bad,
              "-blockdev", json.dumps(fault),
              "-device", "virtio-blk-pci,drive=bad")
    vm.expect(r"E3407: Load failed: %s:1: [^\r\n]*block %d"
              % (DISK, tables.place(1)))
    vm.expect(STAMP)


def test_program_without_room_is_told_and_the_next_tried(boot):
    vm = start(boot, tables.mbr("roomless", ((True, 0x41), (False, 0x41)), {
        1: broken.elf32(0x7ff00000, 4096), 2: program()}))
    vm.expect(r"E3408: [^\r\n]*scsi@0:1: [^\r\n]*memory")
    vm.expect(STAMP)
