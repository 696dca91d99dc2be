# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures of the system tests."""
import os
import re
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))

import images  # noqa: E402
import machine  # noqa: E402
import swtpm  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def prepared():
    if not os.path.exists(machine.FIRMWARE):
        pytest.exit("no firmware %s: run make, or set QUOIN_BIOS"
                    % machine.FIRMWARE, returncode=2)
    images.prepare()


@pytest.fixture
def boot(request):
    """boot(QEMU options...) starts a machine; all end with the test."""
    started = []

    def start(*args, **named):
        name = re.sub(r"[^A-Za-z0-9_.-]+", "-", request.node.name).strip("-")
        if started:
            name += "-%d" % (len(started) + 1)
        started.append(machine.Machine(name, *args, **named))
        return started[-1]

    yield start
    for m in started:
        m.close()


@pytest.fixture
def ends():
    """ends(thing) closes it after the test; returns it."""
    things = []

    def keep(thing):
        things.append(thing)
        return thing

    yield keep
    for thing in reversed(things):
        thing.close()


@pytest.fixture
def tpm(ends, tmp_path_factory):
    """tpm(banks) starts a TPM of its own; its options are for QEMU."""
    def start(banks=swtpm.ALL, more=""):
        return ends(swtpm.Tpm(str(tmp_path_factory.mktemp("tpm")), banks,
                              more))
    return start
