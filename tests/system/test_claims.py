# SPDX-License-Identifier: BSD-2-Clause
"""The claim checker: firmware that stops at the first write to memory that is
neither its own nor a buffer of the call, a load target or a device's buffer."""
import os
import re
import shutil
import subprocess

import pytest

import devices
import grub
import images
from machine import ROOT

CLAIMS = os.path.join(ROOT, "build/claims/quoin.bin")

# What each breaks, the file, a line of it, the same line broken, and the
# report. They show that the checker would find such a mistake.
BROKEN = {
    "getprop-one-byte-too-many": (
        "ci/svc_tree.c", "memcpy(dst, value, n);",
        "memcpy(dst, value, n + 1);",
        r"1 bytes, by \w+ in getprop: neither ours nor a buffer"),
    "results-one-cell-too-many": (
        "ci/call.c", "for (unsigned i = 0; i < nrets; i++)\n"
        "\t\tbe32_store(results",
        "for (unsigned i = 0; i <= nrets; i++)\n\t\tbe32_store(results",
        r"4 bytes, by \w+ in \S+: neither ours nor a buffer"),
    "load-below-its-claim": (
        "packages/elf.c", "image_read(img, seg->offset, dst, size)",
        "image_read(img, seg->offset, dst - 1, size)",
        r"by \w+ in a load: "),
    "buffer-stays-mapped": (
        "drivers/virtio/ring.c",
        "dma_unmap(&vd->dma, slot->bus, slot->len);", "(void)vd;",
        r"by \w+ in \S.*: a device may still write there"),
}


def broken_firmware(folder, name, old, new):
    """A claims image of the sources with one change; as quick as make is."""
    for part in ("Makefile VERSION LICENSE ci-scripts lib hcall tree drivers "
                 "packages ci boot entry tests/watch build/claims "
                 "build/third-party").split():
        to = os.path.join(folder, part)
        os.makedirs(os.path.dirname(to), exist_ok=True)
        subprocess.run(["cp", "-a", os.path.join(ROOT, part), to], check=True)
    path = os.path.join(folder, name)
    with open(path) as f:
        text = f.read()
    assert text.count(old) == 1
    with open(path, "w") as f:
        f.write(text.replace(old, new))
    image = "build/claims/quoin.bin"
    env = {k: v for k, v in os.environ.items() if k not in
           ("MAKEFLAGS", "MFLAGS", "LIBFDT", "LWIP", "BEARSSL")}
    subprocess.run(["make", "-C", folder, image], check=True, env=env,
                   stdout=subprocess.DEVNULL)
    return os.path.join(folder, image)


@pytest.mark.guest
@pytest.mark.parametrize("what", sorted(BROKEN))
def test_a_write_where_none_belongs_stops_the_machine(boot, tmp_path, what):
    source, old, new, report = BROKEN[what]
    bios = broken_firmware(str(tmp_path), source, old, new)
    disk = images.boot_disk(images.guest("conformance.be32"))
    vm = boot(*devices.disk("virtio-blk-modern", disk), "-smp", "2", bios=bios)
    vm.expect(r"claims: write to \w+, \d+ bytes, by ")
    vm.expect(r"\n")
    line = vm.output().split("claims: write to ")[1].split("\n")[0]
    assert re.search(report, line)
    vm.expect(r"claims: called from(?: \w+)+\r")
    assert vm.ended() == 0
    shutil.rmtree(str(tmp_path))


@pytest.mark.guest
@pytest.mark.parametrize("flavour,medium", (("be32", "kernel"),
                                            ("le64", "disk")))
def test_the_conformance_suite_finds_nothing_written_elsewhere(
        tmp_path, flavour, medium):
    """All its abuse. A fault would end its case, with the report after it;
    the checker makes the firmware slow."""
    env = dict(os.environ, BIOS=CLAIMS, FLAVOUR=flavour, MEDIA=medium,
               OUTPUT=str(tmp_path), WATCHDOG="120")
    done = subprocess.run([os.path.join(ROOT, "ci-scripts/conformance")],
                          env=env, text=True, stdout=subprocess.PIPE,
                          check=False)
    assert "claims:" not in done.stdout
    assert len(re.findall(r"(?m)^ok ", done.stdout)) > 600
    assert re.findall(r"(?m)^not ok .*", done.stdout) == []
    assert done.returncode == 0


@pytest.mark.guest
def test_the_trace_tells_what_each_call_has_written(boot):
    """[address+length] after the results: the buffer, and the result cells."""
    vm = boot("-prom-env", "trace=ci", "-append", "traced",
              "-kernel", images.guest("stamp.be32"), bios=CLAIMS)
    vm.expect(r"ARGUMENTS traced")
    assert vm.ended() == 0
    calls = re.findall(r"ci: getprop \w+ \S+ (\w+) (\w+) -> (\w+)(.*)",
                       vm.output())
    assert calls
    for buf, size, result, written in calls:
        ranges = [(int(a, 16), int(n, 16)) for a, n in
                  re.findall(r"\[(\w+)\+(\w+)\]", written)]
        length = int(result, 16)
        copied = 0 if length == 0xffffffff else min(length, int(size, 16))
        assert sum(n for _, n in ranges) == copied + 4
        assert not copied or (int(buf, 16), copied) in ranges


@pytest.mark.parametrize("controller", ("virtio-blk-modern", "spapr-vscsi"))
def test_grub_and_linux_get_only_what_they_asked_for(boot, controller):
    vm = boot(*devices.disk(controller, images.grub_disk()), bios=CLAIMS)
    grub.at_menu(vm)
    vm.send("p")
    vm.expect(r"QUOIN-TEST: user space reached")
    assert vm.ended() == 0
    assert "claims:" not in vm.output()


def test_linux_in_memory_gets_only_what_it_asked_for(boot):
    vm = boot(*images.linux(), bios=CLAIMS)
    vm.expect(r"QUOIN-TEST: user space reached")
    assert vm.ended() == 0
    assert "claims:" not in vm.output()
