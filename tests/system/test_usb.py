# SPDX-License-Identifier: BSD-2-Clause
"""USB disks and discs: on every controller, behind hubs, several in one
device, as boot lists name them, and from SLOF's point of view."""
import re
import shutil

import pytest

import devices
import grub
import images

PROMPT = r"0 > "
STAMP = r"STAMP timebase [0-9a-f]{16}"
TRYING = r"Trying to load:  from: (/\S+) \.\.\. "
BUS = "/pci@800000020000000"

# Seconds: less than the firmware's shortest time-out, the 5 s of a request
# that a USB device does not answer, so none of them hides in a test that
# passes.
QUICK = 4

# What QEMU can plug a full-speed hub into.
HUBS = {
    "xhci": ("qemu-xhci", ["2"], "2.3"),
    "ohci": ("pci-ohci", ["2"], "2.3"),
    "two": ("nec-usb-xhci", ["4", "4.8"], "4.8.1"),
}


def stamp_disk():
    return images.boot_disk(images.guest("stamp.be32"))


def stamp_disc():
    return images.boot_disc(images.guest("stamp.be32"))


def hub(port, bus="usb"):
    return devices.on_usb("usb-hub", port, bus)


def tried(vm):
    """The path of the first target; the scan of USB is over by then."""
    vm.expect(r"SLOF\S+\s+\*+")
    vm.expect(TRYING, QUICK)
    return vm.child.match.group(1)


def prompt(boot, *options):
    vm = boot("-prom-env", "auto-boot?=false", *options)
    vm.expect(r"SLOF\S+\s+\*+")
    vm.expect(PROMPT, QUICK)
    return vm


def run(vm, command):
    vm.line(command)
    vm.expect(PROMPT, QUICK)
    return vm.before()


def aliases(vm, name):
    return dict(re.findall(r"^(%s\d*) +(\S+)$" % name, run(vm, "devalias"),
                           re.M))


def boots_linux(vm, load=QUICK):
    """load: seconds for GRUB to read the kernel, 46 MB."""
    vm.expect(r"Welcome to GRUB!", QUICK)
    vm.expect(r"\*Linux, power off", QUICK)
    vm.send("p")
    vm.expect(r"Linux version", load)
    vm.expect(r"QUOIN-TEST: powering off")
    assert vm.ended() == 0
    assert "E3" not in vm.output()


# OHCI moves 8 KiB in a frame of 1 ms, so the kernel takes it 6 s.
LOAD = {"pci-ohci": 20}


@pytest.mark.parametrize("controller", devices.USB)
def test_grub_boots_linux_from_every_controller(boot, controller):
    vm = boot(*devices.usb(controller),
              *devices.usb_disk(images.grub_disk(), "1"))
    kind = re.search("[exo]hci", controller)[0]
    assert tried(vm) == \
        BUS + "/usb-%s@0/storage@1/disk@101000000000000" % kind
    boots_linux(vm, LOAD.get(controller, QUICK))


@pytest.mark.parametrize("where", sorted(HUBS))
def test_grub_boots_linux_from_behind_hubs(boot, where):
    controller, hubs, port = HUBS[where]
    vm = boot(*devices.usb(controller), *[o for p in hubs for o in hub(p)],
              *devices.usb_disk(images.grub_disk(), port))
    assert "/".join("hub@" + p[-1] for p in hubs) + "/storage@" in tried(vm)
    boots_linux(vm, LOAD.get(controller, QUICK))


# Controllers of other shapes and places -> QEMU options, port of the disk.
SHAPES = {
    "15-ports": (devices.usb("nec-usb-xhci", "p2=15,p3=15"), "15"),
    "15-ohci-ports": (devices.usb("pci-ohci", "num-ports=15"), "15"),
    "no-usb3": (devices.usb("qemu-xhci", "p2=4,p3=0"), "4"),
    "usb2-first": (devices.usb("nec-usb-xhci", "superspeed-ports-first=off"),
                   "2"),
    "one-slot": (devices.usb("nec-usb-xhci", "slots=1"), "1"),
    "behind-a-bridge": (["-device", "pci-bridge,id=b,chassis_nr=1",
                         *devices.usb("qemu-xhci", "bus=b,addr=3")], "1"),
    "second-host-bridge": (
        ["-device", "spapr-pci-host-bridge,index=1,id=pci.1",
         *devices.usb("usb-ehci", "bus=pci.1.0")], "1"),
    "companions": (
        devices.usb("ich9-usb-ehci1", "addr=1d.7,multifunction=on") + [
            "-device", "ich9-usb-uhci1,masterbus=usb.0,firstport=0,"
            "addr=1d.0,multifunction=on", *devices.on_usb("usb-hub", "2")],
        "1"),
}


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_controllers_of_other_shapes_boot_by_bootindex(boot, shape):
    options, port = SHAPES[shape]
    vm = boot("-boot", "strict=on", *options, *devices.usb_disk(
        stamp_disk(), port, options="bootindex=1"))
    assert "/storage@%x/" % int(port) in tried(vm)
    vm.expect(STAMP, QUICK)


def test_disks_of_one_device_have_their_numbers_and_boot(boot):
    cd = devices.drive(stamp_disc(), "c", "cdrom")
    vm = prompt(
        boot, *devices.usb(), *devices.on_usb("usb-bot,id=bot", "3"),
        *devices.drive(stamp_disk(), "a"), *cd,
        *devices.drive(stamp_disk(), "b"),
        "-device", "scsi-hd,drive=a,bus=bot.0,lun=0",
        "-device", "scsi-cd,drive=c,bus=bot.0,lun=1",
        "-device", "scsi-hd,drive=b,bus=bot.0,lun=2")
    where = BUS + "/usb-xhci@0/storage@3/disk@103000%d00000000"
    assert aliases(vm, "disk") == {"disk": where % 0, "disk1": where % 2}
    assert aliases(vm, "cdrom") == {"cdrom": where % 1}
    for name in ("disk", "cdrom", "disk1"):
        vm.line("boot %s return=1 %s" % (name, name))
        vm.expect(r"ARGUMENTS return=1 %s\r" % name, QUICK)
        vm.expect(PROMPT, QUICK)


def test_removable_disk_boots(boot):
    vm = boot(*devices.usb(),
              *devices.usb_disk(stamp_disk(), options="removable=on"))
    vm.expect(STAMP, QUICK)


def test_disc_in_a_usb_storage_boots(boot):
    vm = boot(*devices.usb(), *devices.usb_disk(stamp_disc(), media="cdrom"))
    vm.expect(STAMP, QUICK)


# The unit address of a disk behind a hub has the root port's number in QEMU's
# boot list, and the hub's port in what SLOF has written into NVRAM.
BEHIND_HUB = BUS + "/usb-xhci@0/hub@2/storage@3/disk@10%d000000000000"


def behind_hub(options=""):
    return [*devices.usb(), *hub("2"), *devices.usb_disk(
        stamp_disk(), "2.3", options=options)]


def test_strict_boot_list_finds_a_disk_behind_a_hub(boot):
    vm = boot("-boot", "strict=on", *behind_hub("bootindex=1"))
    assert tried(vm) == BEHIND_HUB % 2
    vm.expect(STAMP, QUICK)


@pytest.mark.parametrize("port", (2, 3))
def test_variable_finds_a_disk_behind_a_hub(boot, port):
    vm = boot("-prom-env", "boot-device=" + BEHIND_HUB % port, *behind_hub())
    assert tried(vm) == BEHIND_HUB % 2
    vm.expect(STAMP, QUICK)


def test_disks_are_listed_by_bootindex(boot):
    vm = boot("-boot", "strict=on", *devices.usb(),
              *devices.usb_disk(images.made_empty(), "1", "a",
                                "bootindex=2"),
              *devices.usb_disk(images.made_empty(), "4", "b",
                                "bootindex=1"),
              *devices.usb_disk(stamp_disk(), "2", "c", "bootindex=3"))
    storage = BUS + "/usb-xhci@0/storage@%d/disk@10%d000000000000"
    assert tried(vm) == storage % (4, 4)
    for port in (1, 2):
        vm.expect(TRYING, QUICK)
        assert vm.child.match.group(1) == storage % (port, port)
    vm.expect(STAMP, QUICK)


def test_disks_have_the_aliases_that_slof_gives_them(boot):
    """Terminals' bus, PCI disks, then USB: controllers by slot, SuperSpeed
    ports before the others, which a hub is in."""
    vm = prompt(
        boot, *devices.usb("pci-ohci", "addr=4"),
        "-device", "nec-usb-xhci,id=x,addr=2", *hub("1", "x"),
        *devices.usb_disk(stamp_disk(), "1", "ohci"),
        *devices.usb_disk(stamp_disk(), "1.2", "hub", bus="x"),
        *devices.usb_disk(stamp_disk(), "2", "root", bus="x"),
        *devices.drive(stamp_disk(), "blk"),
        "-device", "virtio-blk-pci,drive=blk,addr=6",
        *devices.drive(stamp_disk(), "v"), "-device", "spapr-vscsi,id=v",
        "-device", "scsi-hd,drive=v,bus=v.0")
    found = [path for _, path in sorted(aliases(vm, "disk").items())]
    assert [re.sub(r"@\d{9,}", "", path) for path in found] == [
        "/vdevice/v-scsi@71000002/disk", "/pci/scsi@6",
        "/pci/usb-xhci@2/storage@2/disk",
        "/pci/usb-xhci@2/hub@1/storage@2/disk",
        "/pci/usb-ohci@4/storage@1/disk"]


def test_grub_writes_its_environment_to_the_disk(boot, tmp_path):
    image = str(tmp_path / "disk")
    shutil.copy(images.grub_disk(), image)
    vm = boot("-drive", "file=%s,if=none,id=d0,format=raw" % image,
              *devices.DISK["usb-storage"]("d0", ""))
    grub.at_prompt(vm)
    grub.run(vm, "set quoin_saved=kept")
    assert "error" not in grub.run(vm, "save_env quoin_saved")
    vm.line("halt")
    assert vm.ended() == 0
    with open(image, "rb") as f:
        assert b"# GRUB Environment Block\nquoin_saved=kept\n" in f.read()
