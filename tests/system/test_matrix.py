# SPDX-License-Identifier: BSD-2-Clause
"""Memory, processors and machine types: every pair of values once."""
import itertools
import subprocess

import pytest

import devices
import grub
import images
from machine import PSERIES, QEMU

STAMP = r"STAMP timebase [0-9a-f]{16}"

VALUES = {
    "ram": (256, 512, 1024, 2048, 3072, 4096, 16384, 65536),
    "cpu": ("970", "power5+", "power7", "power8", "power9", "power10"),
    "smp": (1, 2, 4, 8),
    "numa": (1, 2),
    "maxmem": ("", ",maxmem=1T,slots=8"),
}


def possible(row):
    """A node has at least 256 MiB (hw/ppc/spapr.c, numa_mem_align_shift)."""
    return not (row[3] == 2 and row[0] < 512)


def pairwise():
    """Rows that have each possible pair of values at least once; greedy, so
    always the same rows."""
    rows = [r for r in itertools.product(*VALUES.values()) if possible(r)]
    pairs = {r: {(i, r[i], j, r[j]) for i, j in
                 itertools.combinations(range(len(r)), 2)} for r in rows}
    missing = set().union(*pairs.values())
    chosen = []
    while missing:
        best = max(rows, key=lambda r: len(pairs[r] & missing))
        chosen.append(best)
        missing -= pairs[best]
    return chosen


def memory_options(ram, numa):
    """Memory that the host hands out when it is touched, not before."""
    options = []
    for node in range(numa):
        options += ["-object", "memory-backend-ram,id=m%d,size=%dM,reserve=off"
                    % (node, ram // numa)]
        if numa > 1:
            options += ["-numa", "node,nodeid=%d,memdev=m%d" % (node, node)]
    return options


@pytest.mark.parametrize("row", pairwise(), ids=lambda r: "-".join(
    str(v) for v in r).replace(",maxmem=1T", "maxmem").replace(",slots=8", ""))
def test_client_starts_on(boot, row):
    ram, cpu, smp, numa, maxmem = row
    machine = PSERIES + ("" if numa > 1 else ",memory-backend=m0")
    vm = boot("-cpu", cpu, "-smp", smp, *memory_options(ram, numa),
              "-kernel", images.guest("stamp.be32"), machine=machine,
              memory="%dM%s" % (ram, maxmem))
    vm.expect(STAMP)
    assert vm.ended() == 0


def machine_types():
    text = subprocess.run([QEMU, "-M", "help"], stdout=subprocess.PIPE,
                          text=True, check=True).stdout
    return [line.split()[0] for line in text.split("\n")
            if line.startswith("pseries")]


@pytest.mark.parametrize("name", machine_types())
def test_every_machine_type_starts_a_client(boot, name):
    vm = boot("-kernel", images.guest("stamp.be32"),
              machine=PSERIES.replace("pseries", name, 1) + ",cap-htm=off")
    vm.expect(STAMP)
    assert vm.ended() == 0


@pytest.mark.parametrize("cpu", ("970", "power5+", "power7"))
def test_grub_runs_on_processors_without_debian_kernels(boot, cpu):
    vm = boot("-cpu", cpu, *devices.disk("virtio-blk-modern",
                                         images.grub_disk()))
    grub.at_prompt(vm)
    vm.line("halt")
    assert vm.ended() == 0


@pytest.mark.parametrize("cpu", ("power8", "power9", "power10"))
def test_linux_runs_on(boot, cpu):
    vm = boot("-cpu", cpu, "-smp", 4, *images.linux())
    vm.expect(r"smp: Brought up 1 node, 4 CPUs")
    vm.expect(r"QUOIN-TEST: powering off")
    assert vm.ended() == 0


def test_linux_runs_on_two_nodes_with_hotplug_room(boot):
    vm = boot("-smp", 8, *memory_options(4096, 2), *images.linux(), memory="4096M,maxmem=1T,slots=8")
    vm.expect(r"smp: Brought up 2 nodes, 8 CPUs")
    vm.expect(r"QUOIN-TEST: powering off")
    assert vm.ended() == 0


def test_linux_runs_with_the_least_memory(boot):
    vm = boot(*images.linux(),
              memory="256M")
    vm.expect(r"QUOIN-TEST: powering off")
    assert vm.ended() == 0


def test_grub_starts_linux_with_the_least_memory(boot):
    vm = boot(*devices.disk("virtio-scsi", images.grub_disk()),
              memory="256M")
    grub.at_menu(vm)
    vm.send("p")
    vm.expect(r"QUOIN-TEST: powering off")
    assert vm.ended() == 0


def test_linux_runs_with_64_gib(boot):
    vm = boot(*memory_options(65536, 1), *images.linux(), machine=PSERIES + ",memory-backend=m0",
              memory="64G")
    vm.expect(r"QUOIN-TEST: powering off")
    assert vm.ended() == 0
