# SPDX-License-Identifier: BSD-2-Clause
"""A network namespace with Debian's servers on a tap device, whose frames go to
the guest. It needs root, and a kernel that allows it."""
import ctypes
import fcntl
import os
import re
import struct
import subprocess
import threading
import time

import pytest

import images
import machine
import netpeer

ROOT = os.path.join(machine.ROOT, "build/peers/root")
LIBRARIES = ":".join(os.path.join(ROOT, d, "x86_64-linux-gnu")
                     for d in ("usr/lib", "lib"))
PACKAGES = ("dnsmasq-base", "atftpd", "tftpd-hpa", "radvd", "lighttpd")

ADDRESS, ADDRESS6, PREFIX6 = "10.2.0.1", "fd00:2::1", "fd00:2::/64"
CLONE_NEWNET = 0x40000000       # linux/sched.h
TUNSETIFF = 0x400454ca          # linux/if_tun.h
IFF_TAP, IFF_NO_PI = 2, 0x1000


# Conditions for Space.serve(): a file below /proc/PID/net, or the servers' log,
# and what it says.

def port(number, kind="udp"):
    """A UDP port, or a TCP port to listen at."""
    return kind, r"^ *\d+: [0-9A-F]+:%04X [0-9A-F]+:0000 0[7A] " % number


def members(group, count):
    """So many members of a multicast group; the kernel may be one."""
    return "igmp6", r"\btap0 +%s +%d " % (netpeer.ip(group).hex(), count)


def says(words):
    return "log", re.escape(words)


def run(*command):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return None if done.returncode == 0 else \
        "%s: %s" % (" ".join(command), done.stdout.strip())


def open_tap(space, name):
    """A tap device in a namespace; only this thread enters it."""
    libc = ctypes.CDLL(None, use_errno=True)
    result = []

    def enter():
        at = os.open("/run/netns/" + space, os.O_RDONLY)
        try:
            if libc.setns(at, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
            tap = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(tap, TUNSETIFF, struct.pack(
                "16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
            os.set_blocking(tap, False)
            result.append(tap)
        except OSError as error:
            result.append(error)
        finally:
            os.close(at)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    return result[0]


class Space(netpeer.Wire):
    """A namespace; skips the test, with the reason, where none can be made."""
    count = 0

    def __init__(self, name, **named):
        super().__init__(name, **named)
        Space.count += 1
        self.name = "quoin-%d-%d" % (os.getpid(), Space.count)
        self.servers, self.tap = [], None
        self.log_path = os.path.join(machine.LOG_DIR, name + ".servers")
        self.log = open(self.log_path, "w")
        why = self._make()
        if why:
            super().close()
            pytest.skip("no network namespace: " + why)
        with images.lock():
            images.script("fetch-peers", *PACKAGES)
        self.start()

    def _make(self):
        if os.getuid() != 0:
            return "not root"
        why = run("ip", "netns", "add", self.name)
        if why:
            return why
        self.tap = open_tap(self.name, "tap0")
        if isinstance(self.tap, OSError):
            why = "no tap device: %s" % self.tap
            run("ip", "netns", "del", self.name)
            return why
        # The host has been here for long: its addresses are no duplicates.
        self.write("net/ipv6/conf/tap0/accept_dad", "0")
        for words in (["link", "set", "lo", "up"],
                      ["link", "set", "tap0", "address", "02:00:00:00:00:02",
                       "up"],
                      ["addr", "add", ADDRESS + "/24", "dev", "tap0"],
                      ["addr", "add", ADDRESS6 + "/64", "dev", "tap0"]):
            why = run("ip", "-n", self.name, *words)
            assert not why, why
        self._wait_for_addresses()
        return None

    def _wait_for_addresses(self):
        """Until the kernel sends from them."""
        end = time.monotonic() + machine.TIMEOUT
        found = ""
        while found.count("inet6") < 2:
            assert time.monotonic() < end, "tentative addresses"
            found = subprocess.check_output(
                ["ip", "-n", self.name, "-6", "address", "show", "dev", "tap0",
                 "-tentative"], text=True)

    def sources(self):
        return {self.tap: self._from_tap}

    def _from_tap(self):
        try:
            while True:
                self.send(os.read(self.tap, 1 << 17))
        except BlockingIOError:
            pass

    def receive(self, frame):
        os.write(self.tap, frame)

    def serve(self, program, *arguments, ready):
        """Starts a server; waits until all conditions hold."""
        child = subprocess.Popen(
            ["ip", "netns", "exec", self.name, program, *arguments],
            env=dict(os.environ, LD_LIBRARY_PATH=LIBRARIES), stdout=self.log,
            stdin=subprocess.DEVNULL, stderr=self.log)
        self.servers.append(child)
        end = time.monotonic() + machine.TIMEOUT
        while not all(self._holds(child, *condition) for condition in ready):
            try:
                child.wait(0.01)
            except subprocess.TimeoutExpired:
                pass
            assert child.returncode is None and time.monotonic() < end, \
                "%s is not ready: %s; see %s" % (program, ready, self.log_path)
        return child

    def write(self, name, value):
        """Sets /proc/sys/NAME of the namespace."""
        why = run("ip", "netns", "exec", self.name, "sh", "-c",
                  "echo %s >/proc/sys/%s" % (value, name))
        assert not why, why

    def _holds(self, child, file, pattern):
        """In the namespace, which the process enters only after its start."""
        own = "/proc/%d/" % child.pid
        try:
            inside = os.path.samefile(own + "ns/net", "/run/netns/" + self.name)
            with open(self.log_path if file == "log" else own + "net/" + file,
                      encoding="utf-8", errors="replace") as f:
                return inside and re.search(pattern, f.read(), re.M)
        except OSError:
            return False    # it has ended

    def close(self):
        for server in self.servers:
            server.terminate()
            server.wait()
        super().close()
        os.close(self.tap)
        self.log.close()
        run("ip", "netns", "del", self.name)
