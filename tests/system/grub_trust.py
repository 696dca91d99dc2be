# SPDX-License-Identifier: BSD-2-Clause
"""GRUB 2.14 with the modules of trusted boot, signed, on a disk."""
import os
import shutil

import images
import secure
import signing

GRUB = r"GNU GRUB  version 2\.14"
PROMPT = r"grub> "


def core():
    """GRUB 2.14 without keys of its own; its files are on partition 2."""
    with images.lock():
        path = images.made(
            "core-trust.elf", ["ci-scripts/make-grub-core", images.KERNEL],
            lambda to: images.script("make-grub-core", "--trust", to,
                                     "(,msdos2)/boot/grub"))
    with open(path, "rb") as f:
        return f.read()


def signed_core():
    return signing.sign_program(core(), secure.one())


def disk_with_grub(folder, program, files, name="grub.img"):
    """GRUB in partition 1; the files {name: bytes} in /boot of partition 2."""
    path = os.path.join(str(folder), name)
    data = path + ".d"
    os.makedirs(data + "/boot/grub")
    for file, content in dict(files, **{"grub/grub.cfg": b"echo read\n"}) \
            .items():
        with open(os.path.join(data, "boot", file), "wb") as f:
            f.write(content)
    with open(path + ".boot", "wb") as f:
        f.write(program)
    images.script("make-disk", "--boot=" + path + ".boot", "--data=" + data,
                  path)
    shutil.rmtree(data)
    return path


def run(vm, command):
    """Types a command at GRUB's prompt; returns what it prints."""
    vm.line(command)
    vm.expect(PROMPT)
    return vm.before().split(command, 1)[-1]


def at_prompt(vm):
    vm.expect(GRUB)
    vm.expect(PROMPT)
