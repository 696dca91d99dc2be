# SPDX-License-Identifier: BSD-2-Clause
"""tools/quoin-keys: what it writes, refuses and says. No machine starts."""
import hashlib
import os
import shutil
import struct
import subprocess

import pytest

import machine
import secure
import signing

# An ELF file of PowerPC with one segment: its first 128 bytes.
ELF = struct.pack(">4s5B7x2H5I6H", b"\x7fELF", 1, 2, 1, 0, 0, 2, 20, 1,
                  0x10000, 52, 0, 0, 52, 32, 1, 0, 0, 0) + \
    struct.pack(">8I", 1, 0, 0x10000, 0x10000, 128, 128, 5, 4)
ELF = ELF.ljust(128, b"\x60")
SBAT = "sbat,1,SBAT Version,sbat,1,https://example.org\ngrub,4,x,grub,2,y\n"


@pytest.fixture
def keys(tmp_path):
    """A file in mode off, without keys."""
    path = str(tmp_path / "vm.bin")
    secure.tool("new", "--image", machine.FIRMWARE, path)
    return path


@pytest.fixture
def signed(tmp_path, keys):
    """write(bytes): a program; its path. The key `one` is known."""
    secure.tool("add-cert", keys, secure.one().cert)

    def write(data, name="program"):
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)
    return write


def read(path):
    with open(path, "rb") as file:
        return file.read()


def refused(text, *arguments):
    """One line with this text, and a failure."""
    said = secure.tool(*arguments, status=1)
    assert said.startswith("quoin-keys: ") and said.count("\n") == 1, said
    assert text in said


def certificate(folder, name, *options, key="rsa:2048"):
    path = os.path.join(str(folder), name)
    subprocess.run(["openssl", "req", "-x509", "-newkey", key, "-nodes",
                    "-keyout", os.devnull, "-out", path, "-subj",
                    "/CN=" + name] + list(options), check=True,
                   stderr=subprocess.DEVNULL)
    return path


def test_new_adds_keys_and_leaves_the_image_as_it_was(keys):
    image, data = read(machine.FIRMWARE), read(keys)
    assert data[:0x50] == image[:0x50]
    assert data[0x78:len(image)] == image[0x78:]
    assert data[len(image):].startswith(b"QUOINKEY")
    length, zero = struct.unpack_from(">2I", data, 0x50)
    assert (length, zero) == (len(data) - len(image), 0)
    assert data[0x58:0x78] == hashlib.sha256(data[len(image):]).digest()
    shown = secure.tool("show", keys)
    assert hashlib.sha256(image).hexdigest() in shown
    assert "mode     off" in shown


def test_a_built_image_has_a_header_without_keys():
    image = read(machine.FIRMWARE)
    assert image[0x40:0x78] == struct.pack(">8s2I", b"QUOINIMG", 1,
                                           len(image)) + bytes(40)
    assert "mode     off: no keys" in secure.tool("show", machine.FIRMWARE)


def test_new_refuses_to_overwrite_a_file(keys):
    refused("exists", "new", "--image", machine.FIRMWARE, keys)


def test_new_takes_the_keys_of_an_older_file(tmp_path, keys):
    secure.tool("add-cert", keys, secure.one().cert)
    secure.tool("mode", keys, "enforce", "--refuse-kernel")
    newer = tmp_path / "newer.bin"
    secure.tool("new", "--image", machine.FIRMWARE, "--keys", keys, newer)
    assert read(newer) == read(keys)
    assert "mode     enforce, -kernel is refused" in secure.tool("show", newer)
    refused("has keys", "new", "--image", newer, tmp_path / "third.bin")


def test_certificates_in_der_and_pem_are_the_same_key(keys):
    secure.tool("add-cert", keys, secure.one().der)
    refused("is there already", "add-cert", keys, secure.one().cert)
    secure.tool("add-cert", keys, "--name", "Other", secure.two().cert)
    shown = secure.tool("show", keys)
    assert "grubdb   quoin test one: RSA 2048" in shown
    assert "grubdb   Other: RSA 2048" in shown


def test_certificates_of_other_keys_are_refused(tmp_path, keys):
    before = read(keys)
    small = certificate(tmp_path, "small", key="rsa:1024")
    refused("RSA with 1024 bits; 2048 to 4096", "add-cert", keys, small)
    curve = certificate(tmp_path, "curve", "-pkeyopt",
                        "ec_paramgen_curve:P-256", key="ec")
    refused("not an RSA key", "add-cert", keys, curve)
    for exponent in (2 ** 64 + 13, 2 ** 72 + 1):
        large = certificate(tmp_path, "large", "-pkeyopt",
                            "rsa_keygen_pubexp:%d" % exponent)
        refused("too large", "add-cert", keys, large)
    assert read(keys) == before


def test_files_that_are_no_single_certificate_are_refused(tmp_path, keys):
    path = tmp_path / "file"
    for data, why in (
            (b"", "not an X.509 certificate"),
            (b"\x30\x03\x02\x01\x01", "not an X.509 certificate"),
            (read(secure.one().cert) * 2, "several certificates"),
            (read(secure.one().der) + b"x", "1 bytes follow"),
            (read(secure.one().key), "not an X.509 certificate")):
        path.write_bytes(data)
        refused(why, "add-cert", keys, path)
    refused("No such file", "add-cert", keys, tmp_path / "none")


def test_kernel_certificates_are_such_as_grub_takes(tmp_path, keys):
    secure.tool("add-cert", "--for", "kernel", keys, secure.one().cert)
    refused("is there already", "add-cert", "--for", "kernel", keys,
            secure.one().der)
    authority = certificate(tmp_path, "ca", "-addext",
                            "keyUsage=digitalSignature")
    refused("of a certificate authority", "add-cert", "--for", "kernel", keys,
            authority)
    refused("lacks digitalSignature", "add-cert", "--for", "kernel", keys,
            certificate(tmp_path, "plain"))
    secure.tool("add-cert", keys, authority)
    shown = secure.tool("show", keys)
    assert "db       certificate " + hashlib.sha256(
        read(secure.one().der)).hexdigest() in shown


def test_enforcing_needs_a_key(keys):
    refused("nothing could boot", "mode", keys, "enforce")
    secure.tool("mode", keys, "audit")
    secure.tool("add-cert", keys, secure.one().cert)
    secure.tool("mode", keys, "enforce")


def test_deny_takes_hashes_programs_and_certificates(keys, signed):
    content = hashlib.sha256(ELF).hexdigest()
    path = signed(signing.sign_file(ELF, secure.one()))
    other = hashlib.sha256(b"other").hexdigest()
    owner = hashlib.sha256(read(secure.two().der)).hexdigest()
    for target, record in (("grub", "grubdbx  "), ("kernel", "dbx      ")):
        for what in (path, other, secure.two().cert):
            secure.tool("deny", keys, "--for", target, what)
        shown = secure.tool("show", keys)
        kind = "" if target == "grub" else "sha256 "
        assert record + kind + content in shown
        assert record + kind + other in shown
        kind = "" if target == "grub" else "certificate "
        assert record + kind + owner in shown
    refused("is there already", "deny", keys, other.upper())
    refused("not signed", "deny", keys, signed(ELF))


def test_levels_are_set_and_removed(keys):
    secure.tool("sbat", keys, "grub,5", "grub.debian,4")
    secure.tool("sbat", keys, "grub,6", "grub.debian,0")
    shown = secure.tool("show", keys)
    assert "sbat     grub,6\n" in shown and "debian" not in shown
    for bad in ("grub", "grub,x", "grub,-1", "a b,1", "grub,1234567890"):
        refused("not component,generation", "sbat", keys, bad)


def test_every_damage_of_a_file_is_named(tmp_path, keys):
    secure.tool("add-cert", keys, secure.one().cert)
    secure.tool("deny", keys, "00" * 32)
    good, size = read(keys), len(read(machine.FIRMWARE))
    path = tmp_path / "bad"
    offsets = list(range(0x40, 0x78, 3)) + list(range(size, len(good), 64))
    for at in offsets:
        bad = bytearray(good)
        bad[at] ^= 1
        path.write_bytes(bad)
        refused(str(path), "show", path)
    for data, why in ((b"", "too short"), (good[:-8], "damaged"),
                      (good + b"x", "damaged"), (good[:size], "damaged"),
                      (bytes(4096), "no \"QUOINIMG\"")):
        path.write_bytes(data)
        refused(why, "show", path)


def test_a_file_without_keys_is_not_changed(tmp_path):
    path = str(tmp_path / "copy.bin")
    shutil.copy(machine.FIRMWARE, path)
    refused("has no keys", "mode", path, "audit")
    assert read(path) == read(machine.FIRMWARE)


def test_verify_accepts_what_a_known_key_signed(keys, signed):
    for data in (signing.sign_file(ELF, secure.one()),
                 signing.sign_program(ELF, secure.one()),
                 signing.sign_program(ELF, secure.two(), secure.one(),
                                      digest="sha512", sbat=SBAT),
                 signing.sign_program(ELF, secure.one(), digest="sha384",
                                      key_id=True)):
        said = secure.tool("verify", keys, signed(data))
        assert said.endswith(": signed with the key of quoin test one\n")


def test_verify_gives_the_firmwares_reasons(keys, signed):
    good = signing.sign_program(ELF, secure.one(), sbat=SBAT)
    flipped = bytearray(good)
    flipped[120] ^= 1
    for data, why in (
            (ELF, "not signed (no \"~Module signature appended~\""),
            (good + b"\0", "not signed"),
            (flipped, "signed by none of 1 key"),
            (signing.sign_program(ELF, secure.two()), "signed by none of 1"),
            (signing.sign_file(b"text", secure.one()), "not an ELF file"),
            (signing.sign_program(ELF, secure.one(), attributes=True),
             "damaged signature: the signer has signed attributes"),
            (signing.sign_program(ELF, secure.one(), size=2000),
             "its note has room for 2000")):
        refused(why, "verify", keys, signed(bytes(data)))


def changed(at, value):
    return ELF[:at] + bytes((value,)) + ELF[at + 1:]


def test_verify_refuses_what_the_loader_does_not_load(keys, signed):
    for at, value, why in (
            (7, 7, "an AIX boot image cannot be signed"),
            (5, 3, "ELF with unknown class 1 or data encoding 3"),
            (17, 1, "ELF type 1 is not an executable"),
            (19, 62, "ELF32 for machine 62, not PowerPC"),
            (55, 6, "no PT_LOAD segment"),
            (56, 1, "truncated: segment at 10000 is bytes 16777216 to"),
            (75, 127, "segment at 10000: 128 bytes in the file, 127 in")):
        program = signing.sign_file(changed(at, value), secure.one())
        refused(why, "verify", keys, signed(program))


def test_verify_knows_deny_lists_and_levels(keys, signed):
    old = signed(signing.sign_program(ELF, secure.one(), sbat=SBAT), "old")
    bare = signed(signing.sign_program(ELF, secure.one()), "bare")
    secure.tool("sbat", keys, "grub,4")
    secure.tool("verify", keys, old)
    refused("no SBAT note, but", "verify", keys, bare)
    secure.tool("sbat", keys, "grub,5")
    refused("component grub 4, but at least 5 is", "verify", keys, old)
    secure.tool("sbat", keys, "grub,0")
    secure.tool("deny", keys, old)
    refused("its contents are on the deny list", "verify", keys, old)
    secure.tool("verify", keys, bare)
    secure.tool("deny", keys, secure.one().cert)
    refused("the certificate of key quoin test one is denied", "verify", keys,
            bare)


def test_verify_finds_the_end_in_a_partition(keys, signed):
    program = signing.sign_program(ELF, secure.one())
    path = signed(program + bytes(5000))
    refused("not signed", "verify", keys, path)
    secure.tool("verify", keys, "--partition", path)


def test_tools_run_where_make_install_puts_them(tmp_path):
    tools = os.path.join(machine.ROOT, "tools")
    place = tmp_path / "usr"
    os.makedirs(place / "bin")
    for name in ("keys", "measure"):
        shutil.copytree(os.path.join(tools, "quoin_" + name),
                        place / "share/quoin" / ("quoin_" + name))
        shutil.copy(os.path.join(tools, "quoin-" + name), place / "bin")
    shutil.copy(machine.FIRMWARE, place / "share/quoin/quoin.bin")
    path = tmp_path / "vm.bin"
    for tool, *arguments in (
            ("quoin-keys", "new", path), ("quoin-keys", "show", path),
            ("quoin-keys", "--help"), ("quoin-measure", "firmware", path)):
        subprocess.run([place / "bin" / tool] + arguments, check=True,
                       cwd=tmp_path, stdout=subprocess.DEVNULL)
    # What "make install" does, without building.
    listed = subprocess.run(
        ["make", "-n", "-o", "all", "install", "PREFIX=/usr"],
        cwd=machine.ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    for words in ("install -m755 tools/quoin-* /usr/bin/",
                  "tools/quoin_keys/*.py /usr/share/quoin/quoin_keys/",
                  "tools/quoin_measure/*.py /usr/share/quoin/quoin_measure/"):
        assert words in listed


def test_a_link_to_a_file_stays_one(tmp_path, keys):
    link = tmp_path / "link"
    link.symlink_to(keys)
    secure.tool("sbat", link, "grub,5")
    assert link.is_symlink() and "grub,5" in secure.tool("show", keys)


def test_what_is_no_file_is_named_once(tmp_path, keys):
    for arguments in (["show"], ["verify", keys], ["deny", keys],
                      ["add-cert", keys]):
        said = secure.tool(*arguments, tmp_path, status=1)
        assert said == "quoin-keys: %s: Is a directory\n" % tmp_path
