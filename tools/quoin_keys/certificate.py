# SPDX-License-Identifier: BSD-2-Clause
"""Certificates: OpenSSL reads them."""
import base64
import os
import re
import subprocess

from quoin_keys import Failure, der
from quoin_keys.firmware import read_file


def openssl(path, data, *args):
    """Output of `openssl x509`, which reads `data`, the file `path`."""
    try:
        run = subprocess.run(("openssl", "x509") + args, input=data,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             check=False)
    except OSError as why:
        raise Failure("openssl: %s: install it" % why.strerror) from None
    if run.returncode:
        raise Failure("%s: not an X.509 certificate in DER or PEM" % path)
    return run.stdout


def is_certificate(data):
    return data.startswith(b"\x30") or b"-----BEGIN CERTIFICATE-----" in data


class Certificate:
    """`der`, `n`, `e`, `subject` and `extensions` (text) of a file."""

    def __init__(self, path):
        data = read_file(path)
        form = "DER" if data.startswith(b"\x30") else "PEM"
        if data.count(b"-----BEGIN CERTIFICATE-----") > 1:
            raise Failure("%s: several certificates; give each in a file" %
                          path)
        self.path = path
        self.der = openssl(path, data, "-inform", form, "-outform", "DER")
        self.subject = openssl(path, self.der, "-inform", "DER", "-noout",
                               "-subject", "-nameopt", "RFC2253,-esc_msb") \
            .decode("utf-8", "replace").strip()
        self.text = openssl(path, self.der, "-inform", "DER", "-noout",
                            "-text", "-certopt",
                            "no_pubkey,no_sigdump").decode("utf-8", "replace")
        pem = openssl(path, self.der, "-inform", "DER", "-noout", "-pubkey")
        try:
            self.n, self.e = der.rsa_key(
                base64.b64decode(b"".join(pem.splitlines()[1:-1])))
        except Failure as why:
            raise Failure("%s: %s" % (path, why)) from None
        if form == "DER" and self.der != data:
            raise Failure("%s: %d bytes follow the certificate" % (
                path, len(data) - len(self.der)))

    def name(self):
        """A short name in ASCII for messages: its CN, or the file's name."""
        found = re.search(r"(?:^subject=|,)CN=((?:\\.|[^,\\])+)",
                          self.subject)
        text = found[1].replace("\\", "") if found else \
            os.path.basename(self.path)
        return re.sub(r"[^ -~]", "?", text)[:127]

    def grub_fault(self):
        """Why GRUB would not use it, or None."""
        if "Version: 3" not in self.text:
            return "not of version 3, which GRUB needs"
        if "Digital Signature" not in self.text:
            return "its key usage lacks digitalSignature, which GRUB needs"
        if "CA:TRUE" in self.text:
            return "of a certificate authority, which GRUB refuses"
        return None
