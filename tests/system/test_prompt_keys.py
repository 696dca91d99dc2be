# SPDX-License-Identifier: BSD-2-Clause
"""Editing at the prompt: history, completion, pages; serial line and
keyboard."""
import re

import pytest

import devices
import images
import keyboard

PROMPT = r"0 > "
QUICK = 10      # seconds
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
HOME, END, DELETE = "\x1b[H", "\x1b[F", "\x1b[3~"
KEYBOARD = devices.usb() + devices.on_usb("usb-kbd")


def prompt(boot, *options, **named):
    vm = boot("-prom-env", "auto-boot?=false", *options, **named)
    vm.expect(PROMPT)
    return vm


def answer(vm, keys):
    """What the line that the keys make prints, without the line."""
    vm.send(keys + "\r")
    vm.expect(r"\n" + PROMPT, QUICK)
    return vm.before().split("\n", 1)[1] + "\n"


@pytest.mark.parametrize("keys", (
    "rintenv boot-file" + HOME + "p",
    "rintenv boot-file\x01p",
    "printenv bootfile" + LEFT * 4 + "-",
    "printenv bootfile\x02\x02\x02\x02-",
    "boot-file" + HOME + "printnv " + LEFT * 3 + "e" + END,
    "printenv boot-ffile\x01" + RIGHT * 14 + DELETE,
    "printenv boot-ffile\x01" + "\x06" * 14 + "\x04",
    "printenv boot-XX\b\x7ffile",
    "printenv boot-device\x17boot-file",
    "printenv boot-file device" + LEFT * 7 + "\x0b",
    "nonsense\x15printenv boot-file",
    "nonsense" + HOME + "\x0bprintenv boot-file",
    "\x1b[2~printenv\x1b[15~ boot-file",
))
def test_line_can_be_edited_anywhere(boot, keys):
    vm = prompt(boot)
    text = answer(vm, keys)
    assert re.match(r"   boot-file .*\n.* ok\n", text, re.S), text


def test_long_line_can_be_edited(boot):
    vm = prompt(boot)
    name = "x" * 300
    vm.send("printnv " + name + HOME + RIGHT * 5 + "e" + END + "y\r")
    vm.expect(r"\n%sy: not a configuration variable\s+0 > " % name, QUICK)


def test_history_brings_lines_back(boot):
    vm = prompt(boot)
    first = answer(vm, "printenv boot-file")
    second = answer(vm, "printenv load-base")
    assert first != second
    assert answer(vm, UP) == second
    assert answer(vm, UP + UP) == first
    assert answer(vm, "\x10\x10\x10\x0e") == second
    assert answer(vm, "printenv boot-file" + UP + UP + DOWN + DOWN) == first
    assert answer(vm, "\x12load") == second


def test_search_can_be_left(boot):
    vm = prompt(boot)
    want = answer(vm, "printenv load-base")
    vm.send("\x12load")
    vm.expect(r"search '(?s:.)*d': printenv load-base", QUICK)
    vm.send("\x07")
    vm.expect(PROMPT + " ", QUICK)
    vm.send("\x12load")
    vm.expect(r"search '(?s:.)*d': printenv load-base", QUICK)
    vm.send("\x1b")
    vm.expect(PROMPT + "printenv load-base", QUICK)
    assert answer(vm, "") == want


def test_ctrl_l_clears_the_screen(boot):
    vm = prompt(boot)
    vm.send("printenv load-base\x0c")
    vm.expect(r"\x1b\[H\x1b\[2J0 > printenv load-base", QUICK)
    vm.send("\r")
    vm.expect(r"16384(?s:.)* ok\s", QUICK)


def two_disks():
    image = images.boot_disk(images.guest("stamp.be32"))
    return [o for slot in "45" for o in devices.disk(
        "virtio-blk-modern", image, "d" + slot, "addr=" + slot)]


def completed(vm, typed, shown):
    """Types the text, then a tab, as a person does; waits for the rest."""
    vm.send(typed)
    vm.expect(re.escape(typed), QUICK)
    vm.send("\t")
    vm.expect(re.escape(shown), QUICK)


def test_path_is_completed_as_openqa_types_it(boot):
    """boot /pci, tab, /sc, tab, 5."""
    vm = prompt(boot, *two_disks())
    completed(vm, "boot /pci", "@800000020000000")
    completed(vm, "/sc", "si@")
    vm.send("5\r")
    vm.expect(r"from: /pci@800000020000000/scsi@5 ", QUICK)
    vm.expect(r"STAMP timebase")


def test_second_tab_lists(boot):
    vm = prompt(boot, *two_disks())
    completed(vm, "ls /pci@800000020000000/s", "csi@")
    vm.send("\t")
    vm.expect(r"\n *scsi@4 +scsi@5\s+0 > ls /pci@800000020000000/scsi@",
              QUICK)


def test_commands_variables_and_files_are_completed(boot):
    vm = prompt(boot, *devices.cdrom("spapr-vscsi", images.grub_disc()))
    completed(vm, "prin", "tenv ")
    completed(vm, "load", "-base ")
    vm.send("\r")
    vm.expect(r"16384(?s:.)*" + PROMPT, QUICK)
    completed(vm, "ls cdr", "om")
    completed(vm, ":\\pp", "c\\")
    completed(vm, "boo", "tinfo.txt")
    vm.send("\r")
    vm.expect(r"\d bootinfo.txt\s+ok\s|\d \\ppc\\bootinfo.txt\s+ok\s", QUICK)


def test_paste_loses_nothing(boot):
    """A tab in it is a blank."""
    vm = prompt(boot)
    name = "".join(chr(33 + n % 90) for n in range(4000))
    text = answer(vm, "printenv\t" + name)
    assert text.startswith(name[:400])
    assert "0 > printenv " + name + "\n" in vm.output()
    text = answer(vm, "\r".join(["printenv\tload-base"] * 50 +
                                ["printenv nothing"]))
    while "nothing: not" not in text:
        vm.expect(PROMPT, QUICK)
        text = vm.before()
    assert vm.output().count("16384 ") >= 50


def test_scripts_get_long_output_without_a_question(boot):
    vm = prompt(boot)
    for keys in ("printenv", "\x15\x01printenv", "\x10"):
        text = answer(vm, keys)
        assert "auto-boot?" in text and "trace" in text
        assert "--more--" not in text


def test_person_gets_long_output_in_pages(boot):
    vm = prompt(boot)
    vm.send(UP + "printenv")
    vm.expect("printenv", QUICK)
    vm.send("\r")
    vm.expect(r"--more--", QUICK)
    assert vm.before().count("\n") in (23, 24)
    vm.send("\r")
    vm.expect(r"--more--", QUICK)
    vm.send(" ")
    vm.expect(r" ok\s+0 > ", QUICK)
    vm.send(UP)
    vm.expect("printenv", QUICK)
    vm.send("\r")
    vm.expect(r"--more--", QUICK)
    vm.send("q")
    vm.expect(r"\r +\r ok\s+0 > ", QUICK)
    # All of it is kept.
    vm.send("\x15dmesg\r")
    vm.expect(r"dmesg\s(?s:.)*\n ok\s", QUICK)
    assert vm.child.after.count(" trace ") == 2


def press(vm, *names):
    for name in names:
        keyboard.press(vm, name.split())


def test_keyboard_edits(boot):
    vm = prompt(boot, *KEYBOARD)
    keyboard.type_seen(vm, "rintenv load-base")
    press(vm, "home")
    keyboard.type_text(vm, "p")
    press(vm, "ret")
    vm.expect(r"16384(?s:.)* ok\s+0 > ", QUICK)
    press(vm, "up", "left", "delete")
    press(vm, "e", "ret")
    vm.expect(r"16384(?s:.)* ok\s+0 > ", QUICK)


def test_keyboard_completes_and_turns_pages(boot):
    vm = prompt(boot, *KEYBOARD)
    keyboard.type_seen(vm, "prin")
    press(vm, "tab")
    vm.expect("tenv ", QUICK)
    press(vm, "up")
    press(vm, "ret")
    vm.expect(r"--more--", QUICK)
    press(vm, "q")
    vm.expect(r"\r +\r ok\s+0 > ", QUICK)


def test_keyboard_tabs_typed_without_a_pause_complete(boot):
    """openQA does not wait for what a tab completes."""
    vm = prompt(boot, *two_disks(), *KEYBOARD)
    for char in "boot /pci\t/sc\t5\n":
        names = ["ret"] if char == "\n" else keyboard.keys(char)
        # 16 ms down, 16 ms up.
        keyboard.press(vm, names, hold=16)
    vm.expect(r"from: /pci@800000020000000/scsi@5 ", QUICK)


@pytest.mark.parametrize("keys", (
    "\x1b[99999999999999999999~", "\x1b[;;;;;;;;;;;;;;;;;;;;;;;;A",
    "\x1b[?1;2;3;4$", "\x1b[24", "\x1b[", "\x1b[[", "\x1bO",
    "\x1b\x1b\x1b[\x1b", "\x1b]0;title\x07"))
def test_escape_sequences_typed_by_hand_do_no_harm(boot, keys):
    """Whole, too long, or without an end: then ^U is the next key."""
    vm = prompt(boot, *KEYBOARD)
    keyboard.type_text(vm, keys + "\x15", hold=20)
    keyboard.type_line(vm, "printenv boot-file", hold=20)
    vm.expect(r"\n\s*boot-file (?s:.)* ok\s+0 > ", QUICK)
