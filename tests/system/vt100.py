# SPDX-License-Identifier: BSD-2-Clause
"""A terminal for logs of consoles: which character is where at the end."""
import codecs
import re

# [ECMA-48 5.4: parameters, intermediates, final byte; Fe and Fp sequences]
SEQUENCE = re.compile(r"\x1b(?:\[([0-?]*)([ -/]*)([@-~])|([78])|[ -/]*[0-~])")

FORE, BACK = 15, 0


class Terminal:
    """cells[row][column] = (character, colour, colour behind it)."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.pen = (FORE, BACK, False, False)   # and bold, inverse
        self.x = self.y = 0
        self.wrap = False
        self.cursor = True
        self.saved = (0, 0, self.pen)
        self.cells = [self.empty() for _ in range(rows)]

    def blank(self):
        """What erased cells are: the colour behind the text, not inverse."""
        return " ", FORE, self.pen[1]

    def empty(self):
        return [self.blank()] * self.columns

    def colours(self):
        fore, back, bold, inverse = self.pen
        if bold and fore < 8:
            fore += 8
        return (back, fore) if inverse else (fore, back)

    def text(self):
        return ["".join(cell[0] for cell in row).rstrip()
                for row in self.cells]

    def write(self, data):
        """Everything up to an unfinished sequence."""
        text = codecs.getincrementaldecoder("utf-8")("replace").decode(data)
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                self.char(text[at])
                at += 1
                continue
            match = SEQUENCE.match(text, at)
            if not match:
                return
            at = match.end()
            if match[3]:
                self.control(match[1], match[3])
            elif match[4]:
                self.escape(match[4])

    def move(self, x, y):
        self.x = min(max(x, 0), self.columns - 1)
        self.y = min(max(y, 0), self.rows - 1)
        self.wrap = False

    def line_feed(self):
        self.wrap = False
        if self.y < self.rows - 1:
            self.y += 1
        else:
            self.cells = self.cells[1:] + [self.empty()]

    def char(self, char):
        if char == "\n":
            self.line_feed()
        elif char == "\r":
            self.move(0, self.y)
        elif char == "\b":
            self.move(self.x - 1, self.y)
        elif char == "\t":
            self.move((self.x | 7) + 1, self.y)
        elif char == "\f":
            self.erase(2)
            self.move(0, 0)
        elif char >= " " and char != "\x7f":
            self.put(char)

    def put(self, char):
        if self.wrap:
            self.x = 0
            self.line_feed()
        self.cells[self.y][self.x] = (char,) + self.colours()
        if self.x < self.columns - 1:
            self.x += 1
        else:
            self.wrap = True

    def escape(self, final):
        if final == "7":
            self.saved = (self.x, self.y, self.pen)
        elif final == "8":
            x, y, self.pen = self.saved
            self.move(x, y)

    def fill(self, row, start, end):
        self.cells[row][start:end] = [self.blank()] * (end - start)

    def erase(self, what):
        """Below the cursor, above it, everything."""
        if what == 0:
            self.fill(self.y, self.x, self.columns)
        elif what == 1:
            self.fill(self.y, 0, self.x + 1)
        rows = {0: range(self.y + 1, self.rows), 1: range(self.y),
                2: range(self.rows)}.get(what, ())
        for row in rows:
            self.fill(row, 0, self.columns)

    def control(self, params, final):
        if params[:1] in tuple("<=>?") and params:
            if params == "?25" and final in "hl":
                self.cursor = final == "h"
            return
        numbers = [int(p or 0) for p in params.split(";")]
        count = max(numbers[0], 1)
        x, y = self.x, self.y
        if final in "ABCDEFGd":
            to = {"A": (x, y - count), "B": (x, y + count),
                  "C": (x + count, y), "D": (x - count, y),
                  "E": (0, y + count), "F": (0, y - count),
                  "G": (count - 1, y), "d": (x, count - 1)}[final]
            self.move(*to)
        elif final in "Hf":
            column = max((numbers + [1])[1], 1)
            self.move(column - 1, count - 1)
        elif final == "J":
            self.erase(numbers[0])
        elif final == "K":
            start, end = {0: (x, self.columns), 1: (0, x + 1),
                          2: (0, self.columns)}.get(numbers[0], (0, 0))
            self.fill(y, start, end)
        elif final in "LM":
            self.lines(count, final == "L")
        elif final in "@P":
            self.shift(count, final == "@")
        elif final == "m":
            for number in numbers:
                self.colour(number)
        elif final in "su":
            self.escape("7" if final == "s" else "8")

    def lines(self, count, insert):
        """Inserts or deletes lines at the cursor."""
        above, below = self.cells[:self.y], self.cells[self.y:]
        count = min(count, len(below))
        new = [self.empty() for _ in range(count)]
        below = (new + below[:-count or None]) if insert else \
            below[count:] + new
        self.cells = above + below[:self.rows - self.y]

    def shift(self, count, insert):
        """Inserts or deletes characters at the cursor."""
        row = self.cells[self.y]
        left, right = row[:self.x], row[self.x:]
        count = min(count, len(right))
        new = [self.blank()] * count
        right = new + right if insert else right[count:] + new
        self.cells[self.y] = (left + right)[:self.columns]

    def colour(self, number):
        fore, back, bold, inverse = self.pen
        if number == 0:
            fore, back, bold, inverse = FORE, BACK, False, False
        elif number in (1, 22):
            bold = number == 1
        elif number in (7, 27):
            inverse = number == 7
        elif 30 <= number <= 37 or 90 <= number <= 97:
            fore = number - 30 if number < 40 else number - 82
        elif 40 <= number <= 47 or 100 <= number <= 107:
            back = number - 40 if number < 50 else number - 92
        elif number == 39:
            fore = FORE
        elif number == 49:
            back = BACK
        self.pen = (fore, back, bold, inverse)
