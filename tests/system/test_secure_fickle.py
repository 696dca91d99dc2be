# SPDX-License-Identifier: BSD-2-Clause
"""Secure boot from a disk that answers each read differently: what runs is what
was verified."""
import os
import signal
import socket
import subprocess
import sys

import pytest

import machine
import secure
import signing

BACKEND = os.path.join(os.path.dirname(__file__), "fickle_scsi.py")
ENDS = r"STAMP timebase|EVILS timebase|E34\d\d: Bad executable[^\r\n]*\r"


@pytest.fixture
def fickle(tmp_path):
    """fickle(image, other, count): QEMU's options for such a disk."""
    programs = []

    def disk(image, other, count):
        path = str(tmp_path / "socket")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(1)
            programs.append(subprocess.Popen(
                [sys.executable, BACKEND, str(listener.fileno()), image, other,
                 str(count)], pass_fds=[listener.fileno()]))
        return ["-object", "memory-backend-memfd,id=ram,size=1G,share=on",
                "-chardev", "socket,id=c,path=" + path,
                "-device", "vhost-user-scsi-pci,chardev=c,num_queues=1"]

    yield disk
    for program in programs:
        program.terminate()
    assert {p.wait() for p in programs} <= {0, -signal.SIGTERM}


def runs(boot, disk, bios):
    """What the machine says: its last words about the program."""
    vm = boot(*disk, bios=bios, machine=machine.PSERIES +
              ",memory-backend=ram")
    return vm.expect(ENDS).group(0)


def evil(program):
    """Another program of that size: a text, and where it is entered."""
    other = bytearray(program.replace(b"STAMP timebase", b"EVILS timebase"))
    other[24:28] = (int.from_bytes(other[24:28], "big") + 4).to_bytes(4, "big")
    return bytes(other)


@pytest.mark.parametrize("first", ("signed", "changed"))
@pytest.mark.parametrize("count", range(1, 4))
def test_only_what_was_verified_runs(boot, tmp_path, fickle, first, count):
    """The other program has another entry and another text; its signature is
    that of the first."""
    signed = signing.sign_program(secure.client(), secure.one())
    disks = [secure.prep_disk(tmp_path, program, name=name)
             for name, program in (("a", signed), ("b", evil(signed)))]
    if first == "changed":
        disks.reverse()
    bios = secure.firmware(tmp_path, keys=[secure.one()])
    said = runs(boot, fickle(*disks, count), bios)
    assert said.startswith("STAMP") or "signed by none" in said


def test_the_other_program_runs_if_nothing_is_verified(boot, tmp_path, fickle):
    """The disk does change, so the test above would notice."""
    program = secure.client()
    disks = [secure.prep_disk(tmp_path, data, name=name)
             for name, data in (("a", program), ("b", program.replace(
                 b"STAMP timebase", b"EVILS timebase")))]
    said = runs(boot, fickle(*disks, 0), machine.FIRMWARE)
    assert said == "EVILS timebase"
