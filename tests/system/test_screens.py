# SPDX-License-Identifier: BSD-2-Clause
"""Screens show what the serial line shows, pixel by pixel."""
import re

import pytest

import devices
import grub
import images
import keyboard
import screen
import test_menu

PROMPT = r"0 > "
QUICK = 4       # seconds, see test_usb.py

KINDS = ("VGA", "bochs-display", "secondary-vga", "virtio-gpu-pci")

USB_KEYBOARD = [*devices.usb(), *devices.on_usb("usb-kbd")]

# QEMU tells virtio-gpu how large the window is to be.
SIZES = {"virtio-gpu-pci": (1280, 800)}


@pytest.fixture
def show(boot, tmp_path):
    """show(QEMU options...): a machine whose attribute screens are those of
    its options; -device TYPE,id=NAME. With depth=, of that many bits."""
    started = []

    def start(*options, depth=32, **named):
        log = tmp_path / ("serial-%d" % len(started))
        vm = boot(*screen.raw_serial(log), *options, serial="chardev:tty",
                  **named)
        started.append(vm)
        found = [m.groups() for o in options for m in
                 [re.fullmatch(r"(%s)\b.*\bid=(\w+).*" % "|".join(KINDS),
                               o)] if m]
        vm.screens = [screen.Screen(vm, log, name, depth, SIZES.get(kind))
                      for kind, name in found or [(None, None)]]
        return vm
    return start


def at_prompt(vm, seconds=QUICK):
    vm.expect(r"SLOF\S+\s+\*+", seconds)
    vm.expect(PROMPT, seconds)
    return vm


def prompt(show, *options, **named):
    return at_prompt(show("-prom-env", "auto-boot?=false", *options, **named))


def grub_disk():
    return devices.disk("virtio-blk-modern", images.grub_disk())


@pytest.mark.parametrize("kind", KINDS)
def test_screen_shows_boot_text_and_prompt(show, kind):
    vm = prompt(show, "-device", kind + ",id=s")
    vm.screens[0].agrees()
    vm.screens[0].shows("Welcome to Open Firmware", "0 >")
    vm.line("printenv")
    vm.expect(r"load-base(?s:.)* ok\s")
    vm.expect(PROMPT, QUICK)
    vm.screens[0].agrees()


@pytest.mark.parametrize("kind", KINDS)
def test_screen_shows_grubs_menu_with_its_box(show, kind):
    """GRUB draws the box with + - |, and the entry in inverse colours."""
    vm = show("-device", kind + ",id=s", *devices.usb(),
              *devices.on_usb("usb-kbd"), *grub_disk())
    vm.expect(grub.MENU, 10)
    rows = vm.screens[0].agrees().text()
    assert any(re.search(r"\+-{60,}\+", row) for row in rows), rows
    assert any(re.search(r"\|\*Linux, power off +\|", row) for row in rows)
    keyboard.press(vm, ["down"])
    vm.expect(r"\*Linux, reboot", QUICK)
    vm.screens[0].agrees()
    keyboard.press(vm, ["e"])
    vm.expect(r"setparams 'Linux, reboot'", QUICK)
    vm.screens[0].agrees()
    keyboard.press(vm, ["esc"])
    vm.expect(r"\*Linux, reboot", QUICK)
    keyboard.press(vm, ["c"])
    vm.expect(grub.PROMPT, QUICK)
    vm.screens[0].agrees()
    keyboard.type_line(vm, "echo Screen! $?", hold=50)
    vm.expect(r"\n\rScreen! 0\r\n\rgrub> ", QUICK)
    vm.screens[0].agrees()


def test_screen_draws_grubs_box_with_lines(show):
    """In UTF-8, which GRUB sends when told so."""
    vm = show("-device", "VGA,id=s", *grub_disk())
    grub.at_prompt(vm)
    grub.run(vm, "terminfo -u ofconsole vt100")
    vm.send("\x1b")
    vm.expect(r"\*Linux, power off")
    rows = vm.screens[0].agrees().text()
    width = len(rows[3].strip())
    assert rows[3].strip() == "\u250c" + "\u2500" * (width - 2) + "\u2510"
    assert rows[4].strip().startswith("\u2502*Linux, power off")
    assert rows[4].strip().endswith("\u2502")


@pytest.mark.parametrize("kind", ("VGA", "virtio-gpu-pci"))
def test_screen_shows_the_boot_menu(show, kind):
    """By F12 on the keyboard of the screen; arrows show inverse entries."""
    vm = show("-boot", "menu=on", "-prom-env", "boot-menu-wait=60000",
              "-device", kind + ",id=s", *USB_KEYBOARD, *grub_disk(),
              *devices.disk("virtio-blk-modern", images.made_empty(), "d1"))
    test_menu.insist(vm, test_menu.pressed)
    vm.screens[0].agrees()
    vm.screens[0].shows("Select boot device", "1)   disk : /pci@",
                        "2)  disk1 : /pci@")
    for number in (1, 2):
        keyboard.press(vm, ["down"])
        vm.expect(r"\r\x1b\[7m%d\) disk" % number, QUICK)
        vm.screens[0].agrees()
    keyboard.press(vm, ["esc"])
    vm.expect(PROMPT, QUICK)
    vm.screens[0].agrees()
    keyboard.type_seen(vm, "menu")
    keyboard.press(vm, ["ret"])
    vm.expect(test_menu.ASKS, QUICK)
    keyboard.press(vm, ["1"])
    vm.expect(grub.MENU, 10)
    vm.screens[0].agrees()


# -g -> what the screen is then: width, height, depth.
MODES = {
    "640x480": (640, 480, 32),
    "800x600x8": (800, 600, 8),
    "800x600x15": (800, 600, 15),
    "800x600x16": (800, 600, 16),
    "1024x768x32": (1024, 768, 32),
    "1280x1024x16": (1280, 1024, 16),
    "1920x1080x8": (1920, 1080, 8),
    "1920x1080": (1920, 1080, 32),
    "1600x600x24": (1600, 600, 32),
    # Nonsense.
    "1x1": (800, 600, 32),
    "16x4000": (800, 600, 32),
    "20000x20000": (800, 600, 32),
    "65535x65535x8": (800, 600, 32),
    "2147483647x3": (800, 600, 32),
}


@pytest.mark.parametrize("mode", sorted(MODES))
def test_vga_has_the_mode_of_the_option_g(show, mode):
    width, height, depth = MODES[mode]
    vm = prompt(show, "-vga", "std", "-g", mode, depth=depth)
    vm.screens[0].agrees((width, height))


# bochs-display has no palette, and 16 bits only in the host's byte order;
# virtio-gpu has 32 bits.
OTHER_MODES = (("secondary-vga", "1024x768x16", 16),
               ("secondary-vga", "640x480x8", 8),
               ("bochs-display", "1024x768x16", 32),
               ("bochs-display", "640x480x8", 32),
               ("bochs-display", "20000x20000", 32),
               ("virtio-gpu-pci", "640x480x8", 32),
               ("virtio-gpu-pci", "20000x20000", 32))


@pytest.mark.parametrize("kind, mode, depth", OTHER_MODES)
def test_other_screens_show_text_in_any_mode(show, kind, mode, depth):
    vm = prompt(show, "-device", kind + ",id=s", "-g", mode, depth=depth)
    size = {"1024x768x16": (1024, 768), "640x480x8": (640, 480)}.get(mode)
    vm.screens[0].agrees(SIZES.get(kind, size))


def test_every_screen_shows_the_text(show):
    vm = prompt(show, "-device", "VGA,id=a", "-device", "virtio-gpu-pci,id=b",
                "-device", "bochs-display,id=c",
                "-device", "virtio-gpu-pci,id=d",
                "-device", "secondary-vga,id=e", *devices.usb(),
                *devices.on_usb("usb-kbd"))
    assert len(vm.screens) == 5
    for one in vm.screens:
        one.agrees()
    keyboard.type_seen(vm, "devalias")
    keyboard.press(vm, ["ret"])
    vm.expect(r"screen +/\S+\r")
    vm.expect(PROMPT, QUICK)
    for one in vm.screens:
        one.agrees()


# Machines without a screen. -nographic leaves the default machine its own.
NO_SCREEN = {
    "nodefaults": (False, []),
    "nodefaults-vga-none": (False, ["-vga", "none"]),
    "nodefaults-nographic": (False, ["-nographic"]),
    "nodefaults-keyboard": (False, [*devices.usb(),
                                    *devices.on_usb("usb-kbd")]),
    "defaults-vga-none": (True, ["-vga", "none"]),
}


@pytest.mark.parametrize("name", sorted(NO_SCREEN))
def test_machine_without_a_screen_has_no_alias_for_one(boot, name):
    defaults, options = NO_SCREEN[name]
    vm = boot("-prom-env", "auto-boot?=false", *options, defaults=defaults)
    at_prompt(vm)
    vm.line("devalias")
    vm.expect(r"hvterm +/vdevice/vty@71000000\r")
    vm.expect(PROMPT, QUICK)
    assert "screen" not in vm.before()


def test_nographic_machine_speaks_on_the_serial_line_and_its_screen(show):
    vm = prompt(show, "-nographic", defaults=True)
    assert "Using default console: /vdevice/vty@71000000" in vm.output()
    vm.screens[0].agrees()


def test_screen_without_a_serial_line_shows_the_text(boot, tmp_path):
    """-serial none: QEMU makes a vty all the same, which nobody sees."""
    vm = boot("-device", "VGA", *devices.usb(), *devices.on_usb("usb-kbd"),
              "-prom-env", "auto-boot?=false", serial="none")
    view = screen.Screen(vm)
    view.shows("0 >", within=10)
    keyboard.type_text(vm, "printenv load-base"[:keyboard.BATCH])
    keyboard.press(vm, ["ret"])
    view.shows("16384", "ok")


VIRTIO_KEYBOARD = ["-device", "virtio-keyboard-pci"]
BRIDGE = ["-device", "pci-bridge,id=b,chassis_nr=1"]

# Screens and keyboards as people combine them with -nodefaults.
MIXES = {
    "virtio": ["-device", "virtio-gpu-pci,id=s", *VIRTIO_KEYBOARD],
    "virtio-modern": ["-device", "virtio-gpu-pci,id=s,disable-legacy=on,"
                      "iommu_platform=on", *VIRTIO_KEYBOARD],
    "bochs-virtio": ["-device", "bochs-display,id=s", *VIRTIO_KEYBOARD],
    "vga-old": ["-device", "VGA,id=s,qemu-extended-regs=off,edid=off",
                *USB_KEYBOARD],
    "vga-bridge": [*BRIDGE, "-device", "VGA,id=s,bus=b,addr=1",
                   *USB_KEYBOARD],
    "virtio-bridge": [*BRIDGE, "-device", "virtio-gpu-pci,id=s,bus=b,addr=2",
                      "-device", "virtio-keyboard-pci,bus=b,addr=3"],
    "all": ["-device", "VGA,id=s", *USB_KEYBOARD, *VIRTIO_KEYBOARD,
            "-chardev", "null,id=n", "-device", "virtio-serial-pci",
            "-device", "virtconsole,chardev=n", "-chardev", "null,id=m",
            "-device", "spapr-vty,chardev=m,reg=0x71000110"],
}


@pytest.mark.parametrize("name", sorted(MIXES))
def test_screen_shows_what_a_keyboard_types(show, name):
    vm = prompt(show, *MIXES[name])
    # QEMU names the terminal unless it knows of a VGA. [hw/ppc/spapr.c]
    assert ("using screen & keyboard" in vm.output()) == \
        any(option.startswith("VGA") for option in MIXES[name])
    keyboard.type_seen(vm, "printenv load-base")
    keyboard.press(vm, ["ret"])
    vm.expect(r"16384(?s:.)* ok\s", QUICK)
    vm.expect(PROMPT, QUICK)
    vm.screens[0].agrees()


# Screens that are not driven -> what names them.
UNSUPPORTED = {"cirrus-vga": r"cirrus", "ati-vga": r"ati|1002:5046",
               "sm501": r"126f:0501|sm501|display"}


@pytest.mark.parametrize("kind", ("cirrus-vga", "ati-vga"))
def test_screen_without_a_driver_is_named_once_and_boots(boot, kind):
    vm = boot("-device", kind, *devices.usb(), *devices.on_usb("usb-kbd"),
              *grub_disk())
    vm.expect(grub.MENU, 10)
    lines = [line for line in vm.output().split("\n")
             if re.search(r"(?i)no driver|not supported|not driven", line)]
    assert len(lines) == 1, lines
    assert re.search(r"(?i)(%s).*" % UNSUPPORTED[kind], lines[0]), lines


def test_screen_beside_one_without_a_driver_shows_the_text(show):
    vm = prompt(show, "-device", "cirrus-vga", "-device",
                "virtio-gpu-pci,id=s")
    vm.screens[0].agrees()


def many_screens():
    """81 behind bridges."""
    options = []
    for n in range(81):
        if n % 27 == 0:
            options += ["-device", "pci-bridge,id=b%d,chassis_nr=%d" %
                        (n // 27, n // 27 + 1)]
        kind = ("bochs-display,vgamem=4M", "secondary-vga,vgamem_mb=4",
                "virtio-gpu-pci")[n % 3]
        options += ["-device", "%s,id=s%d,bus=b%d,addr=%#x" % (
            kind, n, n // 27, n % 27 + 1)]
    return options


MANY_SECONDS = 20     # 3 on an idle host; SLOF: 53


def test_81_screens_do_not_stop_a_boot(show):
    vm = show(*many_screens(), *devices.usb(), *devices.on_usb("usb-kbd"),
              *grub_disk(), memory="2G")
    assert len(vm.screens) == 81
    vm.expect(grub.MENU, MANY_SECONDS)
    assert "E3" not in vm.output()
    # Drawing takes time: no more than eight show text that is not for them.
    for one in vm.screens[:8]:
        one.agrees()
    vm.line("")
    vm.expect(r"Booting Linux via __start\(\)", MANY_SECONDS)


def fill(vm, times):
    """Prints a lot at the prompt; a burst of commands is not paged."""
    for _ in range(times):
        vm.line("printenv")
        vm.expect(r"load-base(?s:.)* ok\s", QUICK)
        vm.expect(PROMPT, QUICK)


@pytest.mark.parametrize("memory", (2, 4, 16))
def test_scrolled_text_is_right_past_the_end_of_video_memory(show, memory):
    """2 MiB hold one screen, 4 two, 16 eight."""
    vm = prompt(show, "-device", "VGA,id=s,vgamem_mb=%d" % memory)
    for _ in range(5):
        fill(vm, memory // 2)
        vm.screens[0].agrees()


@pytest.mark.parametrize("kind", ("VGA", "virtio-gpu-pci"))
def test_grubs_text_scrolls(show, kind):
    """Byte by byte, 324 lines."""
    vm = show("-device", kind + ",id=s", *grub_disk())
    grub.at_prompt(vm)
    vm.line("for i in 1 2 3 4; do for j in 1 2 3 4 5 6 7 8 9; do "
            "for k in 1 2 3 4 5 6 7 8 9; do echo %s-$i$j$k; done; done; done"
            % ("x" * 60))
    vm.expect(r"x-499\r*\n")
    vm.expect(grub.PROMPT, QUICK)
    vm.screens[0].agrees()


@pytest.mark.parametrize("kind", KINDS)
def test_screen_starts_again_after_a_reset(show, kind):
    vm = prompt(show, "-device", kind + ",id=s")
    vm.screens[0].agrees()
    fill(vm, 3)
    for _ in range(2):
        vm.screens[0].forget()
        vm.qmp("system_reset")
        at_prompt(vm)
        vm.screens[0].agrees()
    vm.screens[0].forget()
    vm.line("reset-all")
    at_prompt(vm)
    vm.screens[0].shows("Welcome to Open Firmware", "0 >")


@pytest.mark.parametrize("kind", ("VGA", "virtio-gpu-pci"))
def test_screen_and_keyboard_work_after_migration(show, kind):
    """The NMI stands in for the decrementer, see test_keyboards.py."""
    options = ["-device", kind + ",id=s", *devices.usb(),
               *devices.on_usb("usb-kbd"), "-prom-env", "auto-boot?=false"]
    here = at_prompt(show(*options))
    fill(here, 2)
    here.screens[0].agrees()
    there = show(*options, "-incoming", "defer")
    here.migrate(there)
    there.monitor("nmi")
    there.expect(PROMPT, QUICK)
    fill(there, 1)
    keyboard.type_seen(there, "printenv load-base")
    keyboard.press(there, ["ret"])
    there.expect(r"16384(?s:.)* ok\s", QUICK)
    there.expect(PROMPT, QUICK)
    # The text of both.
    with open(here.screens[0].log, "rb") as f:
        before = f.read()
    with open(there.screens[0].log, "rb") as f:
        after = f.read()
    with open(there.screens[0].log, "wb") as f:
        f.write(before + after)
    there.screens[0].agrees()
