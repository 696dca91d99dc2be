# SPDX-License-Identifier: BSD-2-Clause
"""Typing on USB and virtio keyboards; the echo comes by the serial line."""
import random
import re

import pytest

import devices
import grub
import images
import keyboard
from test_idle import MOST, SILENCE, asleep, share

PROMPT = r"0 > "
QUICK = 4       # seconds, see test_usb.py

# name -> QEMU options
KEYBOARDS = {
    **{c: devices.usb(c) + devices.on_usb("usb-kbd") for c in devices.USB},
    "behind-hub-xhci": devices.usb() + devices.on_usb("usb-hub", "3") +
    devices.on_usb("usb-kbd", "3.2"),
    "behind-hub-ohci": devices.usb("pci-ohci") +
    devices.on_usb("usb-hub", "3") + devices.on_usb("usb-kbd", "3.2"),
    "behind-5-hubs": devices.usb() + [
        o for n in range(1, 6)
        for o in devices.on_usb("usb-hub", ".".join("28888"[:n]))] +
    devices.on_usb("usb-kbd", "2.8.8.8.8.3"),
    "virtio": ["-device", "virtio-keyboard-pci"],
}


def prompt(boot, *options, **named):
    vm = boot("-prom-env", "auto-boot?=false", *options, **named)
    vm.expect(r"SLOF\S+\s+\*+")
    vm.expect(PROMPT, QUICK)
    return vm


def answers(vm, by_keyboard=True):
    """A command on one of the inputs."""
    if by_keyboard:
        keyboard.type_seen(vm, "printenv load-base")
        keyboard.press(vm, ["ret"])
    else:
        vm.line("printenv load-base")
    vm.expect(r"16384(?s:.)* ok\s", QUICK)
    vm.expect(PROMPT, QUICK)


@pytest.mark.parametrize("name", sorted(KEYBOARDS))
def test_keyboard_and_serial_line_take_turns_at_the_prompt(boot, name):
    vm = prompt(boot, *KEYBOARDS[name])
    for _ in range(2):
        answers(vm)
        answers(vm, by_keyboard=False)
    # Both in one line.
    keyboard.type_seen(vm, "printenv ")
    vm.send("boot-")
    vm.expect("boot-", QUICK)
    keyboard.type_seen(vm, "command")
    keyboard.press(vm, ["ret"])
    vm.expect(r"\n\s*boot(?s:.)* ok\s", QUICK)


# Every character of a US keyboard.
CHARACTERS = "".join(chr(c) for c in range(32, 127))

# Keys -> the bytes that they send: what GRUB's terminal understands.
SEQUENCES = (
    ("up", "1b 5b 41"), ("down", "1b 5b 42"), ("right", "1b 5b 43"),
    ("left", "1b 5b 44"), ("home", "1b 5b 48"), ("end", "1b 5b 46"),
    ("insert", "1b 5b 32 7e"), ("delete", "1b 5b 33 7e"),
    ("pgup", "1b 5b 35 7e"), ("pgdn", "1b 5b 36 7e"),
    ("f1", "1b 4f 50"), ("f2", "1b 4f 51"), ("f3", "1b 5b 5b 43"),
    ("f4", "1b 5b 5b 44"), ("f5", "1b 5b 31 35 7e"),
    ("f6", "1b 5b 31 37 7e"), ("f7", "1b 5b 31 38 7e"),
    ("f8", "1b 5b 31 39 7e"), ("f9", "1b 5b 32 30 7e"),
    ("f10", "1b 5b 32 31 7e"), ("f11", "1b 5b 32 33 7e"),
    ("f12", "1b 5b 32 34 7e"),
    ("ret", "0d"), ("esc", "1b"), ("tab", "09"), ("backspace", "08"),
    ("kp_divide", "2f"), ("kp_multiply", "2a"), ("kp_subtract", "2d"),
    ("kp_add", "2b"), ("kp_enter", "0d"), ("less", "5c"),
    # The keypad types digits with num lock, or with shift.
    ("kp_0", "1b 5b 32 7e"), ("kp_1", "1b 5b 46"), ("kp_2", "1b 5b 42"),
    ("kp_3", "1b 5b 36 7e"), ("kp_4", "1b 5b 44"), ("kp_5", ""),
    ("kp_6", "1b 5b 43"), ("kp_7", "1b 5b 48"), ("kp_8", "1b 5b 41"),
    ("kp_9", "1b 5b 35 7e"), ("kp_decimal", "1b 5b 33 7e"),
    ("shift kp_5", "35"), ("num_lock", ""),
    ("kp_0", "30"), ("kp_1", "31"), ("kp_2", "32"), ("kp_3", "33"),
    ("kp_4", "34"), ("kp_5", "35"), ("kp_6", "36"), ("kp_7", "37"),
    ("kp_8", "38"), ("kp_9", "39"), ("kp_decimal", "2e"),
    ("shift kp_5", ""), ("num_lock", ""),
    ("ctrl a", "01"), ("ctrl_r c", "03"), ("ctrl z", "1a"),
    ("ctrl spc", "00"), ("alt b", "1b 62"), ("alt_r x", "1b 78"),
    ("shift_r 1", "21"), ("shift a", "41"), ("shift less", "7c"),
    # No bytes.
    ("shift", ""), ("ctrl", ""), ("meta_l", ""), ("scroll_lock", ""),
    ("print", ""), ("pause", ""), ("menu", ""),
    # Caps lock: letters alone.
    ("caps_lock", ""), ("a", "41"), ("1", "31"), ("semicolon", "3b"),
    ("shift a", "61"), ("shift 1", "21"), ("caps_lock", ""), ("a", "61"),
)

BOTH = ("usb", "virtio")


def a_keyboard(kind):
    return KEYBOARDS["qemu-xhci" if kind == "usb" else "virtio"]


@pytest.fixture
def reader(boot):
    """reader(kind, options) starts a client that prints what it reads from
    stdin, in hexadecimal, a line for each read."""
    def start(kind, *options):
        vm = boot("-device", "VGA", *a_keyboard(kind), *options,
                  "-kernel", images.guest("keys.be32"))
        vm.expect(r"KEYS ready\r")
        return vm
    return start


def read_until(vm, end):
    """The bytes of each read up to the one that ends with the byte end."""
    vm.expect(r"KEYS(?: \w\w)* %s\r" % end, QUICK)
    return re.findall(r"KEYS((?: \w\w)+)", vm.before() + vm.child.after)


@pytest.mark.parametrize("kind", BOTH)
def test_client_reads_every_key(reader, kind):
    vm = reader(kind)
    for at in range(0, len(SEQUENCES), keyboard.SAFE):
        some = SEQUENCES[at:at + keyboard.SAFE]
        for names, _ in some:
            keyboard.press(vm, names.split())
        keyboard.press(vm, ["ctrl", "e"])
        got = "".join(read_until(vm, "05")).split()
        assert got[:-1] == " ".join(t for _, t in some).split(), some
    for part in keyboard.parts(CHARACTERS + "\x04"):
        keyboard.type_text(vm, part)
        got = "".join(read_until(vm, "%02x" % ord(part[-1])))
        assert bytes.fromhex(got).decode() == part
    assert vm.ended() == 0


def test_client_reads_a_sequence_as_a_whole(reader):
    """GRUB waits 100 ms for each of its bytes."""
    vm = reader("usb")
    for name in ("up", "f12"):
        keyboard.press(vm, [name])
        vm.expect(r"KEYS 1b 5b(?: \w\w)+\r", QUICK)
    vm.send("\x04")
    assert vm.ended() == 0


def test_held_key_blocks_no_other(reader):
    vm = reader("usb")
    keyboard.event(vm, "a", True)
    vm.expect(r"KEYS 61\r", QUICK)
    keyboard.event(vm, "b", True)
    vm.expect(r"KEYS 62\r", QUICK)
    # More than fit into a report: nothing new may come of it, but nothing is
    # held for ever.
    for name in "cdefghi":
        keyboard.event(vm, name, True)
    for name in "abcdefghi":
        keyboard.event(vm, name, False)
    keyboard.type_text(vm, "xyz\x04")
    got = "".join(read_until(vm, "04")).split()
    assert got[-4:] == ["78", "79", "7a", "04"]
    assert vm.ended() == 0


@pytest.mark.parametrize("kind", BOTH)
def test_no_key_is_lost_at_30_a_second(boot, kind):
    """At the prompt: openQA types like that."""
    vm = prompt(boot, *a_keyboard(kind))
    chars = random.Random(30).choices("abcdefghijklmnopqrstuvwxyz0123456789",
                                      k=200)
    for at in range(0, len(chars), keyboard.BATCH):
        text = "".join(chars[at:at + keyboard.BATCH])
        # 16 ms down, 16 ms up.
        keyboard.type_line(vm, text, hold=16)
        vm.expect(text + r"\r", timeout=2 * QUICK)
        vm.expect(PROMPT, QUICK)


@pytest.mark.parametrize("kind", BOTH)
def test_prompt_with_a_keyboard_takes_no_processor_time(boot, kind):
    vm = prompt(boot, *a_keyboard(kind))
    assert share(vm, lambda: asleep(vm, SILENCE)) < MOST
    answers(vm)


@pytest.mark.parametrize("name", ("virtio", *devices.USB))
def test_idle_keyboard_is_polled_without_a_hypercall(boot, tmp_path, name):
    """QEMU logs each access to a register of a device."""
    log = tmp_path / "log"
    vm = prompt(boot, *KEYBOARDS[name], *[
        o for event in ("memory_region_ops_read", "memory_region_ops_write")
        for o in ("-trace", "%s,file=%s" % (event, log))])
    # Its release needs an access, too: it must not come late.
    keyboard.event(vm, "z", True)
    keyboard.event(vm, "z", False)
    vm.expect("z", QUICK)

    def poll_often():
        for char in "abcdefghijklmnopqrstuvwxy":
            vm.send(char)
            vm.expect(char, QUICK)
    poll_often()
    before = log.read_text()
    poll_often()
    assert log.read_text() == before != ""


def grub_disk(options=""):
    return devices.disk("virtio-blk-modern", images.grub_disk(),
                        options=options)


@pytest.mark.parametrize("name", sorted(KEYBOARDS))
def test_keyboard_and_serial_line_take_turns_in_grub(boot, name):
    """With a screen, and so without a console that QEMU names."""
    vm = boot("-device", "VGA", *KEYBOARDS[name], *grub_disk())
    vm.expect(grub.MENU, 10)
    keyboard.press(vm, ["down"])
    vm.expect(r"\*Linux, reboot", QUICK)
    vm.send("\x1b[A")
    vm.expect(r"\*Linux, power off", QUICK)
    keyboard.press(vm, ["c"])
    vm.expect(grub.PROMPT, QUICK)
    vm.line("echo serial")
    vm.expect(r"\n\rserial\r\n\rgrub> ", QUICK)
    # 0.8 s fit into the keyboard's queue.
    keyboard.type_line(vm, "echo Keyboard! $?", hold=50)
    vm.expect(r"\n\rKeyboard! 0\r\n\rgrub> ", QUICK)


def test_default_machine_boots_linux_and_hears_all(boot):
    """qemu-system-ppc64 without -nodefaults: a screen, xHCI, a keyboard, a
    mouse, a network card, a CD drive without a disc."""
    vm = boot(*grub_disk(), defaults=True)
    vm.expect(r"SLOF\S+\s+\*+")
    vm.expect(r"Trying to load:  from: \S+ \.\.\. +Successfully", QUICK)
    vm.expect(grub.MENU, 10)
    keyboard.press(vm, ["c"])
    vm.expect(grub.PROMPT, QUICK)
    vm.line("echo both")
    vm.expect(r"\n\rboth\r\n\rgrub> ", QUICK)
    keyboard.press(vm, ["esc"])
    vm.expect(r"\*Linux, power off", QUICK)
    keyboard.press(vm, ["p"])
    vm.expect(r"Booting Linux via __start\(\)")
    assert vm.ended() == 0


def many_keyboards():
    """81: each controller, all of its ports, hubs in all of its slots."""
    options = ["-device", "nec-usb-xhci,id=x,p2=15,p3=15",
               "-device", "qemu-xhci,id=y,p2=15,p3=15",
               "-device", "pci-bridge,id=b,chassis_nr=1"]
    for port in range(1, 16):
        options += devices.on_usb("usb-kbd", str(port), "x")
    for port in range(1, 8):
        options += devices.on_usb("usb-hub", str(port), "y")
        for child in range(1, 9):
            options += devices.on_usb("usb-kbd", "%d.%d" % (port, child), "y")
    for slot in range(1, 11):
        options += ["-device", "virtio-keyboard-pci,bus=b,addr=%d" % slot]
    assert sum("usb-kbd" in o or "keyboard" in o for o in options) == 81
    return options


@pytest.mark.parametrize("screen", ("none", "VGA"))
def test_81_keyboards_do_not_stop_a_boot(boot, screen):
    """SLOF takes 28 s for them."""
    options = many_keyboards()
    if screen != "none":
        options += ["-device", screen]
    vm = boot(*options, *devices.usb(), *devices.usb_disk(
        images.boot_disk(images.guest("stamp.be32"))))
    vm.expect(r"SLOF\S+\s+\*+")
    vm.expect(r"STAMP timebase", QUICK)
    assert "E3" not in vm.output()


@pytest.mark.parametrize("name", sorted(KEYBOARDS))
def test_keyboard_works_after_a_reset(boot, name):
    vm = prompt(boot, *KEYBOARDS[name])
    keyboard.press(vm, ["x"])
    vm.expect("x", QUICK)
    vm.qmp("system_reset")
    vm.expect(PROMPT, QUICK)
    answers(vm)


@pytest.mark.parametrize("name", ("virtio", *devices.USB))
def test_keyboard_works_after_migration(boot, name):
    """In a client that reads: the prompt sleeps until the decrementer wakes
    it, and QEMU before 8.2 loses that with TCG."""
    options = ["-device", "VGA", *KEYBOARDS[name], "-kernel",
               images.guest("keys.be32")]
    here = boot(*options)
    there = boot(*options, "-incoming", "defer")
    here.expect(r"KEYS ready\r")
    keyboard.press(here, ["a"])
    here.expect(r"KEYS 61\r", QUICK)
    here.migrate(there)
    keyboard.press(there, ["b"])
    there.expect(r"KEYS 62\r", QUICK)
    there.send("c")
    there.expect(r"KEYS 63\r", QUICK)


def test_prompt_works_after_migration(boot):
    """The NMI stands in for the decrementer, see above."""
    here = prompt(boot, *a_keyboard("usb"))
    answers(here)
    there = boot("-prom-env", "auto-boot?=false", *a_keyboard("usb"),
                 "-incoming", "defer")
    here.migrate(there)
    there.monitor("nmi")
    there.expect(PROMPT, QUICK)
    answers(there, by_keyboard=False)
    answers(there)


@pytest.mark.parametrize("name", devices.USB)
def test_keyboard_that_leaves_disturbs_nobody(boot, name):
    vm = prompt(boot, *devices.usb(name),
                *devices.on_usb("usb-kbd,id=first"),
                *devices.on_usb("usb-kbd,id=last"))
    answers(vm)
    for ident in ("last", "first"):
        vm.qmp("device_del", id=ident)
        # The others' schedules go on without it.
        if "xhci" in name:
            vm.expect(r"usb-keyboard /\S+/usb-keyboard@\d: unplugged", QUICK)
        vm.line("")
        vm.expect(PROMPT, QUICK)
        answers(vm, by_keyboard=False)
        if ident == "last":
            answers(vm)
