# SPDX-License-Identifier: BSD-2-Clause
"""Measured boot: the same boot has the same PCRs, and what changes shows in its
own PCR and in no other."""
import broken
import images
import machine
import measured
import netuser
from eventlog import differ


def flipped(source, to, mark):
    """A copy with one bit changed, just after the mark."""
    data = bytearray(measured.read(source))
    data[data.index(mark) + len(mark)] ^= 1
    to.write_bytes(data)
    return str(to)


def room(source, to):
    """A client with another byte where its arguments could be."""
    return flipped(source, to, b"GUEST-ARGUMENTS:" + bytes(200))


def prep(client, *options):
    image = client + ".img"
    images.script("make-disk", "--boot=" + client, "--size=1", image)
    return [*measured.disk(image), *options]


def test_disk_the_same_and_changed(boot, tpm, tmp_path):
    """QEMU's rng-seed is another in every boot."""
    def run(*options, **named):
        return measured.run(boot, tpm("sha256"), options, **named)
    path = measured.mbr_path(tmp_path)
    first = run(*path.options)
    assert differ(first, run(*path.options)) == []
    program = room(measured.client(), tmp_path / "program")
    assert differ(first, run(*prep(program))) == [4]
    variable = ["-prom-env", "nvramrc=\\ a comment"]
    assert differ(first, run(*path.options, *variable)) == [1]
    # What changes memory may change what is measured: it counts as code.
    phrase = ["-prom-env", "use-nvramrc?=true", "-prom-env",
              "nvramrc=17 4000 l!"]
    assert differ(first, run(*path.options, *phrase)) == [1, 4]
    arguments = ["-prom-env", "boot-file=some words"]
    assert differ(first, run(*path.options, *arguments)) == [1, 5]
    firmware = flipped(machine.FIRMWARE, tmp_path / "firmware",
                       b"Open Firmware client interface for pserie")
    assert differ(first, run(*path.options, bios=firmware)) == [0]
    assert differ(first, run(*path.options, memory="2G")) == [1]


def test_partition_table_changed(boot, tpm, tmp_path):
    """The disk's number in its MBR; the last block of a partition of a GPT."""
    def run(image):
        return measured.run(boot, tpm("sha256"), measured.disk(image))
    image = images.boot_disk(measured.client())
    other = flipped(image, tmp_path / "mbr", measured.read(image)[:440])
    assert differ(run(image), run(other)) == [5]
    assert differ(run(images.boot_disk(measured.client(), "--table=gpt")),
                  run(images.boot_disk(measured.client(), "--table=gpt",
                                       "--prep=9"))) == [5]


def test_kernel_changed(boot, tpm, tmp_path):
    def run(kernel=measured.client(), initrd=images.guest("stamp.be32"),
            words="some words"):
        return measured.run(boot, tpm("sha256"), [
            "-kernel", kernel, "-initrd", initrd, "-append", words])
    first = run()
    assert differ(first, run()) == []
    kernel = room(measured.client(), tmp_path / "kernel")
    assert differ(first, run(kernel=kernel)) == [4]
    initrd = room(images.guest("stamp.be32"), tmp_path / "initrd")
    assert differ(first, run(initrd=initrd)) == [9]
    # The arguments are also in QEMU's tree.
    assert differ(first, run(words="same words")) == [1, 8]


def test_network_changed(boot, tpm, tmp_path):
    def run(name, config=measured.PXE, client=measured.client(),
            initrd=images.guest("stamp.be32")):
        top = netuser.folder(tmp_path / ("of-" + name), {
            "pxe/pxelinux.cfg/default": config, "pxe/client": client,
            "pxe/first": initrd})
        return measured.run(boot, tpm("sha256"), [
            "-boot", "n", *netuser.card("virtio-net"),
            *netuser.user(top, "pxe/")])
    first = run("first")
    client = room(measured.client(), tmp_path / "client")
    assert differ(first, run("client", client=client)) == [4]
    initrd = room(images.guest("stamp.be32"), tmp_path / "initrd")
    assert differ(first, run("initrd", initrd=initrd)) == [9]
    config = measured.PXE + b"# a comment\n"
    assert differ(first, run("config", config)) == [5]
    config = measured.PXE.replace(b"some words", b"same words")
    assert differ(first, run("words", config)) == [5, 8]


def test_disc_changed(boot, tpm, tmp_path):
    """The program, and the text that names it."""
    def run(program, *text):
        image = str(tmp_path / ("%d.iso" % len(list(tmp_path.iterdir()))))
        empty = tmp_path / "empty"
        empty.mkdir(exist_ok=True)
        images.script("make-chrp-iso", image, program, str(empty), *text)
        return measured.run(boot, tpm("sha256"), measured.devices.cdrom(
            "virtio-scsi", image))
    first = run(measured.client())
    program = room(measured.client(), tmp_path / "program")
    assert differ(first, run(program)) == [4]
    assert differ(first, run(measured.client(), " boot &device;:"
                             "\\boot\\grub\\powerpc.elf")) == [5]


def test_what_did_not_boot_leaves_no_trace(boot, tpm):
    """It changes PCR 1, of the machine, alone: an empty disk, a program that
    cannot be placed, a text on a disc that names no program."""
    first = [measured.disk(images.made_empty(), "d1", "addr=3,bootindex=1"),
             measured.disk(broken.elf_over_the_firmware(), "d1",
                           "addr=3,bootindex=1"),
             measured.devices.cdrom("virtio-scsi", images.boot_disc(
                 measured.client(), "boot &device;:\\nothing"),
                 options="bootindex=1")]
    last = measured.disk(images.boot_disk(measured.client()), "d0",
                         "addr=0,bootindex=2")
    alone = measured.run(boot, tpm("sha256"), last)
    for options in first:
        vm = boot(*tpm("sha256").options, *last, *options)
        vm.expect(r"E3\d+")
        found = measured.Measured(vm)
        assert differ(alone, found) == [1]
        lines = [line for line in found.check().lines() if "Booting" in line]
        assert lines == ["4 ACTION Booting %s:1" % measured.DISK]


def test_network_that_did_not_boot_leaves_no_trace(boot, tpm, tmp_path):
    """The configuration was read, then the initrd is not there."""
    top = netuser.folder(tmp_path, {"pxe/pxelinux.cfg/default": measured.PXE,
                                    "pxe/client": measured.client()})
    options = [*netuser.card("virtio-net", "bootindex=1,addr=5"),
               *measured.disk(images.boot_disk(measured.client()), "d0",
                              "bootindex=2,addr=0")]
    nothing = netuser.folder(tmp_path / "empty", {"file": b""})
    alone = measured.run(boot, tpm("sha256"), [
        *options, *netuser.user(nothing, "none")])
    vm = boot(*tpm("sha256").options, *options, *netuser.user(top, "pxe/"))
    vm.expect(r"E3009: [^\n]*first")
    found = measured.Measured(vm)
    found.check()
    assert differ(alone, found) == []
