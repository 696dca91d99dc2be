# SPDX-License-Identifier: BSD-2-Clause
"""What the tests say to GRUB 2.06 and hear from it."""

# The last thing GRUB's menu draws before it waits.
MENU = r"Press enter to boot the selected OS(?s:.)*\x1b\[[0-9;]*H\*Linux"
PROMPT = r"grub> "


def at_menu(vm):
    vm.expect(r"Welcome to GRUB!")
    vm.expect(r"GNU GRUB  version 2\.06")
    vm.expect(r"\*Linux, power off")


def at_prompt(vm):
    """From the menu to the command line."""
    at_menu(vm)
    vm.send("c")
    vm.expect(PROMPT)


def run(vm, command):
    """Runs a command at GRUB's prompt, returns what it printed."""
    vm.line(command)
    vm.expect(r"grub> ")
    text = vm.before()
    return text[text.find(command) + len(command):]
