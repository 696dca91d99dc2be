# SPDX-License-Identifier: BSD-2-Clause
"""Firmware files with keys, and disks of programs to verify."""
import os
import re
import subprocess
import sys

import devices
import images
import machine
import nvram
import signing

sys.path.append(os.path.join(machine.ROOT, "tools"))

import quoin_keys  # noqa: E402
from quoin_keys import verify  # noqa: E402
from quoin_keys.firmware import Firmware  # noqa: E402

KEYS_TOOL = os.path.join(machine.ROOT, "tools/quoin-keys")

# The mode in the root's property ibm,secure-boot.
MODES = {"off": 0, "audit": 1, "enforce": 2}


def tool(*arguments, status=0):
    """Runs quoin-keys; returns what it prints, errors too."""
    done = subprocess.run(
        ["/usr/bin/python3", KEYS_TOOL] + [str(a) for a in arguments],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == status, done.stdout
    return done.stdout


def firmware(folder, mode="enforce", keys=(), kernel_keys=(), commands=(),
             flags=(), name="quoin.keys"):
    """The firmware's file with a policy. commands: of quoin-keys, such as
    ("deny", what): the file comes after the first word."""
    path = os.path.join(str(folder), name)
    tool("new", "--image", machine.FIRMWARE, path)
    for key in keys:
        tool("add-cert", path, key.der)
    for key in kernel_keys:
        tool("add-cert", "--for", "kernel", path, key.der)
    for command, *words in commands:
        tool(command, path, *words)
    tool("mode", path, mode, *flags)
    return path


def accepts(bios, program):
    """Does quoin-keys accept the program, by the firmware's rules?"""
    try:
        verify.verify(str(program), Firmware(bios).trailer)
    except quoin_keys.Failure:
        return False
    return True


def one():
    return signing.Key("one")


def two():
    return signing.Key("two")


def client(name="stamp.be32"):
    return signing.compact(images.guest(name))


def prep_disk(folder, program, *options, name="prep.img"):
    """A disk with the program in its PReP partition."""
    path = os.path.join(str(folder), name)
    with open(path + ".boot", "wb") as f:
        f.write(program)
    images.script("make-disk", "--boot=" + path + ".boot", "--size=1",
                  *options, path)
    return path


def file_disk(folder, files, name="files.img"):
    """A disk whose second partition, ext4, holds the files {name: bytes}."""
    path = os.path.join(str(folder), name)
    os.makedirs(path + ".d")
    for file, data in files.items():
        with open(os.path.join(path + ".d", file), "wb") as f:
            f.write(data)
    images.script("make-disk", "--data=" + path + ".d", "--ext=4", path)
    return path


def disc(folder, program):
    """A CHRP disc with the program."""
    path = os.path.join(str(folder), "disc.iso")
    with open(path + ".boot", "wb") as f:
        f.write(program)
    empty = os.path.join(str(folder), "empty")
    os.makedirs(empty, exist_ok=True)
    images.script("make-chrp-iso", path, path + ".boot", empty)
    return path


def boot_each(boot, folder, bios, programs, *options, arguments="return=1"):
    """Boots each program {name: bytes} in turn, until one does not return to
    the firmware; what is not accepted is refused, so the next one follows."""
    disk = file_disk(folder, programs)
    paths = " ".join("disk:2,\\" + name for name in programs)
    # More than -prom-env can carry.
    variables = os.path.join(str(folder), "nvram")
    with open(variables, "wb") as f:
        f.write(nvram.image(boot_device=paths, boot_file=arguments))
    return boot("-drive", "file=%s,if=pflash,format=raw" % variables, *options,
                *devices.disk("virtio-blk-modern", disk), bios=bios)


ATTEMPT = re.compile(r"Trying to load: .*? from: \S+?([^\\\s]+) \.\.\. "
                     r"(.*?)(?=Trying to load:|\Z)", re.S)


def attempts(vm):
    """What the console says about each file: name -> text."""
    return {m.group(1): m.group(2) for m in ATTEMPT.finditer(vm.output())}


def runs(text):
    return "STAMP" in text
