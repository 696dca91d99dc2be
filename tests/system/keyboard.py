# SPDX-License-Identifier: BSD-2-Clause
"""Typing on the keyboards of a machine, through QEMU's monitor."""
import re

# Character -> the key as QEMU calls it [QEMU qapi/ui.json, QKeyCode], of a US
# keyboard: without and with shift.
_PLAIN = dict(zip("abcdefghijklmnopqrstuvwxyz0123456789",
                  "abcdefghijklmnopqrstuvwxyz0123456789"))
_PLAIN.update({
    " ": "spc", "-": "minus", "=": "equal", "[": "bracket_left",
    "]": "bracket_right", "\\": "backslash", ";": "semicolon",
    "'": "apostrophe", "`": "grave_accent", ",": "comma", ".": "dot",
    "/": "slash", "\r": "ret", "\t": "tab", "\b": "backspace",
    "\x1b": "esc"})
_SHIFTED = dict(zip('ABCDEFGHIJKLMNOPQRSTUVWXYZ)!@#$%^&*(_+{}|:"~<>?',
                    "abcdefghijklmnopqrstuvwxyz0123456789-=[]\\;'`,./"))

# QEMU's keyboard queue takes this many keys at least before it drops some.
# [QEMU ui/input.c, queue_limit: 1024 entries, 6 for a key, 12 with shift]
BATCH = 80


def keys(char):
    """The keys to hold down together for a character."""
    if char in _SHIFTED:
        return ["shift", _PLAIN[_SHIFTED[char]]]
    if "\0" < char < "\x1b" and char not in _PLAIN:
        return ["ctrl", chr(ord(char) + 0x60)]
    return [_PLAIN[char]]


def press(vm, names, hold=10):
    """Presses keys one after the other, each for hold ms, and releases them;
    QEMU returns at once. The keyboard that was started last gets them."""
    answer = vm.qmp("send-key", **{
        "keys": [{"type": "qcode", "data": name} for name in names],
        "hold-time": hold})
    assert answer == {}, answer


def event(vm, name, down):
    """Presses or releases a key; the device has it when this returns."""
    answer = vm.qmp("input-send-event", events=[{"type": "key", "data": {
        "down": down, "key": {"type": "qcode", "data": name}}}])
    assert answer == {}, answer


def type_text(vm, text, hold=10):
    """A key takes twice hold ms; with shift, four times."""
    for char in text:
        press(vm, keys(char), hold)


# QEMU's keyboards drop what comes while 16 codes wait, and a busy host may let
# the guest wait for longer than that takes. So many characters fit, with shift.
# [QEMU hw/input/hid.c, QUEUE_LENGTH]
SAFE = 3


def parts(text):
    return [text[at:at + SAFE] for at in range(0, len(text), SAFE)]


def type_seen(vm, text, timeout=4):
    """Types at the pace at which the console shows the characters."""
    for part in parts(text):
        type_text(vm, part)
        vm.expect(re.escape(part), timeout)


def type_line(vm, text, hold=10):
    type_text(vm, text + "\r", hold)
