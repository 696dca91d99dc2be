# SPDX-License-Identifier: BSD-2-Clause
"""The matrix in docs/storage.md: written from verdicts, and read again."""
import os
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), ".."))
sys.path.append(os.path.join(ROOT, "tests/system"))

import cells  # noqa: E402

PAGE = os.path.join(ROOT, "docs/storage.md")
BEGIN = "<!-- %s: made by ci-scripts/storage-matrix -->"
END = "<!-- end -->"
MATRIX, LARGE = "matrix", "sectors"
YES, NO = "yes", "**no**"


def size(sector):
    if sector >= 1 << 20:
        return "%d MiB" % (sector >> 20)
    return "%d KiB" % (sector >> 10) if sector >= 8192 else str(sector)


def _rows(some):
    """(controller, label, client) of the rows, in the cells' order."""
    return list(dict.fromkeys(c[:3] for c in some))


def _line(texts):
    return "| %s |" % " | ".join(texts)


def matrix_lines(some, verdicts):
    """verdicts: firmware -> cell -> whether it boots."""
    sectors = [size(s) for s in cells.SECTORS]
    lines = [_line(["controller", "label", "client"] + [
        "%s %s" % (f, s) for f in verdicts for s in sectors])]
    lines.append("|---" * (3 + len(verdicts) * len(sectors)) + "|")
    for row in _rows(some):
        texts = list(row)
        for of in verdicts.values():
            for sector in cells.SECTORS:
                good = of.get(cells.Cell(*row, sector))
                texts.append({True: YES, False: NO, None: ""}[good])
        lines.append(_line(texts))
    return lines


def large_lines(reasons):
    """reasons: firmware -> (controller, sector) -> what it said, or None."""
    lines = [_line(["controller", "sector"] + list(reasons)),
             "|---" * (2 + len(reasons)) + "|"]
    for controller, sector in cells.LARGE:
        said = [of.get((controller, sector)) for of in reasons.values()]
        lines.append(_line([controller, size(sector)] + [
            "`%s`" % t.replace("|", "/") if t else "no reason" for t in said]))
    return lines


def _parts(text, name):
    """The page up to, in and after its part of that name."""
    begin = BEGIN % name
    if text.count(begin) != 1 or END not in text.split(begin)[1]:
        raise ValueError("%s has no part %s" % (PAGE, begin))
    before, rest = text.split(begin)
    part, after = rest.split(END, 1)
    return before + begin, part, END + after


def filled(text, name, lines):
    """The page with these lines in its part of that name."""
    before, _, after = _parts(text, name)
    return "%s\n\n%s\n\n%s" % (before, "\n".join(lines), after)


def verdicts(text, firmware):
    """What the page says of a firmware: cell -> whether it boots."""
    found, head = {}, None
    for line in _parts(text, MATRIX)[1].split("\n"):
        texts = [t.strip() for t in line.split("|")[1:-1]]
        if texts[:3] == ["controller", "label", "client"]:
            head = texts
        elif not line.startswith("|"):
            head = None
        elif head and not line.startswith("|---"):
            for name, value in zip(head[3:], texts[3:]):
                of, sector = name.rsplit(" ", 1)
                if of == firmware and value:
                    found[cells.Cell(*texts[:3], int(sector))] = value == YES
    return found
