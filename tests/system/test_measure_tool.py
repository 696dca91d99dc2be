# SPDX-License-Identifier: BSD-2-Clause
"""tools/quoin-measure: the bytes that it hashes, from made-up files."""
import hashlib
import os
import struct
import subprocess

from machine import FIRMWARE, ROOT

TOOL = os.path.join(ROOT, "tools/quoin-measure")


def digest(kind, what, bank="sha256"):
    out = subprocess.run([TOOL, "--bank", bank, kind, what], check=True,
                         stdout=subprocess.PIPE, encoding="utf-8",
                         errors="surrogateescape").stdout
    return out.split()[1]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def write(tmp_path, data, name="file"):
    path = tmp_path / name
    path.write_bytes(data)
    return str(path)


def elf32(segments, size):
    """Program headers of (offset, paddr, filesz, memsz), then bytes."""
    head = b"\x7fELF\1\2\1".ljust(16, b"\0") + struct.pack(
        ">2H5I6H", 2, 20, 1, 0, 52, 0, 0, 52, 32, len(segments), 0, 0, 0)
    for offset, paddr, filesz, memsz in segments:
        head += struct.pack(">8I", 1, offset, paddr, paddr, filesz, memsz,
                            7, 4)
    return head + bytes(i * 7 & 255 for i in range(len(head), size))


def test_the_firmware_is_hashed_as_it_was_built(tmp_path):
    with open(FIRMWARE, "rb") as file:
        built = file.read()
    assert digest("firmware", FIRMWARE) == sha256(built)
    assert digest("firmware", FIRMWARE, "sha1") == hashlib.sha1(
        built).hexdigest()
    keyed = bytearray(built + b"keys")
    struct.pack_into(">2I32s", keyed, 0x50, 4, 0,
                     hashlib.sha256(b"keys").digest())
    # Keys that cannot be read are an error, not another hash.
    done = subprocess.run([TOOL, "firmware", write(tmp_path, keyed)],
                          stderr=subprocess.PIPE, encoding="utf-8")
    assert done.returncode == 1
    assert "quoin-measure: " in done.stderr


def test_a_partition_is_hashed_to_the_end_of_its_program(tmp_path):
    core = elf32([(512, 0x200000, 100, 200), (256, 0x100000, 61, 61)], 612)
    disk = write(tmp_path, core + b"older bytes" * 100)
    assert digest("core", disk) == sha256(core)
    beyond = elf32([(512, 0x200000, 10000, 20000)], 700)
    assert digest("core", write(tmp_path, beyond)) == sha256(beyond)


def test_a_kernel_is_hashed_as_qemu_loads_it(tmp_path):
    kernel = elf32([(512, 0xc0001000, 16, 32), (256, 0xc0000000, 64, 128)],
                   640)
    memory = (kernel[256:320] + bytes(64)).ljust(160, b"\0")
    assert digest("kernel", write(tmp_path, kernel)) == sha256(memory)
    # With its ELF header in memory, each segment counts.
    kernel = elf32([(0, 0x2000, 300, 400), (512, 0x3000, 20, 30)], 640)
    memory = kernel[:300] + bytes(100) + kernel[512:532] + bytes(10)
    assert digest("kernel", write(tmp_path, kernel)) == sha256(memory)
    assert digest("kernel", write(tmp_path, b"no ELF")) == sha256(b"no ELF")


def test_texts_and_files_are_hashed_as_they_are(tmp_path):
    path = write(tmp_path, b"an initrd")
    for kind in "initrd", "file", "text":
        assert digest(kind, path) == sha256(b"an initrd")
    for kind in "cmdline", "args":
        assert digest(kind, "root=/dev/sda ro") == sha256(b"root=/dev/sda ro")


def test_the_table_of_an_mbr_is_hashed_without_its_code(tmp_path):
    mbr = bytes(i & 255 for i in range(510)) + b"\x55\xaa"
    assert digest("mbr", write(tmp_path, mbr * 2)) == sha256(mbr[440:])


def test_the_used_entries_of_a_gpt_are_hashed(tmp_path):
    header = bytearray(512)
    header[:8] = b"EFI PART"
    struct.pack_into("<Q2I", header, 72, 3, 4, 128)
    entries = [b"\1" * 32 + struct.pack("<2Q", 40, 49) + b"a" * 80,
               bytes(128),
               b"\2" * 32 + struct.pack("<2Q", 60, 50) + b"b" * 80,
               b"\3" * 32 + struct.pack("<2Q", 50, 50) + b"c" * 80]
    disk = bytes(512) + header + bytes(512) + b"".join(entries)
    assert digest("gpt", write(tmp_path, disk)) == sha256(
        header[:92] + struct.pack("<Q", 2) + entries[0] + entries[3])


def prop(name, value, pad):
    return struct.pack(">3I", 3, len(value), name) + value + \
        pad * (-len(value) % 4)


def tree(seed, pad):
    structure = struct.pack(">2I", 1, 0) + prop(9, b"xyz", pad) + \
        struct.pack(">I", 1) + b"chosen\0\0" + prop(0, seed, pad) + \
        struct.pack(">3I", 2, 2, 9)
    strings = b"rng-seed\0name\0"
    size = 40 + 16 + len(structure)
    return struct.pack(">10I", 0xd00dfeed, size + len(strings), 56, size, 40,
                       17, 16, 0, len(strings), len(structure)) + \
        bytes(16) + structure + strings


def test_a_tree_is_hashed_without_seed_and_padding(tmp_path):
    want = sha256(tree(bytes(32), b"\0"))
    for seed, pad in (b"s" * 32, b"\0"), (b"t" * 32, b"p"):
        assert digest("tree", write(tmp_path, tree(seed, pad))) == want


def large_gpt():
    header = bytearray(512)
    header[:8] = b"EFI PART"
    struct.pack_into("<Q2I", header, 72, 2, 0xffffffff, 128)
    return bytes(512) + header + bytes(4096)


def test_what_cannot_be_read_is_an_error(tmp_path):
    """In one line, which names it once."""
    for kind, data, why in (
            ("gpt", b"x", "no GPT"), ("mbr", b"x", "no MBR"),
            ("gpt", large_gpt(), "4294967295 entries"),
            ("tree", b"x" * 99, "not a device tree"),
            ("tree", b"\xd0\x0d\xfe\xed", "damaged or cut off"),
            ("core", b"x", "not an ELF file"),
            ("firmware", b"x", "not quoin.bin"),
            ("kernel", elf32([(0, 0, 4, 0xfffffff0)], 100), "need 4294967280"),
            ("kernel", elf32([(0, 0, 4, 8)], 84)[:80], "outside the file"),
            ("file", None, "No such file")):
        path = write(tmp_path, data) if data is not None else \
            str(tmp_path / "none")
        done = subprocess.run([TOOL, kind, path], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, encoding="utf-8")
        assert (done.returncode, done.stdout) == (1, ""), kind
        assert done.stderr.startswith("quoin-measure: %s: " % path)
        assert why in done.stderr and done.stderr.count(path) == 1


def test_bytes_of_a_text_are_hashed_as_they_are():
    assert digest("args", b"caf\xc3\xa9 \xff") == sha256(b"caf\xc3\xa9 \xff")
