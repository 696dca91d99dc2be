# SPDX-License-Identifier: BSD-2-Clause
"""QEMU options for network cards, and for QEMU's own user network: DHCP, TFTP
at 10.0.2.2 and fec0::2, which are also the host's loopback.
[QEMU docs/system/devices/net.rst; libslirp]"""
import os
import shutil

import machine

# What the firmware drives: the names of the tests and QEMU's.
CARDS = {"virtio-net": "virtio-net-pci", "spapr-vlan": "spapr-vlan",
         "e1000": "e1000", "e1000e": "e1000e", "rtl8139": "rtl8139"}

HOST4, HOST6 = "10.0.2.2", "[fec0::2]"
MAC = "52:54:00:12:34:56"


def card(name, options="", ident="n0"):
    return ["-device", "%s,netdev=%s%s" % (CARDS[name], ident,
                                           options and "," + options)]


def user(folder=None, bootfile=None, options="", ident="n0"):
    """The user network; folder: what its TFTP server offers."""
    option = "user,id=" + ident
    if folder:
        option += ",tftp=%s" % folder
    if bootfile:
        option += ",bootfile=" + bootfile
    return ["-netdev", option + (options and "," + options)]


def capture(name, ident="n0", most=128):
    """Options, and the file that gets the first `most` bytes of each frame."""
    os.makedirs(machine.LOG_DIR, exist_ok=True)
    path = os.path.join(machine.LOG_DIR, name + ".pcap")
    return ["-object", "filter-dump,id=dump-%s,netdev=%s,file=%s,maxlen=%d" %
            (ident, ident, path, most)], path


def folder(top, files):
    """A folder with copies of files: {name: path, or bytes}."""
    for name, source in files.items():
        to = os.path.join(str(top), name.lstrip("/"))
        os.makedirs(os.path.dirname(to), exist_ok=True)
        if isinstance(source, bytes):
            with open(to, "wb") as f:
                f.write(source)
        else:
            shutil.copy(source, to)
    return str(top)
