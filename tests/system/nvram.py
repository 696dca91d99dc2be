# SPDX-License-Identifier: BSD-2-Clause
"""NVRAM as a guest writes it. [LoPAR, NVRAM structure]"""
import struct

SIZE = 65536
COMMON = 4096


def header(signature, size, name):
    data = struct.pack(">BxH12s", signature, size // 16, name)
    total = data[0]
    for byte in data[2:]:
        total += byte
        total = (total & 0xff) + (total >> 8)
    return data[:1] + bytes([total]) + data[2:]


def image(**variables):
    """One partition of variables; "_" is "-" in their names."""
    text = b"".join(("%s=%s" % (name.replace("_", "-"), value)).encode() +
                    b"\0" for name, value in variables.items())
    size = max(COMMON, len(text) + 32 & ~15)
    return (header(0x70, size, b"common") + text).ljust(size, b"\0") + \
        header(0x7f, SIZE - size, b"\x77" * 12).ljust(SIZE - size, b"\0")
