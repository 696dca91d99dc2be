# SPDX-License-Identifier: BSD-2-Clause
"""Waiting costs the host nothing, and nothing goes wrong by it."""
import os
import struct
import time

import pexpect
import pytest

import broken
import devices
import images

SILENCE = 4     # seconds; a measurement needs some
MOST = 0.05     # of a processor, at the prompt: it takes 0.01, spinning 1
MOST_SHORT = 0.2    # where it looks every millisecond: that takes 0.04

# PowerPC instructions, in words. "b .": an exception that goes there hangs.
SPOIL = (0x3c604800,                    # lis   r3,0x4800
         0x90600500, 0x90600900)        # stw   r3,0x500(0); stw r3,0x900(0)
ILLEGAL = (0,)


def processor_time(vm):
    """Seconds that QEMU has taken so far, all threads."""
    with open("/proc/%d/stat" % vm.child.pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def share(vm, wait):
    """How much of a processor QEMU takes while wait() runs: other work of the
    host can only make that less."""
    before, start = processor_time(vm), time.monotonic()
    wait()
    taken = processor_time(vm) - before
    seconds = time.monotonic() - start
    assert seconds >= SILENCE
    return taken / seconds


def prompt(boot, *options, **named):
    vm = boot("-prom-env", "auto-boot?=false", *options, **named)
    vm.expect(r"0 > ")
    return vm


def asleep(vm, seconds=0.1):
    """The prompt says nothing; it sleeps from the first millisecond on."""
    vm.child.expect(pexpect.TIMEOUT, timeout=seconds)


def answers(vm):
    """Each command after a prompt that has slept."""
    for variable in ("boot-file", "boot-device", "load-base"):
        asleep(vm)
        vm.line("printenv " + variable)
        vm.expect(variable + r"(?s:.)*0 > ")


def client(name, *words):
    data = struct.pack(">%dI" % len(words), *words)
    return devices.disk("virtio-blk-modern", broken.prep_with(
        name, broken.elf32(0x400000, len(data), data=data)))


@pytest.mark.parametrize("processors", ("1", "4"))
def test_prompt_takes_no_processor_time(boot, processors):
    vm = prompt(boot, "-smp", processors)
    assert share(vm, lambda: asleep(vm, SILENCE)) < MOST
    answers(vm)


def test_prompt_without_a_terminal_takes_no_processor_time(boot):
    vm = boot(serial="none")
    asleep(vm, SILENCE)     # it may start that long
    assert share(vm, lambda: asleep(vm, SILENCE)) < MOST


def test_delay_takes_no_processor_time_and_its_time(boot):
    vm = prompt(boot)

    def delay():
        vm.line("%x ms" % (SILENCE * 1000))
        vm.expect(r" ok")
    assert share(vm, delay) < MOST_SHORT


@pytest.mark.parametrize("processors", ("1", "4"))
def test_keys_are_echoed_at_once(boot, processors):
    """Also those that come one by one: nothing wakes the prompt for them."""
    vm = prompt(boot, "-smp", processors)
    start = time.monotonic()
    for key in "abcdefghijklmnopqrstuvwxyz" * 2:
        vm.send(key)
        vm.expect(key)
    # 10 ms each; nobody notices 100.
    assert time.monotonic() - start < 52 * 0.1


def test_nmi_finds_a_sleeping_prompt(boot):
    vm = prompt(boot, "-smp", "4")
    for _ in range(3):
        asleep(vm)
        vm.monitor("nmi")
        vm.expect(r"System Reset \(NMI\) exception at ")
        vm.expect(r"0 > ")
        answers(vm)


def test_client_that_spoils_vectors_and_fails_leaves_a_prompt(boot):
    """The prompt sleeps: its interrupts must not go to a dead client."""
    vm = boot(*client("spoils", *SPOIL, *ILLEGAL))
    vm.expect(r"Program exception at 40000c, ")
    vm.expect(r"0 > ")
    answers(vm)


def test_prompt_of_a_client_that_spoils_vectors_does_not_sleep(boot):
    """The service enter: low memory is the client's, so nothing may interrupt.
    `go` leads back to it."""
    vm = boot(*client(
        "spoils-enters", *SPOIL,
        0x3c600040, 0x6063001c,         # lis, ori: r3 = 0x40001c
        0x7ca903a6, 0x4e800421,         # mtctr r5; bctrl
        0x0040002c, 0, 0, 0,            # illegal; "enter", 0, 0
        0x656e7465, 0x72000000))
    vm.expect(r"0 > ")
    answers(vm)
    asleep(vm)
    vm.line("go")
    vm.expect(r"Program exception at 40001c, ")
    vm.expect(r"0 > ")
    answers(vm)


def test_client_that_enables_interrupts_gets_none_of_the_prompt(boot):
    """The decrementer is far away again: 0x900 of this client hangs."""
    vm = prompt(boot, *client(
        "interruptible", *SPOIL,
        0x7c6000a6, 0x60638000,         # mfmsr r3; ori r3,r3,0x8000
        0x7c610164,                     # mtmsrd r3,1
        0x3c800010, 0x7c8903a6,         # lis r4,16; mtctr r4
        0x42000000, *ILLEGAL))          # bdnz .
    for _ in range(3):
        asleep(vm)
        vm.line("boot disk")
        vm.expect(r"Program exception at 400024, ")
        vm.expect(r"0 > ")


def test_interrupt_that_a_client_leaves_behind_does_no_harm(boot):
    """Asserted for ever: the prompt cannot sleep, but answers."""
    vm = boot(*client("interrupt",
                      0x38600068, 0x388000ff,               # H_CPPR, 0xff
                      0x44000022,                           # sc 1
                      0x3860006c, 0x38800000, 0x38a00005,   # H_IPI, 0, 5
                      0x44000022,                           # sc 1
                      *ILLEGAL))
    vm.expect(r"Program exception at 40001c, ")
    vm.expect(r"0 > ")
    answers(vm)
    assert vm.output().count("exception at") == 1


@pytest.mark.parametrize("flavour", ("be32", "le64"))
@pytest.mark.parametrize("processors", ("1", "4"))
def test_client_that_leaves_little_endian_exceptions(boot, flavour,
                                                     processors):
    """H_SET_MODE holds for the machine, not for the client: the vectors that
    the prompt sleeps and reports with are big-endian code."""
    vm = boot("-smp", processors,
              "-kernel", images.guest("stamp." + flavour),
              "-append", "return=1 little=1")
    vm.expect(r"H_SET_MODE 0{16}\s")
    vm.expect(r"0 > ")
    answers(vm)
    vm.monitor("nmi")
    vm.expect(r"System Reset \(NMI\) exception at ")
    vm.expect(r"0 > ")
    answers(vm)
