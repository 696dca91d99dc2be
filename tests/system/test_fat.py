# SPDX-License-Identifier: BSD-2-Clause
"""Files on FAT partitions: boot scripts, programs by path, `ls`."""
import re

import pytest

import devices
import fat_disks
import images

PROMPT = r"0 > "
STAMP = r"STAMP timebase [0-9a-f]{16}"
SCSI = "/pci@800000020000000/scsi@0"
LONG = "Folder-with-a-long-Name/program-of-several-words.elf"


def program(name="stamp.be32"):
    with open(images.guest(name), "rb") as f:
        return f.read()


def script_disk():
    """As CHRP discs have one; the script boots what partition 3 begins with."""
    return fat_disks.disk("script", 16, 16384, {
        "ppc/bootinfo.txt": (fat_disks.SCRIPT % "boot &device;:3").encode()},
        program())


def files_disk(bits):
    kib = {12: 4096, 16: 16384, 32: 40960}[bits]
    options = {12: (), 16: ("-s", "1"), 32: ("-s", "1")}[bits]
    return fat_disks.disk("files-%d" % bits, bits, kib, {
        "BOOT.ELF": program(),
        "boot/grub/core.elf": program("stamp.be64"),
        LONG: program("stamp.le64"),
        "K\u00f6ln am Rhein.txt": b"text",
        "broken.elf": b"this is no program"}, options=options)


def start(boot, disk, *options, **named):
    return boot(*devices.disk("virtio-blk-modern", disk), *options, **named)


def prompt(boot, disk):
    vm = start(boot, disk, "-prom-env", "auto-boot?=false")
    vm.expect(PROMPT)
    return vm


def run(vm, command):
    vm.line(command)
    vm.expect(PROMPT)
    return vm.before().split(command, 1)[-1]


def test_script_on_fat_boots_a_partition(boot):
    vm = start(boot, script_disk())
    vm.expect(r"Trying to load: .*%s.* \.\.\.   Successfully loaded" % SCSI)
    vm.expect(STAMP)
    assert vm.ended() == 0


def test_slof_boots_the_same_script(boot):
    vm = start(boot, script_disk(), bios=None)
    vm.expect(r"Successfully loaded")
    vm.expect(STAMP)


@pytest.mark.parametrize("bits,path", (
    (12, r"\boot.elf"), (32, "\\" + LONG.replace("/", "\\")),
    (16, r"\boot.elf"), (16, r"\BOOT\GRUB\CORE.ELF"),
    (16, "/boot/grub/core.elf"), (16, "\\" + LONG.replace("/", "\\")),
    (16, r"\FOLDER~1\PROGRA~1.ELF")))
def test_program_is_booted_by_path(boot, bits, path):
    vm = prompt(boot, files_disk(bits))
    vm.line("boot disk:1,%s two words" % path)
    vm.expect(r"Successfully loaded")
    vm.expect(STAMP)
    vm.expect(r"ARGUMENTS two words\r")


def test_ls_shows_long_names(boot):
    vm = prompt(boot, files_disk(16))
    text = run(vm, "ls disk:1,\\")
    assert re.search(r" +\d+ BOOT\.ELF\n", text)
    assert re.search(r" +0 Folder-with-a-long-Name\\\n", text)
    assert re.search(r" +4 K\\xc3\\xb6ln am Rhein\.txt\n", text)
    assert "QUOIN DISK" not in text
    assert re.search(r" +\d+ program-of-several-words\.elf\n",
                     run(vm, r"ls disk:1,\FOLDER~1"))
    assert re.search(r" core\.elf\n", run(vm, r"ls disk:1,\boot\grub"))


def test_what_is_wrong_with_a_path_is_told(boot):
    vm = prompt(boot, files_disk(16))
    assert re.search(r'E34\d\d: .*no file or directory "nothing"',
                     run(vm, r"boot disk:1,\boot\nothing"))
    assert re.search(r"E3403: Bad executable: .*not an ELF file",
                     run(vm, r"boot disk:1,\broken.elf"))
    assert re.search(r'E34\d\d: .*"1,\\boot" is a directory\n',
                     run(vm, r"boot disk:1,\boot"))
