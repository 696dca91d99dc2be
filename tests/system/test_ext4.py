# SPDX-License-Identifier: BSD-2-Clause
"""Files on ext2, ext3 and ext4, named by their path."""
import os
import subprocess
import tempfile

import pytest

import devices
import images
import tables

PROMPT = r"0 > "
STAMP = r"STAMP timebase [0-9a-f]{16}"
CORE = "boot/grub/powerpc-ieee1275/core.elf"
NAMED = "boot-device=disk:2,\\" + CORE.replace("/", "\\")


def holes():
    """Blocks of data with holes between them."""
    block = bytes(range(1, 256)) * 5
    return b"".join(block[i:i + 1024] + bytes(1024 * i)
                    for i in range(1, 20)) + b"end"


def write(folder, path, data):
    full = os.path.join(folder, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "wb") as f:
        f.write(data)


def program(name):
    with open(images.guest(name), "rb") as f:
        return f.read()


def file_system(kind, options=()):
    """A partition's bytes; mke2fs makes a hole of each block of zeros."""
    with tempfile.TemporaryDirectory() as folder:
        tree = os.path.join(folder, "tree")
        image = os.path.join(folder, "image")
        write(tree, CORE, program("stamp.be32"))
        write(tree, "boot/file.elf", program("file.be32"))
        write(tree, "boot/holes", holes())
        os.symlink("boot/file.elf", os.path.join(tree, "reader"))
        os.symlink("/boot/grub", os.path.join(tree, "boot/absolute"))
        with open(image, "wb") as f:
            f.truncate(tables.SIZE * tables.SECTOR)
        images.tool("mke2fs", "-q", "-F", "-t", kind, "-b", "1024", *options,
                    "-d", tree, image, stderr=subprocess.DEVNULL)
        with open(image, "rb") as f:
            return f.read()


def disk(table, kind, options=()):
    name = "-".join((table, kind) + tuple(options)).replace(",", "-")
    data = {2: file_system(kind, options)}
    if table == "gpt":
        return tables.gpt(name, (tables.PREP, tables.LINUX), data)
    return tables.mbr(name, ((False, 0x41), (False, 0x83)), data)


def start(boot, image, *options, **more):
    return boot(*devices.disk("virtio-blk-modern", image), *options, **more)


def at_prompt(boot, image):
    vm = start(boot, image, "-prom-env", "auto-boot?=false")
    vm.expect(PROMPT)
    return vm


@pytest.mark.parametrize("table,kind", (("mbr", "ext2"), ("gpt", "ext2"),
                                        ("mbr", "ext4"), ("gpt", "ext4")))
def test_a_loader_named_by_its_path_runs(boot, table, kind):
    vm = start(boot, disk(table, kind), "-prom-env", NAMED)
    vm.expect(r"Trying to load:  from: /\S+:2,\\boot\S+core.elf \.\.\. "
              r"  Successfully loaded\r")
    vm.expect(STAMP)


def test_slof_runs_it_from_ext2_too(boot):
    vm = start(boot, disk("mbr", "ext2"), "-prom-env", NAMED, bios=None)
    vm.expect(STAMP)


@pytest.mark.parametrize("kind,options", (
    ("ext2", ()), ("ext4", ()),
    ("ext4", ("-O", "^64bit,inline_data"))))
def test_holes_of_a_file_are_read_as_zeros(boot, kind, options):
    vm = at_prompt(boot, disk("mbr", kind, options))
    vm.send("boot disk:2,\\reader file=disk:2,\\boot\\holes\r")
    vm.expect(r"FILE size %d sum %d\r"
              % (len(holes()), sum(holes())))


def test_ls_shows_files_directories_and_links(boot):
    vm = at_prompt(boot, disk("mbr", "ext4"))
    vm.send("ls disk:2,\\boot\r")
    vm.expect(r"\n +\d+ absolute")
    vm.expect(r"\n +%d holes\r" % len(holes()))
    vm.expect(PROMPT)
    vm.send("ls disk:2,boot/absolute/powerpc-ieee1275\r")
    vm.expect(r"\n +%d core.elf\r" % len(program("stamp.be32")))
    vm.expect(PROMPT)


def test_a_feature_that_cannot_be_read_is_named(boot):
    data = bytearray(file_system("ext4"))
    data[1024 + 0x61] |= 0x10           # DIRDATA
    vm = start(boot, tables.mbr("dirdata", ((False, 0x41), (False, 0x83)),
                                {2: bytes(data)}), "-prom-env", NAMED)
    vm.expect(r"E3\d+: [^\r\n]*ext4: feature DIRDATA cannot be read\r")
    vm.expect(PROMPT)


def test_a_journal_to_be_replayed_is_told_once(boot):
    data = bytearray(file_system("ext4"))
    data[1024 + 0x60] |= 4              # RECOVER
    vm = at_prompt(boot, tables.mbr("recover",
                                    ((False, 0x41), (False, 0x83)),
                                    {2: bytes(data)}))
    vm.send("ls disk:2\r")
    vm.expect(r"Warning: /\S+scsi@0, byte \d+: ext4 needs journal recovery; "
              r"files may be old\r")
    vm.expect(PROMPT)
    vm.send("boot disk:2,\\reader file=disk:2,\\boot\\holes\r")
    vm.expect(r"FILE size %d sum" % len(holes()))
    assert "recovery" not in vm.before()
