# SPDX-License-Identifier: BSD-2-Clause
"""Ring 3: a client that calls every service of the client interface."""
import os
import re
import struct

import pytest

import devices
import images

pytestmark = pytest.mark.guest

FLAVOURS = ("be32", "be64", "be64v2", "le64")


def numbered_disk():
    """8 MiB; each big-endian 4-byte word holds its own index."""
    def make(to):
        with open(to, "wb") as f:
            words = (8 << 20) // 4
            f.write(struct.pack(">%dI" % words, *range(words)))
    with images.lock():
        return images.made("numbered.img", ["tests/system/test_guest_ci.py"],
                           make)


def start(boot, flavour, word="", controller="virtio-blk-modern"):
    return boot(*devices.disk(controller, numbered_disk()),
                "-smp", "2", "-append", word,
                "-kernel", images.guest("ci." + flavour))


def tap(vm):
    """Waits for the end; returns the lines that are not ok."""
    vm.expect(r"GUEST-DONE (\d+) passed, (\d+) failed")
    passed = int(vm.child.match.group(1))
    lines = vm.output().split("\n")
    assert passed > 0
    return [line + (" " + after if after.startswith("#") else "")
            for line, after in zip(lines, lines[1:])
            if line.startswith("not ok")]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_every_service_answers_rightly_and_wrongly(boot, flavour):
    vm = start(boot, flavour)
    assert tap(vm) == []
    assert vm.ended() == 0


@pytest.mark.parametrize("controller", sorted(devices.DISK))
def test_every_service_works_on_every_controller(boot, controller):
    vm = start(boot, "be32", controller=controller)
    assert tap(vm) == []
    assert vm.ended() == 0


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_loader_enters_every_kind_of_elf(boot, flavour):
    vm = boot(*devices.disk("virtio-blk-modern",
                            images.boot_disk(images.guest("stamp." + flavour))))
    vm.expect(r"Successfully loaded")
    vm.expect(r"STAMP timebase [0-9a-f]{16}")
    assert vm.ended() == 0


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_disc_enters_every_kind_of_elf(boot, flavour):
    vm = boot(*devices.cdrom("spapr-vscsi", images.boot_disc(
        images.guest("stamp." + flavour))))
    vm.expect(r"STAMP timebase [0-9a-f]{16}")
    assert vm.ended() == 0


def test_exit_goes_to_the_prompt(boot):
    vm = start(boot, "be32", "test=exit")
    vm.expect(r"GUEST-START")
    vm.expect(r"0 > ")
    assert "GUEST-END" not in vm.output()


def test_boot_at_the_prompt_enters_the_kernel_in_memory(boot):
    vm = boot("-kernel", images.guest("stamp.be32"),
              "-prom-env", "auto-boot?=false")
    vm.expect(r"0 > ")
    vm.line("boot")
    vm.expect(r"Booting from memory")
    vm.expect(r"STAMP timebase [0-9a-f]{16}")
    assert vm.ended() == 0


@pytest.mark.parametrize("flavour", ("be32", "be64"))
def test_return_of_the_client_is_reported(boot, flavour):
    vm = start(boot, flavour, "test=return")
    vm.expect(r"GUEST-START")
    vm.expect(r"E3406: Client application returned an error: 1")
    vm.expect(r"0 > ")


def test_enter_goes_to_the_prompt(boot):
    vm = start(boot, "be32", "test=enter")
    vm.expect(r"GUEST-START")
    vm.expect(r"0 > ")


def test_chain_enters_the_new_program(boot):
    vm = start(boot, "be32", "test=chain")
    vm.expect(r"GUEST-CHAINED")
    assert vm.ended() == 0


def test_boot_service_boots_its_argument(boot):
    disk = images.boot_disk(images.guest("ci.be32"))
    vm = boot(*devices.disk("virtio-scsi", disk), "-prom-env",
              "boot-file=test=boot")
    vm.expect(r"GUEST-START test=boot\r")
    vm.expect(r"Trying to load: +test=booted from: /\S+ \.\.\. ")
    vm.expect(r"GUEST-START test=booted")
    vm.expect(r"GUEST-END")
    assert vm.ended() == 0


def test_interpret_reset_all_resets(boot):
    vm = start(boot, "be32", "test=reset")
    vm.expect(r"GUEST-START")
    vm.expect(r"GUEST-START")
    assert "GUEST-END" not in vm.output()


def test_interpret_power_off_powers_off(boot):
    vm = start(boot, "be32", "test=power-off")
    vm.expect(r"GUEST-START")
    assert vm.ended() == 0
    assert "GUEST-END" not in vm.output()


def test_trace_logs_each_call_with_its_results(boot):
    vm = boot("-prom-env", "trace=ci", "-append", "test=booted",
              "-kernel", images.guest("ci.be32"))
    vm.expect(r"GUEST-START")
    vm.expect(r"GUEST-END")
    assert vm.ended() == 0
    assert re.search(r"finddevice.*/chosen", vm.output())
    assert re.search(r"getprop.*bootargs", vm.output())
