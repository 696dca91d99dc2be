# SPDX-License-Identifier: BSD-2-Clause
"""The console, the prompt, and the text that harnesses match."""
import re

import pytest

import broken
import devices
import grub
import images

STAMP = r"STAMP timebase [0-9a-f]{16}"


def prompt(boot, *options, **named):
    vm = boot("-prom-env", "auto-boot?=false", *options, **named)
    vm.expect(r"0 > ")
    return vm


def run(vm, command):
    vm.line(command)
    vm.expect(r"0 > ")
    return vm.before()


def stamp():
    return devices.disk("virtio-blk-modern", images.boot_disk(
        images.guest("stamp.be32")))


def test_text_of_a_good_boot_satisfies_harnesses(boot):
    """tp-qemu: provider/slof.py; QEMU: boot-serial-test."""
    vm = boot(*stamp())
    vm.expect(STAMP)
    assert vm.ended() == 0
    text = vm.output()
    assert re.search(r"\s+SLOF\S+\s+\*+", text)
    assert re.search(r"\s+Trying to load:\s+from:\s/\S+ \.\.\.", text)
    assert re.search(r"\s+Successfully loaded$", text, re.M)
    assert "Open Firmware" in text
    assert "error" not in text.lower()


def test_default_machine_says_open_firmware_on_the_vty(boot):
    """QEMU boot-serial-test: a screen is there, the serial line still
    talks."""
    vm = boot("-device", "VGA", "-device", "nec-usb-xhci", "-device",
              "usb-kbd")
    vm.expect(r"Open Firmware")
    vm.expect(r"0 > ")


def test_prompt_follows_the_form_of_slof(boot):
    vm = boot()
    vm.expect(r"Ready! ")
    vm.expect(r"0 > ")
    assert "Type 'boot' and press return to continue booting the system." \
        in vm.output()


def test_help_lists_the_commands(boot):
    text = run(prompt(boot), "help")
    for command in ("boot", "reset-all", "power-off", "printenv", "setenv",
                    "devalias", "ls", ".properties", "help"):
        assert command in text


def test_boot_command_takes_device_and_arguments(boot):
    disk = devices.disk("virtio-scsi", images.boot_disk(
        images.guest("stamp.be32")))
    vm = prompt(boot, *disk)
    vm.line("boot disk two words")
    vm.expect(r"ARGUMENTS two words\r")
    assert vm.ended() == 0


def test_boot_command_takes_a_full_path(boot):
    vm = prompt(boot, *stamp())
    vm.line("boot /pci@800000020000000/scsi@0")
    vm.expect(STAMP)


def test_reset_all_resets(boot):
    vm = prompt(boot)
    vm.line("reset-all")
    vm.expect(r"SLOF\S+\s+\*+")
    vm.expect(r"0 > ")


def test_power_off_powers_off(boot):
    vm = prompt(boot)
    vm.line("power-off")
    assert vm.ended() == 0


def test_environment_is_shown_and_set(boot):
    vm = prompt(boot)
    assert "auto-boot?" in run(vm, "printenv")
    run(vm, "setenv boot-file some words")
    assert "some words" in run(vm, "printenv boot-file")


def test_aliases_nodes_and_properties_are_shown(boot):
    vm = prompt(boot, *stamp())
    assert "/pci@800000020000000/scsi@0" in run(vm, "devalias")
    assert "vty@71000000" in run(vm, "ls /vdevice")
    assert "IBM pSeries (emulated by qemu)" in run(vm, ".properties /")


def test_ls_shows_the_files_of_a_disc(boot):
    vm = prompt(boot, *devices.cdrom("spapr-vscsi", images.grub_disc()))
    assert re.search(r"(?i)bootinfo\.txt", run(vm, "ls cdrom:\\ppc"))


@pytest.mark.parametrize("command,reason", (
    ("no-such-command", r"no-such-command"),
    ("boot /pci@800000020000000/scsi@1f", r"E3405.*scsi@1f"),
    ("ls /no-such-node", r"no-such-node.*no such"),
    (".properties /no-such-node", r"no-such-node.*no such"),
    ("devalias nothing", r"nothing.*no such alias"),
    ("setenv no-such-variable 1", r"no-such-variable"),
    ("ls disk:9", r"9"),
))
def test_bad_command_gives_a_reason(boot, command, reason):
    vm = prompt(boot, *devices.disk("virtio-blk-modern", images.grub_disk()))
    text = run(vm, command)
    assert re.search(reason, text.split(command, 1)[-1], re.S)
    assert " ok\n" not in text


def test_full_nvram_gives_a_reason(boot):
    vm = prompt(boot)
    for name in ("nvramrc", "oem-banner", "oem-logo", "boot-command",
                 "boot-device", "boot-file"):
        text = run(vm, "setenv %s %s" % (name, "x" * 900))
        if re.search(r"(?i)full|no room|no space|does not fit", text):
            break
    else:
        pytest.fail("5400 bytes fit into a 4 KiB partition")
    assert "ok" in run(vm, "printenv auto-boot?")


def test_input_that_comes_at_once_is_read(boot):
    vm = prompt(boot)
    vm.send("printenv boot-file\rdevalias\rhelp\rpower-off\r")
    assert vm.ended() == 0
    assert "printenv boot-file" in vm.output()


def test_lines_can_be_edited(boot):
    vm = prompt(boot)
    assert "not a" not in run(vm, "printenv aXX\b\buto-boot?")


def test_s_key_goes_to_the_prompt(boot):
    vm = boot("-S", *stamp())
    vm.send("s")
    vm.qmp("cont")
    vm.expect(r"0 > ")
    assert "Trying to load" not in vm.output()


def test_lowest_vty_is_the_console_and_others_answer(boot, tmp_path):
    log = tmp_path / "second"
    vm = boot("-chardev", "file,id=c1,path=%s" % log,
              "-device", "spapr-vty,chardev=c1,reg=0x71000110",
              *devices.disk("virtio-blk-modern", images.grub_disk()))
    grub.at_prompt(vm)
    vm.line("halt")
    assert vm.ended() == 0


def test_output_and_input_device_select_another_vty(boot):
    vty = "/vdevice/vty@71000110"
    vm = boot("-chardev", "stdio,id=c1",
              "-device", "spapr-vty,chardev=c1,reg=0x71000110",
              "-prom-env", "output-device=" + vty,
              "-prom-env", "input-device=" + vty,
              *devices.disk("virtio-blk-modern", images.grub_disk()),
              serial="null")
    grub.at_prompt(vm)
    vm.line("halt")
    assert vm.ended() == 0


def test_libvirt_addresses_of_vio_devices_work(boot):
    """libvirt puts the console at 0x30000000, vscsi at 0x2000."""
    vm = boot("-chardev", "stdio,id=c0", "-device",
              "spapr-vty,chardev=c0,reg=0x30000000",
              "-device", "spapr-vscsi,id=s,reg=0x2000",
              *devices.drive(images.grub_disk()),
              "-device", "scsi-hd,drive=d0,bus=s.0,bootindex=1",
              serial="none")
    vm.expect(r"from: /vdevice/v-scsi@2000/disk@8000000000000000 ")
    grub.at_prompt(vm)


def test_nmi_at_the_prompt_is_reported(boot):
    vm = prompt(boot)
    vm.monitor("nmi")
    vm.expect(r"(?i)system reset")
    vm.expect(r"0 > ")


def test_client_without_manners_is_reported(boot):
    """A client that jumps to data ends in a report, not in silence."""
    disk = broken.prep_with("illegal", broken.elf32(0x400000, 4,
                                                    data=b"\0\0\0\0"))
    vm = boot(*devices.disk("virtio-blk-modern", disk))
    vm.expect(r"(?i)program|illegal|emulation assistance")
    vm.expect(r"(?i)400000")
    vm.expect(r"0 > ")
