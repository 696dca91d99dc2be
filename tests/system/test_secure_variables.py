# SPDX-License-Identifier: BSD-2-Clause
"""Secure boot against every variable: they steer, but never weaken it."""
import re

import pytest

import clients
import devices
import images
import machine
import secure

PROMPT = r"0 > "

# What sounds like policy, or like another way to load or run something.
HOSTILE = {
    "auto-boot?": "true", "use-nvramrc?": "true", "boot-command": "boot disk",
    "nvramrc": "devalias ibm,secure-boot /", "boot-device": "disk",
    "boot-file": "ibm,secure-boot=0 lockdown=n", "diag-switch?": "true",
    "diag-device": "disk", "diag-file": "secure-boot=off",
    "security-mode": "0", "security-password": "x", "load-base": "0x5000",
    "real-mode?": "false", "direct-serial?": "true", "fcode-debug?": "true",
    "ibm,secure-boot": "0", "secure-boot": "off", "secure-boot?": "false",
    "trace": "boot", "input-device": "/", "output-device": "/options",
}


@pytest.fixture(scope="module")
def bios(tmp_path_factory):
    return secure.firmware(tmp_path_factory.mktemp("keys"),
                           keys=[secure.one()])


def unsigned():
    return devices.disk("virtio-blk-modern",
                        images.boot_disk(images.guest("stamp.be32")))


def still_enforced(vm):
    vm.line("lsprop / ibm,secure-boot")
    vm.expect(r"ibm,secure-boot\s+00000002\r")
    vm.expect(PROMPT)
    assert "STAMP" not in vm.output()


def test_no_variable_weakens_it(boot, bios):
    vm = boot(*[word for name, value in HOSTILE.items()
                for word in ("-prom-env", "%s=%s" % (name, value))],
              *unsigned(), bios=bios)
    vm.expect(r"E3403: [^\r\n]*not signed")
    vm.expect(PROMPT)
    still_enforced(vm)


def test_every_variable_of_the_table_was_tried():
    """All but those without an effect, and numbers of the screen."""
    with open(machine.ROOT + "/boot/config.c") as f:
        rows = re.findall(r'{ "([^"]+)", CONFIG_\w+, "[^"]*",\s*([^}]*)}',
                          f.read())
    assert rows
    left = [name for name, effect in rows
            if name not in HOSTILE and "IGNORED" not in effect]
    assert left == ["screen-#columns", "screen-#rows", "boot-menu-wait"]


def test_no_command_weakens_it(boot, bios):
    vm = boot("-prom-env", "auto-boot?=false", *unsigned(), bios=bios)
    vm.expect(PROMPT)
    for line in ("devalias ibm,secure-boot /", "nvalias secure /vdevice",
                 "setenv ibm,secure-boot 0", "setenv security-mode none",
                 "set-defaults", "device-end", "dev /", "load disk", "go",
                 "boot disk"):
        vm.line(line)
        vm.expect(PROMPT)
    vm.line('0 0 s" ibm,secure-boot" property')
    vm.expect(r"property is not allowed: secure boot is enforced")
    vm.expect(PROMPT)
    still_enforced(vm)


@pytest.mark.parametrize("base", ("0x4000", "0x100000"))
def test_load_base_places_no_unsigned_image(boot, bios, base):
    """An AIX image would lie there as a whole."""
    vm = boot("-prom-env", "load-base=" + base,
              *devices.cdrom("spapr-vscsi", clients.aix_disc()), bios=bios)
    vm.expect(r"E3403: [^\r\n]*an AIX boot image cannot be signed")
    vm.expect(PROMPT)
    still_enforced(vm)
