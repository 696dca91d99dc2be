# SPDX-License-Identifier: BSD-2-Clause
"""How fast files come from a network: the measurements of ci-scripts/bench."""
import glob
import os
import select
import subprocess
import threading
import time

import bench_machines as machines
import frames
import images
import machine
import netuser
import webserver

MIB = 32
CARDS = ("virtio-net", "spapr-vlan")

# The last line before the file comes, and the client's first one.
MARKS = ("Requesting file", "STAMP timebase")
GRUB_MARKS = ("BENCH-START", "BENCH-END")

GRUB_CFG = """\
echo BENCH-START
crc (%s)/big
echo BENCH-END
"""

X86 = os.path.join(machine.ROOT, "build/peers/root/usr/bin/qemu-system-x86_64")
ROMS = ("/usr/share/qemu", "/usr/share/seabios", "/usr/lib/ipxe/qemu")

# iPXE gets the file between two requests that tell the time.
IPXE_SCRIPT = """#!ipxe
imgfetch http://10.0.2.2:%d/start
imgfetch %s
imgfetch http://10.0.2.2:%d/end
"""


def cpu_seconds(pid):
    """Of a process, in all of its threads. [proc(5), stat]"""
    with open("/proc/%d/stat" % pid) as f:
        words = f.read().rsplit(") ", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def now(pid):
    return time.monotonic(), cpu_seconds(pid)


def difference(marks):
    """Seconds of wall and of processor time between two marks."""
    return [b - a for a, b in zip(*marks)] if len(marks) == 2 else None


def follow(child, run, texts):
    """Wall and processor time at which each text was on the console."""
    marks, end = [], time.monotonic() + machines.LIMIT
    while len(marks) < len(texts) and time.monotonic() < end:
        ready = select.select([child.stdout], [], [], 1)[0]
        data = os.read(child.stdout.fileno(), 65536) if ready else b""
        # The prompt: the firmware has failed.
        if (ready and not data) or run.console.endswith("\n0 > "):
            break
        run.console += data.decode("latin-1")
        while len(marks) < len(texts) and texts[len(marks)] in run.console:
            marks.append(now(child.pid))
    return marks


def load(firmware, bios, options, texts):
    """The run, and seconds of wall and processor time between two texts."""
    run = machines.Run()
    child = subprocess.Popen(
        machines.command(firmware, bios, options, False),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    try:
        return run, difference(follow(child, run, texts))
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


class Clock(webserver.WebServer):
    """A web server on which /start and /end tell the time of process `pid`."""

    def __init__(self, pages):
        tell = {"/start": webserver.Page(b"\n"), "/end": webserver.Page(b"\n")}
        super().__init__(dict(pages, **tell))
        self.pid, self.marks, self.ended = None, [], threading.Event()

    def asked(self, path):
        if path in ("/start", "/end"):
            self.marks.append(now(self.pid))
        if path == "/end":
            self.ended.set()


def ipxe(folder, kind):
    """The same of iPXE's ROM on an x86 machine, without starting the file."""
    with images.lock():
        images.script("fetch-peers", "qemu-system-x86")
    server = Clock({"/big": webserver.Page(os.path.join(folder, "big"))})
    url = server.url("/big") if kind == "http" else "tftp://10.0.2.2/big"
    with open(os.path.join(folder, "script.ipxe"), "w") as f:
        f.write(IPXE_SCRIPT % (server.port, url, server.port))
    modules = glob.glob("/usr/lib/*-linux-gnu/qemu")
    child = subprocess.Popen(
        [X86, *[o for rom in ROMS for o in ("-L", rom)], "-nodefaults",
         "-display", "none", "-m", "1G", "-boot", "n",
         *netuser.user(folder, "script.ipxe"), *netuser.card("virtio-net")],
        env=dict(os.environ, QEMU_MODULE_DIR=modules[0] if modules else ""),
        stdin=subprocess.DEVNULL)
    server.pid = child.pid
    try:
        server.ended.wait(machines.LIMIT)
    finally:
        child.kill()
        child.wait()
        server.close()
    return difference(server.marks)


def grub_core():
    """GRUB that reads boot/grub/grub.cfg from where it came."""
    with images.lock():
        return images.made(
            "net-core.elf", ["ci-scripts/make-grub-core", images.KERNEL],
            lambda to: images.script("make-grub-core", "--net", to,
                                     "/boot/grub"))


class Network:
    """Its rows; each measurement gives two: wall and processor time."""

    def __init__(self, bench, row, runs):
        """row(name, what, unit, better, most, factor): a Row."""
        self.bench, self.row, self.runs = bench, row, runs
        self.folder = os.path.join(bench.folder, "net")
        self.pages, self.server, self.peers = {}, None, {}

    def prepare(self):
        """Only if there is a row to measure."""
        if self.server:
            return
        netuser.folder(self.folder, {
            "big": images.padded_guest("stamp.be32", MIB),
            "core.elf": grub_core()})
        self.server = webserver.WebServer({
            "/big": webserver.Page(os.path.join(self.folder, "big"))})

    def pair(self, name, what, factor):
        rows = [self.row("net-%s-%s" % (name, unit), "%s, %s time" %
                         (what, long), "s", "less", None, factor)
                for unit, long in (("wall", "wall"), ("cpu", "QEMU's CPU"))]
        rows = [self.bench.add(row) for row in rows]
        if any(rows):
            self.prepare()
        return rows

    def add(self):
        for card in CARDS:
            for kind in ("tftp", "http"):
                rows = self.pair(
                    "%s-%s" % (kind, card), "%d MiB by %s on %s" %
                    (MIB, kind.upper(), card), 4 if kind == "tftp" else None)
                self.repeat(self.take_load, rows, kind, card)
                if card == "virtio-net":
                    self.repeat_ipxe(rows, kind)
        for kind in ("tftp", "http"):
            rows = self.pair("grub-" + kind, "GRUB reads %d MiB by %s on "
                             "virtio-net" % (MIB, kind.upper()), 3)
            self.repeat(self.take_grub, rows, kind)
        row = self.bench.add(self.row(
            "net-dhcp", "first DHCP packet to first request for a file on "
            "virtio-net", "ms", "less", 50, None))
        self.repeat(self.take_dhcp, [row])

    def repeat(self, function, rows, *args):
        """In turns; SLOF has no HTTP."""
        if not any(rows):
            return
        self.prepare()
        firmwares = [f for f in ("quoin", "slof") if f in self.bench.bios]
        if function == self.take_load and args[0] == "http":
            firmwares = ["quoin"]
        for _ in range(self.runs):
            for firmware in firmwares:
                self.bench.timed.append((function, rows, firmware, *args))

    def repeat_ipxe(self, rows, kind):
        if any(rows):
            self.bench.timed += [(self.take_ipxe, rows, kind)] * self.runs

    def options(self, card, bootfile):
        return ["-boot", "n", *netuser.user(self.folder, bootfile),
                *netuser.card(card)]

    def record(self, rows, firmware, run, values):
        for at, row in enumerate(rows):
            if row and values is None:
                row.fail(firmware, run)
            elif row:
                row.record_best(firmware, values[at])

    def take_load(self, rows, firmware, kind, card):
        bootfile = "big" if kind == "tftp" else self.server.url("/big")
        run, values = load(firmware, self.bench.bios[firmware],
                           self.options(card, bootfile), MARKS)
        self.record(rows, firmware, run, values)

    def take_grub(self, rows, firmware, kind):
        device = {"tftp": "tftp,10.0.2.2",
                  "http": "http,10.0.2.2:%d" % self.server.port}[kind]
        netuser.folder(self.folder, {
            "boot/grub/grub.cfg": (GRUB_CFG % device).encode()})
        run, values = load(firmware, self.bench.bios[firmware],
                           self.options("virtio-net", "core.elf"), GRUB_MARKS)
        self.record(rows, firmware, run, values)

    def take_dhcp(self, rows, firmware):
        options, path = netuser.capture("bench-dhcp")
        netuser.folder(self.folder, {"small": images.guest("stamp.be32")})
        run, values = load(firmware, self.bench.bios[firmware],
                           self.options("virtio-net", "small") + options,
                           MARKS)
        packets = [p for p in frames.captured(path) if p.kind == "udp"]
        first = [p.time for p in packets if p.port == 67]
        asked = [p.time for p in packets if p.port == 69]
        good = values and first and asked
        self.record(rows, firmware, run,
                    [(asked[0] - first[0]) * 1000] if good else None)

    def take_ipxe(self, rows, kind):
        """quoin's budget: 1.3 times what iPXE took."""
        values = ipxe(self.folder, kind)
        for at, row in enumerate(rows):
            if row and values:
                best = min(values[at], self.peers.get(row.name, values[at]))
                self.peers[row.name] = best
                row.most = round(1.3 * best, 2)
                row.what = "%s (iPXE: %.2f)" % (
                    row.what.split(" (iPXE")[0], best)

    def close(self):
        if self.server:
            self.server.close()
