# SPDX-License-Identifier: BSD-2-Clause
"""A software TPM for one test: swtpm of Debian, which logs each command."""
import functools
import os
import re
import shutil
import socket
import subprocess
import sysconfig

import images
import machine

ROOT = os.path.join(machine.ROOT, "build/peers/root/usr")
LIBRARY = os.path.join(ROOT, "lib", sysconfig.get_config_var("MULTIARCH"))
ENVIRONMENT = dict(os.environ, LD_LIBRARY_PATH="%s:%s/swtpm" % (
    LIBRARY, LIBRARY))
PACKAGES = ("swtpm", "swtpm-tools", "tpm2-tools")

ALL = "sha1,sha256,sha384,sha512"

# [TPM 2.0 part 2, 6.5.2]
COMMANDS = {0x121: "HierarchyControl", 0x126: "Clear", 0x127: "ClearControl",
            0x129: "HierarchyChangeAuth", 0x12b: "PCR_Allocate",
            0x143: "SelfTest", 0x144: "Startup", 0x145: "Shutdown",
            0x17a: "GetCapability", 0x17b: "GetRandom", 0x17e: "PCR_Read",
            0x181: "ReadClock", 0x182: "PCR_Extend"}


def program(name):
    return os.path.join(ROOT, "bin", name)


@functools.lru_cache()
def _fetched():
    try:
        with images.lock():
            images.script("fetch-peers", *PACKAGES)
    except RuntimeError as error:
        return str(error)
    return None


def fetch():
    """Tries once; a failure is that of each test."""
    why = _fetched()
    assert not why, why


def _state(banks):
    """The state of a new TPM with these banks, made once."""
    def make(to):
        os.makedirs(to)
        done = subprocess.run(
            [program("swtpm_setup"), "--tpm2", "--config", "/dev/null",
             "--tpm", program("swtpm") + " socket", "--tpmstate", to,
             "--pcr-banks", banks, "--overwrite"], env=ENVIRONMENT, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout
    with images.lock():
        return images.made("tpm-" + banks.replace(",", "-"),
                           ["tests/system/swtpm.py"], make)


class Tpm:
    """A new TPM. options: what QEMU is told."""

    def __init__(self, folder, banks=ALL, more=""):
        fetch()
        self.state = os.path.join(folder, "state")
        shutil.copytree(_state(banks), self.state)
        path = os.path.join(folder, "control")
        self.log_path = os.path.join(folder, "log")
        # It takes over a socket that accepts already: nobody has to wait.
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(1)
            self.child = subprocess.Popen(
                [program("swtpm"), "socket", "--tpm2", "--terminate",
                 "--tpmstate", "dir=" + self.state, "--ctrl",
                 "type=unixio,fd=%d" % listener.fileno(),
                 "--log", "file=%s,level=20" % self.log_path],
                pass_fds=[listener.fileno()], env=ENVIRONMENT)
        self.options = options(path, more)

    def commands(self):
        """[(name, bytes, response)] of all that has arrived so far."""
        found = []
        for what, text in re.findall(
                r"^ SWTPM_IO_(Read|Write): length \d+ *\n((?: [0-9A-F ]+\n)+)",
                open(self.log_path).read(), re.M):
            data = bytes.fromhex(text)
            if what == "Read":
                code = int.from_bytes(data[6:10], "big")
                found.append([COMMANDS.get(code, "%x" % code), data, None])
            else:
                found[-1][2] = data
        return [tuple(c) for c in found]

    def names(self):
        """The names of the commands, repetitions left out, without QEMU's."""
        names = [name for name, _, _ in self.commands() if name != "ReadClock"]
        return [n for i, n in enumerate(names) if not i or names[i - 1] != n]

    def close(self):
        self.child.kill()
        self.child.wait()


def options(path, more=""):
    """QEMU's, for a TPM whose control socket is there."""
    return ["-chardev", "socket,id=chrtpm,path=" + path, "-tpmdev",
            "emulator,id=tpm0,chardev=chrtpm", "-device",
            "tpm-spapr,tpmdev=tpm0" + more]
