# SPDX-License-Identifier: BSD-2-Clause
"""NVMe: many controllers, many namespaces, namespaces by the boot list's names."""
import pytest

import cells
import devices
import grub
import images
from test_storage_edges import at_prompt, boots_last, disks, stamp_disk, zeros

PCI = "/pci@800000020000000"


def controllers(count):
    """The last one's disk is d0."""
    options = devices.drive(stamp_disk())
    for n in range(count):
        drive = "z%d" % n if n < count - 1 else "d0"
        options += zeros(drive) if drive != "d0" else []
        options += ["-device", "nvme,serial=%d,drive=%s" % (n, drive)]
    return options


def namespaces(ids, boots, serial=1, ident="c0", options=""):
    """A controller with these namespaces; the one whose id is `boots` is the
    disk d0."""
    args = ["-device", "nvme,id=%s,serial=%s" % (ident, serial)]
    for nsid in ids:
        drive = "d0" if nsid == boots else "%sz%d" % (ident, nsid)
        args += zeros(drive) if drive != "d0" else devices.drive(stamp_disk())
        args += ["-device", "nvme-ns,bus=%s,nsid=%d,drive=%s%s" % (
            ident, nsid, drive, options if drive == "d0" else "")]
    return args


def test_28_controllers_are_started_together(boot):
    vm = at_prompt(boot, controllers(28))
    assert disks(vm) == ["%s/mass-storage@%x" % (PCI, n) for n in range(28)]
    boots_last(vm, 28)


def test_256_namespaces_have_a_node_each(boot):
    vm = at_prompt(boot, namespaces(range(1, 257), boots=256))
    found = boots_last(vm, 256)
    assert found[0] == PCI + "/mass-storage@0"
    assert found[1:] == ["%s/mass-storage@0/namespace@%x" % (PCI, n)
                         for n in range(2, 257)]


def test_ids_of_namespaces_need_not_be_dense(boot):
    vm = at_prompt(boot, namespaces((7, 200), boots=200))
    assert boots_last(vm, 2)[1] == PCI + "/mass-storage@0/namespace@c8"


@pytest.mark.parametrize("name", ("disk", "disk:1", "mass-storage@0",
                                  "namespace@7", "nvme-ns", "nvme-ns:1",
                                  "nvme-ns@7", "disk@1"))
def test_the_first_namespace_has_many_names(boot, name):
    if "disk" not in name or "@" in name:
        name = PCI + "/mass-storage@0" + (
            "" if name.startswith("mass") else "/" + name)
    vm = boot(*namespaces((7, 200), boots=7), "-prom-env",
              "boot-device=" + name)
    vm.expect(cells.STAMP)


def test_bootindex_of_a_namespace_boots_it(boot):
    """Its path in the boot list is the same for each namespace; of the newer
    QEMUs it is just /nvme-ns. [QEMU hw/nvme/ns.c has no get_dev_path]"""
    vm = boot(*devices.disk("virtio-blk-modern", images.made_empty(), "e0"),
              *namespaces((3,), boots=3, options=",bootindex=1"))
    vm.expect(r"Trying to load:  from: \S+nvme-ns|"
              r"Trying to load:  from: \S+mass-storage@\S+")
    vm.expect(cells.STAMP)
    assert "E3" not in vm.output()


def test_bootindex_of_a_namespace_is_not_lost_beside_other_controllers(boot):
    """The newer QEMUs' path fits the first one's namespace, too, which is
    empty."""
    vm = boot(*namespaces((1,), boots=0, ident="c0"),
              *namespaces((5,), boots=5, serial=2, ident="c1",
                          options=",bootindex=1"))
    vm.expect(r"Trying to load:  from: \S+/mass-storage@1\S* \.\.\. +Succ")
    vm.expect(cells.STAMP)


def test_controller_without_a_namespace_says_so(boot):
    vm = boot("-device", "nvme,serial=1", "-prom-env",
              "boot-device=%s/mass-storage@0" % PCI)
    vm.expect(r"E34\d\d: [^\r\n]*mass-storage@0: [^\r\n]*"
              r"no active namespace\r")
    vm.expect(r"0 > ")


def test_grub_and_linux_start_from_the_second_namespace(boot):
    vm = boot(*devices.drive(images.grub_disk("gpt")), *zeros("z0"),
              "-device", "nvme,id=c0,serial=1",
              "-device", "nvme-ns,bus=c0,nsid=1,drive=z0",
              "-device", "nvme-ns,bus=c0,nsid=2,drive=d0",
              "-prom-env", "boot-device=disk1")
    grub.at_menu(vm)
    vm.send("p")
    cells.user_space(vm)
