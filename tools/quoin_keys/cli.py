# SPDX-License-Identifier: BSD-2-Clause
"""The commands of quoin-keys."""
import argparse
import hashlib
import os
import re
import sys

from quoin_keys import Failure, esl, verify
from quoin_keys.certificate import Certificate, is_certificate
from quoin_keys.firmware import Firmware, read_file
from quoin_keys.trailer import MODES, SBAT_LINE, Key, Trailer

HERE = os.path.dirname(os.path.realpath(__file__))
IMAGES = (os.path.join(HERE, "../quoin.bin"),  # PREFIX/share/quoin
          os.path.join(HERE, "../../build/quoin.bin"))

HELP = """\
Keys and policy of secure boot, in a copy of quoin.bin for QEMU's -bios.

  quoin-keys new vm.bin
  quoin-keys add-cert vm.bin distribution.pem
  quoin-keys add-cert --for kernel vm.bin distribution.pem
  quoin-keys mode vm.bin enforce
  qemu-system-ppc64 -bios vm.bin ...

All of it is public: certificates, hashes, levels. A guest cannot change it.
docs/trusted-boot.md explains what is verified."""


def new(args):
    if os.path.exists(args.file):
        raise Failure("%s: exists" % args.file)
    image = args.image or next(filter(os.path.exists, IMAGES), None)
    if not image:
        raise Failure("no quoin.bin here: give --image")
    firmware = Firmware(image)
    if firmware.trailer:
        raise Failure("%s: has keys: copy it, or use --keys" % image)
    firmware.trailer = Firmware(args.keys).need_trailer() if args.keys \
        else Trailer()
    firmware.save(args.file)


def add_cert(args):
    firmware = Firmware(args.file)
    trailer = firmware.need_trailer()
    if args.name and len(args.cert) > 1:
        raise Failure("--name: only with one certificate")
    for path in args.cert:
        cert = Certificate(path)
        key = Key(args.name or cert.name(), cert.n, cert.e, cert.der)
        fault = key.fault() or args.target == "kernel" and cert.grub_fault()
        if fault:
            raise Failure("%s: %s" % (path, fault))
        if args.target == "grub":
            add_once(trailer.keys, key, path,
                     any(k.der == cert.der for k in trailer.keys))
        else:
            trailer.db = trailer.db or []
            entry = esl.Entry("certificate", cert.der)
            add_once(trailer.db, entry, path, entry in trailer.db)
    firmware.save()


def add_once(items, item, what, present):
    if present:
        raise Failure("%s: is there already" % what)
    items.append(item)


def denied(what, target):
    """What to deny: (kind of esl.TYPES, data, its SHA-256)."""
    if re.fullmatch("[0-9A-Fa-f]{64}", what) and not os.path.exists(what):
        value = bytes.fromhex(what)
        return "sha256", value, value
    data = read_file(what)
    if is_certificate(data):
        der = Certificate(what).der
        return "certificate", der, hashlib.sha256(der).digest()
    value = hashlib.sha256(verify.signed_content(what, target)).digest()
    return "sha256", value, value


def deny(args):
    firmware = Firmware(args.file)
    trailer = firmware.need_trailer()
    kind, data, digest = denied(args.what, args.target)
    if args.target == "grub":
        add_once(trailer.denied, digest, args.what, digest in trailer.denied)
    else:
        trailer.dbx = trailer.dbx or []
        entry = esl.Entry(kind, data)
        add_once(trailer.dbx, entry, args.what, entry in trailer.dbx)
    firmware.save()


def sbat(args):
    firmware = Firmware(args.file)
    trailer = firmware.need_trailer()
    for level in args.level:
        match = SBAT_LINE.fullmatch(level + "\n")
        if not match:
            raise Failure("%s: not component,generation (as grub,5)" % level)
        trailer.sbat[match[1]] = int(match[2])
    trailer.sbat = {k: v for k, v in trailer.sbat.items() if v}
    firmware.save()


def set_mode(args):
    firmware = Firmware(args.file)
    trailer = firmware.need_trailer()
    trailer.mode = MODES.index(args.mode)
    trailer.refuse_kernel = args.refuse_kernel
    if args.mode == "enforce" and not trailer.keys:
        raise Failure("%s: no key for boot loaders: nothing could boot; use "
                      "add-cert" % args.file)
    firmware.save()


def fingerprint(data):
    return hashlib.sha256(data).hexdigest()


def show_list(name, entries):
    for entry in entries or ():
        kind = entry.kind if isinstance(entry.kind, str) else entry.kind.hex()
        print("%-8s %s %s" % (name, kind, entry.data.hex() if
                              kind == "sha256" else fingerprint(entry.data)))


def show(args):
    firmware = Firmware(args.file)
    print("image    %d bytes, sha256 %s" % (
        len(firmware.image), fingerprint(firmware.image)))
    trailer = firmware.trailer
    if not trailer:
        print("mode     off: no keys")
        return
    print("mode     %s%s" % (MODES[trailer.mode], ", -kernel is refused" *
                             trailer.refuse_kernel))
    for key in trailer.keys:
        print("grubdb   %s: RSA %d, certificate %s" % (
            key.name, key.n.bit_length(), fingerprint(key.der)))
    for value in trailer.denied:
        print("grubdbx  %s" % value.hex())
    show_list("db", trailer.db)
    show_list("dbx", trailer.dbx)
    for level in sorted(trailer.sbat.items()):
        print("sbat     %s,%d" % level)


def verify_program(args):
    trailer = Firmware(args.file).need_trailer()
    key = verify.verify(args.program, trailer, args.partition)
    print("%s: signed with the key of %s" % (args.program, key.name))


def parser():
    top = argparse.ArgumentParser(
        prog="quoin-keys", description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    def command(name, run, text):
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        sub.add_argument("file", metavar="FILE", help="made by new"
                         if name != "new" else "must not exist")
        return sub

    def target(sub):
        sub.add_argument(
            "--for", dest="target", choices=("grub", "kernel"),
            default="grub", help="grub: what the firmware verifies (default);"
            " kernel: what GRUB verifies")

    sub = command("new", new, "make FILE: a copy of quoin.bin, mode off")
    sub.add_argument("--image", help="the quoin.bin; default: the installed "
                     "or built one")
    sub.add_argument("--keys", metavar="OLD", help="take keys and mode of "
                     "this file, for example after an update of quoin")
    sub = command("add-cert", add_cert, "trust certificates (X.509, RSA with "
                  "2048 to 4096 bits, DER or PEM)")
    sub.add_argument("cert", metavar="CERT", nargs="+",
                     help="a file in DER or PEM")
    sub.add_argument("--name", help="for messages; default: its CN")
    target(sub)
    sub = command("deny", deny, "deny programs or certificates, though signed")
    sub.add_argument("what", metavar="WHAT", help="SHA-256 of the signed "
                     "contents; a program; or a certificate")
    target(sub)
    sub = command("sbat", sbat, "set minimum generations of boot loaders")
    sub.add_argument("level", nargs="+", metavar="COMPONENT,GENERATION",
                     help="0: no minimum")
    sub = command("mode", set_mode, "off; audit: say what would be refused; "
                  "enforce: refuse it")
    sub.add_argument("mode", metavar="MODE", choices=MODES,
                     help="off, audit or enforce")
    sub.add_argument("--refuse-kernel", action="store_true",
                     help="refuse QEMU's -kernel, too; without "
                     "this option, it is allowed")
    command("show", show, "print keys and policy of FILE")
    sub = command("verify", verify_program, "say whether the firmware with "
                  "these keys would run a program")
    sub.add_argument("program", metavar="PROGRAM", help="an ELF file")
    sub.add_argument("--partition", action="store_true", help="it is the "
                     "image of a PReP partition, and ends in it")
    return top


def main():
    args = parser().parse_args()
    try:
        args.run(args)
    except Failure as why:
        print("quoin-keys: %s" % why, file=sys.stderr)
        return 1
    return 0
