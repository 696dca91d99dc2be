# SPDX-License-Identifier: BSD-2-Clause
"""GRUB 2.14 on secure boot: lockdown, kernels verified with the keys that the
firmware has, and silence without a policy."""
import re

import pytest

import devices
import secure
import signing
from grub_trust import at_prompt, core, disk_with_grub, run, signed_core


def kernels():
    """A small client is all that GRUB needs as a kernel."""
    elf = secure.client("policy.be32")
    signed = signing.sign_file(elf, secure.two())
    return {"signed": signed, "unsigned": elf,
            "stranger": signing.sign_file(elf, signing.Key("stranger")),
            "changed": signed[:300] + b"\1" + signed[301:]}


@pytest.fixture
def grub(boot, tmp_path):
    """grub(policy...) starts GRUB up to its prompt."""
    def start(mode="enforce", **policy):
        bios = secure.firmware(tmp_path, mode, keys=[secure.one()], **policy)
        disk = disk_with_grub(tmp_path, signed_core(), kernels())
        vm = boot(*devices.disk("virtio-blk-modern", disk), bios=bios)
        at_prompt(vm)
        return vm
    return start


def test_grub_locks_down(grub):
    vm = grub(kernel_keys=[secure.two()])
    assert "lockdown='y'" in run(vm, "set")
    assert "check_appended_signatures='yes'" in run(vm, "set")
    assert "error:" not in vm.output()
    assert "quoin test two" in run(vm, "append_list_db")


def test_grub_boots_a_kernel_by_a_key_that_only_the_firmware_has(grub):
    vm = grub(kernel_keys=[secure.two()])
    assert "error" not in run(vm, "linux /boot/signed from=grub")
    vm.line("boot")
    vm.expect(r"POLICY secure-boot 2 ")
    assert vm.ended() == 0


@pytest.mark.parametrize("kernel,why", (
    ("unsigned", "missing or invalid signature magic"),
    ("stranger", "failed to verify signature"),
    ("changed", "failed to verify signature")))
def test_grub_refuses_other_kernels(grub, kernel, why):
    vm = grub(kernel_keys=[secure.two()])
    assert why in run(vm, "linux /boot/" + kernel)
    assert "error" in run(vm, "boot")


def test_grub_refuses_a_kernel_by_the_deny_list(grub, tmp_path):
    path = tmp_path / "bad"
    path.write_bytes(kernels()["signed"])
    vm = grub(kernel_keys=[secure.two()], commands=[
        ("deny", path, "--for", "kernel")])
    assert "failed to verify the binary hash" in run(
        vm, "linux /boot/signed")


def test_grub_without_kernel_keys_uses_its_own(grub):
    """It has none here, so nothing verifies."""
    vm = grub()
    assert "error" in run(vm, "linux /boot/signed")
    assert "rror: secure boot variable" not in vm.output()


@pytest.mark.parametrize("mode", ("none", "off", "audit"))
def test_grub_prints_no_error_when_nothing_is_enforced(boot, tmp_path, mode):
    disk = disk_with_grub(tmp_path, core(), kernels())
    named = {} if mode == "none" else {
        "bios": secure.firmware(tmp_path, mode, keys=[secure.one()],
                                kernel_keys=[secure.two()])}
    vm = boot(*devices.disk("virtio-blk-modern", disk), **named)
    at_prompt(vm)
    assert not re.search("(?i)error", vm.output())
    assert "lockdown='y'" not in run(vm, "set")
    assert "error" not in run(vm, "linux /boot/unsigned")
    vm.line("boot")
    vm.expect(r"POLICY secure-boot %d " % secure.MODES.get(mode, 0))
    assert vm.ended() == 0
