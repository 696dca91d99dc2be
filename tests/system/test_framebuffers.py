# SPDX-License-Identifier: BSD-2-Clause
"""After the firmware, Linux draws on its screens."""
import re

import pytest

import devices
import grub
import images
import screen

QUICK = 4


def linux_screen(boot, *options):
    """GRUB boots Debian's kernel with a console on the screen. QEMU keeps the
    machine when Linux has powered it off."""
    vm = boot(*options, "-no-shutdown",
              *devices.disk("virtio-blk-modern", images.grub_disk()))
    grub.at_prompt(vm)
    for line in ("linux /boot/vmlinux quoin.test=poweroff console=hvc0 "
                 "console=tty0 loglevel=8", "initrd /boot/initrd.gz"):
        grub.run(vm, line)
    vm.line("boot")
    vm.expect(r"Booting Linux via __start\(\)")
    return vm


@pytest.mark.parametrize("options", (
    "-vga std", "-vga std -g 1024x768x16", "-vga std -g 640x480x8",
    "-device VGA", "-device secondary-vga", "-device bochs-display"))
def test_linux_shows_its_log_on_the_screen(boot, options):
    """Debian's kernel is little-endian and has offb; its font is its own. Of
    several screens it takes the one that is stdout."""
    vm = linux_screen(boot, *options.split(), *devices.usb(),
                      *devices.on_usb("usb-kbd"),
                      "-prom-env", "output-device=screen")
    vm.expect(r"\] Linux version")
    vm.expect(r"\] Console: switching to colour frame buffer device")
    vm.expect(r"Power down")
    face = screen.linux_font(images.KERNEL)
    rows = screen.Screen(vm).shows("reboot: Power down", face=face).text(face)
    # A screen full of readable lines, each as on the serial line.
    output = vm.output()
    seen = [row for row in rows if re.match(r"\[ +\d+\.\d+\] ", row)]
    assert len(seen) > 20, "\n".join(rows)
    for row in seen:
        assert row in output, row


# QEMU swaps the bytes for a little-endian kernel when that sets its mode
# [QEMU hw/ppc/spapr_pci.c, spapr_pci_switch_vga]; our client is big-endian and
# leaves it alone. Debian has no big-endian kernel for this machine.
MODES = (("VGA", "800x600x32"), ("VGA", "1024x768x15"), ("VGA", "640x480x16"),
         ("secondary-vga", "800x600x32"), ("bochs-display", "800x600x32"))


@pytest.mark.parametrize("kind, mode", MODES)
def test_big_endian_client_draws_as_offb_does(boot, kind, mode):
    """It learns all from the tree, after much text has scrolled by."""
    vm = boot("-device", kind, "-g", mode, "-kernel",
              images.guest("offb.be64"))
    width, height, depth = map(int, mode.split("x"))
    m = vm.expect(r"OFFB (\d+)x(\d+)x(\d+) pitch (\d+)\r")
    assert tuple(map(int, m.groups()[:3])) == (width, height, depth)
    vm.expect(r"OFFB drawn\r")
    picture = screen.Screen(vm).picture()
    assert (picture.width, picture.height) == (width, height)
    shade = screen.DEPTHS[depth]
    for y in range(0, height, 8):
        wanted = b"".join(shade((x & 0xff) << 16 | (y & 0xff) << 8 |
                                (x ^ y) & 0xff) for x in range(width))
        line = picture.pixels[3 * y * width:3 * (y + 1) * width]
        assert line == wanted, "line %d: %s" % (y, line[:24].hex())
