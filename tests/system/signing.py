# SPDX-License-Identifier: BSD-2-Clause
"""Signs programs for secure boot, as a signer of GRUB does, but on its own:
with OpenSSL and 40 bytes. [Linux scripts/sign-file.c, include/linux/
module_signature.h; GRUB docs/grub.texi, "Signing GRUB itself"]"""
import os
import struct
import subprocess

import images

MAGIC = b"~Module signature appended~\n"
TRAILER = 40                    # struct module_signature and the magic
ASIG = 0x41536967               # GRUB include/grub/powerpc/ieee1275: "ASig"
SBAT = 0x53424154
PT_NOTE = 4

# A certificate for code, as GRUB demands it: no CA, digitalSignature.
REQUEST = """\
[req]
distinguished_name = name
prompt = no
x509_extensions = code
[name]
CN = quoin test %s
[code]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
"""


class Key:
    """A throw-away key, made once: paths of the key and its certificate."""

    def __init__(self, name, bits=2048):
        self.name = name
        with images.lock():
            self.folder = images.made(
                "key-%s-%d" % (name, bits), ["tests/system/signing.py"],
                lambda to: self._make(to, bits))
        self.key = os.path.join(self.folder, "key.pem")
        self.cert = os.path.join(self.folder, "cert.pem")
        self.der = os.path.join(self.folder, "cert.der")

    def _make(self, to, bits):
        os.makedirs(to)
        config = os.path.join(to, "request")
        with open(config, "w") as f:
            f.write(REQUEST % self.name)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:%d" % bits, "-nodes",
             "-keyout", os.path.join(to, "key.pem"), "-days", "3650",
             "-out", os.path.join(to, "cert.pem"), "-config", config],
            check=True, stderr=subprocess.DEVNULL)
        subprocess.run(
            ["openssl", "x509", "-outform", "DER",
             "-in", os.path.join(to, "cert.pem"),
             "-out", os.path.join(to, "cert.der")], check=True)


def pkcs7(content, keys, digest="sha256", key_id=False, attributes=False,
          detached=True):
    """The detached signature of the content by each of the keys, as DER."""
    command = ["openssl", "cms", "-sign", "-binary", "-nocerts",
               "-outform", "DER", "-md", digest]
    if not attributes:
        command.append("-noattr")
    if not detached:
        command.append("-nodetach")
    for key in keys:
        command += ["-signer", key.cert, "-inkey", key.key]
    if key_id:
        command.append("-keyid")
    done = subprocess.run(command, input=content, check=True,
                          stdout=subprocess.PIPE)
    return done.stdout


def trailer(size):
    """id_type 2: PKCS#7; everything else is 0."""
    return struct.pack(">xxBxxxxxI", 2, size) + MAGIC


def sign_file(content, *keys, **how):
    """The content and its signature, without a note."""
    der = pkcs7(content, keys, **how)
    return content + der + trailer(len(der))


class Program:
    """An ELF file to which program headers are added."""

    def __init__(self, elf):
        self.elf = bytearray(elf)
        self.wide = elf[4] == 2
        self.order = "<" if elf[5] == 1 else ">"
        self.fields = (32, 56) if self.wide else (28, 44)
        self.phoff = self.get("Q" if self.wide else "I", self.fields[0])
        self.phnum = self.get("H", self.fields[1])
        self.phsize = 56 if self.wide else 32

    def get(self, form, at):
        return struct.unpack_from(self.order + form, self.elf, at)[0]

    def header(self, kind, offset, size):
        """As grub-mkimage's: no bytes in memory."""
        if self.wide:
            return struct.pack(self.order + "IIQQQQQQ", kind, 4, offset, 0, 0,
                               size, 0, 4)
        return struct.pack(self.order + "IIIIIIII", kind, offset, 0, 0, size,
                           0, 4, 4)

    def with_notes(self, sizes):
        """The file with the table of program headers at its end, and the
        headers of notes of those sizes after it."""
        old = self.elf[self.phoff:self.phoff + self.phnum * self.phsize]
        elf = self.elf + b"\0" * (-len(self.elf) % 8)
        phoff, count = len(elf), self.phnum + len(sizes)
        at = phoff + count * self.phsize
        for size in sizes:
            old += self.header(PT_NOTE, at, size)
            at += size
        struct.pack_into(self.order + ("Q" if self.wide else "I"), elf,
                         self.fields[0], phoff)
        struct.pack_into(self.order + "H", elf, self.fields[1], count)
        return bytes(elf + old)


def note(name, kind, descriptor, size=None):
    """A note of which the descriptor's begin is there; size: all of it."""
    if size is None:
        descriptor += b"\0" * (-len(descriptor) % 4)
        size = len(descriptor)
    return struct.pack(">III", len(name), size, kind) + \
        name + b"\0" * (-len(name) % 4) + descriptor


def sign_program(elf, *keys, sbat=None, size=None, **how):
    """An ELF file with a note whose descriptor is the signature. sbat: the text
    of a note with its generations; size: of the signature's room, if not what
    it needs."""
    need = len(pkcs7(b"", keys, **how)) + TRAILER
    room = (need + 3 & ~3) if size is None else size
    notes = [note(b".sbat\0", SBAT, sbat.encode())] if sbat else []
    notes.append(note(b"Appended-Signature\0", ASIG, b"", room))
    sizes = [len(n) for n in notes]
    sizes[-1] += room
    content = Program(elf).with_notes(sizes) + b"".join(notes)
    return sign_file(content + b"\0" * (room - need), *keys, **how)


def compact(path):
    """A test client without what is not loaded: a few kilobytes. Its only
    segment follows the headers. [ELF gABI, figures 4-3 and 5-1]"""
    with open(path, "rb") as f:
        elf = f.read()
    p = Program(elf)
    at = p.phoff + (8 if p.wide else 4)
    form = "Q" if p.wide else "I"
    offset, size = p.get(form, at), p.get(form, at + (24 if p.wide else 12))
    head = bytearray(elf[:p.phoff + p.phsize].ljust(128, b"\0"))
    struct.pack_into(p.order + form, head, at, len(head))
    struct.pack_into(p.order + form, head, 40 if p.wide else 32, 0)  # e_shoff
    struct.pack_into(p.order + "HHH", head, 58 if p.wide else 46, 0, 0, 0)
    struct.pack_into(p.order + "H", head, p.fields[1], 1)
    return bytes(head) + elf[offset:offset + size]
