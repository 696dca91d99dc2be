# SPDX-License-Identifier: BSD-2-Clause
"""Disk images for the tests, made by ci-scripts once and then kept.

Images are only read: tests attach them with snapshot=on."""
import fcntl
import os
import shutil
import struct
import subprocess
import sys
import zlib

from machine import ROOT

sys.path.append(os.path.join(ROOT, "ci-scripts"))

import conformance_media  # noqa: E402

IMAGES = os.path.join(ROOT, "build/images")
GUEST = os.path.join(ROOT, "build/guest")
CLIENTS = os.path.join(ROOT, "build/clients")
KERNEL = os.path.join(CLIENTS, "linux")
INITRD = os.path.join(GUEST, "initrd.gz")

# With timeout -1 the menu waits for a key: one letter starts one entry.
GRUB_CFG = """\
set timeout=%d
set default=0
if [ -s $prefix/grubenv ]; then
	load_env
fi
echo "QUOIN-GRUB: menu read, saved=$quoin_saved"
menuentry 'Linux, power off' --hotkey=p {
	linux /boot/vmlinux quoin.test=poweroff
	initrd /boot/initrd.gz
}
menuentry 'Linux, reboot' --hotkey=r {
	linux /boot/vmlinux quoin.test=reboot
	initrd /boot/initrd.gz
}
menuentry 'Linux, device tree' --hotkey=d {
	linux /boot/vmlinux quoin.test=devtree,iomem
	initrd /boot/initrd.gz
}
"""


def script(name, *args):
    """Runs a script of ci-scripts; its output goes into the error."""
    command = [os.path.join(ROOT, "ci-scripts", name)] + list(args)
    done = subprocess.run(command, cwd=ROOT, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise RuntimeError("%s failed:\n%s" % (" ".join(command), done.stdout))


def tool(*command, **named):
    """Runs a tool of the host, perhaps one that not every user's path has."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=dict(
        os.environ, MTOOLS_SKIP_CHECK="1", LC_ALL="C.UTF-8",
        PATH=os.environ["PATH"] + ":/usr/sbin:/sbin"), **named)


def newest(paths):
    """The latest modification time below any of the paths."""
    latest = 0.0
    for path in paths:
        path = os.path.join(ROOT, path)
        latest = max(latest, os.path.getmtime(path))
        for top, _, files in os.walk(path):
            for name in files:
                latest = max(latest, os.path.getmtime(os.path.join(top, name)))
    return latest


class lock:
    """Two pytest workers never make the same image at once."""

    def __enter__(self):
        os.makedirs(IMAGES, exist_ok=True)
        self.file = open(os.path.join(IMAGES, ".lock"), "w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.close()


def made(name, inputs, make):
    """build/images/NAME, made by make(path) when missing or out of date."""
    path = os.path.join(IMAGES, name)
    if not os.path.exists(path) or os.path.getmtime(path) < newest(inputs):
        partial = path + ".partial"
        if os.path.isdir(partial):
            shutil.rmtree(partial)
        make(partial)
        if os.path.isdir(path):
            shutil.rmtree(path)
        os.replace(partial, path)
        os.utime(path)
    return path


def prepare():
    """Everything that all tests need; cheap when it is there already."""
    with lock():
        script("fetch-clients")
        _guests()
        _data()


def prepare_guests():
    """The test clients alone."""
    with lock():
        _guests()


def _guests():
    stamp = os.path.join(GUEST, "initrd.gz")
    sources = ["tests/guest", "ci-scripts/make-guest",
               "ci-scripts/make-initrd"]
    if not os.path.exists(stamp) or os.path.getmtime(stamp) < newest(sources):
        script("make-guest", GUEST)


def _data(timeout=-1):
    def make(to):
        os.makedirs(os.path.join(to, "boot/grub"))
        shutil.copy(KERNEL, os.path.join(to, "boot/vmlinux"))
        shutil.copy(INITRD, os.path.join(to, "boot/initrd.gz"))
        with open(os.path.join(to, "boot/grub/grub.cfg"), "w") as f:
            f.write(GRUB_CFG % timeout)
        env = "# GRUB Environment Block\n".ljust(1024, "#")
        with open(os.path.join(to, "boot/grub/grubenv"), "w") as f:
            f.write(env)
    return made("data" if timeout < 0 else "data-%d" % timeout,
                [INITRD, KERNEL, "tests/system/images.py"], make)


def _core(prefix, name):
    return made(name, ["ci-scripts/make-grub-core", KERNEL],
                lambda to: script("make-grub-core", to, prefix))


def grub_disk(table="mbr", sector=512, timeout=-1):
    """GRUB in PReP partition 1, its files and Linux on partition 2."""
    with lock():
        prefix = "(,%s2)/boot/grub" % {"mbr": "msdos", "gpt": "gpt"}[table]
        core = _core(prefix, "core-%s.elf" % table)
        data = _data(timeout)
        return made("grub-%s-%d%s.img" % (table, sector, "-%d" % timeout
                                          if timeout >= 0 else ""),
                    ["ci-scripts/make-disk", core, data],
                    lambda to: script(
                        "make-disk", "--table=" + table,
                        "--sector=%d" % sector, "--boot=" + core,
                        "--data=" + data, to))


def grub_disc():
    """A CHRP disc with GRUB and Linux."""
    with lock():
        core = _core("()/boot/grub", "core-iso.elf")
        data = _data()
        return made("grub.iso", ["ci-scripts/make-chrp-iso", core, data],
                    lambda to: script("make-chrp-iso", to, core, data))


def boot_disk(boot, *options):
    """A disk whose PReP partition holds the file boot and nothing else."""
    with lock():
        name = "-".join([os.path.basename(boot)] +
                        [o.strip("-").replace("=", "") for o in options])
        return made("prep-%s.img" % name, ["ci-scripts/make-disk", boot],
                    lambda to: script("make-disk", "--boot=" + boot,
                                      "--size=1", *options, to))


def path_disk(program, table, sector):
    """A disk whose second partition, ext4, holds the program in /boot."""
    name = os.path.basename(program)

    def make(to):
        folder = to + ".d"
        os.makedirs(os.path.join(folder, "boot"))
        shutil.copy(program, os.path.join(folder, "boot", name))
        script("make-disk", "--table=" + table, "--sector=%d" % sector,
               "--data=" + folder, "--ext=4", to)
        shutil.rmtree(folder)
    with lock():
        return made("path-%s-%s-%d.img" % (name, table, sector),
                    ["ci-scripts/make-disk", program], make)


def huge_disk(boot, sector):
    """A disk of 9 TiB, as qcow2, whose PReP partition holds the file boot
    and starts at 8 TiB."""
    def make(to):
        script("make-disk", "--table=gpt", "--sector=%d" % sector,
               "--boot=" + boot, "--size=1", "--start=%d" % (8 << 20),
               "--disk=%d" % (9 << 20), to + ".raw")
        subprocess.run(["qemu-img", "convert", "-O", "qcow2", to + ".raw", to],
                       check=True)
        os.remove(to + ".raw")
    with lock():
        return made("huge-%s-%d.qcow2" % (os.path.basename(boot), sector),
                    ["ci-scripts/make-disk", boot], make)


def boot_disc(boot, boot_script=None):
    """A CHRP disc that holds the file boot and nothing else."""
    with lock():
        name = os.path.basename(boot)
        if boot_script:
            name += "-%08x" % zlib.crc32(boot_script.encode())
        empty = os.path.join(IMAGES, "empty")
        os.makedirs(empty, exist_ok=True)
        more = [boot_script] if boot_script else []
        return made("disc-%s.iso" % name, ["ci-scripts/make-chrp-iso", boot],
                    lambda to: script("make-chrp-iso", to, boot, empty, *more))


def linux(words="quoin.test=poweroff"):
    """QEMU options for Debian's kernel with our initrd. Without words the
    kernel would use its own, which name a console that is not there."""
    return ["-kernel", KERNEL, "-initrd", INITRD, "-append", words]


def guest(name):
    """A built test client, for example stamp.be32."""
    return os.path.join(GUEST, name)


def plain_disc():
    """A small disc with files that nobody boots."""
    with lock():
        folder = os.path.join(_data(), "boot/grub")
        return made("plain.iso", [folder], lambda to: subprocess.run(
            ["xorriso", "-report_about", "WARNING", "-as", "mkisofs",
             "-o", to, folder], check=True))


def padded_guest(name, mib, at=16):
    """A test client with a second segment of that many MiB, all zeros, at so
    many MiB. [ELF gABI: e_phnum, program header]"""
    def make(to):
        with open(guest(name), "rb") as f:
            elf = bytearray(f.read())
        offset = (len(elf) + 0xffff) & ~0xffff
        elf[44:46] = struct.pack(">H", 2)
        elf[84:116] = struct.pack(">IIIIIIII", 1, offset, at << 20, at << 20,
                                  mib << 20, mib << 20, 6, 0x10000)
        with open(to, "wb") as f:
            f.write(elf)
            f.truncate(offset + (mib << 20))
    with lock():
        return made("%s-%d-%d" % (name, mib, at),
                    [guest(name), "tests/system/images.py"], make)


def suite_disk():
    """The conformance suite's data disk."""
    with lock():
        return made("suite.img", ["ci-scripts/conformance_media.py"],
                    conformance_media.make_disk)


def made_empty():
    """A disk of zeros."""
    def make(to):
        with open(to, "wb") as f:
            f.truncate(4 << 20)
    with lock():
        return made("zeros.img", [], make)
