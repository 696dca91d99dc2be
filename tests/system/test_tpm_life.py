# SPDX-License-Identifier: BSD-2-Clause
"""A TPM over resets, clients that leave, the prompt and migration; the commands
that it gets."""
import re

import pytest

import devices
import images
import measured
from eventlog import Measured, differ

PROMPT = r"0 > "
LOCK = ["GetRandom", "HierarchyChangeAuth"]
# A client that prints and leaves, and keeps its hands off the log.
LEAVES = ["-prom-env", "boot-file=return=1 log=0"]


def disk():
    return measured.disk(images.boot_disk(measured.client()))


def count(tpm, name):
    return sum(n == name for n, _, _ in tpm.commands())


def test_commands_come_in_order(boot, tpm):
    one = tpm()
    measured.run(boot, one, disk())
    names = one.names()
    at = names.index("HierarchyChangeAuth")
    assert [n for n in names[:at + 1] if n != "GetCapability"] == \
        ["Startup", "SelfTest", "PCR_Extend", *LOCK]
    assert names[:3] == ["Startup", "SelfTest", "GetCapability"]
    # All of them succeed: the client's is the one that does not.
    failed = [(name, answer) for name, _, answer in one.commands()
              if answer[6:10] != bytes(4) and name != "ReadClock"]
    assert failed == [("HierarchyChangeAuth", bytes.fromhex(
        "80010000000a000009a2"))]


def test_authorization_is_never_the_same(boot, tpm):
    """32 random bytes of the TPM's generator."""
    found = set()
    for _ in range(2):
        one = tpm("sha256")
        measured.run(boot, one, disk())
        change = [c for c in one.commands() if c[0] == "HierarchyChangeAuth"][0]
        assert change[1][:29] == bytes.fromhex(
            "80020000003d000001294000000c0000000940000009000001000000"
            "20")[:29]
        found.add(change[1][29:])
    assert len(found) == 2 and all(len(auth) == 32 for auth in found)


def test_client_that_leaves_and_the_next(boot, tpm):
    """Separators and authorization once; what happened is in the log."""
    one = tpm()
    vm = boot(*one.options, *disk(), *LEAVES)
    Measured(vm)
    vm.expect(PROMPT)
    vm.line("boot disk log=1")
    found = Measured(vm)
    assert vm.ended() == 0
    log = found.check()
    path = measured.DISK + ":1"
    twice = measured.booting(path)
    assert log.lines(4) == ["4 SEPARATOR 00000000", *twice,
                            "4 ACTION Returning from " + path, *twice]
    assert [line for line in log.lines() if "SEPARATOR" in line] == \
        measured.SEPARATORS
    # The second and third are the client's own.
    assert count(one, "HierarchyChangeAuth") == 3
    assert found.authorization == 0x9a2


def test_next_client_is_measured_though_the_last_had_the_log(boot, tpm):
    """Or it would have the PCRs of the last one, and what is sealed to them."""
    vm = boot(*tpm().options, *disk(), "-prom-env", "boot-file=return=1")
    first = Measured(vm)
    first.check()
    vm.expect(PROMPT)
    vm.line("boot disk return=0")
    second = Measured(vm)
    path = measured.DISK + ":1"
    twice = measured.booting(path)
    assert second.check().lines(4) == [
        "4 SEPARATOR 00000000", *twice, "4 ACTION Returning from " + path,
        *twice]
    assert differ(first, second) == [1, 4, 5]
    assert vm.ended() == 0


def test_prompt_is_measured(boot, tpm):
    one = tpm("sha256")
    vm = boot(*one.options, *disk(), "-prom-env", "auto-boot?=false")
    vm.expect(PROMPT)
    assert "HierarchyChangeAuth" not in one.names()
    vm.line("boot")
    log = Measured(vm).check()
    assert log.lines(1)[-2:] == ["1 ACTION Entering ROM Based Setup",
                                 "1 SEPARATOR 00000000"]
    assert "1 CONFIG_FLAGS auto-boot?=false" in log.lines(1)
    assert vm.ended() == 0
    assert count(one, "HierarchyChangeAuth") == 2


def test_reset_by_the_firmware(boot, tpm):
    """The TPM is shut down first, and starts anew: the same PCRs."""
    one = tpm()
    vm = boot(*one.options, *disk(), *LEAVES)
    first = Measured(vm)
    vm.expect(PROMPT)
    vm.line("reset-all")
    assert differ(first, Measured(vm)) == []
    vm.expect(PROMPT)
    names = one.names()
    second = names.index("Startup", 1)
    assert names[second - 1] == "Shutdown"
    assert names[second:second + 3] == names[:3]


def run(vm, command):
    vm.line(command)
    vm.expect(PROMPT)
    return vm.before()


def test_tpm_is_where_libvirt_puts_it(boot, tpm):
    """Beside other devices with a queue."""
    one = tpm("sha256", ",reg=0x30000000")
    vm = boot(*one.options, *devices.disk("spapr-vscsi", images.boot_disk(
        measured.client())), "-nic", "user,model=spapr-vlan", "-prom-env",
        "auto-boot?=false")
    vm.expect(PROMPT)
    assert "vtpm@30000000" in run(vm, "ls /vdevice")
    vm.line("boot")
    Measured(vm).check()
    assert vm.ended() == 0


@pytest.mark.parametrize("there", (True, False))
def test_property_says_whether_measurements_are_kept(boot, tpm, there):
    """LoPAR: ibm,trusted-boot."""
    vm = boot(*(tpm().options if there else []), "-prom-env",
              "auto-boot?=false")
    vm.expect(PROMPT)
    assert re.search(r"ibm,trusted-boot +0*%d\b" % there,
                     run(vm, ".properties /"))


def test_prompt_shows_and_changes_the_banks(boot, tpm):
    one = tpm("sha1,sha256")
    vm = boot(*one.options, *disk(), "-prom-env", "auto-boot?=false")
    vm.expect(r"TPM 2\.0: banks sha1, sha256\r")
    vm.expect(PROMPT)
    text = run(vm, "tpm")
    assert "Active banks: sha1, sha256\n" in text
    assert "Inactive banks: sha384, sha512\n" in text
    assert "Platform: not locked\n" in text
    assert re.findall(r"sha256 PCR (\d): [0-9a-f]{64}\n", text) == [
        str(n) for n in range(8)]
    assert "sha3" in run(vm, "tpm banks sha256,sha3")
    assert "usage" in run(vm, "tpm banks")
    assert "PCR_Allocate" not in one.names()
    vm.line("tpm banks sha256,sha512")
    vm.expect(r"TPM 2\.0: banks sha256, sha512\r")
    names = one.names()
    at = names.index("PCR_Allocate")
    assert names[at:at + 3] == ["PCR_Allocate", "Shutdown", "Startup"]
    vm.expect(PROMPT)
    vm.line("boot")
    assert Measured(vm).check().banks() == ["sha256", "sha512"]
    assert vm.ended() == 0


def test_prompt_clears_the_tpm_before_a_client_alone(boot, tpm):
    one = tpm("sha256")
    vm = boot(*one.options, *disk(), *LEAVES, "-prom-env", "auto-boot?=false")
    vm.expect(PROMPT)
    assert run(vm, "tpm clear").split("tpm clear")[1] == "\n ok\n"
    done = [answer[6:10] for name, _, answer in one.commands()
            if name == "Clear"]
    assert done == [bytes(4)]
    vm.line("boot")
    Measured(vm)
    vm.expect(PROMPT)
    assert "a client has run" in run(vm, "tpm clear")
    assert "a client has run" in run(vm, "tpm banks sha1")
    assert "Platform: locked" in run(vm, "tpm")
    assert count(one, "Clear") == 1 and "PCR_Allocate" not in one.names()


def test_prompt_without_a_tpm_says_so(boot):
    vm = boot("-prom-env", "auto-boot?=false")
    vm.expect(PROMPT)
    assert "there is no TPM 2.0" in run(vm, "tpm")


def test_reset_by_the_host(boot, tpm):
    """Also of a kernel whose memory was written to."""
    one = tpm()
    vm = boot(*one.options, "-kernel", measured.client(), "-append",
              "return=1")
    first = Measured(vm)
    first.check()
    vm.expect(PROMPT)
    vm.qmp("system_reset")
    second = Measured(vm)
    second.check()
    assert differ(first, second) == []


def test_migration_takes_the_log_along(boot, tpm):
    """QEMU before 8.2 loses the decrementer of a guest that sleeps; see
    test_menu.py."""
    one, other = tpm(), tpm()
    options = [*disk(), "-prom-env", "auto-boot?=false"]
    here = boot(*one.options, *options)
    there = boot(*other.options, *options, "-incoming", "defer")
    here.expect(PROMPT)
    here.migrate(there)
    there.monitor("nmi")
    there.expect(PROMPT)
    there.line("boot")
    log = Measured(there).check()
    assert "0 S_CRTM_CONTENTS " in log.lines()
    assert there.ended() == 0
    assert "Startup" not in other.names()
