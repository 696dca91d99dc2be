# SPDX-License-Identifier: BSD-2-Clause
"""Every controller, label, sector size and client; docs/storage.md shows the
same, with SLOF beside it."""
import os
import sys

import pytest

import cells
from machine import ROOT

sys.path.append(os.path.join(ROOT, "ci-scripts"))

import storage_table as table  # noqa: E402

PROMPT = r"0 > "


@pytest.mark.parametrize("cell", cells.all_cells(), ids=cells.name_of)
def test_boots(boot, cell):
    vm = boot(*cells.options(cell))
    cells.boots(vm, cell)
    cells.no_error(vm)


@pytest.mark.parametrize("controller,sector", cells.LARGE)
def test_sectors_that_are_too_large_get_a_reason(boot, controller, sector):
    vm = boot(*cells.large_options(controller, sector))
    vm.expect(cells.REASON)
    vm.expect(PROMPT)


def page():
    with open(table.PAGE, encoding="utf-8") as f:
        return f.read()


def test_the_page_shows_these_cells_and_none_fails():
    wanted = {c: True for c in cells.all_cells()}
    shown = table.verdicts(page(), "quoin")
    assert [c for c in wanted if not shown.get(c)] == []
    assert list(shown) == list(wanted)
    assert list(table.verdicts(page(), "SLOF")) == list(wanted)


def test_the_table_says_what_boots_and_what_does_not():
    some = cells.all_cells()
    found = {"quoin": {c: True for c in some},
             "SLOF": {c: c.sector == 512 for c in some}}
    text = table.filled(page(), table.MATRIX, table.matrix_lines(some, found))
    for firmware, of in found.items():
        assert table.verdicts(text, firmware) == of
    with pytest.raises(ValueError):
        table.filled("no markers", table.MATRIX, [])
