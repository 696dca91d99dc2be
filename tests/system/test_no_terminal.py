# SPDX-License-Identifier: BSD-2-Clause
"""Machines without a console, as containers and clouds start them: -nodefaults
and no -serial. There is nothing to read: what proves it is how QEMU ends, or
what its monitor shows."""
import re
import time

import pytest

import devices
import images
from machine import TIMEOUT

SLICE = 5120000     # 10 ms in ticks of the time base

# What else may be there: none of it is a terminal of the firmware's.
OTHERS = {
    "nothing": [],
    "guest-agent": ["-device", "virtio-serial-pci", "-chardev", "null,id=c",
                    "-device", "virtserialport,chardev=c"],
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


def looks_for_keys(vm, times=10):
    """The prompt asks for a key, sleeps for 10 ms and asks again: each time
    the decrementer is set anew, to those 10 ms. Firmware that hangs does not
    set it; what has given up sleeps as long as there are bits."""
    end = time.monotonic() + TIMEOUT
    before = 0
    while times:
        assert time.monotonic() < end, "the prompt does not look for keys"
        ticks = int(re.search(r"DECR (\d+)", vm.monitor("info registers"))[1])
        if before < ticks <= SLICE:
            times -= 1
        before = ticks


def test_prompt_without_a_terminal_goes_on(boot):
    """Nobody can type there or read; also not what became of an NMI."""
    vm = boot(serial="none", memory="512M")
    looks_for_keys(vm)
    vm.monitor("nmi")
    looks_for_keys(vm)
    assert "RESET" not in vm.events
    assert vm.qmp("query-status")["status"] == "running"


def test_firmware_without_a_terminal_does_what_nvram_says(boot):
    assert powers_off(boot, "-prom-env", "boot-command=power-off")
