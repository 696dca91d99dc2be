# SPDX-License-Identifier: BSD-2-Clause
"""Keys and policy in the TPM: PCR 7 has all that the host decides, and the key
that has verified a program."""
import os
import re
import subprocess

import eventlog
import machine
import measured
import secure
import signing
from eventlog import Measured, differ

MEASURE_TOOL = os.path.join(machine.ROOT, "tools/quoin-measure")
PROMPT = r"0 > "


def test_each_part_of_the_policy_changes_pcr_7_alone(boot, tpm, tmp_path):
    """Not PCR 0: it is of the firmware without its keys."""
    program = signing.sign_program(secure.client(measured.CLIENT),
                                   secure.one())
    disk = measured.disk(secure.prep_disk(tmp_path, program))

    def run(number=None, mode="off", **policy):
        named = {} if number is None else {"bios": secure.firmware(
            tmp_path, mode, name="bios-%d" % number, **policy)}
        return measured.run(boot, tpm("sha256"), disk, **named)
    none = run()
    # An empty list of keys is no policy.
    assert differ(none, run(0)) == []
    found = [run(1, "audit", keys=[secure.one()]),
             run(2, "audit", keys=[secure.two()]),
             run(3, "enforce", keys=[secure.one()]),
             run(4, kernel_keys=[secure.one()]),
             run(5, commands=[("deny", "00" * 32)]),
             run(6, commands=[("deny", "--for", "kernel", "00" * 32)]),
             run(7, commands=[("sbat", "grub,3")])]
    for i, one in enumerate([none] + found):
        for other in found[i:]:
            assert differ(one, other) == [7]


def test_key_that_verified_a_program_is_measured_once(boot, tpm, tmp_path):
    program = signing.sign_program(secure.client(measured.CLIENT),
                                   secure.two())
    path = secure.firmware(
        tmp_path, keys=[secure.one(), secure.two()],
        kernel_keys=[secure.one()],
        commands=[("deny", "00" * 32), ("deny", "11" * 32),
                  ("deny", "--for", "kernel", "22" * 32)])
    disk = measured.disk(secure.prep_disk(tmp_path, program))
    vm = boot(*tpm().options, *disk, "-prom-env",
              "boot-file=return=1 log=0", bios=path)
    Measured(vm)
    vm.expect(PROMPT)
    vm.line("boot disk log=1")
    log = Measured(vm).check()
    assert vm.ended() == 0
    eventlog.decoded(log, tmp_path)
    name, key = eventlog.variable(log.find(7, "AUTHORITY").data)
    assert name == "grubdb" and key[16:] == measured.read(secure.two().der)
    # After the separator: it is of the client, not of the machine.
    assert log.lines(7)[-2:] == ["7 SEPARATOR 00000000",
                                 "7 AUTHORITY grubdb"]
    # tools/quoin-measure computes all of them.
    events = [e for e in log.events if e.pcr == 7 and e.type != "SEPARATOR"]
    assert eventlog.variable(events[0].data) == ("SecureBoot", b"\1")
    done = subprocess.run([MEASURE_TOOL, "--bank", "sha384", "policy", path],
                          stdout=subprocess.PIPE, text=True, check=True)
    told = {name: digest for digest, name in
            re.findall(r"sha384 (\w+)  (.*)\n", done.stdout)}
    names = [eventlog.text(e) for e in events[:-1]] + ["key quoin test two"]
    assert [told[n] for n in names] == [e.digests["sha384"].hex()
                                        for e in events]
    assert set(told) == {*names, "key quoin test one"}
