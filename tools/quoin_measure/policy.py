# SPDX-License-Identifier: BSD-2-Clause
"""The events of PCR 7: keys and policy of secure boot; boot/measured.c."""
import struct
import uuid

from quoin_keys import esl
from quoin_keys.firmware import Firmware
from quoin_keys.trailer import MODES, Trailer

# UEFI 2.10, 3.3 and 32.4.1
GLOBAL = uuid.UUID("8be4df61-93ca-11d2-aa0d-00e098032b8c").bytes_le
DATABASE = uuid.UUID("d719b2cb-3d3a-4596-a3bc-dad00e67656f").bytes_le
NOBODY = bytes(esl.GUID)


def variable(name, data):
    """UEFI_VARIABLE_DATA."""
    guid = GLOBAL if name in ("SecureBoot", "PK", "KEK") else DATABASE
    return guid + struct.pack("<2Q", len(name), len(data)) + \
        name.encode("utf-16-le") + data


def denied(hashes):
    """One list."""
    size = esl.GUID + 32
    return b"".join([esl.LIST.pack(
        esl.TYPES["sha256"].bytes_le, esl.LIST.size + size * len(hashes), 0,
        size), *(NOBODY + value for value in hashes)]) if hashes else b""


def events(path):
    """{name: UEFI_VARIABLE_DATA}, and {"key NAME": of its authority}."""
    trailer = Firmware(path).trailer or Trailer()
    keys = [esl.Entry("certificate", k.der, k.owner) for k in trailer.keys]
    lists = {"SecureBoot": bytes([MODES[trailer.mode] == "enforce"]),
             "PK": b"", "KEK": b"", "db": esl.pack(trailer.db or ()),
             "dbx": esl.pack(trailer.dbx or ()), "grubdb": esl.pack(keys),
             "grubdbx": denied(trailer.denied), "sbat": trailer.levels()}
    found = {name: variable(name, data) for name, data in lists.items()}
    for key in trailer.keys:
        found["key " + key.name] = variable("grubdb", key.owner + key.der)
    return found
