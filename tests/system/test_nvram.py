# SPDX-License-Identifier: BSD-2-Clause
"""NVRAM: kept over a reset, kept in a file, read by SLOF and written by it."""
import pytest

PROMPT = r"0 > "


@pytest.fixture
def nvram(tmp_path):
    path = tmp_path / "nvram"
    path.write_bytes(bytes(65536))
    return ["-drive", "file=%s,if=pflash,format=raw" % path], path


def run(vm, command):
    vm.line(command)
    vm.expect(PROMPT)
    return vm.before()


def test_setting_survives_a_reset(boot):
    vm = boot()
    vm.expect(PROMPT)
    run(vm, "setenv boot-file kept over resets")
    vm.qmp("system_reset")
    vm.expect(PROMPT)
    assert "kept over resets" in run(vm, "printenv boot-file")


def test_setting_survives_in_a_file(boot, nvram):
    options, path = nvram
    vm = boot(*options)
    vm.expect(PROMPT)
    run(vm, "setenv boot-file kept in a file")
    vm.line("power-off")
    vm.ended()
    assert b"boot-file=kept in a file\0" in path.read_bytes()
    vm = boot(*options)
    vm.expect(PROMPT)
    assert "kept in a file" in run(vm, "printenv boot-file")


def test_slof_reads_what_was_written(boot, nvram):
    options, _ = nvram
    vm = boot(*options)
    vm.expect(PROMPT)
    run(vm, "setenv boot-file for SLOF")
    vm.line("power-off")
    vm.ended()
    vm = boot(*options, bios=None)
    vm.expect(PROMPT)
    assert "re-initializing" not in vm.output()
    assert "for SLOF" in run(vm, "printenv boot-file")


def test_what_slof_wrote_is_read(boot, nvram):
    options, _ = nvram
    vm = boot(*options, bios=None)
    vm.expect(PROMPT)
    run(vm, "setenv boot-file from SLOF")
    vm.line("power-off")
    vm.ended()
    vm = boot(*options)
    vm.expect(PROMPT)
    assert "from SLOF" in run(vm, "printenv boot-file")


def test_garbage_is_formatted(boot, tmp_path):
    path = tmp_path / "nvram"
    path.write_bytes(bytes(range(256)) * 256)
    vm = boot("-drive", "file=%s,if=pflash,format=raw" % path)
    vm.expect(r"No NVRAM common partition, re-initializing...")
    vm.expect(PROMPT)
    run(vm, "setenv boot-file fresh")
    vm.line("power-off")
    vm.ended()
    assert b"boot-file=fresh\0" in path.read_bytes()


def test_forth_store_of_nvramrc_is_done(boot):
    """QEMU prom-env-test: cafec0de 4000 l!"""
    vm = boot("-prom-env", "use-nvramrc?=true", "-prom-env",
              "nvramrc=cafec0de 4000 l!")
    vm.expect(PROMPT)
    assert "0xcafec0de" in vm.monitor("xp /1xw 0x4000")


@pytest.mark.parametrize("value", ("False", "0", "FALSE", "false"))
def test_flag_is_spelt_as_slof_reads_it(boot, value):
    vm = boot("-prom-env", "auto-boot?=" + value)
    vm.expect(PROMPT)
    assert "Trying to load" not in vm.output()
    assert "Warning" not in vm.output()
    assert "false" in run(vm, "printenv auto-boot?")
    text = run(vm, ".properties /options")
    assert 'auto-boot?                       "false"' in text
    assert 'boot-file                        ""' in text


def test_flag_that_is_none_keeps_its_default(boot):
    vm = boot("-prom-env", "auto-boot?=no")
    vm.expect(r'Warning: NVRAM: auto-boot\?: "no" is not true or false; using '
              r"the default, true")
    vm.expect(r"Trying to load")


def test_security_mode_is_a_word_here_and_a_number_for_slof(boot, nvram):
    options, path = nvram
    vm = boot(*options)
    vm.expect(PROMPT)
    assert "none" in run(vm, "printenv security-mode")
    run(vm, "setenv security-mode command")
    assert "command" in run(vm, "printenv security-mode")
    vm.line("power-off")
    vm.ended()
    assert b"security-mode=1\0" in path.read_bytes()
