# SPDX-License-Identifier: BSD-2-Clause
"""Which partition of a disk boots, and what is said of the others."""
import devices
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
