# SPDX-License-Identifier: BSD-2-Clause
"""PCI: QEMU, Linux and the device tree agree on every address."""
import re
import struct

import pytest

import devices
import dump
import grub
import images

# hw/ppc/spapr.c: windows of PHB 0; PCI address of MEM32 -> CPU address.
MEM32_OFFSET = 0x200000000000


def cpu_addresses(address):
    """Where a PCI address of either host bridge may be for the CPU."""
    if address >> 32:
        return [address]
    return [address + MEM32_OFFSET + phb * (2 << 30) for phb in range(2)]


def chain(count, first="pci.0", prefix="b"):
    """count bridges, each below the one before; the last is PREFIXcount."""
    options, bus = [], first
    for n in range(1, count + 1):
        options += ["-device", "pci-bridge,id=%s%d,chassis_nr=%d,bus=%s"
                    % (prefix, n, n, bus)]
        bus = "%s%d" % (prefix, n)
    return options


def many_devices():
    return (chain(3) +
            ["-device", "VGA", "-device", "nec-usb-xhci,bus=b1",
             "-device", "e1000,bus=b1,addr=1f", "-device", "nvme,serial=1",
             "-device", "virtio-net-pci,bus=b2",
             "-device", "virtio-scsi-pci,disable-legacy=on,bus=b3,addr=9",
             "-device", "virtio-rng-pci", "-device", "qemu-xhci,bus=b3",
             "-device", "ivshmem-plain,memdev=share,bus=b2",
             "-object", "memory-backend-ram,id=share,size=256M",
             "-device", "pci-bridge,id=empty,chassis_nr=20"] +
            ["-device", "spapr-pci-host-bridge,index=1,id=pci.1", "-device",
             "virtio-net-pci,bus=pci.1.0"])


def regions(vm):
    """{(bus, devfn, bar): (address, size, type)} as QEMU sees it, for the
    PHBs' buses in turn."""
    found = {}

    def walk(bus_devices):
        for dev in bus_devices:
            key = (dev["bus"], dev["slot"] << 3 | dev["function"])
            for r in dev["regions"]:
                found.setdefault(key + (r["bar"],), []).append(
                    (r["address"], r["size"], r["type"]))
            if "pci_bridge" in dev:
                walk(dev["pci_bridge"].get("devices", []))
    for bus in vm.qmp("query-pci"):
        walk(bus["devices"])
    return found


def assigned(tree):
    """The same from assigned-addresses (IEEE 1275 PCI binding 4.1.3)."""
    found = {}
    for path, value in dump.nodes_with(tree, "assigned-addresses").items():
        assert len(value) % 20 == 0, path
        for at in range(0, len(value), 20):
            hi, mid, lo, size_hi, size_lo = struct.unpack_from(">5I", value,
                                                               at)
            bar = ((hi & 0xff) - 0x10) // 4
            if hi & 0xff == 0x30:
                bar = 6
            key = (hi >> 16 & 0xff, hi >> 8 & 0xff, bar)
            kind = "io" if hi >> 24 & 3 == 1 else "memory"
            assert hi & 0x80000000, "relocatable in " + path
            found.setdefault(key, []).append(
                (mid << 32 | lo, size_hi << 32 | size_lo, kind))
    return found


@pytest.fixture
def three_views(boot):
    """QEMU's regions, and Linux's tree, map and log, with Linux running."""
    vm = boot(*many_devices(), *images.linux("quoin.test=devtree,iomem,enable,wait"))
    vm.expect(r"QUOIN-TEST: waiting for a line", timeout=240)
    seen_by_qemu = regions(vm)
    vm.line("")
    vm.expect(r"QUOIN-TEST: powering off")
    return seen_by_qemu, vm.output()


def test_qemu_linux_and_the_tree_agree(three_views):
    seen_by_qemu, output = three_views
    tree = assigned(dump.device_tree(output))
    in_qemu = {k: sorted(v) for k, v in seen_by_qemu.items() if k[2] != 6}
    in_tree = {k: sorted(v) for k, v in tree.items() if k[2] != 6}
    assert in_qemu == in_tree
    assert len(in_tree) > 15

    ranges = {(a, b) for a, b, _ in dump.memory_map(output)}
    for key, values in in_tree.items():
        for address, size, kind in values:
            if kind == "memory":
                assert address % 0x10000 == 0, key
                assert any((cpu, cpu + size - 1) in ranges
                           for cpu in cpu_addresses(address)), key

    assert "cannot enable" not in output
    complaints = [l for l in output.split("\n") if re.search(
        r"BAR \d.*(no space|failed|can't|error|assigned|conflict)|"
        r"bridge window.*(no space|failed|disabled)", l)]
    assert complaints == []


@pytest.mark.parametrize("controller", ("virtio-blk-pci", "virtio-scsi-pci"))
def test_grub_starts_from_behind_twelve_bridges(boot, controller):
    image = devices.drive(images.grub_disk())
    disk = ["-device", "virtio-blk-pci,drive=d0,bus=b12,addr=5"]
    if controller == "virtio-scsi-pci":
        disk = ["-device", "virtio-scsi-pci,id=hba,bus=b12,addr=5",
                "-device", "scsi-hd,drive=d0,bus=hba.0"]
    vm = boot(*chain(12), *image, *disk)
    vm.expect(r"from: (/pci@800000020000000(/pci@[0-9a-f]+){12}/scsi@5\S*) ")
    grub.at_menu(vm)
    vm.send("p")
    vm.expect(r"QUOIN-TEST: powering off")
    assert vm.ended() == 0


def test_grub_starts_from_the_second_host_bridge(boot):
    vm = boot("-device", "spapr-pci-host-bridge,index=1,id=pci.1",
              *devices.drive(images.grub_disk()),
              "-device", "virtio-blk-pci,drive=d0,bus=pci.1.0,addr=3")
    vm.expect(r"from: /pci@800000020000001/scsi@3 ")
    grub.at_menu(vm)


@pytest.mark.parametrize("controller", ("virtio-blk-pci", "virtio-scsi-pci"))
def test_grub_and_linux_start_through_the_iommu(boot, controller):
    options = ",iommu_platform=on,disable-legacy=on,disable-modern=off"
    image = devices.drive(images.grub_disk())
    disk = ["-device", "virtio-blk-pci,drive=d0" + options]
    if controller == "virtio-scsi-pci":
        disk = ["-device", "virtio-scsi-pci" + options,
                "-device", "scsi-hd,drive=d0"]
    vm = boot(*image, *disk)
    grub.at_menu(vm)
    vm.send("p")
    vm.expect(r"QUOIN-TEST: powering off")
    assert vm.ended() == 0


def test_64_nics_behind_bridges_do_not_matter(boot):
    nics = []
    for b in range(8):
        nics += ["-device", "pci-bridge,id=n%d,chassis_nr=%d" % (b, b + 1)]
        for s in range(1, 9):
            nics += ["-device", "virtio-net-pci,bus=n%d,addr=%d" % (b, s)]
    vm = boot(*nics, *devices.disk("virtio-blk-modern", images.boot_disk(
        images.guest("stamp.be32"))))
    vm.expect(r"STAMP timebase")
    assert vm.ended() == 0


def test_disk_that_comes_before_cas_has_its_nodes_and_alias(boot):
    """It is not in the first tree; QEMU tells of it when Linux calls CAS."""
    disk = images.boot_disk(images.guest("stamp.be32"))
    vm = boot("-S", *devices.drive(disk), *images.linux("quoin.test=devtree"))
    assert vm.qmp("device_add", driver="virtio-scsi-pci", id="hba") == {}
    assert vm.qmp("device_add", driver="scsi-hd", drive="d0",
                  bus="hba.0") == {}
    vm.qmp("cont")
    vm.expect(r"QUOIN-TEST: powering off")
    assert vm.ended() == 0
    tree = dump.device_tree(vm.output())
    path = tree["/aliases/disk"].rstrip(b"\0").decode()
    assert re.match(r"/pci@[^/]*/scsi@\d+/disk@100000000000000$", path)
    assert tree[path + "/device_type"] == b"block\0"
