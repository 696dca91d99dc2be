# SPDX-License-Identifier: BSD-2-Clause
"""Secure boot: programs that are signed run, from every medium."""
import itertools

import pytest

import devices
import images
import netuser
import secure
import signing

STAMP = r"STAMP timebase [0-9a-f]{16}"
VERIFIED = r"Verified: signed by \S"
SIZES = (2048, 3072, 4096)
DIGESTS = ("sha256", "sha384", "sha512")


@pytest.fixture(scope="module")
def bios(tmp_path_factory):
    """Enforces; keys of every size."""
    return secure.firmware(tmp_path_factory.mktemp("keys"), keys=[
        signing.Key("size", bits) for bits in SIZES])


def signed(*keys, client="stamp.be32", **how):
    return signing.sign_program(secure.client(client),
                                *(keys or [signing.Key("size")]), **how)


def every_kind():
    """Programs that are to be accepted."""
    kinds = {"%d-%s" % (bits, digest): signed(signing.Key("size", bits),
                                              digest=digest)
             for bits, digest in itertools.product(SIZES, DIGESTS)}
    good, other = signing.Key("size"), signing.Key("stranger")
    kinds["key-id"] = signed(good, key_id=True)
    kinds["first-of-two"] = signed(good, other)
    kinds["second-of-two"] = signed(other, good)
    kinds["sbat"] = signed(good, sbat="sbat,1,SBAT,sbat,1,x\ngrub,3\n")
    for client in ("stamp.be64", "stamp.be64v2", "stamp.le64"):
        kinds["note." + client] = signed(client=client)
        kinds["file." + client] = signing.sign_file(
            secure.client(client), good)
    kinds["file.be32"] = signing.sign_file(secure.client(), good)
    kinds["grown"] = signing.sign_file(
        secure.client().ljust(1 << 20, b"\xff"), other, good)
    return kinds


def test_signed_programs_of_every_kind_run(boot, tmp_path, bios):
    kinds = every_kind()
    vm = secure.boot_each(boot, tmp_path, bios, kinds)
    vm.expect(r"E3407: Load failed: \d+ devices tried|0 > ")
    told = secure.attempts(vm)
    refused = {name: told.get(name) for name in kinds
               if not secure.runs(told.get(name, ""))}
    assert not refused
    assert vm.output().count("Verified: signed by ") == len(kinds)


@pytest.mark.parametrize("table", ("mbr", "gpt"))
@pytest.mark.parametrize("kind", ("be32", "be64"))
def test_signed_program_in_a_prep_partition_runs(boot, tmp_path, bios, table,
                                                 kind):
    """Its note says where it ends: the partition is longer."""
    disk = secure.prep_disk(tmp_path, signed(client="stamp." + kind),
                            "--table=" + table)
    vm = boot(*devices.disk("virtio-blk-modern", disk), bios=bios)
    vm.expect(VERIFIED)
    vm.expect(STAMP)
    assert vm.ended() == 0


def test_what_follows_in_the_partition_does_not_matter(boot, tmp_path, bios):
    """The end of a longer boot loader, which was there before."""
    before = signing.sign_program(secure.client("stamp.be64"),
                                  signing.Key("stranger"))
    program = signed()
    disk = secure.prep_disk(tmp_path, program + before[len(program):])
    vm = boot(*devices.disk("virtio-blk-modern", disk), bios=bios)
    vm.expect(VERIFIED)
    vm.expect(STAMP)


@pytest.mark.parametrize("how", ("note", "file"))
def test_signed_program_on_a_disc_runs(boot, tmp_path, bios, how):
    program = signed() if how == "note" else signing.sign_file(
        secure.client(), signing.Key("size"))
    vm = boot(*devices.cdrom("spapr-vscsi", secure.disc(tmp_path, program)),
              bios=bios)
    vm.expect(VERIFIED)
    vm.expect(STAMP)
    assert vm.ended() == 0


def test_signed_program_from_the_network_runs(boot, tmp_path, bios):
    folder = netuser.folder(tmp_path, {"client": signed()})
    vm = boot("-boot", "n", *netuser.card("virtio-net"),
              *netuser.user(folder, "client"), bios=bios)
    vm.expect(VERIFIED)
    vm.expect(STAMP)


def test_signed_kernel_of_pxelinux_runs(boot, tmp_path, bios):
    folder = netuser.folder(tmp_path, {
        "pxe/kernel": signed(), "pxe/pxelinux.cfg/default":
        b"default a\nlabel a\n kernel kernel\n append from=pxelinux\n"})
    vm = boot("-boot", "n", *netuser.card("virtio-net"),
              *netuser.user(folder, "pxe/"), bios=bios)
    vm.expect(VERIFIED)
    vm.expect(r"ARGUMENTS from=pxelinux")


def test_kernel_of_the_host_runs_unchecked(boot, bios):
    vm = boot("-kernel", images.guest("policy.be32"), bios=bios)
    vm.expect(r"-kernel: from the host, not checked")
    vm.expect(r"POLICY secure-boot 2 ")
    assert vm.ended() == 0


def test_kernel_of_the_host_is_refused_if_the_host_says_so(boot, tmp_path):
    path = secure.firmware(tmp_path, keys=[signing.Key("size")],
                           flags=["--refuse-kernel"])
    vm = boot("-kernel", images.guest("policy.be32"), bios=path)
    vm.expect(r"-kernel[^\r\n]*forbid")
    vm.expect(r"0 > ")
    assert "POLICY" not in vm.output()


@pytest.mark.parametrize("mode", secure.MODES)
def test_mode_is_in_the_tree(boot, tmp_path, mode):
    path = secure.firmware(tmp_path, mode, [signing.Key("size")])
    disk = secure.prep_disk(tmp_path, signed(client="policy.be32"))
    vm = boot(*devices.disk("virtio-blk-modern", disk), bios=path)
    vm.expect(r"POLICY secure-boot %d trusted-boot 0\r" % secure.MODES[mode])
    assert ("Verified" in vm.output()) == (mode != "off")
    assert "refuse" not in vm.output()


def test_firmware_without_keys_verifies_nothing(boot):
    disk = images.boot_disk(images.guest("policy.be32"))
    vm = boot(*devices.disk("virtio-blk-modern", disk))
    vm.expect(r"POLICY secure-boot 0 trusted-boot 0\r")
    text = vm.output().lower()
    assert "verified" not in text and "secure boot" not in text
