# SPDX-License-Identifier: BSD-2-Clause
"""The reboot after a crash with firmware-assisted dump: all memory but the
boot memory is the dump (QEMU 10.2, hw/ppc/spapr_fadump.c).

QEMU here is older. Its debugger's interface gives the device tree of such a
reboot to the firmware before the first instruction."""
import os
import socket
import struct

import pytest

import devices
import grub
import images
from machine import TIMEOUT

MIB = 1 << 20
BOOT = 256 * MIB            # of 512 MiB
TREE = 510 * MIB            # hw/ppc/spapr.c: 2 MiB below the top
PROPERTY = b"ibm,kernel-dump\0"


class Debugger:
    """Writes the machine's memory. (GDB manual, Remote Serial Protocol)"""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")

    def ask(self, packet):
        self.socket.sendall(b"$%s#%02x" % (packet, sum(packet) & 0xff))
        while self.file.read(1) != b"$":
            pass
        answer = b""
        while not answer.endswith(b"#"):
            answer += self.file.read(1)
        self.file.read(2)
        self.socket.sendall(b"+")
        return answer[:-1]

    def write(self, address, data):
        for at in range(0, len(data), 512):
            part = data[at:at + 512]
            assert self.ask(b"M%x,%x:%s" % (address + at, len(part),
                                            part.hex().encode())) == b"OK"

    def close(self):
        self.ask(b"D")
        self.file.close()
        self.socket.close()


def dump(boot):
    """Linux arch/powerpc/platforms/pseries/rtas-fadump.h."""
    sections = [struct.pack(">IHHQQQQ", 1, kind, 0, 0, size, size, boot)
                for kind, size in ((1, 4096), (2, 0), (0x11, boot))]
    return struct.pack(">IHHIIQQII", 1, 3, 0xc000, 40, 0, 0, 0, 0, 0) + \
        b"".join(sections)


def with_dump(tree, value):
    """A flattened tree with the property in /rtas."""
    header = list(struct.unpack(">10I", tree[:40]))
    _, _, structure, strings, _, _, _, _, strings_size, structure_size = header
    nodes = tree[structure:structure + structure_size]
    names = tree[strings:strings + strings_size]
    start = nodes.index(b"\0\0\0\1rtas\0\0\0\0") + 12
    prop = struct.pack(">III", 3, len(value), len(names)) + value
    prop += b"\0" * (-len(value) % 4)
    nodes = nodes[:start] + prop + nodes[start:]
    names += PROPERTY
    header[1] = structure + len(nodes) + len(names)
    header[3] = structure + len(nodes)
    header[8:] = len(names), len(nodes)
    return struct.pack(">10I", *header) + tree[40:structure] + nodes + names


def crashed(boot, tmp_path, *options):
    """A machine whose last kernel has left a dump."""
    path, saved = str(tmp_path / "gdb"), str(tmp_path / "tree")
    vm = boot("-S", "-gdb", "unix:%s,server=on,wait=off" % path, *options,
              memory="512M")
    vm.qmp("pmemsave", val=TREE, size=2 * MIB, filename=saved)
    with open(saved, "rb") as f:
        tree = f.read()
    size = struct.unpack(">I", tree[4:8])[0]
    debugger = Debugger(path)
    debugger.write(TREE, with_dump(tree[:size], dump(BOOT)))
    debugger.close()
    vm.qmp("cont")
    return vm


def written(vm, tmp_path, end=TREE):
    """The first byte of the dump that is no longer 0, or None."""
    saved = str(tmp_path / "memory")
    vm.qmp("pmemsave", val=BOOT, size=end - BOOT, filename=saved)
    at = BOOT
    with open(saved, "rb") as f:
        for block in iter(lambda: f.read(MIB), b""):
            if block.count(0) != len(block):
                return hex(at + len(block) - len(block.lstrip(b"\0")))
            at += len(block)
    os.unlink(saved)
    return None


def test_firmware_keeps_off_a_dump(boot, tmp_path):
    vm = crashed(boot, tmp_path, "-prom-env", "auto-boot?=false")
    vm.expect(r"Keeping the kernel dump from 10000000 up")
    vm.expect(r"0 > ")
    assert written(vm, tmp_path) is None
    vm.line("no-such-command")
    vm.expect(r"no-such-command.*\s+0 > ")


@pytest.mark.parametrize("controller", ("virtio-blk-modern", "spapr-vscsi"))
def test_grub_keeps_off_a_dump(boot, tmp_path, controller):
    """It allocates from `available`, which ends where the dump begins."""
    vm = crashed(boot, tmp_path,
                 *devices.disk(controller, images.grub_disk()))
    grub.at_prompt(vm)
    assert written(vm, tmp_path) is None


def test_without_a_dump_the_firmware_is_below_the_tree(boot, tmp_path):
    """That memory is written there, if nothing forbids it."""
    vm = boot("-prom-env", "auto-boot?=false", memory="512M")
    vm.expect(r"0 > ")
    # Before the image's header is nothing.
    assert written(vm, tmp_path) == hex(TREE - 16 * MIB + 0x40)
