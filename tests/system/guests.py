# SPDX-License-Identifier: BSD-2-Clause
"""The machines that people have without asking for anything."""
import os
import shutil

import pexpect
import pexpect.fdpexpect

import machine
import screen

# virt-install --arch ppc64le --import --disk … --graphics vnc, as libvirt 9.0
# hands it to QEMU, except for its files and sockets.

def virt_install(image, serial="stdio,id=charserial0,signal=off"):
    """QEMU's options; for machine.Machine(serial="none"). serial: QEMU's
    -chardev, None: the caller adds a terminal."""
    vty = ["-chardev", serial, "-device", "spapr-vty,chardev=charserial0,"
           "id=serial0,reg=0x30000000"] if serial else []
    return [
        "-cpu", "POWER9", "-smp", "2,sockets=2,cores=1,threads=1",
        "-rtc", "base=utc", "-boot", "strict=on",
        "-device", "qemu-xhci,id=usb,bus=pci.0,addr=0x2",
        "-device", "virtio-serial-pci,id=virtio-serial0,bus=pci.0,addr=0x3",
        "-blockdev", "driver=raw,node-name=libvirt-1-format,read-only=on,"
        "file.driver=file,file.filename=" + image,
        "-device", "virtio-blk-pci,bus=pci.0,addr=0x4,"
        "drive=libvirt-1-format,id=virtio-disk0,bootindex=1",
        "-netdev", "user,id=hostnet0",
        "-device", "virtio-net-pci,netdev=hostnet0,id=net0,"
        "mac=52:54:00:cb:b7:43,bus=pci.0,addr=0x1",
        *vty, "-chardev", "null,id=charchannel0",
        "-device", "virtserialport,bus=virtio-serial0.0,nr=1,"
        "chardev=charchannel0,id=channel0,name=org.qemu.guest_agent.0",
        "-device", "usb-tablet,id=input0,bus=usb.0,port=1",
        "-device", "usb-kbd,id=input1,bus=usb.0,port=2",
        "-device", "VGA,id=video0,vgamem_mb=16,bus=pci.0,addr=0x7",
        "-device", "virtio-balloon-pci,id=balloon0,bus=pci.0,addr=0x5",
        "-object", "rng-random,id=objrng0,filename=/dev/urandom",
        "-device", "virtio-rng-pci,rng=objrng0,id=rng0,bus=pci.0,addr=0x6"]


# What virt-install makes of the same words, with the serial line's log.
XML = """
<domain type="qemu">
  <name>{name}</name>
  <memory>1048576</memory>
  <vcpu>2</vcpu>
  <os>
    <type arch="ppc64le" machine="pseries">hvm</type>
    <loader>{firmware}</loader>
    <boot dev="hd"/>
  </os>
  <clock offset="utc"/>
  <devices>
    <emulator>{qemu}</emulator>
    <disk type="file" device="disk">
      <driver name="qemu" type="raw"/>
      <source file="{image}"/>
      <target dev="vda" bus="virtio"/>
      <readonly/>
    </disk>
    <interface type="user">
      <mac address="52:54:00:cb:b7:43"/>
      <model type="virtio"/>
    </interface>
    <console type="pty"><log file="{folder}/serial"/></console>
    <channel type="unix">
      <source mode="bind"/>
      <target type="virtio" name="org.qemu.guest_agent.0"/>
    </channel>
    <input type="tablet" bus="usb"/>
    <input type="keyboard" bus="usb"/>
    <graphics type="vnc" port="-1"/>
    <video><model type="vga"/></video>
    <memballoon model="virtio"/>
    <rng model="virtio"><backend model="random">/dev/urandom</backend></rng>
  </devices>
</domain>
"""

# No daemon, no other user, nothing outside of a folder of its own.
CONFIG = """
stdio_handler = "file"
security_driver = "none"
namespaces = []
cgroup_controllers = []
"""


class Libvirt:
    """A guest of libvirt's QEMU driver, which runs in this virsh.
    [https://libvirt.org/drvqemu.html, embedded driver]"""
    PROMPT = r"virsh # "

    def __init__(self, folder, image, name="quoin-test"):
        self.folder, self.name = str(folder), name
        os.mkdir(os.path.join(self.folder, "etc"))
        config = CONFIG
        if os.getuid() == 0:
            config += 'user = "root"\ngroup = "root"\n'
        with open(os.path.join(self.folder, "etc/qemu.conf"), "w") as f:
            f.write(config)
        xml = os.path.join(self.folder, "guest.xml")
        with open(xml, "w") as f:
            f.write(XML.format(name=name, image=image, folder=self.folder,
                               firmware=machine.FIRMWARE,
                               qemu=shutil.which(machine.QEMU)))
        self.log = os.path.join(self.folder, "serial")
        self.shell = pexpect.spawn(
            "virsh", ["-c", "qemu:///embed?root=" + self.folder],
            encoding="utf-8", timeout=30, dimensions=(24, 400),
            env=dict(os.environ, TERM="dumb", LC_ALL="C"))
        self.tty = None
        self.shell.expect(self.PROMPT)
        self.created = self.run("create --paused " + xml)

    def run(self, command):
        self.shell.sendline(command)
        self.shell.expect(self.PROMPT)
        return self.shell.before.split("\n", 1)[1].strip().replace("\r", "")

    def start(self):
        """Returns the guest's serial line."""
        path = self.run("ttyconsole " + self.name).split("\n")[0]
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        self.tty = pexpect.fdpexpect.fdspawn(self.fd, timeout=30,
                                             encoding="latin-1")
        self.run("resume " + self.name)
        return self.tty

    def key(self, name):
        """[linux/input-event-codes.h: KEY_…]"""
        return self.run("send-key %s KEY_%s" % (self.name, name))

    def picture(self):
        path = os.path.join(self.folder, "screen.ppm")
        self.run("qemu-monitor-command %s --hmp 'screendump %s'" %
                 (self.name, path))
        return screen.Picture.read(path)

    def close(self):
        if self.shell.isalive():
            self.run("destroy " + self.name)
            self.shell.sendline("quit")
            self.shell.expect(pexpect.EOF)
        self.shell.close(force=True)
