// SPDX-License-Identifier: BSD-2-Clause
// A small terminal: see tests/fake/terminal_cells.h.
#include "tests/fake/terminal_cells.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COLUMNS 10u
#define ROWS 4u

struct terminal cells_terminal;

int cells_start(void **state)
{
	(void)state;
	return terminal_init(&cells_terminal, COLUMNS, ROWS);
}

int cells_stop(void **state)
{
	(void)state;
	terminal_free(&cells_terminal);
	return 0;
}

void cells_size(unsigned columns, unsigned rows)
{
	terminal_free(&cells_terminal);
	assert_int_equal(terminal_init(&cells_terminal, columns, rows), 0);
}

void cells_write(const char *text)
{
	terminal_write(&cells_terminal, text, strlen(text));
}

static char *cells_row(unsigned row, char *to)
{
	const struct terminal *t = &cells_terminal;
	char *end = to;

	for (unsigned x = 0; x < t->columns; x++) {
		unsigned glyph = t->cells[row * t->columns + x].glyph;

		/* The font begins with ASCII. */
		*to++ = glyph < 95 ? (char)(' ' + glyph) : '#';
		if (glyph)
			end = to;
	}
	return end;
}

void cells_expect(const char *rows)
{
	char text[256], *end = text;

	for (unsigned row = 0; row < cells_terminal.rows; row++) {
		end = cells_row(row, end);
		*end++ = '|';
	}
	end[-1] = '\0';
	assert_string_equal(text, rows);
}

void cells_expect_cursor(unsigned x, unsigned y)
{
	assert_int_equal(cells_terminal.x, x);
	assert_int_equal(cells_terminal.y, y);
}

void cells_expect_colours(unsigned x, unsigned y, unsigned fore, unsigned back)
{
	const struct terminal *t = &cells_terminal;
	const struct cell *cell = &t->cells[y * t->columns + x];

	assert_int_equal(cell->fore, fore);
	assert_int_equal(cell->back, back);
}
