# SPDX-License-Identifier: BSD-2-Clause
"""Signers of a PKCS #7 message: packages/secure/pkcs7.c, lib/rsa.c."""
from quoin_keys import Failure
from quoin_keys.der import NULL, OCTETS, OID, PKCS, RSA, SEQUENCE, SET, \
    INTEGER, Reader, context

SIGNERS_MAX = 16
# 2.16.840.1.101.3.4.2: NIST's hashes.
NIST = bytes.fromhex("608648016503040201")[:-1]
HASHES = {NIST + b"\1": "sha256", NIST + b"\2": "sha384",
          NIST + b"\3": "sha512"}
OIDS = {name: oid for oid, name in HASHES.items()}


def kind(reader, oid, name):
    if reader.take(OID, name) != oid:
        raise Failure("%s: of another kind" % name)


def version(reader, name):
    value = reader.take(INTEGER, name)
    if value not in (b"\1", b"\3"):
        raise Failure("%s: neither 1 nor 3" % name)
    return value[0]


def algorithm(reader, name):
    body = reader.into(SEQUENCE, name)
    oid = body.take(OID, name)
    if body.left() and body.last(NULL, name).left():
        raise Failure("%s: NULL is not empty" % name)
    return oid


def signer(reader, hashes):
    """(name of the hash, signature) of one signer."""
    body = reader.into(SEQUENCE, "signer")
    if version(body, "signer's version") == 1:
        body.take(SEQUENCE, "signer's identifier")
    else:
        body.take(0x80, "signer's identifier")
    name = HASHES.get(algorithm(body, "signer's hash"))
    if not name:
        raise Failure("signer's hash: not SHA-256, SHA-384 or SHA-512")
    if name not in hashes:
        raise Failure("signer's hash: not in the list of digest algorithms")
    if body.peek() == context(0):
        raise Failure("the signer has signed attributes")
    if algorithm(body, "signature's algorithm") != RSA:
        raise Failure("signature's algorithm: not RSA")
    return name, body.last(OCTETS, "signature's value").data


def signers(data):
    """All signers of a message; none of them is verified."""
    info = Reader(data).last(SEQUENCE, "PKCS #7 message")
    kind(info, PKCS + b"\7\2", "type")
    body = info.last(context(0), "contents").last(SEQUENCE, "signed data")
    version(body, "version")
    listed, hashes = body.into(SET, "digest algorithms"), set()
    while listed.left():
        hashes.add(HASHES.get(algorithm(listed, "digest algorithm")))
    content = body.into(SEQUENCE, "content")
    kind(content, PKCS + b"\7\1", "type of the content")
    if content.left():
        raise Failure("the content is inside the signature")
    if body.peek() == context(0):
        body.take(context(0), "certificates")
    if body.peek() == context(1):
        raise Failure("it has lists of revoked certificates")
    listed, found = body.last(SET, "signers"), []
    while listed.left():
        if len(found) == SIGNERS_MAX:
            raise Failure("more than %d signers" % SIGNERS_MAX)
        found.append(signer(listed, hashes))
    if not found:
        raise Failure("no signer")
    return found


def is_signature(key, name, digest, signature):
    """RSASSA-PKCS1-v1_5, NULL or no parameters. [RFC 8017, 8.2.2, 9.2]"""
    size = (key.n.bit_length() + 7) // 8
    value = int.from_bytes(signature, "big")
    if len(signature) != size or value >= key.n:
        return False
    block = pow(value, key.e, key.n).to_bytes(size, "big")
    for null in (b"\5\0", b""):
        oid = OIDS[name]
        inner = b"\6" + bytes((len(oid),)) + oid + null
        info = b"\x30" + bytes((len(inner),)) + inner + \
            b"\4" + bytes((len(digest),)) + digest
        info = b"\x30" + bytes((len(info),)) + info
        if block == b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info:
            return True
    return False
