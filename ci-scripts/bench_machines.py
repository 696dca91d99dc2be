# SPDX-License-Identifier: BSD-2-Clause
"""The machines that ci-scripts/bench measures, and how QEMU runs them."""
import os
import random
import select
import shutil
import subprocess
import time

import images
from machine import PSERIES, QEMU

# Seconds for one run. SLOF needs up to half a minute on an idle host.
LIMIT = int(os.environ.get("BENCH_LIMIT", "600"))

# GRUB prints these before and after loading; its menu boots at once.
LOAD_START, LOAD_END = "BENCH-START", "BENCH-END"
GRUB_CFG = """\
set timeout=0
set default=0
menuentry Linux {
	echo %s
	linux /boot/vmlinux quoin.test=poweroff
	initrd /boot/initrd.gz
	echo %s
}
""" % (LOAD_START, LOAD_END)


class Run:
    """The result of a run of QEMU. marks: seconds from the start of QEMU at which
    each text was seen, None unless all of them were."""

    def __init__(self):
        self.console, self.marks, self.seconds = "", [], 0.0


def command(firmware, bios, options, icount):
    machine = PSERIES + (",x-vof=on" if firmware == "vof" else "")
    start = [QEMU, "-M", machine, "-m", "1G", "-bios", bios, "-nodefaults",
             "-display", "none", "-serial", "stdio", "-no-reboot"]
    if icount:
        start += ["-icount", "shift=0,sleep=off"]
    return start + options


def follow(child, run, marks, start):
    """Reads the console up to the last mark, or to the end."""
    left, fd = list(marks), child.stdout.fileno()
    while left or not marks:
        rest = start + LIMIT - time.monotonic()
        if rest <= 0 or not select.select([fd], [], [], rest)[0]:
            run.console += "\n(no end after %d s)" % LIMIT
            return
        data = os.read(fd, 65536)
        if not data:
            return
        run.console += data.decode("latin-1")
        while left and left[0] in run.console:
            run.marks.append(time.monotonic() - start)
            left.pop(0)


def run(firmware, bios, options, marks=(), icount=False):
    """Runs QEMU until it saw the texts marks, in this order, or to its end."""
    result = Run()
    start = time.monotonic()
    child = subprocess.Popen(command(firmware, bios, options, icount),
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    try:
        follow(child, result, marks, start)
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    result.seconds = time.monotonic() - start
    if len(result.marks) != len(marks):
        result.marks = None
    return result


def disk(image, options=""):
    return ["-drive", "file=%s,if=none,id=d0,format=raw,snapshot=on" % image,
            "-device", "virtio-blk-pci,drive=d0" + options]


def disc(image):
    return ["-drive", "file=%s,if=none,id=c0,format=raw,media=cdrom,"
            "readonly=on" % image, "-device", "spapr-vscsi", "-device",
            "scsi-cd,drive=c0"]


def null_drive(ident):
    """A drive of zeros without load on the host."""
    return ["-blockdev", "driver=null-co,size=%d,read-zeroes=on,node-name=%s"
            % (128 << 20, ident)]


def xhci():
    return ["-device", "qemu-xhci,id=x0,p2=15,p3=15"]


def usb(device, count):
    """An xHCI with so many devices."""
    options = xhci()
    for n in range(count):
        name = device
        if device == "usb-storage":
            options += null_drive("u%d" % n)
            name += ",drive=u%d" % n
        options += ["-device", name]
    return options


# Options of a virtio device.
IOMMU = ",iommu_platform=on,disable-legacy=on"


def null_disk(controller, options=""):
    if controller == "virtio-blk":
        return null_drive("d0") + ["-device", "virtio-blk-pci,drive=d0" +
                                   options]
    if controller == "nvme":
        return null_drive("d0") + ["-device", "nvme,serial=1,drive=d0"]
    if controller == "usb-storage":
        # With a screen, the disk is there also for a client of -kernel.
        return ["-device", "VGA"] + usb("usb-storage", 1)
    hba = {"virtio-scsi": "virtio-scsi-pci"}.get(controller, controller)
    return null_drive("d0") + ["-device", hba, "-device", "scsi-hd,drive=d0"]


def nics(count, bus="", slot=1):
    return [o for n in range(count) for o in
            ("-device", "virtio-net-pci%s,addr=%x" % (bus, slot + n))]


def nics_behind_bridges(bridges, each):
    options = []
    for b in range(bridges):
        options += ["-device", "pci-bridge,id=b%d,chassis_nr=%d" % (b, b + 1)]
        options += nics(each, ",bus=b%d" % b)
    return options


def functions(count):
    """Small PCI functions behind bridges, eight in a slot, 16 slots each."""
    options = []
    for n in range(count):
        bridge, slot, function = n // 128, n // 8 % 16, n % 8
        if n % 128 == 0:
            options += ["-device", "pci-bridge,id=f%d,chassis_nr=%d" %
                        (bridge, bridge + 1)]
        options += ["-device", "virtio-rng-pci,bus=f%d,addr=%x.%d%s" %
                    (bridge, slot + 1, function,
                     ",multifunction=on" if function == 0 else "")]
    return options


def full():
    """Two CPUs, a screen, a bridge and one of each kind of disk controller,
    network card, USB controller and virtual device that pseries has."""
    options = ["-smp", "2", "-device", "VGA",
               "-device", "pci-bridge,id=b0,chassis_nr=1"]
    for n in range(4):
        options += null_drive("n%d" % n)
    return options + [
        "-device", "virtio-blk-pci,drive=n0", "-device", "virtio-net-pci",
        "-device", "virtio-scsi-pci,id=s0",
        "-device", "scsi-hd,drive=n1,bus=s0.0",
        "-device", "nec-usb-xhci", "-device", "usb-kbd",
        "-device", "usb-mouse", "-device", "nvme,serial=1,drive=n2",
        "-device", "e1000", "-device", "virtio-rng-pci,bus=b0,addr=1",
        "-device", "spapr-vscsi,id=s1",
        "-device", "scsi-cd,drive=n3,bus=s1.0", "-device", "spapr-vlan",
        "-chardev", "null,id=t1", "-device", "spapr-vty,chardev=t1"]


def _grub_data(to):
    os.makedirs(os.path.join(to, "boot/grub"))
    for name in ("vmlinux", "initrd.gz"):
        shutil.copy(os.path.join(images.CLIENTS, name),
                    os.path.join(to, "boot", name))
    with open(os.path.join(to, "boot/grub/grub.cfg"), "w") as f:
        f.write(GRUB_CFG)


def grub_disk():
    """GRUB, Debian's kernel and its installer's initrd; boots at once."""
    with images.lock():
        core = images.made(
            "bench-core.elf", ["ci-scripts/make-grub-core", images.KERNEL],
            lambda to: images.script("make-grub-core", to,
                                     "(,msdos2)/boot/grub"))
        data = images.made("bench-data", [images.KERNEL,
                                          "ci-scripts/bench_machines.py"],
                           _grub_data)
        return images.made(
            "bench-grub.img", ["ci-scripts/make-disk", core, data],
            lambda to: images.script("make-disk", "--boot=" + core,
                                     "--data=" + data, to))


# MiB of the program that large_disk() has twice, and what quoin prints first.
LARGE = 300
LOADING = "Trying to load"


def large_program():
    """A program with a second segment of noise: ext4 keeps no holes for it."""
    def make(to):
        shutil.copy(zeros, to)
        with open(to, "r+b") as f:
            f.seek(-(LARGE << 20), os.SEEK_END)
            for n in range(LARGE):
                f.write(random.Random(n).randbytes(1 << 20))
    zeros = images.padded_guest("stamp.be32", LARGE, 288)
    return images.made("bench-program", [images.guest("stamp.be32")], make)


def large_disk():
    """A large program in the PReP partition, and on ext4 as /boot/program."""
    def data(to):
        os.makedirs(os.path.join(to, "boot"))
        os.link(program, os.path.join(to, "boot/program"))
    program = large_program()
    with images.lock():
        folder = images.made("bench-large", [program], data)
        return images.made(
            "bench-large.img", ["ci-scripts/make-disk", folder],
            lambda to: images.script(
                "make-disk", "--boot=" + program, "--data=" + folder,
                "--prep=%d" % (LARGE + 4), "--ext=4", to))
