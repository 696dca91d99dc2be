# SPDX-License-Identifier: BSD-2-Clause
"""Secure boot up to Linux: a signed GRUB 2.14, a kernel signed by a key that
only the firmware's file has; then root attacks the firmware."""
import devices
import images
import secure
import signing
from grub_trust import at_prompt, disk_with_grub, run, signed_core

PROMPT = r"0 > "


def linux():
    with open(images.KERNEL, "rb") as f:
        kernel = f.read()
    with open(images.INITRD, "rb") as f:
        return {"vmlinux": signing.sign_file(kernel, secure.two()),
                "initrd": f.read()}


def test_root_of_a_verified_linux_cannot_change_the_policy(boot, tmp_path):
    bios = secure.firmware(tmp_path, keys=[secure.one()],
                           kernel_keys=[secure.two()])
    disk = disk_with_grub(tmp_path, signed_core(), linux())
    vm = boot(*devices.disk("virtio-blk-modern", disk, "a", "addr=3"),
              *devices.disk("virtio-blk-modern", images.boot_disk(
                  images.guest("stamp.be32")), "b", "addr=7"), bios=bios)
    vm.expect("Verified: signed by quoin test one")
    at_prompt(vm)
    run(vm, "linux /boot/vmlinux quoin.test=nvram,reboot")
    run(vm, "initrd /boot/initrd")
    vm.line("boot")
    vm.expect("QUOIN-TEST: NVRAM written")
    vm.expect("Secure boot: enforcing")
    vm.expect("property is not allowed: secure boot is enforced")
    vm.expect(PROMPT)
    vm.line("lsprop / ibm,secure-boot")
    vm.expect(r"ibm,secure-boot\s+00000002\r")
    vm.expect(PROMPT)
    vm.line("boot /pci@800000020000000/scsi@7")
    vm.expect(r"E3403: [^\r\n]*not signed")


def test_signed_linux_boots_by_path_and_a_changed_one_does_not(boot, tmp_path):
    """The firmware itself loads it, with its initrd."""
    bios = secure.firmware(tmp_path, keys=[secure.two()])
    files = linux()
    files["changed"] = files["vmlinux"][:-2000] + \
        bytes([files["vmlinux"][-2000] ^ 1]) + files["vmlinux"][-1999:]
    vm = boot(*devices.disk("virtio-blk-modern",
                            secure.file_disk(tmp_path, files)),
              "-prom-env", "boot-device=disk:2,\\changed disk:2,\\vmlinux",
              "-prom-env", "boot-file=quoin.test=poweroff initrd=\\initrd",
              bios=bios)
    vm.expect("E3403: [^\r\n]*changed: ")
    vm.expect("Verified: signed by quoin test two")
    vm.expect("QUOIN-TEST: user space reached")
    assert vm.ended() == 0
