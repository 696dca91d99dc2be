# SPDX-License-Identifier: BSD-2-Clause
"""Several consoles at once: terminals, virtconsoles, and what a client sees."""
import os
import re
import socket
import threading
import time

import pexpect.fdpexpect
import pytest

import devices
import grub
import images
import machine

TIMEOUT = machine.TIMEOUT
CARD = "/pci@800000020000000/communication-controller@0"
VTY0 = "/vdevice/vty@71000000"
VTY1 = "/vdevice/vty@71000110"
STAMP = r"STAMP timebase [0-9a-f]{16}"


class Other:
    """A second console of a machine: QEMU connects to us."""
    def __init__(self, folder, name="other"):
        path = os.path.join(folder, name)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.settimeout(TIMEOUT)
        self.listener.bind(path)
        self.listener.listen(1)
        self.options = ["-chardev", "socket,id=%s,path=%s" % (name, path)]
        self.child = None

    def relay(self, pipe):
        """Takes text as it comes: a socket holds few writes of one byte, and
        the firmware drops what a console does not take."""
        while data := self.connection.recv(65536):
            os.write(pipe, data)
        os.close(pipe)

    def expect(self, pattern):
        if not self.child:
            self.connection, _ = self.listener.accept()
            text, pipe = os.pipe()
            threading.Thread(target=self.relay, args=(pipe,),
                             daemon=True).start()
            self.child = pexpect.fdpexpect.fdspawn(
                text, timeout=TIMEOUT, encoding="latin-1", maxread=65536)
        self.child.expect(pattern)

    def send(self, text):
        self.connection.sendall(text.encode("latin-1"))

    def close(self):
        if self.child:
            self.connection.close()
        self.listener.close()


@pytest.fixture
def other(tmp_path):
    started = []

    def start(name="other"):
        started.append(Other(str(tmp_path), name))
        return started[-1]

    yield start
    for o in started:
        o.close()


def card(*ports, options=""):
    """A virtio-serial card; ports: QEMU's options of each."""
    args = ["-device", "virtio-serial-pci" + options]
    for port in ports:
        args += ["-device", port]
    return args


# One virtconsole, and no other console.
ONLY = {
    "transitional": card("virtconsole,chardev=con"),
    "legacy": card("virtconsole,chardev=con", options=",disable-modern=on"),
    "modern": card("virtconsole,chardev=con", options=",disable-legacy=on"),
    "iommu": card("virtconsole,chardev=con",
                  options=",disable-legacy=on,iommu_platform=on"),
    "one-port": card("virtconsole,chardev=con", options=",max_ports=1"),
    "port-1": card("virtconsole,chardev=con,nr=1"),
    "port-30-legacy": card("virtconsole,chardev=con,nr=30",
                           options=",disable-modern=on"),
    "beside-an-agent": [
        "-chardev", "null,id=agent", *card(
            "virtserialport,chardev=agent,name=org.qemu.guest_agent.0",
            "virtconsole,chardev=con")],
    "behind-a-bridge": [
        "-device", "pci-bridge,id=bridge,chassis_nr=1",
        *card("virtconsole,chardev=con", options=",bus=bridge,addr=1")],
}


def only(boot, kind, *options, **named):
    return boot("-chardev", "stdio,id=con", *ONLY[kind], *options,
                serial="none", **named)


@pytest.mark.parametrize("kind", sorted(ONLY))
def test_grub_starts_linux_on_a_virtconsole(boot, kind):
    """Text from the banner to the last line before the kernel's own, which
    comes after quiesce; and keys."""
    vm = only(boot, kind, *devices.disk("virtio-blk-modern",
                                        images.grub_disk()), reboot=False)
    vm.expect(r"SLOF\S+\s+\*+")
    vm.expect(r"No console specified using vsterm\r+\n")
    vm.expect(r"Successfully loaded\r+\n")
    grub.at_menu(vm)
    vm.send("p")
    vm.expect(r"OF stdout device is: /pci@800000020000000/\S+")
    vm.expect(r"Quiescing Open Firmware \.\.\.\r*\n")
    vm.expect(r"Booting Linux via __start\(\) @ 0x[0-9a-f]{16} \.\.\.\r*\n")
    vm.qmp("query-status")
    assert vm.event("SHUTDOWN")["reason"] == "guest-shutdown"
    assert vm.ended() == 0


def test_prompt_and_exceptions_on_a_virtconsole(boot):
    """An exception stops the card; the prompt starts it again."""
    vm = only(boot, "transitional")
    vm.expect(r"0 > ")
    vm.line("devalias")
    vm.expect(r"vsterm +%s\r" % CARD)
    vm.expect(r"0 > ")
    vm.monitor("nmi")
    vm.expect(r"(?i)system reset")
    vm.expect(r"0 > ")
    vm.line("reset-all")
    vm.expect(r"SLOF\S+\s+\*+")
    vm.expect(r"0 > ")
    vm.line("power-off")
    assert vm.ended() == 0
    assert vm.output().endswith("power-off\n")


def test_prompt_goes_on_when_a_client_has_left(boot):
    disk = devices.disk("virtio-blk-modern",
                        images.boot_disk(images.guest("stamp.be32")))
    vm = only(boot, "port-1", *disk, "-prom-env", "auto-boot?=false")
    for status in "12":
        vm.expect(r"0 > ")
        vm.line("boot disk return=" + status)
        vm.expect(r"E3406: Client application returned an error: %s\r"
                  % status)
    vm.expect(r"0 > ")
    vm.line("power-off")
    assert vm.ended() == 0


def test_client_on_a_terminal_is_seen_and_controlled_on_a_virtconsole(boot,
                                                                      other):
    """stdin and stdout are the vty's; GRUB's text and keys are everywhere."""
    side = other()
    vm = boot(*side.options, *card("virtconsole,chardev=other"),
              *devices.disk("virtio-blk-modern", images.grub_disk()),
              reboot=False)
    side.expect(r"SLOF\S+\s+\*+")
    side.expect(r"Using default console: %s\r+\n" % VTY0)
    grub.at_menu(vm)
    side.expect(r"\*Linux, power off")
    side.send("c")
    side.expect(r"grub> ")
    vm.expect(r"grub> ")
    vm.line("echo from-a")
    side.expect(r"\rfrom-a\r*\n")
    side.send("echo from-b\r")
    vm.expect(r"\rfrom-b\r*\n")
    vm.line("configfile $prefix/grub.cfg")
    vm.expect(r"\*Linux, power off")
    side.expect(r"\*Linux, power off")
    side.send("p")
    side.expect(r"OF stdout device is: %s\r*\n" % VTY0)
    side.expect(r"Quiescing Open Firmware \.\.\.")
    vm.expect(r"Booting Linux via __start\(\)")
    assert vm.ended() == 0


def test_prompt_listens_to_and_speaks_on_every_console(boot, other):
    """Two vtys, two cards, three virtconsoles."""
    names = ("vty1", "c0", "c1", "d0")
    sides = {name: other(name) for name in names}
    options = sum((s.options for s in sides.values()), [])
    vm = boot(*options, "-device", "spapr-vty,chardev=vty1,reg=0x71000110",
              *card("virtconsole,chardev=c0,bus=c.0",
                    "virtconsole,chardev=c1,bus=c.0", options=",id=c"),
              *card("virtconsole,chardev=d0,bus=d.0,nr=7", options=",id=d"))
    vm.expect(r"0 > ")
    for name, side in sides.items():
        side.expect(r"SLOF\S+\s+\*+")
        side.expect(r"0 > ")
    for name, side in sides.items():
        side.send("printenv auto-boot?\r")
        vm.expect(r"auto-boot\? +true")
        vm.expect(r"0 > ")
        for hears in sides.values():
            hears.expect(r"auto-boot\? +true")
            hears.expect(r"0 > ")
    vm.line("devalias")
    for alias in ("hvterm", "hvterm1", "vsterm", "vsterm1", "vsterm2"):
        vm.expect(alias + r" +/\S+\r")
    sides["d0"].send("power-off\r")
    assert vm.ended() == 0


def test_guest_agents_port_is_not_touched(boot, tmp_path):
    """QEMU reports it when a guest opens one."""
    log = tmp_path / "agent"
    vm = boot("-chardev", "file,id=agent,path=%s" % log,
              *card("virtserialport,chardev=agent,name=agent.0"),
              "-chardev", "null,id=spare",
              *card("virtserialport,chardev=spare,nr=5"),
              *devices.disk("virtio-blk-modern",
                            images.boot_disk(images.guest("stamp.be32"))),
              "-prom-env", "auto-boot?=false", "-S")
    vm.qmp("cont")
    vm.expect(r"0 > ")
    vm.line("devalias")
    vm.expect(r"hvterm +/\S+\r")
    vm.expect(r"0 > ")
    assert "vsterm" not in vm.before()
    for line in vm.monitor("info qtree").split("\n"):
        assert "guest on" not in line
    vm.line("boot disk")
    vm.expect(STAMP)
    assert "VSERPORT_CHANGE" not in vm.events
    assert log.read_bytes() == b""


def slowest_lines(vm):
    """Has GRUB print a lot, byte by byte; seconds of the slowest 81 lines."""
    grub.at_prompt(vm)
    vm.line("for i in 1 2 3 4; do for j in 1 2 3 4 5 6 7 8 9; do "
            "for k in 1 2 3 4 5 6 7 8 9; do echo %s-$i$j$k; done; done; done"
            % ("x" * 60))
    slowest = 0
    for i in range(1, 5):
        before = time.monotonic()
        vm.expect(r"x-%d99\r*\n" % i)
        slowest = max(slowest, time.monotonic() - before)
    vm.line("halt")
    assert vm.ended() == 0
    return slowest


def test_host_that_does_not_read_a_virtconsole_delays_nothing(boot, other):
    """Each byte takes room in the socket, which is full after some lines. A
    wait of the driver's for each line would take 8 seconds."""
    disk = devices.disk("virtio-blk-modern", images.grub_disk())
    side = other()
    vm = boot(*side.options, *card("virtconsole,chardev=other"), *disk)
    connection, _ = side.listener.accept()
    unread = slowest_lines(vm)
    connection.close()
    assert unread < 3 + 2 * slowest_lines(boot(*disk))


# SLOF's follow checkpoints such as C08D0 in the same line.
LINES = re.compile(r"(?:Using default console|No console specified|"
                   r"User selected)[^\n]*")

# What the console lines depend on.
CHOICES = {
    "terminal": [],
    "screen-without-keyboard": ["-device", "VGA"],
    "named": ["-prom-env", "input-device=hvterm",
              "-prom-env", "output-device=" + VTY0],
    "named-on-a-screen": ["-device", "VGA", "-prom-env",
                          "output-device=" + VTY0],
    "misspelt": ["-prom-env", "input-device=/vdevice/vty@71000000",
                 "-prom-env", "output-device=/device/vty@71000000"],
    "beside-a-virtconsole": ["-chardev", "null,id=c",
                             *card("virtconsole,chardev=c")],
}


def console_lines(boot, *options, **named):
    vm = boot("-prom-env", "auto-boot?=false", *options, **named)
    vm.expect(r"0 > ")
    lines = LINES.findall(vm.output())
    vm.close()
    return lines


@pytest.mark.parametrize("kind", sorted(CHOICES))
def test_console_lines_are_those_of_slof(boot, kind):
    ours = console_lines(boot, *CHOICES[kind])
    assert ours
    assert ours == console_lines(boot, *CHOICES[kind], bios=None)


def test_console_line_of_a_virtconsole_is_that_of_slof(boot):
    options = ["-chardev", "stdio,id=con", *ONLY["transitional"]]
    ours = console_lines(boot, *options, serial="none")
    assert ours == ["No console specified using vsterm"]
    assert ours == console_lines(boot, *options, serial="none", bios=None)


def test_console_that_does_not_exist_is_reported_and_changes_nothing(boot):
    vm = boot("-prom-env", "output-device=/device/vty@71000000",
              "-prom-env", "input-device=/rtas",
              *devices.disk("virtio-blk-modern", images.grub_disk()))
    vm.expect(r"Warning: input-device /rtas: not a console; "
              r"using the default console\r+\n")
    vm.expect(r"Warning: output-device /device/vty@71000000: no such device; "
              r"using the default console\r+\n")
    grub.at_prompt(vm)
    vm.line("halt")
    assert vm.ended() == 0


def test_variables_may_name_a_virtconsole(boot, other):
    """stdout and stdin are the card; Linux's last line is on both."""
    side = other()
    vm = boot(*side.options, *card("virtconsole,chardev=other"),
              "-prom-env", "input-device=vsterm",
              "-prom-env", "output-device=vsterm",
              *images.linux(), reboot=False)
    vm.expect(r"User selected input-device console: vsterm\r+\n"
              r"User selected output-device console: vsterm\r+\n")
    side.expect(r"OF stdout device is: %s\r*\n" % CARD)
    side.expect(r"Booting Linux via __start\(\)")
    vm.expect(r"Booting Linux via __start\(\)")
    assert vm.ended() == 0


def test_many_virtconsoles_do_not_hold_the_boot_up(boot):
    chardevs = sum((["-chardev", "null,id=n%d" % i] for i in range(30)), [])
    ports = ["virtconsole,chardev=n%d" % i for i in range(30)]
    vm = boot(*chardevs, *card(*ports, "virtconsole,chardev=con"),
              "-chardev", "stdio,id=con", "-prom-env", "auto-boot?=false",
              serial="none")
    vm.expect(r"0 > ")
    vm.line("ls vsterm")
    vm.expect(r"console@1e\r")
    vm.expect(r"0 > ")
    vm.line("power-off")
    assert vm.ended() == 0
