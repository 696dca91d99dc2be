# SPDX-License-Identifier: BSD-2-Clause
"""What Debian's GRUB and Linux do on every disk controller, and how they leave."""
import pytest

import cells
import devices
import grub
import images

CONTROLLERS = sorted(devices.DISK)


@pytest.mark.parametrize("table", ("mbr", "gpt"))
@pytest.mark.parametrize("controller", CONTROLLERS)
def test_grub_lists_disks_and_partitions(boot, controller, table):
    vm = boot(*devices.disk(controller, images.grub_disk(table)))
    grub.at_prompt(vm)
    listing = grub.run(vm, "ls")
    assert "(ieee1275/disk" in listing
    part = {"mbr": "msdos", "gpt": "gpt"}[table]
    assert part + "1)" in listing and part + "2)" in listing
    assert "grub.cfg" in grub.run(vm, "ls /boot/grub/")


def test_kernel_and_initrd_from_the_command_line(boot):
    vm = boot(*images.linux())
    vm.expect(r"Booting from memory")
    vm.expect(r"command line: quoin.test=poweroff")
    cells.user_space(vm)
    cells.no_error(vm)


def test_linux_reboots_back_into_grub(boot):
    vm = boot(*devices.disk("virtio-blk-modern", images.grub_disk()))
    grub.at_menu(vm)
    vm.send("r")
    vm.expect(r"QUOIN-TEST: rebooting")
    grub.at_menu(vm)
    vm.send("p")
    cells.user_space(vm)


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_saved_grub_environment_survives_a_reboot(boot, controller):
    vm = boot(*devices.disk(controller, images.grub_disk()))
    grub.at_prompt(vm)
    grub.run(vm, "set quoin_saved=kept")
    answer = grub.run(vm, "save_env quoin_saved")
    assert "error" not in answer
    vm.line("reboot")
    vm.expect(r"QUOIN-GRUB: menu read, saved=kept")


def flushes(vm):
    """How often the disks were told to write out their caches."""
    return sum(d["stats"]["flush_operations"]
               for d in vm.qmp("query-blockstats"))


# QEMU does not count the flushes of NVMe. [hw/nvme/ctrl.c, nvme_do_flush]
@pytest.mark.parametrize("leave", ("exit", "reboot"))
@pytest.mark.parametrize("controller", [c for c in CONTROLLERS if c != "nvme"])
def test_saved_grub_environment_is_flushed(boot, controller, leave):
    """QEMU's cache is lost when the host crashes. GRUB keeps the disk open
    until it leaves."""
    vm = boot(*devices.disk(controller, images.grub_disk()), reboot=False)
    grub.at_prompt(vm)
    grub.run(vm, "set quoin_saved=kept")
    before = flushes(vm)
    vm.line("save_env quoin_saved")
    vm.expect(grub.PROMPT)
    vm.qmp("set-action", reboot="shutdown", shutdown="pause")
    vm.line(leave)
    if leave == "exit":
        vm.expect(r"0 > ")
    else:
        vm.event("SHUTDOWN")
    assert flushes(vm) > before


def test_grub_halt_powers_off(boot):
    vm = boot(*devices.disk("virtio-blk-modern", images.grub_disk()))
    grub.at_prompt(vm)
    vm.line("halt")
    assert vm.ended() == 0


def test_grub_reboot_resets(boot):
    vm = boot(*devices.disk("virtio-scsi", images.grub_disk()))
    grub.at_prompt(vm)
    vm.line("reboot")
    grub.at_menu(vm)


def test_grub_exit_returns_to_the_firmware(boot):
    vm = boot(*devices.disk("virtio-blk-modern", images.grub_disk()))
    grub.at_prompt(vm)
    vm.line("exit")
    vm.expect(r"0 > ")


def test_grub_exit_goes_on_with_the_next_disk(boot):
    image = images.grub_disk()
    vm = boot(*devices.disk("virtio-blk-modern", image, "d0", "bootindex=1"),
              *devices.disk("virtio-blk-modern", image, "d1", "bootindex=2"))
    vm.expect(r"Trying to load:  from: (/\S+) ")
    first = vm.child.match.group(1)
    grub.at_prompt(vm)
    vm.line("exit")
    vm.expect(r"Trying to load:  from: (/\S+) ")
    assert vm.child.match.group(1) != first
    grub.at_menu(vm)


def test_no_reboot_ends_qemu_instead(boot):
    vm = boot(*devices.disk("virtio-blk-modern", images.grub_disk()),
              reboot=False)
    grub.at_prompt(vm)
    vm.line("reboot")
    assert vm.ended() == 0


def test_twenty_resets_in_a_row_reach_grub(boot):
    vm = boot(*devices.disk("virtio-blk-modern", images.grub_disk()))
    for _ in range(20):
        grub.at_menu(vm)
        vm.qmp("system_reset")
    grub.at_menu(vm)


def boots_from_its_disc(vm):
    """Linux's vmlinux by name; without an initrd it gets as far as this."""
    vm.expect(r"Trying to load: console=hvc0 panic=-1 from: "
              r"/vdevice/v-scsi@\S+\\boot\\vmlinux \.\.\. "
              r"  Successfully loaded\r")
    vm.expect(r"  Moved from 0 to 400000\r")
    vm.expect(r"Preparing to boot Linux version")
    vm.expect(r"command line: console=hvc0 panic=-1\r")
    vm.expect(r"Booting Linux via __start\(\) @ 0x0000000000400000")
    vm.expect(r"Linux version")
    vm.expect(r"Unable to mount root fs")
    assert vm.ended() == 0


def test_vmlinux_is_booted_by_its_name(boot):
    vm = boot("-prom-env", "boot-device=cdrom:,\\boot\\vmlinux",
              "-prom-env", "boot-file=console=hvc0 panic=-1",
              *devices.cdrom("spapr-vscsi", images.grub_disc()),
              reboot=False)
    boots_from_its_disc(vm)


def test_vmlinux_is_booted_at_the_prompt(boot):
    vm = boot("-prom-env", "auto-boot?=false",
              *devices.cdrom("spapr-vscsi", images.grub_disc()),
              reboot=False)
    vm.expect(r"0 > ")
    vm.line("boot cdrom:\\boot\\vmlinux console=hvc0 panic=-1")
    boots_from_its_disc(vm)
