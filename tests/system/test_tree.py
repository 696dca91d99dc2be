# SPDX-License-Identifier: BSD-2-Clause
"""The device tree that Linux sees, compared with what SLOF gives it."""
import re

import devices
import dump
import images

# How the tree differs from SLOF's: sign, path, why. "+" is only here, "-" only
# with SLOF, "!" has another value. Each line has to match a difference and
# each difference a line.
DIFFERENCES = (
    ("-", r".*/slof,from-fdt", "SLOF's own mark of what came from QEMU"),
    ("!", r"/chosen/(cpu|memory|mmu|stdin|stdout)", "ihandles are numbers of "
     "each firmware's own"),
    ("!", r".*/interrupt-map", "SLOF replaces QEMU's phandles"),
    ("+", r"/interrupt-controller@.*/linux,phandle", "QEMU has it; SLOF drops "
     "it"),
    ("!", r"/openprom/model", "names the firmware"),
    ("+", r"/openprom/quoin,wait-ticks", "for benchmarks"),
    ("+", r"/openprom/quoin,boot-log", "the firmware's text, for users"),
    ("+", r"/options/(boot-menu-wait|trace)", "variables of ours"),
    ("+", r"/ibm,(secure|trusted)-boot", "GRUB 2.14 prints an error without; "
     "LoPAR"),
    ("+", r"/chosen/bootpath", "SLOF makes it only when it loads something; "
     "GRUB wants it to exist"),
    ("+", r"/rtc/.*", "a node for get-time and set-time (GRUB: datetime)"),
    ("+", r"/aliases/rtc", "names that node"),
    ("-", r"/packages/(deblocker|ext2-files|rom-files)/.*",
     "parts of SLOF's Forth; no client opens them"),
    ("!", r"/memory@0/available", "each firmware's own place in memory"),
    ("!", r"/rtas/slof,rtas-size", "the 20 bytes that RTAS takes"),
    ("!", r".*/assigned-addresses", "BARs are placed by size, not by slot"),
    ("!", r".*/pci@1/ranges", "follows the BARs behind the bridge"),
    ("!", r".*/pci@1/interrupt-map-mask", "the swizzle repeats every four "
     "slots, so two bits are enough"),
    ("-", r".*/pci@1/slot-names", "a mask of slots that has no names"),
    ("-", r".*/pci@1/udf-supported", "SLOF's leftover; the bridge's status "
     "says otherwise"),
    ("-", r".*/disk/.*", "SLOF has one nameless disk for all units"),
    ("+", r".*/disk@[0-9a-f]+/.*", "each unit has a node"),
    ("-", r"/aliases/scsi", "no client reads it"),
)

# New at each start, or handles: the value says nothing.
VOLATILE = re.compile(r".*/(phandle|rng-seed)$")


def full_machine():
    """One of everything that QEMU's pseries has had for long."""
    disk = images.boot_disk(images.guest("stamp.be32"))
    return [
        "-smp", "2", "-uuid", "12345678-1234-1234-1234-123456789abc",
        "-name", "quoin-test",
        *devices.drive(disk, "d0"), *devices.drive(disk, "d1"),
        *devices.drive(disk, "d2"),
        "-device", "VGA", "-device", "pci-bridge,id=b1,chassis_nr=1",
        "-device", "virtio-blk-pci,drive=d0",
        "-device", "virtio-net-pci,mac=52:54:00:00:00:01",
        "-device", "virtio-scsi-pci,id=s0",
        "-device", "scsi-hd,drive=d1,bus=s0.0",
        "-device", "nec-usb-xhci", "-device", "nvme,serial=1",
        "-device", "e1000,mac=52:54:00:00:00:02,bus=b1",
        "-device", "virtio-rng-pci,bus=b1",
        "-device", "spapr-vscsi,id=v0",
        "-device", "scsi-hd,drive=d2,bus=v0.0",
        "-device", "spapr-vlan,mac=52:54:00:00:00:03,netdev=n0",
        "-netdev", "user,id=n0,restrict=on",
        "-device", "virtio-balloon-pci",
    ]


def tree_of(boot, **options):
    vm = boot(*full_machine(), *images.linux("quoin.test=devtree"), **options)
    vm.expect(r"QUOIN-TEST: powering off")
    assert vm.ended() == 0
    return dump.device_tree(vm.output())


def differences(ours, slofs):
    found = []
    for path in sorted(set(ours) | set(slofs)):
        if path not in slofs:
            found.append(("+", path))
        elif path not in ours:
            found.append(("-", path))
        elif ours[path] != slofs[path] and not VOLATILE.match(path):
            found.append(("!", path))
    return found


def test_linux_sees_the_tree_of_slof_but_for_listed_differences(boot):
    found = differences(tree_of(boot), tree_of(boot, bios=None))
    lines = [(sign, re.compile(path + "$")) for sign, path, _ in DIFFERENCES]
    used = set()
    unlisted = []
    for sign, path in found:
        matching = [i for i, (s, p) in enumerate(lines)
                    if s == sign and p.match(path)]
        used.update(matching)
        if not matching:
            unlisted.append(sign + " " + path)
    vanished = [DIFFERENCES[i][:2] for i in range(len(lines)) if i not in used]
    assert unlisted == []
    assert vanished == []
