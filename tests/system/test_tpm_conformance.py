# SPDX-License-Identifier: BSD-2-Clause
"""Ring 3: the cases of the conformance suite that need a TPM."""
import pytest

import images

pytestmark = pytest.mark.guest


@pytest.mark.parametrize("flavour,words,least", (
    ("be64", "out=hcall", 500), ("be32", "run=tpm-log", 3),
    ("le64", "run=tpm-log", 3)))
def test_firmware_conforms_with_a_tpm(boot, tpm, flavour, words, least):
    vm = boot(*tpm().options, "-smp", "2", "-kernel",
              images.guest("conformance." + flavour), "-append", words)
    vm.expect(r"# end")
    lines = vm.output().split("\n")
    bad = [n for n, t in enumerate(lines) if t.startswith("not ok")]
    assert not bad, "\n".join(t for n in bad for t in lines[n:n + 8])
    assert not any("there is no virtual TPM" in t for t in lines)
    assert len([t for t in lines if t.startswith("ok ") and
                "SKIP" not in t]) >= least
    assert vm.ended() == 0
