# SPDX-License-Identifier: BSD-2-Clause
"""Would the firmware run a program? packages/secure/{appsig,sbat,verify}.c,
with the same order and reasons."""
import hashlib
import re
import struct

from quoin_keys import Failure, elf, pkcs7
from quoin_keys.firmware import read_file

MAGIC = b"~Module signature appended~\n"
TRAILER = struct.Struct(">8BI28s")
PKCS7 = 2
SIZE_MAX = 64 << 10
SIGNATURE_NOTE = (b"Appended-Signature\0", 0x41536967)
SBAT_NOTE = (b".sbat\0", 0x53424154)


def find_end(data):
    """(bytes of content, of the message) of a file with a signature."""
    before = len(data) - TRAILER.size
    if not data.endswith(MAGIC) or before < 0:
        raise Failure("not signed (no \"~Module signature appended~\" at its "
                      "end)")
    *zeros, length, _ = TRAILER.unpack_from(data, before)
    kind = zeros.pop(2)
    if kind != PKCS7 or any(zeros):
        raise Failure("its last 40 bytes are not those of a PKCS #7 signature")
    if not 0 < length <= min(SIZE_MAX, before):
        raise Failure("signature of %d bytes before byte %d, at most %d" % (
            length, before, SIZE_MAX))
    return before - length, length


class Program:
    """A signed program: `content`, `message`, `sbat` (None: no note)."""

    def __init__(self, data):
        end, length = find_end(data)
        self.data, self.end = data, end
        self.content, self.message = data[:end], data[end:end + length]
        self.sbat = self.area = None
        self.file = elf.Elf(data)
        if self.file.end > end:
            raise Failure("its ELF headers are not inside what is signed")
        for number, part in enumerate(self.file.parts):
            if part.end >= 1 << 64:
                raise Failure("program header %d wraps around" % number)
            self.take_notes(part)
        used = len(data) - end
        if self.area and elf.up(used, 4) != self.area.size:
            raise Failure("the signature has %d bytes, its note has room for "
                          "%d" % (used, self.area.size))
        for part in self.file.parts:
            self.check_part(part)

    def take_notes(self, part):
        note = self.file.note(part, *SIGNATURE_NOTE)
        if note:
            if self.area:
                raise Failure("two notes for signatures")
            if note.size != note.rest or part.end != len(self.data):
                raise Failure("the signature's note does not end where its "
                              "part and the file do")
            self.area, self.start = note, part.offset
            return
        note = self.file.note(part, *SBAT_NOTE)
        if not note:
            return
        if self.sbat is not None:
            raise Failure("two SBAT notes")
        if part.end > self.end:
            raise Failure("its SBAT note is not inside what is signed")
        if not 0 < note.size <= min(note.rest, SIZE_MAX):
            raise Failure("its SBAT note is empty or too long")
        self.sbat = self.data[note.at:note.at + note.size]

    def check_part(self, part):
        if part.type == elf.LOAD and part.end > self.end:
            raise Failure("what is loaded is not inside what is signed")
        if not self.area or not part.size:
            return
        if part.end > len(self.data):
            raise Failure("it goes on behind the signature's note")
        if part.type == elf.LOAD and part.end > self.start:
            raise Failure("the signature's note is inside what is loaded")


def is_denied(trailer, data):
    return hashlib.sha256(data).digest() in trailer.denied


def find_key(program, trailer):
    """The key that counts."""
    denied = None
    try:
        signers = pkcs7.signers(program.message)
    except Failure as why:
        raise Failure("damaged signature: %s" % why) from None
    if is_denied(trailer, program.content):
        raise Failure("its contents are on the deny list")
    for name, signature in signers:
        digest = hashlib.new(name, program.content).digest()
        for key in trailer.keys:
            if not pkcs7.is_signature(key, name, digest, signature):
                continue
            if not is_denied(trailer, key.der):
                return key
            denied = key
    if denied:
        raise Failure("the certificate of key %s is denied" % denied.name)
    raise Failure("signed by none of %d key%s" % (
        len(trailer.keys), "s" * (len(trailer.keys) != 1)))


def check_sbat(text, levels):
    if not levels:
        return
    if text is None:
        raise Failure("no SBAT note, but the host sets levels")
    count = 0
    lines = text.rstrip(b"\0").decode("latin-1").split("\n")
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        name, _, rest = line.partition(",")
        generation = rest.partition(",")[0]
        if not name or not re.fullmatch("0*[0-9]{1,20}", generation) or \
                int(generation[-20:]) >= 1 << 64:
            raise Failure("its SBAT note, line %d: not a component and its "
                          "generation" % number)
        count += 1
        if int(generation) < levels.get(name, 0):
            raise Failure("component %s %s, but at least %d is required" % (
                name, generation, levels[name]))
    if not count:
        raise Failure("its SBAT note: no components")


def cut(data):
    """Of a raw partition, as much as the ELF file in it."""
    return data[:elf.Elf(data).extent()]


def check_file(data):
    """The loader looks at it first: boot/loader.c."""
    file = elf.Elf(data)
    file.check()
    if file.osabi == elf.AIX:
        raise Failure("an AIX boot image cannot be signed")


def verify(path, trailer, partition=False):
    """Returns the key of a program that would run."""
    data = read_file(path)
    try:
        data = cut(data) if partition else data
        check_file(data)
        program = Program(data)
        key = find_key(program, trailer)
        check_sbat(program.sbat, trailer.sbat)
        return key
    except Failure as why:
        raise Failure("%s: %s" % (path, why)) from None


def signed_content(path, target):
    """The bytes of a program whose hash is denied. A kernel that is not
    signed is one as a whole."""
    data = read_file(path)
    try:
        return data[:find_end(data)[0]]
    except Failure as why:
        if target == "kernel":
            return data
        raise Failure("%s: %s" % (path, why)) from None
