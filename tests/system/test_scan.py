# SPDX-License-Identifier: BSD-2-Clause
"""Controllers that are asked for their disks: how long that takes, and in
which order the disks come."""
import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

import images
import machine

BACKEND = os.path.join(os.path.dirname(__file__), "slow_scsi.py")
PROMPT = r"0 > "

# Seconds that a slow disk takes for REPORT LUNS, and again for INQUIRY. The
# answer to the one says whom to send the other: a scan takes both.
DELAY = 1.5
SCAN = 2 * DELAY


@pytest.fixture
def scsi(tmp_path):
    """scsi(delay, ...) makes a controller with a disk for each delay, in slots
    1, 2 and so on; returns QEMU's options. Each is a program that gets a socket
    that listens, so nobody waits for it; it ends with QEMU."""
    running = []

    def controller(slot, delay, image):
        path = str(tmp_path / ("scsi-%d" % len(running)))
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(1)
            running.append(subprocess.Popen(
                [sys.executable, BACKEND, str(listener.fileno()), image,
                 str(delay)], pass_fds=[listener.fileno()]))
        return ["-chardev", "socket,id=c%d,path=%s" % (slot, path),
                "-device", "vhost-user-scsi-pci,disable-legacy=on,"
                "num_queues=1,chardev=c%d,addr=%d" % (slot, slot)]

    def start(*delays):
        image = images.boot_disk(images.guest("stamp.be32"))
        options = ["-object", "memory-backend-memfd,id=ram,size=1G,share=on"]
        for slot, delay in enumerate(delays, 1):
            options += controller(slot, delay, image)
        return options

    yield start
    for program in running:
        program.terminate()
    ends = [program.wait() for program in running]
    assert set(ends) <= {0, -signal.SIGTERM}, "slow_scsi.py failed, see stderr"


def scanned(boot, options):
    """A machine at its prompt, and the seconds from the last line before the
    scan to the first one after it."""
    vm = boot(*options, "-prom-env", "auto-boot?=false",
              machine=machine.PSERIES + ",memory-backend=ram")
    vm.expect(r'Press "s" to enter Open Firmware\.')
    start = time.monotonic()
    vm.expect(r"Welcome to Open Firmware")
    seconds = time.monotonic() - start
    vm.expect(PROMPT)
    return vm, seconds


def run(vm, command):
    vm.line(command)
    vm.expect(r" ok\s+" + PROMPT)
    return vm.before()


def disks(vm):
    """The aliases of disks, {name: path}; each path has its node."""
    found = dict(re.findall(r"^(disk\d*) +(\S+)$", run(vm, "devalias"), re.M))
    for path in found.values():
        assert '"block"' in run(vm, ".properties " + path)
    return found


def in_slot(slot):
    return "/pci@800000020000000/scsi@%d/disk@100000000000000" % slot


def test_a_slow_controller_is_waited_for(scsi, boot):
    vm, seconds = scanned(boot, scsi(DELAY))
    # The first line may be seen late.
    assert seconds > 0.75 * SCAN
    assert disks(vm) == {"disk": in_slot(1)}
    vm.line("boot disk")
    vm.expect(r"STAMP timebase [0-9a-f]{16}")


def test_two_slow_controllers_take_the_time_of_one(scsi, boot):
    _, one = scanned(boot, scsi(DELAY))
    vm, two = scanned(boot, scsi(DELAY, DELAY))
    assert disks(vm) == {"disk": in_slot(1), "disk1": in_slot(2)}
    # One after the other is 2; one of the two commands after the other, 1.5.
    assert two < 1.3 * one


def test_disks_are_numbered_by_slot_not_by_speed(scsi, boot):
    vm, _ = scanned(boot, scsi(DELAY, 0))
    assert disks(vm) == {"disk": in_slot(1), "disk1": in_slot(2)}


def test_the_controller_that_delays_the_boot_is_named(scsi, boot):
    vm, _ = scanned(boot, scsi(0, DELAY))
    (seconds, path), = re.findall(r"^Waited (\S+) s for virtio-scsi (\S+)$",
                                  vm.output(), re.M)
    assert path == in_slot(2).rsplit("/", 1)[0]
    assert float(seconds) > 0.75 * SCAN
    lines = re.findall(r"^ *(\d+\.\d{3}) (.*)$", run(vm, "dmesg"), re.M)
    assert any("Press" in text for _, text in lines)
    assert float(lines[0][0]) < 0.1 and float(lines[-1][0]) > 0.75 * SCAN
    assert [t for t, _ in lines] == sorted((t for t, _ in lines), key=float)


def test_silent_disks_do_not_hold_up_the_boot_menu(scsi, boot):
    """It asks disks what they are: each for two seconds, all for five."""
    vm = boot("-boot", "menu=on", *scsi(-1, -1, -1, 0),
              machine=machine.PSERIES + ",memory-backend=ram")
    vm.send("\x1b[24~")
    vm.expect(r"Select boot device")
    start = time.monotonic()
    vm.expect(r"Number, or arrow keys")
    assert 4 <= time.monotonic() - start < 10
    assert re.findall(r"\[(.*)\]", vm.before()) == [
        "QUOIN SLOW DISK, does not respond, *boots first",
        "QUOIN SLOW DISK, does not respond",
        "QUOIN SLOW DISK, does not respond", "QUOIN SLOW DISK"]
    vm.send("4")
    vm.expect(r"STAMP timebase [0-9a-f]{16}")
