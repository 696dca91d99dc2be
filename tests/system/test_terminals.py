# SPDX-License-Identifier: BSD-2-Clause
"""Several virtual terminals: where the firmware's own text goes."""

VTY = "/vdevice/vty@71000110"


def second(boot, *options):
    """Talks to the second terminal; the lowest one is silent."""
    return boot("-chardev", "stdio,id=c1",
                "-device", "spapr-vty,chardev=c1,reg=0x71000110", *options,
                serial="null")


def test_output_device_gets_all_text_of_the_firmware(boot):
    vm = second(boot, "-prom-env", "output-device=" + VTY)
    vm.expect(r"SLOF\S+\s+\*+")
    vm.expect(r"0 > ")
    vm.line("printenv output-device")
    vm.expect(VTY)
    vm.line("boot nothing")
    vm.expect(r"E3405: No such device: nothing")


def test_lowest_terminal_gets_the_text_as_well(boot, tmp_path):
    log = tmp_path / "second"
    vm = boot("-chardev", "file,id=c1,path=%s" % log,
              "-device", "spapr-vty,chardev=c1,reg=0x71000110",
              "-prom-env", "output-device=" + VTY)
    vm.expect(r"0 > ")
    vm.line("power-off")
    assert vm.ended() == 0
    assert log.read_bytes().count(b"QUOIN SLOF") == 1
    assert vm.output().count("QUOIN SLOF") == 1


def test_input_that_waits_at_power_on_is_kept_for_the_prompt(boot):
    """A pipe: only the key s is taken, to skip booting."""
    vm = boot("-S")
    vm.send("power-off\r")
    vm.qmp("cont")
    assert vm.ended() == 0
    assert "0 > power-off" in vm.output()
