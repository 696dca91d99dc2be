/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines typed at a terminal: what is read, and what the terminal shows. */
#ifndef TESTS_FAKE_LINE_H
#define TESTS_FAKE_LINE_H

#include "boot/line.h"
#include "tests/fake/heap.h"
#include "tests/fake/terminal.h"
#include "tests/fake/vt100.h"

/* fake_line_setup - cmocka's: nothing typed, no history, nobody there. */
int fake_line_setup(void **state);

/* fake_line_expect - the next line of what was typed is `want`. */
void fake_line_expect(const char *want);

/*
 * fake_line_keys - type `keys`, which make the line `want`; the terminal shows
 * it, without blanks at its end, and a new row. All keys are used.
 */
void fake_line_keys(const char *keys, const char *want);

#endif
