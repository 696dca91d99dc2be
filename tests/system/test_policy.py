# SPDX-License-Identifier: BSD-2-Clause
"""What is booted, in which order, and what is said about it."""
import re

import pytest

import devices
import grub
import images

PROMPT = r"0 > "
STAMP = r"STAMP timebase [0-9a-f]{16}"
TRYING = r"Trying to load:  from: (/\S+) \.\.\. "


def stamp_disk():
    return images.boot_disk(images.guest("stamp.be32"))


def two_disks(first, second):
    return (devices.disk("virtio-blk-modern", stamp_disk(), "a",
                         "addr=3" + first) +
            devices.disk("virtio-blk-modern", stamp_disk(), "b",
                         "addr=5" + second))


def booted_from(vm):
    vm.expect(TRYING)
    return vm.child.match.group(1)


@pytest.mark.parametrize("first,second,slot", (
    (",bootindex=1", ",bootindex=2", 3), (",bootindex=2", ",bootindex=1", 5),
    ("", ",bootindex=0", 5)))
def test_bootindex_decides_the_order(boot, first, second, slot):
    vm = boot(*two_disks(first, second))
    assert booted_from(vm) == "/pci@800000020000000/scsi@%d" % slot
    vm.expect(STAMP)


def test_without_a_list_disks_come_before_discs(boot):
    vm = boot(*devices.cdrom("spapr-vscsi", images.boot_disc(
                  images.guest("stamp.be32"))),
              *devices.disk("virtio-blk-modern", stamp_disk()))
    assert booted_from(vm) == "/pci@800000020000000/scsi@0"
    vm.expect(STAMP)


def test_strict_list_ends_the_search(boot):
    vm = boot("-boot", "strict=on", "-prom-env", "boot-device=disk",
              *devices.disk("virtio-blk-modern", images.made_empty(), "a",
                            "addr=3,bootindex=1"),
              *devices.disk("virtio-blk-modern", stamp_disk(), "b", "addr=5"))
    assert booted_from(vm).endswith("scsi@3")
    vm.expect(r"E3404")
    vm.expect(PROMPT)
    assert "STAMP" not in vm.output()


def test_list_that_is_not_strict_goes_on_with_the_rest(boot):
    vm = boot(*devices.disk("virtio-blk-modern", images.made_empty(), "a",
                            "addr=3,bootindex=1"),
              *devices.disk("virtio-blk-modern", stamp_disk(), "b", "addr=5"))
    assert booted_from(vm).endswith("scsi@3")
    vm.expect(STAMP)


def test_boot_once_holds_for_one_boot(boot):
    vm = boot("-boot", "once=d",
              *devices.disk("virtio-blk-modern", images.grub_disk()),
              *devices.cdrom("spapr-vscsi", images.grub_disc()))
    assert booted_from(vm).startswith("/vdevice/v-scsi@")
    grub.at_prompt(vm)
    vm.line("reboot")
    assert booted_from(vm).startswith("/pci@800000020000000/scsi@")
    grub.at_menu(vm)


def test_auto_boot_false_goes_to_the_prompt(boot):
    vm = boot("-prom-env", "auto-boot?=false", *two_disks("", ""))
    vm.expect(PROMPT)
    assert "Trying to load" not in vm.output()
    vm.line("boot")
    vm.expect(STAMP)


def test_boot_device_variable_names_the_device(boot):
    vm = boot("-prom-env", "boot-device=/pci@800000020000000/scsi@5",
              *two_disks("", ""))
    assert booted_from(vm).endswith("scsi@5")
    vm.expect(STAMP)


def test_boot_file_variable_gives_the_arguments(boot):
    vm = boot("-prom-env", "boot-file=one and more",
              *devices.disk("virtio-blk-modern", stamp_disk()))
    vm.expect(r"Trying to load: +one and more from: /\S+ \.\.\. ")
    vm.expect(r"ARGUMENTS one and more\r")


@pytest.mark.parametrize("table", ("mbr", "gpt"))
def test_partition_can_be_named(boot, table):
    disk = images.boot_disk(images.guest("stamp.be32"), "--table=" + table)
    vm = boot("-prom-env", "boot-device=disk:1",
              *devices.disk("virtio-blk-modern", disk))
    vm.expect(r"Trying to load: .*scsi@0:1 \.\.\. ")
    vm.expect(STAMP)


@pytest.mark.parametrize("option", ("--inactive", "--logical"))
def test_prep_partition_may_be(boot, option):
    disk = images.boot_disk(images.guest("stamp.be32"), option)
    vm = boot(*devices.disk("virtio-scsi", disk))
    vm.expect(STAMP)


@pytest.mark.parametrize("script", (
    "boot &device;:\\boot\\grub\\powerpc.elf",
    "boot &device;:,\\boot\\grub\\powerpc.elf",
    "BOOT &device;:\\BOOT\\GRUB\\POWERPC.ELF first"))
def test_boot_scripts_of_real_discs_work(boot, script):
    disc = images.boot_disc(images.guest("stamp.be32"), script + " word")
    vm = boot(*devices.cdrom("virtio-scsi", disc))
    vm.expect(r"ARGUMENTS (first )?word\r")


def test_boot_menu_letter_is_harmless(boot):
    vm = boot("-boot", "menu=on", *devices.disk("virtio-blk-modern",
                                                stamp_disk()))
    vm.expect(STAMP)


def test_kernel_comes_before_everything(boot):
    vm = boot("-kernel", images.guest("stamp.be32"), "-append",
              "in memory", *devices.disk("virtio-blk-modern", stamp_disk(),
                                         "a", "bootindex=1"))
    vm.expect(r"ARGUMENTS in memory\r")
    assert vm.ended() == 0
    assert "Trying to load" not in vm.output()


def test_settings_of_public_recipes_are_accepted(boot):
    """AIX: a typing error in a console's path is not fatal."""
    vm = boot("-prom-env", "input-device=/vdevice/vty@71000000",
              "-prom-env", "output-device=/device/vty@71000000",
              "-prom-env", "diag-switch?=false",
              "-prom-env", "boot-command=boot disk: -s verbose",
              *devices.disk("virtio-blk-modern", stamp_disk()))
    vm.expect(r"ARGUMENTS -s verbose\r")


def test_phrases_in_boot_command_are_followed(boot):
    """AIX: the property of the public recipe is set, then it boots."""
    vm = boot("-prom-env",
              "boot-command=dev / 0 0 s\" ibm,aix-diagnostics\" property "
              "boot disk: word",
              *devices.disk("virtio-blk-modern", stamp_disk()))
    vm.expect(r"ARGUMENTS word\r")


@pytest.mark.parametrize("command,tried", (("boot", 4), ("boot disk", 1),
                                           ("boot nosuch", 1)))
def test_last_line_of_a_boot_that_failed_is_e3407(boot, command, tried):
    vm = boot(*devices.disk("virtio-blk-modern", images.made_empty(), "a"),
              *devices.disk("virtio-blk-modern", images.made_empty(), "b"))
    vm.expect(r"\r\r?\nE3407: Load failed: 4 devices tried\r")
    vm.expect(r"Type 'boot'")
    vm.expect(PROMPT)
    vm.line(command)
    vm.expect(r"E3407: Load failed: %d devices? tried\r+\n0 > " % tried)


def test_client_that_leaves_is_no_failed_load(boot):
    vm = boot("-prom-env", "boot-device=disk nosuch",
              "-prom-env", "boot-file=return=1",
              *devices.disk("virtio-blk-modern", stamp_disk()))
    vm.expect(r"E3406")
    vm.expect(r"E3405")
    vm.expect(PROMPT)
    assert "E3407" not in vm.output()


def initrd(vm):
    """Does /chosen name one? At the prompt."""
    vm.line(".properties /chosen")
    vm.expect(PROMPT)
    assert "bootargs" in vm.before()
    return "linux,initrd" in vm.before()


def test_initrd_goes_when_the_kernel_has_left(boot):
    vm = boot("-kernel", images.guest("stamp.be32"), "-append", "return=1",
              "-initrd", images.guest("stamp.be32"))
    vm.expect(r"E3406")
    vm.expect(PROMPT)
    assert not initrd(vm)
    vm.qmp("system_reset")
    vm.expect(r"E3406")


def test_initrd_is_the_kernels_also_after_a_disk(boot):
    vm = boot("-kernel", images.guest("conformance.be32"), "-append",
              "seed=1", "-initrd", images.guest("stamp.be32"),
              "-prom-env", "auto-boot?=false",
              *devices.disk("virtio-blk-modern", stamp_disk()))
    vm.expect(PROMPT)
    assert initrd(vm)
    vm.line("boot disk return=1")
    vm.expect(r"E3406")
    vm.expect(PROMPT)
    assert not initrd(vm)
    vm.line("boot")
    vm.expect(r"ok \d+ - Linux: r3 and r4 are address and size of the initrd")
    assert "Trying to load: return=1" in vm.output()


def test_trace_tells_what_is_considered_and_where_it_goes(boot):
    vm = boot(*devices.disk("virtio-scsi", stamp_disk()),
              "-prom-env", "trace=boot,drivers,frob",
              "-prom-env", "boot-device=disk cdrom:9")
    vm.expect(r"no such topic: frob; topics are ci, boot, drivers, all\r")
    vm.expect(r"drivers: scsi /\S+: LUN 1\d+: there, type 00\r")
    vm.expect(r"boot: qemu,boot-list: none\r")
    vm.expect(r"boot: boot-device: disk cdrom:9\r")
    vm.expect(r"boot: listed: disk \(/\S+\)\r")
    vm.expect(r"boot: listed: cdrom:9 \(not there\)\r")
    vm.expect(TRYING)
    vm.expect(r"boot: partition 1, active: PReP\r")
    vm.expect(r"boot: segment at [0-9a-f]+: [0-9a-f]+ bytes, ")
    vm.expect(r"boot: enter [0-9a-f]+ with MSR 3000\r")
    vm.expect(STAMP)


def test_trace_is_silent_unless_it_is_switched_on(boot):
    vm = boot(*devices.disk("virtio-scsi", stamp_disk()))
    vm.expect(STAMP)
    assert not re.search(r"^(ci|boot|drivers): ", vm.output(), re.M)
