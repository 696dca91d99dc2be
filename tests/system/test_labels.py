# SPDX-License-Identifier: BSD-2-Clause
"""What is said of disks that hold something else than a table with a PReP
partition, and of tables for other blocks."""
import shutil
import subprocess

import pytest

import devices
import images
import tables

PROMPT = r"0 > "
DISK = "/pci@800000020000000/scsi@0"
STAMP = r"STAMP timebase [0-9a-f]{16}"

# contents -> where its signature is, the signature, what is said
SIGNATURES = {
    "lvm": (512, b"LABELONE", "LVM physical volume; boot from the disk with "
            "the PReP partition"),
    "luks": (0, b"LUKS\xba\xbe", "LUKS encryption; boot from the disk with "
             "the PReP partition"),
    "xfs": (0, b"XFSB", "XFS; boot from the disk with the PReP partition"),
    "btrfs": (65600, b"_BHRfS_M", "btrfs; boot from the disk with the PReP "
              "partition"),
}


def bare(path, offset=0, signature=b""):
    with open(path, "wb") as f:
        f.truncate(8 << 20)
        f.seek(offset)
        f.write(signature)
    return str(path)


def refused(boot, disk, *options, extra=""):
    vm = boot(*devices.disk("virtio-blk-modern", disk, options=extra),
              *options)
    vm.expect(r"E3404: Not a bootable device! %s: ([^\r\n]*)\r" % DISK)
    return vm, vm.child.match.group(1)


@pytest.mark.parametrize("name", sorted(SIGNATURES))
def test_disk_without_a_table_says_what_it_holds(boot, name, tmp_path):
    offset, signature, words = SIGNATURES[name]
    vm, why = refused(boot, bare(tmp_path / "bare", offset, signature))
    assert why == "no PReP partition (no partition table: %s)" % words
    vm.expect(PROMPT)
    vm.line("boot disk:\\boot\\vmlinux")
    vm.expect(r"E3404: [^\r\n]*: [^\r\n]*(cannot be read here; boot the PReP "
              r"partition|no file system: )")
    vm.expect(PROMPT)


def test_new_disk_is_told_from_a_damaged_one(boot, tmp_path):
    _, why = refused(boot, bare(tmp_path / "new"))
    assert "only zeros; nothing is installed on it" in why


def test_bare_ext4_is_named(boot, tmp_path):
    disk = bare(tmp_path / "ext4")
    images.tool("mke2fs", "-q", "-t", "ext4", disk)
    _, why = refused(boot, disk)
    assert why == "no PReP partition (no partition table: ext2, ext3 or " \
        "ext4; to boot one of its files, name it); " \
        "\\ppc\\bootinfo.txt: no file or directory \"ppc\""


@pytest.mark.parametrize("kind", ("qcow2", "vmdk", "vpc"))
def test_image_that_is_attached_as_raw_is_named(boot, kind, tmp_path):
    image = str(tmp_path / kind)
    subprocess.run(["qemu-img", "create", "-q", "-f", kind, image, "8M"],
                   check=True)
    _, why = refused(boot, image)
    assert "give QEMU the image's format=, not raw" in why


def two_sizes():
    return tables.gpt("gpt-sizes", (tables.PREP,), {1: b"\x7fELF"})


@pytest.mark.parametrize("size", (1024, 2048, 4096))
def test_gpt_for_other_blocks_is_told_with_both_sizes(boot, size):
    _, why = refused(boot, two_sizes(),
                     extra="logical_block_size=%d,physical_block_size=4096"
                     % size)
    assert why == "no PReP partition (the GPT was written for blocks of 512 " \
        "bytes, this device has %d)" % size


def test_mbr_for_other_blocks_is_told_with_both_sizes(boot):
    _, why = refused(boot, images.boot_disk(images.guest("stamp.be32")),
                     extra="logical_block_size=4096,physical_block_size=4096")
    assert why == "the MBR was written for blocks of 512 bytes, this device " \
        "has 4096"


def test_bios_boot_is_named_as_the_wrong_type(boot):
    bios = "21686148-6449-6e6f-744e-656564454649"
    vm, why = refused(boot, tables.gpt("gpt-bios", (bios, tables.LINUX), {
        1: b"\x7fELF"}))
    assert why == "no PReP partition (GPT has types BIOS boot, Linux data; " \
        "partition 1 is BIOS boot, PReP is %s)" % tables.PREP
    vm.expect(PROMPT)
    vm.line("ls disk")
    vm.expect(r"1: +1024 KiB  GPT type %s, BIOS boot; ELF program\r" % bios)
    vm.expect(r"2: +1024 KiB  GPT type %s, Linux data; only zeros\r"
              % tables.LINUX)
    vm.expect(PROMPT)


def test_backup_of_a_disk_that_grew_is_used(boot, tmp_path):
    with open(images.guest("stamp.be32"), "rb") as f:
        program = f.read()
    grown = str(shutil.copy(tables.gpt("gpt-grown", (tables.PREP,),
                                       {1: program}), tmp_path / "grown"))
    with open(grown, "r+b") as f:
        f.seek(2 * tables.SECTOR)
        f.write(b"spoiled")
        f.truncate(64 << 20)
    vm = boot(*devices.disk("virtio-blk-modern", grown))
    vm.expect(r"Warning: %s: GPT: wrong checksum of the entries; using the "
              r"backup\r" % DISK)
    vm.expect(STAMP)
