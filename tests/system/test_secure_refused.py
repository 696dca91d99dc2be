# SPDX-License-Identifier: BSD-2-Clause
"""Secure boot: what is not signed, damaged, denied or too old is refused with
its reason, and the next target is tried."""
import hashlib
import re
import struct

import pytest

import clients
import devices
import images
import netuser
import secure
import signing

PROMPT = r"0 > "
STAMP = r"STAMP timebase [0-9a-f]{16}"
SBAT = "sbat,1,SBAT Version,sbat,1,x\ngrub,%d,Free Software Foundation,grub\n"


def good(client="stamp.be32", **how):
    return signing.sign_program(secure.client(client), secure.one(), **how)


def flip(data, at, bit=0):
    data = bytearray(data)
    data[at] ^= 1 << bit
    return bytes(data)


@pytest.fixture(scope="module")
def bios(tmp_path_factory):
    return secure.firmware(tmp_path_factory.mktemp("keys"),
                           keys=[secure.one()])


def all_refused(boot, folder, bios, programs, last=None):
    """Boots the programs {name: bytes} in turn, and then one that is good;
    returns what was said of each: name -> text."""
    programs = dict(programs, last=last or good())
    vm = secure.boot_each(boot, folder, bios, programs)
    vm.expect(STAMP)
    told = secure.attempts(vm)
    assert list(told) == list(programs)
    assert not [n for n in programs if n != "last" and secure.runs(told[n])]
    wrong = {n: t for n, t in told.items()
             if n != "last" and not re.match(r"\s*E34\d\d: [^\n]+: [^\n]+", t)}
    assert not wrong
    return told




def note_at(program):
    return program.rindex(b"Appended-Signature\0") - 12


def parts(program):
    """name -> (first byte, end) of what a program consists of; table: of
    program headers and the notes."""
    note = note_at(program)
    size, = struct.unpack(">I", program[-32:-28])
    end = len(program) - signing.TRAILER
    return {"headers": (0, 128), "segment": (128, note),
            "table": (note - 3 * 32, end - size),
            "note": (note, end - size), "pkcs7": (end - size, end),
            "value": (end - 256, end), "trailer": (end, end + 40)}


@pytest.mark.parametrize("part,step", (
    ("headers", 1), ("segment", 61), ("table", 1), ("value", 5),
    ("trailer", 1)))
def test_flipped_bit_is_refused(boot, tmp_path, bios, part, step):
    program = good(sbat=SBAT % 3)
    first, end = parts(program)[part]
    all_refused(boot, tmp_path, bios, {
        "%s-%d" % (part, at): flip(program, at, at % 8)
        for at in range(first, end, step)})


def test_flip_in_the_wrapping_never_runs_other_bytes(boot, tmp_path, bios):
    """Some bytes of PKCS#7 are not signed: the issuer, versions. The tool
    knows as the firmware does which of these flips matter."""
    program = good()
    first, end = parts(program)["pkcs7"][0], parts(program)["value"][0]
    flips = {"p%d" % at: flip(program, at, at % 8)
             for at in range(first, end)}
    vm = secure.boot_each(boot, tmp_path, bios, flips)
    vm.expect(PROMPT)
    told = secure.attempts(vm)
    accepted = {name for name in flips if secure.runs(told[name])}
    files = {n: str(tmp_path / "files.img.d" / n) for n in flips}
    assert accepted == {n for n in flips if secure.accepts(bios, files[n])}
    assert 0 < len(accepted) < len(flips) / 2


def test_flipped_bit_of_elf64_is_refused(boot, tmp_path, bios):
    program = good("stamp.be64")
    table = parts(program)["note"][0] - 2 * 56
    all_refused(boot, tmp_path, bios, {
        "f%d" % at: flip(program, at, at % 8)
        for at in [*range(128), *range(table, parts(program)["note"][1])]})


def test_program_cut_at_any_place_is_refused(boot, tmp_path, bios):
    program = good()
    all_refused(boot, tmp_path, bios, {
        "c%d" % size: program[:size]
        for size in [*range(64, len(program), 64), len(program) - 1]})


def longer_segment(program, more=0):
    """The segment goes on to the file's end, or over what follows."""
    data = bytearray(program)
    size = len(data) - 128 + more
    phoff, = struct.unpack_from(">I", data, 28)
    struct.pack_into(">II", data, phoff + 16, size, size + 65536)
    return bytes(data)


def refused_kinds():
    """name -> (the program, what the reason says)"""
    elf, one, two = secure.client(), secure.one(), secure.two()
    other = signing.sign_program(secure.client("policy.be32"), one)
    signed, end = good(), parts(good())["note"][1]
    wide = secure.client("stamp.be64")
    cms = signing.pkcs7(elf, [one])
    return {
        "unsigned": (elf, "not signed"),
        "unsigned64": (wide, "not signed"),
        "unsigned64le": (secure.client("stamp.le64"), "not signed"),
        "stranger": (signing.sign_program(elf, two), "signed by none of 1"),
        "stranger-file": (signing.sign_file(wide, two, two), "signed by none"),
        "of-another": (signed[:end] + other[parts(other)["note"][1]:],
                       "signed by none"),
        "signed-then-changed": (longer_segment(signed), "not inside what is"),
        "segment-over-signature": (signing.sign_file(
            longer_segment(elf, 400), one), "not inside what is"),
        "bytes-after": (signed + b"\0", "not signed"),
        "zeros-after": (signed + bytes(4096), "not signed"),
        "no-room": (signed[:note_at(signed)], "not signed"),
        "room-empty": (signed[:end] + bytes(len(signed) - end),
                       "not signed"),
        "magic-only": (elf + signing.MAGIC, "last 40 bytes"),
        "length-zero": (elf + signing.trailer(0), "of 0 bytes"),
        "length-too-long": (elf + signing.trailer(len(elf) + 1), "of %d bytes" %
                            (len(elf) + 1)),
        "length-all": (elf + signing.trailer(0xffffffff), "of 4294967295"),
        "garbage": (elf + b"\x30" * 400 + signing.trailer(400), "damaged"),
        "certificate": (elf + open(one.der, "rb").read() + signing.trailer(
            len(open(one.der, "rb").read())), "damaged"),
        "twice": (elf + cms + cms + signing.trailer(2 * len(cms)), "followed"),
        "roomy": (good(size=1000), "has room for 1000"),
        "sha1": (signing.sign_file(elf, one, digest="sha1"), "not SHA-256"),
        "sha224": (signing.sign_file(elf, one, digest="sha224"), "not SHA-256"),
        "attributes": (signing.sign_file(elf, one, attributes=True),
                       "signed attributes"),
        "inside": (signing.sign_file(elf, one, detached=False),
                   "is inside the signature"),
    }


def test_bad_signatures_are_refused_with_the_reason(boot, tmp_path, bios):
    kinds = refused_kinds()
    told = all_refused(boot, tmp_path, bios,
                       {n: program for n, (program, _) in kinds.items()})
    wrong = {n: told[n] for n, (_, why) in kinds.items()
             if not re.search(why, told[n])}
    assert not wrong


def test_tool_and_firmware_agree(tmp_path, bios):
    for name, (program, _) in refused_kinds().items():
        path = tmp_path / name
        path.write_bytes(program)
        assert not secure.accepts(bios, path), name
    (tmp_path / "good").write_bytes(good())
    assert secure.accepts(bios, tmp_path / "good")


def content(program):
    size, = struct.unpack(">I", program[-32:-28])
    return program[:len(program) - signing.TRAILER - size]


def test_denied_contents_are_refused(boot, tmp_path):
    """However they are signed: what is denied is what was signed."""
    bad = good(sbat=SBAT % 3)
    (tmp_path / "bad").write_bytes(bad)
    path = secure.firmware(
        tmp_path, keys=[secure.one(), secure.two()],
        commands=[("deny", tmp_path / "bad")])
    again = signing.sign_file(content(bad), secure.two())
    told = all_refused(boot, tmp_path, path, {
        "bad": bad, "again": again,
        "wrapped": flip(bad, bad.rindex(b"quoin test one"))})
    for name in ("bad", "again", "wrapped"):
        assert "its contents are on the deny list" in told[name], name
    assert hashlib.sha256(content(bad)).hexdigest() in secure.tool(
        "show", path)


def test_denied_certificate_is_no_key(boot, tmp_path):
    path = secure.firmware(
        tmp_path, keys=[secure.one(), secure.two()],
        commands=[("deny", secure.one().der)])
    other = signing.sign_program(secure.client(), secure.two())
    told = all_refused(boot, tmp_path, path, {"denied": good()}, other)
    assert "denied" in told["denied"]


def test_old_generations_are_refused(boot, tmp_path):
    path = secure.firmware(tmp_path, keys=[secure.one()],
                           commands=[("sbat", "grub,3")])
    told = all_refused(boot, tmp_path, path, {
        "old": good(sbat=SBAT % 2), "none": good(),
        "without-end": good(sbat=(SBAT % 2).rstrip("\n")),
        "huge": good(sbat="grub,99999999999999999999\n")},
        good(sbat=SBAT % 3))
    assert "grub" in told["old"] and re.search("(?i)sbat", told["none"])


def test_aix_image_is_refused(boot, bios):
    vm = boot(*devices.cdrom("spapr-vscsi", clients.aix_disc()), bios=bios)
    vm.expect(r"E3403: [^\r\n]*AIX[^\r\n]*cannot be signed")
    vm.expect(PROMPT)


def test_boot_script_is_refused(boot, tmp_path, bios):
    told = all_refused(boot, tmp_path, bios, {
        "script": b"\\ a script\ncafec0de 5000 l! boot disk:2,\\last\n",
        "comment": b"\\ \n"})
    assert "a boot script cannot be signed" in told["script"]


def test_unsigned_media_are_refused_and_the_next_is_tried(boot, tmp_path,
                                                          bios):
    """A disk, a disc, the network; then a disk that is signed."""
    stamp = images.guest("stamp.be32")
    folder = netuser.folder(tmp_path, {"client": stamp})
    vm = boot(
        *devices.disk("virtio-scsi", images.boot_disk(stamp), "a",
                      "bootindex=1"),
        *devices.cdrom("spapr-vscsi", images.boot_disc(stamp), "b",
                       "bootindex=2"),
        "-device", "virtio-net-pci,netdev=n0,bootindex=3",
        *netuser.user(folder, "client"),
        *devices.disk("virtio-blk-modern",
                      secure.prep_disk(tmp_path, good()), "c",
                      "bootindex=4"), bios=bios)
    for _ in range(3):
        vm.expect(r"Trying to load: ")
        vm.expect(r"E3403: Bad executable: [^\r\n]*not signed[^\r\n]*\r")
    vm.expect(r"Verified")
    vm.expect(STAMP)


def in_partitions():
    """name -> (what a PReP partition holds, what the reason says). What is no
    ELF file there has no end, and what follows an ELF file is ignored."""
    signed, elf = good(), secure.client()
    end = parts(signed)["note"][1]
    return {
        "unsigned": (elf, "not signed"),
        "unsigned64": (secure.client("stamp.be64"), "not signed"),
        "followed": (elf + signed[end:], "not signed"),
        "empty-room": (signed[:end], "not signed"),
        "other's-room": (flip(signed, 5000), "signed by none"),
        "longer": (longer_segment(signed, 4096), "not signed|not inside"),
        "script": (b"\\ script\n boot\n", "a boot script cannot be signed"),
        "file-signature": (signing.sign_file(elf, secure.one()),
                           "not signed")}


@pytest.mark.parametrize("table", ("mbr", "gpt"))
def test_bad_partitions_are_refused(boot, tmp_path, bios, table):
    options = ["-device", "virtio-scsi-pci,id=hba"]
    kinds = dict(in_partitions(), last=(good(), ""))
    for n, (name, (program, _)) in enumerate(kinds.items()):
        options += devices.drive(secure.prep_disk(
            tmp_path, program, "--table=" + table, name=name), "d%d" % n)
        options += ["-device", "scsi-hd,drive=d%d,bus=hba.0,scsi-id=%d,"
                    "bootindex=%d" % (n, n, n)]
    vm = boot(*options, bios=bios)
    for name, (_, why) in in_partitions().items():
        vm.expect(r"(E3403: [^\r\n]*)\r")
        assert re.search(why, vm.child.match.group(1)), name
    vm.expect("Verified: ")
    vm.expect(STAMP)


@pytest.mark.parametrize("how", ("kernel", "both"))
def test_unsigned_kernel_of_pxelinux_is_refused(boot, tmp_path, bios, how):
    folder = netuser.folder(tmp_path, {
        "pxe/kernel": secure.client(), "pxe/initrd": b"an initrd",
        "pxe/pxelinux.cfg/default": b"default a\nlabel a\n kernel kernel\n" +
        (b" initrd initrd\n" if how == "both" else b"")})
    vm = boot("-boot", "n", *netuser.card("virtio-net"),
              *netuser.user(folder, "pxe/"), bios=bios)
    vm.expect(r"E3403: [^\r\n]*not signed")
    vm.expect(PROMPT)
    assert "STAMP" not in vm.output()


def test_audit_runs_and_says_what_would_be_refused(boot, tmp_path):
    path = secure.firmware(tmp_path, "audit", [secure.one()])
    kinds = {n: p for n, (p, _) in refused_kinds().items()
             if n.startswith(("unsigned", "stranger"))}
    kinds["good"] = good()
    vm = secure.boot_each(boot, tmp_path, path, kinds)
    vm.expect(PROMPT)
    told = secure.attempts(vm)
    for name in kinds:
        assert secure.runs(told[name]), name
        assert ("would refuse" in told[name]) == (name != "good"), name


def test_audit_lets_scripts_run(boot, tmp_path):
    path = secure.firmware(tmp_path, "audit", [secure.one()])
    vm = secure.boot_each(boot, tmp_path, path, {
        "script": b"\\ a script\ncafec0de 5000 l!\n"})
    vm.expect(r"would refuse [^\r\n]*a boot script cannot be signed")
    vm.expect(PROMPT)
    assert "0xcafec0de" in vm.monitor("xp /1xw 0x5000")


def test_mode_off_is_silent(boot, tmp_path):
    path = secure.firmware(tmp_path, "off", [secure.one()])
    vm = secure.boot_each(boot, tmp_path, path, {
        "unsigned": secure.client(), "good": good()})
    vm.expect(PROMPT)
    assert all(secure.runs(t) for t in secure.attempts(vm).values())
    assert not re.search("(?i)refuse|verified|secure", vm.output())
