# SPDX-License-Identifier: BSD-2-Clause
"""Secure boot: a firmware file whose keys are damaged or missing boots nothing,
and says so."""
import struct

import pytest

import devices
import images
import machine
import secure

HEADER = 0x40                   # "QUOINIMG", version, two lengths
TRAILER_LENGTH = HEADER + 16


@pytest.fixture(scope="module")
def bios(tmp_path_factory):
    return secure.firmware(
        tmp_path_factory.mktemp("keys"), keys=[secure.one(), secure.two()],
        commands=[("deny", "00" * 32), ("sbat", "grub,3")])


def damaged(path, bios, change):
    with open(bios, "rb") as f:
        data = bytearray(f.read())
    path = path / "damaged"
    path.write_bytes(bytes(change(data)))
    return str(path)


def image_size():
    with open(machine.FIRMWARE, "rb") as f:
        return len(f.read())


def flipped(offset):
    """offset: in the trailer; below 0, from its end."""
    def change(data):
        data[offset + (image_size() if offset >= 0 else len(data))] ^= 0x10
        return data
    return change


def header_word(at, change):
    def changed(data):
        word, = struct.unpack_from(">I", data, at)
        struct.pack_into(">I", data, at, change(word))
        return data
    return changed


DAMAGES = {
    "magic": flipped(0), "version": flipped(11), "length": flipped(15),
    "mode": flipped(19), "flags": flipped(23), "count": flipped(27),
    "a key": flipped(100), "a certificate": flipped(600),
    "its end": flipped(-1), "its hash": flipped(-33),
    "cut in the middle": lambda d: d[:image_size() + 40],
    "cut off": lambda d: d[:image_size()],
    "zeros": lambda d: d[:image_size()].ljust(len(d), b"\0"),
    "the header's hash": lambda d: d[:HEADER + 24] + b"\1" + d[HEADER + 25:],
    "a longer trailer": header_word(TRAILER_LENGTH, lambda n: n + 8),
    "a shorter trailer": header_word(TRAILER_LENGTH, lambda n: n - 8),
    "a huge trailer": header_word(TRAILER_LENGTH, lambda n: 0xfffffff8),
    "no trailer, a hash": header_word(TRAILER_LENGTH, lambda n: 0),
    "another image": header_word(HEADER + 12, lambda n: n - 4),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_keys_stop_the_boot(boot, tmp_path, bios, damage):
    path = damaged(tmp_path, bios, DAMAGES[damage])
    vm = boot(*devices.disk("virtio-blk-modern", images.boot_disk(
        images.guest("stamp.be32"))), bios=path)
    for _ in range(3):
        vm.expect(r"start: trusted boot: [^\r\n]*firmware's file[^\r\n]*\r")
        vm.qmp("system_reset")
    vm.expect(r"start: trusted boot: ")
    assert "Trying to load" not in vm.output()


def test_bytes_behind_the_trailer_do_no_harm(boot, tmp_path, bios):
    path = damaged(tmp_path, bios, lambda d: d + b"QUOINKEY" * 100)
    vm = boot("-kernel", images.guest("policy.be32"), bios=path)
    vm.expect(r"POLICY secure-boot 2 ")


def test_bytes_behind_an_image_without_keys_do_no_harm(boot, tmp_path, bios):
    """Nothing in the image says that a trailer follows it."""
    with open(machine.FIRMWARE, "rb") as f:
        image = f.read()
    path = damaged(tmp_path, bios, lambda d: image + d[len(image):])
    vm = boot("-kernel", images.guest("policy.be32"), bios=path)
    vm.expect(r"POLICY secure-boot 0 ")


def test_mode_of_a_new_file_is_off(boot, tmp_path):
    path = str(tmp_path / "new")
    secure.tool("new", "--image", machine.FIRMWARE, path)
    vm = boot("-kernel", images.guest("policy.be32"), bios=path)
    vm.expect(r"POLICY secure-boot 0 ")
    assert vm.ended() == 0
