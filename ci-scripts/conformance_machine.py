# SPDX-License-Identifier: BSD-2-Clause
"""One QEMU under ci-scripts/conformance: its command line and its console."""
import os
import re
import select
import subprocess
import tempfile
import time

# TCG cannot offer these mitigations; without this QEMU warns about each.
PSERIES = ("pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,"
           "cap-ccf-assist=off")

ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[78])")

# A firmware that never stops printing must not fill the memory.
MOST_OUTPUT = 16 << 20


class Setup:
    """What is tested and how. medium: "kernel", "disk" or "cd"."""

    def __init__(self, bios, client, medium="kernel", qemu=None, machine=None,
                 options=(), words="", only=None, watchdog=20, patience=60,
                 restarts=40):
        self.bios, self.client, self.medium = bios, client, medium
        self.qemu = qemu or "qemu-system-ppc64"
        self.machine = machine or PSERIES
        self.options = list(options)
        self.words = words          # for the client, in every run
        self.only = only            # the number of the one case to run
        self.watchdog = watchdog    # seconds of silence that are a hang
        self.patience = patience    # the same until the client starts
        self.restarts = restarts    # after which the firmware is given up

    def is_pseries(self):
        return self.machine.split(",")[0].startswith("pseries")

    def command(self, kernel, initrd, disk, disc):
        """QEMU's; each of the four is a file, or None for without."""
        command = [self.qemu, "-M", self.machine, "-m", "1G", "-nodefaults",
                   "-display", "none", "-serial", "stdio", "-bios", self.bios]
        # Cases need these: a second processor, a virtual SCSI adapter, a unit
        # address with a letter (slot c).
        if self.is_pseries():
            command += ["-smp", "2", "-device", "spapr-vscsi,id=s0"]
        if disk:
            command += ["-drive", "file=%s,format=raw,if=none,id=d0,"
                        "snapshot=on" % disk, "-device",
                        "virtio-blk-pci,drive=d0" +
                        (",addr=0xc" if self.is_pseries() else "") +
                        ("" if kernel or disc else ",bootindex=0")]
        if disc and self.is_pseries():
            command += ["-drive", "file=%s,format=raw,if=none,id=c0,"
                        "media=cdrom" % disc, "-device",
                        "scsi-cd,bus=s0.0,drive=c0,bootindex=0"]
        elif disc:
            command += ["-cdrom", disc, "-boot", "d"]
        if kernel:
            command += ["-kernel", kernel, "-initrd", initrd]
        return command + self.options


class Console:
    """A running QEMU and its output."""

    running = set()     # all that there are

    def __init__(self, command):
        self.errors = tempfile.TemporaryFile()
        self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE,
                                      stderr=self.errors)
        Console.running.add(self)
        self.lines = []         # complete ones
        self.partial = ""       # the line that is being printed
        self.size = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()
        Console.running.discard(self)
        self.child.stdout.close()
        self.errors.close()

    def read(self, until):
        """The lines that came before the time until (time.monotonic());
        None when nothing more can come."""
        rest = max(0, until - time.monotonic())
        if not select.select([self.child.stdout], [], [], rest)[0]:
            return []
        data = os.read(self.child.stdout.fileno(), 65536)
        self.size += len(data)
        if not data or self.size > MOST_OUTPUT:
            return None
        text = ESCAPE.sub("", data.decode("latin-1")).replace("\r", "")
        lines = (self.partial + text).split("\n")
        self.partial = lines.pop()
        self.lines += lines
        return lines

    def tail(self, start=0, count=8):
        """The last lines that are not empty, none before number start; of
        many, the first two, too."""
        lines = [t.rstrip() for t in self.lines[start:] + [self.partial]]
        lines = [t for t in lines if t]
        if len(lines) > count:
            return lines[:2] + ["[...]"] + lines[3 - count:]
        return lines

    def complaint(self):
        """After QEMU's end: ": " and its last message when it ended badly."""
        if not self.child.wait():
            return ""
        self.errors.seek(0)
        lines = self.errors.read().decode("latin-1").split("\n")
        lines = [t.strip() for t in lines if t.strip()]
        return ": " + (lines[-1] if lines else
                       "QEMU's status is %d" % self.child.returncode)
