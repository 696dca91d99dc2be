/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake terminal: the firmware's output and a user's input. */
#ifndef TESTS_FAKE_TERMINAL_H
#define TESTS_FAKE_TERMINAL_H

#include "tests/fake/log.h"

/* fake_terminal_reset - fake_log_start(), and nothing typed. */
void fake_terminal_reset(void);

/*
 * fake_terminal_type - what console_wait_char() returns next. The test fails if
 * more is waited for without a limit.
 */
void fake_terminal_type(const char *text, size_t len);

/* A byte in that text: a pause longer than any wait that has a limit. */
#define FAKE_PAUSE "\xff"

/* fake_terminal_untyped - bytes that were not read. */
size_t fake_terminal_untyped(void);

#endif
