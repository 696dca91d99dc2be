# SPDX-License-Identifier: BSD-2-Clause
"""The boot menu: F12, its list, its keys, on every input."""
import re
import time

import pexpect
import pytest

import devices
import grub
import images
import keyboard

F12 = "\x1b[24~"
UP, DOWN = "\x1b[A", "\x1b[B"
PROMPT = r"0 > "
MENU = r"Select boot device \(or press '0' to abort\):\r"
ASKS = r"Number, or arrow keys and Enter; r: list again; p: prompt\r"
ENTRY = re.compile(r"^(\d+\) +\w+ : /\S+)(?:   \[(.*)\])?$", re.M)
STAMP = r"STAMP timebase [0-9a-f]{16}"
QUICK = 4       # seconds, see test_usb.py
ON = ["-boot", "menu=on"]


def stamp(ident, options=""):
    return devices.disk("virtio-blk-modern", images.boot_disk(
        images.guest("stamp.be32")), ident, options)


def scsi(kind, image, ident, options=""):
    """A disk or a disc of the controller s; no image: an empty drive."""
    media = "cdrom" if kind == "scsi-cd" else "disk"
    option = "%s,bus=s.0%s" % (kind, options and "," + options)
    if not image:
        return ["-device", option]
    return devices.drive(image, ident, media) + [
        "-device", option + ",drive=" + ident]


def entries(vm):
    """Waits for the menu; returns its lines as (SLOF's part, description)."""
    vm.expect(MENU)
    vm.expect(ASKS)
    return ENTRY.findall(vm.before())


def open_menu(boot, *options, **named):
    """By an F12 that waits on the serial line when the machine starts."""
    vm = boot(*ON, *options, **named)
    vm.send(F12)
    return vm, entries(vm)


def tried(vm):
    vm.expect(r"Trying to load:  from: (/\S+) \.\.\. ", QUICK)
    return vm.child.match.group(1)


def machine_of_all():
    return [*stamp("a"), *stamp("b"), "-device", "virtio-scsi-pci,id=s",
            "-device", "spapr-vscsi,id=v",
            *scsi("scsi-hd", images.grub_disk(), "c"),
            *scsi("scsi-cd", images.grub_disc(), "d"),
            *scsi("scsi-cd", None, "e"),
            *devices.drive(images.made_empty(), "f"),
            "-device", "scsi-hd,drive=f,bus=v.0"]


def test_list_is_that_of_slof(boot):
    vm, ours = open_menu(boot, *machine_of_all())
    vm.close()
    slof = boot(*ON, *machine_of_all(), bios=None)
    slof.send(F12)
    slof.expect(MENU)
    slof.expect(r"\n%d\) +\w+ : /\S+\r" % len(ours))
    theirs = ENTRY.findall((slof.before() + slof.child.after)
                           .replace("\r", ""))
    assert len(ours) == 6
    assert [line for line, _ in ours] == [line for line, _ in theirs]


def test_line_about_f12_has_the_place_of_slof(boot):
    for bios in ({}, {"bios": None}):
        vm = boot("-prom-env", "auto-boot?=false", *ON, **bios)
        vm.expect(PROMPT)
        text = vm.output()
        places = [text.index(line) for line in (
            'Press "s" to enter Open Firmware.\n', "Press F12 for boot menu.\n",
            "Using default console", "Ready!")]
        assert places == sorted(places)
        vm.close()


def test_without_menu_on_there_is_no_line_about_f12(boot):
    vm = boot(*stamp("a"))
    vm.expect(STAMP)
    assert "F12" not in vm.output()


def test_entries_say_what_they_are(boot):
    _, list_ = open_menu(boot, *machine_of_all())
    texts = [text for _, text in list_]
    assert re.fullmatch(r'QEMU QEMU CD-ROM, \d+ MiB, "QUOIN"', texts[0])
    assert texts[1] == "QEMU QEMU CD-ROM, no medium"
    assert re.fullmatch(r"QEMU QEMU HARDDISK, \d+ [KM]iB, \*boots first",
                        texts[2])
    assert re.fullmatch(r"virtio-blk, \d+ [KM]iB, MBR: PReP boot, Linux",
                        texts[3])
    assert re.fullmatch(r"QEMU QEMU HARDDISK, \d+ MiB, "
                        r"MBR: PReP boot, Linux", texts[5])


def test_bootindex_is_marked(boot):
    _, list_ = open_menu(boot, *stamp("a"), *stamp("b", "bootindex=1"))
    assert [("*boots first" in text) for _, text in list_] == [False, True]


# name -> options, and a function(vm, key) that presses a key.
KEYS = {"\x1b": "esc", "\r": "ret", UP: "up", DOWN: "down", F12: "f12"}


def typed(vm, key):
    vm.send(key)


def pressed(vm, key):
    keyboard.press(vm, [KEYS.get(key, key)])


INPUTS = {
    "serial": ([], typed),
    "virtio": (["-device", "virtio-keyboard-pci"], pressed),
    **{c: (devices.usb(c) + devices.on_usb("usb-kbd"), pressed)
       for c in devices.USB},
    "usb-and-screen": (["-device", "VGA"] + devices.usb() +
                       devices.on_usb("usb-kbd"), pressed),
}


def insist(vm, press):
    """Presses F12 until the menu opens, as tp-qemu does: what comes before a
    keyboard has started is lost in QEMU."""
    vm.expect(r"Press F12 for boot menu\.")
    end = time.monotonic() + 10
    press(vm, F12)
    while vm.child.expect([MENU, pexpect.TIMEOUT], timeout=0.2):
        assert time.monotonic() < end, vm.output()
        press(vm, F12)
    vm.expect(ASKS, QUICK)


def path(vm, number):
    """The path of an entry, as the list showed it last."""
    return re.findall(r"^%d\) +\w+ : (/\S+)" % number, vm.output(), re.M)[-1]


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_menu_is_driven_by_any_input(boot, name):
    """Also by a USB keyboard of a machine without a screen."""
    options, press = INPUTS[name]
    vm = boot(*ON, "-prom-env", "boot-menu-wait=60000", *options, *stamp("a"),
              *stamp("b"), *devices.disk("virtio-blk-modern",
                                         images.made_empty(), "c"))
    insist(vm, press)
    press(vm, "\x1b")
    vm.expect(PROMPT, QUICK)
    vm.line("menu")
    vm.expect(ASKS, QUICK)
    press(vm, "3")
    assert tried(vm) == path(vm, 3)
    vm.expect(r"E3404(?s:.)*0 > ", QUICK)
    vm.line("menu")
    vm.expect(ASKS, QUICK)
    for key, number in ((DOWN, 1), (DOWN, 2), (DOWN, 3), (UP, 2)):
        press(vm, key)
        vm.expect(r"\r\x1b\[7m%d\) disk" % number, QUICK)
    press(vm, "\r")
    assert tried(vm) == path(vm, 2)
    vm.expect(STAMP, QUICK)


def test_tp_qemu_finds_its_patterns(boot):
    """tp-qemu: provider/slof.py, tests/slof_user_interface.py, on the default
    machine, whose screen is the console; it reads the serial line."""
    vm = boot(*ON, *stamp("a", "addr=8"), *stamp("b", "addr=9"), defaults=True)
    insist(vm, pressed)
    text = vm.output()
    text = text[text.index("Select boot device"):]
    found = re.search(r"(\d+)\)\s+disk(\d+)?\s+:\s+/pci(\S+)?/scsi@9", text)
    assert len(re.findall(r"\d+\)", text)) == 4
    assert "error" not in text.lower()
    keyboard.press(vm, [found.group(1)])
    vm.expect(r"Trying to load:  from: /pci\S*/scsi@9 \.\.\.\s+"
              r"Successfully loaded\s", QUICK)
    vm.expect(STAMP)


def test_second_disk_boots_grub(boot):
    vm, _ = open_menu(
        boot, *stamp("a"), *devices.disk("virtio-blk-modern",
                                         images.grub_disk(), "b"))
    vm.send("2")
    assert tried(vm) == path(vm, 2)
    grub.at_prompt(vm)


def twelve_disks():
    return [o for n in range(12) for o in stamp("d%d" % n)]


@pytest.mark.parametrize("keys,number", (
    ("12", 12), ("10", 10), ("1\r", 1), ("1", 1), ("1\b3", 3), ("2", 2),
    ("99\x1b[H\r", 9)))
def test_ten_entries_and_more_have_numbers_of_two_digits(boot, keys, number):
    vm, list_ = open_menu(boot, *twelve_disks())
    assert len(list_) == 12
    assert list_[11][0].startswith("12) disk11 : /pci@")
    vm.send(keys)
    assert tried(vm) == path(vm, number)
    vm.expect(STAMP)


def test_no_escape_sequence_comes_before_an_arrow(boot):
    vm, _ = open_menu(boot, *stamp("a"), *stamp("b"))
    for key in "xyz\t9s":
        vm.send(key)
    vm.send(F12 + DOWN)
    vm.expect(r"\r\x1b\[7m1\)")
    assert vm.child.before.strip() == ""
    with open(vm.log_path, encoding="latin-1", newline="") as log:
        text = log.read()
    assert "\x1b" not in text[:text.index("\r\x1b[7m1)")]


@pytest.mark.parametrize("key", ("0", "p", "q", "\x1b"))
def test_key_leads_to_the_prompt(boot, key):
    vm, _ = open_menu(boot, *stamp("a"))
    vm.send(key)
    vm.expect(r"Type 'boot' and press return")
    vm.expect(r"Ready! \s+0 > ")
    vm.line("boot")
    vm.expect(STAMP)


def test_cr_lf_after_the_command_selects_nothing(boot):
    vm = boot("-prom-env", "auto-boot?=false", *stamp("a"))
    vm.expect(PROMPT)
    vm.send("menu\r\n")
    assert re.match(r"virtio-blk, \d+ [KM]iB, ", entries(vm)[0][1])
    vm.send("0")
    vm.expect(PROMPT, QUICK)


def test_device_that_does_not_boot_leads_to_the_prompt(boot):
    """As in SLOF; its reason is the last thing to read."""
    vm, _ = open_menu(boot, *stamp("a"), *devices.disk(
        "virtio-blk-modern", images.made_empty(), "b"))
    vm.send("2")
    vm.expect(r"E3404: Not a bootable device!")
    vm.expect(r"E3407: Load failed: 1 device tried\s")
    vm.expect(PROMPT)
    assert "STAMP" not in vm.output()
    vm.line("menu")
    vm.expect(ASKS)
    vm.send("1")
    vm.expect(STAMP)


def time_to_boot(vm):
    vm.expect(r"Press F12 for boot menu\.")
    start = time.monotonic()
    vm.expect(r"Trying to load:")
    return time.monotonic() - start


def test_wait_lasts_two_seconds(boot):
    assert 2 <= time_to_boot(boot(*ON, *stamp("a"))) < 2 + QUICK


def test_wait_is_as_long_as_the_variable_says(boot):
    seconds = time_to_boot(boot(*ON, "-prom-env", "boot-menu-wait=4000",
                                *stamp("a")))
    assert 4 <= seconds < 4 + QUICK


def test_wait_of_0_is_one_look(boot):
    options = [*ON, "-prom-env", "boot-menu-wait=0", *stamp("a")]
    assert time_to_boot(boot(*options)) < 2
    vm = boot(*options)
    vm.send(F12)
    assert entries(vm)


def test_one_look_without_menu_on(boot):
    vm = boot(*stamp("a"))
    vm.send(F12)
    assert len(entries(vm)) == 1
    assert "Press F12" not in vm.output()


@pytest.mark.parametrize("key,goes_to", (("x", STAMP), ("\r", STAMP),
                                         ("s", PROMPT)))
def test_key_ends_the_wait(boot, key, goes_to):
    vm = boot(*ON, "-prom-env", "boot-menu-wait=60000", *stamp("a"))
    vm.expect(r"Using default console")
    vm.send(key)
    vm.expect(goes_to, QUICK)


def test_key_that_ends_the_wait_is_for_the_client(boot):
    vm = boot(*ON, *devices.disk("virtio-blk-modern", images.boot_disk(
        images.guest("keys.be32"))))
    vm.send("abc")
    vm.expect(r"KEYS ready\r")
    vm.expect(r"KEYS 61 62 63\r", QUICK)


def test_torn_f12_opens_the_menu(boot):
    vm = boot(*ON, "-prom-env", "boot-menu-wait=60000", *stamp("a"))
    vm.expect(r"Using default console")
    for char in F12:
        vm.send(char)
    vm.expect(MENU, QUICK)


def test_usb_disk_is_listed_though_nobody_needed_usb(boot):
    vm, list_ = open_menu(boot, *stamp("a", "bootindex=1"), *devices.usb(),
                          *devices.usb_disk(images.made_empty(), ident="u"))
    assert ["usb" in line for line, _ in list_] == [False, True]
    assert list_[1][1].startswith("QEMU QEMU HARDDISK, ")


def test_menu_comes_before_a_kernel(boot):
    vm, list_ = open_menu(boot, *stamp("a"), "-kernel",
                          images.guest("keys.be32"))
    assert "boots first" not in list_[0][1]
    vm.send("1")
    assert tried(vm) == path(vm, 1)
    vm.expect(STAMP)


def test_without_devices_one_line_says_so(boot):
    vm = boot(*ON)
    vm.send(F12)
    vm.expect(r"No device to boot from: no disk, no CD drive, no network card")
    vm.expect(PROMPT)


def test_names_from_disks_are_no_escape_sequences(boot):
    vm, list_ = open_menu(
        boot, "-device", "virtio-scsi-pci,id=s",
        *scsi("scsi-hd", images.made_empty(), "a",
              "vendor=\x1b[2J,product=\x1b]0;x\x07\x9b2J"))
    assert re.match(r"\\x1b\[2J \\x1b\]0;x\\x07(\\xc2)?\\x9b2J, ",
                    list_[0][1])


def test_r_lists_what_changed(boot):
    vm, list_ = open_menu(boot, "-device", "virtio-scsi-pci,id=s",
                          "-device", "scsi-cd,bus=s.0,id=cd")
    assert list_[0][1].startswith("QEMU QEMU CD-ROM, no medium")
    assert vm.qmp("blockdev-change-medium", id="cd", format="raw",
                  filename=images.grub_disc()) == {}
    vm.send("r")
    assert re.match(r'QEMU QEMU CD-ROM, \d+ MiB, "QUOIN"', entries(vm)[0][1])
    vm.send("1")
    grub.at_menu(vm)


@pytest.mark.parametrize("where", ("wait", "menu"))
def test_menu_works_after_migration(boot, where):
    """QEMU before 8.2 loses the decrementer of a guest that sleeps: an NMI
    wakes it, and leads to the prompt. See test_keyboards.py."""
    options = [*ON, "-prom-env", "boot-menu-wait=60000", "-device", "VGA",
               *devices.usb(), *devices.on_usb("usb-kbd"), *stamp("a"),
               *stamp("b")]
    here = boot(*options)
    there = boot(*options, "-incoming", "defer")
    here.expect(r"No console specified using")
    if where == "menu":
        here.send(F12)
        entries(here)
    version = here.qmp("query-version")["qemu"]
    here.migrate(there)
    if (version["major"], version["minor"]) < (8, 2):
        there.monitor("nmi")
        there.expect(PROMPT, QUICK)
        there.line("menu")
        there.expect(ASKS, QUICK)
    elif where == "wait":
        insist(there, pressed)
    keyboard.press(there, ["down"])
    there.expect(r"\r\x1b\[7m1\) disk", QUICK)
    there.send(DOWN)
    there.expect(r"\r\x1b\[7m2\) disk1", QUICK)
    keyboard.press(there, ["ret"])
    assert tried(there).startswith("/pci@")
    there.expect(STAMP, QUICK)
