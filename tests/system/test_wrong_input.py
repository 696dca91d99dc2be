# SPDX-License-Identifier: BSD-2-Clause
"""What cannot be booted gets a reason, then the next device, then the
prompt."""
import json
import re
import shutil

import pytest

import broken
import devices
import images

PROMPT = r"0 > "
STAMP = r"STAMP timebase [0-9a-f]{16}"

# image -> what its reason has to say, beside the code and the path
REASONS = {
    broken.empty: r"(?i)no (PReP|partition)",
    broken.tiny: r"(?i)no (PReP|partition)|too small|past the end",
    broken.garbage_mbr: r"(?i)PReP|partition",
    broken.endless_logical: r"(?i)PReP|partition|logical",
    broken.no_prep: r"(?i)no PReP.*82",
    broken.gpt_both_headers_broken: r"(?i)CRC|checksum",
    broken.prep_without_elf: r"(?i)ELF",
    broken.prep_of_zeros: r"(?i)ELF",
    broken.truncated_elf: r"(?i)end|truncated|past|short|larger",
    broken.elf_of_another_cpu: r"(?i)machine|PowerPC",
    broken.elf_beyond_ram: r"(?i)RAM|memory|claim",
    broken.elf_that_wraps: r"(?i)memory|wrap|4 GiB|claim|range",
    broken.elf_over_the_firmware: r"(?i)firmware|memory|claim",
    broken.elf_without_segments: r"(?i)segment|program header|PT_LOAD",
}
NAMES = [f.__name__ for f in REASONS]


def good_disk():
    return images.boot_disk(images.guest("stamp.be32"))


def reason(vm):
    """The line with the code, after the first line Trying to load."""
    vm.expect(r"Trying to load: ")
    vm.expect(r"(E34\d\d: [^\r\n]+)\r")
    return vm.child.match.group(1)


@pytest.mark.parametrize("image", REASONS, ids=NAMES)
def test_bad_disk_gives_a_reason_and_the_next_is_tried(boot, image):
    vm = boot(*devices.disk("virtio-blk-modern", image(), "bad",
                            "bootindex=1"),
              *devices.disk("virtio-scsi", good_disk(), "good",
                            "bootindex=2"))
    line = reason(vm)
    assert "/pci@800000020000000/scsi@" in line
    vm.expect(r"Trying to load: ")
    vm.expect(STAMP)
    text = vm.output()
    assert re.search(REASONS[image], text[:text.index("STAMP")])
    assert vm.ended() == 0


@pytest.mark.parametrize("image", REASONS, ids=NAMES)
def test_bad_disk_alone_ends_at_the_prompt(boot, image):
    vm = boot(*devices.disk("virtio-blk-legacy", image()))
    reason(vm)
    vm.expect(PROMPT)
    vm.line("power-off")
    assert vm.ended() == 0


def test_broken_primary_gpt_boots_by_the_backup(boot):
    vm = boot(*devices.disk("virtio-scsi", broken.gpt_primary_broken()))
    vm.expect(STAMP)


@pytest.mark.parametrize("controller", ("virtio-blk-pci", "scsi-hd"))
def test_unreadable_sector_is_named(boot, controller, tmp_path):
    bad = str(shutil.copy(good_disk(), tmp_path / "bad.img"))
    fault = {"driver": "blkdebug", "node-name": "bad", "image": "file0",
             "inject-error": [{"event": "none", "iotype": "read",
                               "errno": 5, "sector": broken.PREP_FIRST}]}
    hba = ["-device", "virtio-scsi-pci"] if controller == "scsi-hd" else []
    vm = boot("-blockdev", "driver=file,node-name=file0,filename=" + bad,
               "-blockdev", json.dumps(fault), *hba,
              "-device", controller + ",drive=bad,bootindex=1",
              *devices.disk("virtio-blk-modern", good_disk(), "good",
                            "bootindex=2"))
    vm.expect(r"(?i)block %d.*failed|medium error" % broken.PREP_FIRST)
    vm.expect(STAMP)


@pytest.mark.parametrize("controller", ("virtio-scsi-pci", "spapr-vscsi"))
def test_empty_cd_drive_says_so(boot, controller):
    vm = boot("-device", controller, "-device", "scsi-cd,bootindex=1",
              *devices.disk("virtio-blk-modern", good_disk(), "good",
                            "bootindex=2"))
    assert "disk@" in reason(vm)
    vm.expect(STAMP)
    assert "medium" in vm.output().lower()


def test_boot_device_that_is_not_there_is_named(boot):
    vm = boot("-prom-env",
              "boot-device=/pci@800000020000000/scsi@1f no-such disk",
              *devices.disk("virtio-blk-modern", good_disk()))
    assert "scsi@1f" in reason(vm)
    assert "no-such" in reason(vm)
    vm.expect(STAMP)


def test_boot_list_with_a_device_without_driver_goes_on(boot):
    vm = boot(*devices.drive(good_disk(), "n0"),
              "-device", "ich9-ahci,id=sata",
              "-device", "ide-hd,bus=sata.0,drive=n0,bootindex=1",
              *devices.disk("virtio-blk-modern", good_disk(), "good",
                            "bootindex=2"))
    assert "sata@" in reason(vm)
    vm.expect(STAMP)


def test_nothing_to_boot_ends_at_the_prompt(boot):
    vm = boot()
    vm.expect(r"E3400|E3404|E3405|Open Firmware")
    vm.expect(PROMPT)


def test_disc_without_bootinfo_gives_a_reason(boot):
    vm = boot(*devices.cdrom("spapr-vscsi", images.plain_disc()))
    vm.expect(r"E3404: [^\r\n]*v-scsi@[^\r\n]*bootinfo[^\r\n]*\r")
    vm.expect(PROMPT)
