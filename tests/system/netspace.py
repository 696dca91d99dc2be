# SPDX-License-Identifier: BSD-2-Clause
"""A network namespace with Debian's servers on a tap device, whose frames go to
the guest. It needs root, and a kernel that allows it."""
import ctypes
import fcntl
import os
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
        for words in (["link", "set", "lo", "up"],
                      ["link", "set", "tap0", "address", "02:00:00:00:00:02",
                       "up"],
                      ["addr", "add", ADDRESS + "/24", "dev", "tap0"],
                      ["addr", "add", ADDRESS6 + "/64", "dev", "tap0",
                       "nodad"]):
            why = run("ip", "-n", self.name, *words)
            assert not why, why
        return None

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

    def serve(self, program, *arguments, port=None):
        """Starts a server; waits until it has its UDP port."""
        child = subprocess.Popen(
            ["ip", "netns", "exec", self.name, program, *arguments],
            env=dict(os.environ, LD_LIBRARY_PATH=LIBRARIES), stdout=self.log,
            stdin=subprocess.DEVNULL, stderr=self.log)
        self.servers.append(child)
        end = time.monotonic() + machine.TIMEOUT
        while port and not self._has_port(child.pid, port):
            assert child.poll() is None and time.monotonic() < end, \
                "%s has no port %d; see %s" % (program, port, self.log_path)
        return child

    def write(self, name, value):
        """Sets /proc/sys/NAME of the namespace."""
        why = run("ip", "netns", "exec", self.name, "sh", "-c",
                  "echo %s >/proc/sys/%s" % (value, name))
        assert not why, why

    @staticmethod
    def _has_port(pid, port):
        """In the namespace that the process is in."""
        for kind in ("udp", "udp6", "tcp"):
            try:
                with open("/proc/%d/net/%s" % (pid, kind)) as f:
                    lines = f.read().split("\n")[1:-1]
            except OSError:
                return False
            if any(line.split()[1].endswith(":%04X" % port)
                   for line in lines):
                return True
        return False

    def close(self):
        for server in self.servers:
            server.terminate()
            server.wait()
        super().close()
        os.close(self.tap)
        self.log.close()
        run("ip", "netns", "del", self.name)
