# SPDX-License-Identifier: BSD-2-Clause
"""QEMU options for the disks and controllers that the tests use."""


def drive(image, ident="d0", media="disk", extra=""):
    """A drive whose writes last as long as QEMU runs."""
    option = "file=%s,if=none,id=%s,format=raw,media=%s" % (image, ident, media)
    option += ",readonly=on" if media == "cdrom" else ",snapshot=on"
    return ["-drive", option + (extra and "," + extra)]


def blk(ident, options):
    return ["-device", "virtio-blk-pci,drive=%s%s" % (ident, options)]


def faulty_drive(image, errors, ident="d0", sector=0):
    """A disk whose reads of a sector fail on the host: `errors` are pairs of
    errno and how often, 0: always. [QEMU block/blkdebug.c]"""
    option = "driver=raw,if=none,id=%s,file.driver=blkdebug," \
        "file.image.driver=file,file.image.filename=%s,read-only=on" % (
            ident, image)
    rules = [(errno, once) for errno, count in errors
             for once in (["on"] * count if count else ["off"])]
    for n, (errno, once) in enumerate(rules):
        rule = ",file.inject-error.%d." % n
        option += rule + "event=read_aio" + rule + "sector=%d" % sector
        option += rule + "errno=%d" % errno + rule + "once=" + once
    return ["-drive", option]


# Every USB controller that the firmware drives.
USB = ("ich9-usb-ehci1", "nec-usb-xhci", "pci-ohci", "qemu-xhci", "usb-ehci")


def usb(controller="qemu-xhci", options=""):
    """A USB controller whose ports are those of the bus usb.0."""
    return ["-device", "%s,id=usb%s" % (controller,
                                        options and "," + options)]


def on_usb(device, port="", bus="usb"):
    """A USB device in a port, "2.1" behind the hub in port 2, or in the first
    that is free."""
    return ["-device", "%s,bus=%s.0%s" % (device, bus,
                                          port and ",port=" + port)]


def usb_disk(image, port="", ident="d0", options="", bus="usb", media="disk"):
    return drive(image, ident, media) + on_usb(
        "usb-storage,drive=%s%s" % (ident, options and "," + options), port,
        bus)


# name -> function(drive id, extra options of the disk) -> QEMU options
DISK = {
    "virtio-blk-legacy": lambda i, o: blk(i, ",disable-modern=on" + o),
    "virtio-blk-modern": lambda i, o: blk(i, ",disable-legacy=on" + o),
    "virtio-scsi": lambda i, o: ["-device", "virtio-scsi-pci,id=hba", "-device",
                                 "scsi-hd,drive=%s,bus=hba.0%s" % (i, o)],
    "spapr-vscsi": lambda i, o: ["-device", "spapr-vscsi,id=hba", "-device",
                                 "scsi-hd,drive=%s,bus=hba.0%s" % (i, o)],
    "nvme": lambda i, o: ["-device", "nvme,serial=%s,drive=%s%s" % (i, i, o)],
    "usb-storage": lambda i, o: usb() + on_usb("usb-storage,drive=" + i + o),
}

def usb_bot(ident, kind, options):
    """A SCSI device on USB, as libvirt makes a USB CD drive."""
    return usb() + on_usb("usb-bot,id=usbhba") + [
        "-device", "%s,drive=%s,bus=usbhba.0%s" % (kind, ident, options)]


# The same for a disk with logical_block_size: usb-storage drops it.
# [QEMU hw/usb/dev-storage-classic.c, usb_msd_storage_realize]
SIZED_DISK = dict(DISK, **{
    "usb-storage": lambda i, o: usb_bot(i, "scsi-hd", o)})

CDROM = {
    "virtio-scsi": lambda i, o: ["-device", "virtio-scsi-pci,id=cdhba",
                                 "-device",
                                 "scsi-cd,drive=%s,bus=cdhba.0%s" % (i, o)],
    "spapr-vscsi": lambda i, o: ["-device", "spapr-vscsi,id=cdhba", "-device",
                                 "scsi-cd,drive=%s,bus=cdhba.0%s" % (i, o)],
    "usb-bot": lambda i, o: usb_bot(i, "scsi-cd", o),
    "virtio-blk-modern": lambda i, o: blk(i, ",disable-legacy=on" + o),
}


def disk(controller, image, ident="d0", options="", extra=""):
    return drive(image, ident, extra=extra) + \
        DISK[controller](ident, options and "," + options)


def sectors(size):
    return "logical_block_size=%d,physical_block_size=%d" % (
        size, max(size, 4096))


def sized_disk(controller, image, sector, ident="d0"):
    """A disk with sectors of so many bytes."""
    return drive(image, ident) + SIZED_DISK[controller](
        ident, "," + sectors(sector))


def cdrom(controller, image, ident="cd0", options=""):
    return drive(image, ident, "cdrom") + \
        CDROM[controller](ident, options and "," + options)
