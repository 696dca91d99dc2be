# SPDX-License-Identifier: BSD-2-Clause
"""Linux by path, with its initrd, from every file system that quoin reads."""
import os
import re
import shutil

import devices
import grub
import images
from machine import ROOT

WORDS = "console=hvc0 quoin.test=poweroff"


def tree(to, links=True):
    """Debian's /boot: a kernel, an initrd, and links to them at the top."""
    os.makedirs(os.path.join(to, "boot"))
    shutil.copy(images.KERNEL, os.path.join(to, "boot/vmlinux-6.1.0"))
    shutil.copy(images.INITRD, os.path.join(to, "boot/initrd.img-6.1.0"))
    if links:
        os.symlink("boot/vmlinux-6.1.0", os.path.join(to, "vmlinuz"))
        os.symlink("/boot/initrd.img-6.1.0", os.path.join(to, "initrd.img"))


def make_disc(to, script):
    folder = to + ".d"
    shutil.rmtree(folder, ignore_errors=True)
    tree(folder)
    images.script("make-chrp-iso", to, "-", folder, script)
    shutil.rmtree(folder)


def disc():
    """A disc whose own script boots the kernel with its initrd."""
    script = ("boot &device;:\\vmlinuz initrd=\\initrd.img from=script " +
              WORDS)
    with images.lock():
        return images.made("paths.iso", [images.KERNEL, images.INITRD,
                                         "ci-scripts/make-chrp-iso",
                                         "tests/system/test_paths.py"],
                           lambda to: make_disc(to, script))


def make_ext(to):
    folder = to + ".d"
    shutil.rmtree(folder, ignore_errors=True)
    tree(folder)
    with open(os.path.join(folder, "huge"), "wb") as f:
        f.truncate(5 << 30)
    images.script("make-disk", "--table=gpt", "--data=" + folder,
                  "--size=200", to)
    shutil.rmtree(folder)


def make_fat(to):
    folder = to + ".d"
    shutil.rmtree(folder, ignore_errors=True)
    tree(folder, links=False)
    with open(to, "wb") as f:
        f.truncate(160 << 20)
    images.tool("mkfs.fat", "-F", "32", to)
    images.tool("mcopy", "-i", to, "-s", folder + "/boot", "::")
    shutil.rmtree(folder)


def disk(kind):
    """Linux's files on ext, as partition 2, or on FAT, without a table."""
    make = {"ext": make_ext, "fat": make_fat}[kind]
    with images.lock():
        return images.made("paths-%s.img" % kind,
                           [images.KERNEL, images.INITRD,
                            "ci-scripts/make-disk",
                            "tests/system/test_paths.py"], make)


def at_the_prompt(boot, line, *options, **named):
    vm = boot("-prom-env", "auto-boot?=false", *options, **named)
    vm.expect(r"0 > ")
    vm.line(line)
    return vm


def reaches_user_space(vm, cmdline):
    vm.expect(r"Successfully loaded\r")
    vm.expect(r"QUOIN-TEST: cmdline %s" % re.escape(cmdline))
    vm.expect(r"QUOIN-TEST: powering off")
    assert vm.ended() == 0


def test_debians_links_boot_from_a_disc(boot):
    words = "initrd=\\initrd.img " + WORDS
    vm = at_the_prompt(boot, "boot cdrom:\\vmlinuz " + words,
                       *devices.cdrom("spapr-vscsi", disc()))
    reaches_user_space(vm, words)


def test_a_discs_script_names_kernel_and_initrd(boot):
    vm = boot(*devices.cdrom("virtio-scsi", disc()))
    reaches_user_space(vm, "initrd=\\initrd.img from=script " + WORDS)


def test_debians_links_boot_from_ext(boot):
    words = "initrd=/initrd.img " + WORDS
    vm = boot("-prom-env", "boot-device=disk:2,\\vmlinuz",
              "-prom-env", "boot-file=" + words,
              *devices.disk("virtio-blk-modern", disk("ext")))
    reaches_user_space(vm, words)


def test_a_kernel_boots_from_fat(boot):
    words = "initrd=\\boot\\initrd.img-6.1.0 " + WORDS
    vm = at_the_prompt(boot, "boot disk:\\boot\\vmlinux-6.1.0 " + words,
                       *devices.disk("virtio-scsi", disk("fat")))
    reaches_user_space(vm, words)


def test_a_missing_initrd_leads_to_the_next_device(boot):
    vm = boot("-prom-env", "boot-device=disk:2,\\boot\\vmlinux disk",
              "-prom-env", "boot-file=initrd=\\boot\\none " + WORDS,
              *devices.disk("virtio-blk-modern", images.grub_disk("mbr")))
    vm.expect(r"E3407: Load failed: /\S+:2,\\boot\\vmlinux: "
              r"initrd=\\boot\\none: no file or directory \"none\"\r")
    vm.expect(r"Trying to load: initrd=\\boot\\none \S+ \S+ from: /\S+ \.\.\. ")
    # GRUB gets the word, which does not concern it.
    grub.at_menu(vm)


def test_several_initrds_follow_each_other(boot):
    words = "initrd=\\boot\\initrd.gz,\\boot\\initrd.gz " \
        "initrd=/boot/initrd.gz " + WORDS
    vm = at_the_prompt(boot, "boot disk:2,\\boot\\vmlinux " + words,
                       *devices.disk("spapr-vscsi", images.grub_disk("gpt")))
    reaches_user_space(vm, words)


def test_an_initrd_larger_than_memory_is_refused(boot):
    vm = at_the_prompt(boot, "boot disk:2,\\vmlinuz initrd=\\huge",
                       *devices.disk("virtio-blk-modern", disk("ext")))
    vm.expect(r"E3407: Load failed: /\S+:2,\\vmlinuz: "
              r"5368709120 bytes; [0-9]+ are free below 4 GiB\r")
    vm.expect(r"0 > ")


def test_links_are_listed(boot):
    vm = at_the_prompt(boot, "ls disk:2,\\",
                       *devices.disk("virtio-blk-modern", disk("ext")))
    vm.expect(r" boot\\\r")
    vm.expect(r" vmlinuz@\r")
    vm.expect(r"0 > ")
    vm.line("ls disk:2,\\vmlinuz")
    vm.expect(r" [0-9]+ 2,\\vmlinuz\r")


def test_the_pages_example_is_this_disk(boot):
    """docs/booting.md, "A kernel and its initrd by path"."""
    with open(os.path.join(ROOT, "docs/booting.md"), encoding="utf-8") as f:
        line = re.search(r"0 > (boot disk:2,.* initrd=.*)\n", f.read())[1]
    vm = at_the_prompt(boot, line + " quoin.test=poweroff",
                       *devices.disk("virtio-blk-modern",
                                     images.grub_disk("mbr")))
    reaches_user_space(vm, line[line.index("initrd"):])
