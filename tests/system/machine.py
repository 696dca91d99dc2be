# SPDX-License-Identifier: BSD-2-Clause
"""One QEMU with a console to talk to, a monitor and a log."""
import json
import os
import re
import signal
import socket
import tempfile

import pexpect

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
QEMU = os.environ.get("QEMU", "qemu-system-ppc64")
FIRMWARE = os.environ.get("QUOIN_BIOS", os.path.join(ROOT, "build/quoin.bin"))
LOG_DIR = os.path.join(ROOT, "build/system-logs")

# TCG cannot offer these mitigations; without this QEMU warns about each.
PSERIES = ("pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,"
           "cap-ccf-assist=off")

# Every wait ends here; nothing that works comes near it.
TIMEOUT = int(os.environ.get("QUOIN_TEST_TIMEOUT", "120"))

# A group that ends in a repetition, at the end of a pattern.
OPEN_GROUP = re.compile(r"\((?!\?).*[+*]\)+[+*]?$")

ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[78])")


def plain(text):
    """Console text without terminal control sequences and carriage returns."""
    return ESCAPE.sub("", text).replace("\r", "")


class Failure(AssertionError):
    """Something the console did not say; shows what it said last."""


class Machine:
    def __init__(self, name, *args, machine=PSERIES, bios=FIRMWARE,
                 serial="stdio", reboot=True, memory="1G", defaults=False):
        """defaults: with the devices that QEMU adds by itself."""
        os.makedirs(LOG_DIR, exist_ok=True)
        self.log_path = os.path.join(LOG_DIR, name + ".log")
        self.log = open(self.log_path, "w", encoding="latin-1")
        self.folder = tempfile.TemporaryDirectory(prefix="quoin-test-")
        qmp_path = os.path.join(self.folder.name, "qmp")
        # QEMU connects to us, so nobody has to wait for a socket to appear.
        self.qmp_listener = socket.socket(socket.AF_UNIX)
        self.qmp_listener.settimeout(TIMEOUT)
        self.qmp_listener.bind(qmp_path)
        self.qmp_listener.listen(1)
        command = ["-M", machine, "-display", "none", "-serial", serial,
                   "-m", memory, "-qmp", "unix:" + qmp_path]
        if not defaults:
            command += ["-nodefaults"]
        if bios:
            command += ["-bios", bios]
        if not reboot:
            command += ["-no-reboot"]
        self.command = command + [str(a) for a in args]
        self.log.write("%s %s\n" % (QEMU, " ".join(self.command)))
        self.log.flush()
        self.child = pexpect.spawn(QEMU, self.command, timeout=TIMEOUT,
                                   encoding="latin-1", echo=False,
                                   maxread=65536, searchwindowsize=None)
        self.child.logfile_read = self.log
        self.child.delaybeforesend = None
        self.child.delayafterclose = 0
        self.qmp_file = None
        self.events = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.child.isalive():
            # QEMU has nothing to save, and pexpect waits long between signals.
            self.child.kill(signal.SIGKILL)
            self.child.wait()
        self.child.close()
        if self.qmp_file:
            self.qmp_file.close()
        self.qmp_listener.close()
        self.log.close()
        self.folder.cleanup()

    def output(self):
        """Everything on the console so far, without control sequences."""
        self.log.flush()
        with open(self.log_path, encoding="latin-1", newline="") as f:
            f.readline()
            return plain(f.read())

    def expect(self, pattern, timeout=TIMEOUT):
        """Waits for a regular expression; returns the match object."""
        self.expect_any([pattern], timeout)
        return self.child.match

    def expect_any(self, patterns, timeout=TIMEOUT):
        """Waits for the first of several; returns its number. A group that
        nothing delimits would hold whatever has arrived so far."""
        for pattern in patterns:
            assert not OPEN_GROUP.search(pattern), pattern
        try:
            return self.child.expect(patterns, timeout=timeout)
        except (pexpect.TIMEOUT, pexpect.EOF) as error:
            how = "QEMU ended" if isinstance(error, pexpect.EOF) else \
                "%d seconds passed" % timeout
            tail = "\n".join(self.output().split("\n")[-30:])
            raise Failure("%s without %r on the console (%s); its end:\n%s"
                          % (how, patterns, self.log_path, tail)) from None

    def before(self):
        """Console text between the last two matches."""
        return plain(self.child.before)

    def send(self, text):
        self.child.send(text)

    def line(self, text):
        self.child.send(text + "\r")

    def ended(self, timeout=TIMEOUT):
        """Waits until QEMU exits; returns its exit status."""
        try:
            self.child.expect(pexpect.EOF, timeout=timeout)
        except pexpect.TIMEOUT:
            tail = "\n".join(self.output().split("\n")[-30:])
            raise Failure("QEMU did not end (%s); the console's end:\n%s"
                          % (self.log_path, tail)) from None
        self.child.wait()
        return self.child.exitstatus

    def qmp(self, command, **arguments):
        if not self.qmp_file:
            connection, _ = self.qmp_listener.accept()
            connection.settimeout(TIMEOUT)
            self.qmp_file = connection.makefile("rw")
            self.qmp_file.readline()
            self.qmp("qmp_capabilities")
        request = {"execute": command, "arguments": arguments}
        self.qmp_file.write(json.dumps(request) + "\n")
        self.qmp_file.flush()
        while True:
            answer = json.loads(self.qmp_file.readline())
            if "return" in answer or "error" in answer:
                return answer.get("return", answer.get("error"))
            self._note(answer)

    def _note(self, message):
        if "event" in message:
            self.events[message["event"]] = message.get("data")

    def event(self, name):
        """Waits for an event of QEMU's, unless one has come since the first
        qmp(); returns its data."""
        while name not in self.events:
            line = self.qmp_file.readline()
            if not line:
                raise Failure("QEMU ended without the event " + name)
            self._note(json.loads(line))
        return self.events[name]

    def migrate(self, to):
        """Migrates to a machine with the same options and -incoming defer;
        returns when that one runs."""
        uri = "unix:" + os.path.join(self.folder.name, "migration")
        assert to.qmp("migrate-incoming", uri=uri) == {}
        assert self.qmp("migrate", uri=uri) == {}
        to.event("RESUME")

    def monitor(self, command):
        """A command of QEMU's human monitor."""
        return self.qmp("human-monitor-command", **{"command-line": command})
