# SPDX-License-Identifier: BSD-2-Clause
"""TPMs that fail, answer nonsense, or do not answer: one reason, and the boot
goes on."""
import re
import time

import pytest

import eventlog
import fake_tpm
import images
import measured
from fake_tpm import ERROR, GONE, banks, response

PROMPT = r"0 > "
QUICK = 25      # seconds: less than the 30 of a command without a response

# What answers in which way, and what the reason says.
BROKEN = {
    "startup": ({"Startup": ERROR}, r"Startup failed: .*101"),
    "self-test": ({"SelfTest": ERROR}, r"SelfTest failed: .*101"),
    "tag-of-1.2": ({"Startup": GONE}, r"Startup failed: "),
    "short": ({"GetCapability": response()}, r"GetCapability failed: "),
    "more-data": ({"GetCapability": banks(0xb, more=1)},
                  r"GetCapability failed: "),
    "other-capability": ({"GetCapability": banks(0xb, kind=6)},
                         r"GetCapability failed: "),
    "endless-count": ({"GetCapability": response(
        body=b"\0\0\0\0\5" + b"\xff" * 4)}, r"GetCapability failed: "),
    "select-too-long": ({"GetCapability": response(body=bytes.fromhex(
        "00000000050000000100 0b ff ffffff"))}, r"GetCapability failed: "),
    "bank-twice": ({"GetCapability": banks(0xb, 0xb)},
                   r"GetCapability failed: "),
    "first-extend": ({"PCR_Extend": ERROR}, r"PCR_Extend failed: .*101"),
    "later-extend": ({"PCR_Extend": [fake_tpm.DONE] * 12 + [ERROR]},
                     r"PCR_Extend failed: .*101"),
    "no-random-bytes": ({"GetRandom": response(body=b"\0\0")},
                        r"GetRandom failed: "),
    "too-many-random-bytes": ({"GetRandom": response(
        body=b"\0\x40" + bytes(64))}, r"GetRandom failed: "),
    "authorization": ({"HierarchyChangeAuth": ERROR},
                      r"HierarchyChangeAuth failed: .*101"),
}


@pytest.fixture
def fake(ends, tmp_path):
    return lambda answers=(): ends(fake_tpm.FakeTpm(str(tmp_path), answers))


def disk():
    return measured.disk(images.boot_disk(measured.client()))


def goes_on(vm):
    """The client runs, without a time-out; its methods find no TPM."""
    began = time.monotonic()
    found = eventlog.Measured(vm)
    assert time.monotonic() - began < QUICK
    assert "no response" not in vm.output()
    assert not found.pcrs and found.authorization == 0x101
    assert vm.ended() == 0
    assert len(re.findall(r"measurements stop", vm.output())) == 1


@pytest.mark.parametrize("name", BROKEN)
def test_reason_is_given_and_the_boot_goes_on(boot, fake, name):
    answers, reason = BROKEN[name]
    tpm = fake(answers)
    vm = boot(*tpm.options, *disk())
    vm.expect(r"TPM: %s[^\n]*; measurements stop\r" % reason, QUICK)
    goes_on(vm)
    # Nobody can make statements with such a TPM.
    assert tpm.names[-3:] == ["HierarchyControl"] * 3
    assert tpm.names.count("Startup") == 1


def test_property_does_not_stay_if_the_tpm_fails(boot, fake):
    tpm = fake({"HierarchyChangeAuth": ERROR})
    vm = boot(*tpm.options, *disk(), "-prom-env", "boot-file=return=1")
    vm.expect(r"TPM end\r", QUICK)
    vm.expect(PROMPT)
    vm.line(".properties /")
    vm.expect(PROMPT)
    assert re.search(r"ibm,trusted-boot +0*0\b", vm.before())


def test_random_bytes_may_come_one_by_one(boot, fake):
    tpm = fake({"GetRandom": response(body=b"\0\1\x5a")})
    vm = boot(*tpm.options, *disk())
    vm.expect(r"TPM end\r", QUICK)
    assert tpm.names.count("GetRandom") == 32
    assert "measurements stop" not in vm.output()


def test_tpm_that_was_started_already_is_used(boot, fake):
    tpm = fake({"Startup": response(0x100)})
    vm = boot(*tpm.options, *disk())
    vm.expect(r"TPM: [^\n]*started already", QUICK)
    vm.expect(r"TPM end\r", QUICK)
    assert "PCR_Extend" in tpm.names


def test_tpm_without_a_bank_is_named(boot, fake):
    tpm = fake({"GetCapability": banks(0xb, selects=bytes(3))})
    vm = boot(*tpm.options, *disk())
    vm.expect(r"TPM: no active bank", QUICK)
    vm.expect(r"TPM end\r", QUICK)
    assert "PCR_Extend" not in tpm.names
    # Its platform is locked as any other's.
    at = tpm.names.index("GetRandom")
    assert tpm.names[at + 1] == "HierarchyChangeAuth"


def test_bank_that_cannot_be_computed_is_capped(boot, fake):
    """SM3: PCRs 0 to 7 get all ones, so that no log replays to them."""
    tpm = fake({"GetCapability": banks(0x12, 0xb)})
    vm = boot(*tpm.options, *disk())
    vm.expect(r"TPM: bank sm3_256 ", QUICK)
    vm.expect(r"TPM 2\.0: banks sha256\r", QUICK)
    vm.expect(r"TPM end\r", QUICK)
    capped = [c for c in tpm.commands if b"\0\x12" + b"\xff" * 32 in c]
    assert [c[13] for c in capped] == list(range(8))


def test_bank_of_unknown_size_takes_the_identity(boot, fake):
    """Endorsement and owner hierarchy go, the rest works."""
    tpm = fake({"GetCapability": banks(0x7777, 0xb)})
    vm = boot(*tpm.options, *disk())
    vm.expect(r"TPM: bank 0x7777 ", QUICK)
    vm.expect(r"TPM end\r", QUICK)
    off = [c[27:31].hex() for c in tpm.commands if c[6:10] == b"\0\0\1\x21"]
    assert sorted(off) == ["40000001", "4000000b"]
    assert "PCR_Extend" in tpm.names


@pytest.mark.parametrize("name", ("Startup", "PCR_Extend"))
def test_tpm_that_does_not_answer_holds_up_for_one_time_out(boot, fake, name):
    """30 s of the guest, whose clock runs ahead."""
    tpm = fake({name: None})
    vm = boot(*tpm.options, *disk(), "-icount", "shift=10,sleep=off")
    vm.expect(r"TPM: %s failed: [^\n]*; measurements stop\r" % name)
    vm.expect(r"TPM end\r")
    assert tpm.names[-1] == name


@pytest.mark.parametrize("name", ("SelfTest", "PCR_Extend", "GetRandom"))
def test_tpm_that_ends_with_a_command(boot, fake, name):
    tpm = fake({name: fake_tpm.ENDS})
    vm = boot(*tpm.options, *disk())
    vm.expect(r"TPM: %s failed: [^\n]*; measurements stop\r" % name, QUICK)
    goes_on(vm)
    assert tpm.names[-1] == name


def test_tpm_that_ends_at_the_prompt(boot, tpm):
    one = tpm()
    vm = boot(*one.options, *disk(), "-prom-env", "auto-boot?=false")
    vm.expect(PROMPT)
    one.close()
    vm.line("boot")
    vm.expect(r"TPM: PCR_Extend failed: [^\n]*; measurements stop\r", QUICK)
    goes_on(vm)


def test_tpm_1_2_is_named_and_left_alone(boot, fake):
    answer = response(0x1e, tag=0xc4)
    tpm = fake({"ReadClock": answer, "f1": answer})    # TPM_ORD_GetTicks
    vm = boot(*tpm.options, *disk())
    vm.expect(r"TPM 1\.2", QUICK)
    vm.expect(r"TPM end\r", QUICK)
    assert set(tpm.names) == {"ReadClock", "f1"}
