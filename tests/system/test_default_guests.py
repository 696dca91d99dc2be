# SPDX-License-Identifier: BSD-2-Clause
"""The guests of QEMU's and virt-install's own choice boot GRUB and Linux, with
a picture, and hear their keyboard and their serial line."""
import shutil
import tempfile

import pytest

import grub
import guests
import images
import keyboard
import screen

QUICK = 4       # seconds, see test_usb.py


def qemu_hda(log):
    """qemu-system-ppc64 -M pseries -hda disk"""
    return dict(options=[*screen.raw_serial(log), "-snapshot", "-hda",
                         images.grub_disk()],
                serial="chardev:tty", defaults=True)


def virt_install(log):
    serial = "stdio,id=charserial0,signal=off,logfile=%s" % log
    return dict(options=guests.virt_install(images.grub_disk(), serial),
                serial="none")


GUESTS = {"qemu-hda": qemu_hda, "virt-install": virt_install}


@pytest.fixture(params=sorted(GUESTS))
def guest(request, boot, tmp_path):
    """A default guest at GRUB's menu, with its screen."""
    log = tmp_path / "serial"
    wanted = GUESTS[request.param](log)
    vm = boot(*wanted.pop("options"), "-no-shutdown", **wanted)
    vm.expect(r"SLOF\S+\s+\*+")
    vm.expect(r"Trying to load:  from: \S+ \.\.\. +Successfully", QUICK)
    vm.expect(grub.MENU, 10)
    vm.screen = screen.Screen(vm, log)
    return vm


def test_default_guest_shows_what_it_does(guest):
    guest.screen.agrees()
    guest.screen.shows("Press enter to boot", "*Linux, power off")


def test_default_guest_boots_linux_typed_at_from_both(guest):
    keyboard.press(guest, ["down"])
    guest.expect(r"\*Linux, reboot", QUICK)
    guest.send("\x1b[A")
    guest.expect(r"\*Linux, power off", QUICK)
    keyboard.press(guest, ["c"])
    guest.expect(grub.PROMPT, QUICK)
    guest.screen.agrees()
    keyboard.type_text(guest, "echo Typed", hold=50)
    guest.screen.shows("grub> echo Typed")
    guest.send(" on both\r")
    guest.expect(r"\n\rTyped on both\r\n\rgrub> ", QUICK)
    guest.screen.agrees()
    grub.run(guest, "linux /boot/vmlinux quoin.test=poweroff console=hvc0 "
             "console=tty0 loglevel=8")
    grub.run(guest, "initrd /boot/initrd.gz")
    keyboard.type_line(guest, "boot", hold=50)
    guest.expect(r"Booting Linux via __start\(\)")
    guest.expect(r"\] Linux version")
    guest.expect(r"reboot: Power down")
    guest.screen.shows("reboot: Power down",
                       face=screen.linux_font(images.KERNEL))


@pytest.fixture
def libvirt_guest():
    if not shutil.which("virsh"):
        pytest.skip("no virsh: Debian's libvirt-clients and "
                    "libvirt-daemon-driver-qemu are not installed")
    # pytest's folder has a name that is too long for sockets.
    with tempfile.TemporaryDirectory(prefix="quoin-") as folder:
        made = guests.Libvirt(folder, images.grub_disk())
        yield made
        made.close()


def test_libvirt_guest_boots_linux_typed_at_from_both(libvirt_guest):
    """The same through libvirt, without its daemon."""
    guest = libvirt_guest
    if "created" not in guest.created:
        pytest.skip("libvirt cannot run a guest here: " + guest.created)
    tty = guest.start()
    tty.expect(r"SLOF\S+\s+\*+")
    tty.expect(grub.MENU)
    view = screen.Screen(guest, guest.log)
    view.picture = guest.picture
    view.agrees()
    guest.key("DOWN")
    tty.expect(r"\*Linux, reboot")
    tty.send("\x1b[A")
    tty.expect(r"\*Linux, power off")
    guest.key("C")
    tty.expect(grub.PROMPT)
    view.agrees()
    tty.send("echo typed\r")
    tty.expect(r"\rtyped\r*\n\r*grub> ")
    for words in ("linux /boot/vmlinux quoin.test=poweroff console=tty0 "
                  "console=hvc0", "initrd /boot/initrd.gz"):
        tty.send(words + "\r")
        tty.expect(r"\n\r*" + grub.PROMPT)
    view.agrees()
    for key in ("B", "O", "O", "T", "ENTER"):
        guest.key(key)
    tty.expect(r"Booting Linux via __start\(\)")
    tty.expect(r"\] Linux version")
    tty.expect(r"reboot: Power down")
