# SPDX-License-Identifier: BSD-2-Clause
"""Machines without a vty, as containers and clouds start them: -nodefaults
and no -serial. What proves it is how QEMU ends: there is nothing to read."""
import pytest

import devices
import images

# What else may be there: none of it is a terminal of the firmware's.
OTHERS = {
    "nothing": [],
    "virtconsole": ["-device", "virtio-serial-pci", "-chardev", "null,id=c",
                    "-device", "virtconsole,chardev=c"],
    "screen": ["-device", "VGA"],
    "screen-and-keyboard": ["-device", "VGA", "-device", "nec-usb-xhci",
                            "-device", "usb-kbd"],
}


def powers_off(boot, *options):
    """A guest that powers off did so by itself: a panic would reset."""
    vm = boot("-S", *options, serial="none", reboot=False)
    vm.qmp("cont")
    reason = vm.event("SHUTDOWN")["reason"]
    assert vm.ended() == 0
    return reason == "guest-shutdown"


@pytest.mark.parametrize("other", sorted(OTHERS))
def test_linux_starts_without_a_terminal(boot, other):
    """prom_init gives up without a /chosen stdout."""
    assert powers_off(boot, *images.linux(), *OTHERS[other])


@pytest.mark.parametrize("controller", ("virtio-blk-modern", "spapr-vscsi"))
def test_grub_starts_linux_without_a_terminal(boot, controller):
    assert powers_off(boot, *devices.disk(controller,
                                          images.grub_disk(timeout=0)))


def test_prompt_without_a_terminal_goes_on(boot):
    """Nobody can type there; the machine still answers its monitor."""
    vm = boot("-S", "-no-shutdown", serial="none", memory="512M")
    vm.qmp("cont")
    vm.qmp("system_reset")
    vm.event("RESET")
    assert vm.qmp("query-status")["status"] == "running"
