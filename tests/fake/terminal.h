/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake terminal: the firmware's output and a user's input. */
#ifndef TESTS_FAKE_TERMINAL_H
#define TESTS_FAKE_TERMINAL_H

#include "tests/fake/log.h"

/* fake_terminal_reset - fake_log_start(), and nothing typed. */
void fake_terminal_reset(void);

/*
 * fake_terminal_type - what console_getchar() returns next, an idle -1 before
 * each byte. The test fails if more is read.
 */
void fake_terminal_type(const char *text, size_t len);

/* fake_terminal_untyped - bytes that were not read. */
size_t fake_terminal_untyped(void);

#endif
