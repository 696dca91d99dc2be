# SPDX-License-Identifier: BSD-2-Clause
"""Ring 3: stand-ins for AIX's boot image, FreeBSD's loader and yaboot, from
the media that the real ones boot from."""
import re

import pytest

import clients
import devices
import images

pytestmark = pytest.mark.guest

RECIPE = ("dev / 0 0 s\" ibm,aix-diagnostics\" property "
          "boot cdrom:\\ppc\\chrp\\bootfile.exe -s verbose")
DISC = ["# SKIP booted from a disc"]
STAY = ["# SKIP not asked to exit"]
STAMP = r"STAMP timebase [0-9a-f]{16}"
PROMPT = r"0 > "


def verdicts(vm):
    """What the client said of each case: number -> rest of the line."""
    text = vm.output()
    text = text[text.rindex("TAP version 14"):]
    count = int(re.search(r"^1\.\.(\d+)$", text, re.M).group(1))
    lines = re.findall(r"^((?:not )?ok) (\d+) - (.*)$", text, re.M)
    assert [int(n) for _, n, _ in lines] == list(range(1, count + 1))
    return lines


def ends_well(vm, skipped=()):
    """All cases pass, but those that are skipped with one of these reasons."""
    vm.expect(r"# end\r")
    bad = [n + " " + rest for how, n, rest in verdicts(vm)
           if how != "ok" or ("# SKIP" in rest and
                              not rest.endswith(tuple(skipped)))]
    assert not bad, vm.output()
    assert vm.ended() == 0


def note(vm, pattern):
    return re.search(pattern, vm.output(), re.M)


@pytest.mark.parametrize("controller", ("spapr-vscsi", "virtio-scsi"))
def test_aix_finds_its_image_from_a_disc(boot, controller):
    vm = boot(*devices.cdrom(controller, clients.aix_disc()))
    ends_well(vm, DISC + STAY)
    assert note(vm, r"^# /\S+:,\\ppc\\chrp\\bootfile\.exe$")


@pytest.mark.parametrize("prep", (28, 32, 64))
def test_aix_finds_its_image_from_a_partition_of_mib(boot, prep):
    """32 MiB at 0x4000 reach over the place of the image's segments."""
    vm = boot(*devices.disk("virtio-scsi", clients.aix_disk(prep)))
    ends_well(vm, STAY)


@pytest.mark.parametrize("controller", ("spapr-vscsi", "virtio-blk-legacy"))
def test_aix_boots_from_every_kind_of_disk(boot, controller):
    vm = boot(*devices.disk(controller, clients.aix_disk()))
    ends_well(vm, STAY)


def test_aix_has_the_memory_up_to_4_gib_as_heap(boot):
    vm = boot(*devices.disk("spapr-vscsi", clients.aix_disk()), "-smp", "4",
              machine="pseries,ic-mode=xics", memory="4G")
    ends_well(vm, STAY)
    heap = note(vm, r"^# heap at 0x(\w+)\n# bytes 0x(\w+)$")
    base, size = int(heap.group(1), 16), int(heap.group(2), 16)
    assert base + size == 1 << 32 and size >= (1 << 31)


def test_aix_recipe_sets_diagnostics_and_arguments(boot):
    vm = boot(*devices.cdrom("spapr-vscsi", clients.aix_disc()),
              "-prom-env", "boot-command=" + RECIPE,
              "-prom-env", "input-device=/vdevice/vty@71000000",
              "-prom-env", "output-device=/vdevice/vty@71000000")
    ends_well(vm, DISC + STAY)
    assert note(vm, r"^# ibm,aix-diagnostics$")
    assert note(vm, r"^# bootargs:\n# -s verbose$")


@pytest.mark.parametrize("command", (
    "boot cdrom: -s verbose",
    "boot /vdevice/v-scsi@71000002/disk@8000000000000000 -s verbose"))
def test_aix_is_verbose_with_other_recipes(boot, command):
    vm = boot(*devices.cdrom("spapr-vscsi", clients.aix_disc()),
              "-prom-env", "boot-command=" + command)
    ends_well(vm, DISC + STAY)
    assert note(vm, r"^# no ibm,aix-diagnostics$")
    assert note(vm, r"^# bootargs:\n# -s verbose$")


def test_aix_without_arguments_has_none(boot):
    vm = boot(*devices.disk("virtio-scsi", clients.aix_disk()))
    ends_well(vm, STAY)
    assert note(vm, r"^# bootargs:\n# *$")
    assert note(vm, r"^# no ibm,aix-diagnostics$")


def test_aix_gives_its_memory_to_the_next_client(boot):
    """yaboot is linked at 1 MiB, where the raw image was."""
    vm = boot(*devices.disk("spapr-vscsi", clients.aix_disk(64), "a",
                            "bootindex=1"),
              *devices.disk("virtio-blk-modern", clients.yaboot_disk(), "y",
                            "bootindex=2"), "-prom-env", "boot-file=-exit")
    vm.expect(r"# leave \d+ exit\r")
    vm.expect(r"\nboot: ")
    assert "not ok" not in vm.output()


def reason(boot, disc, *args):
    """The message of a bad disc; a good disk is booted instead."""
    disk = images.boot_disk(images.guest("stamp.be32"))
    vm = boot(*devices.cdrom("spapr-vscsi", disc, options="bootindex=1"),
              *devices.disk("virtio-blk-modern", disk, options="bootindex=2"),
              *args)
    vm.expect(r"(E34\d\d: [^\r\n]+)\r")
    text = vm.child.match.group(1)
    vm.expect(STAMP)
    return text


def test_truncated_aix_image_gives_a_reason(boot):
    text = reason(boot, clients.aix_disc(cut=0x11000))
    assert re.match(r"E3403: .*/disk@\S+.*truncated: segment at 2000000", text)


def test_aix_image_without_its_header_gives_a_reason(boot):
    text = reason(boot, clients.aix_disc(cut=20))
    assert re.match(r"E3403: .*ELF", text)


def test_missing_bootfile_is_named(boot):
    text = reason(boot, clients.aix_disc(cut=0))
    assert re.match(r"E3404: .*disk@\S+bootfile\.exe: no file", text)


def test_aix_image_larger_than_memory_gives_a_reason(boot):
    vm = boot(*devices.disk("virtio-scsi", clients.aix_disk(1024)))
    vm.expect(r"E3408: [^\r\n]* 40000000 bytes at load-base 4000: ")
    vm.expect(PROMPT)


@pytest.mark.parametrize("table", ("mbr", "gpt"))
@pytest.mark.parametrize("controller", ("virtio-blk-modern", "virtio-scsi",
                                        "spapr-vscsi"))
def test_freebsd_goes_from_boot1_to_its_kernel(boot, controller, table):
    vm = boot(*devices.disk(controller, clients.freebsd_disk(table)),
              memory="512M")
    ends_well(vm)
    assert "Bail out!" not in vm.output()


@pytest.mark.parametrize("controller", ("virtio-scsi", "spapr-vscsi"))
def test_freebsd_goes_from_a_disc_to_its_kernel(boot, controller):
    vm = boot(*devices.cdrom(controller, clients.freebsd_disc()),
              memory="512M")
    ends_well(vm, DISC)
    assert "Bail out!" not in vm.output()


def test_freebsd_copies_the_tree_of_a_large_machine(boot):
    nodes = ["-smp", "16", "-device", "spapr-pci-host-bridge,index=1",
             "-device", "spapr-vlan", "-device", "spapr-rng,rng=r0",
             "-object", "rng-builtin,id=r0", "-device", "VGA", "-device", "pci-bridge,chassis_nr=1,id=b0"]
    for n in range(12):
        nodes += ["-device", "virtio-net-pci,bus=b0,addr=%d" % (n + 1)]
    vm = boot(*devices.disk("spapr-vscsi", clients.freebsd_disk()), *nodes,
              memory="512M")
    ends_well(vm)
    count = note(vm, r"^# nodes 0x(\w+)$").group(1)
    assert int(count, 16) >= 50
    assert "Bail out!" not in vm.output()


def yaboot(boot, *args):
    """Types at its prompt; nothing may be said of claims that fail."""
    vm = boot(*args)
    vm.expect(r"\nboot: ")
    vm.send("linux root=/dev/sda2 quiet\r")
    vm.expect(r"# leave \d+ exit\r")
    vm.expect(PROMPT)
    lines = vm.output()
    assert "# linux root=/dev/sda2 quiet\n" in lines
    claims = re.findall(r"# claims begin\n(.*?)# claims end\n", lines, re.S)
    assert claims == ["", ""]
    text = lines[:lines.index("# leave")]
    assert not re.search(r"^not ok|# SKIP", text, re.M), text
    count = int(re.search(r"^1\.\.(\d+)$", text, re.M).group(1))
    assert len(re.findall(r"^ok \d+ - ", text, re.M)) == count - 1


@pytest.mark.parametrize("table", ("mbr", "gpt"))
@pytest.mark.parametrize("controller", ("virtio-blk-legacy", "virtio-scsi",
                                        "spapr-vscsi"))
def test_yaboot_loads_what_its_configuration_says(boot, controller, table):
    yaboot(boot, *devices.disk(controller, clients.yaboot_disk(table)))


def test_yaboot_loads_from_a_disc(boot):
    yaboot(boot, *devices.cdrom("spapr-vscsi", clients.yaboot_disc()))


def test_yaboot_bears_a_network_that_does_not_answer(boot):
    yaboot(boot, *devices.disk("spapr-vscsi", clients.yaboot_disk()),
           "-device", "spapr-vlan,netdev=n0",
           "-netdev", "socket,id=n0,udp=127.0.0.1:9,localaddr=127.0.0.1:0")
