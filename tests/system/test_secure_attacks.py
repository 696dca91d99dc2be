# SPDX-License-Identifier: BSD-2-Clause
"""Secure boot against a guest and a user at the console: NVRAM, the prompt,
memory that outlives a reset."""
import re

import pytest

import clients
import devices
import images
import machine
import nvram
import secure
import signing

PROMPT = r"0 > "
MEMORY = 0x5000
DISK = "/pci@800000020000000/scsi@5"

# What an attacker writes into variables.
ATTACKS = {
    "property": dict(boot_command='dev / 0 0 s" ibm,secure-boot" property '
                     'device-end boot'),
    "long": dict(boot_command="cafec0de 5000 l! boot"),
    "word": dict(boot_command="c0de 5002 w! boot"),
    "byte": dict(boot_command="de 5003 c! boot"),
    "nvramrc": {"use_nvramrc?": "true", "nvramrc":
                'dev / 0 0 s" ibm,secure-boot" property device-end'},
    "nvramrc-long": {"use_nvramrc?": "true", "nvramrc": "cafec0de 5000 l!"},
}
FORBIDDEN = r"is not allowed: secure boot is enforced"


@pytest.fixture(scope="module")
def bios(tmp_path_factory):
    return secure.firmware(tmp_path_factory.mktemp("keys"),
                           keys=[secure.one()])


def unsigned():
    return devices.disk("virtio-blk-modern",
                        images.boot_disk(images.guest("stamp.be32")), "bad",
                        "addr=7")


def still_enforced(vm):
    """At the prompt: policy, memory, and what the disk says."""
    vm.line(".properties /")
    vm.expect(r"ibm,secure-boot\s+0*2\s")
    vm.expect(PROMPT)
    assert "de" not in vm.monitor("xp /1xb 0x%x" % (MEMORY + 3)).split(":")[1]
    vm.line("boot " + "/pci@800000020000000/scsi@7")
    vm.expect(r"E3403: [^\r\n]*not signed")
    vm.expect(PROMPT)
    assert "STAMP" not in vm.output()


@pytest.mark.parametrize("attack", ATTACKS)
def test_variables_cannot_change_memory_or_properties(boot, bios, attack):
    variables = ["%s=%s" % (n.replace("_", "-"), v)
                 for n, v in ATTACKS[attack].items()]
    vm = boot(*[word for v in variables for word in ("-prom-env", v)],
              *unsigned(), bios=bios)
    vm.expect(FORBIDDEN)
    vm.expect(PROMPT)
    still_enforced(vm)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_same_variables_work_when_nothing_is_enforced(boot, attack):
    """So the test above would notice."""
    variables = ["%s=%s" % (n.replace("_", "-"), v)
                 for n, v in ATTACKS[attack].items()]
    vm = boot(*[word for v in variables for word in ("-prom-env", v)],
              *unsigned())
    vm.expect(r"STAMP")
    assert not re.search(FORBIDDEN, vm.output())


def test_file_of_nvram_cannot_either(boot, bios, tmp_path):
    path = tmp_path / "nvram"
    path.write_bytes(nvram.image(**ATTACKS["property"]))
    vm = boot("-drive", "file=%s,if=pflash,format=raw" % path, *unsigned(),
              bios=bios)
    vm.expect(FORBIDDEN)
    vm.expect(PROMPT)
    still_enforced(vm)


@pytest.mark.parametrize("text", (
    "cafec0de 5000 l!", "c0de 5002 w!", "de 5003 c!",
    'dev / 0 0 s" ibm,secure-boot" property device-end'))
def test_prompt_cannot_either(boot, bios, text):
    vm = boot("-prom-env", "auto-boot?=false", *unsigned(), bios=bios)
    vm.expect(PROMPT)
    vm.line(text)
    vm.expect(FORBIDDEN)
    vm.expect(PROMPT)
    still_enforced(vm)


def test_prompt_still_boots_what_is_signed(boot, bios, tmp_path):
    vm = boot("-prom-env", "auto-boot?=false", *signed_client(tmp_path, ""),
              bios=bios)
    vm.expect(PROMPT)
    vm.line("setenv boot-file return=0 chosen")
    vm.expect(PROMPT)
    vm.line("boot disk")
    vm.expect(r"POLICY secure-boot 2 ")
    assert vm.ended() == 0


def test_load_and_go_verify(boot, bios):
    vm = boot("-prom-env", "auto-boot?=false", *unsigned(), bios=bios)
    vm.expect(PROMPT)
    vm.line("load disk")
    vm.expect(r"E3403: [^\r\n]*not signed")
    vm.expect(PROMPT)
    vm.line("go")
    vm.expect(PROMPT)
    assert "STAMP" not in vm.output()


def signed_client(folder, arguments):
    """A disk with the client policy, signed with its arguments."""
    program = clients.with_arguments(secure.client("policy.be32"), arguments)
    disk = secure.prep_disk(folder, signing.sign_program(
        program, secure.one()))
    return devices.disk("virtio-blk-modern", disk, "good", "addr=3")


def payload(folder, data):
    """A disk of these bytes, from which the client copies."""
    path = str(folder / "payload")
    with open(path, "wb") as f:
        f.write(data + b"\0" * (-len(data) % 512))
    return devices.disk("virtio-blk-modern", path, "payload", "addr=5")


@pytest.mark.parametrize("attack", ("property", "long", "nvramrc"))
def test_guest_that_writes_nvram_changes_nothing(boot, bios, tmp_path,
                                                 attack):
    vm = boot(*signed_client(tmp_path, "to=nvram from=" + DISK),
              *payload(tmp_path, nvram.image(**ATTACKS[attack])), *unsigned(),
              bios=bios)
    vm.expect(r"POLICY secure-boot 2 ")
    vm.expect(r"NVRAM written")
    vm.expect(FORBIDDEN)
    if "nvramrc" in ATTACKS[attack]:
        vm.expect(r"POLICY secure-boot 2 ")
        assert vm.ended() == 0
        return
    vm.expect(PROMPT)
    still_enforced(vm)
    vm.line("boot /pci@800000020000000/scsi@3")
    vm.expect(r"POLICY secure-boot 2 ")
    assert vm.ended() == 0


@pytest.mark.parametrize("attack", ("off", "other keys", "damaged"))
def test_guest_that_plants_another_policy_changes_nothing(boot, bios, tmp_path,
                                                          attack):
    """It writes the whole file that the host would attach, header included,
    to where QEMU has loaded the host's; the reset loads that again."""
    if attack == "off":
        data = open(secure.firmware(tmp_path, "off"), "rb").read()
    elif attack == "other keys":
        data = open(secure.firmware(tmp_path, keys=[secure.two()]),
                    "rb").read()
    else:
        data = open(bios, "rb").read()[:-1] + b"\xff"
    vm = boot(*signed_client(tmp_path, "to=memory from=" + DISK),
              *payload(tmp_path, data), bios=bios)
    vm.expect(r"POLICY secure-boot 2 ")
    vm.expect(r"MEMORY written")
    vm.expect(r"Verified: ")
    vm.expect(r"POLICY secure-boot 2 ")
    assert vm.ended() == 0


def test_guest_cannot_attach_keys_to_a_firmware_without(boot, tmp_path):
    data = open(secure.firmware(tmp_path, keys=[secure.two()]), "rb").read()
    assert len(data) > len(open(machine.FIRMWARE, "rb").read())
    vm = boot(*signed_client(tmp_path, "to=memory from=" + DISK),
              *payload(tmp_path, data))
    vm.expect(r"POLICY secure-boot 0 ")
    vm.expect(r"MEMORY written")
    vm.expect(r"POLICY secure-boot 0 ")
    assert vm.ended() == 0


def moved(boot, bios, destination, *options):
    """A machine at the prompt, migrated to another with another file. The NMI
    wakes the prompt: QEMU before 8.2 loses the decrementer with TCG."""
    options += ("-prom-env", "auto-boot?=false")
    vm = boot(*options, bios=bios)
    vm.expect(PROMPT)
    to = boot(*options, "-incoming", "defer", bios=destination)
    vm.migrate(to)
    to.monitor("nmi")
    to.expect(PROMPT)
    return to


def test_policy_moves_with_the_machine(boot, bios):
    vm = moved(boot, bios, bios, *unsigned())
    still_enforced(vm)
    vm.qmp("system_reset")
    vm.expect("Secure boot: enforcing, 1 key")


def test_reset_after_a_migration_loads_the_destination_s_file(boot, bios,
                                                              tmp_path):
    """As docs/trusted-boot.md says: both hosts need the same."""
    other = secure.firmware(tmp_path, "audit", keys=[secure.one(),
                                                     secure.two()])
    vm = moved(boot, bios, other, *unsigned())
    vm.line("boot disk")
    vm.expect(r"E3403: [^\r\n]*not signed")
    vm.qmp("system_reset")
    vm.expect("Secure boot: audit, 2 keys")
