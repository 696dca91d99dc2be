# SPDX-License-Identifier: BSD-2-Clause
"""The picture on a machine's screen: read as text, and compared pixel by pixel
with a console log that `vt100.py` draws in the same font."""
import functools
import gzip
import os
import struct
import time

from machine import ROOT, Failure, TIMEOUT
from vt100 import Terminal

FONT = os.path.join(ROOT, "build/third-party/spleen/spleen-8x16.psfu.gz")
WIDTH, HEIGHT = 8, 16

# What the firmware shows instead: the font has none.
ARROWS = dict(zip("\u2190\u2191\u2192\u2193", "<^>v"))

# Seconds in which a screen shows what the serial line already has.
SOON = 4


class Font:
    """Glyphs of 16 bytes, one for each line of pixels, bit 7 the first."""

    def __init__(self, glyphs):
        self.glyphs = glyphs
        # Several characters look the same: the lowest code point wins.
        self.chars = {g: chr(c) for c, g in sorted(glyphs.items(),
                                                   reverse=True)}
        self.blank = bytes(HEIGHT)
        self.chars[self.blank] = " "

    def glyph(self, char):
        return self.glyphs.get(ord(ARROWS.get(char, char)),
                               self.glyphs[ord("?")])


def read_psf(data):
    """[Linux include/uapi/linux/kd.h and kbd's PSF version 1: 4 bytes of
    header, the glyphs, then for each its code points up to 0xffff]"""
    assert data[:2] == b"\x36\x04" and data[3] == HEIGHT
    count = 512 if data[2] & 1 else 256
    codes = struct.unpack("<%dH" % ((len(data) - 4 - count * HEIGHT) // 2),
                          data[4 + count * HEIGHT:])
    glyphs, at, single = {}, 0, True
    for code in codes:
        if code == 0xffff:
            at, single = at + 1, True
        elif code == 0xfffe:
            single = False
        elif single:
            start = 4 + at * HEIGHT
            glyphs.setdefault(code, data[start:start + HEIGHT])
    return glyphs


def linux_font(kernel):
    """The font in a kernel's image. [Linux lib/fonts/font_8x16.c: code page
    437; the first glyph is blank]"""
    smile = bytes.fromhex("00007e81a58181bd9981817e00000000")
    with open(kernel, "rb") as f:
        image = f.read()
    at = image.index(bytes(HEIGHT) + smile)
    return Font({ord(bytes((n,)).decode("cp437")):
                 image[at + n * HEIGHT:at + (n + 1) * HEIGHT]
                 for n in range(32, 256)})


@functools.lru_cache
def font():
    """The font that the firmware is built with, as far as it has it."""
    with gzip.open(FONT) as f:
        glyphs = read_psf(f.read())
    wanted = (*range(0x20, 0x7f), *range(0xa0, 0x100), *range(0x2500, 0x2580))
    return Font({code: glyphs[code] for code in wanted if code in glyphs})


class Picture:
    """Pixels, 3 bytes each: red, green, blue."""

    def __init__(self, width, height, pixels):
        self.width, self.height, self.pixels = width, height, pixels
        self.columns, self.rows = width // WIDTH, height // HEIGHT

    @classmethod
    def read(cls, path):
        """A binary PPM file. [netpbm: ppm(5)]"""
        with open(path, "rb") as f:
            magic, size, most = f.readline(), f.readline(), f.readline()
            assert (magic, most) == (b"P6\n", b"255\n"), (magic, most)
            width, height = map(int, size.split())
            return cls(width, height, f.read(3 * width * height))

    def __eq__(self, other):
        return (self.width, self.pixels) == (other.width, other.pixels)

    __hash__ = None

    def cells(self, row):
        """The pixels of a row's cells, each line by line."""
        pitch, wide = 3 * self.width, 3 * WIDTH
        start = row * HEIGHT * pitch
        lines = [self.pixels[at:at + pitch]
                 for at in range(start, start + HEIGHT * pitch, pitch)]
        return [b"".join([line[at:at + wide] for line in lines])
                for at in range(0, self.columns * wide, wide)]

    def margin_is_black(self):
        """Right of the last column and below the last row."""
        below = self.pixels[self.rows * HEIGHT * self.width * 3:]
        if below.strip(b"\0"):
            return False
        start, pitch = self.columns * WIDTH * 3, self.width * 3
        return not any(self.pixels[at + start:at + pitch].strip(b"\0")
                       for at in range(0, len(self.pixels), pitch))

    def text(self, face=None):
        """The rows as text, a replacement character for what is none."""
        face = face or font()
        return ["".join(read_cell(c, face)[0]
                        for c in self.cells(row)).rstrip()
                for row in range(self.rows)]


@functools.lru_cache(maxsize=65536)
def read_cell(pixels, face):
    """(character, its colour, colour behind it) of a cell's pixels."""
    dots = [pixels[at:at + 3] for at in range(0, len(pixels), 3)]
    colours = sorted(set(dots))
    if len(colours) == 1:
        return " ", colours[0], colours[0]
    for back, fore in (colours, colours[::-1]) if len(colours) == 2 else ():
        bits = [dot == fore for dot in dots]
        glyph = bytes(sum(bit << 7 - x for x, bit in
                          enumerate(bits[at:at + WIDTH]))
                      for at in range(0, len(bits), WIDTH))
        if glyph in face.chars:
            return face.chars[glyph], fore, back
    return "\ufffd", None, None


@functools.lru_cache(maxsize=65536)
def draw_cell(char, fore, back, cursor, colours):
    """A cell's pixels. colours: a name in DEPTHS."""
    fore, back = (DEPTHS[colours](PALETTE[c]) for c in (fore, back))
    glyph = bytearray(font().glyph(char))
    if cursor:
        for line in CURSOR:
            glyph[line] = 0xff
    return b"".join(fore if line >> 7 - x & 1 else back
                    for line in glyph for x in range(WIDTH))


# The firmware's colours 0 to 15 [drivers/display/picture.c], and the lines of
# a cell that its cursor fills.
PALETTE = (0x000000, 0xaa0000, 0x00aa00, 0xaa5500,
           0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa,
           0x555555, 0xff5555, 0x55ff55, 0xffff55,
           0x5555ff, 0xff55ff, 0x55ffff, 0xffffff)
CURSOR = (14, 15)


def shorten(value, bits):
    """What is left of 8 bits. [QEMU ui/vgafont.h's pixel formats by pixman,
    hw/display/vga-helpers.h]"""
    return value >> 8 - bits << 8 - bits


def exact(red, green, blue):
    def rgb(colour):
        return bytes((shorten(colour >> 16, red),
                      shorten(colour >> 8 & 0xff, green),
                      shorten(colour & 0xff, blue)))
    return rgb


# What remains of a colour at each depth. Palettes have 8 bits for each part.
DEPTHS = {8: exact(8, 8, 8), 15: exact(5, 5, 5), 16: exact(5, 6, 5),
          32: exact(8, 8, 8)}


def expected(terminal, row, depth=32):
    """The pixels of a terminal's row, cell by cell."""
    cursor = terminal.x if terminal.cursor and terminal.y == row else None
    return [draw_cell(*cell, x == cursor, depth)
            for x, cell in enumerate(terminal.cells[row])]


def differences(picture, terminal, depth=32):
    """What differs, as text for people; empty: nothing."""
    size = picture.columns, picture.rows
    if size != (terminal.columns, terminal.rows):
        return ["the screen has %d x %d characters" % size]
    found = []
    for row in range(terminal.rows):
        there, wanted = picture.cells(row), expected(terminal, row, depth)
        if there != wanted:
            column = next(x for x, pair in enumerate(zip(there, wanted))
                          if pair[0] != pair[1])
            found.append("row %d from column %d: %r\n    instead of %r, %s "
                         "instead of %s" % (
                             row, column, picture.text()[row],
                             terminal.text()[row],
                             read_cell(there[column], font()),
                             terminal.cells[row][column]))
    if not picture.margin_is_black():
        found.append("something beside the text")
    return found


class Screen:
    """A screen of a running machine. log: the file to which QEMU writes what
    the guest sends to the serial line, see raw_serial()."""

    def __init__(self, vm, log=None, device=None, depth=32, size=None):
        self.vm, self.log, self.depth = vm, log, depth
        self.size = size or (800, 600)
        self.which = {"device": device} if device else {}
        self.start = 0

    def picture(self):
        path = os.path.join(self.vm.folder.name, "screen.ppm")
        answer = self.vm.qmp("screendump", filename=path, **self.which)
        assert answer == {}, answer
        return Picture.read(path)

    def until(self, function, within=SOON):
        """Looks until function(picture) returns nothing; what it returned last
        is the reason of the failure."""
        end = time.monotonic() + within
        while True:
            picture = self.picture()
            wrong = function(picture)
            if not wrong:
                return picture
            if time.monotonic() > end:
                raise Failure("%s (%s)" % (wrong, self.vm.log_path))

    def shows(self, *texts, face=None, within=SOON):
        """Waits until the texts are on the screen. face: their font."""
        def missing(picture):
            rows = picture.text(face)
            lost = [t for t in texts if not any(t in row for row in rows)]
            return lost and "not on the screen: %r, but\n%s" % (
                lost, "\n".join(rows).rstrip())
        return self.until(missing, within)

    def serial_text(self):
        with open(self.log, "rb") as f:
            f.seek(self.start)
            return f.read()

    def forget(self):
        """The serial line's text so far is not on the screen."""
        self.start = os.path.getsize(self.log)

    def agrees(self, size=None, within=SOON):
        """Waits until the screen is, pixel by pixel, what the serial line's
        text looks like. size: of the screen, in pixels."""
        size = size or self.size

        def different(picture):
            if (picture.width, picture.height) != size:
                return "a screen of %d x %d" % (picture.width, picture.height)
            terminal = Terminal(picture.columns, picture.rows)
            terminal.write(self.serial_text())
            found = differences(picture, terminal, self.depth)
            return "\n".join(found[:8]) if found else None
        return self.until(different, within)


def raw_serial(path):
    """QEMU's options for a serial line on stdio whose text QEMU also writes to
    a file, before a pty changes it. For machine.Machine(serial="chardev:tty").
    """
    return ["-chardev", "stdio,id=tty,signal=off,logfile=%s" % path]
