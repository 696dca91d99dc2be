/* SPDX-License-Identifier: BSD-2-Clause */
/* A terminal of ten columns and four rows, and what is expected in it. */
#ifndef TESTS_FAKE_TERMINAL_CELLS_H
#define TESTS_FAKE_TERMINAL_CELLS_H

#include "drivers/display/terminal.h"

extern struct terminal cells_terminal;

/* cells_start, cells_stop - cmocka's set-up and tear-down. */
int cells_start(void **state);
int cells_stop(void **state);

/* cells_size - give it another size, at most 10 columns. */
void cells_size(unsigned columns, unsigned rows);

/* cells_write - write a string. */
void cells_write(const char *text);

/*
 * cells_expect - the rows, with '|' between them, without blanks at their ends,
 * '#' for what is not ASCII.
 */
void cells_expect(const char *rows);

/* cells_expect_cursor - where it is, from 0 on. */
void cells_expect_cursor(unsigned x, unsigned y);

/* cells_expect_colours - of a cell. */
void cells_expect_colours(unsigned x, unsigned y, unsigned fore, unsigned back);

#endif
