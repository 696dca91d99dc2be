# SPDX-License-Identifier: BSD-2-Clause
"""USB devices that leave, that nobody drives, and machines that are reset
while USB is busy: the boot goes on."""
import re
import time

import pytest

import devices
import grub
import images
from machine import TIMEOUT

PROMPT = r"0 > "
STAMP = r"STAMP timebase [0-9a-f]{16}"

# Seconds: less than the 5 s of a request that a USB device does not answer.
QUICK = 4


def stamp_disk():
    return images.boot_disk(images.guest("stamp.be32"))


def slow_disk(options=""):
    """A USB disk whose boot image takes 2 s to load."""
    image = images.boot_disk(images.padded_guest("stamp.be32", 10),
                             "--prep=32")
    return devices.drive(image, extra="throttling.bps-total=5000000") + \
        devices.on_usb("usb-storage,id=slow,drive=d0" + options)


def bytes_read(vm):
    return sum(d["stats"]["rd_bytes"] for d in vm.qmp("query-blockstats")
               if d["device"] == "d0")


def is_being_read(vm):
    """Waits until another MiB of the slow disk has been read."""
    end = time.monotonic() + TIMEOUT
    start = bytes_read(vm)
    while bytes_read(vm) < start + (1 << 20):
        assert time.monotonic() < end, "the disk is not read"


def errors(vm):
    return [l for l in vm.output().split("\n") if re.match(r"E\d{4}: ", l)]


@pytest.mark.parametrize("controller", devices.USB)
def test_disk_that_leaves_while_it_is_read_is_given_up(boot, controller):
    """One line, and the next disk boots at once."""
    vm = boot(*devices.usb(controller), *slow_disk(",bootindex=1"),
              *devices.disk("virtio-blk-modern", stamp_disk(), "d1",
                            "bootindex=2"))
    is_being_read(vm)
    vm.qmp("device_del", id="slow")
    vm.expect(r"Trying to load:  from: \S+/scsi@\d \.\.\. ", QUICK)
    vm.expect(STAMP, QUICK)
    assert vm.ended() == 0
    assert len(errors(vm)) == 1, errors(vm)
    assert re.search(r"^E3407: [^\n]*/disk@101000000000000: read of block "
                     r"\d+ failed: unplugged$", errors(vm)[0])


def test_disk_that_leaves_while_a_client_reads_it_is_an_error(boot):
    vm = boot(*devices.usb(), *devices.drive(
                  images.suite_disk(), extra="throttling.bps-total=1000000"),
              *devices.on_usb("usb-storage,id=slow,drive=d0"), "-device",
              "VGA", "-kernel", images.guest("read.be32"))
    is_being_read(vm)
    vm.qmp("device_del", id="slow")
    for size in ("00100000", "00001000"):
        vm.expect(r"READ failed %s " % size, QUICK)
    assert vm.ended() == 0


@pytest.mark.parametrize("controller", devices.USB)
def test_reset_while_a_disk_is_read_is_survived(boot, controller):
    vm = boot(*devices.usb(controller), *slow_disk(),
              *devices.on_usb("usb-kbd"))
    for _ in range(3):
        vm.expect(r"SLOF\S+\s+\*+")
        vm.expect(r"Trying to load:  from: \S+ \.\.\. ", QUICK)
        is_being_read(vm)
        vm.qmp("system_reset")
    vm.expect(STAMP)
    assert not errors(vm)


# What QEMU can plug in -> the QEMU options, and what the firmware says.
OTHERS = {
    "audio": (["-audiodev", "none,id=a", "-device", "usb-audio,audiodev=a"],
              None),
    "ccid": (["-device", "usb-ccid"], None),
    "mouse": (["-device", "usb-mouse"], None),
    "mtp": (["-device", "usb-mtp,rootdir=/"], None),
    "net": (["-netdev", "hubport,id=n,hubid=0", "-device",
             "usb-net,netdev=n"], None),
    "serial": (["-chardev", "null,id=c", "-device", "usb-serial,chardev=c"],
               None),
    "tablet": (["-device", "usb-tablet"], None),
    "uas": (["-device", "usb-uas,id=uas", *devices.drive("/dev/zero", "z"),
             "-device", "scsi-hd,drive=z,bus=uas.0"], None),
    "uas-empty": (["-device", "usb-uas"], None),
    "uhci": (["-device", "piix3-usb-uhci"], r"[^\n]*usb-uhci@\d+[^\n]*UHCI"),
    "wacom": (["-device", "usb-wacom-tablet"], None),
}


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_other_devices_leave_the_boot_undisturbed(boot, name):
    """They are there before the disk, which is scanned together with them;
    what has no driver is no news unless there could be a keyboard on it."""
    options, line = OTHERS[name]
    vm = boot(*devices.usb(), *options, *devices.on_usb("usb-hub"),
              *devices.usb_disk(stamp_disk()))
    vm.expect(r"SLOF\S+\s+\*+")
    vm.expect(r"Trying to load", QUICK)
    said = vm.before()
    vm.expect(STAMP, QUICK)
    assert not errors(vm)
    news = [l for l in said.split("\n") if "usb-" in l]
    if line:
        assert len(news) == 1 and re.match(line, news[0]), said
    else:
        assert not news


def test_all_controllers_with_all_their_devices_are_scanned(boot):
    options = []
    for slot, controller in enumerate(devices.USB, 1):
        bus = "c%d" % slot
        options += ["-device", "%s,id=%s,addr=%d" % (controller, bus, slot)]
        if "ehci" not in controller:
            options += devices.on_usb("usb-hub", "3", bus)
        options += devices.usb_disk(images.made_empty(), "", "d%d" % slot,
                                    bus=bus)
        for device in ("usb-kbd", "usb-tablet"):
            options += devices.on_usb(device, bus=bus)
    vm = boot(*options, "-device", "piix4-usb-uhci")
    vm.expect(r"SLOF\S+\s+\*+")
    vm.expect(r"E3407: Load failed: 7 devices tried", QUICK)
    vm.expect(PROMPT, QUICK)
    vm.line("devalias")
    vm.expect(PROMPT)
    kinds = ["ehci", "xhci", "ohci", "xhci", "ehci"]
    found = re.findall(r"^disk\d* +(\S+)$", vm.before(), re.M)
    for slot, kind in enumerate(kinds, 1):
        assert any("usb-%s@%d/storage@" % (kind, slot) in p for p in found)


def test_device_without_a_disk_is_no_disk(boot):
    vm = boot(*devices.usb(), *devices.on_usb("usb-bot"),
              *devices.usb_disk(stamp_disk()))
    vm.expect(r"SLOF\S+\s+\*+")
    vm.expect(STAMP, QUICK)
    assert len(re.findall("Trying to load", vm.output())) == 1


def trace(tmp_path):
    """QEMU's log of controllers that are started, and the options for it."""
    path = tmp_path / "trace"
    return path, [o for event in ("usb_xhci_run", "usb_ehci_opreg_write",
                                  "usb_ohci_set_ctl")
                  for o in ("-trace", "%s,file=%s" % (event, path))]


@pytest.mark.parametrize("controller", devices.USB)
def test_controller_that_nothing_needs_is_not_started(boot, tmp_path,
                                                      controller):
    """A boot list without USB, and no screen; at the prompt it is."""
    log, options = trace(tmp_path)
    vm = boot(*options, *devices.usb(controller),
              *devices.on_usb("usb-kbd"),
              *devices.on_usb("usb-tablet"),
              *devices.disk("virtio-blk-modern", images.grub_disk(), "d1",
                            "bootindex=1"))
    grub.at_prompt(vm)
    assert log.read_text() == ""
    vm.line("exit")
    vm.expect(PROMPT, QUICK)
    assert log.read_text() != ""
