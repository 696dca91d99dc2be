# SPDX-License-Identifier: BSD-2-Clause
"""Ring 3: the conformance suite on the firmware, and its runner on a QEMU
that fails in every way."""
import os
import re
import subprocess
import sys
import types

import pytest

import devices
import images
from machine import FIRMWARE, QEMU, ROOT

pytestmark = pytest.mark.guest

sys.path.append(os.path.join(ROOT, "ci-scripts"))

import conformance_matrix as matrix  # noqa: E402
from conformance_media import Unusable  # noqa: E402
from conformance_tap import Case  # noqa: E402

RUNNER = os.path.join(ROOT, "ci-scripts/conformance")
FAKE = os.path.join(ROOT, "tests/system/fake_qemu.py")
DEVIATIONS = os.path.join(ROOT, "tests/guest/conformance/deviations.tsv")

# Much memory, to which more can be added.
ADDABLE = "8G,slots=2,maxmem=16G"

# Each build from both, one from a disc, and with little and much memory.
WAYS = [(flavour, medium, "1G")
        for flavour in ("be32", "be64", "be64v2", "le64")
        for medium in ("kernel", "disk")] + [
            ("be64", "cd", "1G"), ("be32", "kernel", "256M"),
            ("le64", "kernel", ADDABLE)]

MEDIA = ("kernel", "disk", "cd")

# Why a case may be skipped, and in what builds and from what media.
SKIPPED = {
    "this client is a 32-bit program": ("be32",),
    "a 32-bit processor does not tell": ("be32",),
    "this client has version 1 of the ABI, or 32 bits": ("be32", "be64"),
    "QEMU has loaded the client": ("kernel",),
    "there is no initrd": ("disk", "cd"),
    "there is no virtual TPM": MEDIA,
    "a disk has no such method": MEDIA,
    "an opened disk has no such method": MEDIA,
    "an opened partition has no such method": MEDIA,
}

# 256 MiB end where the client is linked: no disk can load it there.
OF_MEMORY = {
    "1G": ("no memory can be added",),
    "256M": ("no memory can be added",
             "the client was not started from a device"),
    ADDABLE: ("memory goes to 4 GiB",
           "memory is not one piece of 64-bit cells below 4 GiB"),
}


def conformance(**variables):
    """Runs the runner; returns its status, its lines and its complaint."""
    done = subprocess.run([RUNNER], env=dict(os.environ, **variables),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          encoding="utf-8", check=False)
    return done.returncode, done.stdout.split("\n"), done.stderr


def passed(lines):
    """The lines of cases that passed; all must."""
    bad = [n for n, line in enumerate(lines) if line.startswith("not ok")]
    assert not bad, "\n".join(
        line for n in bad for line in lines[n:n + 8])
    return [t for t in lines if t.startswith("ok ")]


def skipped(lines, flavour, medium, *reasons):
    """The lines of cases skipped for another reason than SKIPPED has for the
    build and medium, or begins with one of reasons."""
    why = [(t, t.split(" # SKIP ")[1]) for t in lines if " # SKIP " in t]
    return [t for t, reason in why if not reason.startswith(reasons) and
            not {flavour, medium}.intersection(SKIPPED.get(reason, ()))]


def unknown_deviations(lines):
    """Names and patterns in deviations.tsv that fit none of these cases."""
    names = [t.split(" - ", 1)[1].split(" # ")[0] for t in lines]
    with open(DEVIATIONS, encoding="utf-8") as f:
        wanted = {t.split("\t")[0] for t in f if "\t" in t and t[0] != "#"}
    return [w for w in sorted(wanted)
            if not any(re.fullmatch(re.escape(w).replace("\\*", ".*"), name)
                       for name in names)]


@pytest.mark.parametrize("flavour,medium,memory", WAYS)
def test_firmware_conforms(tmp_path, flavour, medium, memory):
    status, lines, complaint = conformance(
        BIOS=FIRMWARE, QEMU=QEMU, FLAVOUR=flavour, MEDIA=medium,
        OUTPUT=str(tmp_path), WATCHDOG="60", PATIENCE="60",
        QEMU_ARGS="-m " + memory)
    assert complaint == ""
    good = passed(lines)
    assert len(good) == int(lines[1].split("..")[1]) > 600
    assert skipped(good, flavour, medium, *OF_MEMORY.get(memory, ())) == []
    assert unknown_deviations(good) == []
    assert status == 0


@pytest.mark.parametrize("controller", sorted(devices.DISK))
def test_firmware_conforms_on_every_controller(boot, controller):
    """The main run: all that clients do with a disk is in it."""
    options = devices.disk(controller, images.suite_disk())
    if controller == "usb-storage":
        # With a kernel and without a screen nothing needs USB.
        options += ["-device", "VGA"]
    vm = boot(*options, "-smp", "2",
              "-kernel", images.guest("conformance.be32"))
    vm.expect(r"# end")
    assert vm.ended() == 0
    lines = vm.output().split("\n")
    good = passed(lines)
    assert len(good) == int(lines[lines.index("TAP version 14") + 1][3:])
    other = skipped(good, "be32", "disk", "in a run of its own",
                    "no unit address has a letter")
    # GRUB asks an adapter, or looks for aliases.
    want = ["there is no PCI function", "each disk has an alias"] \
        if controller == "spapr-vscsi" else \
        ["there is no virtual SCSI adapter", "vscsi-report-luns gives a table"]
    assert len(other) == len(want)
    assert all(w in o for w, o in zip(want, other))


def test_firmware_conforms_without_a_terminal(boot, tmp_path):
    """The main run; the client keeps its text where QEMU's monitor finds it."""
    vm = boot("-S", "-no-shutdown", "-smp", "2",
              *devices.disk("virtio-blk-modern", images.suite_disk()),
              "-kernel", images.guest("conformance.be32"), serial="none")
    vm.qmp("cont")
    vm.event("SHUTDOWN")
    dump = tmp_path / "memory"
    vm.qmp("pmemsave", val=0, size=64 << 20, filename=str(dump))
    text = dump.read_bytes().split(b"TAP version 14\r\n")[-1].split(b"\0")[0]
    lines = text.decode("latin-1").split("\r\n")
    good = passed(lines)
    assert "# end" in lines and int(lines[0][3:]) == len(good) > 600
    other = skipped(good, "be32", "kernel", "in a run of its own",
                    "no unit address has a letter", "there is no initrd",
                    "there is no virtual SCSI adapter", *OF_MEMORY["1G"])
    assert len(other) == 2
    assert all("terminal" in t.split(" # SKIP ")[1] for t in other)


@pytest.fixture
def fake(tmp_path):
    """Runs the runner with a QEMU that is a script."""
    client = tmp_path / "client"
    client.write_bytes(b"client\0GUEST-ARGUMENTS:".ljust(300, b"\0"))

    def run(**variables):
        return conformance(**dict({
            "QEMU": FAKE, "BIOS": FIRMWARE, "CLIENT": str(client),
            "OUTPUT": str(tmp_path), "WATCHDOG": "1", "PATIENCE": "3"},
            **variables))

    return run


def test_runner_goes_on_after_a_hang_a_crash_and_a_reset(fake):
    status, lines, _ = fake()
    assert [t for t in lines if t.startswith(("ok", "not ok", "#"))] == [
        "ok 1 - passes # IEEE 1275",
        "not ok 2 - hangs # hang: no answer within 1 s",
        "not ok 3 - crashes # the machine ended: qemu: fatal: "
        "the machine stopped",
        "not ok 4 - resets # the firmware restarted",
        "ok 5 - is absent # SKIP there is none",
        "not ok 6 - fails # IEEE 1275",
        "not ok 7 - goes to the prompt # the firmware went to its prompt",
        "not ok 8 - talks for ever # hang: no verdict within 10 s",
        "ok 9 - passes after text # IEEE 1275",
        "ok 10 - leaves # IEEE 1275",
        "ok 11 - leaves to the prompt # IEEE 1275",
        "ok 12 - leaves and ends the machine # IEEE 1275",
        "not ok 13 - leaves and hangs # hang: no answer within 1 s",
        "not ok 14 - comes back # IEEE 1275",
        "ok 15 - passes afterwards # IEEE 1275",
        "ok 16 - boots # IEEE 1275",
        "not ok 17 - boots something else # "
        "the client ended without a verdict",
        "not ok 18 - leaves into a crash # the firmware stopped: "
        "( 700 ) Program Exception [ 0 ]",
        "ok 19 - powers off # IEEE 1275",
        "not ok 20 - does not power off # the firmware went to its prompt",
        "not ok 21 - does not come back # IEEE 1275",
        "ok 22 - starts anew # IEEE 1275",
        "not ok 23 - does not start anew # hang: no answer within 3 s",
        "ok 24 - chains into nothing # IEEE 1275",
        "ok 25 - enters and comes back # IEEE 1275",
        "not ok 26 - comes back at once # IEEE 1275",
        "# 11 passed, 14 failed (required 10, expected 4, extension 0), "
        "1 skipped"]
    assert lines[:2] == ["TAP version 14", "1..26"]
    assert status == 1


def test_runner_shows_what_the_console_said_last(fake, tmp_path):
    _, lines, _ = fake()
    at = lines.index("not ok 7 - goes to the prompt # "
                     "the firmware went to its prompt")
    assert lines[at + 1:at + 9] == [
        "  ---",
        "  level: required",
        "  source: \"IEEE 1275\"",
        "  message: \"the firmware went to its prompt\"",
        "  console:",
        "    - \"ok\"",
        "    - \"0 >\"",
        "  ..."]
    name = os.path.splitext(os.path.basename(FIRMWARE))[0]
    written = (tmp_path / (name + "-be64-kernel.tap")).read_text()
    assert written.split("\n") == lines


def test_runner_makes_a_subtest_of_each_build(fake):
    status, lines, _ = fake(FLAVOUR="be32 le64", FAKE_QEMU="mute")
    assert lines == [
        "TAP version 14", "1..2",
        "# Subtest: be32 kernel",
        "    TAP version 14",
        "    Bail out! the client did not start within 3 s; "
        "end of the console: (nothing)",
        "not ok 1 - be32 kernel",
        "# Subtest: le64 kernel",
        "    TAP version 14",
        "    Bail out! the client did not start within 3 s; "
        "end of the console: (nothing)",
        "not ok 2 - le64 kernel", ""]
    assert status == 1


def test_runner_runs_one_case_alone(fake):
    status, lines, _ = fake(ONLY="19")
    assert lines == ["TAP version 14", "1..19",
                     "ok 19 - powers off # IEEE 1275",
                     "# 1 passed, 0 failed (required 0, expected 0, "
                     "extension 0), 0 skipped", ""]
    assert status == 0


@pytest.mark.parametrize("variables,complaint", (
    ({"BIOS": "/nowhere"}, "/nowhere: no such firmware image"),
    ({"QEMU": "no-such-qemu"}, "no-such-qemu: no such QEMU"),
    ({"FLAVOUR": "be16"},
     "FLAVOUR=be16: must be one of be32 be64 be64v2 le64"),
    ({"MEDIA": "tape"}, "MEDIA=tape: must be one of kernel disk cd"),
    ({"WATCHDOG": "soon"}, "WATCHDOG=soon: not a positive number"),
    ({"CLIENT": "/nowhere"}, "/nowhere: No such file or directory"),
    ({"CLIENT": "/dev/null"}, "/dev/null is not a test client: it has no "
                              "single mark GUEST-ARGUMENTS:"),
    ({"WORDS": "x" * 240}, "arguments for the client are too long"),
))
def test_runner_says_in_a_line_what_it_cannot_use(fake, variables, complaint):
    status, lines, said = fake(**variables)
    assert said.startswith("conformance: " + complaint)
    assert said.count("\n") == 1
    assert status == 2
    assert not [t for t in lines if t.startswith(("ok", "not ok"))]


def test_make_hands_its_variables_to_the_runner(tmp_path):
    done = subprocess.run(
        ["make", "-s", "conformance", "NODEPS=1", "BIOS=" + FIRMWARE,
         "FLAVOUR=be32 be16", "OUTPUT=%s" % tmp_path], cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        check=False)
    assert "conformance: FLAVOUR=be16: must be one of be32 be64 be64v2 le64" \
        in done.stderr.split("\n")
    assert done.returncode == 2


def column(name, *verdicts):
    """A firmware that has run one case with each of these verdicts."""
    firmware = matrix.Firmware(name, "file", "be32", machine="pseries")
    cases = {}
    for number, verdict in enumerate(verdicts, 1):
        cases[number] = Case(number, "group", "main", "required", "source",
                             "case %d" % number)
        cases[number].judge(verdict, "got 1, want 2")
    firmware.suite = types.SimpleNamespace(
        cases=cases, banner=[], given_up=None,
        failures=lambda _: [c for c in cases.values()
                            if c.verdict == "not ok"])
    return firmware


COLUMNS = (column("Good", "ok", "skip"), column("Bad", "not ok", "not ok"))
PARTS = ("firmwares", "levels", "groups")


def page(*names):
    return "Prose.\n" + "".join(
        "%s\nold\n%s\nMore on %s.\n" % (matrix.BEGIN % n, matrix.END, n)
        for n in names)


def test_matrix_fills_the_tables_and_keeps_the_prose():
    text = matrix.filled_page(page(*PARTS), COLUMNS, "QEMU 1.0 (mine)")
    for name in PARTS:
        assert "\nMore on %s.\n" % name in text
    assert text.startswith("Prose.\n") and "old" not in text
    assert "| Bad | that of QEMU 1.0 | pseries | be32 |" in text
    assert "| required | 1 / 0 / 1 | 0 / **2** / 0 |" in text
    assert "| group | 1 / 0 / 1 | 0 / **2** / 0 |" in text
    assert matrix.filled_page(text, COLUMNS, "QEMU 1.0 (mine)") == text


@pytest.mark.parametrize("text", (
    page("firmwares", "levels"), page(*PARTS, "levels"),
    page(*PARTS).replace(matrix.END, "")))
def test_matrix_refuses_a_page_without_room_for_its_tables(text):
    with pytest.raises(Unusable):
        matrix.filled_page(text, (), "")


def test_matrix_explains_each_failure_that_has_an_explanation(tmp_path):
    table = tmp_path / "deviations.tsv"
    table.write_text("case 1\tBad\tno *time*\n")
    text = matrix.rows_page(COLUMNS, matrix.Deviations(table), "QEMU 1.0")
    assert "\nNo case fails: Good.\n" in text and "## Good" not in text
    assert text.split("\n")[-3:] == [
        "| case 1 | required | source | no \\*time\\* |",
        "| case 2 | required | source | (unexplained) got 1, want 2 |", ""]


def test_pages_of_the_matrix_explain_each_firmware():
    with open(matrix.PAGE, encoding="utf-8") as f:
        prose = f.read()
    with open(matrix.ROWS, encoding="utf-8") as f:
        rows = f.read()
    assert matrix.filled_page(prose, (), "") != prose
    assert "(unexplained)" not in rows
    for name in re.findall(r"\n## (.+)\n", rows):
        assert "\n## %s\n" % name in prose
