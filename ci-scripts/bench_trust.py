# SPDX-License-Identifier: BSD-2-Clause
"""What trusted boot costs: hashing for a vTPM, verifying a signature."""
import os
import struct

import bench_machines as machines
import images
import secure
import signing
import swtpm

# Bytes of the measured program, and of the signed one: GRUB's core has so many.
MEASURED = 8 << 20
SIGNED = 480000

# Name: banks, and the most instructions for a byte.
BANKS = {"sha256": ("sha256", 45), "four banks": (swtpm.ALL, 130)}


def signed_program():
    """A program of SIGNED bytes, and the same with a signature."""
    with open(images.padded_guest("stamp.be32", 1), "rb") as f:
        elf = bytearray(f.read())
    offset, = struct.unpack_from(">I", elf, 88)
    struct.pack_into(">II", elf, 100, SIGNED - offset, SIGNED - offset)
    elf = bytes(elf[:SIGNED])
    key = signing.Key("bench", 4096)
    return key, elf, signing.sign_program(elf, key)


class Trust:
    """The rows; close() ends the software TPMs."""

    def __init__(self, bench, folder):
        self.bench, self.folder, self.tpms = bench, folder, []

    def add(self):
        wanted = self.bench.wanted
        if not wanted or any(w in "measured" for w in wanted):
            self.measured()
        if not wanted or any(w in "signed" for w in wanted):
            self.signed()

    def measured(self):
        """The start hashes the firmware, too: a small program tells."""
        programs = {"small": images.guest("stamp.be32"),
                    "large": images.padded_guest("stamp.be32", MEASURED >> 20)}
        for name, (banks, _) in BANKS.items():
            for size, program in programs.items():
                row = "measured-%s-%s" % (name, size)
                disk = self.bench.in_memory(images.boot_disk(program,
                                                             "--prep=16"))
                self.bench.instructions(
                    row, "%s program measured, %s" % (size, name),
                    machines.disk(disk) + self.tpm(row, banks), boots=True,
                    firmwares=("quoin",))

    def tpm(self, row, banks):
        folder = os.path.join(self.folder, row)
        os.makedirs(folder)
        self.tpms.append(swtpm.Tpm(folder, banks))
        return self.tpms[-1].options

    def signed(self):
        key, plain, signed = signed_program()
        options = machines.disk(secure.prep_disk(self.folder, plain,
                                                 name="plain.img"))
        self.bench.instructions("signed-not", "480 kB from PReP", options,
                                boots=True, firmwares=("quoin",))
        options = machines.disk(secure.prep_disk(self.folder, signed,
                                                 name="signed.img"))
        bios = secure.firmware(self.folder, keys=[key])
        self.bench.instructions(
            "signed", "the same, signed by RSA-4096 with SHA-256",
            options + ["-bios", bios], boots=True, firmwares=("quoin",))

    def differences(self, add_difference):
        for name, (_, most) in BANKS.items():
            row = "measured-%s-" % name
            add_difference(self.bench, "measuring a byte, " + name,
                           row + "large", row + "small", MEASURED, most,
                           ["quoin"])
        add_difference(self.bench, "verifying 480 kB", "signed", "signed-not",
                       1, 40000000, ["quoin"])

    def close(self):
        for tpm in self.tpms:
            tpm.close()
