# SPDX-License-Identifier: BSD-2-Clause
"""Boots of tests/guest/tpm.c on every path, and what is measured of them."""
import collections
import os
import struct

import devices
import images
import machine
import netuser
from eventlog import Measured

CLIENT = "tpm.be32"
SEPARATORS = ["%d SEPARATOR 00000000" % pcr for pcr in range(8)]
DISK = "/pci@800000020000000/scsi@0"

# One way to boot. after: the lines of the log after the separators; config:
# those before them, of boot order. files: {text of an event: what its digest is
# of}, where that is not the event.
Path = collections.namedtuple("Path", "options after files config",
                              defaults=([],))

BOOTINFO = br"""<chrp-boot>
<description>quoin test disc</description>
<os-name>test</os-name>
<boot-script>boot &device;:\boot\grub\powerpc.elf</boot-script>
</chrp-boot>
"""
PROGRAM = r"\boot\grub\powerpc.elf"
LIST = "/pci@800000020000000/scsi@3 /pci@800000020000000/scsi@0"


def version():
    with open(os.path.join(machine.ROOT, "VERSION")) as f:
        return f.read().strip()


def firmware():
    return read(machine.FIRMWARE)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def disk(image, ident="d0", options=""):
    return devices.disk("virtio-blk-modern", image, ident, options)


def mbr(image):
    """Disk signature, partitions, mark. [UEFI 5.2.1]"""
    return read(image)[440:512]


def gpt(image):
    """UEFI_GPT_DATA: the header, and the entries in use. [UEFI 5.3.2]"""
    raw = read(image)
    header = raw[512:512 + 92]
    at, = struct.unpack_from("<Q", header, 72)
    count, size = struct.unpack_from("<II", header, 80)
    entries = [raw[at * 512 + i * size:][:size] for i in range(count)]
    used = [e for e in entries if any(e[:16])]
    return header + struct.pack("<Q", len(used)) + b"".join(used)


def loaded(program):
    """Memory from the lowest to the highest address of an ELF32's segments, as
    QEMU's -kernel leaves it. [QEMU include/hw/elf_ops.h]"""
    offset, size = struct.unpack_from(">I", program, 28)[0], 32
    count, = struct.unpack_from(">H", program, 44)
    parts = [struct.unpack_from(">IIIIIIII", program, offset + i * size)
             for i in range(count)]
    parts = [p for p in parts if p[0] == 1]
    low = min(p[3] for p in parts)
    memory = bytearray(max(p[3] + p[5] for p in parts) - low)
    for _, at, _, address, length, _, _, _ in parts:
        memory[address - low:address - low + length] = program[at:at + length]
    return bytes(memory)


def client():
    return images.guest(CLIENT)


def booting(path, program="BOOTLOADER"):
    return ["4 ACTION Booting " + path, "4 COMPACT_HASH " + program]


def mbr_path(_):
    image = images.boot_disk(client())
    return Path(disk(image), ["5 PARTITION MBR PARTITION TABLE",
                              *booting(DISK + ":1")],
                {"MBR PARTITION TABLE": mbr(image),
                 "BOOTLOADER": read(client())})


def arguments_path(folder):
    """And two things that steer the boot."""
    one = mbr_path(folder)
    return one._replace(
        options=one.options + ["-prom-env", "boot-file=some words",
                               "-boot", "once=cd"],
        config=["1 CONFIG_FLAGS boot-file=some words",
                "1 CONFIG_FLAGS qemu,boot-device=cd"],
        after=one.after[:1] + ["5 COMPACT_HASH bootargs"] + one.after[1:],
        files=dict(one.files, bootargs=b"some words"))


def gpt_path(_):
    image = images.boot_disk(client(), "--table=gpt")
    return Path(disk(image), ["5 GPT ", *booting(DISK + ":1")],
                {"BOOTLOADER": read(client())})


def second_path(folder):
    """The first disk is empty."""
    one = mbr_path(folder)
    return one._replace(options=disk(
        images.boot_disk(client()), "d0", "addr=0,bootindex=2") + disk(
            images.made_empty(), "d1", "addr=3,bootindex=1"),
        config=["1 CONFIG_FLAGS qemu,boot-list=" + LIST])


def disc_path(_):
    image = images.boot_disc(client())
    return Path(devices.cdrom("virtio-scsi", image),
                ["5 COMPACT_HASH bootinfo.txt", *booting(
                    DISK + "/disk@100000000000000:" + PROGRAM, PROGRAM)],
                {"bootinfo.txt": BOOTINFO, PROGRAM: read(client())})


def kernel_path(_):
    return Path(["-kernel", client(), "-initrd", images.guest("stamp.be32"),
                 "-append", "words of mine"],
                [*booting("-kernel", "kernel"),
                 "8 IPL kernel_cmdline: words of mine", "9 IPL initrd"],
                {"kernel": loaded(read(client())),
                 "kernel_cmdline: words of mine": b"words of mine",
                 "initrd": read(images.guest("stamp.be32"))})


PXE = b"default a\nlabel a\n kernel client\n initrd first\n append some words\n"


def network_path(folder):
    """A kernel and its initrd by pxelinux.cfg."""
    top = netuser.folder(folder, {
        "pxe/pxelinux.cfg/default": PXE, "pxe/client": client(),
        "pxe/first": images.guest("stamp.be32")})
    return Path(["-boot", "n", *netuser.card("virtio-net"),
                 *netuser.user(top, "pxe/")],
                ["5 COMPACT_HASH pxelinux.cfg pxe/pxelinux.cfg/default",
                 *booting(
                     "/pci@800000020000000/ethernet@0:tftp://10.0.2.2/pxe/"
                     "client", "kernel"),
                 "8 IPL kernel_cmdline: some words", "9 IPL initrd"],
                {"pxelinux.cfg pxe/pxelinux.cfg/default": PXE,
                 "kernel": read(client()),
                 "kernel_cmdline: some words": b"some words",
                 "initrd": read(images.guest("stamp.be32"))})


def prep_with(name, data, mib):
    """A PReP disk with these bytes; the whole of its partition."""
    def make(to):
        with open(to + ".program", "wb") as f:
            f.write(data)
        images.script("make-disk", "--boot=" + to + ".program",
                      "--prep=%d" % mib, "--size=1", to)
    with images.lock():
        return images.made("tpm-%s.img" % name, [
            client(), "tests/system/measured.py"], make), \
            data.ljust(mib << 20, b"\0")


def script_path(folder):
    """A boot script: it runs, then comes the next disk, with the same table."""
    script = b"\\ a script\n1 ms\n"
    image, _ = prep_with("script", script, 8)
    one = second_path(folder)
    return one._replace(
        options=disk(images.boot_disk(client()), "d0", "addr=0,bootindex=2") +
        disk(image, "d1", "addr=3,bootindex=1"),
        after=["5 PARTITION MBR PARTITION TABLE", *booting(
            "/pci@800000020000000/scsi@3:1", "boot script")] + one.after,
        files=dict(one.files, **{"boot script": script}))


def aix_path(_):
    """The partition as a whole is at AIX's disposal."""
    program = bytearray(read(client()))
    program[7] = 7      # EI_OSABI
    image, whole = prep_with("aix", bytes(program), 1)
    return Path(disk(image), ["5 PARTITION MBR PARTITION TABLE", *booting(
        DISK + ":1", "AIX boot image")],
        {"MBR PARTITION TABLE": mbr(image), "AIX boot image": whole})


PATHS = {"mbr": mbr_path, "arguments": arguments_path, "gpt": gpt_path,
         "second": second_path, "disc": disc_path, "kernel": kernel_path,
         "network": network_path, "script": script_path, "aix": aix_path}


def run(boot, tpm, options, **named):
    """Boots the client with a TPM; returns what it prints, checked."""
    vm = boot(*tpm.options, *options, **named)
    found = Measured(vm)
    assert vm.ended() == 0
    found.check()
    return found
