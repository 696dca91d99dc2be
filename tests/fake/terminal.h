/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake terminal: what the firmware prints, and what a user types. */
#ifndef TESTS_FAKE_TERMINAL_H
#define TESTS_FAKE_TERMINAL_H

#include "lib/log.h"

/* fake_terminal_reset - nothing printed, nothing typed; takes log's text. */
void fake_terminal_reset(void);

/* fake_terminal_text - all that was printed, NUL-terminated. */
const char *fake_terminal_text(void);

/* fake_terminal_has - was `text` printed? */
bool fake_terminal_has(const char *text);

/* fake_terminal_lines - how many lines were printed. */
unsigned fake_terminal_lines(void);

/*
 * fake_terminal_type - what console_getchar() returns next, an idle -1 before
 * each byte. The test fails when more is asked for.
 */
void fake_terminal_type(const char *text, size_t len);

/* fake_terminal_untyped - bytes that were not read. */
size_t fake_terminal_untyped(void);

#endif
