# SPDX-License-Identifier: BSD-2-Clause
"""Text of others never drives the user's terminal: it is spelt out."""
import os

import pytest

import broken
import devices
import images

PROMPT = r"0 > "
# Colours (CSI 31 m), with the two kinds of introducer. (ECMA-48 5.4)
ESCAPES = "\x1b[31m", "\x9b31m"
SPELT = r"\x1b[31m"


def raw(vm):
    """What went to the terminal, without the line that started QEMU."""
    vm.log.flush()
    with open(vm.log_path, encoding="latin-1", newline="") as f:
        f.readline()
        return f.read()


def harmless(vm, shown=SPELT):
    """Nothing came through, and `shown` stands there instead."""
    text = raw(vm)
    assert not [e for e in ESCAPES if e in text]
    assert "\x1b" not in text
    assert shown in text


def test_word_of_a_boot_script_is_spelt_out(boot):
    disk = broken.prep_with("script", b"\\ x\n\x1b[31mRED\x9b31m\x07\n")
    vm = boot(*devices.disk("virtio-blk-modern", disk))
    vm.expect(r'E3403: Bad executable: [^\r\n]*: "([^\r\n]*)" is not a known')
    assert vm.child.match.group(1) == r"\x1b[31mRED\x9b31m\x07"
    vm.expect(PROMPT)
    harmless(vm)


@pytest.mark.parametrize("script,shown", (
    ("boot &device;:\\none &\x1b[31m;", r"&\x1b[31m;"),
    ("boot &device;:\\no\u009b31mfile", r"no\xc2\x9b31mfile")),
    ids=("entity", "file"))
def test_bootinfo_is_spelt_out(boot, script, shown):
    disc = images.boot_disc(images.guest("stamp.be32"), script)
    vm = boot(*devices.cdrom("spapr-vscsi", disc))
    vm.expect(r"E3404: ")
    vm.expect(PROMPT)
    harmless(vm, shown)


def test_file_name_of_a_disc_is_spelt_out(boot):
    def make(to):
        folder = os.path.join(images.IMAGES, "escapes")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "\x1b[31mred"), "w") as f:
            f.write("x")
        images.script("make-chrp-iso", to, images.guest("stamp.be32"), folder)
    with images.lock():
        disc = images.made("escapes.iso",
                           ["tests/system/test_hostile_text.py"], make)
    vm = boot("-prom-env", "auto-boot?=false",
              *devices.cdrom("spapr-vscsi", disc))
    vm.expect(PROMPT)
    vm.line("ls cdrom:\\")
    vm.expect(r" 1 ([^\r\n]*)red\r")
    assert vm.child.match.group(1) == SPELT
    vm.expect(PROMPT)
    harmless(vm)


@pytest.mark.parametrize("variable", ("boot-command", "boot-file",
                                      "boot-device", "oem-banner"))
def test_variable_is_spelt_out(boot, variable):
    vm = boot("-prom-env", "%s=\x1b[31mred" % variable)
    vm.expect(PROMPT)
    vm.line("printenv " + variable)
    vm.expect(r"\\x1b\[31mred")
    vm.expect(PROMPT)
    vm.line(".properties /options")
    vm.expect(r"oem-logo\?")
    vm.expect(PROMPT)
    harmless(vm)
