# SPDX-License-Identifier: BSD-2-Clause
"""Event logs of measured boot: decoded, replayed, compared with a TPM's PCRs.
[TCG PC Client Platform Firmware Profile, 10.2: crypto agile log]"""
import collections
import hashlib
import struct
import subprocess

import dump
import swtpm

ALGORITHMS = {0x4: "sha1", 0xb: "sha256", 0xc: "sha384", 0xd: "sha512"}
NAMES = {3: "NO_ACTION", 4: "SEPARATOR", 5: "ACTION", 6: "EVENT_TAG",
         7: "S_CRTM_CONTENTS", 8: "S_CRTM_VERSION", 0xa: "CONFIG_FLAGS",
         0xb: "DEVICES", 0xc: "COMPACT_HASH", 0xd: "IPL", 0xe: "PARTITION",
         0x80000001: "VARIABLE", 0x80000006: "GPT", 0x800000e0: "AUTHORITY"}

Event = collections.namedtuple("Event", "pcr type digests data")


class Log:
    def __init__(self, raw):
        """raw: with or without zeros at the end."""
        pcr, kind, size = struct.unpack_from("<II20xI", raw)
        head, at = raw[32:32 + size], 32 + size
        assert (pcr, kind) == (0, 3) and head[:16] == b"Spec ID Event03\0"
        count, = struct.unpack_from("<I", head, 24)
        self.sizes = dict(struct.unpack_from("<HH", head, 28 + 4 * i)
                          for i in range(count))
        self.events = []
        while any(raw[at:at + 8]):
            pcr, kind, count = struct.unpack_from("<III", raw, at)
            digests, at = {}, at + 12
            for _ in range(count):
                alg, = struct.unpack_from("<H", raw, at)
                digests[ALGORITHMS[alg]] = raw[at + 2:at + 2 + self.sizes[alg]]
                at += 2 + self.sizes[alg]
            size, = struct.unpack_from("<I", raw, at)
            assert len(digests) == len(self.sizes) and at + 4 + size <= len(raw)
            self.events.append(Event(pcr, NAMES[kind], digests,
                                     raw[at + 4:at + 4 + size]))
            at += 4 + size
        assert not any(raw[at:])
        self.raw = raw[:at]

    def banks(self):
        return [ALGORITHMS[alg] for alg in self.sizes]

    def replay(self):
        """{bank: {PCR: value}} of PCRs 0 to 15."""
        pcrs = {b: {n: bytes(hashlib.new(b).digest_size) for n in range(16)}
                for b in self.banks()}
        for event in self.events:
            for bank in pcrs if event.type != "NO_ACTION" else ():
                pcrs[bank][event.pcr] = hashlib.new(
                    bank, pcrs[bank][event.pcr] + event.digests[bank]).digest()
        return pcrs

    def lines(self, *pcrs):
        """["4 ACTION Booting disk", ...] of these PCRs, or of all."""
        return ["%d %s %s" % (e.pcr, e.type, text(e)) for e in self.events
                if not pcrs or e.pcr in pcrs]

    def find(self, pcr, kind, data=None):
        """The one event of that kind."""
        found = [e for e in self.events if (e.pcr, e.type) == (pcr, kind) and
                 data in (None, e.data)]
        assert len(found) == 1, self.lines()
        return found[0]


def text(event):
    if event.type in ("VARIABLE", "AUTHORITY"):
        return variable(event.data)[0]
    if event.type in ("GPT", "S_CRTM_CONTENTS"):
        return ""
    if event.type == "S_CRTM_VERSION":
        return event.data.decode("utf-16-le").rstrip("\0")
    if event.type == "SEPARATOR":
        return event.data.hex()
    return event.data.decode("latin-1").rstrip("\0")


def variable(data):
    """Name and contents. [UEFI_VARIABLE_DATA]"""
    chars, size = struct.unpack_from("<QQ", data, 16)
    name = data[32:32 + 2 * chars].decode("utf-16-le")
    assert 32 + 2 * chars + size == len(data)
    return name, data[32 + 2 * chars:]


def decoded(log, folder):
    """What tpm2_eventlog prints; it must accept the log."""
    path = folder / "eventlog"
    path.write_bytes(log.raw)
    done = subprocess.run(
        [swtpm.program("tpm2_eventlog"), str(path)], env=swtpm.ENVIRONMENT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="latin-1")
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert done.stdout.count("EventNum:") == len(log.events) + 1
    return done.stdout


class Measured:
    """What tests/guest/tpm.c printed: pcrs like Log.replay(), log or None."""

    def __init__(self, vm):
        self.pcrs, self.log = collections.defaultdict(dict), None
        while True:
            kind = vm.expect_any([
                r"TPM PCR 00([0-9a-f]{2}) (\d+) ([0-9a-f]+)\r",
                r"TPM AUTHORIZATION ([0-9a-f]{8})\r",
                r"TPM LOG ([0-9a-f]*)\r", r"TPM end\r"])
            found = vm.child.match.groups()
            if kind == 0:
                bank = ALGORITHMS[int(found[0], 16)]
                self.pcrs[bank][int(found[1])] = bytes.fromhex(found[2])
            elif kind == 1:
                self.authorization = int(found[0], 16)
            elif kind == 2:
                raw = bytes.fromhex(found[0])
                self.log = Log(raw) if raw else None
            else:
                break

    @classmethod
    def of_linux(cls, output):
        """What tests/guest/init printed."""
        self = cls.__new__(cls)
        self.pcrs, self.log = collections.defaultdict(dict), None
        for line in dump.section(output, "tpm"):
            words = line.split()
            if words[0] == "pcr":
                self.pcrs[words[1]][int(words[2])] = bytes.fromhex(words[3])
            else:
                self.log = Log(bytes.fromhex(words[1]))
        return self

    def check(self):
        """The log leads to the PCRs of all banks; returns the log. Linux's IMA
        extends PCR 10 by itself."""
        replayed = self.log.replay()
        assert sorted(replayed) == sorted(self.pcrs)
        for bank, values in replayed.items():
            for pcr in range(10):
                assert values[pcr] == self.pcrs[bank][pcr], (bank, pcr)
        return self.log


def differ(one, other):
    """The PCRs that are not the same, in every bank."""
    assert sorted(one.pcrs) == sorted(other.pcrs)
    different = {bank: [n for n in range(16)
                        if one.pcrs[bank][n] != other.pcrs[bank][n]]
                 for bank in one.pcrs}
    first = list(different.values())[0]
    assert all(d == first for d in different.values()), different
    return first
