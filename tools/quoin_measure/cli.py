# SPDX-License-Identifier: BSD-2-Clause
"""The command line of quoin-measure."""
import argparse
import hashlib
import sys

from quoin_keys import Failure

from .contents import KINDS, contents

BANKS = ["sha1", "sha256", "sha384", "sha512"]


def parser():
    rows = ["  %-9s %-31s PCR %d  %s" % (name, what, pcr, event)
            for name, (_make, what, pcr, event) in KINDS.items()]
    p = argparse.ArgumentParser(
        prog="quoin-measure", description=__import__("quoin_measure").__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="kinds, what they are given, PCR and event in the log:\n" +
               "\n".join(rows))
    p.add_argument("--bank", choices=BANKS, action="append",
                   help="print this digest only; may be repeated")
    p.add_argument("kind", choices=KINDS, metavar="kind")
    p.add_argument("what", nargs="+", help="files, or a text")
    return p


def main(argv=None):
    args = parser().parse_args(argv)
    # Arguments may be any bytes.
    for stream in sys.stdout, sys.stderr:
        stream.reconfigure(errors="surrogateescape")
    for what in args.what:
        try:
            found = contents(args.kind, what)
        except Failure as why:
            print("quoin-measure: %s" % why, file=sys.stderr)
            return 1
        for name, data in found.items():
            for bank in args.bank or BANKS:
                print("%-6s %s  %s" % (
                    bank, hashlib.new(bank, data).hexdigest(), name))
    return 0
