/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's log, which a test can reset, and a copy of its output. */
#ifndef TESTS_FAKE_LOG_H
#define TESTS_FAKE_LOG_H

#include "lib/log.h"

/* log_reset - as at the start: no sinks, no kept text, no topics. */
void log_reset(void);

/* The text since fake_log_start() or _clear(); the test fails if it is full. */
extern char fake_printed[256 * 1024];

/*
 * fake_log_start - reset the firmware's log: no other sink, no older text.
 * fake_log_stop: keep nothing more. fake_log_clear: forget the text.
 */
void fake_log_start(void);
void fake_log_stop(void);
void fake_log_clear(void);

/* fake_log_lines - the number of lines. */
unsigned fake_log_lines(void);

/* fake_log_has - is `text` in it? */
bool fake_log_has(const char *text);

#endif
