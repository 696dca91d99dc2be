# SPDX-License-Identifier: BSD-2-Clause
"""Measured boot on every path: the log leads to the PCRs, in every bank, and
says what was booted, in order."""
import hashlib
import os
import subprocess

import pytest

import eventlog
import images
import machine
import measured
import swtpm

TOOL = os.path.join(machine.ROOT, "tools/quoin-measure")
VARIABLES = ["SecureBoot", "PK", "KEK", "db", "dbx", "grubdb", "grubdbx",
             "sbat"]


def beginning():
    return ["0 S_CRTM_VERSION quoin " + measured.version(),
            "0 S_CRTM_CONTENTS ", "1 DEVICES FDT",
            *("7 VARIABLE " + name for name in VARIABLES)]


def check_digests(log, path):
    """Each event's digests are of the file that was booted, or of the event;
    the firmware and QEMU's tree have tests of their own."""
    for event in log.events:
        name = eventlog.text(event)
        if event.type in ("S_CRTM_CONTENTS", "DEVICES"):
            continue
        data = path.files.get(name, event.data)
        for bank, digest in event.digests.items():
            assert digest == hashlib.new(bank, data).digest(), (bank, name)


@pytest.mark.parametrize("banks", (swtpm.ALL, "sha256", "sha384,sha512"))
@pytest.mark.parametrize("name", measured.PATHS)
def test_log_leads_to_the_pcrs(boot, tpm, tmp_path, name, banks):
    path = measured.PATHS[name](tmp_path)
    found = measured.run(boot, tpm(banks), path.options)
    log = found.log
    assert ",".join(log.banks()) == banks
    eventlog.decoded(log, tmp_path)
    assert log.lines() == beginning() + path.config + measured.SEPARATORS + \
        path.after
    check_digests(log, path)
    assert found.authorization == 0x9a2


def test_firmware_is_what_sha256sum_says(boot, tpm, tmp_path):
    path = measured.mbr_path(tmp_path)
    log = measured.run(boot, tpm(), path.options).log
    event = log.find(0, "S_CRTM_CONTENTS")
    firmware = measured.firmware()
    assert event.data == bytes(8) + len(firmware).to_bytes(8, "little")
    for bank, digest in event.digests.items():
        assert digest == hashlib.new(bank, firmware).digest()


def test_partitions_in_use_are_measured(boot, tpm, tmp_path):
    path = measured.gpt_path(tmp_path)
    log = measured.run(boot, tpm(), path.options).log
    image = images.boot_disk(measured.client(), "--table=gpt")
    assert log.find(5, "GPT").data == measured.gpt(image)


def test_tool_computes_what_is_measured(boot, tpm, tmp_path):
    """tools/quoin-measure, for what attesters recompute."""
    image = images.boot_disk(measured.client(), "--table=gpt")
    vm = boot(*tpm("sha256").options, *measured.disk(image), "-prom-env",
              "boot-file=some words", "-prom-env", "auto-boot?=false")
    vm.expect(r"0 > ")
    tree = str(tmp_path / "tree")
    vm.monitor("dumpdtb " + tree)
    vm.line("boot")
    disk = measured.Measured(vm).check()
    path = measured.kernel_path(tmp_path)
    kernel = measured.run(boot, tpm("sha256"), path.options).log
    for log, pcr, text, kind, what in (
            (disk, 0, "", "firmware", machine.FIRMWARE),
            (disk, 1, "FDT", "tree", tree), (disk, 5, "", "gpt", image),
            (disk, 5, "bootargs", "args", "some words"),
            (disk, 4, "BOOTLOADER", "core", measured.client()),
            (kernel, 4, "kernel", "kernel", measured.client()),
            (kernel, 8, "kernel_cmdline: words of mine", "cmdline",
             "words of mine"),
            (kernel, 9, "initrd", "initrd", images.guest("stamp.be32"))):
        done = subprocess.run([TOOL, "--bank", "sha256", kind, what],
                              stdout=subprocess.PIPE, text=True, check=True)
        found = [e.digests["sha256"].hex() for e in log.events
                 if (e.pcr, eventlog.text(e)) == (pcr, text)]
        assert found == [done.stdout.split()[1]], kind


def test_machine_without_a_tpm_says_nothing_about_it(boot, tmp_path):
    vm = boot(*measured.mbr_path(tmp_path).options)
    vm.expect(r"TPM none\r")
    assert vm.ended() == 0
    text = vm.output().split("\nTPM none")[0]
    assert "TPM" not in text and "measure" not in text
