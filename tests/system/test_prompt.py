# SPDX-License-Identifier: BSD-2-Clause
"""The prompt's commands."""
import re

import pytest

import devices
import grub
import images

PROMPT = r"0 > "
STAMP = r"STAMP timebase [0-9a-f]{16}"
SCSI = "/pci@800000020000000/scsi@0"


def prompt(boot, *options, **named):
    vm = boot("-prom-env", "auto-boot?=false", *options, **named)
    vm.expect(PROMPT)
    return vm


def run(vm, command):
    """Runs a command; returns what it prints, without its echo."""
    vm.line(command)
    vm.expect(PROMPT)
    return vm.before().split(command, 1)[-1]


def stamp():
    return devices.disk("virtio-blk-modern", images.boot_disk(
        images.guest("stamp.be32")))


def grub_disk():
    return devices.disk("virtio-blk-modern", images.grub_disk())


def test_load_then_go_enters_grub(boot):
    vm = prompt(boot, *grub_disk())
    assert re.search(r"Trying to load:  from: %s.*Successfully loaded\n ok"
                     % SCSI, run(vm, "load disk"), re.S)
    assert "/pci@" in run(vm, "lsprop /chosen bootpath")
    vm.line("go")
    grub.at_menu(vm)


def test_a_loaded_client_gets_its_arguments_once(boot):
    vm = prompt(boot, *devices.disk("virtio-scsi", images.boot_disk(
        images.guest("stamp.be32"))))
    run(vm, "load disk two words")
    # The prompt works as before while the client waits.
    assert "pci@" in run(vm, "ls")
    run(vm, "load disk other words")
    vm.line("go")
    vm.expect(r"ARGUMENTS other words\r")
    assert vm.ended() == 0


def test_boot_after_load_boots(boot):
    vm = prompt(boot, *stamp())
    run(vm, "load disk")
    vm.line("boot disk")
    vm.expect(STAMP)
    assert vm.ended() == 0


def test_go_without_a_client_gives_a_reason(boot):
    vm = prompt(boot, *devices.disk("virtio-blk-modern",
                                    images.made_empty()))
    assert "go: no client is loaded" in run(vm, "go")
    assert "E3404: Not a bootable device! " + SCSI in run(vm, "load disk")
    text = run(vm, "go")
    assert "go: no client is loaded" in text
    assert " ok" not in text
    assert "E3405" in run(vm, "load /nowhere")


def test_nvalias_survives_a_reset(boot):
    vm = prompt(boot, *stamp())
    run(vm, "setenv nvramrc \\ my own line")
    assert " ok" in run(vm, "nvalias Sys " + SCSI)
    vm.qmp("system_reset")
    vm.expect(PROMPT)
    assert SCSI in run(vm, "devalias Sys")
    assert "my own line" in run(vm, "printenv nvramrc")
    run(vm, "nvunalias Sys")
    vm.qmp("system_reset")
    vm.expect(PROMPT)
    assert "Sys: no such alias" in run(vm, "devalias Sys")
    assert "my own line" in run(vm, "printenv nvramrc")


def test_slof_finds_an_alias_of_nvalias(boot, tmp_path):
    path = tmp_path / "nvram"
    path.write_bytes(bytes(65536))
    options = ["-drive", "file=%s,if=pflash,format=raw" % path]
    vm = boot(*options)
    vm.expect(PROMPT)
    run(vm, "nvalias term /vdevice/vty@71000000")
    vm.line("power-off")
    vm.ended()
    vm = boot(*options, bios=None)
    vm.expect(PROMPT)
    assert "/vdevice/vty@71000000" in run(vm, "devalias term")


def test_an_alias_of_nvalias_boots_at_the_next_start(boot):
    vm = prompt(boot, *stamp())
    run(vm, "nvalias sys " + SCSI)
    run(vm, "setenv boot-device sys")
    run(vm, "setenv auto-boot? true")
    vm.qmp("system_reset")
    vm.expect(r"Trying to load:  from: %s \.\.\. " % SCSI)
    vm.expect(STAMP)


def test_devalias_defines_an_alias_until_the_reset(boot):
    vm = prompt(boot, *stamp())
    assert " ok" in run(vm, "devalias mine %s" % SCSI)
    vm.line("boot mine")
    vm.expect(STAMP)
    assert vm.ended() == 0


def test_dev_selects_a_node_for_other_commands(boot):
    vm = prompt(boot, *grub_disk())
    assert run(vm, "pwd").startswith("\n/\n")
    run(vm, "dev /vdevice")
    assert "vty@71000000" in run(vm, "ls")
    run(vm, "cd vty")
    assert "\n/vdevice/vty@71000000\n ok" in run(vm, "pwd")
    assert '"serial"' in run(vm, "lsprop device_type")
    assert '"serial"' in run(vm, ".properties")
    run(vm, "dev ../../pci/scsi")
    assert SCSI in run(vm, "pwd")
    # This one is a disk: its partitions.
    assert re.search(r"PReP|41", run(vm, "ls"))
    assert "no such device or alias" in run(vm, "dev vty")
    run(vm, "device-end")
    assert "cpus" in run(vm, "ls")


def tab(vm, typed, completed):
    """A key alone: a tab in pasted text is a blank."""
    vm.send(typed)
    vm.expect(re.escape(typed))
    vm.send("\t")
    vm.expect(re.escape(completed))


def test_tab_completes_from_the_selected_node(boot):
    vm = prompt(boot)
    tab(vm, "cd /vd", "evice")
    vm.line("")
    vm.expect(PROMPT)
    tab(vm, "cd vt", "y@71000000")
    vm.line("")
    vm.expect(PROMPT)
    assert "\n/vdevice/vty@71000000\n ok" in run(vm, "pwd")
    tab(vm, "dev ../../cp", "us")
    vm.line("")
    vm.expect(PROMPT)
    assert "\n/cpus\n ok" in run(vm, "pwd")


def test_help_explains_a_command(boot):
    vm = prompt(boot)
    text = run(vm, "help LOAD")
    assert text.startswith("\nload [device] [args]: ")
    assert "waits in memory until go enters it" in text
    assert re.search(r"\nhelp +\[command\] +list the commands", run(vm, "help"))
    assert "frob: no such command" in run(vm, "help frob")


def test_commands_match_in_any_case(boot):
    vm = prompt(boot, *stamp())
    assert "auto-boot?" in run(vm, "PrintEnv auto-boot?")
    vm.line("BOOT disk")
    vm.expect(STAMP)
    assert vm.ended() == 0


def test_usb_scan_lists_usb_devices(boot):
    vm = prompt(boot, "-device", "qemu-xhci,addr=4", "-device", "usb-kbd",
                "-device", "usb-tablet")
    text = run(vm, "usb-scan")
    path = "/pci@800000020000000/usb-xhci@4/"
    assert "\n0627:0001  usb-keyboard %susb-keyboard@1\n" % path in text
    assert "\n0627:0001  usb-tablet   %susb-tablet@2\n" % path in text
    assert "no USB device" in run(prompt(boot), "usb-scan")


def test_devices_and_disks_are_listed(boot):
    vm = prompt(boot, *stamp())
    assert "  disk : %s\n" % SCSI in run(vm, "show-disks")
    text = run(vm, "show-devs")
    assert "\n/\n" in text and "\n%s\n" % SCSI in text
    assert "\n/vdevice/vty@71000000\n" in run(vm, "show-devs /vdevice")


def test_banner_and_version(boot):
    vm = prompt(boot)
    assert re.search(r"SLOF\S+\s+\*+", run(vm, "banner"))
    assert re.match(r"\nQUOIN \S+\n ok", run(vm, ".version"))


def test_the_recipe_for_aix_works_in_several_lines(boot):
    vm = prompt(boot)
    run(vm, "dev /")
    assert " ok" in run(vm, '0 0 s" ibm,aix-diagnostics" property')
    assert "ibm,aix-diagnostics" in run(vm, ".properties")
    assert " ok" in run(vm, 'dev / 0 0 s" second" property')
    assert "second" in run(vm, ".properties /")
    run(vm, "dev /cpus")
    assert "only the root takes one" in run(vm, '0 0 s" x" property')


@pytest.mark.parametrize("line", (
    "words", "see boot", ".s", "4000 l@ .", ": x 1 ;", "100 100 dump"))
def test_forth_is_refused_in_one_line(boot, line):
    text = run(prompt(boot), line)
    assert re.match(r'\n"\S+" is not a known phrase; this is no Forth: help '
                    r'lists the commands\n$', text)


@pytest.mark.parametrize("line", (
    "reset-all now", "power-off please", "help boot ls", "pwd x",
    "nvalias just-a-name"))
def test_wrong_number_of_words_is_refused(boot, line):
    vm = prompt(boot)
    assert "; usage: " + line.split()[0] in run(vm, line)
    assert "ok" in run(vm, "printenv auto-boot?")
