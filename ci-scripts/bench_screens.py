# SPDX-License-Identifier: BSD-2-Clause
"""How fast text is on a screen: the measurements of ci-scripts/bench."""
import time

import guests
import machine
import screen

# Seconds for SLOF on a busy host.
LIMIT = 300

# The firmwares write to screen and keyboard if both are there.
MACHINE = ["-device", "VGA", "-device", "qemu-xhci", "-device", "usb-kbd"]

# What tests/guest/text.c measures: row, what, unit, least factor.
TEXT = (("scroll", "client: a scrolled line on VGA, visible", "ms", 20),
        ("grub", "client: GRUB's menu, drawn byte by byte on VGA", "ms", 10),
        ("lines", "client: 1,000 lines on vty and VGA", "s", None))
SCALE = (1000 / 100, 1000, 1)


def text_values(client_ticks):
    seconds = client_ticks(r"TEXT \w+ ticks ([0-9a-f]{16})", len(TEXT))

    def values(run):
        found = seconds(run)
        return found and [s * scale for s, scale in zip(found, SCALE)]
    return values


def has_bar(picture):
    """GRUB's selected entry is a long bar; no firmware draws one."""
    for row in range(picture.rows):
        line = row * screen.HEIGHT * picture.width * 3
        pixels = picture.pixels[line:line + picture.width * 3]
        dots = [pixels[at:at + 3] for at in range(0, len(pixels), 3)]
        if sum(dot != b"\0\0\0" for dot in dots) > 70 * screen.WIDTH:
            return True
    return False


def menu_seconds(bios, disk):
    """Until GRUB's menu is on the screen and does not change any more; None:
    never. Not by the serial line: SLOF's GRUB says nothing there."""
    start = time.monotonic()
    vm = machine.Machine("bench-menu", *guests.virt_install(
        disk, "null,id=charserial0"), serial="none", bios=bios)
    with vm:
        view, last, since = screen.Screen(vm), None, start
        while time.monotonic() - start < LIMIT:
            picture, now = view.picture(), time.monotonic() - start
            if last and picture == last and has_bar(picture):
                return since
            if not last or picture != last:
                last, since = picture, now
    return None


class Silent:
    """Of a run without a console."""
    console = "no menu on the screen"


def take_menu_time(bench, row, firmware, disk):
    seconds = menu_seconds(bench.bios[firmware], disk)
    if seconds is None:
        row.fail(firmware, Silent)
    else:
        row.record_best(firmware, seconds)
